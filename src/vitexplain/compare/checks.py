"""What every model asks of its images."""

from torch import Tensor


def check_images(images: Tensor, channels: int) -> None:
    """Raise ValueError unless images are (batch, channel, row, col) with that many channels."""
    if images.ndim != 4 or images.shape[1] != channels:
        raise ValueError(
            f"images must be (batch, channel, row, col) with {channels} channels, "
            f"got shape {tuple(images.shape)}"
        )
