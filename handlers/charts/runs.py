"""The syncs of the last days as a chart, and the same in words (CH-16)."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from core.executions.stats import Stats
from core.i18n import Translator
from core.outbox.content import Choice, Draft
from core.texts import TN, T, Text
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
    chart = await picture(f"stats-{days}.png", partial(_draw, stats, translator))
    return Draft(_words(stats), title, choices, file=chart)


def _words(stats: Stats) -> list[Text]:
    share = f"{stats.good_stores * 100 // max(stats.stores, 1)} %"
    lines = [
        TN(
            "✅ {share} of the stores ended well; {good} of {n} run without any problem",
            "✅ {share} of the stores ended well; {good} of {n} runs without any problem",
            stats.runs,
            share=share,
            good=stats.good_runs,
        )
    ]
    if stats.took:
        mean = sum(stats.took, timedelta()) / len(stats.took)
        lines.append(T("⏱ A run took {mean} on average, {longest} at most", mean=mean, longest=max(stats.took)))
    live, read = sum(day.lines for day in stats.days), sum(day.read for day in stats.days)
    lines.append(T("📦 {live} discounts proven live, {read} products read", live=live, read=read))
    return lines


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
