"""A small bill in a real ledger, its days made up by each test."""

from datetime import date
from decimal import Decimal

from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.period import DAY, Period

SINCE = date(2026, 8, 1)
GRAIN = frozenset({"ServiceProviderName", "ServiceName", "SubAccountName", "x_Model", "x_ApiKeyName", "ChargeCategory"})
COLUMNS = ("service_provider_name", "service_name", "sub_account_name", "x_model", "x_api_key_name")


def line(provider, service, account, model="", key=""):
    """What one line of the bill is about."""
    return dict(zip(COLUMNS, (provider, service, account, model, key), strict=True))


def write(ledger, now, amounts, *, source="bill", through=None):
    """The source tells every day up to today: ``amounts`` are pairs of a line and a function of the day.

    ``through`` is the last day that it has told of, yesterday unless it is late.
    """
    through = through or now.date() - DAY
    days = Period(start=SINCE, end=through + DAY)
    charges = [
        Charge(day=day, billed_cost=Decimal(str(amount(day))), billing_currency="USD", **about)
        for day in days
        for about, amount in amounts
    ]
    ledger.replace(Feed(source=source, name="bill", grain=GRAIN), days, charges, synced=now)
    ledger.fresh(Freshness(source=source, synced=now, data_through=through, final_through=date(2026, 7, 31)))
