"""The parts of one key's change: quantity, mix and price apart, charges that are no usage by their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bot.analytics.price_volume import Use, VolumeSplit
from bot.domain.aggregate import Cell
from bot.domain.answers.explanations import ChargeSort, DriverDetail, DriverKind, MixChange, OfSort
from bot.domain.money import to_attos

_MINOR = 20
"""A part below a twentieth of the largest is not a driver of its own."""
_PURCHASES: Mapping[str, ChargeSort] = {"One-Time": "one-off purchase", "Recurring": "recurring purchase"}


class DriverPart(NamedTuple):
    """A driver before it is drawn, in attos; ``amount`` is without what the calendar makes."""

    key: tuple[str | None, ...]
    kind: DriverKind
    against: int
    amount: int
    detail: DriverDetail | None = None
    calendar: int = 0

    @property
    def change(self) -> int:
        """By how much it is more now."""
        return self.amount - self.against


def parts_of(cell: Cell, sort_of: Mapping[str, str], use: Use, calendar: int, least: int) -> list[DriverPart]:
    """The drivers of one key, which add up to its change less what the calendar makes.

    ``sort_of`` names the sort of charge, where it is known; what is below ``least`` stands with the largest part.
    """
    before, now = (to_attos(amount) for amount in cell.amounts)
    kind, sort = _sort_of_charge(sort_of, before, now)
    if kind is None and (split := use.split(before, now)):
        return _split_parts(cell.key, split, (before, now), calendar, least)
    detail = OfSort(sort) if sort else None
    return [DriverPart(cell.key, kind or _movement(before, now), before, now - calendar, detail, calendar)]


def _split_parts(
    key: tuple[str, ...], split: VolumeSplit, amounts: tuple[int, int], calendar: int, least: int
) -> list[DriverPart]:
    before, now = amounts
    pieces: list[tuple[int, DriverKind, DriverDetail | None]] = [
        (split.volume - calendar, "volume", split.details.volume),
        (split.mix, "mix", MixChange(split.mix > 0)),
        (now - before - split.volume - split.mix, "price", split.details.price),
    ]
    largest = max(pieces, key=lambda piece: abs(piece[0]))
    kept = [piece for piece in pieces if piece is largest or _MINOR * abs(piece[0]) > abs(largest[0]) > 0]
    kept = [piece for piece in kept if piece is largest or abs(piece[0]) >= least]
    rest = now - before - calendar - sum(piece[0] for piece in kept)
    parts: list[DriverPart] = []
    for change, kind, detail in kept:
        first = not parts
        carried, whole = (before if first else 0), change + (rest if (change, kind) == largest[:2] else 0)
        parts.append(DriverPart(key, kind, carried, carried + whole, detail, calendar if first else 0))
    return parts


def _sort_of_charge(sort_of: Mapping[str, str], before: int, now: int) -> tuple[DriverKind | None, ChargeSort | None]:
    """The kind of what is not usage, and its sort; None for usage and where it is not known."""
    often = sort_of.get("ChargeFrequency", "")
    match sort_of.get("ChargeCategory", ""):
        case "Credit":
            return "credit", "credit" if before and now else "new credit" if now else "ended credit"
        case "Adjustment":
            return ("credit", "refund") if before + now < 0 else ("other", "adjustment")
        case "Purchase":
            return "purchase", _PURCHASES.get(often, "purchase")
        case "Tax":
            return "other", "tax"
        case _:
            return None, "one-off" if often == "One-Time" else None


def _movement(before: int, now: int) -> DriverKind:
    if not before:
        return "new"
    return "moved" if now else "vanished"
