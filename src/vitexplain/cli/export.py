"""`vitexplain export-onnx`: a checkpoint as an ONNX graph, compared with torch once written."""

from pathlib import Path

from vitexplain.cli.lines import say, size_of
from vitexplain.cli.model import Loaded, ModelChoice, load, tell_assumed
from vitexplain.cli.wrong import CommandError, blaming

WRONG = 1e-3  # a graph further from torch than that is not kept; rounding alone is about 1e-6


def export_command(
    choice: ModelChoice,
    outputs: str,
    *,
    out: Path | None,
    float32: bool,
    gates: bool,
    positions: bool,
    force: bool,
    quiet: bool,
) -> str:
    """Write the graph and return its path, as the command prints it.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        CommandError: outputs that are not there, or a file that may not be written.
        ModuleNotFoundError: ONNX is missing.
        ValueError: a graph of more than 2 GB, or one that does not compute what torch does.
    """
    from vitexplain import export
    from vitexplain.export.outputs import full_names
    from vitexplain.images import printable

    path = _target(choice.path, out, force)
    export_vit, save, check = export.vit, export.save, export.check  # is ONNX there?
    loaded = load(choice)
    names = [name.strip() for name in outputs.split(",") if name.strip()]
    with blaming("--outputs"):
        full_names(names, loaded.vit.config)
    if not quiet:
        tell_assumed(loaded.checkpoint)

    def tell(line: str) -> None:
        if not quiet:
            say(line)

    graph = export_vit(
        loaded.vit, outputs=names, gates=gates, positions=positions, float16=not float32,
        about=_about(loaded, choice), progress=tell,
    )  # fmt: skip
    inputs = ", ".join(one.name for one in graph.graph.input)
    found = len(graph.graph.output)
    save(graph, path)
    del graph  # before another copy is made
    tell("running it beside torch on an image of random numbers")
    furthest = max(check(path, loaded.vit).values())
    if not furthest <= WRONG:
        path.unlink()
        raise ValueError(f"the graph differs from torch by {furthest:.1e}, and is not kept")
    tell(
        f"{printable(path.name)}: {size_of(path.stat().st_size)}, inputs {inputs}, "
        f"{found} outputs, at most {furthest:.0e} from torch"
    )
    return printable(path)


def _target(checkpoint: str, out: Path | None, force: bool) -> Path:
    path = out or Path(f"{Path(checkpoint).stem}.onnx")
    if path.is_dir():
        path = path / f"{Path(checkpoint).stem}.onnx"
    if path.exists() and not force:
        raise CommandError(f"{path} is there already; --force overwrites it")
    if not path.parent.is_dir():
        raise CommandError(f"there is no folder {path.parent}")
    return path


def _about(loaded: Loaded, choice: ModelChoice) -> dict[str, object]:
    """Return what the graph says of the checkpoint: its name, labels, and how images are made."""
    seen = loaded.checkpoint.preprocessing
    return {
        "name": Path(choice.path).stem,
        "labels": None if loaded.labels is None else list(loaded.labels),
        "mean": list(seen.mean),
        "std": list(seen.std),
        "crop": seen.crop,
        "interpolation": seen.interpolation,
        "fit": seen.fit,
    }
