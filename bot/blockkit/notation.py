"""The schema of Block Kit, read from ``schema/*.toml``: the one interpreter of its notation.

A definition is a table ``[category.name]``. Its ``required`` and ``optional`` members each have a rule::

    string 1..150        so many characters; "string 150" is 1..150, "string" at least one
    integer 0..8         an integer between two bounds; "1.." has no upper one
    number               also "positive number"
    boolean, anything
    url                  an absolute address of at most 3,000 characters
    plain_text 75        a text object; "mrkdwn 75" or, where both are allowed, "text 75"
    one of left, right   one of these strings
    list 10 of RULE      an array of 1..10 items; other bounds as above
    RULE or null
    element.button       what is defined under that name, or the name of a ``[rule]``
    A | B                either, told apart by ``type``

What is defined under ``object`` has no ``type``; in any other category the name is its ``type``. ``include`` takes over
the members and relations of other definitions. ``relations`` explains the keys that relate members to each other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.blockkit import checks
from bot.blockkit.checks import Bounds, Check, Problem
from bot.blockkit.relations import RELATIONS, read_relations

_FILES = ("objects", "elements", "blocks", "payloads")
_TEXTS = {"plain_text": "emoji", "mrkdwn": "verbatim"}
"""The kinds of text objects, each with its one optional member."""
_TEXT_WORDS = frozenset({*_TEXTS, "text"})
_OBJECT_KEYS = RELATIONS | {"include", "required", "optional", "surfaces"}


class Schema:
    """The definitions of all files, compiled into checks when they are first used."""

    def __init__(self, definitions: Mapping[str, Mapping[str, Any]]) -> None:
        """``definitions``: by category, by name, as the files hold them."""
        self._definitions = definitions
        self._rules: dict[str, Check] = {}
        self._compiled: dict[str, Check] = {}

    @property
    def categories(self) -> tuple[str, ...]:
        """Of which categories there are definitions."""
        return tuple(self._definitions)

    def names(self, category: str) -> tuple[str, ...]:
        """What is defined in a category."""
        return tuple(self._definitions[category])

    def get(self, category: str, name: str) -> Mapping[str, Any]:
        """A definition as the files hold it."""
        definition: Mapping[str, Any] = self._definitions[category][name]
        return definition

    def limits(self, name: str) -> Mapping[str, int]:
        """What is counted across blocks: by surface or by type of block."""
        return self.get("limits", name)

    def rule(self, text: str) -> Check:
        """The check that a rule stands for.

        Raises:
            ValueError: it is not in the notation.
        """
        if text not in self._rules:
            self._rules[text] = self._parse(text)
        return self._rules[text]

    def _parse(self, text: str) -> Check:
        if text.startswith("list "):
            return self._list(text)
        if text.endswith(" or null"):
            return checks.or_null(self.rule(text.removesuffix(" or null")))
        word = text.partition(" ")[0]
        if "|" in text or "." in word or word in _TEXT_WORDS:
            return self._alternatives(text)
        if text in self._definitions["rule"]:
            return self.rule(self._definitions["rule"][text])
        return _scalar(text)

    def _list(self, text: str) -> Check:
        head, _, item = text.partition(" of ")
        bounds = head.removeprefix("list").strip()
        return checks.array(self._deferred(item), _bounds(bounds or "1.."))

    def _deferred(self, text: str) -> Check:
        """The check of a rule, compiled when first needed: definitions may contain each other."""
        compiled: list[Check] = []

        def check(value: object, pointer: str) -> Iterator[Problem]:
            if not compiled:
                compiled.append(self.rule(text))
            return compiled[0](value, pointer)

        return check

    def _alternatives(self, text: str) -> Check:
        if text.startswith("object."):
            return self.definition(text)
        return checks.by_type(dict(self._by_type(text)))

    def _by_type(self, text: str) -> Iterator[tuple[str, Check]]:
        for part in map(str.strip, text.split("|")):
            word, _, most = part.partition(" ")
            if word in _TEXT_WORDS:
                yield from ((kind, _text(kind, int(most))) for kind in (_TEXTS if word == "text" else (word,)))
            elif "." in word:
                yield word.partition(".")[2], self.definition(word)
            else:
                yield from self._by_type(self._definitions["rule"][word])

    def definition(self, name: str) -> Check:
        """The check of ``category.name``, without its ``type``."""
        if name not in self._compiled:
            table = self._merged(name)
            required = {key: self._deferred(rule) for key, rule in table["required"].items()}
            optional = {key: self._deferred(rule) for key, rule in table["optional"].items()}
            self._compiled[name] = checks.members(required, optional, table["relations"])
        return self._compiled[name]

    def _merged(self, name: str) -> dict[str, Any]:
        category, _, key = name.partition(".")
        table = self.get(category, key)
        if unknown := set(table) - _OBJECT_KEYS:
            msg = f"{name}: {sorted(unknown)} is not in the notation"
            raise ValueError(msg)
        includes = [*table.get("include", ()), *(["fields.block"] if category == "block" else [])]
        parts = [self._merged(include) for include in includes]
        return {
            "required": _joined(parts, "required") | table.get("required", {}),
            "optional": _joined(parts, "optional") | table.get("optional", {}),
            "relations": (*(check for part in parts for check in part["relations"]), *read_relations(table)),
        }


def _joined(parts: list[dict[str, Any]], key: str) -> dict[str, str]:
    return {member: rule for part in parts for member, rule in part[key].items()}


_FIXED: Mapping[str, Check] = {
    "boolean": checks.boolean,
    "anything": checks.anything,
    "url": checks.url(),
    "number": checks.number(),
    "positive number": checks.number(positive=True),
}


def _scalar(text: str) -> Check:
    word, _, rest = text.partition(" ")
    if text in _FIXED:
        return _FIXED[text]
    if text.startswith("one of "):
        return checks.one_of(tuple(text.removeprefix("one of ").split(", ")))
    if word == "string":
        return checks.string(_bounds(rest or "1.."))
    if word == "integer":
        return checks.integer(_bounds(rest))
    msg = f"{text!r} is not a rule"
    raise ValueError(msg)


def _bounds(text: str) -> Bounds:
    least, dots, most = text.partition("..")
    return (int(least), int(most) if most else None) if dots else (1, int(least))


def _text(kind: str, most: int) -> Check:
    return checks.members({"text": checks.string((1, most))}, {_TEXTS[kind]: checks.boolean})


@cache
def schema() -> Schema:
    """The schema of Block Kit."""
    definitions: dict[str, dict[str, Any]] = {}
    for name in _FILES:
        text = files("bot.blockkit").joinpath(f"schema/{name}.toml").read_text(encoding="utf-8")
        for category, tables in tomllib.loads(text).items():
            definitions.setdefault(category, {}).update(tables)
    return Schema(definitions)
