"""What every chart is drawn on: small pictures that can be read at the width of a phone.

The drawing library takes a second to load, so it is loaded at the first chart, in the thread
that draws. Only our own words, numbers and dates stand in a picture; names that others chose
stand in the caption, where nothing can spoil them.
"""

import asyncio
import io
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_skeleton

from core.i18n import Translator
from core.outbox.content import Attachment

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES = (4.6, 3.0)
_DPI = 160
_MOST_DATES = 6
GOOD, BAD, PLAIN, SECOND, APART = "#1a7f4b", "#c0392b", "#8a8f98", "#d9822b", "#2f6fb5"
_INK = "#2b2f36"

Draw = Callable[["Figure"], None]


async def picture(name: str, draw: Draw) -> Attachment:
    """Return a drawing as a picture to be sent; drawn in a thread."""
    return Attachment(name, await asyncio.to_thread(_png, draw), photo=True)


def _png(draw: Draw) -> bytes:
    import matplotlib as mpl  # noqa: PLC0415 - see above
    from matplotlib.figure import Figure  # noqa: PLC0415 - see above

    mpl.rcParams["text.parse_math"] = False
    figure = Figure(figsize=INCHES, dpi=_DPI, layout="constrained")
    draw(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def tidy(axes: "Axes") -> None:
    """Take away what is not information."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(PLAIN)
    axes.tick_params(labelsize=8, colors=_INK, length=2)
    axes.grid(visible=True, axis="y", color="#e3e5e8", linewidth=0.7)
    axes.set_axisbelow(True)


def legend(axes: "Axes", columns: int) -> None:
    """Put the names of the series above the chart, in one row."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        fontsize=8,
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.4,
        columnspacing=1.2,
        labelcolor=_INK,
    )


def dates(axes: "Axes", days: list[date], translator: Translator) -> None:
    """Label the positions 0, 1, … with days as the reader writes them, as many as there is room for."""
    step = -(-len(days) // _MOST_DATES) or 1
    shown = range((len(days) - 1) % step, len(days), step)
    labels = [format_skeleton("Md", days[at], locale=translator.locale) for at in shown]
    axes.set_xticks(list(shown), labels)
    axes.set_xlim(-0.6, max(len(days) - 0.4, 0.6))
