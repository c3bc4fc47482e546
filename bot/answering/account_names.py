"""Accounts that were renamed: the same id under another name is neither gone nor new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.answering.before_and_now import columns
from bot.answering.query import LedgerReader
from bot.domain.period import Period
from bot.domain.question import Question

ACCOUNT, ACCOUNT_ID = "SubAccountName", "SubAccountId"


class AccountNames:
    """The newest name of each account of a question, where an account has several; else nothing."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` maps ids to names."""
        self._names = names

    @classmethod
    def read(cls, reader: LedgerReader, question: Question, against: Period, period: Period) -> AccountNames:
        """The names of both periods; nothing where no account has two, or ids are not known."""
        if not reader.tells(question, (ACCOUNT_ID, ACCOUNT)):
            return cls({})
        newest: dict[str, tuple[float, str]] = {}
        renamed = False
        for courses in columns(reader, question, against, period, (ACCOUNT_ID, ACCOUNT)):
            for (number, name, _), amounts in zip(courses.split.keys(), courses.amounts.tolist(), strict=True):
                if not number or not (amounts[0] or amounts[-1]):
                    continue
                renamed |= number in newest and newest[number][1] != name
                newest[number] = max(
                    newest.get(number, (float("-inf"), "")), (abs(amounts[-1]) - abs(amounts[0]), name)
                )
        return cls({number: name for number, (_, name) in newest.items()} if renamed else {})

    def by_id(self, dimensions: Sequence[str]) -> tuple[str, ...]:
        """The dimensions to read: accounts by their id where one has two names."""
        return tuple(ACCOUNT_ID if self._names and name == ACCOUNT else name for name in dimensions)

    def named(self, key: Mapping[str, str | None]) -> dict[str, str | None]:
        """A key with the account's newest name in place of its id."""
        return dict(self._name(dimension, value) for dimension, value in key.items())

    def place(self, dimension: str, value: str) -> tuple[str, str]:
        """A dimension and its value, the account's newest name in place of its id."""
        name, found = self._name(dimension, value)
        return name, found or ""

    def _name(self, dimension: str, value: str | None) -> tuple[str, str | None]:
        if dimension != ACCOUNT_ID or not self._names:
            return dimension, value
        return ACCOUNT, None if value is None else self._names.get(value, value)
