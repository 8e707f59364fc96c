"""Keeps pictures small enough to be looked at beside a text."""

import io
import sys
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
# Enough for letters and a few pictures in them, at a fraction of the bytes.
COLOURS = 192
LARGEST_BYTES = 200_000


def keep(name: str, screenshot: bytes) -> None:
    """Write a screenshot into docs/pictures; ends the script when it is too large."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.png"
    whole = Image.open(io.BytesIO(screenshot))
    whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {size // 1000} kB")
    if size > LARGEST_BYTES:
        sys.exit(f"{path.name} is larger than {LARGEST_BYTES // 1000} kB")
