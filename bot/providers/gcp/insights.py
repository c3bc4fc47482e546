"""What Google itself says beside the bill: budgets' limits, and list prices of the SKUs in use. Both are free."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby

from bot.domain.errors import AccessDenied, Misconfigured, Unavailable, UnexpectedReply
from bot.domain.money import plain
from bot.providers import Advice, InsightKind
from bot.providers.gcp.catalogue import BudgetLimit, Catalogue, ListPrice

_EVERY = {"MONTH": "monthly", "QUARTER": "quarterly", "YEAR": "annually"}

InUse = Mapping[str, Collection[str]]
"""Names of services to the ids of the SKUs used of them."""


def advice(catalogue: Catalogue, accounts: Collection[str], in_use: InUse, currency: str) -> Iterator[Advice]:
    """Budgets of the billing accounts and today's list prices; and what came of asking for each.

    Of accounts or SKUs nobody knows of nothing is asked: a pull may have had no charges.

    Raises:
        CeilingReached: from the meter.
    """
    asks: dict[InsightKind, Iterator[Advice]] = {}
    if accounts:
        asks["budget"] = _budgets(catalogue, accounts)
    if in_use:
        asks["price"] = _prices(catalogue, in_use, currency)
    for kind, ask in asks.items():
        try:
            yield from list(ask)
            yield Advice("asked", kind, {"message": "", "hint": ""})
        except (AccessDenied, Misconfigured, Unavailable, UnexpectedReply) as error:
            yield Advice("asked", kind, {"message": error.message, "hint": error.hint})


def _budgets(catalogue: Catalogue, accounts: Collection[str]) -> Iterator[Advice]:
    for account in sorted(accounts):
        for budget in catalogue.budgets(account):
            if budget.limit is not None:
                yield Advice("budget", budget.name, {"limit": plain(budget.limit), **_about(budget)})


def _about(budget: BudgetLimit) -> dict[str, str]:
    about = {
        "currency": budget.currency,
        "every": _EVERY.get(budget.calendar, ""),
        "services": ", ".join(budget.services),
        "projects": ", ".join(budget.projects),
        "labels": ", ".join(f"{key}={value}" for key, values in budget.labels.items() for value in values),
    }
    return {name: text for name, text in about.items() if text}


def _prices(catalogue: Catalogue, in_use: InUse, currency: str) -> Iterator[Advice]:
    for service, skus in sorted(in_use.items()):
        found = [step for step in catalogue.prices(service, currency=currency) if step.sku_id in skus]
        for sku, steps in groupby(found, key=lambda step: step.sku_id):
            yield Advice("price", sku, _price(list(steps)))


def _price(steps: list[ListPrice]) -> dict[str, str]:
    """The first step that costs anything; what is free before it stands under ``above``."""
    step = next((step for step in steps if step.price), steps[0])
    facts = {
        "amount": plain(step.price),
        "currency": step.currency,
        "unit": step.unit_description or step.unit,
        "service": step.service,
        "sku": step.sku,
        "since": step.since.date().isoformat(),
        "above": plain(step.starting_at) if step.starting_at else "",
    }
    return {name: text for name, text in facts.items() if text}
