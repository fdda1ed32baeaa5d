"""The commands and their options; what they do is in explain.py, models.py, bench.py and export.py.

Nothing heavy is imported here: torch is loaded when a command runs.
"""

from pathlib import Path
from typing import Annotated

import typer

import vitexplain
from vitexplain.cli.options import (
    AsJson,
    Crop,
    Debug,
    Device,
    Force,
    Grid,
    Heads,
    Mean,
    Quiet,
    Std,
    many,
    reads,
    writes,
)  # fmt: skip

IMAGES_HELP = "Files, folders (with all below), or - for stdin."
MODEL_HELP = """A file or folder of timm, Hugging Face, torchvision or Google (.npz), or \
hub:OWNER/NAME to download one."""
TARGET_HELP = "The class to read, by number or label; by default the most probable."
SIZE_HELP = """Side of the image for the model, in pixels; the checkpoint's table of positions is \
resized."""
LABELS_HELP = "The classes' names, one a line, where the checkpoint has none."
OUT_HELP = "File, folder (for several images), or - for stdout."
FORMAT_HELP = """html (one page that opens offline), png, svg, npz or json; by default as --out \
ends, else html."""
STRETCH_HELP = "Brightness from the least to the largest value, not from 0."
METHOD_HELP = """How to read: weights (of --layer and --head, as they are), last-layer, \
mean-of-layers, rollout, attention-flow, value-norms, gradient-x-attention, \
generic-attribution, transformer-attribution, gradient, integrated-gradients or occlusion."""

app = typer.Typer(
    name="vitexplain",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"vitexplain {vitexplain.__version__}")
        raise typer.Exit()


@app.callback()
def top(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """See what a Vision Transformer attends to, with your checkpoint and your image.

    [bold]Start here[/bold]: vitexplain explain photo.jpg --model vit.safetensors

    Each command has a --help of its own, with examples.
    """


@app.command()
def explain(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE", help=IMAGES_HELP)],
    model: Annotated[str, typer.Option("--model", "-m", metavar="CHECKPOINT", help=MODEL_HELP)],
    method: Annotated[str, reads(help=METHOD_HELP)] = "rollout",
    layer: Annotated[int, reads(help="Block, from 0; -1 is the last.")] = -1,
    head: Annotated[str, reads(help="Head, from 0, or mean.")] = "mean",
    target: Annotated[str | None, reads(help=TARGET_HELP)] = None,
    size: Annotated[int | None, reads(min=1, help=SIZE_HELP)] = None,
    heads: Heads = None,
    grid: Grid = None,
    mean: Mean = None,
    std: Std = None,
    crop: Crop = None,
    labels: Annotated[Path | None, reads(help=LABELS_HELP)] = None,
    out: Annotated[Path | None, writes("--out", "-o", help=OUT_HELP)] = None,
    form: Annotated[
        str | None, writes("--format", "-f", metavar="FORMAT", help=FORMAT_HELP)
    ] = None,
    stretch: Annotated[bool, writes("--stretch", help=STRETCH_HELP)] = False,
    force: Annotated[bool, writes("--force", help="Overwrite; of a folder, do all again.")] = False,
    batch: Annotated[int, many(min=1, help="Images at a time.")] = 8,
    workers: Annotated[int, many(min=0, help="Processes beside this one; 0 is none.")] = 0,
    device: Device = "auto",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Most pixels of an image that is opened.")
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read what a model attends to in images; write a page, a picture or numbers.

    [bold]Examples[/bold]

    One picture, one page that opens offline (cat.html):

      vitexplain explain cat.jpg --model vit.safetensors

    What head 3 of block 8 attends to, as a picture:

      vitexplain explain cat.jpg -m vit.pth --method weights \\
          --layer 8 --head 3 --out cat.png

    Why "tabby" and not the first choice, by a reading that depends on the class:

      vitexplain explain cat.jpg -m vit/ --target tabby \\
          --method gradient-x-attention

    A folder, by two processes; run again, it goes on where it was stopped:

      vitexplain explain photos/ -m vit.npz --workers 2 --out explained/

    In a pipe:

      vitexplain explain - -m vit.pth -f json < cat.jpg | jq .top

    [bold]Exit codes[/bold]: 0 all done, 1 some images failed, 2 the command line is wrong.
    """
    from vitexplain.cli.explain import explain_command
    from vitexplain.cli.model import choose

    choice = choose(model, size, device, labels, heads, grid, mean, std, crop)
    raise typer.Exit(
        explain_command(
            images, choice, method=method, layer=layer, head=head, target=target, out=out,
            form=form, stretch=stretch, force=force, batch=batch, workers=workers, limit=limit,
            quiet=quiet,
        )
    )  # fmt: skip


@app.command()
def models(
    checkpoint: Annotated[
        str | None, typer.Argument(help="A file or folder to look into, or hub:OWNER/NAME.")
    ] = None,
    heads: Heads = None,
    grid: Grid = None,
    json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what a checkpoint is; without one, which layouts and sizes are known.

    [bold]Examples[/bold]

      vitexplain models

      vitexplain models vit.safetensors
    """
    from vitexplain.cli.describe import models_command
    from vitexplain.cli.model import rows_cols

    typer.echo(models_command(checkpoint, heads=heads, grid=rows_cols(grid), as_json=json))


@app.command()
def bench(
    model: Annotated[str, typer.Argument(help="A checkpoint, or a size such as B/16.")],
    batch: Annotated[int, typer.Option(min=1, help="Images at a time.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each.")] = 7,
    device: Device = "auto",
    json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Time a model on this machine: plain, with every attention weight kept, with rollout.

    The three take turns, so that a busy moment meets all of them; what is shown are medians,
    their ratio to the plain forward pass, and the range of the middle half.

    [bold]Examples[/bold]

      vitexplain bench B/16

      vitexplain bench vit.safetensors --batch 8 --device cuda
    """
    from vitexplain.cli.bench import bench_command

    typer.echo(bench_command(model, batch=batch, repeats=repeats, device=device, as_json=json))


@app.command("export-onnx")
def export_onnx(
    checkpoint: Annotated[
        str, typer.Argument(help="A file or folder, or hub:OWNER/NAME to download one.")
    ],
    outputs: Annotated[
        str,
        typer.Option(
            help="What the graph answers, with commas: logits, weights, rollout, query …; a wrong "
            "name lists them all."
        ),
    ] = "weights,rollout,logits",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File; by default the checkpoint's name.")
    ] = None,
    float32: Annotated[
        bool, typer.Option("--float32", help="Store weights in full, in twice the bytes.")
    ] = False,
    gates: Annotated[bool, typer.Option(help="An input that switches each head off or on.")] = True,
    positions: Annotated[
        bool, typer.Option(help="An input that switches the positions off or on.")
    ] = False,
    size: Annotated[
        int | None, typer.Option(min=1, help="Side of the image for the model, in pixels.")
    ] = None,
    heads: Heads = None,
    grid: Grid = None,
    mean: Mean = None,
    std: Std = None,
    crop: Crop = None,
    labels: Annotated[Path | None, typer.Option(help="The classes' names, one a line.")] = None,
    force: Force = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a model as an ONNX graph that runs in a browser, with what happens inside as outputs.

    Weights are rounded to float16 and stored so; what is computed is in float32. When it is
    written, the graph is run and compared with torch.

    [bold]Examples[/bold]

      vitexplain export-onnx vit.safetensors

      vitexplain export-onnx vit.safetensors \\
          --outputs query,key,value,weights,logits --out steps.onnx
    """
    from vitexplain.cli.export import export_command
    from vitexplain.cli.model import choose

    choice = choose(checkpoint, size, "cpu", labels, heads, grid, mean, std, crop)
    typer.echo(
        export_command(
            choice, outputs, out=out, float32=float32, gates=gates, positions=positions,
            force=force, quiet=quiet,
        )
    )  # fmt: skip
