"""The digits' parts do not overlap."""

import torch

from vitexplain.experiments import datasets


def test_digits_are_split_once_for_good():
    first, again = datasets.digits(), datasets.digits()
    assert (len(first.train), len(first.validation), len(first.test)) == (1097, 200, 500)
    assert torch.equal(first.test.images, again.test.images)
    every = torch.cat(
        [part.images.flatten(1) for part in (first.train, first.validation, first.test)]
    )
    assert len(torch.unique(every, dim=0)) == len(every) == 1797
    assert float(every.min()) == -1.0
    assert float(every.max()) == 1.0
    assert set(first.test.labels.tolist()) == set(range(10))
