"""The syncs of the last days as a chart, and the same in words (CH-16)."""

from functools import partial
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from core.executions.figures import figures
from core.executions.stats import Stats
from core.i18n import Translator
from core.outbox.content import Attachment, Choice, Draft
from core.texts import TN, T
from handlers.charts.paper import BAD, GOOD, PLAIN, dates, legend, picture, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PERIODS = (7, 30)
_TICKS = 4


async def draw_stats(stats: Stats, translator: Translator) -> Draft:
    """Return the chart with its caption, or words alone where nothing ran."""
    days = len(stats.days)
    title = TN("The last day", "The last {n} days", days)
    choices = [[Choice(TN("{n} day", "{n} days", one), "stats", {"days": one}) for one in PERIODS if one != days]]
    if not stats.runs:
        return Draft([T("No sync ran in that time. /sync starts one.")], title, choices)
    chart = await stats_picture(stats, translator)
    return Draft(figures(stats), title, choices, file=chart)


async def stats_picture(stats: Stats, translator: Translator) -> Attachment:
    """Return the days as a chart."""
    return await picture(f"stats-{len(stats.days)}.png", partial(_draw, stats, translator))


def _draw(stats: Stats, translator: Translator, figure: "Figure") -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - loaded with the first chart

    stores, volume = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    at, good = range(len(stats.days)), [day.good for day in stats.days]
    stores.bar(at, good, color=GOOD, label=translator(T("Stores that ended well")))
    stores.bar(
        at, [day.bad for day in stats.days], bottom=good, color=BAD, label=translator(T("Stores with a problem"))
    )
    volume.bar(at, [day.lines for day in stats.days], color=PLAIN, label=translator(T("Discounts proven live")))
    for axes, columns in ((stores, 2), (volume, 1)):
        tidy(axes)
        legend(axes, columns)
        axes.yaxis.set_major_locator(MaxNLocator(_TICKS, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: format_decimal(int(value), locale=translator.locale))
    dates(volume, [day.day for day in stats.days], translator)
