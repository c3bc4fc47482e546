"""The typed words of the language, from ``lexicon.toml``: each phrase has a symbol of the grammar and a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct

from bot.table_cache import read_table

_PLURAL_SYMBOL: Final = "dim"
_CONTRACTED: Final = frozenset(("whats", "hows", "wheres", "whos"))
"""Words that are cut before their s where an apostrophe stands."""
_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\S")
FUNCTION: Final = frozenset(("light", "function"))
"""Symbols of words that say nothing of what is asked; ``light`` ones may stand inside a phrase."""


class Lexeme(NamedTuple):
    """A phrase: its words, the grammar's symbol for it, what it says, and whether it is a plural."""

    words: tuple[str, ...]
    symbol: str
    value: str
    plural: bool = False


class Lexicon(Struct, frozen=True, eq=False):
    """Phrases by their first word, and every single word that stands in one."""

    by_first: dict[str, tuple[Lexeme, ...]]
    words: frozenset[str]
    single: frozenset[str]
    """The words that are a phrase by themselves."""
    function_words: frozenset[str]
    content: frozenset[str]
    """The words of phrases that are not function words: what a slip of the finger may have meant."""


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    return read_table(__file__, "lexicon", Lexicon, _read)


@cache
def shipped_aliases() -> dict[str, dict[str, list[str]]]:
    """The aliases that ship: names of a dimension by what people call them."""
    return read_table(__file__, "aliases", dict[str, dict[str, list[str]]], dict)


def fill_cache() -> None:
    """Read every table of the language once, so that the first start finds them kept."""
    from bot.language.grammar import rules  # it is built of these words

    lexicon()
    shipped_aliases()
    rules()


def _read(tables: Mapping[str, Mapping[str, str]]) -> Lexicon:
    by_first: dict[str, dict[Lexeme, None]] = {}
    for symbol, values in tables.items():
        for value, listed in values.items():
            for phrase in listed.split(","):
                words = tuple(_TOKEN.findall(phrase))
                if not words:
                    continue
                for lexeme in _forms(words, symbol, value):
                    by_first.setdefault(lexeme.words[0], {})[lexeme] = None
    every = [lexeme for lexemes in by_first.values() for lexeme in lexemes]
    return Lexicon(
        {first: tuple(lexemes) for first, lexemes in by_first.items()},
        frozenset(word for lexeme in every for word in lexeme.words),
        frozenset(lexeme.words[0] for lexeme in every if len(lexeme.words) == 1),
        frozenset(lexeme.words[0] for lexeme in every if lexeme.symbol in FUNCTION and len(lexeme.words) == 1),
        frozenset(word for lexeme in every if lexeme.symbol not in FUNCTION for word in lexeme.words),
    )


def _forms(words: tuple[str, ...], symbol: str, value: str) -> list[Lexeme]:
    """The phrase, and its plural where it names a dimension."""
    if symbol != _PLURAL_SYMBOL:
        spoken = [Lexeme((words[0][:-1], *words[1:]), symbol, value)] if words[0] in _CONTRACTED and words[1:] else []
        return [Lexeme(words, symbol, value), *spoken]
    *first, last = words
    ending = f"{last[:-1]}ies" if last.endswith("y") and last[-2] not in "aeiou" else f"{last}s"
    return [Lexeme(words, symbol, value), Lexeme((*first, ending), symbol, value, plural=True)]
