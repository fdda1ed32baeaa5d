"""`python -m studies`: run the studies, on a processor, a GPU or several of them."""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from tqdm import tqdm

from studies import gathered
from studies.catalogue import QUICK, SCALES, STUDIES, Cell, Scale
from studies.run import Place, prepare, run
from studies.training import launched
from vitexplain.experiments import results


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.list:
        for name, study in STUDIES.items():
            print(f"{name:22} {study.question}")
        return 0
    unknown = sorted(set(options.study) - set(STUDIES))
    if unknown:
        print(f"no study {', '.join(unknown)}; there are {', '.join(STUDIES)}", file=sys.stderr)
        return 2
    scale = SCALES[options.scale]
    if scale is QUICK:
        options.out = options.out or options.cache / "quick" / "results"
        options.weights = options.weights or options.cache / "quick" / "weights"
    for name in options.study or STUDIES:
        data = STUDIES[name].data
        if data and not (options.data and (options.data / data).is_dir()):
            print(f"{name}: left out, it needs --data FOLDER with {data} in it", file=sys.stderr)
            if options.study:
                return 2
            continue
        run_study(name, scale, options)
    return 0


def run_study(name: str, scale: Scale, options: argparse.Namespace) -> None:
    """Run every cell of a study with every seed, and write its results."""
    share = min(1.0, scale.stretch)
    place = Place(options.data, options.cache / scale.name, options.weights, share)
    cells = STUDIES[name].cells(scale)
    seeds = range(1 if STUDIES[name].once else scale.seeds)
    jobs = [(cell, seed) for seed in seeds for cell in cells]
    for cell, seed in jobs:
        prepare(cell, seed, place)
    accelerator = launched()
    found: dict[int, list[dict]] = {id(cell): [] for cell in cells}
    bar = tqdm(total=len(jobs), desc=name, disable=not accelerator.is_main_process)
    for cell, one in _finished(name, jobs, place, accelerator, options.workers, bar):
        found[id(cell)].append(one)
        bar.update()
    bar.close()
    if not accelerator.is_main_process:
        return
    where = gathered.provenance(
        str(accelerator.device),
        processes=accelerator.num_processes,
        seconds=round(sum(one["seconds"] for runs in found.values() for one in runs)),
        **({"note": options.note} if options.note and STUDIES[name].data else {}),
    )
    entries = [gathered.gather(describe(cell), found[id(cell)]) for cell in cells]
    written = gathered.write(
        results.Results(name, scale.name, STUDIES[name].question, where, tuple(entries)),
        options.out or results.FOLDER,
    )
    print(f"{name}: {len(jobs)} runs, written to {written}")


def describe(cell: Cell) -> dict:
    """Return a cell's keys, its size and its recipe, as the results name them."""
    from vitexplain.compare.cost import multiply_adds, parameters
    from vitexplain.experiments.families import SHAPES, build

    model = build(cell.setting, cell.family, seed=0)
    return {
        **cell.keys,
        "parameters": parameters(model),
        # An autoencoder asks which patches are hidden; what is kept of it is the encoder.
        "multiply_adds": multiply_adds(getattr(model, "encoder", model), SHAPES[cell.setting]),
        "recipe": cell.recipe.stated(),
    }


def _finished(
    name: str, jobs: list, place: Place, accelerator: Accelerator, workers: int, bar: tqdm
) -> Iterator[tuple[Cell, dict]]:
    """Yield each job's cell and what it found, as they end."""
    names = [f"{name}/{_slug(cell)}-{seed}" for cell, seed in jobs]
    alone = accelerator.distributed_type == DistributedType.NO and accelerator.device.type == "cpu"
    if workers < 2 or not alone:
        for (cell, seed), label in zip(jobs, names, strict=True):

            def show(step: int, loss: float, total: int = cell.recipe.steps, label=label) -> None:
                if step % 50 == 0:
                    bar.set_postfix_str(f"{label} {step}/{total} loss {loss:.3f}")

            yield cell, run(cell, seed, place, name=label, accelerator=accelerator, progress=show)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        futures = {
            pool.submit(run, cell, seed, place, name=label): cell
            for (cell, seed), label in zip(jobs, names, strict=True)
        }
        for future in as_completed(futures):
            yield futures[future], future.result()


def _slug(cell: Cell) -> str:
    text = "-".join(str(value) for value in (cell.family, *cell.keys.values()))
    return "".join(c if c.isalnum() or c in ".-" else "-" for c in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studies", description=__doc__)
    parser.add_argument("study", nargs="*", help="which studies; all if none is named")
    parser.add_argument("--list", action="store_true", help="list the studies and stop")
    parser.add_argument(
        "--scale",
        choices=SCALES,
        default="small",
        help="quick: a few minutes, to see it run; small: two cores; full: a GPU",
    )
    parser.add_argument("--data", type=Path, help="folder with cifar10/ in it")
    parser.add_argument("--note", help="what to say of the data, if they are not the originals")
    parser.add_argument(
        "--out",
        type=Path,
        help="where results go (default: the package; at the quick scale, beside the cache)",
    )
    parser.add_argument("--weights", type=Path, help="where weights go (default: the shipped)")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(".cache/experiments"),
        help="finished runs and checkpoints; remove it to start anew",
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="runs at a time on a processor"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
