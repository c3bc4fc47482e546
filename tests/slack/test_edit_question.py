"""The form that changes a question: what it holds at first is the question, and only what is changed changes."""

import pytest

from bot.domain.question import Question
from bot.slack.modals import edit_question
from scripts.language_figures import CORPUS, rows
from simulators.slack.forms import initial_state


@pytest.fixture(scope="module")
def questions():
    """Every question that a label of the corpus accepts."""
    labels = [label for path in sorted(CORPUS.glob("dev-*.jsonl")) for row in rows(path) for label in row["accept"]]
    meant = {Question.model_validate(label) for label in labels if "error" not in label}
    kinds = {kind for kind, _ in edit_question.KINDS}
    return sorted((question for question in meant if question.kind in kinds), key=repr)


def opened(question, memory):
    """The values of the form as it opens for a question."""
    return initial_state(edit_question.view(question, memory, ["team", "environment"], ""))


def test_a_form_sent_as_it_opened_asks_the_same_question(questions, memory):
    """Nothing of a question is lost by looking at its parts."""
    assert len(questions) > 300
    for question in questions:
        assert edit_question.read(memory, opened(question, memory), question) == question


def test_what_the_form_does_not_show_stays_when_something_else_is_changed(memory):
    """An average stays an average when its days are changed; what fits no longer goes."""
    question = Question.model_validate(
        {"period": {"start": "2026-10-01", "end": "2026-11-01"}, "average": "day", "grain": "day", "cumulative": True}
    )
    state = opened(question, memory)
    state["grain"]["grain"] = {"type": "static_select", "selected_option": None}
    changed = edit_question.read(memory, state, question)
    assert changed.average == "day"
    assert not changed.cumulative
