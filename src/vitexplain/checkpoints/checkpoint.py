"""A checkpoint of a known library as our config and parameters, and as a model."""

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from torch import Tensor

from vitexplain.checkpoints import google, huggingface, timm, torchvision
from vitexplain.checkpoints.errors import CheckpointError, OtherModelError, one_line, some
from vitexplain.checkpoints.folder import Words, find, open_weights
from vitexplain.checkpoints.infer_config import infer_config
from vitexplain.checkpoints.kinds import check_kind, way_out
from vitexplain.checkpoints.own_header import own_config
from vitexplain.checkpoints.parsed import Assumed
from vitexplain.checkpoints.resize import RESIZES, resize
from vitexplain.images import Preprocessing
from vitexplain.vit import ViT, ViTConfig

Size = int | tuple[int, int]
LAYOUTS = {module.LAYOUT.name: module.LAYOUT for module in (huggingface, torchvision, google, timm)}


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A checkpoint as read: config and parameters as `vitexplain.vit` has them, and the rest."""

    layout: str  # "timm", "torchvision", "huggingface" or "google"
    config: ViTConfig
    params: dict[str, Tensor]  # named as in `parameter_shapes`; float32, or float64 as the file
    resize: str  # the convention for its table of positions, a key of `RESIZES`
    preprocessing: Preprocessing  # what its images must go through, to the config's size
    labels: tuple[str, ...] | None  # the classes' names, if the checkpoint has them
    assumed: tuple[Assumed, ...] = ()  # what the file does not say, as it was read all the same

    def resized(self, image_size: Size, convention: str | None = None) -> "Checkpoint":
        """Return the checkpoint for another image size, by its own or the named convention.

        Raises:
            ValueError: the patches do not tile the size, or the convention is unknown.
        """
        config = replace(self.config, image_size=image_size)
        table = resize(
            self.params["pos_embed"], self.config.grid, config.grid, convention or self.resize
        )
        return replace(
            self,
            config=config,
            params={**self.params, "pos_embed": table},
            resize=convention or self.resize,
            preprocessing=replace(self.preprocessing, size=config.image_size),
        )

    def prepared(
        self,
        mean: tuple[float, ...] | None = None,
        std: tuple[float, ...] | None = None,
        crop: float | None = None,
    ) -> "Checkpoint":
        """Return the checkpoint with other preprocessing where it is given, and so not assumed.

        Raises:
            ValueError: as `Preprocessing`, or a mean without a std.
        """
        if (mean is None) != (std is None):
            raise ValueError("mean and std belong together, got one of them")
        given = {"mean": mean, "std": std, "crop": crop}
        given = {name: value for name, value in given.items() if value is not None}
        settled = {"normalisation"} if mean else set()
        assumed = [one for one in self.assumed if one.what not in settled]
        if crop:  # how pixels are mixed is still a guess
            kept = Assumed("crop", self.preprocessing.interpolation)
            assumed = [kept if one.what == "crop" else one for one in assumed]
        preprocessing = replace(self.preprocessing, **given)
        return replace(self, preprocessing=preprocessing, assumed=tuple(assumed))

    def build(self) -> ViT:
        """Return the model with these parameters, in evaluation mode."""
        import torch

        with torch.device("meta"):  # no random weights, which would only be overwritten
            vit = ViT(self.config)
        vit.load_state_dict(self.params, assign=True)
        return vit.eval()


def read(
    path: str | PathLike[str],
    *,
    config: ViTConfig | None = None,
    heads: int | None = None,
    grid: tuple[int, int] | None = None,
) -> Checkpoint:
    """Return what a checkpoint holds: a file or folder of timm, torchvision, Hugging Face, Google.

    The layout is known by the parameters' names, sizes are read off their shapes, and what kind
    of model it is by the `architecture` or `model_type` of its config.json. What a file does not
    say follows its library, heads are 64 wide but for the published exceptions, and each such
    guess stands in `assumed`. float16 and bfloat16 become float32. Nothing in the file is run.

    Args:
        config: decides instead of the file, which must fit it.
        heads: decides where there is no `config`; no parameter's shape depends on it.
        grid: likewise the rows and columns of patches that its table of positions is for.

    Raises:
        CheckpointError: it cannot be read; one line says what was found and what was expected,
            and of another model than a plain ViT, a note shows how `capture` reads it.
    """
    path = Path(path)
    words = Words({}, {})
    try:
        file, words = find(path)
        if config is None:
            check_kind(words.config)
        stored = open_weights(file)
        if config is None and heads is None and path.is_file():
            config = own_config(stored.header)
        found = (layout.convert(stored, words) for layout in LAYOUTS.values())
        parsed = next((one for one in found if one is not None), None)
        if parsed is None:
            raise OtherModelError(
                f"found {len(stored.tensors):,} tensors ({some(stored.tensors)}) of no known "
                "layout; expected a ViT as timm, torchvision, Hugging Face or Google name its "
                "parameters"
            )
        parsed.heads, parsed.grid = heads or parsed.heads, grid
        config, params = infer_config(parsed, config)
    except CheckpointError as error:
        if isinstance(error, OtherModelError):
            error.add_note(way_out(path if path.is_dir() else path.parent, words.config))
        name = one_line(path.name, 80)
        if name not in str(error):
            error.args = (one_line(f"{name}: {error}", 1000),)  # with the notes that it has
        raise
    labels = parsed.labels
    return Checkpoint(
        layout=parsed.layout, config=config, params=params, resize=parsed.resize or parsed.layout,
        preprocessing=replace(parsed.preprocessing, size=config.image_size),
        labels=labels if labels and len(labels) == config.classes else None,
        assumed=tuple(parsed.assumed),
    )  # fmt: skip


def load(
    path: str | PathLike[str],
    *,
    config: ViTConfig | None = None,
    heads: int | None = None,
    grid: tuple[int, int] | None = None,
    image_size: Size | None = None,
    convention: str | None = None,
) -> ViT:
    """Return the model of a checkpoint, in evaluation mode; see `read`.

    Args:
        config: as for `read`.
        heads: as for `read`.
        grid: as for `read`.
        image_size: for images of another size than the checkpoint's, in pixels: the table of
            positions is resized.
        convention: by which this is done, a name of `RESIZES`; by default the checkpoint's own.

    Raises:
        CheckpointError: as `read`.
        ValueError: the patches do not tile the image size, or the convention is unknown.
    """
    checkpoint = read(path, config=config, heads=heads, grid=grid)
    if image_size is not None:
        checkpoint = checkpoint.resized(image_size, convention)
    return checkpoint.build()


__all__ = ["RESIZES", "Checkpoint", "load", "read"]
