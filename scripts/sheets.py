"""Pictures of single screens, laid beside each other on sheets that can be looked at."""

import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

COLUMNS = 4
HEIGHT = 1500
GAP, CAPTION = 10, 18
PAPER, INK = "#c9d3dc", "#16202b"

Shot = tuple[str, bytes]


def lay_out(shots: Iterable[Shot], folder: Path) -> int:
    """Write the shots onto numbered sheets, column by column; returns how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    columns = _columns([(name, Image.open(io.BytesIO(data))) for name, data in shots])
    sheets = [columns[start : start + COLUMNS] for start in range(0, len(columns), COLUMNS)]
    for number, sheet in enumerate(sheets, 1):
        _paste(sheet).save(folder / f"{number:02}.png")
    return len(sheets)


def _columns(pictures: list[tuple[str, Image.Image]]) -> list[list[tuple[str, Image.Image]]]:
    """Fill one column after the other, in the order in which the screens came."""
    columns: list[list[tuple[str, Image.Image]]] = []
    used = HEIGHT
    for name, picture in pictures:
        needed = picture.height + GAP + CAPTION
        if used + needed > HEIGHT:
            columns.append([])
            used = 0
        columns[-1].append((name, picture))
        used += needed
    return columns


def _paste(columns: list[list[tuple[str, Image.Image]]]) -> Image.Image:
    width = max(picture.width for column in columns for _, picture in column) + GAP
    height = max(sum(picture.height + GAP + CAPTION for _, picture in column) for column in columns)
    sheet = Image.new("RGB", (width * len(columns) + GAP, height + GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for number, column in enumerate(columns):
        left, top = GAP + number * width, GAP
        for name, picture in column:
            draw.text((left, top), name, INK, font)
            sheet.paste(picture, (left, top + CAPTION))
            top += picture.height + GAP + CAPTION
    return sheet
