"""What vendors report beside their bills comes back exactly as it was reported, on either backend."""

from datetime import date
from decimal import Decimal

from bot.domain.commitments import CommitmentRow, CommitmentStatement, Recommendation, RecommendationReport
from bot.domain.period import Period

OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 22))
ON, LATER = date(2026, 11, 22), date(2026, 11, 23)


def statement(period, *rows, measure="coverage", dimension="SubAccountId"):
    """A statement of savings plans."""
    return CommitmentStatement("Savings Plans", measure, "", dimension, period, "USD", "USD", rows)


def row(value, part, whole="10.000000000000000001"):
    """A row with more digits than a float holds."""
    return CommitmentRow(value, Decimal(part), Decimal(whole), Decimal(whole) - Decimal(part))


def test_a_newer_statement_of_a_month_replaces_it_whole(ledger):
    """Rows that the newer one has no longer are gone; other months, measures and sources stand."""
    kept = statement(OCTOBER, row("1", "3.3"), CommitmentRow("2", Decimal(9), Decimal(10), None))
    other = statement(NOVEMBER, row("", "1"), measure="utilization", dimension="")
    for item in (kept, statement(NOVEMBER, row("1", "1"), row("2", "2")), other):
        ledger.vendor_reports.keep_statement("aws", item, ON)
    ledger.vendor_reports.keep_statement("eu", kept, ON)
    newer = statement(NOVEMBER.model_copy(update={"end": LATER}), row("1", "1.5"))
    ledger.vendor_reports.keep_statement("aws", newer, LATER)
    found = ledger.vendor_reports.statements("aws")
    assert [(item.statement, item.reported) for item in found] == [(kept, ON), (newer, LATER), (other, ON)]
    assert [item.statement for item in ledger.vendor_reports.statements("eu")] == [kept]


def test_recommendations_are_the_last_that_were_reported(ledger):
    """Nothing asked, nothing recommended and something recommended are three things."""
    assert ledger.vendor_reports.recommendations("aws") is None
    items = [
        Recommendation("b", "idle", "Delete", Decimal("12.345678901234567891"), "USD", tags={"team": "core"}),
        Recommendation("a", "rightsizing", "Rightsize", Decimal(90), "USD", cost=Decimal(200), refreshed=ON),
    ]
    report = RecommendationReport(items, {"USD": Decimal("100.5")}, ON)
    ledger.vendor_reports.keep_recommendations("aws", report, LATER)
    found = ledger.vendor_reports.recommendations("aws")
    assert [item.id for item in found.recommendations] == ["a", "b"]
    assert {item.id: item for item in found.recommendations} == {item.id: item for item in items}
    assert (found.together, found.reported) == ({"USD": Decimal("100.5")}, ON)
    ledger.vendor_reports.keep_recommendations("aws", RecommendationReport([]), LATER)
    assert ledger.vendor_reports.recommendations("aws") == RecommendationReport([], {}, LATER)
