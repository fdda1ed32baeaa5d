"""What every model asks of its images."""

from torch import Tensor

from vitexplain.patches import sides


def check_images(images: Tensor, channels: int) -> None:
    """Raise ValueError unless images are (batch, channel, row, col) with that many channels."""
    if images.ndim != 4 or images.shape[1] != channels:
        raise ValueError(
            f"images must be (batch, channel, row, col) with {channels} channels, "
            f"got shape {tuple(images.shape)}"
        )


def check_size(images: Tensor, channels: int, image_size: int | tuple[int, int]) -> None:
    """Raise ValueError unless images are (batch, channel, row, col) of exactly that size."""
    expected = (channels, *sides(image_size))
    if images.ndim != 4 or tuple(images.shape[1:]) != expected:
        raise ValueError(
            "images must be (batch, channel, row, col) = "
            f"(batch, {', '.join(map(str, expected))}), got shape {tuple(images.shape)}"
        )
