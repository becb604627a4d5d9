"""An example of each block, with words that must be on the screen; and texts that want to be more than text."""

from __future__ import annotations

from tests.browser.small_app import Json, button, option, plain


def _runs(*runs: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(runs)}]}


def _cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def _number(value: float) -> Json:
    return {"type": "raw_number", "value": value}


CARD: Json = {
    "type": "card",
    "hero_image": {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a fan"},
    "title": plain("gpu-node-03"),
    "subtitle": plain("A100"),
    "body": {"type": "mrkdwn", "text": "*Xid 79*, twice"},
    "actions": [button("Cordon…", "cordon")],
}
TASK: Json = {
    "type": "task_card",
    "task_id": "t1",
    "title": "Drain it",
    "status": "in_progress",
    "details": _runs({"type": "text", "text": "two pods left"}),
    "sources": [{"type": "url", "url": "https://example.com/runbook", "text": "the runbook"}],
}

MRKDWN = (
    "*bold* _italic_ ~struck~ `code` <https://example.com|a link> <!date^1763892000^{date_short} {time}|some day> "
    "<!channel> &lt;script&gt; :fire:\n&gt; a quote\n```a log line```"
)

BLOCKS: dict[str, tuple[Json, tuple[str, ...]]] = {
    "section": (
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": MRKDWN},
            "fields": [plain("left"), {"type": "mrkdwn", "text": "*right*"}],
            "accessory": button("See fixes", "ask:1"),
        },
        ("bold italic struck code a link 23 Nov 2025 11:00 @channel <script> 🔥", "a log line", "right", "See fixes"),
    ),
    "header": ({"type": "header", "text": plain("A :bell: heading")}, ("A 🔔 heading",)),
    "divider": ({"type": "divider"}, ()),
    "context": (
        {
            "type": "context",
            "elements": [
                {"type": "mrkdwn", "text": "as of *now*"},
                {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a graph"},
            ],
        },
        ("as of now", "a graph", "not fetched"),
    ),
    "actions": (
        {
            "type": "actions",
            "elements": [
                button("Primary", "a:1", style="primary"),
                button("Danger", "a:2", style="danger"),
                {"type": "users_select", "action_id": "a:3", "placeholder": plain("Who?")},
                {"type": "conversations_select", "action_id": "a:4", "placeholder": plain("Where?")},
                {"type": "checkboxes", "action_id": "a:5", "options": [option("Tick me", "tick")]},
                {"type": "radio_buttons", "action_id": "a:6", "options": [option("One", "1"), option("Two", "2")]},
                {"type": "timepicker", "action_id": "a:7", "placeholder": plain("When?")},
                {"type": "datetimepicker", "action_id": "a:8"},
            ],
        },
        ("Primary", "Danger", "Who?", "@ana", "#ml-team", "Tick me", "Two"),
    ),
    "context_actions": (
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "f",
                    "positive_button": {"text": plain("Good"), "value": "+"},
                    "negative_button": {"text": plain("Bad"), "value": "-"},
                },
                {"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("Delete")},
            ],
        },
        ("Good", "Bad", "Delete"),
    ),
    "image": (
        {
            "type": "image",
            "image_url": "https://example.com/a.png",
            "alt_text": "failures a day",
            "title": plain("Trend"),
        },
        ("Trend", "failures a day", "image of example.com, not fetched"),
    ),
    "markdown": (
        {
            "type": "markdown",
            "text": "# Heading\n**bold** *it* `code` [link](https://example.com)\n- one\n- two\n\n1. first\n\n"
            "> said\n\n```\nlog\n```\n| a | b |\n|---|---|\n| 1 | 2 |",
        },
        ("Heading", "bold it code link", "two", "first", "said", "log", "2"),
    ),
    "rich_text": (
        {
            "type": "rich_text",
            "elements": [
                *_runs(
                    {"type": "text", "text": "strong", "style": {"bold": True}},
                    {"type": "emoji", "name": "tada"},
                    {"type": "link", "url": "https://example.com", "text": "there"},
                    {"type": "broadcast", "range": "here"},
                )["elements"],
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "exit code 137"}]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "an item"}]}],
                },
            ],
        },
        ("strong🎉there@here", "exit code 137", "quoted", "an item"),
    ),
    "card": (CARD, ("gpu-node-03", "A100", "Xid 79, twice", "a fan", "Cordon…")),
    "carousel": (
        {"type": "carousel", "elements": [CARD, {"type": "card", "title": plain("gpu-node-07")}]},
        ("gpu-node-03", "gpu-node-07"),
    ),
    "container": (
        {
            "type": "container",
            "title": plain("Two nodes"),
            "subtitle": plain("since Monday"),
            "width": "wide",
            "is_collapsible": True,
            "child_blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "*gpu-node-03*"}},
                {"type": "actions", "elements": [button("Open", "open")]},
            ],
        },
        ("Two nodes", "since Monday", "gpu-node-03", "Open"),
    ),
    "plan": ({"type": "plan", "title": "Mend the node", "tasks": [TASK]}, ("Mend the node", "Drain it", "At it")),
    "task_card": (TASK, ("Drain it", "At it", "two pods left", "the runbook")),
    "video": (
        {
            "type": "video",
            "title": plain("How to drain"),
            "title_url": "https://example.com/watch",
            "video_url": "https://example.com/embed",
            "thumbnail_url": "https://example.com/a.png",
            "alt_text": "a terminal",
        },
        ("How to drain", "a terminal", "not fetched"),
    ),
    "workflow_button": (
        {
            "type": "actions",
            "elements": [
                {
                    "type": "workflow_button",
                    "text": plain("Start a workflow"),
                    "workflow": {"trigger": {"url": "https://slack.com/shortcuts/1"}},
                }
            ],
        },
        ("Start a workflow",),
    ),
    "table": (
        {"type": "table", "rows": [[_cell("Type"), _cell("Jobs")], [_cell("OOMKilled"), _cell("12")]]},
        ("Type", "OOMKilled", "12"),
    ),
    "data_table": (
        {
            "type": "data_table",
            "caption": "Nodes by failures",
            "page_size": 2,
            "row_header_column_index": 0,
            "rows": [[_cell("Node"), _cell("Jobs")], *([_cell(f"gpu-{n}"), _number(n * 1000)] for n in range(1, 6))],
        },
        ("Nodes by failures", "gpu-2", "2,000", "1–2 of 5"),
    ),
}

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<javascript:alert(1)|click> [click](javascript:alert(1))",
    "abc\u202edef\u2066ghi",
    "**" * 400 + "`" * 301,
)
