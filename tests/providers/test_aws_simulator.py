"""The simulated AWS refuses what AWS refuses: otherwise it would bless calls that fail in production."""

from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from case_aws import session
from contract import NOW

from simulators.aws.server import AwsSimulator

DAYS = {"Start": "2026-11-01", "End": "2026-11-03"}
SERVICE = {"Type": "DIMENSION", "Key": "SERVICE"}


@pytest.fixture(scope="module")
def aws():
    """The demo's payer, with small pages."""
    with AwsSimulator(lambda: NOW, page=5) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def ce(aws):
    """A plain Cost Explorer client."""
    return session().client("ce", **where(aws))


def where(aws):
    """Where to find it, asking once."""
    return {"endpoint_url": aws.url, "region_name": "us-east-1", "config": Config(retries={"total_max_attempts": 1})}


def leaf(key="RECORD_TYPE", *values, **more):
    """A filter on a dimension."""
    return {"Dimensions": {"Key": key, "Values": list(values or ["Usage"]), **more}}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Granularity": "WEEKLY"}, "WEEKLY"),
        ({"Granularity": "HOURLY"}, "not enabled"),
        ({"TimePeriod": {"Start": "2026-11-03", "End": "2026-11-03"}}, "before end date"),
        ({"TimePeriod": {"Start": "2025-09-30", "End": "2026-11-03"}}, "14 months"),
        ({"TimePeriod": {"Start": "2026-11-01", "End": "2026-12-02"}}, "next month"),
        ({"TimePeriod": {"Start": "1 November", "End": "2026-11-03"}}, "1 November"),
        ({"TimePeriod": {"Start": "2026-11-01T00:00:00Z", "End": "2026-11-03"}}, "yyyy-MM-dd"),
        ({"Metrics": ["Cost"]}, "Cost"),
        ({"Metrics": []}, "Metrics"),
        ({"GroupBy": [SERVICE] * 3}, "Only two values"),
        ({"GroupBy": [{"Type": "DIMENSION", "Key": "CHARGE_TYPE"}]}, "CHARGE_TYPE"),
        ({"GroupBy": [{"Type": "LABEL", "Key": "team"}]}, "LABEL"),
        ({"Filter": {**leaf(), "Not": leaf()}}, "more than one roots"),
        ({"Filter": {"And": [leaf()]}}, "at least two"),
        ({"Filter": leaf(MatchOptions=["ABSENT"])}, "MatchOptions"),
        ({"Filter": leaf("COLOUR")}, "COLOUR"),
    ],
)
def test_what_aws_refuses_is_refused(ce, params, words):
    """Enums, patterns, ranges, metrics, groups and expressions are held to AWS's rules."""
    good = {"TimePeriod": DAYS, "Granularity": "DAILY", "Metrics": ["UnblendedCost"], "GroupBy": [SERVICE]}
    with pytest.raises(ClientError) as caught:
        ce.get_cost_and_usage(**{**good, **params})
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert words in caught.value.response["Error"]["Message"]


def test_models_are_not_told_for_days_before_september_2026(ce):
    """Product attributes began then."""
    with pytest.raises(ClientError, match="DataUnavailableException"):
        ce.get_cost_and_usage(
            TimePeriod={"Start": "2026-08-31", "End": "2026-09-02"},
            Granularity="DAILY",
            Metrics=["UnblendedCost"],
            GroupBy=[{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}],
        )


def test_a_page_token_belongs_to_its_request(ce):
    """Another request with the token of the first is refused; so is a token of no request."""
    asked = {"TimePeriod": DAYS, "Granularity": "DAILY", "Metrics": ["UnblendedCost"], "GroupBy": [SERVICE]}
    token = ce.get_cost_and_usage(**asked)["NextPageToken"]
    assert ce.get_cost_and_usage(**asked, NextPageToken=token)["ResultsByTime"]
    with pytest.raises(ClientError, match="RequestChangedException"):
        ce.get_cost_and_usage(**{**asked, "Granularity": "MONTHLY"}, NextPageToken=token)
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        ce.get_cost_and_usage(**asked, NextPageToken="nonsense")


def test_a_filter_on_a_value_that_does_not_exist_is_nothing_not_an_error(ce):
    """As AWS does it, silently."""
    reply = ce.get_cost_and_usage(
        TimePeriod=DAYS, Granularity="DAILY", Metrics=["UnblendedCost"], Filter=leaf("RECORD_TYPE", "Usages")
    )
    assert {item["Total"]["UnblendedCost"]["Amount"] for item in reply["ResultsByTime"]} == {"0"}


def test_the_open_month_is_estimated_and_a_closed_one_is_not(ce):
    """Bills close on the fifth of the next month."""
    reply = ce.get_cost_and_usage(
        TimePeriod={"Start": "2026-10-01", "End": "2026-11-03"}, Granularity="MONTHLY", Metrics=["UnblendedCost"]
    )
    assert [item["Estimated"] for item in reply["ResultsByTime"]] == [False, True]


def test_unknown_keys_and_unsigned_requests_are_refused(aws):
    """The signature must be there, and its key known."""
    stranger = boto3.Session(aws_access_key_id="AKIANOBODY", aws_secret_access_key="x").client("ce", **where(aws))
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.get_tags(TimePeriod=DAYS)


def test_organizations_names_the_accounts(aws):
    """The same names that Cost Explorer tells beside its groups."""
    accounts = session().client("organizations", **where(aws)).list_accounts()["Accounts"]
    assert {"production", "data-platform"} <= {account["Name"] for account in accounts}


def test_the_company_has_its_stories(aws):
    """The spike, the new service, the one that vanished, credits, tax, and weekends that are quieter."""
    lines = {day: aws.lines(day) for day in (item for item in aws.kept if item <= NOW.date())}

    def cost(day, service):
        return sum(line.net_unblended for line in lines[day] if line.service == service)

    days = list(lines)
    spike = [day for day in days if cost(day, "Amazon SageMaker") > 500]
    assert [f"{day:%d %b}" for day in spike] == ["17 Nov", "18 Nov", "19 Nov"]
    assert min(day for day in days if cost(day, "Amazon Bedrock")).isoformat() == "2026-10-20"
    assert max(day for day in days if cost(day, "Amazon Redshift")).isoformat() == "2026-10-31"
    assert {line.record_type for result in lines.values() for line in result} >= {"Credit", "Refund", "Tax", "Support"}
    assert any(line.net_unblended == 0 and line.record_type == "Usage" for line in lines[days[-3]])


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Selector": {"ResourceType": "ACCOUNT_ID", "Value": "999988887777"}}, "BillingPeriod"),
        ({"Selector": {"ResourceType": "ACCOUNT_ID", "Value": "111122223333"}}, "not authorized"),
        ({"Selector": {"ResourceType": "ACCOUNT", "Value": "999988887777"}}, "ACCOUNT"),
        ({"MaxResults": 500}, "MaxResults"),
        ({"NextToken": "nonsense"}, "NextToken"),
    ],
)
def test_invoicing_refuses_what_aws_refuses(aws, params, words):
    """Another's account, no billing period, a selector there is none of, too large a page, a token of no request."""
    client = session().client("invoicing", **where(aws))
    good = {
        "Selector": {"ResourceType": "ACCOUNT_ID", "Value": "999988887777"},
        "Filter": {"BillingPeriod": {"Month": 10, "Year": 2026}},
    }
    asked = {**good, **params} if "Selector" not in params or words != "BillingPeriod" else params
    with pytest.raises(ClientError, match=words):
        client.list_invoice_summaries(**asked)


def test_credits_are_told_of_a_year_and_of_the_own_account(aws):
    """A start in the future or too long ago, or another's account, is refused."""
    client = session().client("billing", **where(aws))
    for start in (NOW + timedelta(days=2), NOW - timedelta(days=400)):
        with pytest.raises(ClientError, match="ValidationException"):
            client.get_credits(accountId="999988887777", startDate=start)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_credits(accountId="111122223333", startDate=NOW)
