"""The guided tour: steps whose every claim about weights is checked on the data."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

VIEWS = ("picture", "matrix")
Truth = bool | np.bool_
Claims = Truth | Mapping[str, Truth]
_WEIGHT = re.compile(r"\d\.\d{3}")  # a number to three decimals or more is a weight or a score


@dataclass(frozen=True)
class Step:
    """One step of the guided tour.

    `query` (a token), `map` (a name, a number, or layer and head) and `example` (a name or a
    number) are set when the step is entered; None leaves them. `ask` is what the reader should
    predict: the weights stay hidden until the `answer` is asked for, or one of the `choices`
    (tokens) is picked. `highlight` rings tokens; `view` "matrix" shows the matrix inside the
    tour. The texts may hold **bold**, *italic* and `code`.

    `holds` are the step's claims: a bool, or one for each sentence,
    `{"the right eye is heard most": w[1].argmax() == 2, …}`, or a function that returns either
    when it is given the weights (query, key) that the step shows. A step that asks, or that
    names a weight, must have one; a claim that is false is an error.
    """

    title: str
    text: str
    ask: str = ""
    answer: str = ""
    query: int | None = None
    map: str | int | tuple[int, Any] | None = None
    view: str = "picture"
    highlight: Sequence[int] = ()
    choices: Sequence[int] = ()
    holds: Claims | Callable[[np.ndarray], Claims] | None = None
    example: str | int | None = None


@dataclass
class Guide:
    """Goes through a tour, knowing what each step shows, and checks its steps."""

    maps: Sequence[Mapping[str, Any]]  # of each: name, layer, head
    examples: Sequence[str]  # their names
    tokens: Sequence[int]  # of each example
    weights: Callable[[int, int], np.ndarray]  # of an example and a map
    example: int = 0  # that the tour has come to
    map: int = 0

    def step(self, step: Step) -> dict[str, Any]:
        """Return one step as data, checked.

        Raises:
            ValueError: it names what there is not, claims what is not so, or asks without a claim.
        """
        where = f"step {step.title!r} of the tour"
        if step.view not in VIEWS:
            raise ValueError(f"view of {where} must be one of {VIEWS}, got {step.view!r}")
        if bool(step.ask) != bool(step.answer):
            raise ValueError(f"{where} needs both ask and answer, or neither")
        if step.choices and not step.ask:
            raise ValueError(f"{where} has choices but asks nothing")
        example = place(step.example, self.examples, "example", where)
        chosen = map_place(step.map, self.maps, where)
        self.example = self.example if example is None else example
        self.map = self.map if chosen is None else chosen
        own = [] if step.query is None else [step.query]
        for token in (*step.highlight, *step.choices, *own):
            require_token(token, self.tokens[self.example], where)
        self._check_claims(step, where)
        return {
            "title": step.title,
            "text": step.text,
            "ask": step.ask,
            "answer": step.answer,
            "example": example,
            "query": None if step.query is None else int(step.query),
            "map": chosen,
            "view": step.view,
            "highlight": [int(token) for token in step.highlight],
            "choices": [int(token) for token in step.choices],
        }

    def _check_claims(self, step: Step, where: str) -> None:
        claims = step.holds
        if callable(claims):
            claims = claims(self.weights(self.example, self.map))
        if claims is None or (isinstance(claims, Mapping) and not claims):
            if step.ask or _WEIGHT.search(step.text):
                raise ValueError(f"{where} says something about weights: `holds` must check it")
            return
        if not isinstance(claims, Mapping):
            claims = {"": claims}
        false = [claim for claim, holds in claims.items() if not bool(holds)]
        if false:
            which = ": " + "; ".join(false) if any(false) else ""
            raise ValueError(f"{where} does not hold on this data{which}")


def place(given: str | int | None, names: Sequence[str], kind: str, where: str) -> int | None:
    """Return the number of what is given by its name or number; None stays None."""
    if isinstance(given, str):
        if given not in names:
            raise ValueError(f"{where} names {kind} {given!r}; there are {list(names)}")
        return names.index(given)
    if given is not None and not 0 <= given < len(names):
        raise ValueError(f"{where} names {kind} {given}; there are {len(names)}")
    return None if given is None else int(given)


def map_place(
    given: str | int | tuple[int, Any] | None, maps: Sequence[Mapping[str, Any]], where: str
) -> int | None:
    """Return the number of a map given by its name, its number, or its layer and head."""
    if not isinstance(given, tuple):
        return place(given, [one["name"] for one in maps], "map", where)
    places = [(one["layer"], one["head"]) for one in maps]
    if given not in places:
        raise ValueError(f"{where} names layer and head {given}; there are {places}")
    return places.index(given)


def require_token(token: int, tokens: int, what: str) -> None:
    """Raise ValueError unless there is such a token."""
    if not 0 <= token < tokens:
        raise ValueError(f"{what}: token {token} is not one of the {tokens} tokens")
