"""The table of block elements and composition objects with Slack's limits: buttons, menus, inputs, rich text."""

from __future__ import annotations

from playground.workspace.shapes import (
    Check,
    anything,
    both,
    choice,
    flag,
    items,
    number,
    record,
    rule,
    string,
    url,
    variant,
    whole,
)


def plain(most: int) -> Check:
    """A plain_text object."""
    fields = record({"text": string(most)}, {"emoji": flag})
    return variant({"plain_text": fields}, "plain_text")


def text(most: int) -> Check:
    """A text object, plain or mrkdwn."""
    table = {
        "plain_text": record({"text": string(most)}, {"emoji": flag}),
        "mrkdwn": record({"text": string(most)}, {"verbatim": flag}),
    }
    return variant(table)


def picture(**more: Check) -> Check:
    """An image, by its address or as a file of Slack's."""
    return both(
        record({"alt_text": string(2000)}, {"image_url": url, "slack_file": anything, **more}),
        rule(
            "must define either `image_url` or `slack_file`",
            lambda image: ("image_url" in image) != ("slack_file" in image),
        ),
    )


_ACTION_ID = string(255)
_CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
_OPTION = record({"text": text(75), "value": string(150)}, {"description": text(75), "url": url})
_GROUP = record({"label": plain(75), "options": items(_OPTION, 100)})
_MENU: dict[str, Check] = {
    "action_id": _ACTION_ID,
    "placeholder": plain(150),
    "confirm": _CONFIRM,
    "focus_on_load": flag,
}
_HAS_OPTIONS = rule(
    "must define either `options` or `option_groups`, not both",
    lambda menu: ("options" in menu) != ("option_groups" in menu),
)


def _menu(**fields: Check) -> Check:
    return record({}, _MENU | fields)


def _static(**fields: Check) -> Check:
    return both(_menu(options=items(_OPTION, 100), option_groups=items(_GROUP, 100), **fields), _HAS_OPTIONS)


def _chosen(most: int) -> Check:
    return record({"options": items(_OPTION, most)}, {**_MENU, "initial_options": items(_OPTION, most)})


_INPUT: dict[str, Check] = {
    "action_id": _ACTION_ID,
    "placeholder": plain(150),
    "focus_on_load": flag,
    "dispatch_action_config": anything,
}
_IDS = items(string(30), 100)
_SEVERAL = {"max_selected_items": whole(1, 100)}
_BUTTON = record(
    {"text": plain(75)},
    {
        "action_id": _ACTION_ID,
        "value": string(2000, 0),
        "url": url,
        "style": choice("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(75),
    },
)
_FEEDBACK = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})

ELEMENTS: dict[str, Check] = {
    "button": _BUTTON,
    "overflow": record({"options": items(_OPTION, 5)}, {"action_id": _ACTION_ID, "confirm": _CONFIRM}),
    "static_select": _static(initial_option=_OPTION),
    "multi_static_select": _static(initial_options=items(_OPTION, 100), **_SEVERAL),
    "external_select": _menu(min_query_length=whole(0, 1000), initial_option=_OPTION),
    "multi_external_select": _menu(min_query_length=whole(0, 1000), initial_options=items(_OPTION, 100), **_SEVERAL),
    "users_select": _menu(initial_user=string(30)),
    "multi_users_select": _menu(initial_users=_IDS, **_SEVERAL),
    "channels_select": _menu(initial_channel=string(30), response_url_enabled=flag),
    "multi_channels_select": _menu(initial_channels=_IDS, **_SEVERAL),
    "conversations_select": _menu(
        initial_conversation=string(30),
        default_to_current_conversation=flag,
        response_url_enabled=flag,
        filter=anything,
    ),
    "multi_conversations_select": _menu(
        initial_conversations=_IDS, default_to_current_conversation=flag, filter=anything, **_SEVERAL
    ),
    "checkboxes": _chosen(10),
    "radio_buttons": record({"options": items(_OPTION, 10)}, {**_MENU, "initial_option": _OPTION}),
    "datepicker": _menu(initial_date=string(10, 10)),
    "timepicker": _menu(initial_time=string(5, 5), timezone=string(64)),
    "datetimepicker": _menu(initial_date_time=number),
    "plain_text_input": record(
        {},
        {
            **_INPUT,
            "initial_value": string(3000, 0),
            "multiline": flag,
            "min_length": whole(0, 3000),
            "max_length": whole(1, 3000),
        },
    ),
    "rich_text_input": record({}, {**_INPUT, "initial_value": anything}),
    "email_text_input": record({}, {**_INPUT, "initial_value": string(3000)}),
    "url_text_input": record({}, {**_INPUT, "initial_value": string(3000)}),
    "number_input": record(
        {"is_decimal_allowed": flag},
        {**_INPUT, "initial_value": string(30), "min_value": string(30), "max_value": string(30)},
    ),
    "file_input": record({}, {"action_id": _ACTION_ID, "filetypes": items(string(20), 50), "max_files": whole(1, 10)}),
    "image": picture(),
    "workflow_button": record(
        {"text": plain(75), "workflow": anything},
        {"action_id": _ACTION_ID, "style": choice("primary", "danger"), "accessibility_label": string(75)},
    ),
    "feedback_buttons": record({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": _ACTION_ID}),
    "icon_button": record(
        {"icon": choice("trash"), "text": plain(75)},
        {
            "action_id": _ACTION_ID,
            "value": string(2000),
            "confirm": _CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": _IDS,
        },
    ),
}

_MENUS = tuple(kind for kind in ELEMENTS if kind.endswith("_select"))
_PICKERS = ("datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons")

IN_ACTIONS = (
    "button",
    "overflow",
    "workflow_button",
    *_PICKERS,
    *(kind for kind in _MENUS if not kind.startswith("multi_")),
)
IN_SECTION = ("button", "overflow", "workflow_button", "image", *_PICKERS, *_MENUS)
IN_INPUT = (*_PICKERS, *_MENUS, *(kind for kind in ELEMENTS if kind.endswith("_input")))
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")

_STYLE = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "unlink"), flag))
_STYLED = {"style": _STYLE}
_ID = string(30)
_RICH: dict[str, Check] = {
    "text": record({"text": string(12_000)}, _STYLED),
    "link": record({"url": url}, {**_STYLED, "text": string(3000), "unsafe": flag}),
    "emoji": record({"name": string(255)}, {"unicode": string(255), "skin_tone": whole(1, 6), **_STYLED}),
    "user": record({"user_id": _ID}, _STYLED),
    "usergroup": record({"usergroup_id": _ID}, _STYLED),
    "channel": record({"channel_id": _ID}, _STYLED),
    "team": record({"team_id": _ID}, _STYLED),
    "broadcast": record({"range": choice("here", "channel", "everyone")}, _STYLED),
    "color": record({"value": string(20)}),
    "date": record(
        {"timestamp": whole(0, 2**40), "format": string(200)}, {"url": url, "fallback": string(255), **_STYLED}
    ),
}
_RUN = {"elements": items(variant(_RICH), 1000, 0)}
_PART: dict[str, Check] = {
    "rich_text_section": record(_RUN),
    "rich_text_preformatted": record(
        {"elements": items(variant(_RICH, "text", "link"), 1000, 0)}, {"border": whole(0, 1), "language": string(50)}
    ),
    "rich_text_quote": record(_RUN, {"border": whole(0, 1)}),
}

RICH_PARTS: dict[str, Check] = {
    **_PART,
    "rich_text_list": record(
        {"style": choice("bullet", "ordered"), "elements": items(variant(_PART, "rich_text_section"), 1000)},
        {"indent": whole(0, 8), "offset": whole(0, 10_000), "border": whole(0, 1)},
    ),
}
