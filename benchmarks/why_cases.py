"""Generated bills in which one thing happened: nineteen kinds of known cause, any number of seeds.

A company of five services in four accounts, three regions and three teams, each series with two SKUs, a weekly rhythm
and 4 % of daily noise. Every case says what a good answer names first: words of the driver's key, its places, its kind,
or the event.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from bot.domain.charge import SERIES, Charge
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.period import Period
from bot.ledger import Ledger

FEED = Feed(source="focus", name="export", grain=frozenset({*SERIES, ANY_TAG}))
START = date(2026, 8, 10)
PAIRS = (
    (Period(start=date(2026, 10, 1), end=date(2026, 11, 1)), Period(start=date(2026, 9, 1), end=date(2026, 10, 1))),
    (Period(start=date(2026, 11, 1), end=date(2026, 11, 22)), Period(start=date(2026, 10, 1), end=date(2026, 10, 22))),
)
SERVICES = ("Compute", "Logs", "Queues", "Warehouse", "Model API")
ACCOUNTS = ("production", "staging", "data", "research")
REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")
TEAMS = ("core", "search", "billing")
_NOISE = 0.04


class Series(NamedTuple):
    """One thing used: where, at which price, and how much on a usual day."""

    service: str
    account: str
    region: str
    team: str
    sku: str
    price: float
    level: float
    model: str = ""


class Use(NamedTuple):
    """What a series used on one day, as it is charged."""

    quantity: float
    price: float
    fields: dict[str, str]


class Expected(NamedTuple):
    """What the first driver has to name: values of key or places, its kind, an event, or what no driver may be."""

    cause: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    event: str = ""
    never: tuple[str, ...] = ()


class Case(NamedTuple):
    """A bill, the periods to compare, and what is expected."""

    kind: str
    seed: int
    period: Period
    against: Period
    charges: tuple[Charge, ...]
    expected: Expected


class _World(NamedTuple):
    """What a kind of case is made of."""

    random: random.Random
    period: Period
    day: date
    """The day on which it happens."""
    target: Series
    series: list[Series]


Change = Callable[[Series, date, Use], Use | None]
"""What becomes of a day's use of a series; None where it is not used."""
Made = tuple[Change, Expected, list[Charge]]


def case(kind: str, seed: int) -> Case:
    """The case of a kind and a seed, always the same."""
    chance = random.Random(f"{kind} {seed}")
    period, against = PAIRS[0] if kind == "calendar" else PAIRS[seed % 2]
    series = list(_series(chance))
    day = period.start + timedelta(days=chance.randrange(4, period.days - 6))
    place = chance.choice([(one.account, one.region) for one in series if one.service == "Logs"])
    target = next(one for one in series if one.service == "Logs" and (one.account, one.region) == place)
    change, expected, more = KINDS[kind](_World(chance, period, day, target, series))
    charges = [*_charges(series, change, chance, period.end), *more]
    return Case(kind, seed, period, against, tuple(charges), expected)


def ledger_of(made: Case, path: Path) -> Ledger:
    """A ledger with the bill of a case."""
    ledger = Ledger(path)
    days = Period(start=START, end=made.period.end)
    ledger.replace(FEED, days, made.charges, synced=datetime.combine(days.end, datetime.min.time(), UTC))
    return ledger


def _series(chance: random.Random) -> Iterator[Series]:
    """Every service in three of the accounts, each in two of the regions, with two SKUs."""
    for service in SERVICES:
        for account in chance.sample(ACCOUNTS, 3):
            for region in chance.sample(REGIONS, 2):
                level, team = chance.uniform(40, 120), chance.choice(TEAMS)
                model = "opus-4" if service == "Model API" else ""
                for sku, price, part in (("small", 0.5, 0.6), ("large", 2.0, 0.4)):
                    name = f"{service} {sku}"
                    yield Series(service, account, region, team, name, price, level * part / price, model)


def _charges(series: list[Series], change: Change, chance: random.Random, end: date) -> Iterator[Charge]:
    for one in series:
        weekend = chance.choice((1.0, 1.0, 0.7))
        day = START
        while day < end:
            quantity = one.level * (weekend if day.weekday() > 4 else 1.0) * chance.lognormvariate(0, _NOISE)
            fields = {"sub_account_name": one.account, "sub_account_id": f"id-{one.account}", "region_id": one.region}
            use = change(one, day, Use(quantity, one.price, {**fields, "x_model": one.model, "sku_id": one.sku}))
            if use is not None:
                yield _charge(one, day, use)
            day += timedelta(days=1)


def _charge(one: Series, day: date, use: Use) -> Charge:
    quantity = Decimal(f"{use.quantity:.4f}")
    unit = "Tokens" if one.model else "Hours"
    used = Charge(
        day=day,
        billed_cost=quantity * Decimal(f"{use.price:.4f}"),
        consumed_quantity=quantity,
        consumed_unit=unit,
        billing_currency="USD",
        service_provider_name="AWS",
        service_name=one.service,
        tags={"team": one.team},
    )
    return replace(used, **use.fields)


def _same(_one: Series, _day: date, use: Use) -> Use:
    return use


def _scaled(matches: Callable[[Series], bool], factor: Callable[[date], float]) -> Change:
    def change(one: Series, day: date, use: Use) -> Use | None:
        by = factor(day) if matches(one) else 1.0
        return use._replace(quantity=use.quantity * by) if by else None

    return change


def _in_place(target: Series) -> Callable[[Series], bool]:
    return lambda one: (one.service, one.account) == (target.service, target.account)


def _shift(made: _World) -> Made:
    by = made.random.uniform(2.0, 3.5)
    expected = Expected(("Logs",), (made.target.account,), ("volume", "moved"))
    return _scaled(_in_place(made.target), lambda day: by if day >= made.day else 1.0), expected, []


def _spike(made: _World) -> Made:
    by, last = made.random.uniform(8, 14), made.day + timedelta(days=2)
    change = _scaled(_in_place(made.target), lambda day: by if made.day <= day <= last else 1.0)
    return change, Expected(("Logs",), (made.target.account,), ("volume", "moved")), []


def _fall(made: _World) -> Made:
    by = made.random.uniform(0.05, 0.3)
    expected = Expected(("Logs",), (made.target.account,), ("volume", "moved"))
    return _scaled(_in_place(made.target), lambda day: by if day >= made.day else 1.0), expected, []


def _growth(made: _World) -> Made:
    change = _scaled(
        _in_place(made.target),
        lambda day: 1.05 ** max(0, (day - made.period.start).days) if day >= made.period.start else 1.0,
    )
    return change, Expected(("Logs",), (made.target.account,), ("volume", "moved")), []


def _new_service(made: _World) -> Made:
    change = _scaled(lambda one: one.service == "Logs", lambda day: float(day >= made.day))
    return change, Expected(("Logs",), (), ("new",)), []


def _gone_service(made: _World) -> Made:
    change = _scaled(lambda one: one.service == "Logs", lambda day: float(day < made.period.start))
    return change, Expected(("Logs",), (), ("vanished",)), []


def _quantity(made: _World) -> Made:
    by = made.random.uniform(1.3, 1.8)
    change = _scaled(lambda one: one.service == "Logs", lambda day: by if day >= made.period.start else 1.0)
    return change, Expected(("Logs",), (), ("volume",)), []


def _price(made: _World) -> Made:
    by = made.random.uniform(1.25, 1.6)

    def change(one: Series, day: date, use: Use) -> Use:
        dearer = one.service == "Logs" and day >= made.day
        return use._replace(price=use.price * by) if dearer else use

    return change, Expected(("Logs",), (), ("price",), f"price changed {made.day}"), []


def _mix(made: _World) -> Made:
    def change(one: Series, day: date, use: Use) -> Use:
        if one.service != "Logs" or day < made.period.start:
            return use
        twin = next(other for other in made.series if other[:4] == one[:4] and other.sku != one.sku)
        return use._replace(quantity=use.quantity * twin.level / one.level)

    return change, Expected(("Logs",), (), ("mix",)), []


def _credit_ended(made: _World) -> Made:
    days = [START + timedelta(days=n) for n in range((made.period.start - START).days)]
    amount = Decimal(made.random.randrange(120, 200))
    credits_ = [
        Charge(
            day=day,
            billed_cost=-amount,
            billing_currency="USD",
            service_provider_name="AWS",
            service_name="Logs",
            charge_category="Credit",
            charge_frequency="One-Time",
            sub_account_name="production",
            sub_account_id="id-production",
        )
        for day in days
    ]
    return _same, Expected(("Logs",), (), ("credit",)), credits_


def _purchase(made: _World) -> Made:
    upfront = Charge(
        day=made.day,
        billed_cost=Decimal(made.random.randrange(3000, 6000)),
        billing_currency="USD",
        service_provider_name="AWS",
        service_name="Savings Plans",
        charge_category="Purchase",
        charge_frequency="One-Time",
        sub_account_name="production",
        sub_account_id="id-production",
    )
    return _same, Expected(("Savings Plans",), (), ("purchase",)), [upfront]


def _commitment(made: _World, *, began: bool) -> Made:
    def change(one: Series, day: date, use: Use) -> Use:
        if one.service != "Logs" or (day >= made.day) != began:
            return use
        return use._replace(price=use.price * 0.5, fields={**use.fields, "commitment_discount_id": "sp-1"})

    word = "began" if began else "lapsed"
    return change, Expected(("Logs",), (), (), f"commitment {word} {made.day}"), []


def _commitment_lapsed(made: _World) -> Made:
    return _commitment(made, began=False)


def _commitment_began(made: _World) -> Made:
    return _commitment(made, began=True)


def _new_model(made: _World) -> Made:
    target = next(one for one in made.series if one.service == "Model API")

    def change(one: Series, day: date, use: Use) -> Use:
        if one[:3] != target[:3] or day < made.day:
            return use
        return use._replace(quantity=use.quantity * 4, fields={**use.fields, "x_model": "opus-5"})

    return change, Expected(("Model API", "opus-5"), (target.account,), (), f"new model {made.day}"), []


def _moved_account(made: _World) -> Made:
    source = made.target.account
    other = made.random.choice([name for name in ACCOUNTS if name != source])

    def change(one: Series, day: date, use: Use) -> Use:
        moved = _in_place(made.target)(one) and day >= made.day
        fields = {"sub_account_name": other, "sub_account_id": f"id-{other}"}
        return use._replace(fields={**use.fields, **fields}) if moved else use

    return change, Expected((source, other), ("Logs",), ("transfer",)), []


def _moved_region(made: _World) -> Made:
    source = made.target.region
    other = made.random.choice([name for name in REGIONS if name != source])

    def change(one: Series, day: date, use: Use) -> Use:
        moved = (one.service, one.region) == ("Logs", source) and day >= made.day
        return use._replace(fields={**use.fields, "region_id": other}) if moved else use

    return change, Expected((source, other), ("Logs",), ("transfer",)), []


def _calendar(_made: _World) -> Made:
    return _same, Expected((), (), ("calendar",)), []


def _renamed(made: _World) -> Made:
    shift, expected, _ = _shift(made)
    renamed = next(name for name in ACCOUNTS if name != made.target.account)

    def change(one: Series, day: date, use: Use) -> Use | None:
        changed = shift(one, day, use)
        if changed is None or one.account != renamed or day < made.period.start:
            return changed
        return changed._replace(fields={**changed.fields, "sub_account_name": f"{renamed} (new)"})

    return change, expected._replace(never=("new", "vanished")), []


def _team(made: _World) -> Made:
    by = made.random.uniform(2.5, 4)
    service, team = max(
        {(one.service, one.team) for one in made.series},
        key=lambda pair: (len({one.account for one in made.series if (one.service, one.team) == pair}), pair),
    )
    change = _scaled(lambda one: (one.service, one.team) == (service, team), lambda day: by if day >= made.day else 1.0)
    return change, Expected((service,), (team,), ("volume", "moved")), []


def _region(made: _World) -> Made:
    by = made.random.uniform(2.5, 4)
    change = _scaled(
        lambda one: (one.service, one.region) == ("Logs", made.target.region),
        lambda day: by if day >= made.day else 1.0,
    )
    return change, Expected(("Logs",), (made.target.region,), ("volume", "moved")), []


KINDS: dict[str, Callable[[_World], Made]] = {
    "shift": _shift,
    "spike": _spike,
    "fall": _fall,
    "growth": _growth,
    "new service": _new_service,
    "gone service": _gone_service,
    "quantity": _quantity,
    "price": _price,
    "mix": _mix,
    "credit ended": _credit_ended,
    "purchase": _purchase,
    "commitment lapsed": _commitment_lapsed,
    "commitment began": _commitment_began,
    "new model": _new_model,
    "moved between accounts": _moved_account,
    "moved between regions": _moved_region,
    "calendar": _calendar,
    "renamed account": _renamed,
    "one team": _team,
    "one region": _region,
}
