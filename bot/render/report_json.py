"""The public JSON of what vendors report: commitments and recommendations. Flat, so that it makes rows of a CSV too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from bot.domain.answers import (
    CommitmentLine,
    CommitmentsAnswer,
    Reach,
    RecommendationsAnswer,
    RecommendedItem,
    RecommendedTotal,
)
from bot.domain.money import plain


def report_json(answer: CommitmentsAnswer | RecommendationsAnswer) -> Mapping[str, object]:
    """The keys of an answer that hold its figures."""
    if isinstance(answer, CommitmentsAnswer):
        return {"commitments": list(map(commitment_json, answer.lines))}
    return {
        "totals": list(map(recommended_total_json, answer.totals)),
        "recommendations": list(map(recommendation_json, answer.items)),
    }


def commitment_json(line: CommitmentLine) -> Mapping[str, object]:
    """Coverage and utilization of one program, for one value of the breakdown; an end is exclusive."""
    coverage = _reach(line.coverage, ("coverage", "covered", "coverable", "on_demand_cost"))
    utilization = _reach(line.utilization, ("utilization", "used", "committed", "unused_cost"))
    found = line.coverage or line.utilization
    return {
        "source": line.source,
        "program": line.program,
        "service": line.service,
        "key": dict(line.key),
        "currency": line.currency,
        "unit": found.unit if found else None,
        **coverage,
        **utilization,
        "reported": _iso(line.reported),
    }


def _reach(found: Reach | None, names: tuple[str, str, str, str]) -> Mapping[str, object]:
    ratio, part, whole, cost = names
    return {
        ratio: _exact(found.ratio) if found else None,
        part: plain(found.part) if found else None,
        whole: plain(found.whole) if found else None,
        cost: _exact(found.open_cost) if found else None,
        f"{ratio}_start": _iso(found.days.start) if found else None,
        f"{ratio}_end": _iso(found.days.end) if found else None,
    }


def recommendation_json(found: RecommendedItem) -> Mapping[str, object]:
    """One recommendation; amounts are a month's."""
    item = found.item
    return {
        "source": found.source,
        "id": item.id,
        "kind": item.kind,
        "action": item.action,
        "savings": plain(item.savings),
        "cost": _exact(item.cost),
        "currency": item.currency,
        "account": found.account,
        "account_id": item.account,
        "service": item.service,
        "region": item.region,
        "resource": item.resource,
        "resource_type": item.resource_type,
        "effort": item.effort,
        "current": item.current,
        "recommended": item.recommended,
        "refreshed": _iso(item.refreshed),
        "tags": {f"Tags/{key}": value for key, value in item.tags.items()},
    }


def recommended_total_json(total: RecommendedTotal) -> Mapping[str, object]:
    """What all recommendations save together in a month, and by how much their sum is more."""
    kinds = {kind: {"count": count, "savings": plain(saved)} for kind, (count, saved) in total.by_kind.items()}
    return {
        "currency": total.currency,
        "amount": plain(total.amount),
        "overlap": plain(total.overlap),
        "by_kind": kinds,
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
