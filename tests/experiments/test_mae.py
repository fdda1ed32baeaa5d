"""A masked autoencoder is transformers' with the same weights and the same patches hidden."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from studies.classify import Classify
from tests.checkpoints.libraries import pretrained, transformers_model
from vitexplain import checkpoints
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.families import DIGITS
from vitexplain.experiments.mae import Mask, MaskedAutoencoder, masked, normalised
from vitexplain.patches import patchify
from vitexplain.vit import ViT, ViTConfig

COPIED = {
    "attention.o_proj": "attn.proj",
    "layernorm_before": "norm1",
    "layernorm_after": "norm2",
    "mlp.fc1": "mlp.fc1",
    "mlp.fc2": "mlp.fc2",
}
WHOLE = {"decoder_embed": "narrow", "decoder_norm": "norm", "decoder_pred": "paint"}


def colours_last(patches: Tensor) -> Tensor:
    """Return patches of 8×8 pixels in transformers' order: row, column, channel."""
    return patches.unflatten(-1, (3, 8, 8)).movedim(-3, -1).flatten(-3)


def copied(theirs, folder) -> MaskedAutoencoder:
    """Our autoencoder with the weights of transformers'."""
    decoder = ViTConfig(
        image_size=32, patch=8, dim=32, depth=2, heads=2, mlp_dim=48, classes=0, eps=1e-12
    )
    ours = MaskedAutoencoder(checkpoints.load(pretrained(theirs, folder)), decoder).double()
    state, new = theirs.decoder.state_dict(), {}
    for layer in range(decoder.depth):
        old = f"decoder_layers.{layer}."
        for end in ("weight", "bias"):
            three = [state[f"{old}attention.{x}_proj.{end}"] for x in "qkv"]
            new[f"blocks.{layer}.attn.qkv.{end}"] = torch.cat(three)
            for theirs_name, our_name in COPIED.items():
                new[f"blocks.{layer}.{our_name}.{end}"] = state[f"{old}{theirs_name}.{end}"]
    for theirs_name, our_name in WHOLE.items():
        for end in ("weight", "bias"):
            new[f"{our_name}.{end}"] = state[f"{theirs_name}.{end}"]
    for end in ("weight", "bias"):  # of the colours of a pixel, to the pixels of a colour
        new[f"paint.{end}"] = (
            new[f"paint.{end}"].unflatten(0, (8, 8, 3)).movedim(2, 0).flatten(0, 2)
        )
    new |= {"mask_token": state["mask_token"], "pos_embed": state["decoder_pos_embed"]}
    missing, unexpected = ours.load_state_dict(new, strict=False)
    assert not unexpected
    assert all(name.startswith("encoder.") for name in missing)
    return ours


@pytest.mark.parametrize("normal", [False, True], ids=["pixels", "normalised pixels"])
@pytest.mark.parametrize("share", [0.75, 0.5])
def test_painting_and_loss_are_those_of_transformers(normal, share, tmp_path):
    theirs = transformers_model(
        "ViTMAEForPreTraining", intermediate_size=96, decoder_hidden_size=32,
        decoder_num_hidden_layers=2, decoder_num_attention_heads=2, decoder_intermediate_size=48,
        mask_ratio=share, norm_pix_loss=normal,
    ).double()  # fmt: skip
    ours = copied(theirs, tmp_path)
    images = torch.randn(3, 3, 32, 32, dtype=torch.float64)
    noise = torch.rand(3, 16)
    with torch.no_grad():
        expected = theirs(images, noise=noise)
        hidden = masked(images, 8, expected.mask.bool())
        got = ours(hidden)
        target = normalised(patchify(images, 8)) if normal else patchify(images, 8)
        target = target.masked_fill(~expected.mask.bool()[:, :, None], torch.nan)
        loss = Mask(Classify(digits().train, 0), 8).loss(got, target)
    assert expected.mask.sum(1).tolist() == [share * 16] * 3
    torch.testing.assert_close(colours_last(got), expected.logits, rtol=0, atol=1e-10)
    torch.testing.assert_close(loss, expected.loss, rtol=0, atol=1e-10)


def small(seed: int = 0) -> MaskedAutoencoder:
    torch.manual_seed(seed)
    encoder = ViT(ViTConfig(8, 2, 16, 2, 4, 32, classes=0, channels=1))
    return MaskedAutoencoder(encoder, ViTConfig(8, 2, 8, 1, 2, 16, classes=0, channels=1))


def test_what_is_hidden_cannot_be_seen():
    model, task = small(), Mask(Classify(digits().train, 0, shift=1), 2)
    images, target = task.batch(0, 8)
    assert images.shape == (8, 1, 8, 8)
    assert images.isnan().sum((1, 2, 3)).tolist() == [48] * 8
    assert target.isnan().sum((1, 2)).tolist() == [16] * 8
    torch.testing.assert_close(images.isnan(), ~_as_image(target).isnan())
    filled = model.filled(images)
    assert not filled.isnan().any()
    torch.testing.assert_close(filled[~images.isnan()], images[~images.isnan()])
    again, _ = task.batch(0, 8)
    torch.testing.assert_close(again, images, equal_nan=True)
    loss = task.loss(model(images), target)
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def _as_image(patches: Tensor) -> Tensor:
    return F.fold(patches.mT, 8, 2, stride=2)


def test_the_encoder_reads_the_visible_patches_alone(monkeypatch):
    model, lengths = small(), []
    block = model.encoder.blocks[0]
    forward = block.forward
    monkeypatch.setattr(block, "forward", lambda x: lengths.append(x.shape[1]) or forward(x))
    image = torch.randn(1, 1, 8, 8)
    for seen in (1, 4, 12):
        hidden = torch.arange(16)[None] >= seen
        model(masked(image, 2, hidden))
    assert lengths == [2, 5, 13]


def test_an_encoder_that_sees_everything_is_the_vit_itself():
    model, images = small(), torch.randn(2, 1, 8, 8)
    whole = ViT(replace(model.encoder.config, classes=10))
    missing, unexpected = whole.load_state_dict(model.encoder.state_dict(), strict=False)
    assert (missing, unexpected) == (["head.weight", "head.bias"], [])
    got = model.encode(images, torch.arange(16).expand(2, -1))
    torch.testing.assert_close(got, whole.norm(whole.encode(images)))


def test_normalised_patches_have_no_mean_and_one_spread():
    patches = torch.randn(2, 4, 12, dtype=torch.float64) * 3 + 5
    got = normalised(patches)
    torch.testing.assert_close(got.mean(-1), torch.zeros(2, 4).double(), rtol=0, atol=1e-12)
    torch.testing.assert_close(got.var(-1), torch.ones(2, 4).double(), rtol=0, atol=1e-5)
    assert not normalised(torch.ones(1, 2, 12)).any()


def test_what_cannot_be_masked_is_refused():
    model = small()
    some = torch.tensor([[True] * 8 + [False] * 8, [True] * 9 + [False] * 7])
    with pytest.raises(ValueError, match="the same number of patches"):
        model(masked(torch.zeros(2, 1, 8, 8), 2, some))
    with pytest.raises(ValueError, match="at least one"):
        model(torch.full((1, 1, 8, 8), torch.nan))
    with pytest.raises(ValueError, match="the same patches"):
        MaskedAutoencoder(model.encoder, ViTConfig(8, 4, 8, 1, 2, 16, classes=0, channels=1))
    with pytest.raises(ValueError, match="a class token alone"):
        MaskedAutoencoder(ViT(DIGITS), DIGITS)
