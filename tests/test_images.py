"""Images: every kind of file decoded as Pillow alone would, and each bad one refused in a line."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vitexplain import pixels
from vitexplain.extras import install
from vitexplain.images import (
    LIMIT,
    ImageError,
    Preprocessing,
    fit,
    load_image,
    prepare,
    read_image,
)

ROWS, COLS = 6, 9


def scene(rows: int = ROWS, cols: int = COLS) -> np.ndarray:
    """A picture without symmetry, uint8 (row, col, 3)."""
    y, x = np.mgrid[:rows, :cols]
    return np.stack([20 * x + y, 30 * y + x, 255 - 10 * x - 5 * y], -1).astype(np.uint8)


def encode(image: Image.Image, kind: str, **options) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def as_floats(array: np.ndarray) -> np.ndarray:
    return array.transpose(2, 0, 1).astype(np.float32) / 255


def png(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG whose header promises width × height grey pixels, whatever its body holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(body)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "WEBP", "JPEG2000"])
def test_colours_survive_where_the_format_keeps_them(kind, tmp_path):
    options = {"WEBP": {"lossless": True}, "JPEG2000": {"irreversible": False}}.get(kind, {})
    file = encode(Image.fromarray(scene()), kind, **options)
    got = load_image(file)
    assert got.dtype == np.float32
    assert got.shape == (3, ROWS, COLS)
    np.testing.assert_array_equal(got, as_floats(scene()))
    path = tmp_path / "any name.without_a_known_suffix"
    path.write_bytes(file.getvalue())
    np.testing.assert_array_equal(load_image(path), got)
    np.testing.assert_array_equal(load_image(str(path)), got)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_every_exif_orientation_is_undone(orientation, kind):
    stored = {  # how a camera that is held so stores the upright scene
        1: lambda x: x, 2: np.fliplr, 3: lambda x: np.rot90(x, 2), 4: np.flipud,
        5: lambda x: x.transpose(1, 0, 2), 6: np.rot90,
        7: lambda x: np.rot90(x, 2).transpose(1, 0, 2), 8: lambda x: np.rot90(x, -1),
    }[orientation](scene())  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_image(encode(Image.fromarray(stored), kind, exif=exif))
    np.testing.assert_array_equal(picture.pixels, as_floats(scene()))
    assert ("turned as its EXIF orientation says" in picture.notes) == (orientation > 1)


def test_transparent_parts_are_white():
    alpha = np.full((ROWS, COLS, 1), 255, np.uint8)
    alpha[0], alpha[1] = 0, 51  # nothing, and a fifth
    picture = read_image(Image.fromarray(np.concatenate([scene(), alpha], -1)))
    assert picture.notes == ("transparent parts shown on white",)
    np.testing.assert_allclose(picture.pixels[:, 0], 1)
    expected = as_floats(scene())[:, 1] / 5 + 4 / 5
    np.testing.assert_allclose(picture.pixels[:, 1], expected, rtol=1e-6)
    np.testing.assert_array_equal(picture.pixels[:, 2:], as_floats(scene())[:, 2:])
    opaque = np.concatenate([scene(), np.full_like(alpha, 255)], -1)
    assert read_image(opaque).notes == ()
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    see_through = read_image(encode(palette, "PNG", transparency=0)).pixels
    np.testing.assert_array_equal(see_through[:, 0].T, [[1, 1, 1], [0, 0, 1]])


def test_grey_palette_bits_and_other_colour_spaces():
    grey = scene()[..., 0]
    for image in (load_image(Image.fromarray(grey)), load_image(grey), load_image(grey[..., None])):
        np.testing.assert_array_equal(image, as_floats(np.repeat(grey[..., None], 3, -1)))
    bits = Image.fromarray(grey > 60)
    np.testing.assert_array_equal(load_image(encode(bits, "PNG"))[0], grey > 60)
    palette = Image.fromarray(scene()).quantize(64)
    expected = as_floats(np.asarray(palette.convert("RGB")))
    np.testing.assert_array_equal(load_image(encode(palette, "GIF")), expected)
    cmyk = Image.fromarray(scene()).convert("CMYK")
    found = load_image(encode(cmyk, "TIFF"))
    np.testing.assert_allclose(found, as_floats(scene()), atol=1.5 / 255)
    jpeg = load_image(encode(cmyk.resize((64, 64)), "JPEG", quality=98))
    expected = load_image(Image.fromarray(scene()).resize((64, 64)))
    assert abs(jpeg - expected).mean() < 0.02


def test_sixteen_bits_keep_their_steps():
    values = np.arange(ROWS * COLS, dtype=np.uint16).reshape(ROWS, COLS) * 1200 + 7
    expected = np.repeat(values[None] / np.float32(65535), 3, 0)
    for kind in ("PNG", "TIFF"):
        file = encode(Image.fromarray(values), kind)
        np.testing.assert_allclose(load_image(file), expected, rtol=1e-6)
    np.testing.assert_allclose(load_image(values), expected, rtol=1e-6)
    wide = Image.fromarray(values.astype(np.int32))
    with pytest.raises(ImageError, match="must lie in 0 to 65535, got -1 to 1"):
        load_image(Image.fromarray(np.array([[-1, 1]], np.int32)))
    np.testing.assert_allclose(load_image(encode(wide, "TIFF")), expected, rtol=1e-6)
    floats = Image.fromarray((values / 65535).astype(np.float32))
    np.testing.assert_allclose(load_image(encode(floats, "TIFF")), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_of_several_frames_the_first_is_read(kind):
    frames = [Image.new("RGB", (5, 4), colour) for colour in ("red", "blue", "lime")]
    lossless = {"lossless": True} if kind == "WEBP" else {}
    file = encode(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)
    picture = read_image(file)
    assert picture.notes == ("the first of several frames",)
    np.testing.assert_array_equal(picture.pixels[:, 0, 0], [1, 0, 0])


def test_one_pixel_and_a_long_thin_image():
    dot = load_image(np.array([[[255, 0, 51]]], np.uint8))
    seen = fit(dot, Preprocessing(size=16))
    np.testing.assert_allclose(seen, np.broadcast_to(dot, (3, 16, 16)), atol=1e-6)
    thin = np.zeros((1, 200_000, 3), np.uint8)
    thin[:, 100_000:] = 255
    seen = fit(load_image(thin), Preprocessing(size=32, crop=0.875))
    assert seen.shape == (3, 32, 32)  # 1.3 GB if the whole were enlarged first
    assert (np.diff(seen, axis=-1) > 0).all()  # one pixel of the edge between the two halves
    assert seen.min() < 0.1
    assert seen.max() > 0.9


@pytest.mark.parametrize("method", ["bicubic", "bilinear"])
@pytest.mark.parametrize("shape", [(60, 90), (50, 77), (90, 61), (20, 33), (64, 64)])
@pytest.mark.parametrize("crop", [1.0, 0.875])
def test_fit_is_resize_then_centre_crop_of_torchvision(method, shape, crop):
    from torchvision import transforms

    size, image = 48, Image.fromarray(scene(*shape))
    mode = getattr(transforms.InterpolationMode, method.upper())
    expected = transforms.Compose(
        [transforms.Resize(int(size / crop), mode), transforms.CenterCrop(size)]
    )(image)
    got = fit(load_image(image), Preprocessing(size, crop=crop, interpolation=method))
    # Pillow rounds bytes after each of its two passes, we do not.
    np.testing.assert_allclose(got, as_floats(np.asarray(expected)), atol=1.5 / 255)


def test_stretching_keeps_everything_and_normalising_is_exact():
    image = load_image(scene())
    settings = Preprocessing((4, 10), mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 2), fit="stretch")
    seen = fit(image, settings)
    expected = Image.fromarray(scene()).resize((10, 4), Image.Resampling.BICUBIC)
    np.testing.assert_allclose(seen, as_floats(np.asarray(expected)), atol=1.5 / 255)
    mean, std = (np.array(x)[:, None, None] for x in (settings.mean, settings.std))
    np.testing.assert_allclose(prepare(image, settings) * std + mean, seen, atol=1e-6)
    grey = prepare(image, Preprocessing(6, mean=(0.5,), std=(0.5,)))
    assert grey.shape == (1, 6, 6)
    weights = np.array([0.299, 0.587, 0.114])
    colour = fit(image, Preprocessing(6))
    np.testing.assert_allclose(grey[0] / 2 + 0.5, np.tensordot(weights, colour, 1), atol=1e-6)
    back = load_image(io.BytesIO(pixels.png(image.transpose(1, 2, 0))))
    np.testing.assert_array_equal(back, image)


def hostile(folder: Path) -> dict[str, tuple[object, str]]:
    """Images that must be refused: name → (source, what the line says)."""

    def write(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    good = encode(Image.fromarray(scene(64, 64)), "PNG").getvalue()
    jpeg = encode(Image.fromarray(scene(64, 64)), "JPEG").getvalue()
    gif = encode(Image.fromarray(scene(64, 64)).quantize(8), "GIF").getvalue()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 255
    nan = Image.fromarray(np.full((2, 2), np.nan, np.float32))
    (folder / "folder.png").mkdir()
    return {
        "missing": (folder / "missing.png", "no such file"),
        "a folder": (folder / "folder.png", "this is a folder"),
        "a device": (Path("/dev/zero"), "not a regular file"),
        "a NUL in the name": ("a\0b.png", "embedded null"),
        "a line break in the name": ("a\nb\x1b[31m.png", r"a b.\[31m.png: no such file"),
        "empty": (write("empty.png", b""), "is empty"),
        "text renamed .png": (write("text.png", b"I am a picture, honestly.\n"), "known format"),
        "PostScript that runs code": (
            write("run.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n"),
            "known format",
        ),
        "SVG with a script": (write("s.svg", b"<svg><script>1</script></svg>"), "known format"),
        "truncated PNG": (write("half.png", good[: len(good) // 2]), "broken image"),
        "truncated JPEG": (write("half.jpg", jpeg[: len(jpeg) // 2]), "broken image"),
        "truncated GIF": (write("half.gif", gif[: len(gif) // 2]), "broken image"),
        "PNG with a flipped bit": (write("flip.png", bytes(flipped)), "broken image"),
        "PNG header alone": (write("head.png", good[:33]), "known format"),
        "30000 × 30000, 100 bytes": (write("bomb.png", png(30_000, 30_000)), "900,000,000"),
        "9000 × 9000, said": (write("big.png", png(9_000, 9_000)), f"the limit is {LIMIT:,}"),
        "0 × 5": (write("none.png", png(0, 5)), "none.png"),
        "float TIFF of NaN": (encode(nan, "TIFF"), "NaN or infinity"),
        "array of NaN": (np.full((2, 2), np.nan), "NaN or infinity"),
        "array beyond 1": (np.full((2, 2), 1.5), "got 1.5 to 1.5"),
        "normalised array": (np.full((2, 2, 3), -2.1), "must lie in"),
        "channels first": (np.zeros((3, 20, 20)), r"\(3, 20, 20\)"),
        "empty array": (np.zeros((0, 4, 3)), "no pixels"),
        "integers of 64 bits": (np.zeros((2, 2), np.int64), "got int64"),
        "Booleans": (np.zeros((2, 2), bool), "got bool"),
        "no image at all": (42, "got int"),
    }


@pytest.mark.rejects
def test_each_bad_image_is_one_line(tmp_path):
    cases = hostile(tmp_path)
    assert len(cases) >= 25
    lines = []
    for name, (source, says) in cases.items():
        with pytest.raises(ImageError, match=says) as caught:
            load_image(source)
        line = str(caught.value)
        assert "\n" not in line
        assert "\x1b" not in line
        lines.append(f"{name:28} {line.replace(str(tmp_path) + '/', '')}")
    print("\n".join(lines))  # the table; `pytest -s` shows it


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    """8000 × 8000 zeros are 64 million pixels in 62 KB; with a limit below, none is decoded."""
    path = tmp_path / "bomb.png"
    path.write_bytes(png(8_000, 8_000, bytes(8_001 * 8_000)))
    assert path.stat().st_size < 100_000
    code = f"""
import resource
from PIL import Image
from vitexplain.images import ImageError, load_image
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load_image({str(path)!r}, limit=1_000_000)
except ImageError as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    grown, line = result.stdout.split(maxsplit=1)
    assert "8000×8000 is 64,000,000 pixels, the limit is 1,000,000" in line
    assert int(grown) < 20_000  # KB


@pytest.mark.rejects
def test_wrong_preprocessing_is_an_error():
    for changes, says in [
        ({"size": 0}, "at least 1"), ({"crop": 0}, "crop"), ({"crop": 1.1}, "crop"),
        ({"mean": (0.5,)}, "1 or 3 numbers"), ({"std": (1, 1, 0)}, "positive"),
        ({"interpolation": "lanczos"}, "interpolation"), ({"fit": "pad"}, "fit"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=says):
            Preprocessing(**changes)
    with pytest.raises(ImageError, match=r"must be \(3, row, col\)"):
        fit(np.zeros((4, 4, 3), np.float32), Preprocessing(4))
    with pytest.raises(ImageError, match="NaN"):
        prepare(np.full((3, 4, 4), np.nan, np.float32), Preprocessing(4))


def test_without_pillow_arrays_work_and_files_name_the_extra():
    code = """
import sys
sys.modules["PIL"] = None
import numpy as np
from vitexplain.images import load_image
print(load_image(np.zeros((2, 3))).shape)
try:
    load_image(sys.executable)
except ModuleNotFoundError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[0] == "(3, 2, 3)", result.stderr
    assert install("cli") in result.stdout
