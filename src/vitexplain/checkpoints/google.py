"""Google's original arrays (`.npz`), of vision_transformer and of big_vision.

JAX stores a linear layer's kernel as (in, out), heads as axes of their own, images' axes as
(row, col, channel). big_vision counts a block's parts 0, 0, 1 where vision_transformer counts
1, 3, 2, and may stack all blocks along a first axis. Both were trained with the tanh form of
GELU, flax's default.
"""

from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, OtherModelError
from vitexplain.checkpoints.files import Stored
from vitexplain.checkpoints.folder import Words
from vitexplain.checkpoints.layouts import Layout, Tensors
from vitexplain.checkpoints.parsed import Parsed, preprocessing
from vitexplain.moved import tell

STACK = "Transformer/encoderblock/"


def arranged(tensors: Tensors) -> Tensors:
    """Return the arrays with our axes, and those of stacked blocks apart.

    Raises:
        CheckpointError: an array has not the axes of its kind.
    """
    found: Tensors = {}
    for name, x in tensors.items():
        start, stack, rest = name.rpartition(STACK)
        if not stack:
            found[name] = _turned(name, x)
            continue
        if x.ndim == 0 or len(x) > 1024:
            raise CheckpointError(f"{name} has shape {tuple(x.shape)}; expected (block, …)")
        for index, one in enumerate(x):
            apart = f"{start}{STACK[:-1]}[{index}]/{rest}"
            found[apart] = _turned(apart, one)
    return found


def _turned(name: str, x: Tensor) -> Tensor:
    *_, layer, kind = f"/{name}".split("/")
    if layer in ("query", "key", "value"):
        if kind == "kernel" and x.ndim != 3:
            raise CheckpointError(f"{name} has shape {tuple(x.shape)}; expected (dim, head, dim)")
        return x.flatten(1).mT if kind == "kernel" else x.flatten()
    if kind != "kernel" or x.ndim < 2:
        return x
    if layer == "embedding" and x.ndim == 4:  # (row, col, in, out)
        return x.permute(3, 2, 0, 1)
    return x.flatten(0, -2).mT  # of the output projection, heads are apart


def settle(parsed: Parsed, stored: Stored, words: Words, prefix: str) -> None:
    """Heads are an axis of the arrays; images are stretched.

    Raises:
        OtherModelError: the model pools by attention.
    """
    for source in parsed.unknown:
        if source.startswith(f"{prefix}MAPHead"):
            raise OtherModelError(f"the model has attention pooling ({source}); expected none")
    kernels = [x for name, x in stored.tensors.items()
               if name.startswith(prefix) and name.endswith("/query/kernel")]  # fmt: skip
    parsed.heads = kernels[0].shape[-2] if kernels else None
    parsed.activation = "gelu tanh"
    parsed.preprocessing = preprocessing((0.5,) * 3, (0.5,) * 3, 1.0, "bilinear", "stretch")
    parsed.guess_preprocessing()


ATTENTION = "MultiHeadDotProductAttention"
LAYOUT = Layout(
    name="google",
    mark="embedding/kernel",
    prefixes=("opt/target/", "params/", "params/img/", ""),
    alone=False,
    kinds={"scale": "weight", "kernel": "weight", "bias": "bias"},
    names={
        "cls_token": "cls",
        "patch_embed.proj.*": "embedding/*",
        "pos_embed": "pos_embedding Transformer/posembed_input/pos_embedding",
        "norm.*": "Transformer/encoder_norm/*",
        "pre_logits.fc.*": "pre_logits/*",
        "head.*": "head/*",
        "": "opt/** state/** extra/**",  # of training
    },
    blocks="Transformer/encoderblock_#/ Transformer/encoderblock[#]/",
    of_a_block={
        "norm1.*": "LayerNorm_0/*",
        "norm2.*": "LayerNorm_2/* LayerNorm_1/*",
        "attn.qkv:@.*": f"{ATTENTION}_1/@/* {ATTENTION}_0/@/*",
        "attn.proj.*": f"{ATTENTION}_1/out/* {ATTENTION}_0/out/*",
        "mlp.fc1.*": "MlpBlock_3/Dense_0/* MlpBlock_0/Dense_0/*",
        "mlp.fc2.*": "MlpBlock_3/Dense_1/* MlpBlock_0/Dense_1/*",
    },
    arranged=arranged,
    settle=settle,
)


tell(globals())
