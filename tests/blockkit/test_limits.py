"""Every length and number of Slack's reference has its rule, and the rule holds to the last character."""

import re

import pytest

from bot.blockkit.notation import schema

LIMITS = """
block.header.text 150
block.section.text 3000
block.section.fields 10
block.context.elements 10
block.actions.elements 25
block.image.alt_text 2000
block.image.title 2000
block.input.label 2000
block.input.hint 2000
block.video.title 199
block.video.author_name 49
block.markdown.text 12000
block.table.rows 100
block.table.column_settings 20
block.data_table.rows 201
block.data_visualization.title 50
block.alert.text 200
block.card.title 150
block.card.subtitle 150
block.card.body 200
block.card.subtext 200
block.card.actions 3
block.carousel.elements 10
block.container.title 150
block.container.subtitle 150
block.container.child_blocks 10
block.context_actions.elements 5
block.plan.tasks 50
chart.pie.segments 12
chart.bar.series 12
object.series.name 20
object.series.data 20
object.point.label 20
object.segment.label 20
object.axes.categories 20
object.axes.x_label 50
object.axes.y_label 50
fields.block.block_id 255
fields.action.action_id 255
element.button.text 75
element.button.value 2000
element.button.accessibility_label 75
element.button.agent_prompt 4000
element.button.visible_to_user_ids 10
element.icon_button.visible_to_user_ids 10
fields.menu.placeholder 150
fields.static_options.options 100
fields.static_options.option_groups 100
element.overflow.options 5
element.checkboxes.options 10
element.radio_buttons.options 10
object.option.text 75
object.option.value 150
object.option.description 75
object.confirm.title 100
object.confirm.text 300
object.confirm.confirm 30
object.confirm.deny 30
object.feedback_button.text 75
object.feedback_button.value 2000
fields.view.blocks 100
fields.view.private_metadata 3000
fields.view.callback_id 255
fields.view.external_id 255
view.modal.title 24
view.modal.submit 24
view.modal.close 24
object.message.text 40000
object.message.markdown_text 12000
object.message.attachments 100
chunk.markdown_text.text 12000
chunk.blocks.blocks 50
"""
"""Lengths in characters, and numbers of items: docs.slack.dev, the page of each block, element and method."""
RANGES = """
block.header.level 1 4
block.data_table.page_size 1 100
element.plain_text_input.max_length 1 3000
element.file_input.max_files 1 10
rich.rich_text_list.indent 0 8
"""
TOGETHER = {
    "blocks": {"message": 50, "modal": 100, "home": 100},
    "of_type": {"data_visualization": 2},
    "characters": {"table": 10_000, "data_table": 20_000, "markdown": 12_000},
    "bytes": {"view": 250_000},
}
"""What counts over a whole payload."""


def rule_of(place):
    """The rule of a member, as the tables have it; a list's without what its items must be."""
    category, name, member = place.split(".")
    table = schema().get(category, name)
    rule = {**table.get("required", {}), **table.get("optional", {})}[member]
    return re.sub(r"^(list \S+) of .*", r"\1 of anything", rule)


def sized(rule, size):
    """A value of that kind and size."""
    kind, text = rule.split()[0], "x" * size
    if kind == "list":
        return [1] * size
    return text if kind == "string" else {"type": "plain_text" if kind == "text" else kind, "text": text}


@pytest.mark.parametrize("line", LIMITS.split("\n")[1:-1])
def test_a_limit_holds_to_the_last_character(line):
    """At the limit nothing is wrong; one more is refused."""
    place, limit = line.split()
    rule = rule_of(place)
    check = schema().rule(rule)
    assert not list(check(sized(rule, int(limit)), ""))
    assert list(check(sized(rule, int(limit) + 1), ""))


@pytest.mark.parametrize("line", RANGES.split("\n")[1:-1])
def test_a_number_stays_within_its_range(line):
    """Both bounds are allowed; what lies beyond is refused."""
    place, low, high = line.split()
    check = schema().rule(rule_of(place))
    assert not [problem for number in (int(low), int(high)) for problem in check(number, "")]
    assert all(list(check(number, "")) for number in (int(low) - 1, int(high) + 1))


def test_what_counts_over_a_payload_is_as_documented():
    """Blocks, charts, characters of tables and markdown, and the bytes of a view."""
    assert {name: dict(schema().get("limits", name)) for name in schema().names("limits")} == TOGETHER
