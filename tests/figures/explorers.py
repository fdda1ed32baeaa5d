"""What the explorer's tests share: the designed face's maps, a sentence, and the way back."""

import json
from typing import Any

from vitexplain.attention import attend
from vitexplain.designed import designed_attention
from vitexplain.explorer import Explorer, Map, Step, decode, explorer
from vitexplain.tokens import GOAT_ANIMAL

DESIGNED = designed_attention()
BLIND = designed_attention(positions=False)
MAPS = [
    Map(
        name,
        source.head(head),
        dims=source.query_dims[head],
        value_dims=source.value_dims[head],
        note=f"This is {name}.",
    )
    for name, source, head in (
        ("head 1", DESIGNED, 0),
        ("head 2", DESIGNED, 1),
        ("no positions", BLIND, 0),
    )
]


def face(maps=MAPS, **changes) -> Explorer:
    given: dict[str, Any] = {
        "title": "A face",
        "tokens": DESIGNED.face.labels,
        "image": DESIGNED.face.image,
        "grid": (4, 4),
    }
    return explorer(maps, **(given | changes))


def words(*steps: Step, **changes) -> Explorer:
    x = GOAT_ANIMAL.embeddings
    given: dict[str, Any] = {"tokens": GOAT_ANIMAL.words, "title": "Goat", "tour": steps}
    return explorer([Map("scaled", attend(x, x, x), dims=GOAT_ANIMAL.axes)], **(given | changes))


def arrays(made: Explorer, number: int = 0, example: int = 0) -> dict[str, Any]:
    """One map's numbers, as a reader of the JSON gets them."""
    written = json.loads(made.json)["examples"][example]["arrays"][number]
    return {name: x if name == "masked" else decode(x) for name, x in written.items()}
