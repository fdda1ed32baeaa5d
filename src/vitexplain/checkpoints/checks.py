"""What every tensor of a checkpoint must be: dense, really in the file, floats, finite."""

from collections.abc import Mapping

import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def check_stored(tensors: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError unless every tensor is dense and has its numbers in the file.

    A view can repeat one stored number 10¹² times; whatever copies it would fill the memory.
    """
    for name, tensor in tensors.items():
        plain = type(tensor) in (Tensor, torch.nn.Parameter) and tensor.layout == torch.strided
        if not plain or tensor.device.type != "cpu" or tensor.is_nested or tensor.is_quantized:
            raise CheckpointError(f"parameter {one_line(name, 80)} is not a plain dense tensor")
        stored = tensor.untyped_storage().nbytes() // tensor.element_size()
        if tensor.numel() > stored:
            raise CheckpointError(
                f"parameter {one_line(name, 80)} is declared as {tuple(tensor.shape)}, "
                f"{tensor.numel():,} numbers, and the file stores {stored:,}"
            )


def check_values(tensor: Tensor, name: str) -> None:
    """Raise CheckpointError unless a tensor holds floats, and all of them are finite."""
    if tensor.dtype not in FLOATS:
        raise CheckpointError(
            f"parameter {name} is {str(tensor.dtype)[6:]}; expected float16, bfloat16, float32 or "
            "float64 (quantised checkpoints are not read)"
        )
    # one pass over memory: a sum is finite unless an entry is not
    if not tensor.sum(dtype=torch.float64).isfinite() and not tensor.isfinite().all():
        bad = int((~tensor.isfinite()).sum())
        raise CheckpointError(
            f"parameter {name} is not finite: {bad:,} of its {tensor.numel():,} numbers are NaN or "
            "infinite"
        )
