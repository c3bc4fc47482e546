"""Answers made by hand, from figures and from plain fields as the public JSON names them."""

from datetime import date
from decimal import Decimal

from bot.domain.answers import (
    AnomaliesAnswer,
    Anomaly,
    BudgetsAnswer,
    BudgetStatus,
    CostAnswer,
    Driver,
    ExplainAnswer,
    Explanation,
    Forecast,
    ForecastAnswer,
    ForecastPart,
    FreshnessAnswer,
    HelpAnswer,
    PriceAnswer,
    Quote,
    Savings,
    SavingsAnswer,
    TooShort,
    UnsupportedAnswer,
    Value,
    ValuesAnswer,
)
from bot.domain.answers.budgets import BilledIn
from bot.domain.answers.explanations import PriceChange, QuantityChange
from bot.domain.answers.notes import NothingToForecastFrom
from bot.domain.answers.savings import SavedShare
from bot.domain.period import Period
from bot.domain.prices import Price, Together

MONTH = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
_DETAILS = {
    "quantity": QuantityChange(Decimal(85_000_000), Decimal(30_100_000), "Tokens"),
    "price": PriceChange(0.2),
}


def amount(fields, name, usual=None):
    """An amount among plain fields."""
    return Decimal(fields[name]) if fields.get(name) is not None else usual


def day(fields, name):
    """A day among plain fields."""
    return date.fromisoformat(fields[name]) if fields.get(name) else None


def driver(fields):
    """A driver of a change."""
    change = amount(fields, "change")
    return Driver(
        key=fields["key"],
        currency=fields.get("currency", "USD"),
        kind=fields.get("kind", "moved"),
        amount=amount(fields, "amount", change),
        against=amount(fields, "against", Decimal(0)),
        change=change,
        since=day(fields, "since"),
        until=day(fields, "until"),
        detail=_DETAILS.get(fields.get("note")),
    )


def explanations(drivers):
    """One a currency, of the drivers' sums."""
    made = []
    for currency in dict.fromkeys(item.currency for item in drivers):
        mine = tuple(item for item in drivers if item.currency == currency)
        now, before, change = (
            sum((getattr(item, name) for item in mine), Decimal(0)) for name in ("amount", "against", "change")
        )
        made.append(Explanation(currency, tuple(mine[0].key), now, before, change, mine))
    return tuple(made)


def forecast(fields):
    """A forecast; one without a total is too short."""
    actual = amount(fields, "actual", Decimal(0))
    through = day(fields, "actual_through") if "actual_through" in fields else MONTH.last
    if amount(fields, "total") is None:
        return TooShort(fields["currency"], MONTH, actual, through, 3)
    total = amount(fields, "total")
    return Forecast(
        currency=fields["currency"],
        period=MONTH,
        actual=actual,
        actual_through=through,
        rest=amount(fields, "rest", total - actual),
        total=total,
        low=amount(fields, "low", total),
        high=amount(fields, "high", total),
        level=amount(fields, "level", Decimal("0.8")),
        correction=Decimal(0),
        history_days=90,
        backtests=9,
    )


def anomaly(fields):
    """Something out of the usual."""
    start = day(fields, "start")
    return Anomaly(
        key=fields["key"],
        currency=fields.get("currency", "USD"),
        kind=fields["kind"],
        period=Period(start=start, end=day(fields, "end")),
        seen=start,
        ongoing=fields.get("ongoing", True),
        provisional=fields.get("provisional", False),
        amount=amount(fields, "amount"),
        expected=amount(fields, "expected"),
        also=tuple(fields.get("also", ())),
    )


def budget(fields):
    """How a budget stands."""
    return BudgetStatus(
        name=fields["name"],
        currency=fields["currency"],
        limit=amount(fields, "limit"),
        every="month",
        period=MONTH,
        spent=amount(fields, "spent"),
        state=fields.get("state", "open"),
        forecast=amount(fields, "forecast"),
        missing=tuple(map(BilledIn, fields.get("missing", ()))),
    )


def price(fields):
    """A unit price."""
    return Price(
        what=fields["what"],
        kind=fields["kind"],
        currency=fields["currency"],
        amount=amount(fields, "amount"),
        unit=fields["unit"],
        source=fields["source"],
        as_of=day(fields, "as_of"),
        per=fields["per"],
        note=Together() if fields.get("note") else None,
    )


def savings(fields):
    """What was saved; the used part of commitments as a ratio."""
    used = amount(fields, "utilisation")
    names = ("negotiated", "commitments", "unused", "discounts", "credits", "refunds")
    return Savings(
        currency=fields["currency"],
        **{name: amount(fields, name) for name in names},
        **({"used": SavedShare(used, Decimal(1))} if used else {}),
        unknown={part: tuple(sources) for part, sources in fields.get("unknown", {}).items()},
    )


class Answer:
    """Fields of an answer, whose kind its question decides."""

    def __init__(self, **fields):
        self.fields = fields

    def __getattr__(self, name):
        return self.fields.get(name, ())

    def model_copy(self, update):
        """The same with other fields."""
        return Answer(**{**self.fields, **update})


def typed(question, answer):  # noqa: PLR0911 - one a kind
    """The answer of the question's kind."""
    if not isinstance(answer, Answer):
        return answer
    fields = answer.fields
    common = {name: fields[name] for name in ("as_of", "gaps", "notes", "requests") if name in fields}
    figures = {name: tuple(fields.get(name, ())) for name in ("totals", "lines", "series")}
    match question.kind:
        case "cost":
            return CostAnswer(**figures, **common)
        case "explain":
            drivers = tuple(map(driver, fields.get("drivers", ())))
            return ExplainAnswer(totals=figures["totals"], explanations=explanations(drivers), **common)
        case "forecast":
            return _forecast(fields.get("forecast"), common)
        case "anomalies":
            return AnomaliesAnswer(anomalies=tuple(map(anomaly, fields.get("anomalies", ()))), **common)
        case "budgets":
            return BudgetsAnswer(budgets=tuple(map(budget, fields.get("budgets", ()))), **common)
        case "values":
            values = [Value(v["value"], amount(v, "amount"), v.get("currency")) for v in fields.get("values", ())]
            return ValuesAnswer(values=tuple(values), **common)
        case "price":
            made = [(price(item), item) for item in fields.get("values", ())]
            quotes = [
                Quote(one, amount(item, "quantity"), amount(item, "total")) for one, item in made if "total" in item
            ]
            prices = () if quotes else tuple(one for one, _ in made)
            return PriceAnswer(prices=prices, quotes=tuple(quotes), **common)
        case "savings":
            found = tuple(savings(item) for item in fields.get("values", ()) if "total" in item)
            return SavingsAnswer(totals=figures["totals"], savings=found, **common)
    return {"freshness": FreshnessAnswer, "help": HelpAnswer, "unsupported": UnsupportedAnswer}[question.kind](**common)


def _forecast(fields, common):
    if not fields:
        return ForecastAnswer(**{"notes": (NothingToForecastFrom(),), **common})
    parts = tuple(ForecastPart(item["key"], forecast(item)) for item in fields.get("parts", ()))
    return ForecastAnswer(forecast=forecast(fields), parts=parts, **common)
