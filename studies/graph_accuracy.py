"""Ask the graphs that readers load about every test picture, in ONNX Runtime.

    python -m studies.graph_accuracy --data FOLDER    with cifar10/ in it; a minute each

The weights in a graph are float16, and its steps are those of the browser.
"""

import argparse
from pathlib import Path

from torch import Tensor
from tqdm import tqdm

from studies import cifar10
from vitexplain import export
from vitexplain.experiments.datasets import Labelled
from vitexplain.export.recipes import CIFAR10

BATCH = 500


def graphs() -> list[str]:
    """Return the names of the graphs that tell the classes of CIFAR-10."""
    return [
        name
        for name in export.graphs()
        if export.about(export.graph(name)).get("labels") == list(CIFAR10)
    ]


def right(name: str, part: Labelled) -> int:
    """Return on how many pictures the graph's largest logit is that of the label."""
    path = export.graph(name)
    ones = export.as_trained(export.about(path))

    def count(images: Tensor, labels: Tensor) -> int:
        logits = export.run(path, {"images": images.numpy(), **ones}, ["logits"])["logits"]
        return int((logits.argmax(-1) == labels.numpy()).sum())

    batches = list(zip(part.images.split(BATCH), part.labels.split(BATCH), strict=True))
    return sum(count(*batch) for batch in tqdm(batches, desc=name, leave=False))


def main(arguments: list[str] | None = None) -> None:
    """Print a line for each graph."""
    parser = argparse.ArgumentParser(prog="python -m studies.graph_accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with cifar10/ in it")
    test = cifar10.load(parser.parse_args(arguments).data / "cifar10").test
    for name in graphs():
        found = right(name, test)
        print(f"{name}: {found:,} of {len(test):,} right, {found / len(test):.2%}")


if __name__ == "__main__":
    main()
