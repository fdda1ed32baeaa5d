"""An explanation as numbers for other programs: npz and JSON."""

import io
import json

import numpy as np

from vitexplain.report.explanation import Explanation


def npz(explanation: Explanation) -> bytes:
    """Return every number as a NumPy archive, `numpy.load(file)` opens it.

    reading (row, col), answer (layer, head, token), weights (layer, head, token, token),
    image (channel, row, col), logits (class), and `about`, the provenance as JSON text.

    Raises:
        ValueError: the explanation was made without weights.
    """
    if explanation.weights is None:
        raise ValueError("npz holds every weight: explain with Request(weights=True)")
    arrays = {
        "about": np.array(json.dumps(_about(explanation))),
        "reading": explanation.map,
        "answer": explanation.answer,
        "weights": explanation.weights,
        "image": explanation.image,
    }
    if explanation.logits is not None:
        arrays["logits"] = explanation.logits
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def json_text(explanation: Explanation) -> str:
    """Return the reading, the answers and the answer's weights in every head as JSON.

    Numbers have 9 digits, which is every digit of float32. The weights of all other tokens
    are many (5.6 million for ViT-B/16) and in the npz alone.
    """
    shares = explanation.probabilities
    top = [{"class": i, "label": label, "probability": p} for i, label, p in explanation.top()]
    numbers = {
        **_about(explanation),
        "top": top,
        "probabilities": None if shares is None else _list(shares),
        "reading": _list(explanation.map),
        "answer": _list(explanation.answer),
    }
    return json.dumps(numbers, ensure_ascii=False, indent=1) + "\n"


def _about(explanation: Explanation) -> dict[str, object]:
    return {
        "name": explanation.name,
        "size": explanation.size,
        "notes": explanation.notes,
        "title": explanation.title(),
        "layer": explanation.layer,
        "head": explanation.head,
        "target": explanation.target,
        "target_label": None
        if explanation.target is None
        else explanation.label(explanation.target),
        "grid": explanation.grid,
        "tokens": explanation.tokens,
        "answer_is": explanation.answer_is,
        "made": explanation.made,
    }


def _list(array: np.ndarray) -> list:
    if array.ndim > 1:
        return [_list(part) for part in array]
    return [float(f"{value:.9g}") for value in array]
