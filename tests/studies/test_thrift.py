"""What is spared in training: another kernel for the same attention, and some of the patches."""

import numpy as np
import pytest
import torch

from studies.thrift import Thrift, hide
from studies.training import Recipe
from vitexplain.experiments.families import build


def test_the_same_share_of_each_image_s_patches_stays_in_no_order_of_its_own():
    x = torch.arange(2 * 11.0).reshape(2, 11, 1).expand(2, 11, 3)
    kept = hide(x, 3, 0.75, step=5)
    assert kept.shape == (2, 5, 3)  # three tokens before the patches, and 2 of 8
    np.testing.assert_array_equal(kept[:, :3], x[:, :3])
    for image, rows in zip(x, kept[:, 3:, 0], strict=True):
        assert set(rows.tolist()) < set(image[3:, 0].tolist())
    again = hide(x, 3, 0.75, step=5)
    np.testing.assert_array_equal(again, kept)
    assert not torch.equal(hide(x, 3, 0.75, step=6), kept)


@pytest.mark.parametrize("family", ["patches", "stem"])
def test_hidden_patches_are_as_if_they_were_not_there(family):
    model = build("photographs", family, seed=0).train()
    images = torch.rand(3, 3, 32, 32)
    seen = []
    model.blocks[1].register_forward_pre_hook(lambda block, args: seen.append(args[0].shape[1]))
    whole = model(images)
    thrift = Thrift(model, plainly=False, hidden=0.5)
    part = model(images)
    thrift.hidden = 0.0
    np.testing.assert_array_equal(model(images).detach(), whole.detach())
    thrift.hidden = 0.5
    model.eval()(images)  # nothing is hidden when the model is asked
    model.train()
    thrift.end()
    model(images)
    first = model.config.prefix
    assert seen == [64 + first, 32 + first, *[64 + first] * 3]
    assert not torch.allclose(part, whole)


@pytest.mark.parametrize("family", ["patches", "stem"])
def test_the_formula_gives_the_kernel_s_logits_and_gradients(family):
    images = torch.rand(3, 3, 32, 32)
    found = []
    for plainly in (False, True):
        model = build("photographs", family, seed=0).double().train()
        Thrift(model, plainly=plainly, hidden=0.25)
        logits = model(images.double())
        logits.square().sum().backward()
        grads = torch.cat([p.grad.ravel() for p in model.parameters() if p.grad is not None])
        found.append((logits.detach(), grads))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-10)


def test_a_model_without_blocks_is_left_alone():
    assert Thrift(torch.nn.Linear(2, 2), plainly=True, hidden=0.5).hooks == []


def test_all_patches_cannot_be_hidden():
    with pytest.raises(ValueError, match=r"hidden must be at least 0 and less than 1, got .*=1\.0"):
        Recipe(10, 1e-3, hidden=1.0)
