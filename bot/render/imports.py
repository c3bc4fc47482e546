"""What became of imported files, in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.domain.imported import Imported, ReplacedDelivery
from bot.domain.money import plain, total

if TYPE_CHECKING:
    from bot.ledger.deliveries import FileDelivery


def imported_lines(imported: Imported, *, dry_run: bool = False) -> tuple[list[str], list[str]]:
    """What is printed about a file: lines for standard output and, where it is refused, for standard error."""
    if imported.error:
        return [], [line for line in (imported.error.message, imported.error.hint) if line]
    if imported.already:
        return [f"{imported.file}: already imported; nothing changed."], []
    if imported.days is None:
        return [f"{imported.file}: no charges; nothing to import."], []
    would = "would replace" if dry_run else "replaced"
    lines = [f"{imported.file}: {would} {_replaced(replaced)}." for replaced in imported.replaced]
    imports = "would import" if dry_run else "imported"
    lines.append(
        f"{imported.file}: {imports} {_charges(imported.charges)} from {imported.days.start} to {imported.days.last}."
    )
    if len(imported.currencies) > 1:
        lines.append(f"  It has amounts in {' and '.join(imported.currencies)}, which are never added together.")
    if imported.rounded:
        amounts = "1 amount" if imported.rounded == 1 else f"{imported.rounded:,} amounts"
        lines.append(
            f"  {amounts} had more than 18 decimal places and {'was' if imported.rounded == 1 else 'were'} rounded."
        )
    return lines, []


def _replaced(replaced: ReplacedDelivery) -> str:
    content = f"{_charges(replaced.charges)}, {_amounts(replaced.totals)}"
    return f"{content}, imported on {replaced.at:%Y-%m-%d} from {replaced.file}"


def _charges(count: int) -> str:
    return f"{count:,} charge{'s' * (count != 1)}"


def _amounts(totals: Mapping[str, Decimal]) -> str:
    from bot.render.numbers import money  # babel loads slowly

    return " and ".join(money(amount, currency) for currency, amount in sorted(totals.items())) or "nothing billed"


def imported_json(imported: Imported) -> dict[str, object]:
    """The public form of what became of a file."""
    error = imported.error
    return {
        "file": imported.file,
        "charges": imported.charges,
        "from": imported.days.start.isoformat() if imported.days else None,
        "to": imported.days.last.isoformat() if imported.days else None,
        "totals": _totals(imported.totals),
        "already": imported.already,
        "rounded": imported.rounded,
        "replaced": [
            {
                "file": replaced.file,
                "imported": replaced.at.isoformat(),
                "charges": replaced.charges,
                "totals": _totals(replaced.totals),
            }
            for replaced in imported.replaced
        ],
        "error": {"message": error.message, "hint": error.hint} if error else None,
    }


def _totals(totals: Mapping[str, Decimal]) -> list[dict[str, str]]:
    return [{"currency": currency, "amount": plain(amount)} for currency, amount in sorted(totals.items())]


def delivery_line(delivery: FileDelivery, sources: Mapping[int, str]) -> str:
    """A delivery in one line: when, from which file, what of whom, and whether it still stands."""
    charges = sum(part.charges for part in delivery.slices)
    whose = ", ".join(sorted({sources.get(part.feed, "") for part in delivery.slices} - {""}))
    periods = ", ".join(sorted({part.period for part in delivery.slices}))
    parts = [
        f"{delivery.at:%Y-%m-%d %H:%M}  {delivery.file}",
        whose,
        periods,
        _charges(charges),
        _amounts(_sums(delivery)),
    ]
    return f"{': '.join(filter(None, (parts[0], ' · '.join(filter(None, parts[1:])))))}{_state(delivery)}"


def _sums(delivery: FileDelivery) -> dict[str, Decimal]:
    found: dict[str, list[Decimal]] = {}
    for part in delivery.slices:
        for currency, amount in part.totals.items():
            found.setdefault(currency, []).append(amount)
    return {currency: total(amounts) for currency, amounts in found.items()}


def _state(delivery: FileDelivery) -> str:
    if delivery.undone:
        return " (undone)"
    replaced = sum(part.replaced_by is not None for part in delivery.slices)
    if not replaced:
        return ""
    return " (replaced)" if replaced == len(delivery.slices) else " (partly replaced)"


def deliveries_json(deliveries: Sequence[FileDelivery], sources: Mapping[int, str]) -> list[dict[str, object]]:
    """The public form of the deliveries, newest first."""
    return [
        {
            "file": delivery.file,
            "imported": delivery.at.isoformat(),
            "undone": delivery.undone,
            "parts": [
                {
                    "source": sources.get(part.feed, ""),
                    "account": part.account,
                    "period": part.period,
                    "charges": part.charges,
                    "totals": _totals(part.totals),
                    "replaced": part.replaced_by is not None,
                }
                for part in delivery.slices
            ],
        }
        for delivery in deliveries
    ]
