"""The price of one product at one store as a chart, and the same in words (CH-15)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from core.i18n import Translator
from core.lookup.history import DayPrice, PriceHistory
from core.outbox.content import Attachment, Choice, Draft
from core.texts import TN, T, Text
from handlers.charts.paper import APART, GOOD, PLAIN, SECOND, dates, legend, picture, tidy
from handlers.lookup.words import identity, product_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAN = float("nan")
_DASHED: dict[str, object] = {"color": SECOND, "linewidth": 1.4, "linestyle": "--", "marker": "."}
_HEADROOM = 1.12
_SERIES: tuple[tuple[Text, Callable[[DayPrice], Decimal | None], dict[str, object]], ...] = (
    (T("Regular price"), lambda day: day.base, {"color": PLAIN, "linewidth": 1.6, "marker": "."}),
    (T("Prepared"), lambda day: None if day.worked_out else day.final, _DASHED),
    (T("Worked out only"), lambda day: day.final if day.worked_out else None, _DASHED | {"color": APART}),
    (T("Live"), lambda day: day.live, {"color": GOOD, "linewidth": 2.4, "marker": "o", "markersize": 4}),
)


async def draw_history(history: PriceHistory, translator: Translator, others: Sequence[Sequence[Choice]] = ()) -> Draft:
    """Return the chart with its caption, or words alone where there is nothing to draw; `others` leads on."""
    lines = [identity(history.product), T("🏪 {store}", store=history.store)]
    title = product_name(history.product)
    if history.empty:
        return Draft([*lines, _nothing(history)], title, others)
    return Draft([*lines, *_words(history)], title, others, file=await _chart(history, translator))


async def _chart(history: PriceHistory, translator: Translator) -> Attachment:
    return await picture(f"price-{history.product.code}.png", partial(_draw, history, translator))


def _draw(history: PriceHistory, translator: Translator, figure: "Figure") -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - loaded with the first chart

    axes = figure.add_subplot()
    series = [one for one in _SERIES if any(one[1](day) is not None for day in history.days)]
    for label, price, style in series:
        # A picture needs no cents that are exact: here alone money becomes a float.
        values = [_NAN if (one := price(day)) is None else float(one) for day in history.days]
        axes.plot(range(len(values)), values, label=translator(label), drawstyle="steps-mid", **style)  # type: ignore[arg-type]
    tidy(axes)
    legend(axes, len(series))
    dates(axes, [day.day for day in history.days], translator)
    axes.set_ylim(0, axes.get_ylim()[1] * _HEADROOM)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(lambda value, _: translator.money(value))


def _nothing(history: PriceHistory) -> Text:
    if not history.days:
        return T("No list of this store is kept yet: nothing has been sent.")
    return TN(
        "The product was in no list of this store on the day that is kept.",
        "The product was in no list of this store on the {n} days that are kept.",
        len(history.days),
    )


def _words(history: PriceHistory) -> list[Text]:
    """Say in words what the chart shows."""
    first, last = history.days[0].day, history.days[-1].day
    lines = [
        TN("📈 {n} day, {first} to {last}", "📈 {n} days, {first} to {last}", len(history.days), first=first, last=last)
    ]
    live = [day.live for day in history.days if day.live is not None]
    if not live:
        sent = any(day.final is not None and not day.worked_out for day in history.days)
        said = T("It was prepared, but never verified as live.") if sent else T("Worked out only, not sent.")
        return [*lines, said]
    if min(live) == max(live):
        lines.append(TN("Live on {n} day at {price}.", "Live on {n} days at {price}.", len(live), price=live[-1]))
    else:
        lines.append(
            TN(
                "Live on {n} day, between {lowest} and {highest}; last {price}.",
                "Live on {n} days, between {lowest} and {highest}; last {price}.",
                len(live),
                lowest=min(live),
                highest=max(live),
                price=live[-1],
            )
        )
    return lines
