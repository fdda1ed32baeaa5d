"""The program on the page about many images does what the page says."""

import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from vitexplain import jobs
from vitexplain.vit import ViT, ViTConfig

PAGE = Path(__file__).parents[2] / "docs" / "many-images.md"
CONFIG = ViTConfig(image_size=8, patch=4, dim=64, depth=2, heads=1, mlp_dim=8, classes=3)


def test_the_program_writes_a_rollout_an_image(tmp_path, rng, monkeypatch, capsys):
    (tmp_path / "photos" / "a").mkdir(parents=True)
    for name in ("goat.jpg", "a/goat.jpg"):
        pixels = rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / name)
    (tmp_path / "photos" / "broken.jpg").write_text("no image")
    torch.manual_seed(0)
    save_file(ViT(CONFIG).state_dict(), tmp_path / "vit.safetensors")

    def without_ray(*arguments, gpus: int, workers: int, **options) -> jobs.Summary:
        return jobs.run(*arguments, **options, progress=False)

    monkeypatch.setattr(jobs, "on_ray", without_ray)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    exec(program.replace('"/shared/', f'"{tmp_path}/'), {"__name__": "__main__"})
    assert "done=2, skipped=0" in capsys.readouterr().out
    maps = [np.load(path) for path in (tmp_path / "maps").glob("goat-*.npy")]
    assert [rolled.shape for rolled in maps] == [(5, 5)] * 2
    assert not np.array_equal(*maps)
    np.testing.assert_allclose([rolled.sum(-1) for rolled in maps], 1, atol=1e-6)
