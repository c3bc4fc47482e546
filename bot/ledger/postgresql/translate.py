"""The ledger's SQL as PostgreSQL takes it: parameters, quoted Column IDs, types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

_TOKENS = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"[^"]*")
      | (?P<numbered>\?[0-9]+)
      | (?P<mark>\?)
      | (?P<percent>%)
      | (?P<column>\b(?:x_)?[A-Z][a-z]\w*\b|\bcolumn\b)""",
    re.VERBOSE,
)
"""Column IDs begin with a capital and go on in small letters, which no keyword of ours does."""
_TYPES = {"INTEGER": "BIGINT", "BLOB": "BYTEA", " WITHOUT ROWID": ""}


class Statement(NamedTuple):
    """A statement for psycopg, and the order in which it takes the parameters (None: as they are given)."""

    sql: str
    order: tuple[int, ...] | None

    def bound(self, parameters: Sequence[Any]) -> Sequence[Any]:
        """The parameters in the order in which the statement takes them."""
        return parameters if self.order is None else [parameters[place] for place in self.order]


@lru_cache(maxsize=1024)
def statement(sql: str) -> Statement:
    """The statement in psycopg's form; ``%`` is doubled, Column IDs are quoted, since PostgreSQL folds their case."""
    order: list[int] = []
    numbered = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal numbered
        text = match[0]
        match match.lastgroup:
            case "quoted":
                return text.replace("%", "%%")
            case "numbered":
                numbered = True
                order.append(int(text[1:]) - 1)
                return "%s"
            case "mark":
                return "%s"
            case "percent":
                return "%%"
        return f'"{text}"'

    translated = _TOKENS.sub(replaced, sql)
    return Statement(translated, tuple(order) if numbered else None)


def definition(sql: str) -> str:
    """A CREATE statement with PostgreSQL's types."""
    text = statement(sql).sql.replace("%%", "%")
    for ours, theirs in _TYPES.items():
        text = text.replace(ours, theirs)
    return text
