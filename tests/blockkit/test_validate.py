"""What Slack would take and what it would refuse, as far as its reference pages tell."""

import copy
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blockkit.notation import schema
from bot.blockkit.validate import (
    Problem,
    blocks_of,
    check_blocks,
    check_chunks,
    check_message,
    check_prompts,
    check_view,
)


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def raw(text):
    return {"type": "raw_text", "text": text}


def number(value):
    return {"type": "raw_number", "value": value, "text": f"${value:,.2f}"}


def button(action="go", **more):
    return {"type": "button", "text": plain("Go"), "action_id": action, **more}


def choice(value="a", text="A"):
    return {"text": plain(text), "value": value}


def section(**more):
    return {"type": "section", "text": mrkdwn("hello"), **more}


def chart(kind="bar", points=3, series=1, title="Spend", **more):
    categories = [f"d{index}" for index in range(points)]
    data = [{"label": label, "value": 1.5} for label in categories]
    lines = [{"name": f"s{index}", "data": copy.deepcopy(data)} for index in range(series)]
    inner = {"type": kind, "series": lines, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": title, "chart": inner, **more}


def pie(*values):
    segments = [{"label": f"p{index}", "value": value} for index, value in enumerate(values)]
    return {"type": "data_visualization", "title": "Share", "chart": {"type": "pie", "segments": segments}}


def data_table(rows=2, columns=2, text="x", **more):
    body = [[raw("Service") for _ in range(columns)]] + [[raw(text)] * columns for _ in range(rows - 1)]
    return {"type": "data_table", "caption": "Top", "rows": body, **more}


def table(rows, **more):
    return {"type": "table", "rows": rows, **more}


def select(**more):
    return {"type": "static_select", "action_id": "s", "options": [choice()], **more}


def field(element, **more):
    return {"type": "input", "label": plain("Name"), "element": element, **more}


RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://x.example", "text": "x"}]}
    ],
}
FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "fb",
            "positive_button": {"text": plain("Good"), "value": "good"},
            "negative_button": {"text": plain("Bad"), "value": "bad"},
        },
        {"type": "icon_button", "icon": "trash", "text": plain("Delete"), "action_id": "del", "value": "x"},
    ],
}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
TASK = {"task_id": "1", "title": "Query", "status": "complete"}

VALID = {
    "header with a level": {"type": "header", "text": plain("Spend"), "level": 2},
    "section of 3,000 characters": section(text=mrkdwn("x" * 3000)),
    "section of fields": {"type": "section", "fields": [mrkdwn("a")] * 10},
    "section with accessory": section(accessory=button(confirm=CONFIRM, style="danger", value="v")),
    "context": {
        "type": "context",
        "elements": [mrkdwn("x"), {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}],
    },
    "actions": {"type": "actions", "elements": [button(f"b{index}") for index in range(25)]},
    "select": {"type": "actions", "elements": [select(initial_option=choice())]},
    "option groups": {
        "type": "actions",
        "elements": [
            {
                "type": "static_select",
                "action_id": "s",
                "option_groups": [{"label": plain("G"), "options": [choice()]}],
            }
        ],
    },
    "overflow": section(
        accessory={"type": "overflow", "action_id": "o", "options": [choice(str(i)) for i in range(5)]}
    ),
    "date, time and moment": {
        "type": "actions",
        "elements": [
            {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-22"},
            {"type": "timepicker", "action_id": "t", "initial_time": "09:00"},
            {"type": "datetimepicker", "action_id": "m", "initial_date_time": 1795347546},
        ],
    },
    "divider": {"type": "divider"},
    "image": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "chart"},
    "rich text": RICH,
    "markdown": {"type": "markdown", "text": "**x**" * 2400},
    "table": table([[raw("a"), number(1.0)], [RICH, raw("b")]], column_settings=[None, {"align": "right"}]),
    "data table of 201 rows": data_table(201, 20, page_size=100, row_header_column_index=19),
    "data table with an action": {
        **data_table(),
        "rows": [[raw("S"), raw("A")], [raw("x"), {"type": "action_cell", "element": button(), "fallback": raw("-")}]],
    },
    "bar chart, 12 series of 20 points": chart(points=20, series=12),
    "line chart below zero": chart("line") | {"title": "x" * 50},
    "area chart": chart("area"),
    "pie of 12": pie(*range(1, 13)),
    "card": {"type": "card", "title": mrkdwn("*A*"), "slack_icon": {"type": "icon", "name": "rocket"}},
    "carousel": {"type": "carousel", "elements": [{"type": "card", "body": mrkdwn("b")}] * 10},
    "container": {
        "type": "container",
        "title": plain("More"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [section(), table([[raw("a")]])],
    },
    "context actions": FEEDBACK,
    "plan": {"type": "plan", "title": "Answering", "tasks": [TASK, {**TASK, "task_id": "2", "status": "pending"}]},
    "task card": {
        **TASK,
        "type": "task_card",
        "details": RICH,
        "sources": [{"type": "url", "url": "https://x.example", "text": "CUR"}],
    },
}

INVALID = {
    "unknown block": {"type": "heading", "text": plain("x")},
    "no type": {"text": plain("x")},
    "not an object": "section",
    "unknown field": section(colour="red"),
    "header too long": {"type": "header", "text": plain("x" * 151)},
    "header in mrkdwn": {"type": "header", "text": mrkdwn("x")},
    "header empty": {"type": "header", "text": plain("")},
    "header level 5": {"type": "header", "text": plain("x"), "level": 5},
    "section too long": section(text=mrkdwn("x" * 3001)),
    "section with nothing": {"type": "section"},
    "section with text as a string": {"type": "section", "text": "hello"},
    "section with 11 fields": {"type": "section", "fields": [mrkdwn("a")] * 11},
    "field too long": {"type": "section", "fields": [mrkdwn("a" * 2001)]},
    "input as accessory": section(accessory={"type": "plain_text_input", "action_id": "x"}),
    "datetimepicker as accessory": section(accessory={"type": "datetimepicker", "action_id": "x"}),
    "button in context": {"type": "context", "elements": [button()]},
    "11 in context": {"type": "context", "elements": [mrkdwn("x")] * 11},
    "empty context": {"type": "context", "elements": []},
    "26 actions": {"type": "actions", "elements": [button(f"b{index}") for index in range(26)]},
    "two buttons of one action": {"type": "actions", "elements": [button(), button()]},
    "button in mrkdwn": {"type": "actions", "elements": [{**button(), "text": mrkdwn("x")}]},
    "button text too long": {"type": "actions", "elements": [{**button(), "text": plain("x" * 76)}]},
    "button value too long": {"type": "actions", "elements": [button(value="x" * 2001)]},
    "button style": {"type": "actions", "elements": [button(style="default")]},
    "button url": {"type": "actions", "elements": [button(url="javascript:alert(1)")]},
    "confirm too long": {"type": "actions", "elements": [button(confirm={**CONFIRM, "deny": plain("x" * 31)})]},
    "select without options": {"type": "actions", "elements": [{"type": "static_select", "action_id": "s"}]},
    "select with 101 options": {"type": "actions", "elements": [select(options=[choice(str(i)) for i in range(101)])]},
    "select with options and groups": {"type": "actions", "elements": [select(option_groups=[])]},
    "initial option that is none": {"type": "actions", "elements": [select(initial_option=choice("z"))]},
    "options of one value": {"type": "actions", "elements": [select(options=[choice(), choice(text="B")])]},
    "option value too long": {"type": "actions", "elements": [select(options=[choice("x" * 151)])]},
    "option text too long": {"type": "actions", "elements": [select(options=[choice(text="x" * 76)])]},
    "overflow of 6": section(
        accessory={"type": "overflow", "action_id": "o", "options": [choice(str(i)) for i in range(6)]}
    ),
    "image without alt text": {"type": "image", "image_url": "https://x.example/a.png"},
    "image without source": {"type": "image", "alt_text": "x"},
    "image with two sources": {
        "type": "image",
        "alt_text": "x",
        "image_url": "https://x.example/a.png",
        "slack_file": {"id": "F1"},
    },
    "block_id too long": section(block_id="x" * 256),
    "rich text of nothing": {"type": "rich_text", "elements": []},
    "rich text with an unknown part": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "bold"}]}],
    },
    "markdown too long": {"type": "markdown", "text": "x" * 12_001},
    "table of 101 rows": table([[raw("a")]] * 101),
    "table of 21 columns": table([[raw("a")] * 21]),
    "ragged table": table([[raw("a")], [raw("a"), raw("b")]]),
    "table cell of mrkdwn": table([[mrkdwn("a")]]),
    "empty cell": table([[raw("")]]),
    "table of 10,001 characters": table([[raw("x" * 10_001)]]),
    "table alignment": table([[raw("a")]], column_settings=[{"align": "top"}]),
    "data table with a header alone": data_table(1),
    "data table of 202 rows": data_table(202),
    "data table of 21 columns": data_table(2, 21),
    "data table without caption": {key: value for key, value in data_table().items() if key != "caption"},
    "ragged data table": {**data_table(), "rows": [[raw("a")], [raw("a"), raw("b")]]},
    "rich text in a data table's header": {**data_table(1), "rows": [[RICH], [raw("a")]]},
    "data table of 20,001 characters": data_table(text="x" * 10_001),
    "page of 101 rows": data_table(page_size=101),
    "row header beyond the columns": data_table(row_header_column_index=2),
    "number that is none": {**data_table(), "rows": [[raw("a")], [{"type": "raw_number", "value": math.nan}]]},
    "number as text": {**data_table(), "rows": [[raw("a")], [{"type": "raw_number", "value": "12"}]]},
    "chart title too long": chart(title="x" * 51),
    "chart without title": {key: value for key, value in chart().items() if key != "title"},
    "chart of 21 points": chart(points=21),
    "chart of 13 series": chart(series=13),
    "chart of an unknown kind": chart("scatter"),
    "pie of 13": pie(*range(1, 14)),
    "pie with nothing": pie(0, 1),
    "pie below zero": pie(-1, 2),
    "card of nothing": {"type": "card", "subtitle": mrkdwn("x")},
    "card title as a string": {"type": "card", "title": "x"},
    "card body too long": {"type": "card", "body": mrkdwn("x" * 201)},
    "card of 4 buttons": {"type": "card", "actions": [button(str(index)) for index in range(4)]},
    "card with two icons": {
        "type": "card",
        "title": mrkdwn("x"),
        "icon": {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"},
        "slack_icon": {"type": "icon", "name": "rocket"},
    },
    "carousel of 11": {"type": "carousel", "elements": [{"type": "card", "body": mrkdwn("b")}] * 11},
    "chart in a container": {"type": "container", "title": plain("x"), "child_blocks": [chart()]},
    "container without title": {"type": "container", "child_blocks": [section()]},
    "collapsed container that cannot be": {
        "type": "container",
        "title": plain("x"),
        "default_collapsed": True,
        "child_blocks": [section()],
    },
    "plan title as an object": {"type": "plan", "title": plain("x"), "tasks": [TASK]},
    "plan of one task twice": {"type": "plan", "title": "x", "tasks": [TASK, TASK]},
    "pending task alone": {**TASK, "type": "task_card", "status": "pending"},
    "alert in a message": {"type": "alert", "text": mrkdwn("x")},
    "file": {"type": "file", "external_id": "x", "source": "remote"},
    "feedback with one side": {
        "type": "context_actions",
        "elements": [{"type": "feedback_buttons", "positive_button": {"text": plain("x"), "value": "x"}}],
    },
    "label in mrkdwn": field({"type": "plain_text_input", "action_id": "x"}, label=mrkdwn("x")),
    "input of a button": field(button()),
}


def broken_chart(**changes):
    """A bar chart with something else in its chart."""
    one = chart()
    one["chart"] |= changes
    return one


POINT = {"label": "d0", "value": 1}
CHARTS = {
    "missing point": {"series": [{"name": "s", "data": [POINT]}]},
    "point of no category": {"series": [{"name": "s", "data": [{**POINT, "label": x} for x in ("d0", "d1", "dx")]}]},
    "point twice": {"series": [{"name": "s", "data": [POINT, POINT, {**POINT, "label": "d2"}]}]},
    "gap": {"series": [{"name": "s", "data": [{"label": f"d{i}", "value": None} for i in range(3)]}]},
    "NaN": {"series": [{"name": "s", "data": [{"label": f"d{i}", "value": math.nan} for i in range(3)]}]},
    "long series name": {"series": [{"name": "s" * 21, "data": chart()["chart"]["series"][0]["data"]}]},
    "series twice": {"series": chart()["chart"]["series"] * 2},
    "category twice": {"axis_config": {"categories": ["d0", "d1", "d2", "d2"]}},
    "long category": {"axis_config": {"categories": ["d0", "d1", "d" * 21]}},
    "long axis label": {"axis_config": {"categories": ["d0", "d1", "d2"], "x_label": "x" * 51}},
    "colours": {"colors": ["red"]},
}


@pytest.mark.parametrize("name", VALID)
def test_valid_block_passes(name):
    """What Slack's reference allows, to its limits, is allowed."""
    assert check_message({"text": "x", "blocks": [VALID[name]]}) == []


@pytest.mark.parametrize("name", INVALID)
def test_invalid_block_is_refused(name):
    """What Slack would refuse is refused, with a pointer into the payload."""
    problems = check_message({"text": "x", "blocks": [INVALID[name]]})
    assert problems
    assert all(isinstance(one, Problem) and one.pointer.startswith("/blocks") for one in problems)


@pytest.mark.parametrize("name", CHARTS)
def test_chart_that_does_not_add_up_is_refused(name):
    """A series has exactly one finite point for each category, under names that fit."""
    assert check_blocks([broken_chart(**CHARTS[name])])


def test_every_block_has_a_valid_case():
    """The table of valid blocks leaves no block out that a message may carry."""
    covered = {block["type"] for block in VALID.values()}
    assert blocks_of("message") - covered == {"input", "video"}


COUNTED = {
    "51 blocks": [section()] * 51,
    "3 charts": [chart(), chart("line"), pie(1, 2)],
    "one block_id twice": [section(block_id="a"), section(block_id="a")],
    "markdown over several blocks": [{"type": "markdown", "text": "x" * 6001}] * 2,
    "tables together": [table([[raw("x" * 6000)]])] * 2,
    "data tables together": [data_table(text="x" * 6000)] * 2,
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_counts_across_blocks_is_counted(name):
    """Budgets, ids and numbers of blocks hold over the whole payload."""
    assert check_message({"text": "x", "blocks": COUNTED[name]})
    assert not check_message({"text": "x", "blocks": COUNTED[name][:1]})


MESSAGES = {
    "nothing": {},
    "text too long": {"text": "x" * 40_001},
    "markdown beside text": {"text": "x", "markdown_text": "x"},
    "markdown too long": {"markdown_text": "x" * 12_001},
    "unknown argument": {"text": "x", "color": "red"},
    "blocks as a string": {"text": "x", "blocks": "[]"},
    "attachments": {"text": "x", "attachments": [{}] * 101},
    "blocks in an attachment": {"text": "x", "attachments": [{"blocks": [{"type": "section"}]}]},
    "response type": {"text": "x", "response_type": "public"},
    "metadata": {"text": "x", "metadata": "digest"},
}


@pytest.mark.parametrize("name", MESSAGES)
def test_invalid_message_is_refused(name):
    """A message's own arguments are judged too."""
    assert check_message(MESSAGES[name])


def modal(**more):
    return {"type": "modal", "title": plain("Change"), "blocks": [section()], **more}


VIEWS = {
    "no type": {"blocks": [section()]},
    "message": {"type": "message", "blocks": [section()]},
    "title too long": modal(title=plain("x" * 25)),
    "title in mrkdwn": modal(title=mrkdwn("x")),
    "no title": {"type": "modal", "blocks": [section()]},
    "no blocks": modal(blocks=[]),
    "101 blocks": modal(blocks=[section()] * 101),
    "private metadata": modal(private_metadata="x" * 3001),
    "callback_id": modal(callback_id="x" * 256),
    "inputs without submit": modal(blocks=[field({"type": "plain_text_input", "action_id": "x"})]),
    "chart in a modal": modal(blocks=[chart()]),
    "table in a modal": modal(blocks=[table([[raw("a")]])]),
    "markdown in a modal": modal(blocks=[{"type": "markdown", "text": "x"}]),
    "markdown in Home": {"type": "home", "blocks": [{"type": "markdown", "text": "x"}]},
    "alert in Home": {"type": "home", "blocks": [{"type": "alert", "text": mrkdwn("x")}]},
    "submit in Home": {"type": "home", "blocks": [section()], "submit": plain("x")},
    "unknown field": modal(width="wide"),
    "too large": modal(blocks=[section(text=mrkdwn("x" * 3000)) for _ in range(90)]),
    "two focused fields": modal(
        submit=plain("Go"),
        blocks=[field({"type": "plain_text_input", "action_id": x, "focus_on_load": True}) for x in "ab"],
    ),
    "least above most": modal(
        submit=plain("Go"),
        blocks=[field({"type": "plain_text_input", "action_id": "x", "min_length": 9, "max_length": 3})],
    ),
}


@pytest.mark.parametrize("name", VIEWS)
def test_invalid_view_is_refused(name):
    """Modals and Home have members and blocks of their own."""
    assert check_view(VIEWS[name])


FIELDS = (
    {"type": "plain_text_input", "action_id": "x", "multiline": True, "max_length": 3000, "initial_value": ""},
    {"type": "number_input", "action_id": "x", "is_decimal_allowed": True, "min_value": "0"},
    {"type": "email_text_input", "action_id": "x"},
    {"type": "url_text_input", "action_id": "x"},
    {"type": "rich_text_input", "action_id": "x", "initial_value": RICH},
    {"type": "file_input", "action_id": "x", "max_files": 10},
    {"type": "checkboxes", "action_id": "x", "options": [choice()], "initial_options": [choice()]},
    {"type": "radio_buttons", "action_id": "x", "options": [choice(), choice("b")], "initial_option": choice()},
    {"type": "external_select", "action_id": "x", "min_query_length": 0, "initial_option": choice()},
    {"type": "multi_static_select", "action_id": "x", "options": [choice()], "max_selected_items": 1},
    {"type": "users_select", "action_id": "x", "initial_user": "U1"},
    {"type": "multi_channels_select", "action_id": "x", "initial_channels": ["C1"]},
    {
        "type": "conversations_select",
        "action_id": "x",
        "default_to_current_conversation": True,
        "filter": {"include": ["public"]},
    },
)


@pytest.mark.parametrize("element", FIELDS, ids=lambda one: one["type"])
def test_valid_fields_pass_in_a_modal(element):
    """Every kind of field may be asked for in a modal."""
    view = modal(submit=plain("Go"), close=plain("No"), callback_id="c", blocks=[field(element, optional=True)])
    assert check_view(view) == []


def test_valid_home_passes():
    """Home takes charts and tables beside the rest."""
    assert check_view({"type": "home", "blocks": [section(), chart(), data_table(), VALID["table"]]}) == []


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["type", "text", "blocks", "chart", "rows", "elements"]), json))
def test_anything_at_all_is_judged_without_a_crash(payload):
    """Whatever JSON comes, the checker answers with problems and does not raise."""
    assert isinstance(check_message({"blocks": [payload]}), list)
    assert isinstance(check_message(payload), list)
    assert check_view({**payload, "type": "modal"})


@settings(deadline=None)
@given(st.sampled_from(sorted(set(VALID) - {"data table of 201 rows"})), st.data())
def test_a_valid_block_with_one_thing_gone_wrong_is_refused(name, data):
    """Whatever member of a valid block is replaced by a thing of another type, the block is refused."""
    block = copy.deepcopy(VALID[name])
    spots = list(_spots(block))
    holder, key = data.draw(st.sampled_from(spots))
    holder[key] = data.draw(st.sampled_from([{"a": object()}, [[[]]], -1.5j]))
    assert check_blocks([block])


def _spots(value):
    """Every place in a payload at which something stands, the ignored null excepted."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _spots(inner)


@given(st.text(min_size=1, max_size=160))
def test_lengths_are_counted_in_characters(text):
    """A header is refused exactly when it has more than 150 characters."""
    assert bool(check_blocks([{"type": "header", "text": plain(text)}])) is (len(text) > 150)


@pytest.mark.parametrize("kind", sorted(schema().names("block")))
def test_a_block_refuses_members_it_does_not_have(kind):
    """Every kind of block refuses an unknown member."""
    surface = "modal" if kind == "alert" else "message"
    found = check_blocks([{"type": kind, "no_such_member": 1}], surface)
    assert any(one.pointer == "/blocks/0/no_such_member" for one in found)


@pytest.mark.parametrize(
    ("chunk", "sound"),
    [
        ({"type": "markdown_text", "text": "x" * 12_000}, True),
        ({"type": "markdown_text", "text": "x" * 12_001}, False),
        ({"type": "task_update", "id": "1", "title": "x", "status": "pending"}, True),
        ({"type": "task_update", "id": "1", "title": "x" * 257, "status": "pending"}, False),
        ({"type": "plan_update", "title": "x"}, True),
        ({"type": "blocks", "blocks": [{}] * 51}, False),
        ({"type": "image"}, False),
    ],
)
def test_chunks_of_a_stream_are_checked(chunk, sound):
    """A chunk of a stream has one of four types, each with its own lengths."""
    assert (check_chunks([chunk]) == []) is sound


def test_four_prompts_at_most_are_suggested():
    """An agent suggests one to four prompts, each with a title and a message."""
    prompt = {"title": "Spend", "message": "What did we spend?"}
    assert check_prompts([prompt] * 4) == []
    assert check_prompts([prompt] * 5)
    assert check_prompts([{"title": "Spend"}])


def test_every_rule_of_the_schema_is_in_the_notation():
    """Each definition compiles with all its members: a typing error in the tables does not wait for its block."""
    for category in set(schema().categories) - {"rule", "limits"}:
        for name in schema().names(category):
            table = schema().get(category, name)
            for rule in (*table.get("required", {}).values(), *table.get("optional", {}).values()):
                schema().rule(rule.rpartition(" of ")[2] if rule.startswith("list") and "one of" not in rule else rule)
            schema().definition(f"{category}.{name}")
    for name in schema().names("rule"):
        schema().rule(name)


@pytest.mark.parametrize("text", ["strings 3", "list of", "integer", "element.knob"])
def test_a_rule_outside_the_notation_is_an_error(text):
    """A rule that nothing defines is refused when it is read."""
    with pytest.raises((ValueError, KeyError)):
        schema().rule(text)([1], "")


def test_it_is_usable_without_the_bot():
    """Building and checking needs the standard library alone: no other room and no package is imported."""
    code = (
        "import sys; import bot.blockkit.build, bot.blockkit.validate as v; v.check_message({'text': 'x'});"
        "print([m for m in sys.modules if m.split('.')[0] in {'slack_sdk', 'pydantic', 'slack_bolt'}"
        " or (m.startswith('bot.') and not m.startswith('bot.blockkit'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
