"""The figures of some days in words: for /stats and for the weekly report (CH-16)."""

from datetime import timedelta

from core.executions.stats import Stats
from core.texts import TN, T, Text, percent


def figures(stats: Stats) -> list[Text]:
    """Say how much went well, how long it took and how much it was."""
    share = percent(stats.good_stores * 100 // max(stats.stores, 1))
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
