"""A FOCUS table with everything that makes sums wrong, and its truth, added up in Python's integers."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.period import Period

DAYS = Period(start=datetime(2026, 9, 1, tzinfo=UTC).date(), end=datetime(2026, 11, 1, tzinfo=UTC).date())
COLUMNS = {
    "ChargePeriodStart": "instant",
    "ChargePeriodEnd": "instant",
    "BilledCost": "amount",
    "EffectiveCost": "amount",
    "BillingCurrency": "text",
    "ServiceProviderName": "text",
    "ServiceName": "text",
    "SubAccountId": "text",
    "SubAccountName": "text",
    "RegionId": "text",
    "ChargeCategory": "text",
    "ResourceId": "text",
    "ConsumedQuantity": "amount",
    "ConsumedUnit": "text",
    "Tags": "json",
}
_RESOURCES = ("bucket-a", "bucket-b", "i-0abc", 'it\'s; DROP TABLE "x" --', "", None)
_TAGS = ({"cost-center": "4\"2'"}, {"team": "data"}, {}, None)


def rows():
    """Every row, as a tuple in the order of ``COLUMNS``."""
    start = datetime(2026, 9, 1, tzinfo=UTC)
    numbers = itertools.count()
    made = []
    for hours in range(0, 61 * 24, 7):  # the last hour of a month in UTC is another month elsewhere
        for resource in _RESOURCES:
            n = next(numbers)
            instant = start + timedelta(hours=hours)
            billed = Decimal(n % 97 - 3) / 7
            billed = billed.quantize(Decimal("1e-18"))
            category = ("Usage", "Adjustment", "Credit", "Tax")[n % 4]
            made.append((
                instant,
                instant + timedelta(hours=1),
                billed,
                None if n % 5 == 0 else billed / 2,
                "EUR" if n % 11 == 0 else "USD",
                "AWS",
                ("AmazonS3", "AmazonEC2", "Amazon \\ Tab\tService")[n % 3],
                f"{n % 2}",
                ("production", "staging")[n % 2],
                None if n % 6 == 0 else "eu-central-1",
                category,
                resource,
                Decimal(n % 10),
                "GB" if n % 2 else None,
                None if _TAGS[n % 4] is None else json.dumps(_TAGS[n % 4]),
            ))  # fmt: skip
    return [tuple(v.quantize(Decimal("1e-18")) if isinstance(v, Decimal) else v for v in row) for row in made]


def truth(key, *, where=lambda _row: True, metric="BilledCost"):
    """Exact sums by ``key(row)`` and currency, zero sums included."""
    sums = {}
    for values in rows():
        row = dict(zip(COLUMNS, values, strict=True))
        if where(row) and DAYS.start <= row["ChargePeriodStart"].date() < DAYS.end:
            amount = row[metric] if row[metric] is not None else row["BilledCost"]
            at = (*key(row), row["BillingCurrency"])
            sums[at] = sums.get(at, 0) + amount
    return sums
