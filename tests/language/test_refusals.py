"""What cannot be read gets one clear sentence, and never a number for something else."""

from datetime import date

import pytest

from bot.domain.errors import NotUnderstood
from bot.language import Vocabulary, read

TODAY = date(2026, 11, 22)


def refusal(text, vocabulary, previous=None):
    """The refusal that a text meets."""
    with pytest.raises(NotUnderstood) as caught:
        read(text, today=TODAY, vocabulary=vocabulary, previous=previous)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "?!", "…", ":tada: :rocket:", "👍🏽", "<!channel>", "<@U02ABCDEF>", "\x00\x07\x1b", "\u202e\u200f",
        "x" * 5_000, "aws " * 1_250, "'; DROP TABLE charges; --", "SELECT * FROM focus", "a", "the",
    ],
)  # fmt: skip
def test_nothing_to_read_is_one_sentence_and_a_hint(text, vocabulary):
    """Empty, endless, control characters, emoji, a mention, SQL: one line to say so and one on what to do."""
    error = refusal(text, vocabulary)
    assert error.message.endswith(".")
    assert "\n" not in str(error)
    assert len(str(error)) < 400
    assert error.hint


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("heroku last month", "heroku"),
        ("aws + cloudflare last week", "cloudflare"),
        ("claude-opus-9 this month", "claude-opus-9"),
        ("opus 9 this month", "opus 9"),
        ("cost in us-east-7", "us-east-7"),
        ("spend by department", "department"),
        ("costs of account 999999999999", "999999999999"),
        ("spend of the platform team", "platform"),
        ("team:payments last week", "payments"),
        ("borealis-lake costs", "borealis-lake"),
        ("gpt-4 tokens", "gpt-4"),
        ("DocumentDB costs", "DocumentDB"),
        ("aws last month for INV-2026-77", "INV-2026-77"),
        ("שלום", "שלום"),
    ],
)
def test_an_unknown_word_is_named_and_never_dropped(text, word, vocabulary):
    """A word that fits nothing is said back, whole; a total for everything is never given in its place."""
    error = refusal(text, vocabulary)
    assert word in error.unknown
    assert word in error.message


def test_the_closest_names_are_offered(vocabulary):
    """Who mistypes a name is told the names that are nearest."""
    assert "orion-staging" in refusal("spend of orion-stagnant", vocabulary).suggestions


@pytest.mark.parametrize("text", ["feb 30", "2026-13-45", "31 april 2026", "aws on 2026-02-29", "00/00/2026"])
def test_a_day_that_does_not_exist_is_no_period(text, vocabulary):
    """The calendar decides, and the sentence says so."""
    assert "no" in refusal(text, vocabulary).message.split()


@pytest.mark.parametrize(
    "text",
    [
        "cost on 9999-12-31",
        "aws 0001-01-01",
        "cost from 2026-01-01 to 9999-12-31",
        "cost 9999-12",
        "cost on 31.12.9999",
    ],
)
def test_a_day_that_no_bill_has_is_refused(text, vocabulary):
    """Days at the ends of what a computer calls a date are named, whatever is counted on from them."""
    assert refusal(text, vocabulary).message.startswith("No bill covers ")


@pytest.mark.parametrize(
    "text",
    ["list services, regions and accounts", "price by model by region by team", "forecast by team, env and service"],
)
def test_three_breakdowns_are_refused_whatever_is_asked(text, vocabulary):
    """None is left out without a word, and none breaks the reading."""
    assert "by two things at a time" in refusal(text, vocabulary).message


def test_a_price_of_nothing_is_refused(vocabulary):
    """A price of no quantity at all is refused in a sentence."""
    assert "has no price" in refusal("what do 0M tokens cost on claude opus", vocabulary).message


@pytest.mark.parametrize(
    "text", ["from 2026-11-05 to 2026-11-01", "aws between nov 10 and nov 5", "from october 2026 to march 2026"]
)
def test_a_period_that_ends_before_it_starts_is_refused(text, vocabulary):
    """It is not turned around, and not moved to another year."""
    assert "ends before it starts" in refusal(text, vocabulary).message


def test_two_periods_that_are_not_one_are_refused(vocabulary):
    """September and November are no period; the hint shows how to compare them."""
    assert "vs" in refusal("aws in september and november", vocabulary).hint


def test_more_than_two_breakdowns_are_refused(vocabulary):
    """A question breaks down by two dimensions at most."""
    assert "two" in refusal("cost by team, service and region", vocabulary).message


@pytest.mark.parametrize("text", ["untagged spend", "costs without tags"])
def test_untagged_asks_which_tag(text, vocabulary):
    """Merely "untagged" could be any tag: the known ones are named."""
    assert "team" in refusal(text, vocabulary).hint


def test_what_has_no_order_is_refused(vocabulary):
    """There is no ranking from the bottom, so "cheapest" is not read as "dearest"."""
    assert "cheapest" in refusal("cheapest service", vocabulary).unknown


def test_providers_and_services_are_not_added_up(vocabulary):
    """A sum of "GCP and Bedrock" would be zero as two filters, so it is refused."""
    assert refusal("gcp and bedrock last month", vocabulary).unknown == ("gcp", "bedrock")


def test_a_period_before_the_ledger_is_a_fine_question(vocabulary):
    """That nothing is known of it is for the answer to say."""
    question = read("aws in 2019", today=TODAY, vocabulary=vocabulary).question
    assert (question.period.start, question.period.end) == (date(2019, 1, 1), date(2020, 1, 1))


@pytest.mark.parametrize(
    ("text", "by", "filters"),
    [
        ("gross margin last month", ("ServiceName",), ()),
        ("what do pods cost on aws", ("ServiceName",), ("ServiceProviderName",)),
        ("what is our margin by team", ("Tags/team",), ()),
    ],
)
def test_what_is_not_answered_leads_to_the_nearest_that_is(text, by, filters, vocabulary):
    """A request that is not for a cost bot is offered what it is about, as costs."""
    reading = read(text, today=TODAY, vocabulary=vocabulary)
    assert reading.question.kind == "unsupported"
    (nearest,) = reading.alternatives
    assert (nearest.question.kind, nearest.question.by) == ("cost", by)
    assert tuple(item.dimension for item in nearest.question.where) == filters
    assert nearest.label


def test_a_tag_that_companies_have_and_this_one_lacks_is_answered_with_its_tags(vocabulary):
    """Whoever asks by business unit learns what there is to ask by."""
    error = refusal("business unit costs", vocabulary)
    assert error.message == "This ledger has no tag or label for 'business unit'."
    assert error.hint == 'Available: team, env, cost-center, project. Ask for example: "spend by team".'
    tagged = Vocabulary([("Tags/BusinessUnit", "Retail", 3, ())], tag_keys=("BusinessUnit",))
    assert read("business unit costs", today=TODAY, vocabulary=tagged).question.by == ("Tags/BusinessUnit",)


@pytest.mark.parametrize("text", ["cloud run costs", "clod run costs"])
def test_a_service_that_a_ledger_lacks_does_not_pass_for_small_words(text, vocabulary):
    """Cloud and run say nothing by themselves; together they are a service, and no total for everything."""
    assert refusal(text, vocabulary).unknown == (text.removesuffix(" costs"),)
