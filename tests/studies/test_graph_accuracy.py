"""The shipped graphs are asked about the pictures of the test part, and counted as torch counts."""

import re

import numpy as np
import torch

from studies import cifar10, graph_accuracy, ship
from tests.studies.test_cifar10 import write_cifar
from vitexplain import export
from vitexplain.experiments import weights


def test_each_graph_of_photographs_is_right_as_often_as_its_weights(tmp_path, capsys):
    write_cifar(tmp_path / "cifar10")
    test = cifar10.load(tmp_path / "cifar10").test
    graph_accuracy.main(["--data", str(tmp_path)])
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(graph_accuracy.graphs()) >= 2
    for name, line in zip(graph_accuracy.graphs(), said, strict=True):
        model = weights.load(name, ship.home(name))
        with torch.no_grad():
            answers = torch.cat([model(part) for part in test.images.split(550)])
        right = int((answers.argmax(-1) == test.labels).sum())
        assert re.match(rf"{name}: {right:,} of 1,100 right, {right / 1100:.2%}$", line)
        assert 0 < right < 1100


def test_others_are_not_asked():
    assert "face-learned" in export.graphs()
    assert "face-learned" not in graph_accuracy.graphs()
    np.testing.assert_array_equal(
        [export.about(export.graph(name))["labels"][3] for name in graph_accuracy.graphs()], "cat"
    )
