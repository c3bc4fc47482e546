"""AWS beyond the contract: what Cost Explorer's words become, what is asked for, what each refusal is called."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import boto3
import pytest
from case_aws import adapter, error
from contract import DAYS, FEW, NOW, Tally

from bot.domain.errors import AccessDenied, Unavailable, UnexpectedReply
from bot.domain.live_query import LiveQuery
from bot.domain.period import DAY, Period
from bot.providers import BillContext
from bot.providers.aws import Aws, AwsSettings
from bot.providers.aws.groupings import charge_category, pricing_category, token_type
from bot.providers.aws.policy import policy, requests
from bot.providers.aws.services import category
from simulators.aws import bill
from simulators.aws.server import ROLE, AwsSimulator
from simulators.http_server import json_reply

QUARTER = Period(start=date(2026, 8, 31), end=date(2026, 10, 2))
"""With credits, a refund, tax, support and a savings plan."""


@pytest.fixture(scope="module")
def aws():
    """The demo's payer."""
    with AwsSimulator(lambda: NOW) as simulator:
        yield simulator


def make(simulator, meter=None, **settings):
    """The adapter in front of a simulator."""
    return adapter(simulator, meter or Tally(), lambda: NOW, **settings)


def feed(provider, name):
    """The feed of a name."""
    return next(item for item in provider.feeds() if item.name == name)


def told(provider, name, days):
    """All charges of a feed."""
    return list(provider.charges(feed(provider, name), days))


BILL = "account × service × charge category"


def sums(charges, *columns, amount="billed_cost"):
    """An amount by columns of a charge, zeros left out."""
    found = defaultdict(Decimal)
    for charge in charges:
        found[tuple(getattr(charge, column) for column in columns)] += getattr(charge, amount)
    return {key: value for key, value in found.items() if value}


def books(simulator, days, *columns, amount="net_unblended", only=lambda _: True):
    """The same from the simulator's lines."""
    found = defaultdict(Decimal)
    for day in days:
        for line in filter(only, simulator.lines(day)):
            found[tuple(column(line) if callable(column) else getattr(line, column) for column in columns)] += getattr(
                line, amount
            )
    return {key: value for key, value in found.items() if value}


def test_the_bill_tells_account_service_and_charge_category(aws):
    """Credits, refunds, tax and fees stand apart from usage, per account and service, to the last digit."""
    charges = told(make(aws), BILL, QUARTER)
    found = sums(charges, "sub_account_id", "service_name", "charge_category")
    truth = books(aws, QUARTER, "account", "service", lambda line: charge_category(line.record_type))
    assert found == truth
    assert {key[2] for key in found} == {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}


def test_effective_cost_is_amortized(aws):
    """EffectiveCost spreads the savings plan over what it covered."""
    charges = told(make(aws), BILL, QUARTER)
    assert sums(charges, "service_name", amount="effective_cost") == books(
        aws, QUARTER, "service", amount="net_amortized"
    )


def test_accounts_have_the_names_aws_tells(aws):
    """A linked account is called by its description; the payer by what the settings say, else the source."""
    charges = told(make(aws, payer="Lumen Robotics"), BILL, FEW)
    assert {charge.sub_account_id: charge.sub_account_name for charge in charges}.items() <= bill.ACCOUNTS.items()
    assert {charge.billing_account_name for charge in charges} == {"Lumen Robotics"}
    assert {charge.billing_account_id for charge in charges} == {bill.PAYER}
    assert {charge.billing_account_name for charge in told(make(aws), BILL, FEW)} == {"aws"}


def test_regions_have_ids_and_names(aws):
    """No region is the empty string, not AWS's word for it."""
    charges = told(make(aws), "service × region", FEW)
    assert sums(charges, "region_id") == books(aws, FEW, "region")
    names = {charge.region_id: charge.region_name for charge in charges}
    assert names["eu-central-1"] == "Europe (Frankfurt)"
    assert names[""] == ""


def test_usage_types_come_with_quantities(aws):
    """Consumption is told per usage type, in AWS's unit; mixed units are no quantity."""
    charges = told(make(aws), "service × usage type", FEW)
    measured = [charge for charge in charges if charge.consumed_unit]
    assert sums(charges, "service_name", "sku_id") == books(aws, FEW, "service", "usage_type")
    assert sums(measured, "sku_id", "consumed_unit", amount="consumed_quantity") == books(
        aws, FEW, "usage_type", "unit", amount="quantity"
    )


def test_purchase_options_are_pricing_categories(aws):
    """On demand, spot and committed usage are told apart."""
    found = sums(told(make(aws), "service × purchase option", FEW), "pricing_category")
    assert {key for (key,) in found} == {"Standard", "Dynamic", "Committed", ""}


def test_tags_are_told_apart_and_untagged_names_none(aws):
    """Each team's cost is exact; what has no tag has none, not an empty one."""
    charges = told(make(aws), "service × tag team", FEW)
    found = defaultdict(Decimal)
    for charge in charges:
        found[(charge.tags.get("team", ""),)] += charge.billed_cost
    assert found == books(aws, FEW, "team")
    assert all("team" not in charge.tags or charge.tags["team"] for charge in charges)


def test_cost_categories_are_asked_for_like_tags(aws):
    """A configured cost category is a feed of its own whose values are tags of its name."""
    charges = told(make(aws, cost_categories="Stage"), "service × cost category Stage", FEW)
    assert {charge.tags.get("Stage") for charge in charges} == {"live", None}


def test_models_add_up_with_all_that_is_no_model(aws):
    """Bedrock by model and token type, with tokens; every other service whole, naming no model."""
    charges = told(make(aws), "service × model × token type", FEW)
    assert sums(charges, "service_name", "x_model", "x_token_type") == books(
        aws, FEW, "service", "model", lambda line: token_type(line.inference)
    )
    tokens = [charge for charge in charges if charge.x_model]
    assert {charge.consumed_unit for charge in tokens} == {"1K tokens"}


def test_models_are_told_from_september_2026_on(aws):
    """AWS knows no models before; the feed's horizon says so."""
    provider = make(aws)
    assert provider.horizon(feed(provider, "service × model × token type"), NOW).deepest == date(2026, 9, 1)


def test_a_payer_without_models_is_known_to_name_none():
    """Where no service bills by model, every feed answers questions about models: there are none."""
    no_models = tuple
    with AwsSimulator(
        lambda: NOW, lines=lambda day: no_models(line for line in bill.lines(day) if not line.model)
    ) as sim:
        feeds = make(sim).feeds()
    assert "service × model × token type" not in {item.name for item in feeds}
    assert all({"x_Model", "x_TokenType"} <= item.grain for item in feeds)


def test_an_account_without_discounts_has_no_net_metrics():
    """Where AWS tells no Net metrics, the plain ones are what was billed."""
    with AwsSimulator(lambda: NOW, net=False) as sim:
        charges = told(make(sim), BILL, FEW)
        assert sums(charges, "day") == books(sim, FEW, "day", amount="unblended")
        assert sums(charges, "day", amount="effective_cost") == books(sim, FEW, "day", amount="amortized")


def test_other_currencies_stay_what_they_are():
    """A payer in China is billed in yuan."""
    with AwsSimulator(lambda: NOW, currency="CNY") as sim:
        assert {charge.billing_currency for charge in told(make(sim), BILL, FEW)} == {"CNY"}


def test_a_record_type_nobody_knows_is_usage_and_never_lost():
    """New words of AWS's land in Usage, so that the bill still adds up."""

    def lines(day):
        return [replace(line, record_type="Quantum Surcharge") for line in bill.lines(day)[:3]]

    with AwsSimulator(lambda: NOW, lines=lines) as sim:
        charges = told(make(sim), BILL, FEW)
        assert sums(charges, "charge_category") == {("Usage",): sim.truth(FEW)["USD"]}


@pytest.mark.parametrize(
    ("record_type", "expected"),
    [
        ("Usage", "Usage"),
        ("DiscountedUsage", "Usage"),
        ("SavingsPlanCoveredUsage", "Usage"),
        ("SavingsPlanNegation", "Usage"),
        ("Enterprise Discount Program Discount", "Usage"),
        ("Support", "Usage"),
        ("Other out-of-cycle charges", "Purchase"),
        ("Credit", "Credit"),
        ("Refund", "Adjustment"),
        ("Tax", "Tax"),
        ("SavingsPlanRecurringFee", "Purchase"),
        ("Savings Plan Recurring Fee", "Purchase"),
        ("SavingsPlanUpfrontFee", "Purchase"),
        ("RIFee", "Purchase"),
        ("Recurring reservation fee", "Purchase"),
        ("Upfront reservation fee", "Purchase"),
    ],
)
def test_record_types_become_charge_categories(record_type, expected):
    """Each known record type, however it is spelled."""
    assert charge_category(record_type) == expected


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("On Demand Instances", "Standard"),
        ("Spot Instances", "Dynamic"),
        ("Standard Reserved Instances", "Committed"),
        ("Savings Plans", "Committed"),
        ("NoPurchaseType", ""),
    ],
)
def test_purchase_options_become_pricing_categories(option, expected):
    """Each known purchase option."""
    assert pricing_category(option) == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("Amazon Simple Storage Service", "Storage"),
        ("EC2 - Other", "Compute"),
        ("Claude Sonnet 5 (Amazon Bedrock Edition)", "AI and Machine Learning"),
        ("Tax", "Other"),
    ],
)
def test_services_have_categories(service, expected):
    """Common services have FOCUS's category, Marketplace models too; others are Other."""
    assert category(service) == expected


# What is asked for ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("repeat", [False, True])
def test_no_page_is_asked_for_twice(repeat):
    """A pull makes one request per page that exists, and groups that pages repeat count once."""
    with AwsSimulator(lambda: NOW, page=25, repeat=repeat) as sim:
        meter = Tally()
        charges = told(make(sim, meter), BILL, DAYS)
        asked = [request.body for request in sim.log if "GetCostAndUsage" in request.headers.get("x-amz-target", "")]
        assert len(asked) == len(set(asked))
        assert sums(charges, "day") == books(sim, DAYS, "day")
        assert meter.cost == Decimal("0.01") * sum(operation.startswith("ce:") for operation, _ in meter.made_)


def test_categories_that_do_not_occur_are_not_asked_for():
    """On days without credits, refunds, tax and fees, one pull finds that out and one gets the usage."""
    quiet = Period(start=date(2026, 3, 10), end=date(2026, 3, 13))
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim)
        bill_feed = feed(provider, BILL)
        before = sim.count
        list(provider.charges(bill_feed, quiet))
        pulls = [json.loads(request.body) for request in list(sim.log)[before:] if request.body.startswith(b"{")]
    assert [pull["GroupBy"][0]["Key"] for pull in pulls] == ["RECORD_TYPE", "LINKED_ACCOUNT"]
    assert "Filter" not in pulls[1]


def test_feeds_can_be_left_out(aws):
    """Only the bill is pulled when nothing else is wanted, and discovery costs nothing then."""
    meter = Tally()
    assert [item.name for item in make(aws, meter, feeds="").feeds()] == [BILL]
    assert meter.made_ == []


def test_configured_tags_are_not_looked_up(aws):
    """Whoever names their tags pays for no discovery."""
    meter = Tally()
    names = [item.name for item in make(aws, meter, feeds="tags", tag_keys="team, env").feeds()]
    assert names == [BILL, "service × tag team", "service × tag env"]
    assert meter.made_ == []


def test_tags_of_awss_own_making_are_not_pulled(aws):
    """``aws:createdBy`` and its like are found and left."""
    assert not any("aws:" in item.name for item in make(aws).feeds())


def test_who_may_not_list_tags_still_gets_the_bill(aws):
    """A key that may only read costs is enough; there are no tag feeds then."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.denied = {"GetTags", "GetDimensionValues"}
        names = {item.name for item in make(sim).feeds()}
    assert BILL in names
    assert not any("tag" in name for name in names)


def test_a_page_that_says_otherwise_is_not_believed():
    """The same group twice with other amounts is an unexpected reply, not a guess."""
    first = page([("111122223333", "Amazon Athena", "1.5")], token="more")
    second = page([("111122223333", "Amazon Athena", "1.6")])
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, feeds="")
        sim.fail(first, when=grouped_by_account)
        sim.fail(second, when=grouped_by_account)
        with pytest.raises(UnexpectedReply):
            list(provider.charges(provider.feeds()[0], FEW))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "much", ""])
def test_an_amount_that_is_no_number_is_refused(amount):
    """Nothing that is not a finite decimal gets in."""
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, feeds="")
        sim.fail(page([("111122223333", "Amazon Athena", amount)]), when=grouped_by_account)
        with pytest.raises(UnexpectedReply):
            list(provider.charges(provider.feeds()[0], FEW))


def test_pages_in_another_order_are_put_in_order():
    """Charges come day by day even if AWS pages by group."""
    newest = page([("111122223333", "Amazon Athena", "2")], day=FEW.last, token="more")
    oldest = page([("111122223333", "Amazon Glue", "1")], day=FEW.start)
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, feeds="")
        sim.fail(newest, when=grouped_by_account)
        sim.fail(oldest, when=grouped_by_account)
        charges = list(provider.charges(provider.feeds()[0], FEW))
    days = [charge.day for charge in charges]
    assert days == sorted(days)
    assert {"Amazon Athena", "Amazon Glue"} <= {charge.service_name for charge in charges}


def grouped_by_account(request):
    """Pulls of usage: not of record types, nor of another category."""
    return b"LINKED_ACCOUNT" in request.body and b'"Not"' in request.body


def page(rows, day=FEW.start, token=None):
    """A page of Cost Explorer."""
    groups = [
        {"Keys": [account, service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
        for account, service, amount in rows
    ]
    period = {"Start": str(day), "End": str(day + DAY)}
    body = {"ResultsByTime": [{"TimePeriod": period, "Groups": groups, "Total": {}, "Estimated": True}]}
    return json_reply({**body, **({"NextPageToken": token} if token else {})})


# Keys, roles, refusals -----------------------------------------------------------------------------------


def test_throttling_is_waited_out_within_a_request():
    """boto3 asks again by itself; each attempt is counted, only the answered one costs."""
    meter = Tally()
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, meter, feeds="", attempts=3)
        sim.fail(error("LimitExceededException", "Rate limit exceeded"), when=grouped_by_account)
        charges = list(provider.charges(provider.feeds()[0], FEW))
        assert sums(charges, "day") == books(sim, FEW, "day")
    statuses = [status for _, status in meter.made_]
    assert statuses.count("LimitExceededException") == 1
    assert meter.cost == Decimal("0.01") * (statuses.count("200") - 1)  # STS is free


def test_a_role_is_assumed_in_the_payers_account(aws):
    """With a role, Cost Explorer is asked with the role's keys, and its account is the payer."""
    provider = make(aws, role_arn=ROLE, external_id="lumen-42")
    charges = told(provider, BILL, FEW)
    assert {charge.billing_account_id for charge in charges} == {bill.PAYER}
    assumed = [request.body.decode() for request in aws.log if b"AssumeRole" in request.body]
    assert "ExternalId=lumen-42" in assumed[-1]
    assert "Credential=ASIA" in aws.log[-1].headers["authorization"]


def test_a_role_that_may_not_be_assumed_is_access_denied(aws):
    """The hint is a policy; the error names the action."""
    with pytest.raises(AccessDenied, match="sts:AssumeRole"):
        told(make(aws, role_arn="arn:aws:iam::999988887777:role/other"), BILL, FEW)


def test_a_missing_permission_is_named_with_the_policy_that_grants_it():
    """The least-privilege policy in the hint is valid JSON and allows nothing but reading."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.denied = {"GetCostAndUsage"}
        with pytest.raises(AccessDenied, match="ce:GetCostAndUsage") as caught:
            told(make(sim), BILL, FEW)
    policy = json.loads(caught.value.hint.removeprefix("Attach this policy: "))
    actions = policy["Statement"][0]["Action"]
    assert "ce:GetCostAndUsage" in actions
    assert all(action.split(":")[1].startswith(("Get", "View", "List", "Describe")) for action in actions)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            error("ExpiredTokenException", "The security token included in the request is expired"),
            AccessDenied,
            "expired",
        ),
        (error("AccessDeniedException", "User not enabled for cost explorer access"), AccessDenied, "not enabled"),
        (error("DataUnavailableException", "Data is not available."), Unavailable, "no cost data"),
        (error("RequestChangedException"), Unavailable, "pagination expired"),
        (error("InternalServerErrorException", status=500), Unavailable, "failing"),
        (error("ValidationException", "Group Definition dimension REGION is invalid"), UnexpectedReply, "REGION"),
        (error("BrandNewException"), UnexpectedReply, "BrandNewException"),
    ],
)
def test_each_refusal_has_a_name(reply, kind, words):
    """Whatever AWS refuses with, the error says who must act."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.fail(reply, times=9)
        with pytest.raises(kind, match=words):
            told(make(sim, feeds=""), BILL, FEW)


def test_no_credentials_at_all_says_where_to_put_them(aws, monkeypatch, tmp_path):
    """Without any, the error names the variables."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    settings = AwsSettings(endpoint_url=aws.url, feeds="")
    provider = Aws(settings, meter=Tally(), clock=lambda: NOW, session=boto3.Session)
    with pytest.raises(AccessDenied) as caught:
        list(provider.charges(provider.feeds()[0], FEW))
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint


def test_a_profile_that_does_not_exist_is_said(aws):
    """A misspelled profile is named."""
    provider = Aws(AwsSettings(endpoint_url=aws.url, profile="payre"), meter=Tally(), clock=lambda: NOW)
    with pytest.raises(AccessDenied, match="payre"):
        told(provider, BILL, FEW)


@pytest.mark.parametrize("settings", [{}, {"cost_categories": "Stage"}, {"feeds": "region"}], ids=str)
def test_the_policy_allows_exactly_what_is_called(settings):
    """A sync, AWS's own advice, a live question and doctor call every action of the policy, and no other."""
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, **settings)
        for feed in provider.feeds():
            told(provider, feed.name, FEW)
        assert list(provider.advice())
        assert provider.invoices(SEPTEMBER)
        assert list(provider.commitments(BillContext(["1"], [bill.EC2], "USD"), accounts=False))
        assert provider.recommendations().recommendations
        wanted = LiveQuery(("SubAccountName", "RegionId"), (), FEW, daily=False)
        assert provider.live_price(wanted)
        assert list(provider.live(wanted))
        assert all(check.ok for check in provider.checks())
        targets = {request.headers.get("x-amz-target", "").split(".")[-1] for request in sim.log} - {""}
    (statement,) = json.loads(policy(AwsSettings(**settings)))["Statement"]
    assert {
        action.partition(":")[2].replace("ViewBudget", "DescribeBudgets") for action in statement["Action"]
    } == targets


def test_a_data_export_alone_needs_its_bucket_alone():
    """Without Cost Explorer the policy lists one bucket and reads below one prefix, in its partition."""
    settings = AwsSettings(data_export="s3://bills/exports/focus", cost_explorer=False, region="cn-northwest-1")
    listing, reading = json.loads(policy(settings))["Statement"]
    assert (listing["Action"], listing["Resource"]) == (["s3:ListBucket"], "arn:aws-cn:s3:::bills")
    assert (reading["Action"], reading["Resource"]) == (["s3:GetObject"], "arn:aws-cn:s3:::bills/exports/focus/*")


EVERY = AwsSettings(cost_categories="Stage")
ACTIONS = {kind.operation.partition(":")[2]: kind.permission for kind in requests(EVERY) if ":" in kind.permission}
"""What IAM calls each operation of a sync with every view, and the one that only doctor needs."""
ACTIONS["GetCostCategories"] = "ce:GetCostCategories"


@pytest.mark.parametrize("operation", sorted(ACTIONS))
def test_doctor_names_each_action_that_is_missing(operation):
    """Each permission refused in turn: one check fails, names it as IAM does, and its hint is a policy with it."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.denied = {operation}
        (failed,) = [check for check in make(sim, cost_categories="Stage").checks() if not check.ok]
    assert f"may not call {ACTIONS[operation]}." in failed.message
    policy_ = json.loads(failed.hint.removeprefix("Attach this policy: "))
    assert ACTIONS[operation] in policy_["Statement"][0]["Action"]


def test_doctor_names_tags_that_do_not_exist(aws):
    """A misspelled tag is said, with those there are."""
    failed = [check for check in make(aws, tag_keys="Team").checks() if not check.ok]
    assert len(failed) == 1
    assert "Team" in failed[0].message
    assert "team" in failed[0].hint


def test_two_payers_are_two_sources(aws):
    """Each source's charges carry its own payer, whatever accounts they share."""
    one = adapter(aws, Tally(), lambda: NOW, source="europe")
    two = adapter(aws, Tally(), lambda: NOW, source="asia")
    assert {feed.source for feed in one.feeds()} == {"europe"}
    assert {charge.billing_account_name for charge in told(two, BILL, FEW)} == {"asia"}


def test_every_setting_has_a_sentence():
    """Each field says what it is for; names of variables are those AWS's users know."""
    for name, field in AwsSettings.model_fields.items():
        assert field.description.endswith("."), name


# What AWS itself says ------------------------------------------------------------------------------------


def test_awss_own_budgets_forecast_and_anomalies_are_told(aws):
    """Amounts are exact text, days are days, and each names what it is about."""
    meter = Tally()
    result = {item.kind: item for item in make(aws, meter).advice()}
    assert result["budget"].name == "AWS, all accounts"
    assert result["budget"].details["limit"] == "48000"
    assert result["forecast"].details["end"] == "2026-12-01"
    assert Decimal(result["forecast"].details["low"]) < Decimal(result["forecast"].details["amount"])
    assert result["anomaly"].details["service"] == "Amazon SageMaker"
    assert (result["anomaly"].details["start"], result["anomaly"].details["last"]) == ("2026-11-17", "2026-11-19")
    assert meter.cost == Decimal("0.02")


def test_what_aws_will_not_tell_is_left_out():
    """A key that may only read costs gets no advice and no error, but the reason, with the policy that would do."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.denied = {"DescribeBudgets", "GetCredits", "GetCostForecast", "GetAnomalies"}
        result = list(make(sim).advice())
    assert {item.kind for item in result} == {"asked"}
    (refused,) = (item.details for item in result if item.name == "credit")
    assert "may not call billing:GetCredits" in refused["message"]
    assert "billing:GetCredits" in refused["hint"]


def test_credits_left_are_told_without_what_the_open_month_has_used(aws):
    """AWS's estimate of what is left counts the month under way; one that is used up is told as nothing left."""
    result = {item.details["title"]: item.details for item in make(aws).advice() if item.kind == "credit"}
    assert result["AWS Activate"] == {
        "title": "AWS Activate", "granted": "12000", "left": "4000", "currency": "USD", "start": "2026-08-01",
        "expires": "2026-12-31", "only": "Amazon Elastic Compute Cloud - Compute",
    }  # fmt: skip
    assert result["Welcome credit"]["left"] == "0"


def test_credits_of_a_shape_unknown_are_no_balance():
    """A credit without its amounts is a shape not known: nothing is told of credits, and why is kept."""
    reply = json_reply({"credits": [{"creditId": "1", "description": "x"}]})
    with AwsSimulator(lambda: NOW) as sim:
        sim.fail(reply, when=lambda request: b"payerAccountFlag" in request.body)
        result = list(make(sim).advice())
    assert not [item for item in result if item.kind == "credit"]
    assert "unexpected format" in next(
        item.details["message"] for item in result if (item.kind, item.name) == ("asked", "credit")
    )


# Invoices ------------------------------------------------------------------------------------------------


SEPTEMBER = Period(start=date(2026, 9, 1), end=date(2026, 10, 1))


def documents(sim, *told):
    """AWS tells these documents of a month."""
    amount = {"TotalAmount": "100.00", "CurrencyCode": "USD"}
    replies = [{"InvoiceId": f"I{n}", "BaseCurrencyAmount": amount, **item} for n, item in enumerate(told)]
    sim.fail(json_reply({"InvoiceSummaries": replies}), when=lambda request: b"BillingPeriod" in request.body)
    return {invoice.id: invoice.amount for invoice in make(sim).invoices(SEPTEMBER)}


def test_a_month_has_its_invoice_its_purchases_and_its_credit_memos(aws):
    """What was refunded is below zero; a receipt of payment is no second invoice."""
    found = make(aws).invoices(SEPTEMBER)
    assert [item.id for item in found] == ["EUINUS1-2400202609", "EUINUS2-2400202609", "EUINUS3-2400202609"]
    assert [item.amount for item in found[1:]] == [Decimal("2880.00"), Decimal("-182.40")]
    assert {(item.currency, item.issued, item.issuer) for item in found} == {
        ("USD", date(2026, 10, 3), "Amazon Web Services, Inc.")
    }


def test_what_is_no_invoice_to_pay_is_left_out():
    """Receipts, what the payer sold, what was cancelled, and a tax invoice that repeats a commercial one."""
    with AwsSimulator(lambda: NOW) as sim:
        found = documents(
            sim,
            {"InvoiceType": "INVOICE"},
            {"InvoiceType": "PAYMENT_RECEIPT"},
            {"InvoiceType": "INVOICE", "ReceiverRole": "SELLER"},
            {"InvoiceType": "INVOICE", "TaxAuthorityStatus": "CANCELLED"},
            {"InvoiceType": "INVOICE", "CommercialInvoiceId": "I0"},
            {"InvoiceType": "INVOICE", "CommercialInvoiceId": "of another month"},
            {"InvoiceType": "CREDIT_MEMO"},
        )
    assert found == {"I0": 100, "I5": 100, "I6": -100}


def test_invoices_cost_nothing_and_come_page_by_page(aws):
    """Four documents on two pages, none of them paid for."""
    meter = Tally()
    make(aws, meter).invoices(SEPTEMBER)
    asked = [operation for operation, _ in meter.made_ if operation == "invoicing:ListInvoiceSummaries"]
    assert (len(asked), meter.cost) == (2, 0)
