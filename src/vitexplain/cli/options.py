"""Options that several commands have, and the panels of help that they stand in."""

from functools import partial
from typing import Annotated

import typer

from vitexplain.cli.lines import debugging

reads = partial(typer.Option, rich_help_panel="What to read")
writes = partial(typer.Option, rich_help_panel="What to write")
many = partial(typer.Option, rich_help_panel="Many images")
prepares = partial(typer.Option, rich_help_panel="Images, where the checkpoint does not say")

Debug = Annotated[
    bool, typer.Option("--debug", callback=debugging, help="Show where an error came from.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps …")]
Heads = Annotated[int | None, reads(min=1, help="The model's heads, where its file does not say.")]
GRID_HELP = """The patches that its table of positions is for, where its file does not say and \
they are no square."""
Grid = Annotated[str | None, reads(metavar="ROWSxCOLS", help=GRID_HELP)]
Mean = Annotated[str | None, prepares(metavar="R,G,B", help="Subtracted from pixels in [0, 1].")]
Std = Annotated[str | None, prepares(metavar="R,G,B", help="What they are divided by then.")]
Crop = Annotated[float | None, prepares(help="Share of the shorter side that is seen.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
