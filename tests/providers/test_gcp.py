"""Google Cloud: against a simulated BigQuery that runs the adapter's SQL, on made-up and on hand-written rows."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from case_gcp import with_key

from bot.domain.charge import is_credit
from bot.domain.errors import AccessDenied, CeilingReached, Misconfigured, Unavailable, UnexpectedReply
from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.providers.gcp import Gcp, GcpSettings
from bot.providers.gcp.bigquery import price
from bot.providers.gcp.credentials import credentials
from bot.providers.gcp.names import model_of, region_name, service_category, token_type_of, unit_of
from bot.providers.gcp.rows import exact
from bot.sync.service import sync
from simulators.company import NOW
from simulators.gcp import bill
from simulators.gcp.keys import TOKEN
from simulators.gcp.server import GcpSimulator, refusal
from simulators.http_server import cut, garble, half, hang_up, json_reply

OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
DAYS = Period(start=date(2026, 10, 28), end=date(2026, 11, 8))
AUTUMN = Period(start=date(2026, 9, 28), end=date(2026, 11, 23))
HALF_A_YEAR = Period(start=date(2026, 5, 29), end=date(2026, 11, 23))
EVERYTHING = Period(start=date(2025, 10, 1), end=date(2026, 11, 23))


class Meter:
    """Lets everything pass up to a ceiling and remembers it."""

    def __init__(self, ceiling=10):
        self.ceiling, self.made_, self.spent = Decimal(ceiling), [], Decimal(0)

    def allow(self, _operation, cost):
        """Refuses above the ceiling."""
        if self.spent + cost > self.ceiling:
            raise CeilingReached("The month's ceiling is reached.")

    def made(self, operation, *, status, cost, **_):
        """Remembers operation, status and cost."""
        self.spent += cost
        self.made_.append((operation, status, cost))


@contextmanager
def google(meter=None, **settings):
    """A simulator, and the adapter that reads it."""
    made = {
        name: settings.pop(name)
        for name in ("kind", "currency", "rate", "page_rows", "rows_of", "spares", "sorts")
        if name in settings
    }
    with GcpSimulator(lambda: NOW, **made) as sim:
        where = {"billing_table": sim.table, "emulator_host": sim.url, "api_endpoint": sim.url}
        yield sim, Gcp(GcpSettings(**where | settings), meter=meter or Meter(), clock=lambda: NOW)


def pulled(provider, days=DAYS):
    """Every charge of its one feed."""
    return list(provider.charges(provider.feeds()[0], days))


def sums(charges, *names):
    """Billed cost by attributes of a charge."""
    totals = {}
    for charge in charges:
        key = tuple(getattr(charge, name) for name in names)
        totals[key] = totals.get(key, Decimal(0)) + charge.billed_cost
    return totals


def row(day=date(2026, 11, 3), cost=10.0, **more):
    """One row of a detailed export, written by hand."""
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return {
        "billing_account_id": bill.ACCOUNT,
        "service": {"id": "S", "description": "Compute Engine"},
        "sku": {"id": "1-2-3", "description": "N2 Instance Core running in Americas"},
        "usage_start_time": start,
        "usage_end_time": start + timedelta(hours=1),
        "project": {
            "id": "p1", "number": "1", "name": "Project One", "labels": [{"key": "team", "value": "of project"}]
        },
        "labels": [],
        "system_labels": [],
        "tags": [],
        "location": {"location": "us-central1", "country": "US", "region": "us-central1", "zone": None},
        "export_time": start + timedelta(hours=6),
        "cost": cost,
        "currency": "USD",
        "currency_conversion_rate": 1.0,
        "usage": {"amount": 1.0, "unit": "seconds", "amount_in_pricing_units": 2.5, "pricing_unit": "hour"},
        "credits": [],
        "invoice": {"month": f"{day:%Y%m}"},
        "cost_type": "regular",
        "adjustment_info": None,
        "cost_at_list": None,
        "resource": None,
    } | more  # fmt: skip


def credit(kind, amount, name="a credit"):
    """One of a row's credits."""
    return {"name": name, "amount": amount, "full_name": name, "id": "c", "type": kind}


def only(*rows):
    """A bill of just these rows."""
    return lambda day: [item for item in rows if item["usage_start_time"].date() == day]


@pytest.mark.parametrize(("kind", "days"), [("detailed", HALF_A_YEAR), ("standard", AUTUMN), ("focus", AUTUMN)])
def test_every_export_adds_up_to_the_truth(kind, days):
    """Each export equals the truth by day and service to the last digit, over many pages and in one query."""
    with google(kind=kind, page_rows=500) as (sim, provider):
        charges = pulled(provider, days)
        truth = sim.truth_by(days, lambda r: (r["usage_start_time"].date(), r["service"]["description"]))
        assert sums(charges, "day", "service_name") == truth
        assert sum(request.path.endswith("/queries") for request in sim.log) == 1


def test_a_range_is_the_sum_of_its_days():
    """Days asked one by one say what the range says, and nothing lies outside the days asked."""
    days = Period(start=date(2026, 10, 30), end=date(2026, 11, 2))
    with google() as (_, provider):
        whole = sums(pulled(provider, days), "day", "sku_id", "charge_category")
        parts = [charge for day in days for charge in pulled(provider, Period(start=day, end=day + DAY))]
        assert sums(parts, "day", "sku_id", "charge_category") == whole
        assert {charge.day for charge in parts} == set(days)


def test_charges_come_in_day_order_and_the_same_each_time():
    """The same question gives the same charges, day by day."""
    with google() as (_, provider):
        first, second = pulled(provider), pulled(provider)
        assert first == second
        assert [c.day for c in first] == sorted(c.day for c in first)
        assert provider.data_through(provider.feeds()[0]) == DAYS.last


def test_net_is_cost_plus_credits_counted_once():
    """Rows with no, one and three credits come to cost plus credits: nothing dropped, nothing doubled."""
    rows = only(
        row(cost=10.0),
        row(cost=7.0, credits=[credit("SUSTAINED_USAGE_DISCOUNT", -1.5)]),
        row(cost=5.4, credits=[credit("DISCOUNT", -1.0), credit("RESELLER_MARGIN", -0.3), credit("NEW_KIND", -0.1)]),
    )
    with google(rows_of=rows) as (_, provider):
        (charge,) = pulled(provider)
        assert charge.billed_cost == charge.effective_cost == Decimal("19.5")
        assert charge.contracted_cost == Decimal("22.4")
        assert (charge.list_cost, charge.unknown_columns) == (Decimal("22.4"), ("ListCost",))


def test_a_list_price_that_is_not_exported_is_not_told():
    """A row without its cost at list stands in with its cost, and says that it does; one with it tells it."""
    result = row(cost=8.0, cost_at_list=10.0, sku={"id": "2", "description": "Storage PD Capacity"})
    with google(rows_of=only(row(cost=10.0), result)) as (_, provider):
        assert {(c.list_cost, c.unknown_columns) for c in pulled(provider)} == {
            (Decimal(10), ("ListCost",)),
            (Decimal(10), ()),
        }


@pytest.mark.parametrize("kind", ["detailed", "focus"])
def test_gifts_are_credits_and_discounts_lower_the_usage(kind):
    """Promotions, free tiers and subscription benefits are Credit charges; every other credit is not."""
    credits_ = [
        credit("PROMOTION", -2.0, "Startup credits"),
        credit("FREE_TIER", -0.5),
        credit("SUBSCRIPTION_BENEFIT", -0.25),
        credit("COMMITTED_USAGE_DISCOUNT", -3.0),
        credit("FEE_UTILIZATION_OFFSET", -1.0),
    ]
    with google(rows_of=only(row(cost=10.0, credits=credits_)), kind=kind) as (_, provider):
        charges = pulled(provider)
        usage, *gifts = charges
        assert usage.billed_cost == Decimal(6)
        assert usage.charge_category == "Usage"
        assert [(c.charge_category, c.billed_cost, c.x["x_CreditType"]) for c in gifts] == [
            ("Credit", Decimal(-2), "PROMOTION"),
            ("Credit", Decimal("-0.5"), "FREE_TIER"),
            ("Credit", Decimal("-0.25"), "SUBSCRIPTION_BENEFIT"),
        ]
        assert gifts[0].charge_description == "Startup credits"
        assert all(is_credit(c.charge_category, c.billed_cost) and not c.list_cost for c in gifts)
        assert sum(c.consumed_quantity for c in charges) == Decimal("2.5")


def test_cost_types_become_charge_categories():
    """Tax is Tax; adjustments and rounding are Adjustment, a Correction when their day's invoice is closed."""
    rows = only(
        row(cost_type="tax", project=None, location=None, usage=None, service={"id": "I", "description": "Invoice"}),
        row(cost_type="rounding_error", cost=0.01),
        row(cost_type="adjustment", cost=-4.0, invoice={"month": "202612"}),
        row(cost_type="something_new"),
    )
    with google(rows_of=rows) as (_, provider):
        found = {(c.charge_category, c.charge_class): c for c in pulled(provider)}
        assert set(found) == {("Tax", ""), ("Adjustment", ""), ("Adjustment", "Correction"), ("Usage", "")}
        tax = found["Tax", ""]
        assert (tax.sub_account_id, tax.sub_account_name, tax.region_id, tax.consumed_unit) == ("", "", "", "")
        assert tax.charge_frequency == "One-Time"


def test_the_invoice_month_stands_beside_the_usage_day():
    """Usage of October on November's invoice says so; its day stays in October."""
    rows = only(row(date(2026, 10, 31), invoice={"month": "202611"}), row(date(2026, 10, 31), cost=1.0))
    for kind in ("detailed", "focus"):
        with google(rows_of=rows, kind=kind) as (_, provider):
            found = sums(pulled(provider), "day", "x_billing_month")
        last = date(2026, 10, 31)
        assert found == {(last, "2026-11-01/2026-12-01"): Decimal(10), (last, ""): Decimal(1)}


def test_an_account_in_euro_is_billed_in_euro():
    """Costs stay in the account's currency; the rate is kept with them, and nothing is converted."""
    with google(currency="EUR", rate="0.92") as (sim, provider):
        charges = pulled(provider)
        assert {c.billing_currency for c in charges} == {"EUR"}
        assert sum(c.billed_cost for c in charges) == sim.truth(DAYS)["EUR"]
        assert {c.x["x_CurrencyConversionRate"] for c in charges} == {"0.92"}


def test_labels_are_tags_and_their_absence_is_not_an_error():
    """Labels and resource tags become Tags; a project's labels stand in only where that is wanted."""
    labels = [{"key": "team", "value": "core"}, {"key": "odd", "value": 'a "quoted", {json}'}]
    tags = [{"key": "tier", "value": "gold", "inherited": True, "namespace": "n"}]
    rows = only(row(labels=labels, tags=tags), row(cost=1.0), row(cost=0.5, labels=None))
    with google(rows_of=rows) as (_, provider):
        found = {tuple(c.tags.items()): c.billed_cost for c in pulled(provider)}
    assert found[("odd", 'a "quoted", {json}'), ("team", "core"), ("tier", "gold")] == Decimal(10)
    assert sum(amount for tags, amount in found.items() if not tags) in {Decimal("1.5"), Decimal("0.5"), Decimal(1)}
    with google(rows_of=rows, project_labels=True) as (_, provider):
        assert sum(c.billed_cost for c in pulled(provider) if c.tags.get("team") == "of project") == Decimal("1.5")


def test_dimensions_speak_the_field_s_language():
    """A charge names provider, project, place, SKU, resource, quantity and category as FOCUS wants them."""
    name = "//compute.googleapis.com/projects/1/zones/us-central1-a/instances/7"
    rows = only(row(resource={"name": "vm-1", "global_name": name}, cost_at_list=12.0))
    with google(rows_of=rows) as (_, provider):
        (charge,) = pulled(provider)
    assert charge.service_provider_name == charge.invoice_issuer_name == "Google Cloud"
    assert (charge.sub_account_id, charge.sub_account_name) == ("p1", "Project One")
    assert (charge.billing_account_id, charge.billing_account_name) == (bill.ACCOUNT, bill.ACCOUNT_NAME)
    assert (charge.region_id, charge.region_name) == ("us-central1", "Iowa")
    assert (charge.sku_id, charge.sku_price_id) == ("N2 Instance Core running in Americas", "1-2-3")
    assert (charge.resource_id, charge.resource_name) == (name, "vm-1")
    assert charge.resource_type == "compute.googleapis.com/instances"
    assert (charge.consumed_quantity, charge.consumed_unit) == (Decimal("2.5"), "Hours")
    assert (charge.service_category, charge.pricing_category) == ("Compute", "Standard")
    assert charge.list_cost == Decimal(12)


def test_float_noise_is_rounded_half_even_to_a_billionth():
    """FLOAT64 sums lose their noise; NUMERIC amounts pass as they are; what is no number is refused."""
    assert exact(0.1 + 0.2) == Decimal("0.3")
    assert exact(0.0000000005) == 0
    assert exact(0.0000000015) == Decimal("0.000000002")
    assert exact(-1e-5) == Decimal("-0.00001")
    assert exact(123456789012.123456) == Decimal("123456789012.123460000")
    assert exact(Decimal("0.1234567890123")) == Decimal("0.1234567890123")
    assert exact(None) == 0
    with pytest.raises(UnexpectedReply):
        exact(float("nan"))


def test_a_day_restated_and_a_row_withdrawn():
    """What a second pull says is what the export says then: changed, and without what is gone."""
    with google(rows_of=only(row(cost=1.0), row(cost=2.0, labels=[{"key": "team", "value": "x"}]))) as (sim, provider):
        assert sum(c.billed_cost for c in pulled(provider)) == 3
        sim.change(only(row(cost=1.25)))
        assert [c.billed_cost for c in pulled(provider)] == [Decimal("1.25")]
        sim.change(only())
        assert pulled(provider) == []
        assert provider.data_through(provider.feeds()[0]) is None


def test_what_was_exported_since_the_last_pull_is_found():
    """A correction of an old day is found by its export time (a day's lag allowed for); nothing new is nothing."""
    late = row(date(2026, 8, 2), cost=0.5) | {"export_time": NOW - timedelta(hours=2)}
    with google(rows_of=only(late, row(date(2026, 8, 1)), row(date(2026, 11, 21)))) as (_, provider):
        feed = provider.feeds()[0]
        assert provider.first_changed(feed, EVERYTHING, NOW - timedelta(hours=26)) == date(2026, 8, 2)
        autumn = Period(start=date(2026, 9, 1), end=NOW.date() + DAY)
        assert provider.first_changed(feed, autumn, NOW - timedelta(hours=26)) == date(2026, 11, 21)
        assert provider.first_changed(feed, EVERYTHING, NOW + timedelta(days=9)) is None


def test_a_sync_takes_up_late_corrections_however_old(tmp_path):
    """A row about August, exported in November, lands with the next sync, on the clock too; the ledger is true."""
    present = [NOW - timedelta(days=2)]
    late = row(date(2026, 8, 2), cost=0.5) | {"export_time": NOW - timedelta(hours=2)}
    days = [row(date(2026, 8, 2)), row(date(2026, 11, 3)), row(date(2026, 11, 19))]
    ledger = Ledger(tmp_path / "ledger.db")
    with GcpSimulator(lambda: present[0], rows_of=only(late, *days)) as sim:
        settings = GcpSettings(billing_table=sim.table, emulator_host=sim.url, api_endpoint=sim.url)

        def opened(meter):
            return Gcp(settings, meter=meter, clock=lambda: present[0])

        def august():
            found = ledger.daily(ledger.feeds()[0], Period(start=date(2026, 8, 2), end=date(2026, 8, 3)))
            return sum(found.values())

        assert sync({"gcp": opened}, ledger, now=lambda: present[0]).sources[0].status == "ok"
        assert august() == 10
        present[0] = NOW
        report = sync({"gcp": opened}, ledger, now=lambda: present[0], by_hand=False).sources[0]
        assert august() == Decimal("10.5")
        assert report.feeds[0].days.start == date(2026, 8, 2)
        present[0] = NOW + timedelta(hours=30)
        sync({"gcp": opened}, ledger, now=lambda: present[0])
        present[0] = NOW + timedelta(hours=60)
        report = sync({"gcp": opened}, ledger, now=lambda: present[0], by_hand=False).sources[0]
        assert report.feeds[0].days.days <= 2
    ledger.close()


def test_what_may_still_move_is_two_invoice_months():
    """The horizon is 13 months back, tomorrow, and the month before this one."""
    with google() as (_, provider):
        horizon = provider.horizon(provider.feeds()[0], NOW)
    assert (horizon.deepest, horizon.moving, horizon.end) == (date(2025, 10, 1), date(2026, 10, 1), date(2026, 11, 23))


def test_rows_show_when_their_export_time_has_come():
    """Late corrections are not there before their time, and change the day once they are."""
    present = [datetime(2026, 11, 4, tzinfo=UTC)]
    late = row(cost=0.75) | {"export_time": datetime(2026, 11, 9, tzinfo=UTC)}
    with GcpSimulator(lambda: present[0], rows_of=only(row(cost=1.0), late)) as sim:
        settings = GcpSettings(billing_table=sim.table, emulator_host=sim.url, api_endpoint=sim.url)
        provider = Gcp(settings, meter=Meter(), clock=lambda: present[0])
        assert sum(c.billed_cost for c in pulled(provider)) == 1
        present[0] = NOW
        assert sum(c.billed_cost for c in pulled(provider)) == Decimal("1.75")


# What asking costs --------------------------------------------------------------------------------------


def test_a_dry_run_prices_every_query_before_it_runs():
    """The dry run comes first and is free; the query can read no more than it said, and the meter is told."""
    meter = Meter()
    with google(meter) as (sim, provider):
        pulled(provider)
        bodies = [request.json() for request in sim.log if request.method == "POST"]
    dry, real = bodies
    assert dry["configuration"]["dryRun"] is True
    assert 10 * 2**20 <= int(real["maximumBytesBilled"]) <= 12 * 2**20
    assert real["location"] == "EU"
    costs = {operation: cost for operation, _, cost in meter.made_}
    assert costs["bigquery.dry_run"] == 0
    assert costs["bigquery.query"] == price(0) == Decimal("0.000059605")
    assert price(2**40) == Decimal("6.25")


def test_a_query_beyond_its_limit_is_not_sent():
    """Over the limit for one query, the dry run is all that is asked, and the limit is named."""
    meter = Meter()
    with google(meter, query_limit=1000) as (sim, provider):
        with pytest.raises(CeilingReached, match="limit for one query"):
            pulled(provider, EVERYTHING)
        assert not any(request.path.endswith("/queries") for request in sim.log)


def test_the_month_s_ceiling_stops_the_query():
    """A meter that refuses is obeyed: nothing that costs is sent."""
    with google(Meter(ceiling=0)) as (sim, provider):
        with pytest.raises(CeilingReached):
            pulled(provider)
        assert not any(request.path.endswith("/queries") for request in sim.log)


# When it goes wrong -------------------------------------------------------------------------------------

QUERY = {"when": lambda request: request.path.endswith("/queries")}
REFUSALS = [
    (401, "authError", "Request had invalid authentication credentials.", AccessDenied, "credentials"),
    (403, "accessDenied", "Access Denied: User does not have bigquery.jobs.create permission in project x.",
     AccessDenied, "roles/bigquery.jobUser"),
    (403, "accessDenied", "Access Denied: Permission bigquery.tables.getData denied on table y.", AccessDenied,
     "roles/bigquery.dataViewer"),
    (403, "accessDenied", "Access Denied.", AccessDenied, "roles/bigquery"),
    (403, "rateLimitExceeded", "Exceeded rate limits", Unavailable, "later"),
    (403, "quotaExceeded", "Quota exceeded", Unavailable, "quota"),
    (403, "accessNotConfigured", "BigQuery API has not been used", Misconfigured, "enable"),
    (404, "notFound", "Not found: Table x:y.z was not found in location US", Misconfigured, "GCP_BILLING_TABLE"),
    (400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 1.", CeilingReached, "GCP_QUERY_LIMIT"),
    (400, "invalidQuery", "Unrecognized name: nosuch at [1:8]", UnexpectedReply, "nosuch"),
    (429, "", "slow down", Unavailable, "later"),
    (500, "internalError", "oops", Unavailable, "later"),
    (503, "backendError", "oops", Unavailable, "later"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reason", "message", "kind", "word"), REFUSALS)
def test_refusals_say_whose_turn_it_is(code, reason, message, kind, word):
    """Each of Google's refusals is the error for who must act, with the role or the variable to mend."""
    with google() as (sim, provider):
        sim.fail(refusal(code, reason, message), times=9, **QUERY)
        with pytest.raises(kind) as caught:
            pulled(provider)
    assert word.casefold() in str(caught.value).casefold()


@pytest.mark.parametrize(
    ("fault", "kind"), [(cut, Unavailable), (hang_up, Unavailable), (half, Unavailable), (garble, UnexpectedReply)]
)
def test_broken_replies_are_errors_and_never_half_a_bill(fault, kind):
    """A line cut, a hang-up, half a body or a strange one raises; nothing is taken for complete."""
    with google() as (sim, provider):
        sim.fail(fault, times=3, **QUERY)
        with pytest.raises(kind):
            pulled(provider)


def test_a_strange_table_is_no_bill():
    """A garbled table, or one without costs, is refused by name before anything is asked of it."""
    with google() as (sim, provider):
        sim.fail(garble, when=lambda request: "/tables/" in request.path)
        with pytest.raises((UnexpectedReply, Misconfigured)):
            pulled(provider)
        schema = {"fields": [{"name": "cost", "type": "FLOAT"}]}
        reference = {"projectId": "p", "datasetId": "d", "tableId": "t"}
        sim.fail(json_reply({"tableReference": reference, "schema": schema, "location": "EU"}))
        with pytest.raises(Misconfigured, match="not a billing export"):
            pulled(provider)


def test_it_fails_in_the_middle_of_the_pages_and_the_next_pull_is_whole():
    """An error on the third page raises; asking again gives the whole truth."""
    with google(page_rows=50) as (sim, provider):
        sim.fail(
            refusal(503, "backendError", "oops"), after=1, when=lambda r: r.method == "GET" and "/queries/" in r.path
        )
        with pytest.raises(Unavailable):
            pulled(provider)
        assert sum(c.billed_cost for c in pulled(provider)) == sim.truth(DAYS)["USD"]


def test_a_query_that_takes_its_time_is_waited_for():
    """A job that is not complete yet is waited for: its rows are fetched once it is done."""
    with google() as (sim, provider):
        sim.unfinished = 1
        assert sum(c.billed_cost for c in pulled(provider)) == sim.truth(DAYS)["USD"]


def test_the_wrong_table_is_named():
    """A table that does not exist is a setting to mend, naming the variable."""
    nope = "lumen-billing.billing_export.nope"
    with google(billing_table=nope) as (_, provider), pytest.raises(Misconfigured, match="GCP_BILLING_TABLE"):
        pulled(provider)
    for wrong in ("nope", "a.b", "a.b.c; DROP TABLE d"):
        with pytest.raises(ValueError, match=r"project\.dataset\.table"):
            GcpSettings(billing_table=wrong)
    assert GcpSettings(billing_table="`my-project:ds.table`").billing_table == "my-project.ds.table"


def test_a_new_key_column_or_enum_breaks_nothing():
    """Columns that an older export lacks are made up for; credits of an unknown type lower the usage."""
    with google(kind="standard") as (_, provider):
        charges = pulled(provider)
    assert {c.resource_id for c in charges} == {""}


def test_nobody_answers():
    """A host that does not listen is unavailable, not a bug."""
    settings = GcpSettings(billing_table="a.b.c", emulator_host="http://127.0.0.1:9", api_endpoint="http://127.0.0.1:9")
    provider = Gcp(settings, meter=Meter(), clock=lambda: NOW)
    with pytest.raises(Unavailable):
        pulled(provider)


@pytest.mark.parametrize(
    "content", ['{"type": "service_account", "private_key": "SECRET"}', "SECRET", '{"type": "SECRET"}']
)
def test_a_broken_credentials_file_is_named_without_its_content(tmp_path, content):
    """A key file that is no key is named, and nothing in it is repeated."""
    path = tmp_path / "key.json"
    path.write_text(content)
    settings = GcpSettings(billing_table="a.b.c", credentials_file=str(path))
    with pytest.raises(Misconfigured, match=r"key\.json") as caught:
        pulled(Gcp(settings, meter=Meter(), clock=lambda: NOW))
    assert "SECRET" not in str(caught.value)


def test_a_service_account_signs_in():
    """A key that Google knows gets a token; while the sign-in is down the vendor is unavailable."""
    with GcpSimulator(lambda: NOW, rows_of=only(row(cost=1.0))) as sim:
        sim.fail(garble, when=lambda request: request.path == "/token")
        with pytest.raises(UnexpectedReply):
            pulled(with_key(sim, Meter(), lambda: NOW))
        provider = with_key(sim, Meter(), lambda: NOW)
        assert [c.billed_cost for c in pulled(provider)] == [Decimal(1)]
        assert {request.headers.get("authorization") for request in sim.log if request.path != "/token"} == {
            f"Bearer {TOKEN}"
        }


def test_a_users_own_sign_in_file_is_taken(tmp_path):
    """What `gcloud auth application-default login` leaves is read as credentials."""
    path = tmp_path / "adc.json"
    result = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    path.write_text(json.dumps(result))
    found = credentials(GcpSettings(billing_table="a.b.c", credentials_file=str(path)))
    assert found.refresh_token == "r"


# Beside the bill ----------------------------------------------------------------------------------------


def test_names_come_from_cloud_billing_where_allowed():
    """Without the billing role the account is called by its id, and the bill is whole all the same."""
    with google() as (sim, provider):
        denied = refusal(403, "forbidden", "The caller lacks billing.accounts.get")
        sim.fail(denied, times=9, when=lambda request: request.path.startswith("/v1/"))
        charges = pulled(provider)
        assert {c.billing_account_name for c in charges} == {bill.ACCOUNT}
        assert sum(c.billed_cost for c in charges) == sim.truth(DAYS)["USD"]


def test_a_lone_emulator_is_asked_for_nothing_but_queries():
    """With only an emulator set, no request goes to Google's billing APIs."""
    with google(api_endpoint="") as (sim, provider):
        assert {c.billing_account_name for c in pulled(provider)} == {bill.ACCOUNT}
        assert all(request.path.startswith("/bigquery/") for request in sim.log)


def test_accounts_projects_and_budgets():
    """Billing accounts, their projects, and budgets' limits come as exact values."""
    with google() as (_, provider):
        catalogue = provider.catalogue
        assert [(a.id, a.name, a.open) for a in catalogue.accounts()] == [(bill.ACCOUNT, bill.ACCOUNT_NAME, True)]
        assert catalogue.projects(bill.ACCOUNT) == list(bill.PROJECTS)
        total, bigquery, last = catalogue.budgets(bill.ACCOUNT)
    assert (total.limit, total.currency, total.calendar, total.credits) == (Decimal(20000), "USD", "MONTH", True)
    assert total.thresholds == (Decimal("0.5"), Decimal("0.9"), Decimal(1))
    assert (bigquery.limit, bigquery.services, bigquery.credits) == (Decimal("9000.5"), ("BigQuery",), False)
    assert bigquery.labels == {"team": ("data",)}
    assert (last.limit, last.projects) == (None, ("lumen-ml",))


def test_list_prices_of_a_service():
    """Prices are found by words of the SKU, exact to the nano, with unit and currency; unknown is empty."""
    with google() as (_, provider):
        (found,) = provider.catalogue.prices("compute engine", "n2 core")
        assert (found.price, found.unit, found.currency) == (Decimal("0.031611"), "h", "USD")
        assert (found.sku, found.regions) == ("N2 Instance Core running in Americas", ("us-central1",))
        assert provider.catalogue.prices("No Such Service") == []


def test_google_advises_on_budgets_and_list_prices():
    """Beside the bill: budgets' limits, and prices of the SKUs the pull had; without the role, why not."""
    with google() as (sim, provider):
        assert list(provider.advice()) == []
        pulled(provider)
        result = {(item.kind, item.name): item.details for item in provider.advice()}
        denied = refusal(403, "forbidden", "The caller lacks billing.budgets.list")
        sim.fail(denied, times=99, when=lambda request: request.path.startswith("/v1/"))
        refused = {item.name: item.details["message"] for item in provider.advice() if item.kind == "asked"}
    assert refused.keys() == {"budget", "price"}
    assert all(refused.values())
    assert result["budget", "Google Cloud"] == {"limit": "20000", "currency": "USD", "every": "monthly"}
    assert result["budget", "BigQuery"]["labels"] == "team=data"
    assert ("budget", "Machine learning, as last month") not in result
    price_of_analysis = result["price", "3362-E469-6BEF"]
    assert (price_of_analysis["amount"], price_of_analysis["unit"]) == ("6.25", "tebibyte")
    assert price_of_analysis["sku"] == "Analysis (us-central1)"


def test_checks_try_everything_and_say_what_to_grant():
    """All is well on a good account; a missing role is named with the command that grants it."""
    with google() as (sim, provider):
        assert [check.ok for check in provider.checks()] == [True, True, True, True]
        denied = refusal(403, "accessDenied", "Access Denied: Permission bigquery.tables.get denied on table.")
        sim.fail(denied, times=9, when=lambda request: "/tables/" in request.path)
        table, query, billing, _ = provider.checks()
    assert (table.ok, query.ok, billing.ok) == (False, False, True)
    assert "bigquery.tables.get" in table.message
    assert "roles/bigquery.jobUser" in table.hint


def test_an_export_without_rows_is_told():
    """An export just switched on is not an error in the bill, but doctor says that it is still empty."""
    with google(rows_of=only()) as (_, provider):
        assert pulled(provider) == []
        assert [check.ok for check in provider.checks()] == [True, False, True, True]


# Names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sku", "model", "kind"),
    [
        ("Gemini 3 Pro Text Input - Predictions", "gemini-3-pro", "input"),
        ("Gemini 2.5 Flash Lite Text Output - Predictions", "gemini-2.5-flash-lite", "output"),
        ("Gemini 2.5 Pro Thinking Text Output - Predictions", "gemini-2.5-pro", "output"),
        ("Gemini 2.5 Flash Text Input Caching", "gemini-2.5-flash", "cached_input"),
        ("Claude Opus 4.5 Input Tokens", "claude-opus-4.5", "input"),
        ("Claude Sonnet 5 Cache Write Tokens", "claude-sonnet-5", "cache_write"),
        ("N2 Instance Core running in Americas", "", ""),
    ],
)
def test_models_are_read_from_sku_names(sku, model, kind):
    """A model's SKU names the model and the tokens it counts; a machine's names none."""
    assert (model_of(sku), token_type_of(sku)) == (model, kind)


def test_units_categories_and_places():
    """Counted tokens are Tokens, counted characters are not; services and regions have FOCUS's words."""
    assert unit_of("Gemini 3 Pro Text Input - Predictions", "count") == "Tokens"
    assert unit_of("Gemini 1.5 Pro Text Input - Predictions", "count") == "count"
    assert unit_of("Cloud Pub/Sub requests", "count") == "count"
    spelt = {"hour": "Hours", "gibibyte month": "GiB-Months", "tebibyte": "TiB", "byte-seconds": "byte-seconds"}
    assert {unit: unit_of("any", unit) for unit in spelt} == spelt
    assert service_category("BigQuery") == "Analytics"
    assert service_category("Claude Opus 4.5") == "AI and Machine Learning"
    assert service_category("A service of tomorrow") == "Other"
    assert (region_name("europe-west3"), region_name("mars-1")) == ("Frankfurt", "")


def test_importing_the_provider_imports_no_vendor_library():
    """The module stands without Google's libraries being loaded."""
    code = "import sys, bot.providers.gcp; print([m for m in sys.modules if m.startswith(('google', 'requests'))])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# The demo's story ---------------------------------------------------------------------------------------


def test_the_story_is_in_the_bill():
    """BigQuery is a third dearer since 3 November, about $600 a day in all, tax without a project on the last day."""
    with google() as (sim, _):
        days = sim.truth_by(EVERYTHING, lambda r: (r["service"]["description"], r["usage_start_time"].date()))
        assert sim.truth(OCTOBER) == sim.truth(OCTOBER)
        average = sim.truth(OCTOBER)["USD"] / 31
    before = sum(days["BigQuery", date(2026, 10, 20) + n * DAY] for n in range(14))
    after = sum(days["BigQuery", date(2026, 11, 3) + n * DAY] for n in range(14))
    assert Decimal("1.25") < after / before < Decimal("1.45")
    assert 550 < average < 700
    assert Counter(service for service, day in days if (day + DAY).day == 1)["Invoice"] == 13
