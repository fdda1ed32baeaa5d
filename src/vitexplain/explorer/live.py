"""Widgets that run a model in the page: their data for the site, a static picture without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vitexplain.explorer import Explorer
from vitexplain.explorer.fallback import fallback
from vitexplain.export import graph

MIME = "application/vnd.vitexplain.live+json"
WIDGETS = ("goat", "face", "lab", "machine")


@dataclass(frozen=True, eq=False)
class Live:
    """A widget ready to be shown: what it starts with, and the exported models it runs."""

    data: dict[str, Any]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {MIME: self.data, "text/html": fallback(self.data["explorer"])}


def live(
    widget: str,
    *,
    explorer: Explorer,
    models: Mapping[str, str],
    config: Mapping[str, Any] | None = None,
) -> Live:
    """Return the live widget of that name, around an explorer of its first state.

    Args:
        widget: "goat", "face", "lab" or "machine": the page's element is `<live-goat>`, and so on.
        explorer: what is seen at first, and all that is seen where no model can run.
        models: the widget's name for a model to that of a shipped graph (`export.graph`).
        config: what else the widget's element needs; JSON.

    Raises:
        ValueError: no such widget, or a config that names the models itself.
        FileNotFoundError: no such graph.
    """
    if widget not in WIDGETS:
        raise ValueError(f"widgets are {', '.join(WIDGETS)}, not {widget!r}")
    config = dict(config or {})
    if "models" in config:
        raise ValueError("models have an argument of their own, not a place in config")
    for name in models.values():
        graph(name)
    return Live(
        {
            "widget": widget,
            "explorer": explorer.data,
            "models": dict(models),
            "config": config,
        }
    )
