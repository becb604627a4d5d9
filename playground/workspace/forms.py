"""Interactive elements as a person finds them: where they are in blocks, what is chosen in a menu, what is filled into
a form, and how Slack reports that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from playground.workspace.nesting import flat
from playground.workspace.values import Json


class NotThere(LookupError):
    """A person wanted to use something that is not shown to them."""


@dataclass(frozen=True, slots=True)
class Control:
    """One interactive element and the block it stands in."""

    block: Json
    element: Json

    @property
    def action_id(self) -> str:
        """The element's action_id."""
        return str(self.element.get("action_id", ""))

    @property
    def label(self) -> str:
        """What is written on a button, or over an input."""
        words = self.element.get("text") or self.block.get("label") or {}
        return str(words.get("text", ""))


def controls(blocks: Iterable[Json]) -> Iterator[Control]:
    """All interactive elements, in their order."""
    for block in flat(blocks):
        held = (*block.get("elements", ()), *block.get("actions", ()), block.get("accessory"), block.get("element"))
        for element in held:
            if isinstance(element, dict) and "action_id" in element:
                yield Control(block, element)


def find(blocks: Iterable[Json], action_id: str, *, index: int = 0, value: str | None = None) -> Control:
    """The control with this action_id; with `value` the one that carries it, else the one at `index`. Where no
    action_id is such, the control that reads so is meant. Raises NotThere."""
    everything = list(controls(blocks))
    found = [control for control in everything if control.action_id == action_id] or [
        control for control in everything if control.label == action_id
    ]
    if value is not None:
        found = [control for control in found if control.element.get("value") == value]
    if index >= len(found):
        shown = ", ".join(f"{control.action_id} ({control.label})" for control in everything) or "nothing"
        raise NotThere(f"no {action_id!r} number {index} here (value {value!r}); there is: {shown}")
    return found[index]


def option(control: Control, wanted: str) -> Json:
    """The option of a menu with this value or these words. Raises NotThere."""
    element = control.element
    options = [
        *element.get("options", ()),
        *(one for group in element.get("option_groups", ()) for one in group["options"]),
    ]
    for one in options:
        if wanted in {one["value"], one["text"]["text"]}:
            return dict(one)
    raise NotThere(f"{control.action_id} has no option {wanted!r}; it has: {[one['value'] for one in options]}")


def _selected(field: str) -> Callable[[Control, object], Json]:
    return lambda _control, wanted: {field: wanted}


def _option(control: Control, wanted: object) -> Json:
    """An option as it was offered: whole, where the app offered it while somebody typed."""
    return dict(wanted) if isinstance(wanted, Mapping) else option(control, str(wanted))


def _one_option(control: Control, wanted: object) -> Json:
    return {"selected_option": None if wanted is None else _option(control, wanted)}


def _several_options(control: Control, wanted: object) -> Json:
    return {"selected_options": [_option(control, one) for one in _several(wanted)]}


def _several(wanted: object) -> list[object]:
    return [wanted] if isinstance(wanted, str | Mapping) else list(wanted) if isinstance(wanted, Iterable) else []


def _rich_text(_control: Control, wanted: object) -> Json:
    """What was typed, as Slack's composer sends it; one that stands there already as it is."""
    if not isinstance(wanted, str) or not wanted:
        return {"rich_text_value": wanted or None}
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": wanted}]}
    return {"rich_text_value": {"type": "rich_text", "elements": [section]}}


def _files(_control: Control, wanted: object) -> Json:
    """Files by their names: nothing of what is in them is taken along."""
    names = [str(name) for name in _several(wanted)]
    return {"files": [{"id": f"F{index:08d}", "name": name, "title": name} for index, name in enumerate(names, 1)]}


_FILLED: Mapping[str, Callable[[Control, object], Json]] = {
    **dict.fromkeys(("plain_text_input", "email_text_input", "url_text_input", "number_input"), _selected("value")),
    "rich_text_input": _rich_text,
    "file_input": _files,
    "datepicker": _selected("selected_date"),
    "timepicker": _selected("selected_time"),
    "datetimepicker": _selected("selected_date_time"),
    "users_select": _selected("selected_user"),
    "channels_select": _selected("selected_channel"),
    "conversations_select": _selected("selected_conversation"),
    "multi_users_select": _selected("selected_users"),
    "multi_channels_select": _selected("selected_channels"),
    "multi_conversations_select": _selected("selected_conversations"),
    **dict.fromkeys(("static_select", "external_select", "radio_buttons", "overflow"), _one_option),
    **dict.fromkeys(("multi_static_select", "multi_external_select", "checkboxes"), _several_options),
}
_INITIAL = (
    "initial_value",
    "initial_date",
    "initial_time",
    "initial_date_time",
    "initial_user",
    "initial_channel",
    "initial_conversation",
    "initial_users",
    "initial_channels",
    "initial_conversations",
)


def chosen(control: Control, wanted: object) -> Json:
    """What the payload says of a control that was used: its type and what is chosen in it. Raises NotThere."""
    fill = _FILLED.get(control.element["type"])
    return {"type": control.element["type"], **(fill(control, wanted) if fill else {})}


def filled(blocks: Iterable[Json], given: Mapping[str, object]) -> Json:
    """`state.values` of blocks: what a person filled in, by action_id or block_id, else what stands there already.
    Raises NotThere for a field that is not there."""
    values: Json = {}
    unknown = set(given)
    for control in controls(blocks):
        if control.element["type"] not in _FILLED or control.element["type"] == "overflow":
            continue
        names = (str(control.block.get("block_id")), control.action_id)
        unknown -= set(names)
        wanted = next((given[name] for name in names if name in given), _standing(control.element))
        values.setdefault(str(control.block.get("block_id")), {})[control.action_id] = chosen(control, wanted)
    if unknown:
        raise NotThere(f"the form has no field {sorted(unknown)}")
    return values


def _standing(element: Json) -> object:
    """What stands in a control before anyone touches it."""
    if (one := element.get("initial_option")) is not None:
        return one
    if (several := element.get("initial_options")) is not None:
        return several
    return next((element[name] for name in _INITIAL if name in element), None)


def unfilled(blocks: Iterable[Json], values: Json) -> list[str]:
    """Labels of the required inputs that are empty: Slack does not submit a form with any."""
    empty = []
    for control in controls(blocks):
        if control.block.get("type") == "input" and not control.block.get("optional"):
            entry = values.get(str(control.block.get("block_id")), {}).get(control.action_id, {})
            if not any(part for name, part in entry.items() if name != "type"):
                empty.append(control.label)
    return empty
