"""torchvision's names: `vit_b_16` to `vit_h_14`, built on `nn.MultiheadAttention`."""

from vitexplain.checkpoints.files import Stored
from vitexplain.checkpoints.folder import Words
from vitexplain.checkpoints.layouts import Layout
from vitexplain.checkpoints.parsed import IMAGENET_MEAN, IMAGENET_STD, Parsed, preprocessing
from vitexplain.moved import tell


def settle(parsed: Parsed, stored: Stored, words: Words, prefix: str) -> None:
    """Images are prepared as for most of torchvision's weights: 224 of 256 pixels."""
    parsed.preprocessing = preprocessing(
        IMAGENET_MEAN, IMAGENET_STD, 224 / 256, "bilinear", "crop"
    )  # fmt: skip
    parsed.guess_preprocessing()


LAYOUT = Layout(
    name="torchvision",
    mark="encoder.pos_embedding",
    names={
        "cls_token": "class_token",
        "pos_embed": "encoder.pos_embedding",
        "patch_embed.proj.*": "conv_proj.*",
        "norm.*": "encoder.ln.*",
        "pre_logits.fc.*": "heads.pre_logits.*",
        "head.*": "heads.head.*",
    },
    blocks="encoder.layers.encoder_layer_#.",
    of_a_block={
        "norm#.*": "ln_#.*",
        "attn.qkv.*": "self_attention.in_proj_*",
        "attn.proj.*": "self_attention.out_proj.*",
        "mlp.fc1.*": "mlp.0.* mlp.linear_1.*",  # before torchvision 0.13 the latter
        "mlp.fc2.*": "mlp.3.* mlp.linear_2.*",
    },
    settle=settle,
)


tell(globals())
