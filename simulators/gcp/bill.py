"""Lumen Robotics' Google Cloud bill: rows of a detailed billing export, a pure function of the day.

BigQuery a third dearer since 3 November 2026; sustained use and committed use discounts; a promotion in
September and October; a free tier; rounding and tax lines without a project on the month's last day; usage of
the month's last evening on the next month's invoice; corrections exported days after the day they correct.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.period import DAY, add_months
from simulators.company import FIRST, chance, exact, level

ACCOUNT = "01A4F2-7C93BE-55D081"
ACCOUNT_NAME = "Lumen Robotics GmbH"
DEARER_SINCE = date(2026, 11, 3)
PROMOTION = (date(2026, 9, 1), date(2026, 11, 1))
PROJECTS = {"lumen-prod": "418201773001", "lumen-ml": "418201773002", "lumen-analytics": "418201773003"}
_RESOURCES = {
    "Kubernetes Engine": ("container.googleapis.com", "clusters"),
    "Cloud SQL": ("sqladmin.googleapis.com", "instances"),
    "Cloud Storage": ("storage.googleapis.com", "buckets"),
    "Cloud Run": ("run.googleapis.com", "services"),
    "Vertex AI": ("aiplatform.googleapis.com", "endpoints"),
    "Cloud Dataflow": ("dataflow.googleapis.com", "jobs"),
}
Export = dict[str, Any]


@dataclass(frozen=True)
class Meter:
    """One SKU that one project uses every day: USD a day at ``price`` a unit."""

    service: str
    sku: str
    sku_id: str
    project: str
    region: str
    base: float
    price: str
    unit: str
    labels: Mapping[str, str] = field(default_factory=dict)
    resource: str = ""
    growth: float = 0.0
    weekend: float = 0.6
    since: date = FIRST
    list_factor: str = "1"
    discount: tuple[str, str, float] | None = None
    """Type, name and share of the cost that comes back as a credit."""


_PLATFORM = {"team": "platform", "environment": "production"}
_STAGING = {"team": "platform", "environment": "staging"}
_VISION = {"team": "vision", "environment": "production"}
_RESEARCH = {"team": "vision", "environment": "research"}
_DATA = {"team": "data", "environment": "production"}
_GROWTH = {"team": "growth", "environment": "production"}
_SUSTAINED = ("SUSTAINED_USAGE_DISCOUNT", "Sustained Usage Discount", 0.2)
_COMMITTED = ("COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "Committed Usage Discount - Dollar Based: Cloud SQL", 0.25)

METERS = (
    Meter("Compute Engine", "N2 Instance Core running in Americas", "9A1B-4C02-77E1", "lumen-prod", "us-central1",
          104, "0.031611", "hour", _PLATFORM, "gke-lumen-prod-pool-a", 0.01, 0.8, discount=_SUSTAINED),
    Meter("Compute Engine", "N2 Instance Ram running in Americas", "9A1B-4C02-77E2", "lumen-prod", "us-central1",
          46, "0.004237", "gibibyte hour", _PLATFORM, "gke-lumen-prod-pool-a", 0.01, 0.8, discount=_SUSTAINED),
    Meter("Compute Engine", "E2 Instance Core running in EMEA", "2F6D-18AA-0B34", "lumen-prod", "europe-west3",
          31, "0.028103", "hour", _STAGING, "staging-runner-1", weekend=0.3, discount=_SUSTAINED),
    Meter("Compute Engine", "Storage PD Capacity in Americas", "D973-5D65-BAB2", "lumen-prod", "us-central1",
          22, "0.04", "gibibyte month", _PLATFORM, "pd-lumen-prod", 0.012, 1.0),
    Meter("Compute Engine", "Network Internet Data Transfer Out from Americas to Americas", "84AE-7A11-F9C0",
          "lumen-prod", "us-central1", 16, "0.085", "gibibyte", {}, "", 0.015, 0.8),
    Meter("Kubernetes Engine", "Regional Kubernetes Clusters", "6B92-A835-08AB", "lumen-prod", "us-central1",
          7.2, "0.1", "hour", _PLATFORM, "lumen-prod", weekend=1.0),
    Meter("Cloud SQL", "Cloud SQL for PostgreSQL: Regional - vCPU in Americas", "8E13-1B06-CA52", "lumen-prod",
          "us-central1", 44, "0.0826", "hour", _PLATFORM, "orders-primary", weekend=1.0, discount=_COMMITTED),
    Meter("Cloud Storage", "Standard Storage US Regional", "E5F0-6A5D-7BAD", "lumen-prod", "us-central1",
          19, "0.02", "gibibyte month", _GROWTH, "lumen-web-assets", 0.02, 1.0),
    Meter("Cloud Run", "Services CPU (Request-based billing) in us-central1", "47B1-0D23-9A10", "lumen-prod",
          "us-central1", 9, "0.000024", "second", _GROWTH, "telemetry-api", 0.03,
          discount=("FREE_TIER", "Free tier: Cloud Run CPU", 0.05)),
    Meter("Cloud Logging", "Log Storage cost", "143F-A1B0-E0BE", "lumen-prod", "", 8, "0.5", "gibibyte",
          {}, "", 0.01, 0.8),
    Meter("Networking", "Cloud Load Balancer Forwarding Rule Minimum Global", "0C6D-4471-2B1E", "lumen-prod", "",
          3.6, "0.025", "hour", _PLATFORM, "", weekend=1.0),
    Meter("Compute Engine", "Spot Preemptible Nvidia L4 GPU attached to VMs running in Americas",
          "5D1C-88E2-4F70", "lumen-ml", "us-central1", 58, "0.2232", "hour", _RESEARCH, "train-l4-spot", 0.02, 0.9),
    Meter("Vertex AI", "Gemini 3 Pro Text Input - Predictions", "B7A0-11C4-6F01", "lumen-ml", "europe-west4",
          24, "0.00000125", "count", _VISION, "", 0.06, 0.5, since=date(2026, 2, 1)),
    Meter("Vertex AI", "Gemini 3 Pro Text Output - Predictions", "B7A0-11C4-6F02", "lumen-ml", "europe-west4",
          33, "0.00001", "count", _VISION, "", 0.06, 0.5, since=date(2026, 2, 1)),
    Meter("Vertex AI", "Online Prediction N1 Instance Core running in EMEA", "C2B9-70F3-1E45", "lumen-ml",
          "europe-west4", 37, "0.0363", "hour", _VISION, "grasp-scorer", weekend=1.0),
    Meter("Cloud Storage", "Standard Storage Belgium", "A7F2-1B3C-44D9", "lumen-ml", "europe-west1", 11, "0.02",
          "gibibyte month", _RESEARCH, "lumen-datasets", 0.03, 1.0),
    Meter("BigQuery", "Analysis (us-central1)", "3362-E469-6BEF", "lumen-analytics", "us-central1", 84, "6.25",
          "tebibyte", _DATA, "", 0.01, 0.55, list_factor="1.1"),
    Meter("BigQuery", "Active Logical Storage (us-central1)", "BB55-3E5A-405C", "lumen-analytics", "us-central1",
          14, "0.02", "gibibyte month", _DATA, "", 0.015, 1.0),
    Meter("Cloud Dataflow", "vCPU Time Streaming us-central1", "6C29-7B64-0C57", "lumen-analytics", "us-central1",
          17, "0.069", "hour", _DATA, "telemetry-stream", weekend=1.0),
    Meter("Cloud Pub/Sub", "Message Delivery Basic", "77D0-3FBA-9B21", "lumen-analytics", "", 5, "40",
          "tebibyte", {}, "", 0.02, 0.7),
)  # fmt: skip


_SHARE_LATE = 0.02
"""Of days and meters that get a late row."""
_USAGE_UNITS = {"hour": "seconds", "second": "seconds", "count": "requests"}
"""What is metered, by what is priced; of tokens Google says "requests" (a standard export of 5,062,475 units, and
webframp/swamp, gcp/vertex-usage)."""


def exported(day: date, rate: Decimal = Decimal(1), currency: str = "USD") -> Iterator[Export]:
    """Every row that will ever be exported about a day's usage; ``export_time`` says when.

    ``rate`` converts USD to the account's ``currency``.
    """
    account = _Account(rate, currency)
    for meter in METERS:
        if meter.since <= day:
            yield from _usage(day, meter, account)
    if (day + DAY).day == 1:
        yield from _month_end(day, account)
    if day == date(2026, 10, 14):
        outage = "Service level agreement: us-central1 outage on 14 October"
        item = _Item("Compute Engine", "SLA credit adjustment", cost_type="adjustment", adjustment=outage)
        when = _When(date(2026, 11, 1), later=20)
        yield _line(day, account, _Cost(Decimal("-42.5") * rate), item, when)


@dataclass(frozen=True)
class _Account:
    """What the account is billed in, and what a dollar is in it."""

    rate: Decimal
    currency: str


@dataclass(frozen=True)
class _Item:
    """What a row is about."""

    service: str
    sku: str
    sku_id: str = ""
    cost_type: str = "regular"
    adjustment: str | None = None


@dataclass(frozen=True)
class _When:
    """The month of the row's invoice (else the day's), the hour of its usage, and days until it is exported."""

    invoice: date | None = None
    hour: int = 0
    later: int = 0


@dataclass(frozen=True)
class _Cost:
    """What one row costs, in the account's currency."""

    cost: Decimal
    list_cost: Decimal | None = None
    quantity: Decimal = Decimal(0)
    credits: tuple[tuple[str, str, Decimal], ...] = ()


def _usage(day: date, meter: Meter, account: _Account) -> Iterator[Export]:
    base = meter.base * (4 / 3 if meter.service == "BigQuery" and day >= DEARER_SINCE else 1)
    usd = level(day, ("gcp", meter.sku_id), base=base, growth=meter.growth, weekend=meter.weekend)
    last_day = (day + DAY).day == 1
    for part, share in enumerate((0.7, 0.3) if last_day else (1.0,)):
        invoice = add_months(day.replace(day=1), part)
        cost = _priced(day, meter, exact(usd * share, 6), account.rate)
        yield _metered(day, meter, account, cost, _When(invoice, hour=0 if part == 0 else 20))
    if chance("late", day, meter.sku_id) < _SHARE_LATE:
        late = _priced(day, meter, exact(usd * 0.04, 6), account.rate)
        yield _metered(day, meter, account, late, _When(day.replace(day=1), hour=3, later=3 + day.day % 4))


def _priced(day: date, meter: Meter, usd: Decimal, rate: Decimal) -> _Cost:
    cost = _micro(usd * rate)
    credits_ = []
    if meter.discount is not None:
        kind, name, share = meter.discount
        credits_.append((kind, name, -_micro(cost * Decimal(str(share)))))
    if meter.service == "Vertex AI" and PROMOTION[0] <= day < PROMOTION[1]:
        credits_.append(("PROMOTION", "Google for Startups: AI credits", -_micro(cost * Decimal("0.35"))))
    return _Cost(
        cost,
        list_cost=_micro(cost * Decimal(meter.list_factor)),
        quantity=_micro(usd / Decimal(meter.price)),
        credits=tuple(credits_),
    )


def _month_end(day: date, account: _Account) -> Iterator[Export]:
    support = _Cost(_micro(Decimal("149.9") * account.rate))
    yield _line(day, account, support, _Item("Support", "Enhanced Support"), _When(later=1))
    rounding = _Cost(exact(0.001 + chance("rounding", day) / 100, 6))
    item = _Item("Invoice", "Rounding error", cost_type="rounding_error")
    yield _line(day, account, rounding, item, _When(later=2))
    tax = exact(950 + 40 * chance("tax", day), 2) * account.rate
    yield _line(day, account, _Cost(_micro(tax)), _Item("Invoice", "Tax", cost_type="tax"), _When(later=2))


def _metered(day: date, meter: Meter, account: _Account, cost: _Cost, when: _When) -> Export:
    row = _line(day, account, cost, _Item(meter.service, meter.sku, meter.sku_id), when)
    zone = f"{meter.region}-a" if meter.resource and meter.service == "Compute Engine" else None
    return row | {
        "project": _project(meter.project),
        "labels": [{"key": key, "value": value} for key, value in meter.labels.items()],
        "location": {
            "location": meter.region or "global",
            "country": None,
            "region": meter.region or None,
            "zone": zone,
        },
        "usage": {
            "amount": float(cost.quantity),
            "unit": _USAGE_UNITS.get(meter.unit, "bytes"),
            "amount_in_pricing_units": float(cost.quantity),
            "pricing_unit": meter.unit,
        },
        "resource": {
            "name": meter.resource or None,
            "global_name": _global_name(meter) if meter.resource else None,
        },
    }


def _line(day: date, account: _Account, cost: _Cost, item: _Item, when: _When) -> Export:
    """A row of nobody's project, place or label."""
    start = datetime.combine(day, time(when.hour), UTC)
    delay = 5 + 3 * chance("delay", day, item.sku, when.hour, when.later)
    return {
        "billing_account_id": ACCOUNT,
        "service": {"id": item.service.upper()[:4], "description": item.service},
        "sku": {"id": item.sku_id or item.sku.upper()[:4], "description": item.sku},
        "usage_start_time": start,
        "usage_end_time": start + timedelta(hours=1),
        "project": None,
        "labels": [],
        "system_labels": [],
        "tags": [],
        "location": None,
        "export_time": start + timedelta(days=when.later, hours=delay),
        "cost": float(cost.cost),
        "currency": account.currency,
        "currency_conversion_rate": float(account.rate),
        "usage": None,
        "credits": [{"name": name, "amount": float(amount), "full_name": name, "id": name.lower(), "type": kind}
                    for kind, name, amount in cost.credits],
        "invoice": {"month": f"{when.invoice or day:%Y%m}"},
        "cost_type": item.cost_type,
        "adjustment_info": {"id": "1", "description": item.adjustment, "mode": "MANUAL_ADJUSTMENT", "type": "GOODWILL"}
        if item.adjustment else None,
        "cost_at_list": float(cost.list_cost) if cost.list_cost is not None else None,
        "resource": None,
    }  # fmt: skip


def _global_name(meter: Meter) -> str:
    host, kind = _RESOURCES.get(meter.service, ("compute.googleapis.com", "instances"))
    return f"//{host}/projects/{meter.project}/{kind}/{meter.resource}"


def _project(project: str) -> Export:
    labels = [{"key": "cost-center", "value": f"cc-{PROJECTS[project][-3:]}"}]
    return {"id": project, "number": PROJECTS[project], "name": project, "labels": labels}


def _micro(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("1e-6"))
