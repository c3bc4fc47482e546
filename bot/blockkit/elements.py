"""Block Kit's smaller parts as tables: text, options, confirmations, rich text and every element.

Source: Slack's reference pages of each element as of November 2026. Where captures of those pages
disagree the newest is used; where none decides, the stricter. ``kit`` builds blocks from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.blockkit.rules import (
    Also,
    Problem,
    Rule,
    at_least_one,
    exactly_one,
    flag,
    link,
    listing,
    members,
    one_of,
    shape,
    string,
    tagged,
    twice,
    whole,
)

# --- composition objects --------------------------------------------------------------------------------

PLAIN, MRKDWN = "plain_text", "mrkdwn"


def words(most: int, *kinds: str) -> Rule:
    """A text object of one of the kinds."""
    every = {
        PLAIN: shape({"text": string(most)}, {"emoji": flag}),
        MRKDWN: shape({"text": string(most)}, {"verbatim": flag}),
    }
    return tagged({kind: every[kind] for kind in kinds or (PLAIN, MRKDWN)})


def plain(most: int) -> Rule:
    """A plain_text object."""
    return words(most, PLAIN)


def option(*kinds: str, url: bool = False) -> Rule:
    """A choice in a menu, a group of checkboxes or of radio buttons."""
    more = {"url": link()} if url else {}
    return shape({"text": words(75, *kinds), "value": string(150)}, {"description": words(75, *kinds), **more})


CONFIRM = shape(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
GROUP = shape({"label": plain(75), "options": listing(option(PLAIN), 1, 100)})
FILTER = shape(
    {},
    {
        "include": listing(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
    at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
DISPATCH = shape({}, {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})
SLACK_FILE = shape({}, {"id": string(), "url": link()}, exactly_one("id", "url"))
ICON = shape({"type": one_of("icon"), "name": string(40)})
IMAGE_MEMBERS = {"image_url": link(), "slack_file": SLACK_FILE}
IMAGE = shape({"alt_text": string(2000)}, IMAGE_MEMBERS, exactly_one("image_url", "slack_file"))

# --- rich text ------------------------------------------------------------------------------------------

STYLE = shape(
    {},
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), flag),
)
STYLED = {"style": STYLE}
RANGE = one_of("here", "channel", "everyone")
INLINE = listing(
    tagged(
        {
            "text": shape({"text": string()}, STYLED),
            "link": shape({"url": link()}, {"text": string(), "unsafe": flag, **STYLED}),
            "emoji": shape({"name": string()}, {"unicode": string(), "skin_tone": whole(1, 6), **STYLED}),
            "user": shape({"user_id": string()}, STYLED),
            "usergroup": shape({"usergroup_id": string()}, STYLED),
            "channel": shape({"channel_id": string()}, STYLED),
            "team": shape({"team_id": string()}, STYLED),
            "broadcast": shape({"range": RANGE}, STYLED),
            "color": shape({"value": string()}, STYLED),
            "date": shape({"timestamp": whole(0), "format": string()}, {"url": link(), "fallback": string(), **STYLED}),
        }
    ),
    0,
)
BORDER = {"border": whole(0, 1)}
SECTION_OF_TEXT = shape({"elements": INLINE})
RICH_MEMBERS: dict[str, Rule] = {
    "elements": listing(
        tagged(
            {
                "rich_text_section": SECTION_OF_TEXT,
                "rich_text_quote": shape({"elements": INLINE}, BORDER),
                "rich_text_preformatted": shape({"elements": INLINE}, {**BORDER, "language": string()}),
                "rich_text_list": shape(
                    {
                        "style": one_of("bullet", "ordered"),
                        "elements": listing(tagged({"rich_text_section": SECTION_OF_TEXT})),
                    },
                    {**BORDER, "indent": whole(0, 8), "offset": whole(0)},
                ),
            }
        )
    )
}
RICH_TEXT = tagged({"rich_text": shape(RICH_MEMBERS, {"block_id": string(255)})})

# --- elements -------------------------------------------------------------------------------------------

BASE: dict[str, Rule] = {"action_id": string(255)}
ASKED = {**BASE, "confirm": CONFIRM}
FOCUS = {**BASE, "focus_on_load": flag}
HINTED = {**FOCUS, "placeholder": plain(150), "confirm": CONFIRM}
TYPED = {**FOCUS, "placeholder": plain(150), "dispatch_action_config": DISPATCH}
SEVERAL = {**HINTED, "max_selected_items": whole(1)}


def initial_among(initial: str) -> Also:
    """What is chosen at first must be, letter for letter, among the choices."""

    def also(value: Mapping[str, object], at: str) -> Iterator[Problem]:
        chosen = value.get(initial)
        offered = [*members(value, "options")]
        offered += [one for group in members(value, "option_groups") for one in members(group, "options")]
        for one in chosen if isinstance(chosen, list) else [chosen] if chosen is not None else []:
            if one not in offered:
                yield Problem(f"{at}/{initial}", "must be one of the options")

    return also


def distinct_values(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """Two choices of one menu may not carry the same value."""
    for again in twice([one.get("value") for one in members(value, "options")]):
        yield Problem(f"{at}/options", f"duplicate value {again!r:.60}")


def menu(kind: str, one: Mapping[str, Rule], many: Mapping[str, Rule], *also: Also) -> dict[str, Rule]:
    """A select and its multi-select."""
    return {
        f"{kind}_select": shape({}, {**HINTED, **one}, *also),
        f"multi_{kind}_select": shape({}, {**SEVERAL, **many}, *also),
    }


STATIC = {"options": listing(option(PLAIN), 1, 100), "option_groups": listing(GROUP, 1, 100)}
EXTERNAL = {"min_query_length": whole(0)}
TO_URL = {"response_url_enabled": flag}
CHOICES: dict[str, Rule] = {
    **menu(
        "static",
        {**STATIC, "initial_option": option(PLAIN)},
        {**STATIC, "initial_options": listing(option(PLAIN), 1, 100)},
        exactly_one("options", "option_groups"),
        initial_among("initial_option"),
        initial_among("initial_options"),
        distinct_values,
    ),
    **menu(
        "external",
        {**EXTERNAL, "initial_option": option(PLAIN)},
        {**EXTERNAL, "initial_options": listing(option(PLAIN), 1, 100)},
    ),
    **menu("users", {"initial_user": string()}, {"initial_users": listing(string())}),
    **menu(
        "conversations",
        {
            "initial_conversation": string(),
            "default_to_current_conversation": flag,
            "filter": FILTER,
            **TO_URL,
        },
        {
            "initial_conversations": listing(string()),
            "default_to_current_conversation": flag,
            "filter": FILTER,
        },
    ),
    **menu("channels", {"initial_channel": string(), **TO_URL}, {"initial_channels": listing(string())}),
}
BUTTON = shape(
    {"text": plain(75)},
    {
        **ASKED,
        "url": link(),
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
        "agent_prompt": string(4000),
        "agent_prompt_display": string(),
        "visible_to_user_ids": listing(string(), 1, 10),
    },
)
BOXES = shape(
    {"options": listing(option(), 1, 10)},
    {**FOCUS, "confirm": CONFIRM, "initial_options": listing(option(), 1, 10)},
    initial_among("initial_options"),
    distinct_values,
)
RADIO = shape(
    {"options": listing(option(), 1, 10)},
    {**FOCUS, "confirm": CONFIRM, "initial_option": option()},
    initial_among("initial_option"),
    distinct_values,
)
PICKERS = {
    "datepicker": shape({}, {**HINTED, "initial_date": string(10, 10)}),
    "timepicker": shape({}, {**HINTED, "initial_time": string(5, 5), "timezone": string()}),
}
DATETIME = shape({}, {**FOCUS, "confirm": CONFIRM, "initial_date_time": whole(10**9, 10**10 - 1)})
OVERFLOW = shape({"options": listing(option(PLAIN, url=True), 1, 5)}, ASKED, distinct_values)
WORKFLOW = shape(
    {
        "text": plain(75),
        "workflow": shape(
            {
                "trigger": shape(
                    {"url": link()},
                    {"customizable_input_parameters": listing(shape({"name": string(), "value": string()}))},
                )
            }
        ),
    },
    {**BASE, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
)
CLICKED = {
    "button": BUTTON,
    "checkboxes": BOXES,
    "radio_buttons": RADIO,
    "overflow": OVERFLOW,
    "workflow_button": WORKFLOW,
    **PICKERS,
    **CHOICES,
}
ACCESSORIES = tagged({**CLICKED, "image": IMAGE})
ACTIONS = tagged({**CLICKED, "datetimepicker": DATETIME})


def ordered_lengths(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """A field's least length may not exceed its greatest."""
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Problem(f"{at}/min_length", "must not exceed max_length")


RICH_TEXT_INPUT: dict[str, Rule] = {**TYPED, "initial_value": RICH_TEXT}
INPUTS = tagged(
    {
        "plain_text_input": shape(
            {},
            {
                **TYPED,
                "initial_value": string(least=0),
                "multiline": flag,
                "min_length": whole(0, 3000),
                "max_length": whole(1, 3000),
            },
            ordered_lengths,
        ),
        "email_text_input": shape({}, {**TYPED, "initial_value": string()}),
        "url_text_input": shape({}, {**TYPED, "initial_value": string()}),
        "number_input": shape(
            {"is_decimal_allowed": flag},
            {**TYPED, "initial_value": string(), "min_value": string(), "max_value": string()},
        ),
        "rich_text_input": shape({}, RICH_TEXT_INPUT),
        "file_input": shape({}, {**BASE, "filetypes": listing(string()), "max_files": whole(1, 10)}),
        "checkboxes": BOXES,
        "radio_buttons": RADIO,
        "datetimepicker": DATETIME,
        **PICKERS,
        **CHOICES,
    }
)
