"""Lines are made when they are looked at."""

from __future__ import annotations

from decimal import Decimal

from bot.domain.answers import CostAnswer, Line, Lines
from bot.render.answer_json import answer_json


def made(size):
    """Lines, and which of them were made."""
    seen = []

    def line(place):
        seen.append(place)
        return Line(key={"ServiceName": f"s{place}"}, currency="USD", amount=Decimal(place))

    return Lines(size, line), seen


def test_only_what_is_looked_at_is_made_and_only_once():
    """An answer of thousands of lines costs what is shown of it."""
    lines, seen = made(5000)
    answer = CostAnswer(lines=lines)
    assert [line.amount for line in answer.lines[:2]] == [0, 1]
    assert answer.lines[0] is answer.lines[0]
    assert answer.lines[-1].amount == 4999
    assert (seen, len(answer.lines)) == ([0, 1, 4999], 5000)


def test_lines_are_as_good_as_a_tuple_of_them():
    """They iterate, compare and turn into JSON as a tuple does."""
    lines, _ = made(3)
    result = CostAnswer(lines=lines)
    plain = CostAnswer(lines=tuple(lines))
    assert result == plain
    assert plain == result
    assert answer_json(result) == answer_json(plain)
    assert bool(made(0)[0]) is False
