"""Names that a team teaches: what they may be, and what they do to questions."""

from datetime import date

import pytest

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter
from bot.language import Vocabulary, read
from bot.language.teaching import parts, shown, taught, used

TODAY = date(2026, 11, 22)
PROD = Filter(dimension="SubAccountName", values=("orion-prod",))
BOTH = (PROD, Filter(dimension="ServiceName", values=("AWS Lambda",)))


@pytest.fixture
def bill(vocabulary):
    """The invented company's names, without any taught ones."""
    return Vocabulary(vocabulary._entries)


@pytest.fixture
def taught_bill(vocabulary):
    """The same, with a name for an account and one for two filters."""
    return Vocabulary(vocabulary._entries, taught={"blue cluster": (PROD,), "zebra": BOTH, "moon base": (HIDDEN,)})


HIDDEN = Filter(dimension="SubAccountName", values=("not in this bill",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"blue cluster" = orion-prod', ("blue cluster", "orion-prod")),
        ("“blue cluster” = “orion prod”", ("blue cluster", "orion prod")),
        ("blue cluster=lambda in orion-prod", ("blue cluster", "lambda in orion-prod")),
    ],
)
def test_an_alias_is_a_phrase_and_what_it_stands_for(text, found):
    """Quotes of any kind, or none, around either side."""
    assert parts(text) == found


@pytest.mark.parametrize("text", ["", "blue cluster", "= x", "x ="])
def test_half_an_alias_is_refused(text):
    """A side that is missing is said, with an example."""
    with pytest.raises(NotUnderstood, match="equals sign"):
        parts(text)


@pytest.mark.parametrize(
    "phrase",
    [
        "last month",
        "cluster",
        "by",
        "trend",
        "total",
        "the",
        "tomorrow",
        "monday",
        "per day",
        "top 5",
        "montly",
        "on demand price",
    ],
)
def test_no_alias_hides_a_word_of_the_language(phrase, bill):
    """What questions are made of keeps its meaning, slips of the finger included."""
    with pytest.raises(NotUnderstood, match="would hide it"):
        taught(phrase, "orion-prod", today=TODAY, vocabulary=bill)


@pytest.mark.parametrize("phrase", ["aws", "kepler", "s3", "bigquery", "team", "gpt-5"])
def test_no_alias_hides_a_name_of_the_bill(phrase, bill):
    """A name that the bills know is that name."""
    with pytest.raises(NotUnderstood, match=r"know already|has a meaning|hide it"):
        taught(phrase, "orion-prod", today=TODAY, vocabulary=bill)


@pytest.mark.parametrize(
    "phrase", ["", "x" * 61, "a $5 thing", "one two three four five six seven eight nine ten eleven"]
)
def test_what_is_no_phrase_is_refused(phrase, bill):
    """Nothing, too much, and signs."""
    with pytest.raises(NotUnderstood):
        taught(phrase, "orion-prod", today=TODAY, vocabulary=bill)


@pytest.mark.parametrize(
    "expression",
    ["last month", "orion-prod last month", "by team", "blarg", "top 5 accounts", "aws vs gcp", "tax", "spend"],
)
def test_an_alias_stands_for_names_alone(expression, bill):
    """Days, breakdowns and unknown words are refused, and the message says why."""
    with pytest.raises(NotUnderstood):
        taught("blue cluster", expression, today=TODAY, vocabulary=bill)


def test_an_expression_is_what_its_words_mean(bill):
    """The right side is read as a question's names are: one filter, or several."""
    assert taught("The Blue Cluster", "orion-prod", today=TODAY, vocabulary=bill)[::2] == ("blue cluster", (PROD,))
    found = taught("zebra", "lambda in orion-prod", today=TODAY, vocabulary=bill).filters
    assert set(found) == set(BOTH)
    assert taught("not stage", "everything except orion-staging", today=TODAY, vocabulary=bill).filters[0].exclude


def test_a_taught_name_is_read_as_its_names(taught_bill, bill):
    """A question with it is the question with what it stands for."""

    def question(words, vocabulary):
        return read(words, today=TODAY, vocabulary=vocabulary).question

    for mine, plain in (
        ("the blue cluster's costs last month", "orion-prod's costs last month"),
        ("blue cluster vs orion-staging in october", "orion-prod vs orion-staging in october"),
        ("everything but the blue cluster by service", "everything but orion-prod by service"),
        ("zebra by region", "lambda in orion-prod by region"),
        ("what percentage of october is zebra", "what percentage of october is lambda in orion-prod"),
    ):
        one, other = question(mine, taught_bill), question(plain, bill)
        assert sorted(one.where, key=str) == sorted(other.where, key=str), mine
        assert one.model_copy(update={"where": ()}) == other.model_copy(update={"where": ()}), mine


@pytest.mark.parametrize(
    "words",
    [
        "zebra and kepler team",
        "zebra vs orion-staging",
        "without zebra",
        "zebra in orion-staging",
        "zebra and dynamodb",
    ],
)
def test_several_filters_are_never_joined_with_others_of_their_kind(words, taught_bill):
    """A sum that the words do not say is never given: what cannot hold together is refused, by name."""
    with pytest.raises(NotUnderstood) as refused:
        read(words, today=TODAY, vocabulary=taught_bill)
    assert "zebra" in refused.value.unknown


def test_a_name_for_what_somebody_may_not_see_is_unknown_to_them(taught_bill):
    """A taught name whose values are none of the vocabulary's is a word like any other."""
    with pytest.raises(NotUnderstood) as refused:
        read("moon base costs", today=TODAY, vocabulary=taught_bill)
    assert "moon" in " ".join(refused.value.unknown)
    assert "moon base" not in taught_bill.taught


def test_the_names_that_a_reading_used_are_told(taught_bill):
    """Only those that stand in the text and are in the question."""
    reading = read("zebra by region", today=TODAY, vocabulary=taught_bill)
    found = used("Zebra by region?", reading.question, taught_bill)
    assert [(phrase, shown(filters)) for phrase, filters in found] == [("zebra", "orion-prod · AWS Lambda")]
    other = read("kepler team by region", today=TODAY, vocabulary=taught_bill)
    assert used("kepler team by region", other.question, taught_bill) == []
