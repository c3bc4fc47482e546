"""So much of something, for its price: 10M tokens of sonnet, 3M input and 1M output tokens, 1 TB of s3 storage."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from bot.analytics.price_estimate import A_MONTH
from bot.domain.question import Quantity
from bot.domain.units import is_size
from bot.language import suggest
from bot.language.meanings import Role
from bot.language.moments import MONTHS_IN, Hours, Rolling
from bot.language.segment import Item
from bot.language.sentence import BARE, Sentence, joins

_UNITS: Final = {
    "token": "Tokens", "tokens": "Tokens", "toks": "Tokens", "hour": "Hours", "hours": "Hours", "hr": "Hours",
    "hrs": "Hours", "gb": "GB", "gbs": "GB", "gigabyte": "GB", "gigabytes": "GB", "gib": "GiB", "tb": "TB", "tbs": "TB",
    "terabyte": "TB", "terabytes": "TB", "tib": "TiB", "mb": "MB", "megabytes": "MB", "pb": "PB", "petabytes": "PB",
    "bytes": "Bytes", "requests": "Requests", "calls": "Requests", "invocations": "Requests", "queries": "Requests",
}  # fmt: skip
_OF_HOURS: Final = {"vcpu": "vCPU-", "cpu": "vCPU-", "gpu": "GPU-", "core": "Core-"}
"""Hours of these are not hours of a machine."""
_STORED: Final = frozenset(("storage", "store", "storing", "stored", "keep", "keeping"))
_USED: Final = frozenset(("use", "used", "uses", "using", "we use", "we used", "did we use", "do we use", "used up"))
_VERSION: Final = 100
"""A smaller number behind a name is rather part of it: "opus 9 tokens"."""
_HOURS = re.compile(r"(\d+|a|an|one) (?:hours?|hrs?|h)")
_MOST: Final = 4


def quantities(sentence: Sentence) -> None:
    """Numbers that a unit follows, where neither a limit, a ranking nor what was used is asked about."""
    draft = sentence.draft
    used = sentence.says(*_USED) and not (sentence.any(Role.SPEND) or _supposes(sentence))
    if used or draft.threshold or draft.ranked or sentence.any(Role.LIST, Role.OP):
        return
    found = [each for item in _numbers(sentence) if (each := _measured(sentence, item))]
    types = [each.token_type for each in found]
    if len(found) > _MOST or (len(found) > 1 and (None in types or len(set(types)) < len(types))):
        raise suggest.several_quantities([f"{each.number.text} {each.named.text}" for each in found])
    for each in found:
        unit = _kept(sentence, each.unit)
        amount = each.amount * _months(sentence) if unit != each.unit else each.amount
        kind = each.token_type if len(found) > 1 else None
        draft.quantities.append(Quantity(amount=amount, unit=unit, token_type=kind))
        each.number.used = each.named.used = f"{amount:,f} {unit}"
    _each(sentence)


class _Measured(NamedTuple):
    """A number, the phrase for its unit and what it says, and the token type between them."""

    number: Item
    named: Item
    amount: Decimal
    unit: str
    token_type: str | None


def _numbers(sentence: Sentence) -> list[Item]:
    return [
        item
        for item in sentence.items
        if item.free and (item.has(Role.NUMBER) or item.has(Role.AMOUNT) or _bare_hours(sentence, item))
    ]


def _bare_hours(sentence: Sentence, item: Item) -> Decimal | None:
    """As in "price of 100 hours of m7g.xlarge": no period, where a price is asked for."""
    when, said = item.get(Role.WHEN), _HOURS.fullmatch(item.said)
    priced = _supposes(sentence) or sentence.says("would", "will")
    if not (when and said and isinstance(when.value, Hours) and priced):
        return None
    return Decimal(when.value.count)


def _supposes(sentence: Sentence) -> bool:
    """Whether a price, or what something would cost, is asked for in so many words."""
    return any(meaning.value in {"price", "supposed"} for _, meaning in sentence.having(Role.KIND))


def _measured(sentence: Sentence, item: Item) -> _Measured | None:
    if hours := _bare_hours(sentence, item):
        return _Measured(item, item, hours, "Hours", None)
    number = item.get(Role.NUMBER) or item.get(Role.AMOUNT)
    if number is None or number.value <= 0 or not item.text[:1].isalnum() or _versions(sentence, item, number.value):
        return None
    token_type: str | None = None
    other = False
    after = sentence.at(item, 1)
    while after is not None and not (after.has(Role.UNIT) or after.has(Role.TIMEUNIT)):
        other = other or after.has(Role.NUMBER) or after.has(Role.AMOUNT)
        if not _between(after):
            break
        kind = None if other else after.matches.get("x_TokenType")
        token_type = token_type or (kind.values[0] if kind else None)
        after = sentence.at(after, 1)
    said = _unit(after.said) if after is not None and after.meanings else ""
    typed = sentence.at(item, 1) if not said else None
    if typed is not None and "x_TokenType" in typed.matches and not typed.meanings:
        return _Measured(item, item, number.value, "Tokens", typed.matches["x_TokenType"].values[0])
    if not said or after is None or (other and token_type is None):
        return None
    return _Measured(item, after, number.value, said, token_type)


def _versions(sentence: Sentence, item: Item, value: Decimal) -> bool:
    """Whether a number is rather the end of the name before it."""
    before = sentence.at(item, -1)
    return item.has(Role.NUMBER) and value < _VERSION and before is not None and bool(before.matches)


def _between(item: Item) -> bool:
    """What may stand between a number and its unit: names, "and", "of", a further number."""
    named = bool(item.matches) and not item.meanings
    return named or item.said in BARE or joins(item) or item.has(Role.NUMBER) or item.has(Role.AMOUNT)


def _unit(said: str) -> str:
    """The unit that a phrase names, "" for none that prices have."""
    words = said.split()
    if words[-1] in {"month", "months"} and len(words) > 1:
        size = _unit(words[-2])
        return f"{size}{A_MONTH}" if size and is_size(size) else ""
    if words[-1] in {"stored", "used", "transferred"} and len(words) > 1:
        return f"{_unit(words[-2])}{A_MONTH if words[-1] == 'stored' else ''}"
    unit = _UNITS.get(words[-1], "")
    return f"{_OF_HOURS.get(words[0], '')}{unit}" if unit == "Hours" else unit


def _kept(sentence: Sentence, unit: str) -> str:
    """The unit for a month, where a size is stored."""
    stored = any(word in _STORED for item in sentence.items for word in item.said.split())
    return f"{unit}{A_MONTH}" if stored and is_size(unit) else unit


def _months(sentence: Sentence) -> int:
    """How long it is stored: "for 3 months", "for a year"; a month, where nothing is said."""
    for item in sentence.items:
        if item.said == "year" and not item.meanings:
            item.used = "kept for a year"
            return MONTHS_IN["year"]
        before, when = sentence.at(item, -1), item.get(Role.WHEN)
        if item.free and when and isinstance(when.value, Rolling) and before is not None and before.said == "for":
            months = MONTHS_IN.get(when.value.unit, 0) * when.value.count
            if months:
                item.used = f"kept for {months} months"
                return months
    return 1


def _each(sentence: Sentence) -> None:
    """As in "10M tokens a day of sonnet": the price is that of one day."""
    for item, meaning in sentence.having(Role.GRAIN):
        if sentence.draft.quantities:
            item.used = f"of one {meaning.value}"
            sentence.draft.notes.append(f"the quantity is that of one {meaning.value}, and so is the cost")
