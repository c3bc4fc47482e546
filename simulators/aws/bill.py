"""Lumen Robotics' AWS bill, line by line: account, service, usage type, region, record type, team, day.

Pure functions of the day. The stories are those told in ``company``; beside them stands what makes real bills
hard: a savings plan with its negation, a negotiated discount, a refund, tax on the month's last day, a
support fee on the first, days on which something cost exactly nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path

from bot.domain.period import month_of
from simulators.company import FIRST, exact, level, weekly

PAYER = "999988887777"
ACCOUNTS = {
    PAYER: "lumen-payer",
    "111122223333": "production",
    "222233334444": "staging",
    "333344445555": "data-platform",
    "444455556666": "sandbox",
}
PRODUCTION, STAGING, DATA, SANDBOX = list(ACCOUNTS)[1:]

EC2 = "Amazon Elastic Compute Cloud - Compute"
BEDROCK = "Amazon Bedrock"
PLANS = "Savings Plans for AWS Compute usage"
SUPPORT = "AWS Support (Business)"

PLAN_SINCE = date(2026, 4, 1)
PLAN_FEE = Decimal("96.0000000000")
BEDROCK_SINCE = date(2026, 10, 20)
REDSHIFT_LAST = date(2026, 10, 31)
SPIKE = (date(2026, 11, 17), date(2026, 11, 20))
REFUND = date(2026, 9, 14)
CREDITS_SINCE = date(2026, 8, 1)
CREDIT = Decimal("-2000.0000000000")
TAX_RATE = Decimal("0.0825")
PRIVATE_RATE = Decimal("0.95")
TENTH_DIGIT = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing cost on one day, in all four of AWS's metrics."""

    day: date
    account: str
    service: str
    usage_type: str
    region: str
    record_type: str
    team: str
    unblended: Decimal
    net_unblended: Decimal
    amortized: Decimal
    net_amortized: Decimal
    quantity: Decimal = Decimal(0)
    unit: str = "N/A"
    purchase: str = "On Demand Instances"
    model: str = ""
    inference: str = ""


@dataclass(frozen=True, slots=True)
class _Use:
    """Something used day by day: its dollars a day at the start, and the price of one unit."""

    account: str
    service: str
    usage_type: str
    region: str
    team: str
    base: float
    price: Decimal
    unit: str
    growth: float
    weekend: float
    model: str
    inference: str
    purchase: str


def _use(row: str) -> _Use:
    cells = [cell.strip() for cell in row.split("|")]
    account, service, usage_type, region, team, base, price, unit, growth, weekend, *model = cells
    return _Use(
        account=next(id_ for id_, name in ACCOUNTS.items() if name == account),
        service=EC2 if service == "EC2" else service,
        usage_type=usage_type,
        region=region,
        team=team,
        base=float(base),
        price=Decimal(price),
        unit=unit,
        growth=float(growth),
        weekend=float(weekend),
        model=model[0] if model else "",
        inference=model[1] if model else "",
        purchase="Spot Instances" if "SpotUsage" in usage_type else "On Demand Instances",
    )


_USES = tuple(
    _use(row) for row in Path(__file__).with_suffix(".txt").read_text().splitlines() if not row.startswith("#")
)


@lru_cache(maxsize=1024)
def lines(day: date) -> tuple[Line, ...]:
    """The bill of a whole day; empty before the company's first."""
    if day < FIRST:
        return ()
    used = tuple(line for use in _USES for line in _used(use, day))
    return (*used, *_savings_plan(day), *_once(day))


def _used(use: _Use, day: date) -> Iterator[Line]:
    dollars = _dollars(use, day)
    if dollars is None:
        return
    amount = exact(dollars)
    quantity = (amount / use.price).quantize(TENTH_DIGIT, ROUND_HALF_EVEN)
    line = Line(
        day=day,
        account=use.account,
        service=use.service,
        usage_type=use.usage_type,
        region=use.region,
        record_type="Usage",
        team=use.team,
        unblended=amount,
        net_unblended=amount,
        amortized=amount,
        net_amortized=amount,
        quantity=quantity,
        unit=use.unit,
        purchase=use.purchase,
        model=use.model,
        inference=use.inference,
    )
    if use.service == EC2 and use.account == PRODUCTION:
        yield from _discounted(line)
    else:
        yield line


def _dollars(use: _Use, day: date) -> float | None:
    """None where the thing was not there at all; 0 where it was and cost nothing."""
    base = use.base
    if use.service == "Amazon Redshift" and day > REDSHIFT_LAST:
        return None
    if use.service == BEDROCK:
        if day < BEDROCK_SINCE:
            return None
        months = (day - BEDROCK_SINCE).days / 30.44
        return float(base * (1 + use.growth) ** months) * weekly(day)
    if use.service == "Amazon SageMaker" and SPIKE[0] <= day < SPIKE[1]:
        base *= 9
    return level(day, use.usage_type, base=base, growth=use.growth, weekend=use.weekend)


def _discounted(line: Line) -> Iterator[Line]:
    """A private rate: the net metrics carry it in the usage, the plain ones as a line of its own."""
    net = (line.unblended * PRIVATE_RATE).quantize(TENTH_DIGIT, ROUND_HALF_EVEN)
    less = net - line.unblended
    yield replace(line, net_unblended=net, net_amortized=net)
    yield replace(
        line,
        record_type="Private Rate Discount",
        unblended=less,
        amortized=less,
        net_unblended=Decimal(0),
        net_amortized=Decimal(0),
        quantity=Decimal(0),
    )


def _savings_plan(day: date) -> Iterator[Line]:
    """The fee is billed; covered usage is shown at list price and taken back; amortized, it costs the fee."""
    if day < PLAN_SINCE:
        return
    zero = Decimal(0)
    covered = exact(level(day, "covered", base=128, weekend=0.7))
    share = min(Decimal(1), covered / Decimal(128))
    spent = (PLAN_FEE * share).quantize(TENTH_DIGIT, ROUND_HALF_EVEN)
    box = Line(
        day=day,
        account=PRODUCTION,
        service=EC2,
        usage_type="BoxUsage:m6i.2xlarge",
        region="us-east-1",
        record_type="SavingsPlanCoveredUsage",
        team="platform",
        unblended=covered,
        net_unblended=covered,
        amortized=spent,
        net_amortized=spent,
        quantity=(covered / Decimal("0.384")).quantize(TENTH_DIGIT, ROUND_HALF_EVEN),
        unit="Hrs",
        purchase="Savings Plans",
    )
    yield box
    yield replace(
        box,
        record_type="SavingsPlanNegation",
        unblended=-covered,
        net_unblended=-covered,
        amortized=zero,
        net_amortized=zero,
        quantity=zero,
    )
    unused = PLAN_FEE - spent
    yield replace(
        box,
        account=PAYER,
        service=PLANS,
        usage_type="ComputeSP:1yrNoUpfront",
        region="",
        team="",
        record_type="SavingsPlanRecurringFee",
        unblended=PLAN_FEE,
        net_unblended=PLAN_FEE,
        amortized=unused,
        net_amortized=unused,
        quantity=zero,
    )


def _once(day: date) -> Iterator[Line]:
    """What comes on one day of the month: support, credits, a refund, tax."""
    if day.day == 1:
        yield _flat(day, SUPPORT, "Dollar", "Support", exact(level(day, "support", base=820, weekend=1)))
    if day.day == 1 and day >= CREDITS_SINCE:
        credit = _flat(day, EC2, "BoxUsage:m6i.xlarge", "Credit", CREDIT)
        yield replace(credit, account=PRODUCTION, region="us-east-1")
    if day == REFUND:
        amount = Decimal("-182.4000000000")
        refund = _flat(day, "Amazon Simple Storage Service", "TimedStorage-ByteHrs", "Refund", amount)
        yield replace(refund, account=PRODUCTION, region="us-east-1")
    if day + timedelta(days=1) == month_of(day).end:
        yield _flat(day, "Tax", "USE1-Tax", "Tax", _tax(day))


def _flat(day: date, service: str, usage_type: str, record_type: str, amount: Decimal) -> Line:
    """A line of the payer's, of no region."""
    return Line(
        day=day,
        account=PAYER,
        service=service,
        usage_type=usage_type,
        region="",
        record_type=record_type,
        team="",
        unblended=amount,
        net_unblended=amount,
        amortized=amount,
        net_amortized=amount,
        purchase="",
    )


def _tax(last: date) -> Decimal:
    """On what the month's usage came to before its last day."""
    before = (day for day in month_of(last) if day < last)
    month = sum((line.net_unblended for day in before for line in lines(day)), Decimal(0))
    return (month * TAX_RATE).quantize(TENTH_DIGIT, ROUND_HALF_EVEN)
