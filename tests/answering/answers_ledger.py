"""A ledger with something of everything that answers are made of: for the recorded answers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.analytics.budget import Alert, Budget
from bot.analytics.credits import DeclaredCredit
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.ledger.kv_store import ADVICE, INVOICE, INVOICED, month_key

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
DAYS = Period(start=date(2026, 6, 1), end=date(2026, 11, 22))
CHARGED = frozenset({"ServiceProviderName", "ServiceName", "SubAccountName", "ChargeCategory", "ChargeFrequency"})
AWS = Feed(source="aws", name="account × service", grain=CHARGED | {"PricingCategory", "CommitmentDiscountStatus"})
AWS_REGIONS = Feed(
    source="aws", name="service × region", grain=frozenset({"ServiceProviderName", "ServiceName", "RegionId"})
)
GCP = Feed(
    source="gcp",
    name="export",
    grain=CHARGED | {"RegionId", "SkuId", "ChargeDescription", "Tags/team", "ServiceCategory"},
)
OPENAI = Feed(source="openai", name="project × line item", grain=CHARGED | {"x_Model", "x_TokenType", "SkuId"})
SOURCES = {"aws": "AWS", "gcp": "Google Cloud", "openai": "OpenAI", "anthropic": "Anthropic"}
USUAL = {
    ("Amazon EC2", "production"): "41.20",
    ("Amazon EC2", "staging"): "12.75",
    ("Amazon S3", "production"): "7.033333333333333333",
    ("AWS Lambda", "data"): "3.5",
    ("Amazon Redshift", "data"): "0.004",
}


def _wave(day, amount):
    """Weekends at two thirds, in whole cents."""
    return (Decimal(amount) * (Decimal("0.66") if day.weekday() > 4 else 1)).quantize(Decimal("1e-9"))


def _aws(day):
    for (service, account), amount in USUAL.items():
        billed = _wave(day, amount)
        if service == "Amazon EC2" and account == "production" and day >= date(2026, 11, 9):
            billed *= 2
        committed = service == "Amazon EC2"
        yield Charge(
            day=day,
            billed_cost=billed,
            effective_cost=billed * Decimal("0.9") if committed else billed,
            list_cost=billed * Decimal("1.25"),
            contracted_cost=billed,
            billing_currency="USD",
            service_provider_name="AWS",
            service_name=service,
            sub_account_name=account,
            commitment_discount_status="Used" if committed else "",
            pricing_category="Committed" if committed else "Standard",
        )
    if day.day == 1:
        common = {
            "day": day,
            "billing_currency": "USD",
            "service_provider_name": "AWS",
            "sub_account_name": "production",
        }
        yield Charge(billed_cost=Decimal("100.000000001"), service_name="Tax", charge_category="Tax", **common)
        yield Charge(billed_cost=Decimal(-50), service_name="Amazon EC2", charge_category="Credit", **common)


def _regions(day):
    sums = {}
    for item in _aws(day):
        sums[item.service_name] = sums.get(item.service_name, Decimal(0)) + item.billed_cost
    for service, billed in sums.items():
        yield Charge(
            day=day,
            billed_cost=billed + (Decimal(1) if day == date(2026, 11, 3) and service == "AWS Lambda" else 0),
            billing_currency="USD",
            service_provider_name="AWS",
            service_name=service,
            region_id="eu-central-1" if service == "AWS Lambda" else "us-east-1",
        )


def _gcp(day):
    common = {"day": day, "billing_currency": "EUR", "service_provider_name": "Google Cloud"}
    for project, team, amount in (("web", "core", "20"), ("ml", "research", "35.5"), ("ml", "", "4")):
        yield Charge(
            billed_cost=_wave(day, amount),
            service_name="Compute Engine",
            service_category="Compute",
            sub_account_name=project,
            region_id="europe-west3",
            sku_id="N2 core",
            tags={"team": team} if team else {},
            consumed_quantity=Decimal(amount),
            consumed_unit="Hours",
            **common,
        )
    if day.weekday() == 0:
        yield Charge(
            billed_cost=Decimal("-12.5"),
            service_name="Compute Engine",
            sub_account_name="web",
            charge_category="Credit",
            charge_description="Startup credit",
            x={"x_CreditType": "PROMOTION"},
            **common,
        )
    if day >= date(2026, 11, 12):
        yield Charge(
            billed_cost=Decimal("30.125"),
            service_name="BigQuery",
            service_category="Databases",
            sub_account_name="ml",
            region_id="europe-west3",
            **common,
        )


def _openai(day):
    common = {"day": day, "billing_currency": "USD", "service_provider_name": "OpenAI", "service_name": "OpenAI API"}
    for kind, tokens, price in (("input", 3_000_000, "1.25"), ("output", 500_000, "10")):
        grown = tokens * (2 if day >= date(2026, 11, 1) else 1)
        yield Charge(
            billed_cost=Decimal(grown) * Decimal(price) / 1_000_000,
            sub_account_name="chat",
            x_model="gpt-5",
            x_token_type=kind,
            consumed_quantity=Decimal(grown),
            consumed_unit="Tokens",
            **common,
        )


def fill(ledger):
    """AWS and Google through yesterday, OpenAI late, Anthropic never; what vendors say beside their bills."""
    late = Period(start=DAYS.start, end=date(2026, 11, 20))
    for feed, make in ((AWS, _aws), (AWS_REGIONS, _regions), (GCP, _gcp)):
        ledger.replace(feed, DAYS, [item for day in DAYS for item in make(day)], synced=NOW)
    ledger.replace(OPENAI, late, [item for day in late for item in _openai(day)], synced=NOW)
    final = date(2026, 10, 31)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=date(2026, 11, 21), final_through=final))
    ledger.fresh(Freshness(source="gcp", synced=NOW, data_through=date(2026, 11, 21)))
    ledger.fresh(Freshness(source="openai", synced=NOW, data_through=date(2026, 11, 19)))
    _said(ledger.memory)


def _said(memory):
    at = NOW.isoformat()
    wrong = {"day": "2026-11-03", "currency": "USD", "bill": "64.1", "feed": "65.1"}
    memory.put("warning", "aws/service × region", {"days": [wrong]})
    memory.put("sync", "openai", {"status": "failed", "at": at, "error": "no"})
    advice = [
        {"kind": "forecast", "source": "aws", "start": "2026-11-01", "end": "2026-12-01", "amount": "3000",
         "low": "2900", "high": "3200", "at": at},
        {"kind": "anomaly", "source": "aws", "start": "2026-11-09", "last": "2026-11-12", "service": "Amazon EC2",
         "account": "production", "impact": "160", "at": at},
        {"kind": "budget", "source": "gcp", "name": "all", "limit": "2000", "currency": "EUR",
         "every": "monthly", "at": at},
        {"kind": "price", "source": "gcp", "name": "N2 core", "sku": "N2 core", "amount": "0.0316", "currency": "USD",
         "unit": "Hours", "at": at},
    ]  # fmt: skip
    for number, item in enumerate(advice):
        memory.put(ADVICE, f"{item['source']}/{number}", item)
    memory.put(
        ADVICE,
        "aws/asked/credit",
        {"kind": "asked", "source": "aws", "message": "It was refused.", "hint": "Grant it."},
    )
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    bill = sum((item.billed_cost for day in october for item in _aws(day)), Decimal(0))
    memory.put(
        INVOICE,
        month_key("aws", october),
        {"invoices": [{"id": "A-1", "currency": "USD", "amount": str(bill)}], "at": at},
    )
    memory.put(INVOICED, "gcp", {"message": "", "hint": ""})


def budgets():
    """Three budgets: one over, one in another currency, one with a filter."""
    aws = Filter(dimension="ServiceProviderName", values=("AWS",))
    chat = Filter(dimension="SubAccountName", values=("chat",))
    euros = Money(amount=Decimal(9000), currency="EUR")
    dollars = Money(amount=Decimal(1500), currency="USD")
    return (
        Budget(name="everything", limit=euros, question=Question(), every="quarter"),
        Budget(
            name="aws", limit=dollars, question=Question(where=(aws,)), alert=Alert(actual=("0.5", "1")), owner="Mei"
        ),
        Budget(name="chat", limit=Money(amount=Decimal(600), currency="USD"), question=Question(where=(chat,))),
    )


def granted():
    """A declared credit at Google, named as the bill names it."""
    amount = Money(amount=Decimal(1000), currency="EUR")
    return (DeclaredCredit("gcp", amount, date(2026, 7, 1), TODAY + timedelta(90), "Startup credit"),)
