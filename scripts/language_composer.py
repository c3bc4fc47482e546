"""Questions put together from parts whose meaning is known, each with its one right reading.

``composed(count, seed)`` gives rows in the format of ``tests/language/corpus``: sentences of every sort of question,
with the filters, periods, breakdowns, measures and modifiers below, on the bill that the corpus asks about. Nobody
wrote them, so they say little of how people speak; but there can be as many as wanted, and what they find are
combinations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Final

Parts = dict[str, Any]
TODAY: Final = "2026-11-22"
_HALF: Final = 0.5
_MONTH_TO_DATE: Final = ("2026-11-01", "2026-11-23")


def _days(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end}


def _filter(dimension: str, *values: str, exclude: bool = False) -> dict[str, Any]:
    return {"dimension": dimension, "values": list(values), "exclude": exclude}


_EC2: Final = ("Amazon Elastic Compute Cloud - Compute", "EC2 - Other")
FILTERS: Final = {
    "aws": _filter("ServiceProviderName", "AWS"),
    "google cloud": _filter("ServiceProviderName", "Google Cloud"),
    "openai and anthropic": _filter("ServiceProviderName", "OpenAI", "Anthropic"),
    "snowflake": _filter("ServiceProviderName", "Snowflake"),
    "ec2": _filter("ServiceName", *_EC2),
    "s3": _filter("ServiceName", "Amazon Simple Storage Service"),
    "bedrock": _filter("ServiceName", "Amazon Bedrock"),
    "bigquery": _filter("ServiceName", "BigQuery"),
    "rds and dynamodb": _filter("ServiceName", "Amazon Relational Database Service", "Amazon DynamoDB"),
    "the production account": _filter("SubAccountName", "production"),
    "data-platform": _filter("SubAccountName", "data-platform"),
    "the core team": _filter("Tags/team", "core"),
    "the website project": _filter("Tags/project", "website"),
    "frankfurt": _filter("RegionId", "eu-central-1"),
    "us-east-1": _filter("RegionId", "us-east-1"),
    "AI": _filter("ServiceCategory", "AI and Machine Learning"),
    "claude-opus-5": _filter("x_Model", "claude-opus-5"),
    "gpt-5": _filter("x_Model", "gpt-5"),
    "claude code": _filter("SubAccountName", "Claude Code"),
}
EXCLUSIONS: Final = {
    "without tax": _filter("ChargeCategory", "Tax", exclude=True),
    "excluding the sandbox account": _filter("SubAccountName", "sandbox", exclude=True),
    "except cloudfront": _filter("ServiceName", "Amazon CloudFront", exclude=True),
    "but not in eu-west-1": _filter("RegionId", "eu-west-1", exclude=True),
}
DIMENSIONS: Final = {
    "service": "ServiceName", "account": "SubAccountName", "region": "RegionId", "model": "x_Model", "sku": "SkuId",
    "provider": "ServiceProviderName", "environment": "Tags/environment", "user": "x_UserName", "team": "Tags/team",
}  # fmt: skip
CLOSED: Final = {
    "last month": (("2026-10-01", "2026-11-01"), ("2026-09-01", "2026-10-01")),
    "in october": (("2026-10-01", "2026-11-01"), ("2026-09-01", "2026-10-01")),
    "in september 2025": (("2025-09-01", "2025-10-01"), ("2025-08-01", "2025-09-01")),
    "last week": (("2026-11-09", "2026-11-16"), ("2026-11-02", "2026-11-09")),
    "last quarter": (("2026-07-01", "2026-10-01"), ("2026-04-01", "2026-07-01")),
    "in q2": (("2026-04-01", "2026-07-01"), ("2026-01-01", "2026-04-01")),
    "yesterday": (("2026-11-21", "2026-11-22"), ("2026-11-20", "2026-11-21")),
    "in the last 30 days": (("2026-10-23", "2026-11-22"), ("2026-09-23", "2026-10-23")),
    "in the past 14 days": (("2026-11-08", "2026-11-22"), ("2026-10-25", "2026-11-08")),
    "this month": (_MONTH_TO_DATE, ("2026-10-01", "2026-10-23")),
}
"""Days, and what they are compared with where a change is asked for."""
OPEN: Final = {
    "this year": ("2026-01-01", "2026-11-23"),
    "since october 5": ("2026-10-05", "2026-11-23"),
    "from march to may": ("2026-03-01", "2026-06-01"),
    "between 3 and 9 november": ("2026-11-03", "2026-11-10"),
    "on 10/31": ("2026-10-31", "2026-11-01"),
    "until june 2025": ("2025-01-01", "2025-07-01"),
    "in 2025": ("2025-01-01", "2026-01-01"),
}
LONG: Final = ("last quarter", "in q2", "this year", "from march to may", "until june 2025", "in 2025")
"""Periods that hold several whole months."""
MEASURES: Final[dict[str, Parts]] = {
    "spend": {},
    "costs": {},
    "bill": {},
    "amortized cost": {"metric": "EffectiveCost"},
    "gross spend": {"charges": "gross"},
    "contracted cost": {"metric": "ContractedCost"},
}
UNITS: Final = {"tokens": "Tokens", "requests": "Requests"}
CURRENCIES: Final = {"in EUR": "EUR", "in pounds": "GBP", "in ¥": "JPY", "in CHF": "CHF"}
RISES: Final = {
    "increased": "increase",
    "went up": "increase",
    "grew": "increase",
    "dropped": "decrease",
    "fell": "decrease",
}
NOUNS: Final = {
    "increase": "increase",
    "jump": "increase",
    "drop": "decrease",
    "decrease": "decrease",
    "change": "change",
}


class _Composer:
    """One random source, and a maker for each sort of question."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.makers: tuple[Callable[[], tuple[str, Parts]], ...] = (
            self.totals, self.totals, self.breakdown, self.top, self.series, self.compared, self.average,
            self.cumulative, self.share, self.unit_cost, self.beside, self.quantity, self.ranked, self.biggest,
            self.limited, self.new, self.why, self.forecast, self.step,
        )  # fmt: skip

    def pick(self, table: dict[str, Any]) -> tuple[str, Any]:
        """One entry of a table."""
        key = self._chance.choice(list(table))
        return key, table[key]

    def maybe(self, table: dict[str, Any], share: float = 0.4) -> tuple[str, Any]:
        """One entry of a table, or nothing."""
        return self.pick(table) if self._chance.random() < share else ("", None)

    def period(self) -> tuple[str, Parts]:
        """Days, or none, which are those of the month so far."""
        words, days = self.maybe({**{name: pair[0] for name, pair in CLOSED.items()}, **OPEN}, 0.85)
        return words, {"period": _days(*(days or _MONTH_TO_DATE))}

    def change(self) -> tuple[str, Parts]:
        """Days and those before them."""
        words, (days, before) = self.pick(CLOSED)
        return words, {"period": _days(*days), "against": _days(*before)}

    def where(self, share: float = 0.6, word: str = "for") -> tuple[str, Parts]:
        """A filter, perhaps an exclusion beside it."""
        name, kept = self.maybe(FILTERS, share)
        left, gone = self.maybe(EXCLUSIONS, 0.2)
        if kept and gone and kept["dimension"] == gone["dimension"]:
            left, gone = "", None
        lines = [line for line in (kept, gone) if line]
        return f"{word} {name} {left}" if name else left, {"where": lines} if lines else {}

    def money(self) -> tuple[str, Parts]:
        """What is measured."""
        return self.pick(MEASURES)

    def currency(self) -> tuple[str, Parts]:
        """Perhaps a currency."""
        words, code = self.maybe(CURRENCIES, 0.2)
        return words, {"currency": code} if code else {}

    def by(self, share: float = 1.0) -> tuple[str, Parts]:
        """Perhaps a breakdown."""
        noun, dimension = self.maybe(DIMENSIONS, share)
        if not noun:
            return "", {}
        form = self._chance.choice(("by {}", "per {}", "broken down by {}", "for each {}"))
        return form.format(noun), {"by": [dimension]}

    def joined(self, *pieces: tuple[str, Parts], parts: Parts | None = None, shuffled: int = 0) -> tuple[str, Parts]:
        """The words of the pieces in a row, the last ``shuffled`` of them in any order; and all that they mean."""
        fixed, free = list(pieces[: len(pieces) - shuffled]), list(pieces[len(pieces) - shuffled :])
        self._chance.shuffle(free)
        meant: Parts = dict(parts or {})
        for _, piece in pieces:
            meant.update(piece)
        return " ".join(words for words, _ in (*fixed, *free) if words), meant

    def said(self, *forms: str) -> tuple[str, Parts]:
        """One of several ways to say what means nothing by itself."""
        return self._chance.choice(forms), {}

    def totals(self) -> tuple[str, Parts]:
        """One number."""
        opening = self.said("", "show me", "what was our", "total", "give me the", "our")
        return self.joined(opening, self.money(), self.where(word="on"), self.period(), self.currency(), shuffled=3)

    def breakdown(self) -> tuple[str, Parts]:
        """A table."""
        opening = self.said("", "show", "I need the")
        return self.joined(opening, self.money(), self.by(), self.where(), self.period(), self.currency(), shuffled=4)

    def top(self) -> tuple[str, Parts]:
        """A ranking cut off."""
        noun, dimension = self.pick(DIMENSIONS)
        count = self._chance.randrange(2, 12)
        words = self._chance.choice(
            (f"top {count} {noun}s", f"the {count} most expensive {noun}s", f"{count} biggest {noun}s")
        )
        return self.joined((words, {"by": [dimension], "top": count}), self.where(), self.period(), shuffled=2)

    def series(self) -> tuple[str, Parts]:
        """Costs over time."""
        grain = self._chance.choice(("day", "week", "month"))
        words, days = self.pick({**{name: pair[0] for name, pair in CLOSED.items()}, **OPEN})
        text = (self._chance.choice((f"by {grain}", f"per {grain}", f"each {grain}")), {"grain": grain})
        return self.joined(
            self.money(), text, self.where(), self.by(0.3), (words, {"period": _days(*days)}), shuffled=4
        )

    def compared(self) -> tuple[str, Parts]:
        """Two periods."""
        later, earlier = self._chance.choice(
            ((("october", "2026-10-01", "2026-11-01"), ("september", "2026-09-01", "2026-10-01")),
             (("q3", "2026-07-01", "2026-10-01"), ("q2", "2026-04-01", "2026-07-01")),
             (("yesterday", "2026-11-21", "2026-11-22"), ("the day before", "2026-11-20", "2026-11-21")),
             (("last week", "2026-11-09", "2026-11-16"), ("the week before", "2026-11-02", "2026-11-09")))
        )  # fmt: skip
        form = self._chance.choice(("{} vs {}", "{} versus {}", "{} compared to {}", "{} against {}"))
        parts = {"period": _days(*later[1:]), "against": _days(*earlier[1:])}
        return self.joined(self.money(), self.where(), self.by(0.5), (form.format(later[0], earlier[0]), parts))

    def average(self) -> tuple[str, Parts]:
        """The total over the steps."""
        where, period, by = self.where(), self.period(), self.by(0.3)
        fits = ("day", "week", "month") if period[0] in LONG else ("day",)
        step = self._chance.choice(fits)
        adverb = {"day": "daily", "week": "weekly", "month": "monthly"}[step]
        words = f"average {adverb} spend" if self._chance.random() < _HALF else f"spend per {step} on average"
        return self.joined((words, {"average": step}), where, by, period, shuffled=3)

    def cumulative(self) -> tuple[str, Parts]:
        """The sum so far."""
        grain = self._chance.choice(("day", "week"))
        words, (days, _) = self.pick(CLOSED)
        text = self.said("cumulative spend", "running total of costs", "cumulative cost")
        parts = {"grain": grain, "cumulative": True}
        return self.joined(text, self.where(), (f"by {grain}", parts), (words, {"period": _days(*days)}), shuffled=2)

    def share(self) -> tuple[str, Parts]:
        """A part of the whole."""
        part, kept = self.pick(FILTERS)
        words, (days, _) = self.pick(CLOSED)
        form = self._chance.choice(
            ("what percentage of spend {when} is {part}", "{part} as a share of total spend {when}",
             "what share of our bill {when} went to {part}", "{part} as a % of the total {when}")
        )  # fmt: skip
        return form.format(part=part, when=words), {"where": [kept], "share_of": [], "period": _days(*days)}

    def unit_cost(self) -> tuple[str, Parts]:
        """Cost by quantity."""
        what, unit, words = self._chance.choice(
            (("lambda", "Requests", "request"), ("cloudfront", "GB", "GB"), ("dynamodb", "Requests", "request"),
             ("anthropic", "Tokens", "million tokens"), ("openai", "Tokens", "token"))
        )  # fmt: skip
        service = {"lambda": "AWS Lambda", "cloudfront": "Amazon CloudFront", "dynamodb": "Amazon DynamoDB"}.get(what)
        provider = {"anthropic": "Anthropic", "openai": "OpenAI"}.get(what, "")
        kept = _filter("ServiceName", service) if service else _filter("ServiceProviderName", provider)
        when, (days, _) = self.pick(CLOSED)
        text = self._chance.choice(("cost per {} for {}", "unit cost per {} on {}")).format(words, what)
        return f"{text} {when}", {"per": {"unit": unit}, "where": [kept], "period": _days(*days)}

    def beside(self) -> tuple[str, Parts]:
        """Two measures."""
        words, parts = self._chance.choice(
            (("amortized vs billed cost", {"metric": "EffectiveCost", "beside": "BilledCost"}),
             ("list cost vs billed cost", {"metric": "ListCost", "beside": "BilledCost"}),
             ("list price vs what we paid", {"metric": "ListCost", "beside": "BilledCost"}),
             ("gross vs net spend", {"charges": "gross", "beside": "net"}))
        )  # fmt: skip
        return self.joined((words, parts), self.where(), self.by(0.4), self.period())

    def quantity(self) -> tuple[str, Parts]:
        """What was used."""
        words, unit = self.pick(UNITS)
        parts = {"metric": "ConsumedQuantity", "unit": unit}
        grain, step = self.maybe({"per day": "day", "by week": "week"}, 0.3)
        when, (days, _) = self.pick(CLOSED)
        timed = (f"{grain} {when}", {"period": _days(*days), **({"grain": step} if step else {})})
        return self.joined((words, parts), self.where(0.4), self.by(0.4), timed)

    def ranked(self) -> tuple[str, Parts]:
        """Which one changed most."""
        noun, dimension = self.pick(DIMENSIONS)
        verb, order = self.pick(RISES)
        parts = {"by": [dimension], "top": 1, "order": order}
        return self.joined((f"which {noun} {verb} the most", parts), self.where(0.4, "in"), self.change())

    def biggest(self) -> tuple[str, Parts]:
        """The largest changes."""
        noun, dimension = self.pick(DIMENSIONS)
        what, order = self.pick(NOUNS)
        count = self._chance.randrange(2, 9)
        parts = {"by": [dimension], "top": count, "order": order}
        return self.joined((f"the {count} biggest {what}s by {noun}", parts), self.where(0.3), self.change())

    def limited(self) -> tuple[str, Parts]:
        """Only what passes a threshold."""
        noun, dimension = self.pick(DIMENSIONS)
        amount = self._chance.choice((50, 100, 750, 1000, 2500))
        words, sign = self.pick({"over": ">", "above": ">", "at least": ">=", "under": "<", "at most": "<="})
        parts = {"by": [dimension], "threshold": {"op": sign, "amount": str(amount)}}
        return self.joined((f"{noun}s {words} ${amount:,}", parts), self.where(0.4), self.period())

    def new(self) -> tuple[str, Parts]:
        """What was not there before, or is no longer."""
        noun, dimension = self.pick(DIMENSIONS)
        words, only = self.pick({"new {}s": "new", "which {}s are new": "new", "which {}s disappeared": "gone"})
        return self.joined((words.format(noun), {"by": [dimension], "only": only}), self.where(0.3), self.change())

    def why(self) -> tuple[str, Parts]:
        """Reasons."""
        name, kept = self.pick(FILTERS)
        verb = self._chance.choice(("go up", "increase", "drop", "change", "jump"))
        words, parts = self.change()
        return f"why did {name} costs {verb} {words}", {"kind": "explain", "where": [kept], **parts}

    def forecast(self) -> tuple[str, Parts]:
        """What it will come to."""
        words, days = self._chance.choice(
            (("for next month", ("2026-12-01", "2027-01-01")), ("for december", ("2026-12-01", "2027-01-01")),
             ("for this quarter", ("2026-10-01", "2027-01-01")), ("for next quarter", ("2027-01-01", "2027-04-01")),
             ("for this month", ("2026-11-01", "2026-12-01")))
        )  # fmt: skip
        parts = {"kind": "forecast", "period": _days(*days)}
        return self.joined((f"forecast {words}", parts), self.where(0.5), self.by(0.3))

    def step(self) -> tuple[str, Parts]:
        """The step of a series that changed or cost most."""
        grain = self._chance.choice(("day", "week"))
        words, (days, _) = self.pick(
            {name: CLOSED[name] for name in ("last month", "in october", "last quarter", "in q2")}
        )
        verb, order = self.pick(
            {"was the most expensive": "cost", "saw the biggest jump": "increase", "saw the biggest drop": "decrease"}
        )
        parts = {"grain": grain, "top": 1, "order": order, "period": _days(*days)}
        return self.joined((f"which {grain} {words} {verb}", parts), self.where(0.3))


def composed(count: int, seed: int = 22) -> Iterator[dict[str, Any]]:
    """So many labelled sentences, the same for the same seed."""
    composer = _Composer(seed)
    for number in range(count):
        text, parts = composer.makers[number % len(composer.makers)]()
        label = {"kind": "cost", **parts}
        yield {"id": f"m{number:05}", "text": text, "today": TODAY, "accept": [label], "source": "composed", "tags": []}
