"""The public JSON of answers, made here alone. Amounts are exact strings; absent is what was not asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_never

from bot.domain.answers import (
    AmongPeers,
    AnomaliesAnswer,
    Anomaly,
    Answer,
    BudgetsAnswer,
    BudgetStatus,
    CommitmentsAnswer,
    ConvertedForecast,
    CostAnswer,
    CreditBalance,
    CreditsAnswer,
    Driver,
    ExplainAnswer,
    Forecast,
    ForecastAnswer,
    FreshnessAnswer,
    Gap,
    HelpAnswer,
    InvoiceAnswer,
    PriceAnswer,
    Quote,
    RecommendationsAnswer,
    Reconciliation,
    Savings,
    SavingsAnswer,
    TooShort,
    UnsupportedAnswer,
    ValuesAnswer,
)
from bot.domain.answers.explanations import DriverEvent, DriverPlace
from bot.domain.feed import Freshness
from bot.domain.money import plain
from bot.domain.period import Period
from bot.domain.prices import BeyondUse, Price, PriceNote, Tiers, Together, UsedMix
from bot.render import drivers, explanation, sentences
from bot.render.gaps import hint, what
from bot.render.notes import note
from bot.render.report_json import report_json

if TYPE_CHECKING:
    from pydantic import BaseModel

    from bot.answering.service import AnswerResult

Fields = dict[str, Any]
"""A JSON object."""
_SAVED = ("negotiated", "commitments", "unused", "discounts", "credits", "refunds", "total")


def result_json(result: AnswerResult, text: str) -> Fields:
    """A result: its question, how it was read, the answer, and the answer in words."""
    return {
        "question": result.question.model_dump(mode="json"),
        "read_as": result.read_as,
        "answer": answer_json(result.answer),
        "text": text,
    }


def answer_json(answer: Answer) -> Fields:
    """An answer: the same keys for every kind, those of other kinds empty."""
    empty: Fields = {
        "totals": [], "lines": [], "series": [], "drivers": [], "forecast": None, "anomalies": [], "budgets": [],
        "values": [],
    }  # fmt: skip
    return {
        **empty,
        **_fields(answer),
        "as_of": [_freshness(fresh) for fresh in answer.as_of],
        "gaps": [_gap(gap) for gap in answer.gaps],
        "requests": {"made": answer.requests.made, "cost": plain(answer.requests.cost)},
        "notes": notes(answer),
    }


def notes(answer: Answer) -> list[str]:
    """The sentences beside the figures; an explanation opens with one for each currency."""
    opening = map(explanation.opening, answer.explanations) if isinstance(answer, ExplainAnswer) else ()
    return [*(f"{sentence}" for sentence in opening), *map(note, answer.notes)]


def _fields(answer: Answer) -> Fields:  # noqa: PLR0912 - a case a kind
    """The keys that hold the figures of its kind."""
    match answer:
        case CostAnswer():
            figures = {name: _figures(getattr(answer, name)) for name in ("totals", "lines", "series")}
            return {**figures, **_parts(answer)}
        case ExplainAnswer():
            return {"totals": _figures(answer.totals), "drivers": list(map(driver_json, answer.drivers))}
        case ForecastAnswer():
            return {"forecast": forecast_answer_json(answer), "series": _figures(answer.series)}
        case AnomaliesAnswer():
            return {"anomalies": list(map(anomaly_json, answer.anomalies))}
        case BudgetsAnswer():
            return {"budgets": list(map(budget_json, answer.budgets))}
        case ValuesAnswer():
            return {"values": [_value(entry.value, entry.amount, entry.currency) for entry in answer.values]}
        case PriceAnswer():
            figures = {name: _figures(getattr(answer, name)) for name in ("totals", "lines")}
            values = [*map(price_json, answer.prices), *map(quote_json, answer.quotes)]
            return {**figures, "values": values, **_facts(answer)}
        case SavingsAnswer():
            return {"totals": _figures(answer.totals), "values": list(map(savings_json, answer.savings))}
        case CreditsAnswer():
            figures = {"totals": _figures(answer.totals), "lines": _figures(answer.lines)}
            return {**figures, "values": list(map(balance_json, answer.balances))}
        case InvoiceAnswer():
            worded = [
                (reconciliation, f"{sentences.reconciliation(reconciliation)}.")
                for reconciliation in answer.reconciliations
            ]
            return {
                "values": [
                    {**reconciliation_json(reconciliation), "note": sentence} for reconciliation, sentence in worded
                ]
            }
        case CommitmentsAnswer() | RecommendationsAnswer():
            return dict(report_json(answer))
        case FreshnessAnswer() | HelpAnswer() | UnsupportedAnswer():
            return {}
        case _:
            assert_never(answer)


def _parts(answer: CostAnswer) -> Fields:
    """Shares, averages and what they rest on, where they were asked for."""
    parts = {"share": answer.share, "averaged": answer.averaged}
    known: Fields = {name: part.model_dump(mode="json") for name, part in parts.items() if part is not None}
    return {**known, **_facts(answer)}


def _facts(answer: CostAnswer | PriceAnswer) -> Fields:
    return {"facts": _figures(answer.facts)} if answer.facts else {}


def _figures(figures: Iterable[BaseModel]) -> list[Fields]:
    return [figure.model_dump(mode="json") for figure in figures]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _period(days: Period) -> Fields:
    return {"start": days.start.isoformat(), "end": days.end.isoformat()}


def _freshness(fresh: Freshness) -> Fields:
    return {
        "source": fresh.source,
        "synced": fresh.synced.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data_through": _iso(fresh.data_through),
        "final_through": _iso(fresh.final_through),
    }


def _gap(gap: Gap) -> Fields:
    price = {} if gap.price is None else {"price": plain(gap.price)}
    return {"source": gap.source, "what": what(gap), "hint": hint(gap), **price}


def driver_json(driver: Driver) -> Fields:
    """One part of a change."""
    return {
        "key": dict(driver.key),
        "currency": driver.currency,
        "kind": driver.kind,
        "amount": plain(driver.amount),
        "against": plain(driver.against),
        "change": plain(driver.change),
        "share": _plain(driver.share),
        "since": _iso(driver.since),
        "until": _iso(driver.until),
        "note": drivers.detail(driver.detail, driver.currency) if driver.detail else "",
        "label": drivers.driver_label(driver),
        **({"calendar": plain(driver.calendar)} if driver.calendar else {}),
        **({"places": list(map(_place, driver.places))} if driver.places else {}),
        **({"events": list(map(_event, driver.events))} if driver.events else {}),
    }


def _event(event: DriverEvent) -> Fields:
    return {"kind": event.kind, "day": event.day.isoformat(), "name": event.name}


def _place(place: DriverPlace) -> Fields:
    return {
        "dimension": place.dimension,
        "value": place.value,
        "change": plain(place.change),
        "share": plain(place.share),
    }


def forecast_answer_json(answer: ForecastAnswer) -> Fields | None:
    """The forecast of the largest currency with its parts; what is converted, and other currencies, beside it."""
    if answer.forecast is None:
        return None
    parts = [
        {"key": dict(part.key), **forecast_json(part.forecast), **_converted(part.converted)} for part in answer.parts
    ]
    others = {"others": list(map(forecast_json, answer.others))} if answer.others else {}
    return {**forecast_json(answer.forecast), "parts": parts, **_converted(answer.converted), **others}


def _converted(converted: ConvertedForecast | None) -> Fields:
    if converted is None:
        return {}
    rate = {"rate_date": _iso(converted.rate_date), "source": converted.source} if converted.rate_date else {}
    return {"converted": {**forecast_json(converted.forecast), **rate}}


def forecast_json(found: Forecast | TooShort) -> Fields:
    """One currency's forecast; where the history is too short, nulls for what is not known, and why."""
    head = {
        "currency": found.currency,
        "period": _period(found.period),
        "actual": plain(found.actual),
        "actual_through": _iso(found.actual_through),
    }
    if isinstance(found, TooShort):
        unknown = dict.fromkeys(("rest", "total", "low", "high"))
        return {**head, **unknown, "history_days": found.history_days, "why": sentences.forecast(found, plain_money)}
    return {
        **head,
        **{name: plain(getattr(found, name)) for name in ("rest", "total", "low", "high", "level", "correction")},
        "history_days": found.history_days,
        "backtests": found.backtests,
        "days": [{"start": day.isoformat(), "amount": plain(amount)} for day, amount in found.days],
        "estimate": True,
    }


def plain_money(amount: Decimal, currency: str) -> str:
    """The amount with its ISO code: ``1,234.50 USD``."""
    return f"{amount:,.2f} {currency}"


def anomaly_json(found: Anomaly) -> Fields:
    """One thing out of the usual."""
    return {
        "key": dict(found.key),
        "currency": found.currency,
        "kind": found.kind,
        **_period(found.period),
        "seen": found.seen.isoformat(),
        "ongoing": found.ongoing,
        "provisional": found.provisional,
        **{name: plain(getattr(found, name)) for name in ("amount", "expected", "change", "per_month", "total")},
        "share": _plain(found.share),
        "also": [dict(key) for key in found.also],
        "estimate": True,
        "label": drivers.named(found.key),
        "note": sentences.anomaly(found),
    }


def budget_json(status: BudgetStatus) -> Fields:
    """How a budget stands."""
    amounts = ("limit", "spent", "share", "elapsed", "left", "forecast", "low", "high", "over_by")
    return {
        "name": status.name,
        "source": status.source,
        "currency": status.currency,
        "every": status.every,
        "period": _period(status.period),
        **{name: _plain(getattr(status, name)) for name in amounts},
        "state": status.state,
        "runs_out": _iso(status.runs_out),
        "passed": [{"on": on, "at": plain(at)} for on, at in status.passed],
        "missing": list(map(sentences.missing_spend, status.missing)),
        "owner": status.owner,
        "channel": status.channel,
        "note": sentences.budget(status),
        "contributors": [
            {"key": {part.dimension: part.value}, "amount": plain(part.amount)} for part in status.contributors
        ],
        **({"person": _among_peers(status.person)} if status.person else {}),
    }


def _among_peers(person: AmongPeers) -> Fields:
    return {
        "name": person.name,
        "amount": plain(person.amount),
        "median_of_others": plain(person.median),
        "others": person.others,
    }


def _value(value: str, amount: Decimal | None, currency: str | None) -> Fields:
    return {"value": value} if amount is None else {"value": value, "amount": f"{amount:f}", "currency": currency}


def price_json(price: Price) -> Fields:
    """A unit price."""
    return {
        "what": dict(price.what),
        "kind": price.kind,
        "currency": price.currency,
        "amount": plain(price.amount),
        "per": price.per,
        "unit": price.unit,
        "source": price.source,
        "as_of": price.as_of.isoformat(),
        "since": _iso(price.since),
        "note": price_note(price.note),
    }


def price_note(found: PriceNote | None) -> str:
    """What is to be said of a price; ``""`` for nothing."""
    match found:
        case None:
            return ""
        case Tiers():
            return ", ".join(f"{price} for prompts over {start:,} tokens" for price, start in found.tiers)
        case BeyondUse():
            return f"above {found.quantity} a month"
        case UsedMix():
            parts = [f"{100 * part:.0f}% {name.replace('_', ' ')}" for name, part in found.parts]
            return f"at our usage mix: {', '.join(parts)}"
        case Together():
            return "together"
        case _:
            assert_never(found)


def quote_json(quote: Quote) -> Fields:
    """What a quantity comes to at a price."""
    return {**price_json(quote.price), "quantity": plain(quote.quantity), "total": plain(quote.total)}


def savings_json(savings: Savings) -> Fields:
    """What one currency's commitments, discounts and credits saved."""
    amounts = {name: _plain(getattr(savings, name)) for name in _SAVED}
    shares = {"coverage": _plain(savings.coverage), "utilisation": _plain(savings.utilization)}
    unknown = {part: list(sources) for part, sources in savings.unknown.items()}
    return {"currency": savings.currency, **amounts, **shares, "unknown": unknown}


def balance_json(balance: CreditBalance) -> Fields:
    """What is left of a grant."""
    grant = balance.grant
    return {
        "source": grant.source,
        "name": grant.name,
        "currency": grant.currency,
        "granted": _plain(grant.granted),
        "left": plain(grant.left),
        "start": _iso(grant.start),
        "expires": _iso(grant.expires),
        "only": grant.only,
        "told_by": grant.reported_by,
        "told": _iso(grant.reported),
        "used_up": _iso(balance.used_up),
        "lost": _plain(balance.lost),
        "pace_used": plain(balance.pace.used),
        "pace_days": balance.pace.days,
    }


def reconciliation_json(found: Reconciliation) -> Fields:
    """A month's invoice against its charges."""
    return {
        "period": _period(found.period),
        "currency": found.currency,
        "invoice": plain(found.invoice),
        "told_by": "you" if found.typed else "vendor",
        "invoices": list(found.vendors.ids) if found.vendors else [],
        "charged": plain(found.charged),
        "difference": plain(found.difference),
        "agrees": found.agrees,
        "closed": found.closed,
        "source": found.source,
        "pieces": [{"key": piece.key, "amount": plain(piece.amount)} for piece in found.pieces],
        "explained": found.agrees or bool(found.pieces),
    }


def rows(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """The objects of an answer that is no breakdown: drivers, anomalies, budgets, values and the like."""
    fields, names = _fields(answer), ("drivers", "anomalies", "budgets", "values", "commitments", "recommendations")
    return next((fields[name] for name in names if fields.get(name)), [])
