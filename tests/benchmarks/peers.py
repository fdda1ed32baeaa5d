"""The peers that the benchmarks run: other libraries' ViT-B/16 with the same weights.

    runs = peers(state, images)
    runs["maps", "timm"]()

Each library does each task the way its users do it:

plain        logits, of shape (batch, class)
maps         the attention weights of every layer: a list of (batch, head, token, token)
everything   what the library keeps when asked for all it can keep
rollout      (batch, token, token), by the usual recipe on top of the library's maps

A library that is not installed is left out. Three of them are in no extra of this project.
Beside an installed test extra they need only

    pip install --no-deps vit-prisma==0.1.4 transformer-lens==4.3.0 nnsight==0.8.1 \
        fancy-einsum datasets dill multiprocess xxhash
"""

import copy
import math
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from tests.test_peers import hugging_face_vit, rename, timm_vit, torchvision_vit

State = dict[str, Tensor]
Runs = dict[str, Callable[[], Any]]
PATCH, DIM, HEADS, MLP_DIM, CLASSES = 16, 768, 12, 3072, 1000  # of ViT-B/16


def peers(state: State, images: Tensor) -> dict[tuple[str, str], Callable[[], Any]]:
    """Return what to run, by task and library: functions of no argument.

    Args:
        state: Parameters of a ViT-B/16 of any depth and image size, under timm's names.
        images: What each function runs on, (batch, 3, row, col); models get their device and
            dtype. Call the functions under `torch.inference_mode()`.
    """
    found: dict[tuple[str, str], Callable[[], Any]] = {}
    for name, (module, build) in LIBRARIES.items():
        if find_spec(module) is None:
            continue
        runs = build(state, images)
        if "maps" in runs:
            runs["rollout"] = lambda maps=runs["maps"]: rolled_out(maps())
        found |= {(what, name): run for what, run in runs.items()}
    return found


def rolled_out(maps: list[Tensor]) -> Tensor:
    """Attention rollout as users of these libraries write it, on the maps of all layers."""
    identity = torch.eye(maps[0].shape[-1], device=maps[0].device, dtype=maps[0].dtype)
    result = identity
    for weights in maps:
        attention = weights.mean(dim=1) + identity
        attention = attention / attention.sum(dim=-1, keepdim=True)
        result = attention @ result
    return result


def size_of(state: State) -> dict[str, int]:
    grid = math.isqrt(state["pos_embed"].shape[1] - 1)
    return {
        "depth": sum(name.endswith("attn.qkv.weight") for name in state),
        "image_size": PATCH * grid,
    }


def ready(model: Any, images: Tensor) -> Any:
    return model.to(images.device, images.dtype).eval()


def twin(model: Any) -> Any:
    """Return a copy of a model that shares its parameters."""
    return copy.deepcopy(model, {id(parameter): parameter for parameter in model.parameters()})


def run_timm(state: State, images: Tensor) -> Runs:
    """timm's plain pass is fused, and a hook on a fused model finds nothing, without a word."""
    from timm.utils.attention_extract import AttentionExtract

    model = ready(timm_vit(state, **size_of(state)), images)

    def extract(*names: str) -> Any:
        unfused = twin(model)
        for block in unfused.blocks:
            block.attn.fused_attn = False
        return AttentionExtract(unfused, list(names), method="hook")

    weights, everything = extract("*.attn_drop"), extract("blocks.*")
    return {
        "plain": lambda: model(images),
        "maps": lambda: list(weights(images).values()),
        "everything": lambda: everything(images),  # what each module returns: no scores
    }


def eager_vit(state: State, images: Tensor) -> Any:
    """Hugging Face's ViT with the attention that returns weights; the default gives None."""
    model = ready(hugging_face_vit(state, **size_of(state)), images)
    model.set_attn_implementation("eager")
    return model


def run_hugging_face(state: State, images: Tensor) -> Runs:
    eager = eager_vit(state, images)
    fused = twin(eager)
    fused.set_attn_implementation("sdpa")
    return {
        "plain": lambda: fused(images).logits,
        "maps": lambda: list(eager(images, output_attentions=True).attentions),
        "everything": lambda: eager(images, output_attentions=True, output_hidden_states=True),
    }


def run_torchvision(state: State, images: Tensor) -> Runs:
    """torchvision's blocks ask for no weights, and a hook changes what they ask for."""
    model = ready(torchvision_vit(state, **size_of(state)), images)
    asking = twin(model)
    kept: list[Tensor] = []

    def ask(module: nn.Module, args: Any, options: dict[str, Any]) -> Any:
        return args, options | {"need_weights": True, "average_attn_weights": False}

    def keep(module: nn.Module, args: Any, output: Any) -> None:
        kept.append(output[1])

    def maps() -> list[Tensor]:
        asking(images)
        found = list(kept)
        kept.clear()
        return found

    for module in asking.modules():
        if isinstance(module, nn.MultiheadAttention):
            module.register_forward_pre_hook(ask, with_kwargs=True)
            module.register_forward_hook(keep)
    return {"plain": lambda: model(images), "maps": maps}


class EncoderViT(nn.Module):
    """A ViT around `nn.TransformerEncoder`, whose layers take PyTorch's own fast path."""

    def __init__(self, depth: int, tokens: int):
        super().__init__()
        self.patches = nn.Conv2d(3, DIM, PATCH, PATCH)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, DIM))
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, DIM))
        layer = nn.TransformerEncoderLayer(
            DIM, HEADS, MLP_DIM, activation="gelu", layer_norm_eps=1e-6,
            batch_first=True, norm_first=True,
        )  # fmt: skip
        norm = nn.LayerNorm(DIM, eps=1e-6)
        self.encoder = nn.TransformerEncoder(layer, depth, norm, enable_nested_tensor=False)
        self.head = nn.Linear(DIM, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        patches = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(images), -1, -1), patches], dim=1)
        return self.head(self.encoder(tokens + self.pos_embed)[:, 0])


TO_ENCODER = {
    "patch_embed.proj": "patches",
    "blocks.": "encoder.layers.",
    "attn.qkv.": "self_attn.in_proj_",
    "attn.proj": "self_attn.out_proj",
    "mlp.fc1": "linear1",
    "mlp.fc2": "linear2",
    "^norm": "encoder.norm",
}


def run_encoder(state: State, images: Tensor) -> Runs:
    model = EncoderViT(size_of(state)["depth"], state["pos_embed"].shape[1])
    model.load_state_dict({rename(name, TO_ENCODER): p for name, p in state.items()})
    model = ready(model, images)
    return {"plain": lambda: model(images)}


def hooked(model: Any, images: Tensor) -> Runs:
    """TransformerLens and ViT-Prisma share how one asks for what a forward pass computes."""

    def maps() -> list[Tensor]:
        _, cache = model.run_with_cache(images, names_filter=lambda n: n.endswith("hook_pattern"))
        return list(cache.values())

    return {
        "plain": lambda: model(images),
        "maps": maps,
        "everything": lambda: model.run_with_cache(images),
    }


def run_transformer_lens(state: State, images: Tensor) -> Runs:
    """Its bridge wraps Hugging Face's eager model; on the default one no pattern is cached.

    Everything includes no scores: `hook_attn_scores` holds the pattern once more.
    """
    sources = import_module("transformer_lens.model_bridge.sources")
    eager = eager_vit(state, images)
    model = sources.build_bridge_from_module(
        eager, "ViTForImageClassification", hf_config=eager.config
    )
    return hooked(model.eval(), images)


def run_prisma(state: State, images: Tensor) -> Runs:
    """Unless told otherwise it returns the class token's last state where logits are meant."""
    loading = import_module("vit_prisma.prisma_tools.loading_from_pretrained")
    depth, image_size = size_of(state).values()
    config = import_module("vit_prisma.configs.HookedViTConfig").HookedViTConfig(
        n_layers=depth, d_model=DIM, d_head=DIM // HEADS, n_heads=HEADS, d_mlp=MLP_DIM,
        patch_size=PATCH, image_size=image_size, n_classes=CLASSES, return_type="class_logits",
        dtype=images.dtype,
    )  # fmt: skip
    model = import_module("vit_prisma.models.base_vit").HookedViT(config)
    model.load_state_dict(loading.convert_timm_weights(state, config))
    return hooked(ready(model, images), images)


def run_nnsight(state: State, images: Tensor) -> Runs:
    """nnsight traces Hugging Face's eager model; its cache goes to the CPU unless told not to."""
    nnsight = import_module("nnsight")
    model = nnsight.NNsight(eager_vit(state, images))

    def plain() -> Tensor:
        with model.trace(images):
            logits = nnsight.save(model.output.logits)
        return logits

    def maps() -> list[Tensor]:
        with model.trace(images):
            kept = nnsight.save([])
            for layer in model.vit.layers:
                kept.append(layer.attention.output[1])
        return kept

    def everything() -> Any:
        with model.trace(images) as tracer:
            cache = tracer.cache(device=None)
        return cache

    return {"plain": plain, "maps": maps, "everything": everything}


LIBRARIES: dict[str, tuple[str, Callable[[State, Tensor], Runs]]] = {
    "timm": ("timm", run_timm),
    "Hugging Face": ("transformers", run_hugging_face),
    "torchvision": ("torchvision", run_torchvision),
    "nn.TransformerEncoder": ("torch", run_encoder),
    "TransformerLens": ("transformer_lens", run_transformer_lens),
    "ViT-Prisma": ("vit_prisma", run_prisma),
    "nnsight": ("nnsight", run_nnsight),
}
