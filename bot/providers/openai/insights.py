"""What OpenAI itself says beside the bill: spend limits and alerts of the organization and its projects. Free."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.errors import AccessDenied, RequestRefused, Unavailable, UnexpectedReply
from bot.domain.money import plain
from bot.providers import Advice
from bot.providers._http import Amount, VendorClient, VendorModel
from bot.providers.openai.names import PROJECTS, OpenAiNames

_ORGANIZATION = "/organization"
_MISSING = 404
_MOST_PROJECTS = 100
"""Projects whose limits are asked for, one request each."""


class _Limit(VendorModel):
    """A hard limit or an alert (``OrganizationSpendLimit``, ``…SpendAlert`` and the same of projects), in cents."""

    threshold_amount: Amount
    currency: str | None = None
    interval: str | None = None


def advice(wire: VendorClient, names: OpenAiNames) -> Iterator[Advice]:
    """Every limit and alert as a budget, and what came of asking.

    Raises:
        CeilingReached: from the meter.
    """
    try:
        yield from list(budgets(wire, names))
        yield Advice("asked", "budget", {"message": "", "hint": ""})
    except (AccessDenied, Unavailable, UnexpectedReply) as error:
        hint = 'The admin key needs to read spend limits (scope "api.management.read").'
        yield Advice("asked", "budget", {"message": error.message, "hint": hint})


def budgets(wire: VendorClient, names: OpenAiNames) -> Iterator[Advice]:
    """Every limit and alert as a budget.

    Raises:
        CostError: the key may not read them.
    """
    yield from _of(wire, _ORGANIZATION, "")
    for project in list(names.listed(PROJECTS))[:_MOST_PROJECTS]:
        yield from _of(wire, f"{PROJECTS}/{project}", names.project(project))


def _of(wire: VendorClient, path: str, project: str) -> Iterator[Advice]:
    """The limit and the alerts of one place; where none is set, OpenAI has none (404)."""
    try:
        limit = wire.shaped(_Limit, wire.get(f"{path}/spend_limit"))
        yield _budget("Spend limit", limit, project)
    except RequestRefused as refused:
        if refused.status != _MISSING:
            raise
    try:
        for entry in wire.listing(f"{path}/spend_alerts", [("limit", "100")], "after"):
            alert = wire.shaped(_Limit, entry)
            yield _budget(f"Spend alert at {_dollars(alert)}", alert, project)
    except RequestRefused as refused:
        if refused.status != _MISSING:
            raise


def _budget(what: str, limit: _Limit, project: str) -> Advice:
    budget = {
        "limit": _dollars(limit),
        "currency": (limit.currency or "USD").upper(),
        "every": f"{limit.interval or 'month'}ly",
    }
    about = {"projects": project} if project else {}
    return Advice("budget", f"{what}, {project}" if project else what, {**budget, **about})


def _dollars(limit: _Limit) -> str:
    return plain(limit.threshold_amount.scaleb(-2))
