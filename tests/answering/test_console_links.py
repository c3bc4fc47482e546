"""An answer names the page of the vendor that shows the same charges, and no page that would show others."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from test_live import BY, OCTOBER, SEPTEMBER, Company

from bot.domain.question import Filter, Question
from bot.domain.scope import Scope
from bot.providers.gcp.console import reports_url
from bot.render.slack import answer_message

STORAGE = Filter(dimension="ServiceName", values=("Amazon Simple Storage Service",))
ACCOUNT = Filter(dimension="SubAccountName", values=("production",))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A company whose bill came from Cost Explorer."""
    made = Company(tmp_path_factory.mktemp("home") / "ledger.db")
    yield made
    made.close()


def linked(company, scope=None, **asked):
    """The links under an answer."""
    service = company.asker()
    question = Question(period=OCTOBER, **asked)
    given = {} if scope is None else {"scope": scope}
    return service.console_links(service.answer(question, **given), **given)


def page(company, **asked):
    """What the page of Cost Explorer is asked for."""
    [link] = linked(company, **asked)
    assert link.source == "aws"
    _, _, query = urlsplit(link.url).fragment.partition("?")
    return {name: values[0] for name, values in parse_qs(query).items()}


def filters(shown):
    """Each filter of the page: its dimension, whether it includes, its values, and the tag's key."""
    return [
        (row["dimension"]["id"], row["operator"], [value["value"] for value in row["values"]], row.get("growableValue"))
        for row in json.loads(shown["filter"])
    ]


def test_the_page_has_the_days_and_the_breakdown(company):
    """Its last day is the last of the period, and costs are those that the bill has."""
    shown = page(company, by=("ServiceName",), grain="day")
    assert (shown["startDate"], shown["endDate"]) == ("2026-10-01", "2026-10-31")
    assert (shown["granularity"], shown["costAggregate"]) == ("Daily", "netUnblendedCost")
    assert (json.loads(shown["groupBy"]), filters(shown)) == (["Service"], [])


def test_filters_are_spoken_as_the_page_does(company):
    """Services by name, accounts by number, tags by key and value, what is left out as left out."""
    account = page(company, where=(ACCOUNT, STORAGE.model_copy(update={"exclude": True})))
    [(dimension, operator, [number], _), other] = filters(account)
    assert (dimension, operator, number.isdigit(), len(number)) == ("LinkedAccount", "INCLUDES", True, 12)
    assert other == ("Service", "EXCLUDES", ["Amazon Simple Storage Service"], None)
    tag = page(company, where=(Filter(dimension="Tags/team", values=("platform",)),))
    assert filters(tag) == [("TagKey", "INCLUDES", ["platform"], {"value": "team", "displayValue": "team"})]
    assert filters(page(company, charges="gross")) == [("RecordTypeV2", "EXCLUDES", ["Credit", "Refund"], None)]


@pytest.mark.parametrize(
    "asked",
    [
        {"where": (Filter(dimension="Tags/team", values=("",)),)},
        {"where": (Filter(dimension="Tags/Stage", values=("live",)),)},
        {"where": (Filter(dimension="PricingCategory", values=("Dynamic",)),)},
        {"metric": "ConsumedQuantity"},
        {"metric": "ListCost"},
        {"against": SEPTEMBER, "only": "new", "by": ("ServiceName",)},
        {"share_of": ()},
        {"kind": "freshness"},
    ],
    ids="-".join,
)
def test_what_the_page_cannot_show_has_no_link(company, asked):
    """None to a page with other charges or another figure."""
    assert linked(company, **asked) == []


def test_a_link_shows_no_more_than_its_reader_sees(company):
    """Somebody who sees one account gets a page of that account."""
    [link] = linked(company, scope=Scope(where=(ACCOUNT,)))
    assert "LinkedAccount" in link.url


def test_a_message_names_the_console(company):
    """Under the figures, as a link."""
    service = company.asker()
    reply = service.answer(Question(period=OCTOBER, by=BY[:1]))
    message = answer_message.draw(reply, service.console_links(reply))
    shown = [
        part for block in message.blocks if block["type"] == "rich_text" for part in block["elements"][0]["elements"]
    ]
    [link] = [part for part in shown if part["type"] == "link"]
    assert (link["text"], link["url"][:39]) == ("AWS console", "https://us-east-1.console.aws.amazon.co")


TABLE = "billing.all_costs.gcp_billing_export_resource_v1_01AB23_CD4567_89EF01"


@pytest.mark.parametrize(
    ("asked", "table", "shown"),
    [
        ({"by": ("ServiceName",)}, TABLE, ";grouping=GROUP_BY_SERVICE"),
        ({"where": (Filter(dimension="ServiceProviderName", values=("Google Cloud",)),)}, TABLE, ""),
        ({"where": (STORAGE,)}, TABLE, None),
        ({"charges": "gross"}, TABLE, None),
        ({}, "billing.all_costs.a_view_of_mine", None),
    ],
    ids=["by-service", "of-google", "filtered", "gross", "a-view"],
)
def test_google_shows_the_days_of_its_account(asked, table, shown):
    """The account is in the export's name; filters it would need other ids for."""
    page = "https://console.cloud.google.com/billing/01AB23-CD4567-89EF01/reports;timeRange=CUSTOM_RANGE"
    expected = None if shown is None else f"{page};from=2026-10-01;to=2026-10-31{shown}"
    assert reports_url(Question(period=OCTOBER, **asked), table) == expected
