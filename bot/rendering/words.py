"""Numbers, spans of time and lists as a person would say them: the filters that all media share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTES_A_DAY = 1440


def percent(rate: float, digits: int = 0) -> str:
    """A rate from 0 to 1 as "26 %"; one too small to show is "< 1 %", one almost whole "> 99 %"."""
    shown = f"{100 * rate:.{digits}f}"
    if rate > 0 and float(shown) == 0:
        return "< 1 %"
    if rate < 1 and float(shown) == 100:
        return "> 99 %"
    return f"{shown} %"


def share(part: int, whole: int) -> str:
    """A part of a whole as "26 %"; of nothing it is "–"."""
    return percent(part / whole) if whole else "–"


def count(number: float) -> str:
    """A number with its thousands set apart: "12,345"."""
    return f"{number:,.0f}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """The number with its noun: "1 job", "12 jobs"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def gpu_hours(hours: float) -> str:
    """GPU hours: "0.4", "23", "1,204"."""
    return f"{hours:.1f}" if hours < 10 else count(hours)


def minutes(span: float) -> str:
    """Minutes as a short duration: "38 min", "4 h 40 min", "3 days"."""
    whole = round(span)
    if whole < 60:
        return f"{max(whole, 1)} min" if span else "0 min"
    if whole < _MINUTES_A_DAY:
        return f"{whole // 60} h {whole % 60} min" if whole % 60 else f"{whole // 60} h"
    return plural(round(whole / _MINUTES_A_DAY), "day")


def duration(span: timedelta) -> str:
    """A span of time, short."""
    return minutes(span.total_seconds() / 60)


def hour_spans(hours: Sequence[int]) -> str:
    """Hours of a day as spans: [9, 14, 15, 16] is "9–10, 14–17"."""
    spans: list[list[int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return ", ".join(f"{start}–{end}" for start, end in spans)


def city(time_zone: str) -> str:
    """The place in a time zone's name: "Berlin"."""
    return time_zone.rsplit("/", 1)[-1].replace("_", " ")


def local(at: datetime, time_zone: str, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in a time zone."""
    return at.astimezone(ZoneInfo(time_zone)).strftime(form)


def most(counts: Mapping[str, int], number: int) -> list[tuple[str, int]]:
    """The largest counts, the largest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:number]


def somebody(user: str, known: str = "") -> str:  # noqa: ARG001 the id says something in Slack alone
    """A Slack user where no mention can be drawn: by the name that is known otherwise, if any."""
    return known or "somebody in Slack"


FILTERS = {
    "percent": percent,
    "count": count,
    "gpu_hours": gpu_hours,
    "minutes": minutes,
    "duration": duration,
    "hour_spans": hour_spans,
    "city": city,
    "local": local,
    "most": most,
}
GLOBALS = {"share": share, "plural": plural, "one_day": timedelta(days=1)}
