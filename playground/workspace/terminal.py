"""A Slack message in the terminal: what Slack would show, as far as characters can. `draw` gives what rich prints."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from playground.workspace.charts import chart
from playground.workspace.mrkdwn import Names, clean, mrkdwn, plain, rich_run
from playground.workspace.values import Json, Message, View

_BAR = Box("▌   \n" * 8)


def draw(message: Message, names: Names | None = None) -> RenderableType:
    """The message with its author, who sees it, and all its blocks. `names` are those of members and channels by id."""
    known = names or {}
    top = Text.assemble((clean(known.get(message.user, message.user)), "bold"))
    if message.bot_id is not None:
        top.append(" APP", "dim reverse")
    if message.seen_by is not None:
        top.append(f"  only visible to {clean(known.get(message.seen_by, message.seen_by))}", "dim")
    if message.edited_ts is not None:
        top.append("  (edited)", "dim")
    parts: list[RenderableType] = [top]
    parts += list(_blocks(message.blocks, known)) if message.blocks else [mrkdwn(message.text, known)]
    parts += [_attachment(attachment, known) for attachment in message.attachments]
    parts += [Text(f"📎 {clean(str(file.get('name')))}", "dim") for file in message.files]
    return Group(*parts)


def draw_view(view: View, names: Names | None = None) -> RenderableType:
    """A modal or a Home tab in a frame."""
    return Panel(Group(*_blocks(view.blocks, names or {})), title=clean(view.title) or None, title_align="left")


def as_text(message: Message, names: Names | None = None, *, width: int = 100) -> str:
    """The drawn message without colours, in lines of at most `width` characters."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as captured:
        console.print(draw(message, names))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _blocks(blocks: Iterable[Json], names: Names) -> Iterable[RenderableType]:
    for block in blocks:
        drawer = _DRAWERS.get(str(block.get("type")))
        yield drawer(block, names) if drawer else Text(f"({clean(str(block.get('type')))})", "dim")


def _attachment(attachment: Json, names: Names) -> RenderableType:
    colour = str(attachment.get("color", ""))
    inner = list(_blocks(attachment.get("blocks") or (), names))
    inner = inner or [mrkdwn(str(attachment.get("text") or attachment.get("fallback") or ""), names)]
    is_hex = len(colour) == 7 and colour.startswith("#")
    return Panel(Group(*inner), box=_BAR, border_style=colour if is_hex else "dim", padding=(0, 1))


def _text(part: Json, names: Names, style: str = "") -> Text:
    is_mrkdwn = part.get("type") == "mrkdwn"
    return mrkdwn(part["text"], names, style) if is_mrkdwn else plain(part["text"], style)


def _section(block: Json, names: Names) -> RenderableType:
    parts: list[RenderableType] = []
    if block.get("text"):
        text = _text(block["text"], names)
        if block.get("accessory"):
            text.append("  ").append_text(_control(block["accessory"], names))
        parts.append(text)
    if fields := block.get("fields"):
        grid = Table.grid(padding=(0, 4), expand=True)
        grid.add_column(ratio=1)
        grid.add_column(ratio=1)
        for left in range(0, len(fields), 2):
            grid.add_row(*(_text(field, names) for field in fields[left : left + 2]))
        parts.append(grid)
    return Group(*parts)


_STYLES = {"primary": "bold green reverse", "danger": "bold red reverse"}


def _control(element: Json, names: Names) -> Text:
    """A button as [Label]; a menu as what it offers."""
    kind = element.get("type")
    if kind == "button":
        return Text(f"[{plain(element['text']['text'])}]", _STYLES.get(str(element.get("style")), "bold"))
    if kind == "image":
        return Text(f"({clean(element['alt_text'])})", "dim")
    if kind == "overflow":
        return Text("⋯ " + " · ".join(str(_text(option["text"], names)) for option in element["options"]), "dim")
    words = element.get("initial_option", {}).get("text") or element.get("placeholder") or {"text": str(kind)}
    return Text(f"[{clean(words['text'])} ▾]", "bold")


def _actions(block: Json, names: Names) -> RenderableType:
    return Text("  ").join(_control(element, names) for element in block["elements"])


def _context(block: Json, names: Names) -> RenderableType:
    def drawn(element: Json) -> Text:
        return _control(element, names) if element["type"] == "image" else _text(element, names)

    line = Text("  ").join(drawn(element) for element in block["elements"])
    line.stylize("dim")
    return line


def _rich_text(block: Json, names: Names) -> RenderableType:
    return Group(*(_rich_part(part, names) for part in block["elements"]))


def _rich_part(part: Json, names: Names, bullet: str = "") -> RenderableType:
    kind = part["type"]
    if kind == "rich_text_list":
        marks = ["• " if part["style"] == "bullet" else f"{number}. " for number in range(1, len(part["elements"]) + 1)]
        lines = [_rich_part(item, names, mark) for mark, item in zip(marks, part["elements"], strict=True)]
        return Padding(Group(*lines), (0, 0, 0, 2 * int(part.get("indent") or 0)))
    run = Text(bullet).append_text(Text().join(rich_run(element, names) for element in part["elements"]))
    if kind == "rich_text_preformatted":
        return Padding(Text(str(run), "cyan"), (0, 0, 0, 2))
    return Text("▎ ", "dim").append_text(run) if kind == "rich_text_quote" else run


def _cell(cell: Json, names: Names) -> RenderableType:
    if cell["type"] == "rich_text":
        return _rich_text(cell, names)
    return Text(clean(str(cell.get("text") or cell.get("value", ""))))


_ALIGN: Mapping[str, JustifyMethod] = {"left": "left", "center": "center", "right": "right"}


def _table(block: Json, names: Names) -> RenderableType:
    header, *rows = block["rows"]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    settings = block.get("column_settings") or []
    for index, cell in enumerate(header):
        setting = settings[index] if index < len(settings) else {}
        is_number = all(index < len(row) and row[index]["type"] == "raw_number" for row in rows) and bool(rows)
        align = _ALIGN.get(str(setting.get("align")), "right" if is_number else "left")
        table.add_column(_cell(cell, names), justify=align)
    for row in rows:
        table.add_row(*(_cell(cell, names) for cell in row))
    return Group(Text(clean(block["caption"]), "dim"), table) if block.get("caption") else table


def _input(block: Json, names: Names) -> RenderableType:
    return Group(plain(block["label"]["text"], "bold"), _control(block["element"], names))


def _card(block: Json, names: Names) -> RenderableType:
    """Of a card or a container: title, subtitle and body, then what is in it."""
    pictures = [block[part] for part in ("hero_image", "icon") if block.get(part)]
    texts = [
        _text(block[part], names, style)
        for part, style in (("title", "bold"), ("subtitle", "dim"), ("body", ""))
        if block.get(part)
    ]
    rich = [_rich_text(block[part], names) for part in ("rich_text_title", "details", "output") if block.get(part)]
    buttons = [_actions({"elements": block["actions"]}, names)] if block.get("actions") else []
    inside = _blocks(block.get("child_blocks") or (), names)
    return Padding(Group(*_blocks(pictures, names), *texts, *rich, *inside, *buttons), (0, 0, 0, 2))


_STATUS: Mapping[str, str] = {"pending": "○", "in_progress": "◐", "complete": "●", "error": "✕"}


def _task(block: Json, names: Names) -> RenderableType:
    mark = _STATUS.get(str(block.get("status")), "○")
    parts = {part: block[part] for part in ("details", "output") if block.get(part)}
    return Group(Text(f"{mark} {clean(block['title'])}"), *([_card(parts, names)] if parts else []))


def _plan(block: Json, names: Names) -> RenderableType:
    return Group(Text(clean(block["title"]), "bold"), *_blocks(block.get("tasks") or (), names))


def _video(block: Json, _names: Names) -> RenderableType:
    return Text(f"▶ {plain(block['title']['text'])}", "bold")


_DRAWERS: Mapping[str, Callable[[Json, Names], RenderableType]] = {
    "section": _section,
    "header": lambda block, _names: plain(block["text"]["text"], "bold underline"),
    "divider": lambda _block, _names: Rule(style="dim"),
    "context": _context,
    "actions": _actions,
    "input": _input,
    "markdown": lambda block, _names: Markdown(clean(block["text"])),
    "rich_text": _rich_text,
    "table": _table,
    "data_table": _table,
    "data_visualization": lambda block, _names: chart(block),
    "image": lambda block, _names: Text(f"({clean(block['alt_text'])})", "dim"),
    "card": _card,
    "carousel": lambda block, names: Group(*_blocks(block["elements"], names)),
    "container": _card,
    "plan": _plan,
    "task_card": _task,
    "video": _video,
}
