"""What a config.json says its model is: a plain ViT, with what its weights do not show, or not.

Weights of some other models have a plain ViT's names and shapes: rotary positions, norms after
a branch and other activations leave no trace in them. So where a name is given, it decides.
"""

import re
from pathlib import Path
from typing import Any

from vitexplain.checkpoints.about import record, text
from vitexplain.checkpoints.errors import OtherModelError, one_line, some

MODEL_TYPES = (  # of transformers
    "vit", "deit", "dinov2", "dinov2_with_registers", "ijepa", "vit_mae", "vit_msn", "timm_wrapper",
)  # fmt: skip
ARCHITECTURES = re.compile(  # of timm 1.0: the plain ones, and no other of its ViTs
    r"(?:(?:vit|deit3?)_(?:tiny|small|base|large|huge|giant|gigantic|giantopt|medium|mediumd|little"
    r"|wee|betwixt|so150m2?|so400m)(?:_distilled)?_patch\d+"
    r"(?:_\d+|_36x1|_plus|_reg\d|_gap|_siglip_gap|_dino|_dinov2|_miil|_sam|_in21k|_in21ft1k"
    r"|_tipsv2)*"
    r"|flexivit_(?:small|base|large)|eva_large_patch14_(?:196|336)|test_vit2?)"
)
SAID: dict[str, dict[str, Any]] = {  # what the names of some say and their weights do not
    r"vit_giantopt_.*": {"heads": 16, "activation": "gelu tanh"},
    r"vit_base_patch16_gap_224": {"heads": 16},
    r"test_vit2?": {"heads": 2},
    r"vit_so400m_patch16_siglip_gap_.*": {"activation": "gelu tanh"},
    r"vit_base_patch32_siglip_gap_256|vit_large_patch16_siglip_gap_512": {
        "activation": "gelu tanh"
    },
}
SETTLED = {  # arguments of timm whose effect the weights show, or that have none on one image
    "patch_size", "in_chans", "num_classes", "embed_dim", "depth", "mlp_ratio", "qkv_bias",
    "qk_norm", "init_values", "class_token", "no_embed_class", "reg_tokens", "pre_norm",
    "final_norm", "fc_norm", "dynamic_img_size", "strict_img_size", "drop_rate", "pos_drop_rate",
    "patch_drop_rate", "proj_drop_rate", "attn_drop_rate", "drop_path_rate", "weight_init",
    "fix_init", "img_size", "num_heads", "global_pool",
}  # fmt: skip
VALUES = {  # others, with what they may say
    "act_layer": ("gelu", "gelu_tanh"),
    "norm_layer": ("layernorm",),
    "pos_embed": ("learn",),
}


def check_kind(about: dict[str, Any]) -> None:
    """Raise OtherModelError if a config.json names a model that is no plain ViT."""
    architecture, kind = text(about, "architecture", ""), text(about, "model_type", "")
    if kind and kind not in MODEL_TYPES:
        raise OtherModelError(
            f"config.json says model_type {one_line(kind, 60)!r}, which is not read as a plain "
            f"ViT (those are {', '.join(MODEL_TYPES)})"
        )
    if architecture and not ARCHITECTURES.fullmatch(architecture):
        raise OtherModelError(
            f"config.json says architecture {one_line(architecture, 60)!r}, which is not known to "
            "be a plain ViT; config=ViTConfig(…) reads it as one"
        )
    arguments = record(about, "model_args") if architecture else {}
    for key, value in arguments.items():
        if key not in SETTLED and value not in (None, False, *VALUES.get(key, ())):
            raise OtherModelError(
                f"config.json says {one_line(f'{key}={value!r}', 80)} in model_args, which a plain "
                f"ViT does not have (known are {some(SETTLED | VALUES.keys(), 99)})"
            )


def said_of(about: dict[str, Any]) -> dict[str, Any]:
    """Return heads and activation of timm's architecture, as far as the name or arguments say."""
    architecture, arguments = text(about, "architecture", ""), record(about, "model_args")
    said: dict[str, Any] = {}
    for pattern, facts in SAID.items():
        if re.fullmatch(pattern, architecture):
            said |= facts
    if arguments.get("act_layer") in VALUES["act_layer"]:
        said["activation"] = str(arguments["act_layer"]).replace("_", " ")
    return said


def way_out(folder: Path, about: dict[str, Any]) -> str:
    """Return the code that reads such a model's attention: in its own library, by `capture`."""
    library, model = "# with the model's own code", "…  # the model, with these weights"
    if "architecture" in about:
        library, model = "import timm", f"timm.create_model({f'local-dir:{folder}'!r}, True)"
    elif "model_type" in about:
        part = ".vision_model" if "vision_config" in about else ""
        library = "from transformers import AutoModel"
        model = f"AutoModel.from_pretrained({str(folder)!r}){part}"
    return (
        f"from vitexplain.capture import capture\n{library}\nmodel = {model}\n"
        "with capture(model.eval()) as maps: model(images)"
    )
