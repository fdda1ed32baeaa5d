"""`python -m pretrained` fetches the models of `models.toml` for the site; `--help` says more."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pretrained.pins import LIST, Pin, read_pins
from vitexplain.checkpoints import CheckpointError
from vitexplain.experiments.fetched import LISTING
from vitexplain.files import whole

FOLDER = Path(".cache/models")


def main(arguments: list[str] | None = None) -> int:
    """Fetch what is not there yet; return 0 if all models are there, and 1 if one is missing."""
    parser = argparse.ArgumentParser(prog="python -m pretrained", description=__doc__)
    parser.add_argument("names", nargs="*", help="models to fetch; by default all of the list")
    parser.add_argument("--list", type=Path, default=LIST, help="another list of models")
    parser.add_argument("--out", type=Path, default=FOLDER, help=f"by default {FOLDER}")
    options = parser.parse_args(arguments)
    pins = read_pins(options.list)
    if unknown := set(options.names) - {pin.name for pin in pins}:
        parser.error(f"no model {', '.join(sorted(unknown))}; there are {_names(pins)}")
    options.out.mkdir(parents=True, exist_ok=True)
    listing = options.out / LISTING
    rows = json.loads(listing.read_text(encoding="utf-8")) if listing.is_file() else []
    there = {row["name"]: row for row in rows}
    missing = []
    for pin in pins:
        if options.names and pin.name not in options.names:
            continue
        if _is_there(pin, there.get(pin.name), options.out):
            print(f"{pin.name}: is there already", flush=True)
        elif (row := _made(pin, options.out)) is not None:
            there[pin.name] = row
            rows = [there[one.name] for one in pins if one.name in there]
            with whole(listing) as file:
                file.write((json.dumps(rows, indent=1) + "\n").encode())
        else:
            missing.append(pin)
    if missing:
        print(f"without {_names(missing)}: the site builds, and its pages say so", flush=True)
    return int(bool(missing))


def _made(pin: Pin, folder: Path) -> dict[str, Any] | None:
    """Return a model's row of the listing, or say in one line why there is none."""
    from pretrained.making import make

    print(f"{pin.name}: fetching {pin.repo}, {pin.megabytes:g} MB", flush=True)
    try:
        row = make(pin, folder, lambda line: print(f"{pin.name}: {line}", flush=True))
    except CheckpointError as error:
        print(f"{pin.name}: not there. {error}", file=sys.stderr, flush=True)
        return None
    size, apart = f"{row['bytes'] / 1e6:.1f} MB", f"{row['apart']:.0e} from {row['against']}"
    print(f"{pin.name}: ready, {size} for the lab, {apart}", flush=True)
    return row


def _is_there(pin: Pin, row: dict[str, Any] | None, folder: Path) -> bool:
    """Return whether the files are those of this pin, whole."""
    graph = folder / f"{pin.name}.onnx"
    return (
        row is not None
        and row["sha256"] == pin.sha256
        and graph.is_file()
        and graph.stat().st_size == row["bytes"]
        and (folder / f"{pin.name}.npz").is_file()
    )


def _names(pins: list[Pin]) -> str:
    return ", ".join(pin.name for pin in pins)


if __name__ == "__main__":
    sys.exit(main())
