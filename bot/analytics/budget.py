"""Budgets: a limit on what a question comes to in a month, quarter, year or so many days, and how it stands.

``budgets.toml``::

    [[budget]]
    name = "chat"
    limit = "3000 USD"                    # a bare number is in the default currency
    every = "month"                       # or quarter, year; 7, 30 or 90 days roll on
    year_start = 1                        # the month in which the fiscal year begins
    question = "OpenAI, project Chat App" # in words, as one would ask
    alert = { actual = [0.5, 0.8, 1], forecast = [1] }
    owner = "Mei Lin"
    channel = "#ai-costs"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.answers.budgets import ROLLING, BudgetState, BudgetStatus, Contributor, Every, MissingSpend
from bot.domain.answers.forecasts import Forecast, TooShort
from bot.domain.errors import CostError, Misconfigured
from bot.domain.money import Exact, Money
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Named, Scope

_MONTHS: Mapping[Every, int] = {"month": 1, "quarter": 3, "year": 12}


class Alert(BaseModel):
    """Parts of the limit at which a budget speaks up, on what is spent and on what is forecast."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    actual: tuple[Exact, ...] = (Decimal("0.8"), Decimal(1))
    forecast: tuple[Exact, ...] = (Decimal(1),)


class Budget(Named, BaseModel):
    """A limit on what a question comes to in each month, quarter or year, or in the last so many days."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str = Field(min_length=1)
    limit: Money
    every: Every = "month"
    year_start: int = Field(default=1, ge=1, le=12)
    """The month in which the year begins, and with it the quarters."""
    question: Question
    alert: Alert = Alert()
    owner: str = ""
    channel: str = ""
    team: str = ""
    """The workspace whose it is; ``""`` for those of the file where there is one workspace only."""
    id: str = ""
    """What tells it from another one of that name, where whoever made it was not told of that."""
    words: str = ""
    """The question as it was typed."""
    scope: Scope = EVERYTHING
    """What whoever made it could see: it is about no more than that."""

    @property
    def about(self) -> Scope:
        """All that it is about: who may not see all of that is told nothing of it."""
        return self.scope.within(Scope(where=self.question.where))

    def period(self, day: date) -> Period:
        """The whole month, quarter or year around a day; of one that rolls on the days up to it."""
        if self.every in ROLLING:
            return Period(start=day + DAY - DAY * ROLLING[self.every], end=day + DAY)
        months = _MONTHS[self.every]
        start = add_months(day.replace(day=1), -((day.month - self.year_start) % months))
        return Period(start=start, end=add_months(start, months))

    def spending(self, day: date) -> Question:
        """What to ask for how it stands on a day: the spend of its period, one total."""
        so_far = Period(start=self.period(day).start, end=day + DAY)
        plain = {"kind": "cost", "period": so_far, "against": None, "grain": None, "by": (), "top": None}
        return self.question.model_copy(update=plain)


def status(  # noqa: PLR0913 - what is known of its spend
    budget: Budget,
    day: date,
    spent: Decimal,
    *,
    forecast: Forecast | TooShort | None = None,
    daily: Sequence[tuple[date, Decimal]] = (),
    missing: Iterable[MissingSpend] = (),
    contributors: Iterable[Contributor] = (),
) -> BudgetStatus:
    """How a budget stands on a day.

    ``spent`` is what its period has come to, in the limit's currency; ``daily`` its days, if the day on which
    it ran out is to be named; ``forecast`` is of its whole period. ``missing`` is what ``spent`` lacks (a source
    without data, another currency).

    Raises:
        ValueError: the forecast is of another currency or period.
    """
    period, limit = budget.period(day), budget.limit.amount
    known = forecast if isinstance(forecast, Forecast) else None
    if forecast and (forecast.currency, forecast.period) != (budget.limit.currency, period):
        msg = f"the budget {budget.name} needs a forecast of its own currency and period"
        raise ValueError(msg)
    lacks = tuple(missing)
    state = _state(limit, spent, known, lacks)
    if state == "open" and budget.every in ROLLING:
        state = "within"
    return BudgetStatus(
        name=budget.name,
        currency=budget.limit.currency,
        limit=limit,
        every=budget.every,
        period=period,
        spent=spent,
        state=state,
        forecast=known.total if known else None,
        low=known.low if known else None,
        high=known.high if known else None,
        runs_out=None if budget.every in ROLLING else _runs_out(limit, spent, known, daily, state),
        passed=_passed(budget, spent, known),
        missing=lacks,
        owner=budget.owner,
        channel=budget.channel,
        day=day,
        contributors=tuple(contributors),
    )


def _state(limit: Decimal, spent: Decimal, forecast: Forecast | None, missing: Sequence[MissingSpend]) -> BudgetState:
    if spent >= limit:
        return "over"
    if forecast and forecast.total >= limit:
        return "will run out"
    if missing:
        return "unknown"
    if forecast and forecast.high >= limit:
        return "at risk"
    return "within" if forecast else "open"


def _runs_out(
    limit: Decimal,
    spent: Decimal,
    forecast: Forecast | None,
    daily: Sequence[tuple[date, Decimal]],
    state: BudgetState,
) -> date | None:
    """The first day on whose evening the limit is reached."""
    if state == "over":
        return _reached(limit, Decimal(0), daily)
    if state == "will run out" and forecast:
        return _reached(limit, spent + forecast.correction, forecast.days) or forecast.period.last
    return None


def _reached(limit: Decimal, start: Decimal, days: Sequence[tuple[date, Decimal]]) -> date | None:
    for day, amount in days:
        start += amount
        if start >= limit:
            return day
    return None


def _passed(
    budget: Budget, spent: Decimal, forecast: Forecast | None
) -> tuple[tuple[Literal["actual", "forecast"], Decimal], ...]:
    passed: list[tuple[Literal["actual", "forecast"], Decimal]] = []
    passed += [("actual", at) for at in sorted(budget.alert.actual) if spent >= at * budget.limit.amount]
    if forecast:
        ahead = sorted(budget.alert.forecast)
        passed += [("forecast", at) for at in ahead if forecast.total >= at * budget.limit.amount]
    return tuple(passed)


def read_budgets(
    declared: Mapping[str, Any], read: Callable[[str], Question], currency: str = "USD", year_start: int = 1
) -> tuple[Budget, ...]:
    """The budgets of a parsed ``budgets.toml``; ``read`` turns words into a question.

    ``year_start`` is the month in which years begin for budgets that name none.

    Raises:
        Misconfigured: names the budget, what is wrong with it, and how it should look.
    """
    entries = declared.get("budget", [])
    if set(declared) - {"budget"} or not isinstance(entries, list):
        raise Misconfigured("budgets.toml has entries that are not budgets.", "Start each with [[budget]].")
    usual = {"year_start": year_start}
    entries = [{**usual, **entry} if isinstance(entry, dict) else entry for entry in entries]
    budgets = tuple(_budget(entry, at, read, currency) for at, entry in enumerate(entries, 1))
    names = [budget.name for budget in budgets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Misconfigured(f"Two budgets are named {twice[0]!r}.", "Give each a different name.")
    return budgets


def _budget(entry: Mapping[str, Any], at: int, read: Callable[[str], Question], currency: str) -> Budget:
    name = entry.get("name", f"number {at}") if isinstance(entry, dict) else f"number {at}"
    try:
        values = {
            "words": str(entry["question"]),
            **entry,
            "limit": limit(entry["limit"], currency),
            "question": read(entry["question"]),
        }
        if "alert" in values:
            values["alert"] = {on: [Decimal(str(part)) for part in parts] for on, parts in values["alert"].items()}
        return Budget.model_validate(values)
    except CostError as error:
        raise Misconfigured(f"The question of budget {name!r} is not clear: {error.message}", error.hint) from error
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise Misconfigured(f"Budget {name!r} has a wrong {wrong}.", _FORM) from error
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise Misconfigured(f"Budget {name!r} cannot be read: {error}.", _FORM) from error


_FORM = 'It needs name, limit ("3000 USD") and question; every, year_start, alert, owner and channel are optional.'


def limit(written: object, currency: str) -> Money:
    """An amount as people write it: ``3000 USD``, ``$3,000``, ``3_000``.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"\s*[$€£]?\s*(\d[\d_,]*(?:\.\d+)?)\s*([A-Za-z]{3})?\s*", str(written))
    if not found:
        msg = f"limit {written!r} is not an amount such as '3000 USD'"
        raise ValueError(msg)
    amount = Decimal(found[1].replace(",", "").replace("_", ""))
    return Money(amount=amount, currency=(found[2] or currency).upper())
