"""What fields hold: what they begin with, what someone puts into them, and what Slack lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.slack.model import Json, View
from simulators.slack.store import walk

State = dict[str, dict[str, Json]]

STATEFUL = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "file_input": "files",
}
"""Element types that keep a value, and the member that holds it."""

INITIAL = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
}


def initial_state(payload: Json) -> State:
    """The values that the fields of a view or a message begin with."""
    state: State = {}
    for block, element in walk(payload["blocks"]):
        member = STATEFUL.get(element["type"])
        if member is None:
            continue
        empty: object = [] if member.endswith("s") else None
        value = element.get(INITIAL.get(member, ""), empty)
        state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], member: value}
    return state


def kept_state(view: View, payload: Json) -> State:
    """The values after a view has been replaced: a field of the same block and action keeps its own."""
    state = initial_state(payload)
    for block, fields in state.items():
        for action, value in fields.items():
            held = view.state.get(block, {}).get(action)
            if held is not None and held["type"] == value["type"]:
                fields[action] = held
    return state


def options(element: Json) -> list[Json]:
    """Every option of a menu, groups opened."""
    grouped = [one for group in element.get("option_groups", ()) for one in group["options"]]
    return [*element.get("options", ()), *grouped]


def entered(element: Json, value: object, offered: Sequence[Json] = ()) -> Json:
    """The member that a value becomes: ``{"selected_option": {…}}``. Options are named by their value.

    Raises LookupError when a menu does not offer the value; ``offered`` are an external menu's options.
    """
    kind = element["type"]
    member = STATEFUL.get(kind, "value")
    if kind == "overflow":
        member = "selected_option"
    if member in ("selected_option", "selected_options"):
        choices = [*options(element), *offered]
        if member == "selected_option":
            return {member: None if value is None else _choose(choices, value)}
        several = value if isinstance(value, list | tuple | set) else [value]
        return {member: [_choose(choices, one) for one in several]}
    if isinstance(value, tuple | set):
        value = list(value)
    return {member: value}


def _choose(choices: Sequence[Json], value: object) -> Json:
    if isinstance(value, Mapping):
        return dict(value)
    for one in choices:
        if value in (one.get("value"), one["text"]["text"]):
            return one
    known = ", ".join(str(one.get("value")) for one in choices)
    raise LookupError(f"no option {value!r}; there are: {known}")


def missing(view: View) -> dict[str, str]:
    """What Slack itself will not let through, by block: empty, too short, too long, out of range."""
    errors: dict[str, str] = {}
    for block in view.payload["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        held = view.state[block["block_id"]][element["action_id"]]
        value = held[STATEFUL[element["type"]]]
        if value in (None, "", []):
            if not block.get("optional"):
                errors[block["block_id"]] = "Please complete this required field."
        elif fault := _fault(element, str(value)):
            errors[block["block_id"]] = fault
    return errors


def _fault(element: Json, value: str) -> str:
    if element["type"] == "plain_text_input":
        if len(value) > element.get("max_length", 3000):
            return f"Must be less than {element.get('max_length', 3000) + 1} characters."
        if len(value) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters."
    if element["type"] == "number_input":
        return _number_fault(element, value)
    if element["type"] == "email_text_input" and "@" not in value:
        return "Enter a valid email address."
    if element["type"] == "url_text_input" and "://" not in value:
        return "Enter a valid URL."
    return ""


def _number_fault(element: Json, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return "Enter a number."
    if not element["is_decimal_allowed"] and number != int(number):
        return "Enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Must be {element['min_value']} or more."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Must be {element['max_value']} or less."
    return ""
