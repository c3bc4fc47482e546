"""What words mean: ``lexicon.toml``, a table of meanings and the phrases for them, indexed by first word."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bot.language.meanings import Meaning, Role
from bot.language.text import tokenize

Phrase = tuple[str, ...]
_REFUSED = frozenset(("order", "foreign", "advice"))


class Lexicon:
    """The table; made once, see ``lexicon``."""

    def __init__(self, table: dict[str, Any]) -> None:
        """Index what ``lexicon.toml`` holds."""
        self.by_first: dict[str, list[tuple[Phrase, Meaning]]] = {}
        for row in table["meaning"]:
            meaning = _meaning(row)
            for phrase in row["phrases"].split(","):
                words = _words(phrase)
                if words:
                    self.by_first.setdefault(words[0], []).append((words, meaning))
        self.by_first.setdefault(",", []).append(((",",), Meaning(Role.AND, ",")))
        self.words = frozenset(word for rows in self.by_first.values() for words, _ in rows for word in words)
        self.never_typos = frozenset(table["never_typos"]["words"].replace(",", " ").split())

    def refuses(self, word: str) -> bool:
        """Whether a word alone says nothing but that the sentence is not for us: orders, foreign things."""
        meanings = [meaning for words, meaning in self.by_first.get(word, ()) if len(words) == 1]
        return bool(meanings) and all(m.role is Role.KIND and m.value in _REFUSED for m in meanings)

    def alone(self, word: str) -> frozenset[Role]:
        """The roles that a word can play by itself."""
        return frozenset(meaning.role for words, meaning in self.by_first.get(word, ()) if len(words) == 1)


@cache
def lexicon() -> Lexicon:
    """The lexicon that ships, read on first use."""
    return Lexicon(tomllib.loads(files("bot.language").joinpath("lexicon.toml").read_text("utf-8")))


def _meaning(row: dict[str, Any]) -> Meaning:
    value = row.get("value")
    return Meaning(
        Role[row["role"].upper()], tuple(value) if isinstance(value, list) else value, plural=row.get("plural", False)
    )


def _words(phrase: str) -> Phrase:
    """The tokens of a phrase; only those with signs in them need the tokenizer."""
    words = tuple(phrase.split())
    if all(map(str.isalnum, words)):
        return words
    tokens = tuple(token.norm for token in tokenize(" ".join(words)).tokens)
    return tuple(word for word in tokens if word != "-") or tokens
