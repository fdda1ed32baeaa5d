"""Post-norm stacks against torch's own Transformer with the same random weights."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from vitexplain.trace import layers
from vitexplain.transformer import causal_mask, post_norm

DIM, HEADS, DEPTH = 24, 4, 3


@pytest.fixture(scope="module")
def peer() -> nn.Transformer:
    """Torch's Transformer with random weights, none of them 0 or 1, and no norm behind a stack."""
    torch.manual_seed(3)
    given: dict[str, Any] = {
        "dim_feedforward": 40,
        "dropout": 0.0,
        "activation": "gelu",
        "batch_first": True,
    }
    model = nn.Transformer(DIM, HEADS, DEPTH, DEPTH, **given)
    model.encoder.norm = model.decoder.norm = None
    model.encoder.use_nested_tensor = False
    for name, parameter in model.named_parameters():
        noise = torch.randn_like(parameter)
        if parameter.ndim == 1:
            parameter.data = 0.2 * noise + ("norm" in name and name.endswith("weight"))
    return model.eval()


@pytest.fixture(scope="module")
def sentences() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(4)
    read, written = (torch.randn(2, n, DIM, generator=generator) for n in (7, 5))
    return read, written


@torch.no_grad()
@pytest.mark.parametrize("library", ["torch", "numpy"])
def test_encoder_and_decoder_equal_torchs(peer, sentences, library):
    read, written = sentences
    hidden = torch.zeros(2, 7, dtype=torch.bool)
    hidden[1, 5:] = True  # the second sentence is shorter
    right = peer(
        read, written, src_key_padding_mask=hidden, memory_key_padding_mask=hidden,
        tgt_mask=nn.Transformer.generate_square_subsequent_mask(5),
    )  # fmt: skip

    def ours(x):
        return x if library == "torch" else x.numpy()

    params = {name: ours(x) for name, x in peer.state_dict().items()}
    seen, causal = ours(~hidden[:, None, None]), ours(torch.from_numpy(causal_mask(5)))
    encoded = list(post_norm(params, "encoder", ours(read), heads=HEADS, mask=seen))
    blocks = list(
        post_norm(
            params, "decoder", ours(written), heads=HEADS, mask=causal,
            context=encoded[-1].output, context_mask=seen,
        )
    )  # fmt: skip
    assert [block.name for block in blocks] == [f"decoder {i}" for i in range(DEPTH)]
    np.testing.assert_allclose(blocks[-1].output, right, atol=1e-5)
    assert np.abs(np.asarray(blocks[0].output) - right.numpy()).max() > 0.1
    for block in blocks:
        assert block.cross
        weights = np.asarray(block.cross.attention.weights)
        assert weights.shape == (2, HEADS, 5, 7)
        assert not weights[1, :, :, 5:].any()
        assert not np.triu(np.asarray(block.attention.attention.weights), 1).any()


def test_the_blocks_are_a_trace(peer, sentences):
    blocks = post_norm(dict(peer.named_parameters()), "encoder", sentences[0], heads=HEADS)
    found = list(layers(blocks))
    assert [layer.name for layer in found] == ["encoder 0", "encoder 1", "encoder 2"]
    assert found[0].weights is not None
    assert found[0].weights.shape == (2, HEADS, 7, 7)


def test_a_causal_mask_shows_what_was_before():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True] * 3]
    with pytest.raises(ValueError, match="tokens must be at least 1, got 0"):
        causal_mask(0)


def test_a_stack_that_is_not_there(sentences):
    with pytest.raises(KeyError, match=r"no parameter decoder\.layers\.0\.norm1"):
        next(post_norm({}, "decoder", sentences[0], heads=HEADS))
