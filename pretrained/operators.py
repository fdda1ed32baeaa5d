"""torchvision made importable beside a CPU build of torch, for timm imports it."""

import torch

_LIBRARIES = []  # a torch library's definitions live as long as its object


def name_torchvision_operators() -> None:
    """Define the names of two operators that torchvision's import asks for.

    Its compiled operators do not load beside a CPU build of torch, and the import then fails
    because two of them are unknown. The models need neither; their names suffice.
    """
    if not _LIBRARIES:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _LIBRARIES.append(library)
