"""On a GPU: the forward pass and the walk equal the CPU's. Skipped where there is none.

`pytest tests/test_gpu.py -s` prints the differences. Tolerances are of the largest logit:
float32 products on a GPU are exact to float32 (TF32 is off unless asked for), bfloat16 keeps
8 bits, and both sums run in another order than on the CPU.
"""

import pytest
import torch

from tests.test_peers import random_state
from tests.test_vit import logits_of
from vitexplain.attention import attend
from vitexplain.reading import rollout_of
from vitexplain.vit import PRESETS, ViT, attention_weights

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 5e-2}


@torch.no_grad()
@pytest.mark.parametrize("preset", ["B/16", "L/16"])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_forward_and_walk_equal_the_cpus(preset, dtype):
    config = PRESETS[preset]
    vit = ViT(config)
    vit.load_state_dict(random_state(config))
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    expected = vit(images)
    vit = vit.to("cuda", dtype)
    on_gpu = images.to("cuda", dtype)
    paths = {"fused": vit(on_gpu), "walk": logits_of(vit.walk(on_gpu))}
    for path, logits in paths.items():
        assert logits.is_cuda
        error = float((logits.float().cpu() - expected).abs().max() / expected.abs().max())
        print(f"\n{preset} {dtype} {path}: max |difference| / max |logit| = {error:.1e}")
        assert error < TOLERANCE[dtype]


@torch.no_grad()
def test_attention_and_rollout_stay_on_the_gpu():
    torch.manual_seed(0)
    query = torch.randn(3, 7, 16)
    on_gpu = attend(query.cuda(), query.cuda(), query.cuda(), mask=torch.ones(7, 7).cuda() > 0)
    torch.testing.assert_close(on_gpu.output.cpu(), attend(query, query, query).output)
    vit, images = ViT(PRESETS["Ti/16"]), torch.randn(1, 3, 224, 224)
    expected = rollout_of(vit, images)
    rolled = rollout_of(vit.cuda(), images.cuda())
    assert rolled.is_cuda
    torch.testing.assert_close(rolled.cpu(), expected, atol=1e-6, rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_looking_changes_no_logit_there(dtype):
    vit = ViT(PRESETS["B/16"]).to("cuda", dtype).eval()
    images = torch.randn(2, 3, 224, 224, device="cuda", dtype=dtype)
    looked = vit.look(images)
    assert torch.equal(looked.logits, vit(images))
    for layer, weights in zip(looked.layers, attention_weights(vit.walk(images)), strict=True):
        assert layer.weights is not None
        assert layer.weights.is_cuda
        torch.testing.assert_close(layer.weights, weights, atol=TOLERANCE[dtype], rtol=0)
