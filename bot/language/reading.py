"""What comes of reading a text: the question, how it came about, and what else it could have meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from bot.domain.question import Question


class Customs(Struct, frozen=True):
    """How the asker writes: the day weeks start on (0 is Monday), the order of 11/03, fiscal years, holidays."""

    week_start: int = 0
    date_order: Literal["MDY", "DMY", "YMD"] = "MDY"
    fiscal_month: int | None = None
    """1 to 12; None where it is not set, and then fiscal years are refused."""
    country: str = ""
    """ISO 3166: whose public holidays are read by name; none where it is empty."""


class Alternative(Struct, frozen=True):
    """Another plausible reading, and what to call it."""

    label: str
    question: Question
    equal: bool = False
    """Nothing in the words says that the reading beside it is meant before this one."""


class Word(Struct, frozen=True):
    """What a phrase of the text became: ``spend ask --explain-reading``."""

    text: str
    start: int
    end: int
    meaning: str


class Node(Struct, frozen=True):
    """A part of the tree over a text: a production, or the symbol of a word, with the words it spans."""

    name: str
    text: str
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class Reading(Struct, frozen=True):
    """A question, and how it came about. ``text`` are the words without markup.

    ``tree`` has a node for each part of the sentence.
    ``read_by`` names the language model that read it, where it was not the grammar.
    """

    question: Question
    alternatives: tuple[Alternative, ...] = ()
    words: tuple[Word, ...] = ()
    notes: tuple[str, ...] = ()
    text: str = ""
    read_by: str = ""
    tree: tuple[Node, ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        """Of a question that is not answered here: the phrases that meant nothing, with what of it is not answered."""
        found: list[list[Word]] = []
        for word in self.words if self.question.kind == "unsupported" else ():
            if word.meaning not in {"unknown", "unsupported"}:
                continue
            if found and word.start - found[-1][-1].end <= 1:
                found[-1].append(word)
            else:
                found.append([word])
        return tuple(
            self.text[run[0].start : run[-1].end] for run in found if any(word.meaning == "unknown" for word in run)
        )
