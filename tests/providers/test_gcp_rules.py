"""What Google really exports, refuses and forgets, and that the adapter works all the same."""

from datetime import date
from decimal import Decimal

import pytest
from test_gcp import DAYS, Meter, google, pulled, row, sums

from bot.domain.errors import UnexpectedReply
from bot.domain.period import Period
from bot.ledger import Ledger
from bot.sync.service import Patience, sync
from simulators.company import NOW
from simulators.gcp.bill import ACCOUNT
from simulators.gcp.server import refusal

DAY = Period(start=date(2026, 11, 3), end=date(2026, 11, 4))
TOKENS = row(
    service={"id": "V", "description": "Vertex AI"},
    sku={"id": "C6A2-D3EB-1F3A", "description": "Gemini 2.5 Flash GA Text Input - Predictions"},
    usage={"amount": 5062475.0, "unit": "requests", "amount_in_pricing_units": 5062475.0, "pricing_unit": "count"},
    labels=[{"key": "app", "value": "chat"}],
    system_labels=[{"key": "machine_spec", "value": "n2"}],
)


@pytest.mark.parametrize("kind", ["detailed", "standard", "focus", "focus_view"])
def test_tokens_are_tokens_in_every_export(kind):
    """What the FOCUS export labels "requests" are tokens there as in the others; a SKU has its name, and its code."""
    with google(kind=kind, rows_of=lambda day: [TOKENS] if day == DAY.start else []) as (_, provider):
        [charge] = pulled(provider, DAY)
    assert (charge.consumed_unit, charge.consumed_quantity) == ("Tokens", Decimal(5062475))
    assert (charge.pricing_unit, charge.pricing_quantity) == ("Tokens", Decimal(5062475))
    assert (charge.sku_id, charge.sku_price_id) == (TOKENS["sku"]["description"], TOKENS["sku"]["id"])


@pytest.mark.parametrize("kind", ["detailed", "focus", "focus_view"])
@pytest.mark.parametrize("wanted", [True, False])
def test_project_labels_come_where_they_are_wanted(kind, wanted):
    """GCP_PROJECT_LABELS has its effect on every export; the system's own labels are nobody's tags."""
    with google(kind=kind, project_labels=wanted, rows_of=lambda day: [TOKENS] if day == DAY.start else []) as (_, one):
        [charge] = pulled(one, DAY)
    assert charge.tags == {"app": "chat", **({"team": "of project"} if wanted else {})}


def test_the_view_says_what_the_exports_say():
    """Google's FOCUS view has other words and dates: its charges are of the same categories and months."""
    with google(kind="focus") as (_, export), google(kind="focus_view") as (sim, view):
        result = sums(pulled(view), "day", "service_name")
        categories = {item.charge_category for item in pulled(view)}
        assert result == sums(pulled(export), "day", "service_name")
        assert categories <= {"Usage", "Tax", "Adjustment"}
        assert {item.x_billing_month for item in pulled(view)} == {item.x_billing_month for item in pulled(export)}
        assert sum(result.values()) == sim.truth(DAYS)["USD"]
        assert "view" in next(check.message for check in view.checks() if "export" in check.what)


@pytest.mark.parametrize("sorts", [1, 4])
def test_days_too_many_to_sort_are_read_half_by_half(sorts):
    """ResourcesExceeded is asked again for fewer days, down to one; the charges are the same."""
    with google() as (_, whole), google(sorts=sorts) as (sim, provider):
        assert alike(pulled(provider)) == alike(pulled(whole))
        assert sum(request.path.endswith("/queries") for request in sim.log) >= DAYS.days / sorts


def alike(charges):
    """Charges in an order of their own: those of a day may come in any."""
    return sorted(map(repr, charges))


def test_a_single_day_too_large_is_named():
    """Where even one day exceeds BigQuery's resources, the error says what it was and what to do."""
    with google() as (sim, provider):
        fault = refusal(400, "resourcesExceeded", "Resources exceeded during query execution.")
        sim.fail(fault, times=99, when=lambda request: request.path.endswith("/queries"))
        with pytest.raises(UnexpectedReply, match="Resources exceeded") as caught:
            pulled(provider, DAY)
    assert "fewer" in caught.value.hint


@pytest.mark.parametrize("spares", [True, False])
def test_partitions_are_spared_whatever_the_filter_does(spares):
    """Where taking in rows without a partition would read every partition, they wait; else they come at once."""
    meter = Meter()
    with google(meter=meter, spares=spares) as (sim, provider):
        provider._bigquery.cheap = 0
        assert sum(item.billed_cost for item in pulled(provider)) == sim.truth(DAYS)["USD"]
        [query] = [request.json()["query"] for request in sim.log if request.path.endswith("/queries")]
    assert ("_PARTITIONTIME IS NULL" in query) is spares


@pytest.mark.parametrize(
    "lost", [(404, "notFound", "Not found: Job x:y.job_1"), (400, "invalid", "Invalid page token")]
)
def test_a_result_that_expires_is_asked_for_again(lost, tmp_path):
    """A page token or a result that is no longer good makes the sync ask for that window anew, whole."""
    ledger = Ledger(tmp_path / "ledger.db")
    with google(page_rows=200) as (sim, provider):
        sim.fail(refusal(*lost), when=lambda request: "pageToken" in request.query)
        report = sync({"gcp": lambda _: provider}, ledger, now=lambda: NOW, patience=Patience(2, 5), since=DAYS.start)
        assert report.ok
        [feed] = ledger.feeds()
        days = Period(start=DAYS.start, end=NOW.date())
        assert sum(ledger.daily(feed, days).values()) == sim.truth(days)["USD"]
    ledger.close()


def test_a_name_that_is_refused_is_noted_and_granted_later_without_a_restart():
    """Where the billing account may not be read the bill names it by its id, with a note why; granted, it is gone."""
    with google() as (sim, provider):
        fault = refusal(403, "forbidden", "Permission billing.accounts.get denied on resource.")
        sim.fail(fault, times=99, when=lambda request: "/billingAccounts/" in request.path)
        assert {item.billing_account_name for item in pulled(provider)} == {ACCOUNT}
        [note] = provider.notes()
        assert note.columns == {"BillingAccountName"}
        assert "billing.accounts.get" in note.message
        sim.heal()
        assert ACCOUNT not in {item.billing_account_name for item in pulled(provider)}
        assert provider.notes() == []
