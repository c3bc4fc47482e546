"""Which lines of the grammar and the lexicon no sentence of the tests uses.

``python -m scripts.language_coverage`` reads the corpus and ``tests/language/coverage.jsonl``, and lists the lines of
``lexicon.toml`` (a symbol with what it says) and productions of ``grammar.toml`` that stand in none of their readings.
``--write`` keeps the few sentences that use them all in ``tests/language/witnesses.jsonl``, which are all that the
tests read.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources import files
from typing import NamedTuple

import click

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.language import Vocabulary, describe, read_thread
from bot.language.lexicon import lexicon
from scripts.language_figures import CORPUS, rows, vocabulary

COVERAGE = CORPUS.parent / "coverage.jsonl"
WITNESSES = CORPUS.parent / "witnesses.jsonl"
REFUSING = frozenset(
    ("as_of", "bottom", "cannot", "cheap", "in_any_date", "measured_money", "mention", "most_used", "order",
     "ordinal_rank", "reaching", "share_of_change", "two_currencies", "two_limits", "with_or_without",
     "yearly", "unsupported")
)  # fmt: skip
"""Productions and symbols that only refuse, so that they stand in no reading."""
_WORD = re.compile(r"\w+|[^\w\s'’.,/-]")
Line = tuple[str, str]
"""A symbol of the lexicon and what the line says."""
Asked = tuple[tuple[str, ...], str]
"""A thread and the day it is of."""


def lines() -> dict[Line, set[str]]:
    """The phrases of every line of the lexicon, but for the closed list of words that say nothing."""
    found: dict[Line, set[str]] = {}
    for lexemes in lexicon().by_first.values():
        for lexeme in lexemes:
            if lexeme.symbol not in {"light", "function"}:
                found.setdefault((lexeme.symbol, lexeme.value), set()).add(folded(" ".join(lexeme.words)))
    return found


def productions() -> set[str]:
    """The names of the grammar's productions."""
    return set(tomllib.loads(files("bot.language").joinpath("grammar.toml").read_text("utf-8")))


def sentences() -> Iterator[Asked]:
    """The threads of the corpus, what its readings say of themselves, and the sentences that are there for coverage."""
    for path in (*sorted(CORPUS.glob("*.jsonl")), COVERAGE):
        for row in rows(path):
            yield (*row.get("thread", ()), row["text"]), row["today"]
            for label in row["accept"]:
                if "error" not in label:
                    yield (describe(Question.model_validate(label)),), row["today"]


def witnesses() -> Iterator[Asked]:
    """The kept sentences that together use everything."""
    for row in rows(WITNESSES):
        yield tuple(row["thread"]), row["today"]


class Coverage(NamedTuple):
    """The productions and the lines that no sentence uses, and the sentences that were the first to use another."""

    productions: list[str]
    lines: list[Line]
    first: list[Asked]


def unused(known: Vocabulary, asked: Iterable[Asked]) -> Coverage:
    """What no sentence uses; of what only refuses, that no refused one says."""
    missing, left = productions() - REFUSING, lines()
    first: list[Asked] = []
    for thread, today in asked:
        before = len(missing) + len(left)
        try:
            tree = read_thread(thread, today=date.fromisoformat(today), vocabulary=known).tree
        except NotUnderstood:
            tree = ()
        if not tree:
            text = f" {folded(thread[-1])} "
            spoken = [line for line in left if line[0] in REFUSING and any(f" {item} " in text for item in left[line])]
        else:
            found = [node for part in tree for node in part.walk()]
            missing -= {node.name for node in found}
            words = {(node.name, folded(node.text)) for node in found if not node.children}
            spoken = [line for line in left if any((line[0], phrase) in words for phrase in left[line])]
        for line in spoken:
            del left[line]
        if len(missing) + len(left) < before:
            first.append((thread, today))
    return Coverage(sorted(missing), sorted(left), first)


def folded(text: str) -> str:
    """The words of a text alone, in small letters."""
    return " ".join(_WORD.findall(text.casefold()))


@click.command(help=(__doc__ or "").splitlines()[0])
@click.option("--write", is_flag=True, help="Keep the sentences that use everything.")
def main(*, write: bool) -> None:
    """List what is not used."""
    known = vocabulary()
    found = unused(known, sentences())
    click.echo(f"productions: {', '.join(found.productions) or 'all used'}")
    click.echo("lines: " + (", ".join(f"{symbol} {value}".strip() for symbol, value in found.lines) or "all used"))
    if write:
        fewer = unused(known, reversed(found.first)).first
        text = "".join(json.dumps({"thread": thread, "today": day}, ensure_ascii=False) + "\n" for thread, day in fewer)
        WITNESSES.write_text(text, "utf-8")
        click.echo(f"{len(fewer)} sentences kept")


if __name__ == "__main__":
    main()
