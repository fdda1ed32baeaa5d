"""Options that several commands have."""

from typing import Annotated

import typer

from vitexplain.cli.lines import debugging

Debug = Annotated[
    bool,
    typer.Option("--debug", callback=debugging, help="Show where an error came from."),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps …")]
PREPARED = "Images, where the checkpoint does not say"
Heads = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="The model's heads, where its file does not say.",
        rich_help_panel="What to read",
    ),
]
Grid = Annotated[
    str | None,
    typer.Option(
        metavar="ROWSxCOLS",
        help="The patches that its table of positions is for, where "
        "its file does not say and they are no square.",
        rich_help_panel="What to read",
    ),
]
Mean = Annotated[
    str | None,
    typer.Option(
        metavar="R,G,B", help="Subtracted from pixels in [0, 1].", rich_help_panel=PREPARED
    ),
]
Std = Annotated[
    str | None,
    typer.Option(metavar="R,G,B", help="What they are divided by then.", rich_help_panel=PREPARED),
]
Crop = Annotated[
    float | None,
    typer.Option(help="Share of the shorter side that is seen.", rich_help_panel=PREPARED),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
