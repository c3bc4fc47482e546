"""What no feed tells is offered with its price, and asked of the vendor only when somebody allows it."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import boto3
import pytest
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.period import DAY, Period, month_of
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.providers.aws import Aws, AwsSettings
from bot.providers.aws.groupings import charge_category
from bot.sync.live_query import LiveQueryService
from bot.sync.service import sync
from simulators.aws.bill import ACCOUNTS
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator
from simulators.http_server import hang_up

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SINCE = date(2026, 9, 1)
OCTOBER = month_of(date(2026, 10, 1))
SEPTEMBER = month_of(date(2026, 9, 1))
BY = ("SubAccountName", "RegionId")
COLUMNS = {
    "SubAccountName": lambda line: ACCOUNTS[line.account],
    "RegionId": lambda line: line.region,
    "ServiceName": lambda line: line.service,
    "SkuId": lambda line: line.usage_type,
    "ChargeCategory": lambda line: charge_category(line.record_type),
    "Tags/team": lambda line: line.team,
    "Tags/Stage": lambda line: "live" if ACCOUNTS[line.account] in ("production", "data-platform") else "",
    "ServiceProviderName": lambda _: "AWS",
}


class Company:
    """The simulated AWS, its bill in a ledger, and who answers from it."""

    def __init__(self, path, page=600):
        self.now = NOW
        self.aws = AwsSimulator(lambda: NOW, page=page).start()
        self.ledger = Ledger(path)
        settings = AwsSettings(
            endpoint_url=self.aws.url, feeds="region, tags", tag_keys="team", cost_categories="Stage", attempts=1
        )
        session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
        self.opens = {"aws": lambda meter: Aws(settings, meter=meter, clock=lambda: NOW, session=lambda: session)}
        assert sync(self.opens, self.ledger, now=lambda: NOW, since=SINCE).ok

    def asker(self, ceiling=Decimal(10)):
        """Who answers, with nothing asked lately."""
        live = LiveQueryService(lambda: self.opens, self.ledger, now=lambda: self.now, ceiling=ceiling)
        return AnswerService(self.ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC), live=lambda: live)

    def truth(self, days, by, passes=lambda _: True):
        """What the vendor's own books say of each combination."""
        found = defaultdict(Decimal)
        for line in (line for day in days for line in self.aws.lines(day)):
            if passes(line):
                found[tuple(COLUMNS[name](line) for name in by)] += line.net_unblended
        return {key: amount for key, amount in found.items() if amount}

    def close(self):
        """Ends both."""
        self.aws.close()
        self.ledger.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """One company for all tests that leave it as it is."""
    company = Company(tmp_path_factory.mktemp("ledger") / "ledger.db")
    yield company
    company.close()


def told(answer):
    """The lines by their keys."""
    return {tuple(line.key.values()): line.amount for line in answer.lines if line.amount}


def ask(asker, *, live=True, **parts):
    """The answer to a question about October, unless told otherwise."""
    return seen(asker.answer(Question(**{"period": OCTOBER, "by": BY, **parts}), live=live))


def test_a_gap_offers_the_request_that_would_fill_it_with_its_price(company):
    """Account × region is told by no feed: the gap says so and names the price, and nothing is asked."""
    before = company.aws.count
    answer = ask(company.asker(), live=False)
    assert answer.totals == ()
    assert answer.gaps[0].what.startswith("costs can't be broken down by account and region together")
    assert answer.gaps[0].hint.startswith("Ask AWS now ($0.01)")
    assert str(answer.gaps[0].price) == "0.01"
    assert answer.requests.made == 0
    assert company.aws.count == before


def test_what_feeds_tell_is_never_asked_for_money(company):
    """Allowing it changes nothing where a feed answers."""
    before = company.aws.count
    answer = ask(company.asker(), by=("SubAccountName",))
    assert (answer.gaps, answer.requests.made, company.aws.count) == ((), 0, before)


def test_allowed_it_is_one_request_and_the_truth(company):
    """One page for a cent, exact to the last digit, booked, and said to be fresh from the vendor."""
    spent = company.ledger.requests.spent(NOW.date())
    answer = ask(company.asker())
    assert told(answer) == company.truth(OCTOBER, BY)
    assert answer.totals[0].amount == company.aws.truth(OCTOBER)["USD"]
    assert answer.requests.model_dump(mode="json") == {"made": 1, "cost": "0.01"}
    assert company.ledger.requests.spent(NOW.date()) == spent + Decimal("0.01")
    assert answer.gaps == ()
    assert answer.as_of[0].synced == NOW
    assert any("live query" in note for note in answer.notes)


def near(name, *values, exclude=False):
    """A filter."""
    return Filter(dimension=name, values=values, exclude=exclude)


@pytest.mark.parametrize(
    ("by", "where"),
    [
        (BY, ()),
        (("RegionId", "Tags/team"), ()),
        (("Tags/team", "Tags/Stage"), ()),
        (("ChargeCategory", "RegionId"), ()),
        (("SkuId", "SubAccountName"), ()),
        (("ServiceProviderName", "SkuId"), (near("RegionId", "us-east-1"),)),
        (("ServiceName",), (near("RegionId", "us-east-1"), near("SubAccountName", "production"))),
        ((), (near("RegionId", ""), near("SubAccountName", "lumen-payer", exclude=True))),
        ((), (near("RegionId", "us-east-1", "eu-central-1", exclude=True), near("Tags/team", "", "core"))),
        (("SubAccountName",), (near("Tags/Stage", "live", exclude=True), near("RegionId", "us-east-1"))),
        (("RegionId",), (near("ChargeCategory", "Tax", exclude=True),)),
    ],
    ids=str,
)
def test_every_breakdown_and_filter_it_offers_is_the_truth(company, by, where):
    """Whatever the grouping and filtering in AWS's words, it means what it means in ours."""
    answer = ask(company.asker(), by=by, where=where)

    def passes(line):
        return all((COLUMNS[item.dimension](line) in item.values) != item.exclude for item in where)

    truth = company.truth(OCTOBER, by, passes)
    assert answer.gaps == ()
    assert answer.requests.made == 1
    assert sum(total.amount for total in answer.totals) == sum(truth.values())
    if by:
        assert told(answer) == truth


@pytest.mark.parametrize("charges", ["gross", "credits", "tax"])
def test_before_credits_only_credits_and_only_tax_hold_live_too(company, charges):
    """The same charges as from the ledger: by region live comes to what the bill comes to by service."""
    live = ask(company.asker(), by=("RegionId",), charges=charges, period=SEPTEMBER)
    bill = ask(company.asker(), by=("ServiceName",), charges=charges, period=SEPTEMBER)
    assert live.requests.made == 1
    assert live.totals[0].amount == bill.totals[0].amount != 0


def test_days_and_months_of_it_are_had_with_the_same_request(company):
    """A series by day asks once; its steps are the truth of each day, and a comparison asks twice."""
    days = Period(start=date(2026, 10, 28), end=date(2026, 11, 3))
    answer = ask(company.asker(), period=days, grain="day")
    assert answer.requests.made == 1
    for day in days:
        points = {
            tuple(series.key.values()): series.amount
            for series in answer.series
            if series.start == day and series.amount
        }
        assert points == company.truth(Period(start=day, end=day + DAY), BY)
    offered = ask(company.asker(), period=OCTOBER, against=SEPTEMBER, live=False).gaps[0]
    assert offered.price == Decimal("0.02")
    compared = ask(company.asker(), period=OCTOBER, against=SEPTEMBER)
    assert compared.requests.cost == offered.price
    assert compared.totals[0].against == company.aws.truth(SEPTEMBER)["USD"]


def test_in_another_currency_it_is_still_one_request(company):
    """Converting needs days, and these come with the same reply."""
    answer = seen(company.asker().answer(Question(period=OCTOBER, by=BY, currency="EUR"), live=True))
    assert answer.requests.made == 1
    assert told(answer) == company.truth(OCTOBER, BY)
    assert answer.totals[0].converted


def test_what_was_told_a_moment_ago_is_not_paid_for_again(company):
    """Its CSV, or the same question by somebody else, costs nothing for a quarter of an hour; then it is offered."""
    asker = company.asker()
    assert ask(asker).requests.made == 1
    again = ask(asker, live=False)
    assert (told(again), again.requests.made) == (company.truth(OCTOBER, BY), 0)
    company.now = datetime(2026, 11, 22, 9, 16, tzinfo=UTC)
    assert ask(asker, live=False).gaps
    company.now = NOW


def test_a_scope_holds_live_too(company):
    """What a person may not see is not asked for them, nor shown from what was asked for another."""
    scope = Scope(where=(near("SubAccountName", "staging"),))
    asker = company.asker()
    assert ask(asker).requests.made == 1
    asked = Question(period=OCTOBER, by=BY)
    narrow = seen(asker.answer(asked, scope=scope, live=True))
    assert told(narrow) == company.truth(OCTOBER, BY, lambda line: ACCOUNTS[line.account] == "staging")


def test_what_cannot_be_told_or_is_no_cost_is_not_offered(company):
    """No offer for tokens, for resources, for reasons: only for costs that AWS can group and filter by."""
    asker = company.asker()
    for parts in (
        {"by": BY, "metric": "ConsumedQuantity"},
        {"by": ("ResourceId",)},
        {"by": BY, "kind": "explain", "against": SEPTEMBER},
        {"by": ("RegionId",), "where": (near("ChargeCategory", "Usage"),)},
    ):
        answer = ask(asker, **parts)
        assert answer.requests.made == 0
        assert [gap.price for gap in answer.gaps if gap.price] == []


def test_at_the_ceiling_it_is_not_asked_and_says_so(company):
    """The bot's own ceiling holds for pressed buttons too."""
    before = company.aws.count
    answer = ask(company.asker(ceiling=Decimal("0.01")))
    assert company.aws.count == before
    assert "the ceiling is 0.01 USD" in answer.gaps[0].what
    assert answer.totals == ()


def test_a_vendor_that_is_down_leaves_the_gap_and_the_rest(company):
    """What failed is said; nothing is raised and nothing half-read is shown."""
    company.aws.fail(hang_up, times=2)
    answer = ask(company.asker())
    company.aws.heal()
    assert answer.totals == ()
    assert answer.gaps[0].what.startswith("the live query failed")


def test_a_reply_without_end_is_not_paid_for(tmp_path):
    """Ten pages are read at most, and the gap says what to do."""
    company = Company(tmp_path / "ledger.db", page=100)
    company.aws.page = 1
    answer = ask(company.asker(), grain="day")
    company.close()
    assert answer.requests.cost == Decimal("0.10")
    assert "has more than 10 pages" in answer.gaps[0].what


def test_days_that_aws_no_longer_keeps_are_a_gap(company):
    """What AWS refuses is clipped and said."""
    answer = ask(company.asker(), period=Period(start=date(2025, 9, 1), end=date(2025, 11, 1)))
    assert "no data before 1 Oct 2025" in {gap.what for gap in answer.gaps}
    assert answer.totals[0].amount == company.aws.truth(month_of(date(2025, 10, 1)))["USD"]
