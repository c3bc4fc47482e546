"""What AWS really refuses and newly tells, and that the adapter works all the same."""

import io
import json
import zipfile
from datetime import UTC, date, datetime
from itertools import product

import pytest
from case_aws import error
from contract import DAYS, NOW
from test_aws import BILL, make, sums, told

from bot.domain.errors import CostError, Misconfigured, UnexpectedReply
from bot.domain.live_query import LiveQuery
from bot.domain.period import Period
from bot.domain.question import Filter
from bot.providers import BillContext
from bot.providers.aws import AwsSettings, export, export_mapping
from bot.providers.aws.client import _region
from simulators.aws import bill
from simulators.aws.server import AwsSimulator

MODEL = Filter(dimension="x_Model", values=("Claude Sonnet 5",))
SINCE = Period(start=date(2026, 11, 2), end=date(2026, 11, 5))


def test_no_live_question_is_offered_that_aws_would_refuse():
    """Every offered combination of filters is answered by a simulator that holds product attributes to AWS's rules."""
    services = ("", bill.EC2, bill.BEDROCK)
    with AwsSimulator(lambda: NOW) as sim:
        provider, offered = make(sim), 0
        for service, exclude, by in product(services, (False, True), ((), ("SubAccountName",), ("ServiceName",))):
            where = [MODEL, *([Filter(dimension="ServiceName", values=(service,), exclude=exclude)] if service else [])]
            wanted = LiveQuery(by=by, where=tuple(where), days=SINCE, daily=True)
            if provider.live_price(wanted) is not None:
                list(provider.live(wanted))
                offered += 1
    assert offered == 9


@pytest.mark.parametrize("name", [BILL, "service × region", "service × usage type"])
def test_list_and_contracted_cost_come_with_the_bill(name):
    """The metrics of prices are asked for in the same requests; without them the bill lands, and a note says so."""
    with AwsSimulator(lambda: NOW) as sim, AwsSimulator(lambda: NOW, priced=False) as older:
        priced, plain = make(sim), make(older)
        charges = told(priced, name, DAYS)
        asked = sim.count
        assert sum(charge.list_cost for charge in charges) == sum(
            line.unblended for day in DAYS for line in sim.lines(day)
        )
        assert priced.notes() == []
        without = told(plain, name, DAYS)
        assert older.count == asked + 1
    assert sums(without, "day", "service_name") == sums(charges, "day", "service_name")
    assert {item.list_cost for item in without} == {None}
    assert [note.columns for note in plain.notes()] == [frozenset({"ListCost", "ContractedCost"})]


@pytest.mark.parametrize(("operation", "column"), [("GetTags", "Tags"), ("GetDimensionValues", "x_Model")])
def test_a_view_that_could_not_be_looked_for_is_noted(operation, column):
    """Where AWS refuses to say which tags or models there are, the other views stand, and a note says what lacks."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.denied = {operation}
        provider = make(sim)
        assert len(provider.feeds()) >= 4
        assert [column in note.columns for note in provider.notes()] == [True]
        assert f"ce:{operation}" in provider.notes()[0].message


def test_an_account_without_budgets_has_none():
    """NotFoundException is how AWS may say that there are no budgets: that is an answer, not a failure."""
    with AwsSimulator(lambda: NOW, budgets=False) as sim:
        asked = {item.name: item.details["message"] for item in make(sim).advice() if item.kind == "asked"}
    assert asked["budget"] == ""


FILTER = {"Dimensions": {"Key": "REGION", "Values": ["eu-central-1"]}}
VIEW = f"arn:aws:billing::{bill.PAYER}:billingview/"
ABOUT = [
    ({"CostFilters": {"Service": [bill.EC2]}}, {"services": bill.EC2}),
    ({"CostFilters": {"TagKeyValue": ["user:team$research"]}}, {"labels": "user:team$research"}),
    ({"CostFilters": {"Operation": ["RunInstances"]}}, {"filter": "Operation=RunInstances"}),
    ({"FilterExpression": FILTER}, {"filter": json.dumps(FILTER)}),
    ({"BillingViewArn": f"{VIEW}custom-1"}, {"filter": "billing view custom-1"}),
    ({"BillingViewArn": f"{VIEW}primary"}, {}),
]


@pytest.mark.parametrize(("told_of_it", "about"), ABOUT, ids=[str(about) for _, about in ABOUT])
def test_a_budget_says_what_it_is_about(told_of_it, about):
    """Its filters, its expression and its billing view come with it: none looks like a budget of everything."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.budget = told_of_it
        budget = next(item for item in make(sim).advice() if item.kind == "budget")
    assert {name: budget.details[name] for name in about} == about
    assert {"services", "labels", "regions", "filter"} & {*budget.details} == {*about}


def test_a_budget_with_a_limit_for_each_month_has_the_present_ones():
    """Planned limits come by the month's start; the one that has begun last holds."""
    months = {datetime(2026, month, 1, tzinfo=UTC): str(month * 100) for month in (10, 11, 12)}
    planned = {str(int(at.timestamp())): {"Amount": amount, "Unit": "USD"} for at, amount in reversed(months.items())}
    with AwsSimulator(lambda: NOW) as sim:
        sim.budget = {"PlannedBudgetLimits": planned}
        budget = next(item for item in make(sim).advice() if item.kind == "budget")
    assert budget.details["limit"] == "1100"


@pytest.mark.parametrize(
    ("region", "home"),
    [
        ("us-east-1", "us-east-1"),
        ("eu-central-1", "us-east-1"),
        ("cn-north-1", "cn-northwest-1"),
        ("eusc-de-east-1",) * 2,
    ],
)
@pytest.mark.parametrize("service", ["ce", "billing", "invoicing", "budgets"])
def test_bills_are_asked_for_where_they_are_told(region, home, service):
    """Whatever region is set, billing services are asked at the one place of the partition that has them."""
    assert _region(service, AwsSettings(region=region)) == home


def test_whose_key_it_is_is_asked_once_a_process():
    """Three adapters with one key ask STS once between them."""
    with AwsSimulator(lambda: NOW) as sim:
        for _ in range(3):
            told(make(sim), BILL, DAYS)
        assert sum("x-amz-target" not in request.headers for request in sim.log) == 1


@pytest.mark.parametrize("words", ["Signature expired: 20261109T0", "Signature not yet current: 20261111T0"])
def test_a_clock_that_is_off_is_no_wrong_key(words):
    """What AWS calls an invalid signature for its time alone is said to be the clock's fault."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.fail(error("InvalidSignatureException", words, 403), times=99)
        with pytest.raises(Misconfigured, match="clock"):
            told(make(sim), BILL, DAYS)


CUR = [  # as the first row of an export has them
    *("bill_payer_account_id", "line_item_usage_account_id", "line_item_currency_code", "line_item_line_item_type"),
    *("line_item_usage_start_date", "line_item_usage_type", "line_item_product_code", "line_item_unblended_cost"),
    *("savings_plan_savings_plan_a_r_n", "reservation_reservation_a_r_n", "savings_plan_payment_option"),
    *("pricing_purchase_option", "product", "resource_tags", "cost_category"),
]


@pytest.mark.parametrize(
    ("kind", "arn", "option", "effective"),
    [
        ("SavingsPlanUpfrontFee", "savings_plan_savings_plan_a_r_n", "All Upfront", 0),
        ("Fee", "reservation_reservation_a_r_n", "Partial Upfront", 0),
        ("Usage", "savings_plan_savings_plan_a_r_n", "No Upfront", 0),
    ],
)
def test_a_refunded_commitment_cancels(kind, arn, option, effective):
    """A fee and its refund come to nothing, billed and effective; of a plan paid as it goes, the refund counts."""
    row = dict.fromkeys(CUR, "") | {
        "line_item_usage_start_date": "2026-10-05 00:00:00",
        "line_item_currency_code": "USD",
        "savings_plan_payment_option": option,
        arn: "arn:aws:1",
    }
    rows = [
        row | {"line_item_line_item_type": kind, "line_item_unblended_cost": "1000"},
        row | {"line_item_line_item_type": "Refund", "line_item_unblended_cost": "-1000"},
    ]
    month = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    charges = list(export_mapping.charges(rows, CUR, month, month))
    assert sum(charge.billed_cost for charge in charges) == 0
    assert sum(charge.effective_cost for charge in charges) == effective


@pytest.mark.parametrize("pack", ["zip", "two", "damaged"])
def test_exports_in_zip_are_read_or_refused_in_a_sentence(pack):
    """ZIP is one of Data Exports' three compressions: read as the others; what is no such archive is named."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("bill.csv", "more.csv")[: 2 if pack == "two" else 1]:
            archive.writestr(name, "a,b\n1,2\n")
    whole = body.getvalue()
    file = io.BytesIO(whole[: len(whole) // 2] if pack == "damaged" else whole)
    if pack == "zip":
        assert export._Csv(file).names == ["a", "b"]
    else:
        with pytest.raises((UnexpectedReply, zipfile.BadZipFile)):
            export._Csv(file)


REFUSED = [
    ("ThrottlingException", 400, "Unavailable"),
    ("LimitExceededException", 400, "Unavailable"),
    ("DataUnavailableException", 400, "NoData"),
    ("BillExpirationException", 400, "NoData"),
    ("InvalidNextTokenException", 400, "Unavailable"),
    ("ExpiredNextTokenException", 400, "Unavailable"),
    ("RequestChangedException", 400, "Unavailable"),
    ("InternalErrorException", 500, "Unavailable"),
    ("ServiceUnavailable", 503, "Unavailable"),
    ("AccessDeniedException", 400, "AccessDenied"),
    ("OptInRequired", 403, "AccessDenied"),
    ("UnrecognizedClientException", 400, "AccessDenied"),
    ("RequestTimeTooSkewed", 403, "Misconfigured"),
    ("ExpiredTokenException", 400, "AccessDenied"),
    ("BillingViewHealthStatusException", 400, "Misconfigured"),
    ("ResourceNotFoundException", 400, "Misconfigured"),
    ("ValidationException", 400, "RequestRefused"),
]
"""The errors that botocore's models of the services list, and what each means to whoever asked."""


@pytest.mark.parametrize(("code", "status", "kind"), REFUSED, ids=[code for code, *_ in REFUSED])
def test_each_documented_error_is_named_for_who_must_act(code, status, kind):
    """Retried, degraded or stopped: each error has its kind, and says what to do."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.fail(error(code, "Words of AWS.", status), times=99)
        with pytest.raises(CostError) as caught:
            told(make(sim), BILL, DAYS)
    assert type(caught.value).__name__ == kind
    assert caught.value.hint


def test_bedrock_comes_by_provider_and_feature_with_the_bill_whole():
    """Asked for in AWS_FEEDS: two tags of what Bedrock bills, and every other service as a whole."""
    name = "service × model provider × feature"
    with AwsSimulator(lambda: NOW) as sim:
        charges = told(make(sim, feeds="model providers"), name, DAYS)
        lines = [line for day in DAYS for line in sim.lines(day)]
    anthropic = sum(line.net_unblended for line in lines if line.model.startswith("Claude"))
    named = [item for item in charges if item.tags.get("model provider") == "Anthropic"]
    assert sum(item.billed_cost for item in named) == anthropic > 0
    assert {item.tags["feature"] for item in named} == {"On-demand Inference"}
    assert sum(item.billed_cost for item in charges) == sum(line.net_unblended for line in lines)


def test_a_billing_view_is_asked_for_everywhere_and_whole_accounts_for_nothing():
    """Costs, tags and forecast are the view's; what AWS tells of whole accounts alone is not asked for at all."""
    view = f"arn:aws:billing::{bill.PAYER}:billingview/custom-1"
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, billing_view=view)
        for feed in provider.feeds():
            list(provider.charges(feed, DAYS))
        assert {item.kind for item in provider.advice()} == {"forecast", "asked"}
        assert list(provider.commitments(BillContext(["1"], [bill.EC2], "USD"), accounts=True)) == []
        assert provider.recommendations() is None
        assert list(provider.invoices(SINCE)) == []
        assert all(check.ok for check in provider.checks())
        asked = [request.json() for request in sim.log if "x-amz-target" in request.headers]
    assert asked
    assert {params.get("BillingViewArn") for params in asked} == {view}
    assert "billing:GetBillingViewData" in provider.least_privilege()
