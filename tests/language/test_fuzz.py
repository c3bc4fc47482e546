"""Nothing a person types may crash the reading."""

from datetime import date

from chance import seeded
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import CostError
from bot.language import read

TODAY = date(2026, 11, 22)
MUTATED = 600
"""Texts; a hundred thousand, with their times, in benchmarks/language.py."""


def survives(text, vocabulary):
    """Whether a text is read, or refused in a sentence; anything else is raised."""
    try:
        read(text, today=TODAY, vocabulary=vocabulary)
    except CostError as error:
        return bool(error.message)
    return True


@settings(max_examples=120, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_read_or_refused(text, vocabulary):
    """Of all characters there are, in any order, none ends in anything but a question or a refusal."""
    assert survives(text, vocabulary)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_our_own_words_in_any_order_are_read_or_refused(data, vocabulary, sentences):
    """The words of real sentences, shuffled together, do not trip each other up."""
    words = sorted({word for row in sentences for word in row["text"].split()})
    text = " ".join(data.draw(st.lists(st.sampled_from(words), max_size=20)))
    assert survives(text, vocabulary)


def test_mutated_sentences_are_read_or_refused(vocabulary, sentences):
    """Real sentences with characters lost, swapped and thrown in are read or refused."""
    chance = seeded(22)
    texts = [row["text"] for row in sentences]
    assert all(survives(mutated(chance.choice(texts), chance, texts), vocabulary) for _ in range(MUTATED))


def mutated(text, chance, texts):
    """The text after a few accidents."""
    letters = list(text)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(letters) + 1)
        match chance.randrange(4):
            case 0 if letters:
                letters.pop(min(at, len(letters) - 1))
            case 1:
                letters.insert(at, chance.choice("abcdefgh 0123456789$%<>&:*_`-/#@'\"|,.;()"))
            case 2 if len(letters) > 1:
                other = chance.randrange(len(letters) - 1)
                letters[other : other + 2] = letters[other : other + 2][::-1]
            case _:
                letters[at:at] = chance.choice(texts)[: chance.randint(1, 60)]
    return "".join(letters)
