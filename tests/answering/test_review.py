"""A month in review: facts that are the answers to their questions, the most money first."""

from datetime import date

import pytest
from answers_ledger import TODAY
from test_recorded_answers import opened

from bot.digests.builder import build
from bot.digests.content import DigestContext
from bot.digests.model import Digest
from bot.digests.period import times
from bot.digests.review import money_of, review
from bot.domain.scope import EVERYTHING
from bot.render.answer_json import answer_json
from bot.render.digest import review_lines
from bot.render.slack import digest_message
from bot.slack.listeners.review import message


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Who answers, over a ledger with something of everything."""
    return opened(tmp_path_factory.mktemp("review") / "ledger.db")


@pytest.mark.parametrize("month", [date(2026, 10, 1), date(2026, 11, 1)])
def test_every_fact_is_the_answer_to_its_question_to_the_last_digit(service, month):
    """Asked in the words that the review gives, each question has the very figures that the review has."""
    content = review(service, month, TODAY)
    facts = [detail for detail in content.details if detail.result]
    assert 5 <= len(facts) <= 10
    for fact in facts:
        again = service.ask(fact.result.read_as, today=TODAY)
        assert again.question == fact.result.question
        assert answer_json(again.answer) == answer_json(fact.result.answer)


def test_the_most_money_comes_first_after_the_total(service):
    """Facts are in order of the money they are about; what says nothing is left out."""
    content = review(service, date(2026, 10, 1), TODAY)
    sizes = [money_of(detail.result.question, detail.result.answer) for detail in content.details]
    assert content.details[0].asked == "In total"
    assert sizes[1:] == sorted(sizes[1:], reverse=True)
    assert all(sizes)


def test_a_digest_may_be_a_review(service):
    """One message with a line a fact; the answers stand in its thread."""
    digest = Digest(name="review", channel="#costs", cron="0 9 2 * *", review=True)
    context = DigestContext(service, EVERYTHING, times("month", date(2026, 11, 2)))
    content = build(digest, "2026-10", context)
    facts = review(service, date(2026, 10, 1), date(2026, 11, 2)).details
    assert [detail.asked for detail in content.details] == [detail.asked for detail in facts]
    first, *thread = digest_message.draw(content)
    assert len(thread) == len(content.details)
    assert all(detail.asked in first.text or detail.asked == "In total" for detail in content.details)


def test_the_review_in_slack_is_one_message_with_its_questions(service):
    """Every line names the question, in words that can be asked."""
    content = review(service, date(2026, 10, 1), TODAY)
    drawn = message(content)
    assert drawn.text.startswith("October 2026 in review")
    assert all(
        detail.result.read_as in line for detail, line in zip(content.details, review_lines(content), strict=True)
    )
