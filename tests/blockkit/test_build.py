"""What is built is what Slack takes, whatever text it is built from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blockkit import build
from bot.blockkit.validate import check_message, check_view

WORDS = st.builds(str.__mul__, st.text(max_size=40), st.sampled_from([1, 1, 5, 100]))
"""Texts of up to 4,000 characters."""


@settings(max_examples=50, deadline=None)
@given(WORDS)
def test_blocks_of_any_text_are_valid(text):
    """Whatever text of a person or a vendor goes in, the blocks that come out keep Slack's lengths."""
    menu = build.overflow("menu", [(text, "a"), (text, "b")])
    blocks = [
        build.header(text),
        build.paragraph(text, menu),
        build.section(build.escape(text) or "x", build.button(text, "go", style="primary")),
        build.rich_text(build.run(text, bold=True), build.mention("C1"), build.mention("U1"), build.mention(text)),
        build.emphasized(text, text[1:3]),
        build.bullets(text, [text, "x"]),
        build.code(text or "x"),
        build.data_table("Top", [[build.text_cell("Service")], [build.text_cell(text)]]),
        *build.small(text, text, text),
        *build.actions(build.button(text, "other"), {"action_id": "s", **build.select([("v", text)], "v")}),
    ]
    assert check_message({"text": "x", "blocks": blocks}) == []


@settings(max_examples=25, deadline=None)
@given(WORDS)
def test_a_modal_of_any_text_is_valid(text):
    """Titles, labels and hints are cut to what Slack takes."""
    field = build.input_block("name", text, {"type": "plain_text_input"}, hint=text)
    assert check_view(build.modal("x", text, [field], submit="Save", metadata="{}")) == []
    assert check_view(build.modal("x", text, [build.paragraph(text)])) == []


@pytest.mark.parametrize("name", ["*bold*", "a_b_c", "~x~", "`x`", "<!channel>", "<https://x|y>", ":tada:", "&amp;"])
def test_a_name_in_plain_or_rich_text_stays_as_it_is(name):
    """No character of a name is markup in plain or rich text: it is handed over as it is, with emoji off."""
    assert build.paragraph(name)["text"] == {"type": "plain_text", "text": name, "emoji": False}
    assert build.rich_text(build.run(name))["elements"][0]["elements"] == [{"type": "text", "text": name}]


def test_small_print_is_packed_into_few_blocks():
    """Lines share a context block as long as it holds them, and empty ones are left out."""
    assert build.small("", "") == []
    assert len(build.small("a", "", "b")) == 1
    assert len(build.small("a" * 1500, "b" * 1500)) == 2


def test_cut_text_ends_in_an_ellipsis():
    """A text that is too long shows that it goes on."""
    assert build.cut("abcdef", 4) == "abc…"
    assert build.cut("abcd", 4) == "abcd"
