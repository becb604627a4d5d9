"""A data_visualization block as small bars in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from playground.workspace.mrkdwn import clean
from playground.workspace.values import Json

_WIDTH = 24
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")


def bar(value: float, most: float) -> str:
    """A bar of up to 24 characters, in eighths of one; nothing for a value that is not above zero."""
    eighths = round(_WIDTH * 8 * value / most) if most > 0 and value > 0 else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def chart(block: Json) -> RenderableType:
    """The chart: a line for each value, under its title."""
    table = Table(box=None, show_header=False)
    for label, name, value, colour, most in _lines(block["chart"]):
        table.add_row(clean(label), Text(clean(name), "dim"), Text(bar(value, most), colour), f"{value:g}")
    return Group(Text(clean(block["title"]), "bold"), table)


def _lines(body: Json) -> list[tuple[str, str, float, str, float]]:
    """Label, series, value, colour, and the value of the longest bar."""
    if body["type"] == "pie":
        parts = body["segments"]
        total = sum(part["value"] for part in parts)
        shares = [f"{part['value'] / total:.0%}" for part in parts]
        return [
            (part["label"], share, part["value"], _COLOURS[index % 6], total)
            for index, (part, share) in enumerate(zip(parts, shares, strict=True))
        ]
    series = body["series"]
    most = max(point["value"] for one in series for point in one["data"])
    names = [one["name"] if len(series) > 1 else "" for one in series]
    values = [{point["label"]: point["value"] for point in one["data"]} for one in series]
    return [
        (category if index == 0 else "", names[index], values[index][category], _COLOURS[index % 6], most)
        for category in body["axis_config"]["categories"]
        for index in range(len(series))
    ]
