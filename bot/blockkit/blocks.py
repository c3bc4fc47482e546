"""Block Kit's blocks as tables: their members, lengths, counts, and the surfaces they may stand on.

Source: Slack's reference pages of each block as of November 2026. Where captures of those pages disagree
the newest is used; where none decides, the stricter. ``checker`` applies the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.blockkit.elements import (
    ACCESSORIES,
    ACTIONS,
    ASKED,
    BASE,
    BUTTON,
    ICON,
    IMAGE,
    IMAGE_MEMBERS,
    INPUTS,
    MRKDWN,
    PLAIN,
    RICH_MEMBERS,
    RICH_TEXT,
    plain,
    words,
)
from bot.blockkit.rules import (
    Also,
    Problem,
    Rule,
    at_least_one,
    at_most_one,
    exactly_one,
    flag,
    link,
    listing,
    members,
    number,
    one_of,
    shape,
    string,
    tagged,
    twice,
    whole,
)

# --- tables ---------------------------------------------------------------------------------------------

RAW = {
    "raw_text": shape({"text": string()}),
    "raw_number": shape({"value": number()}, {"text": string()}),
}
CELL = tagged({**RAW, "rich_text": shape(RICH_MEMBERS)})
ACTION_CELL = shape({"element": tagged({"button": BUTTON}), "fallback": tagged(RAW)})
DATA_CELL = tagged({**RAW, "rich_text": shape(RICH_MEMBERS), "action_cell": ACTION_CELL})
COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})


def column(value: object, at: str) -> Iterator[Problem]:
    """A column's settings, or null to leave them as they are."""
    if value is not None:
        yield from COLUMN(value, at)


def rectangular(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """All rows of a table have the same number of cells."""
    rows = value.get("rows")
    widths = {len(row) for row in rows if isinstance(row, list)} if isinstance(rows, list) else set()
    if len(widths) > 1:
        yield Problem(f"{at}/rows", f"all rows must have the same number of cells, have {sorted(widths)}")


def plain_header(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """The first row of a data table names the columns, in raw text or numbers."""
    rows = value.get("rows")
    header = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    for index, cell in enumerate(header):
        if isinstance(cell, Mapping) and cell.get("type") not in tuple(RAW):
            yield Problem(f"{at}/rows/0/{index}", "header cells must be raw_text or raw_number")
    named = value.get("row_header_column_index", 0)
    if header and isinstance(named, int) and named >= len(header):
        yield Problem(f"{at}/row_header_column_index", "must be a column of the table")


# --- charts ---------------------------------------------------------------------------------------------

LABEL = string(20)
POINT = shape({"label": LABEL, "value": number()})
SERIES = shape({"name": LABEL, "data": listing(POINT, 1, 20)})
AXES = shape({"categories": listing(LABEL, 1, 20)}, {"x_label": string(50), "y_label": string(50)})


def point_per_category(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """Series have names of their own and exactly one point for each category, which are distinct too."""
    axes = value.get("axis_config")
    listed = axes.get("categories") if isinstance(axes, Mapping) else None
    categories = listed if isinstance(listed, list) else []
    for again in twice(categories):
        yield Problem(f"{at}/axis_config/categories", f"duplicate category {again!r:.40}")
    series = members(value, "series")
    for again in twice([one.get("name") for one in series]):
        yield Problem(f"{at}/series", f"duplicate series name {again!r:.40}")
    for index, one in enumerate(series):
        labels = [point.get("label") for point in members(one, "data")]
        if twice(labels) or len(labels) != len(categories) or any(one not in categories for one in labels):
            yield Problem(f"{at}/series/{index}/data", "must have exactly one point for each category")


def distinct_segments(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """Segments of a pie have labels of their own."""
    for again in twice([one.get("label") for one in members(value, "segments")]):
        yield Problem(f"{at}/segments", f"duplicate label {again!r:.40}")


AXIS_CHART = shape({"series": listing(SERIES, 1, 12), "axis_config": AXES}, {}, point_per_category)
SEGMENT = shape({"label": LABEL, "value": number(positive=True)})
CHART = tagged(
    {
        "bar": AXIS_CHART,
        "line": AXIS_CHART,
        "area": AXIS_CHART,
        "pie": shape({"segments": listing(SEGMENT, 1, 12)}, {}, distinct_segments),
    }
)

# --- agents ---------------------------------------------------------------------------------------------

SOURCE = tagged({"url": shape({"url": link(), "text": string()})})
TASK_MEMBERS = {"task_id": string(), "title": string(256)}
TASK_MORE = {"details": RICH_TEXT, "output": RICH_TEXT, "sources": listing(SOURCE, 0)}
ALONE = one_of("in_progress", "complete", "error")
PLANNED = one_of("pending", "in_progress", "complete", "error")
FEEDBACK = shape({"text": plain(75)}, {"value": string(2000), "accessibility_label": string(75)})
CONTEXT_ACTIONS = tagged(
    {
        "feedback_buttons": shape({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, BASE),
        "icon_button": shape(
            {"icon": one_of("trash"), "text": plain(75)},
            {
                **ASKED,
                "value": string(2000),
                "accessibility_label": string(75),
                "visible_to_user_ids": listing(string(), 1, 10),
            },
        ),
    }
)


def distinct_tasks(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """Tasks of a plan have ids of their own."""
    for again in twice([task.get("task_id") for task in members(value, "tasks")]):
        yield Problem(f"{at}/tasks", f"duplicate task_id {again!r:.60}")


# --- blocks ---------------------------------------------------------------------------------------------

ID = {"block_id": string(255)}


def block(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *also: Also) -> Rule:
    """A block: its members and a block_id."""
    return shape(required, {**ID, **(optional or {})}, *also)


def contained(value: Mapping[str, object], at: str) -> Iterator[Problem]:
    """A container's folding options go together or exclude each other."""
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Problem(f"{at}/default_collapsed", "requires is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        yield Problem(f"{at}/has_header_divider", "is not allowed on a collapsible container")


CARD = block(
    {},
    {
        "title": words(150),
        "subtitle": words(150),
        "body": words(200),
        "subtext": words(200),
        "hero_image": tagged({"image": IMAGE}),
        "icon": tagged({"image": IMAGE}),
        "slack_icon": ICON,
        "actions": listing(tagged({"button": BUTTON}), 1, 3),
    },
    at_least_one("hero_image", "title", "actions", "body"),
    at_most_one("icon", "slack_icon"),
)
CONTAINED: dict[str, Rule] = {
    "header": block({"text": plain(150)}, {"level": whole(1, 4)}),
    "section": block(
        {},
        {
            "text": words(3000),
            "fields": listing(words(2000), 1, 10),
            "accessory": ACCESSORIES,
            "expand": flag,
        },
        at_least_one("text", "fields"),
    ),
    "context": block(
        {
            "elements": listing(
                tagged(
                    {
                        "image": IMAGE,
                        PLAIN: shape({"text": string(3000)}, {"emoji": flag}),
                        MRKDWN: shape({"text": string(3000)}, {"verbatim": flag}),
                    }
                ),
                1,
                10,
            )
        }
    ),
    "actions": block({"elements": listing(ACTIONS, 1, 25)}),
    "divider": block({}),
    "image": block(
        {"alt_text": string(2000)},
        {**IMAGE_MEMBERS, "title": plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "input": block(
        {"label": plain(2000), "element": INPUTS},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": block(RICH_MEMBERS),
    "table": block(
        {"rows": listing(listing(CELL, 1, 20), 1, 100)},
        {"column_settings": listing(column, 0, 20)},
        rectangular,
    ),
    "video": block(
        {"alt_text": string(2000), "title": plain(199), "thumbnail_url": link(), "video_url": link()},
        {
            "author_name": string(49),
            "description": plain(200),
            "provider_name": string(50),
            "provider_icon_url": link(),
            "title_url": link(),
        },
    ),
}
BLOCKS: dict[str, Rule] = {
    **CONTAINED,
    "markdown": block({"text": string(12_000)}),
    "data_table": block(
        {"caption": string(), "rows": listing(listing(DATA_CELL, 1, 20), 2, 201)},
        {"page_size": whole(1, 100), "row_header_column_index": whole(0, 19)},
        rectangular,
        plain_header,
    ),
    "data_visualization": block({"title": string(50), "chart": CHART}),
    "alert": block({"text": words(200)}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "card": CARD,
    "carousel": block({"elements": listing(tagged({"card": CARD}), 1, 10)}),
    "container": block(
        {"child_blocks": listing(tagged(CONTAINED), 1, 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": words(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": tagged({"image": IMAGE}),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
        exactly_one("title", "rich_text_title"),
        contained,
    ),
    "context_actions": block({"elements": listing(CONTEXT_ACTIONS, 1, 5)}),
    "plan": block(
        {
            "title": string(256),
            "tasks": listing(
                shape({**TASK_MEMBERS, "status": PLANNED}, {**TASK_MORE, "type": one_of("task_card")}), 1, 50
            ),
        },
        {},
        distinct_tasks,
    ),
    "task_card": block({**TASK_MEMBERS, "status": ALONE}, TASK_MORE),
}
EVERYWHERE = frozenset(
    {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
)
SURFACES: dict[str, frozenset[str]] = {
    "message": frozenset(BLOCKS) - {"alert"},
    "modal": EVERYWHERE | {"alert"},
    "home": EVERYWHERE | {"carousel", "container", "data_table", "data_visualization", "table"},
}
