"""Coverage, utilization and recommendations: from charges that tell it, else as vendors report, within the scope."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot import render
from bot.answering.service import AnswerService, Defaults
from bot.blockkit.validate import check_blocks
from bot.domain.charge import Charge
from bot.domain.commitments import (
    RECOMMENDATIONS,
    RESERVATIONS,
    SAVINGS_PLANS,
    CommitmentRow,
    CommitmentStatement,
    Recommendation,
    RecommendationReport,
)
from bot.domain.feed import ANY_TAG, Feed, Freshness, Note
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter
from bot.domain.scope import Scope
from bot.ledger.kv_store import keep_notes
from bot.render.answer_json import answer_json
from bot.render.csv_file import as_csv
from bot.render.gaps import gaps
from bot.render.slack.answer_message import draw

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 21))
DAYS = Period(start=date(2026, 10, 1), end=date(2026, 11, 22))
BILL = Feed(
    source="aws", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "SubAccountName", "RegionId"})
)
EXPORT = Feed(source="gcp", name="export", grain=frozenset({*DIMENSIONS, ANY_TAG, "CommitmentDiscountStatus"}))
IDS = {"production": "111", "staging": "222"}


def row(value, part, whole, open_cost):
    """A row of a statement."""
    return CommitmentRow(value, *(None if item is None else Decimal(item) for item in (part, whole, open_cost)))


def statement(measure, period, *rows, dimension=""):
    """A statement on savings plans in dollars."""
    return CommitmentStatement(SAVINGS_PLANS, measure, "", dimension, period, "USD", "USD", rows)


def charge(day, vendor, account, service, **more):
    """A charge of one dollar, or as said."""
    columns = {"billed_cost": Decimal(1), "billing_currency": "USD", **more}
    if service != "Amazon EC2":  # whose bill tells no prices
        costs = {f"{name}_cost": columns["billed_cost"] for name in ("list", "contracted", "effective")}
        columns = {"commitment_discount_status": "", **costs, **columns}
    ids = {"sub_account_id": IDS.get(account, account), "sub_account_name": account}
    return Charge(day=day, service_provider_name=vendor, service_name=service, **ids, **columns)


@pytest.fixture
def asker(ledger):
    """AWS by Cost Explorer, with statements and recommendations beside its bill; Google by an export that tells it."""
    days = [date(2026, 10, 5), date(2026, 11, 3)]
    bill = [charge(day, "AWS", account, "Amazon EC2", region_id="us-east-1") for day in days for account in IDS]
    ledger.replace(BILL, DAYS, bill, synced=NOW)
    google = []
    for day in days:
        used = {"commitment_discount_type": "Resource based CUD", "pricing_category": "Committed"}
        google += [
            charge(day, "Google Cloud", "web", "Compute Engine", billed_cost=Decimal(0), contracted_cost=Decimal(8),
                   effective_cost=Decimal("5.1"), commitment_discount_status="Used", **used),
            charge(day, "Google Cloud", "web", "Compute Engine", billed_cost=Decimal(6), effective_cost=Decimal("0.9"),
                   commitment_discount_status="Unused", **used),
            charge(day, "Google Cloud", "ml", "Compute Engine", billed_cost=Decimal("4.5"),
                   contracted_cost=Decimal("4.5"), pricing_category="Standard"),
            charge(day, "Google Cloud", "ml", "Compute Engine", billed_cost=Decimal(3), pricing_category="Dynamic"),
            charge(day, "Google Cloud", "ml", "BigQuery", billed_cost=Decimal(70), pricing_category="Standard"),
        ]  # fmt: skip
    ledger.replace(EXPORT, DAYS, google, synced=NOW)
    for source in ("aws", "gcp"):
        ledger.fresh(Freshness(source=source, synced=NOW, data_through=date(2026, 11, 21)))
    for period, part in ((OCTOBER, "30"), (NOVEMBER, "12.000000000000000003")):
        for kept in (
            statement("coverage", period, row("", part, "100", "70")),
            statement("utilization", period, row("", "45", "50", "5")),
            statement("coverage", period, row("111", part, "80", "50"), row("222", "0", "20", "20"),
                      dimension="SubAccountId"),
        ):  # fmt: skip
            ledger.vendor_reports.keep_statement("aws", kept, NOW.date())
    none = CommitmentStatement(
        RESERVATIONS, "utilization", "Amazon RDS", "", OCTOBER, "Hours", "USD", (row("", "0", "0", "0"),)
    )
    ledger.vendor_reports.keep_statement("aws", none, NOW.date())
    items = [
        Recommendation("a", "idle", "Delete", Decimal("10.25"), "USD", account="222", tags={"team": "core"}),
        Recommendation("b", "rightsizing", "Rightsize", Decimal(40), "USD", account="111", service="Amazon EC2"),
    ]
    ledger.vendor_reports.keep_recommendations("aws", RecommendationReport(items, {"USD": Decimal(45)}), NOW.date())
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def only(*accounts):
    """The scope of who sees some accounts."""
    return Scope(where=(Filter(dimension="SubAccountName", values=accounts),))


def lines(asker, words, scope=None):
    """The lines as JSON, by source and value of the breakdown."""
    result = asker.ask(words, scope=scope or Scope())
    return {(line["source"], *line["key"].values()): line for line in answer_json(result.answer)["commitments"]}, result


def test_reported_months_add_up_exactly(asker):
    """What is covered, what is left and what is unused over two months, beside what charges of another source say."""
    found, result = lines(asker, "commitment coverage from october to november")
    aws, google = found["aws",], found["gcp",]
    assert (aws["covered"], aws["coverable"], aws["on_demand_cost"]) == ("42.000000000000000003", "200", "140")
    assert (aws["used"], aws["committed"], aws["unused_cost"], aws["utilization"]) == ("90", "100", "10", "0.9")
    assert (aws["coverage_start"], aws["coverage_end"], aws["reported"]) == ("2026-10-01", "2026-11-21", "2026-11-22")
    assert (google["program"], google["reported"]) == ("Committed use discounts", None)
    assert (google["covered"], google["coverable"], google["on_demand_cost"]) == ("16", "25", "9")
    assert (google["used"], google["committed"], google["unused_cost"]) == ("10.2", "12", "1.8")
    assert list(found) == [("aws",), ("gcp",)]
    assert "AWS's own figures, as of 22 Nov 2026." in answer_json(result.answer)["notes"]


def test_a_breakdown_that_the_vendor_does_not_report_is_said(asker):
    """Coverage by account is there; utilization by account is not, and is no zero."""
    found, result = lines(asker, "savings plan coverage by account last month on aws")
    assert {key: line["covered"] for key, line in found.items()} == {
        ("aws", "production"): "30",
        ("aws", "staging"): "0",
    }
    assert {line["used"] for line in found.values()} == {None}
    (gap,) = gaps(result.answer.gaps)
    assert gap.startswith("AWS: utilization of Savings Plans is not reported by account.")


def test_who_sees_one_account_sees_its_coverage_alone(asker):
    """The scope narrows statements and recommendations as it narrows charges; what cannot be narrowed is not shown."""
    found, result = lines(asker, "savings plan coverage last month on aws", only("staging"))
    assert [(line["covered"], line["coverable"]) for line in found.values()] == [("0", "20")]
    assert "70" not in str(answer_json(result.answer)["commitments"])
    mine = asker.ask("recommendations", scope=only("staging"))
    assert [entry.item.id for entry in mine.answer.items] == ["a"]
    assert [str(total.amount) for total in mine.answer.totals] == ["10.25"]
    tagged = Scope(where=(Filter(dimension="Tags/team", values=("core",)),))
    assert [entry.item.id for entry in asker.ask("recommendations", scope=tagged).answer.items] in ([], ["a"])


def test_days_that_are_no_whole_months_are_said_not_to_be_known(asker):
    """A week has no figure of the vendor's: none is made up from the month's."""
    found, result = lines(asker, "savings plan coverage last 7 days on aws")
    assert found == {}
    assert "month by month" in gaps(result.answer.gaps)[0]


def test_recommendations_save_what_the_vendor_says_together(asker):
    """The total is the vendor's own, each kind its sum; a filter leaves the sum of what passes it."""
    result = asker.ask("how can we cut costs on aws")
    (total,) = answer_json(result.answer)["totals"]
    assert (total["amount"], total["overlap"]) == ("45", "5.25")
    assert total["by_kind"]["idle"] == {"count": 1, "savings": "10.25"}
    assert render.headline(result.question, result.answer) == (
        "$45.00 a month could be saved on AWS, AWS estimates: rightsizing $40.00 (1) and idle resources $10.25 (1)."
        " Some exclude each other: separately they come to $50.25."
    )
    narrowed = asker.ask("recommendations for the production account")
    assert [str(total.amount) for total in narrowed.answer.totals] == ["40"]


def test_a_refusal_stands_where_the_answer_would(asker, ledger):
    """Google was asked for nothing; had it refused, the answer says why, and what to do."""
    note = Note(RECOMMENDATIONS, "The key may not list recommendations.", "Grant it.", RECOMMENDATIONS)
    keep_notes(ledger.memory, "gcp", [note], {RECOMMENDATIONS}, NOW)
    result = asker.ask("recommendations on google cloud")
    assert gaps(result.answer.gaps) == [
        "Google Cloud: recommendations could not be read: The key may not list recommendations. Grant it."
    ]


@pytest.mark.parametrize("words", ["commitment coverage last month", "idle resources"])
def test_both_are_drawn_and_exported(asker, words):
    """A chart, a table and a CSV with every line."""
    result = asker.ask(words)
    blocks = draw(result).blocks
    assert check_blocks(blocks) == []
    types = [block["type"] for block in blocks]
    assert "data_visualization" in types
    assert "data_table" in types
    table = as_csv(result.question, result.answer).splitlines()
    assert len(table) == 3
    assert "source" in table[0]
