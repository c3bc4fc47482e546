"""What Anthropic itself says beside the bill: spend limits (beta), and what members have used of theirs. Free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from bot.domain.errors import AccessDenied, CostError, RequestRefused, Unavailable, UnexpectedReply
from bot.domain.money import plain
from bot.providers import Advice
from bot.providers._http import VendorClient, VendorModel
from bot.providers.anthropic.names import AnthropicNames
from bot.providers.anthropic.responses import Actor, Cents

LIMITS = "/v1/organizations/spend_limits"
BETA = "spend-limit-reads-2026-09-26"
"""The header that the SDK sends for it (``resources.beta.organization.spend_limits``)."""
_EVERY = {"daily": "daily", "weekly": "weekly", "monthly": "monthly"}
_PARAMS = [("limit", "100")]


class _Scope(VendorModel):
    type: str
    workspace_id: str | None = None
    user_id: str | None = None
    rbac_group_id: str | None = None
    seat_tier: str | None = None
    service: str | None = None


class _SpendLimit(VendorModel):
    """``BetaSpendLimit``: an amount of None is no cap."""

    id: str
    amount: Cents | None = None
    currency: str | None = None
    period: str
    is_enabled: bool | None = True
    scope: _Scope


class _Spent(VendorModel):
    """A row of ``/spend_limits/effective``: a member's limit, wherever it comes from, and what they have used of it."""

    actor: Actor
    amount: Cents | None = None
    currency: str | None = None
    period: str
    period_to_date_spend: Cents

    @property
    def of(self) -> tuple[str, str]:
        """Whose row it is, and of which period."""
        return self.actor.user_id or "", self.period

    @property
    def spent(self) -> dict[str, str]:
        """What was used; nothing for 0, which is also what stands there while the reading is unavailable."""
        return {"spent": plain(self.period_to_date_spend)} if self.period_to_date_spend else {}


def advice(wire: VendorClient, names: AnthropicNames) -> Iterator[Advice]:
    """Every limit that caps something as a budget, and what came of asking.

    Raises:
        CeilingReached: from the meter.
    """
    try:
        yield from list(_budgets(wire, names))
        yield Advice("asked", "budget", {"message": "", "hint": ""})
    except (AccessDenied, Unavailable, UnexpectedReply) as error:
        yield Advice("asked", "budget", _refusal(error))


def _refusal(error: CostError) -> dict[str, str]:
    hint = "Listing spend limits is an early-access preview: ask Anthropic's account team for it."
    return {"message": f"Anthropic did not return its spend limits. {error.message}", "hint": hint}


def _budgets(wire: VendorClient, names: AnthropicNames) -> Iterator[Advice]:
    """The limits set, then those that members have used something of and that are set for many at once.

    Either report may be had without the other: the list is a preview in the Claude Console, what members used is told
    in Claude Enterprise alone.
    """
    spent = _spent(wire)
    try:
        limits = [wire.shaped(_SpendLimit, entry) for page in wire.pages(LIMITS, _PARAMS) for entry in _rows(page)]
    except (AccessDenied, RequestRefused):
        if not spent:
            raise
        limits = []
    for limit in limits:
        row = spent.pop((limit.scope.user_id or "", limit.period), None)
        if limit.amount is not None and limit.is_enabled is not False:
            name, about = _about(limit.scope, names)
            yield _budget(name, limit, {**about, **(row.spent if row else {})})
    for row in spent.values():
        if row.amount is not None and row.spent:
            name = names.actor(row.actor) or row.actor.identity
            yield _budget(name, row, {"labels": f"user={name}", **row.spent})


def _budget(name: str, limit: _SpendLimit | _Spent, more: Mapping[str, str]) -> Advice:
    budget = {
        "limit": plain(limit.amount or Decimal(0)),
        "currency": (limit.currency or "USD").upper(),
        "every": _EVERY.get(limit.period, limit.period),
        **more,
    }
    return Advice("budget", f"Spend limit, {name} ({limit.period})", budget)


def _rows(page: Mapping[str, object]) -> list[object]:
    rows = page.get("data")
    return rows if isinstance(rows, list) else []


def _spent(wire: VendorClient) -> dict[tuple[str, str], _Spent]:
    """By member and period; nothing where the organization is not told (Claude Console has no such report)."""
    try:
        pages = list(wire.pages(f"{LIMITS}/effective", _PARAMS))
    except (AccessDenied, RequestRefused):
        return {}
    rows = (wire.shaped(_Spent, row) for page in pages for row in _rows(page))
    return {row.of: row for row in rows}


def _about(scope: _Scope, names: AnthropicNames) -> tuple[str, dict[str, str]]:
    """What a limit is for, in words, and which workspace or person where it is one's."""
    if scope.workspace_id:
        name = names.workspace(scope.workspace_id)[1]
        return name, {"projects": name}
    if scope.user_id:
        return names.user(scope.user_id), {"labels": f"user={names.user(scope.user_id)}"}
    return scope.seat_tier or scope.service or scope.rbac_group_id or scope.type.replace("_", " "), {}
