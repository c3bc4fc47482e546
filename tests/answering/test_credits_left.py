"""How many credits are left, and when they run out: by the vendor's word, or by what a person told."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import boto3
import pytest
from seen import seen, text

from bot.analytics.credits import DeclaredCredit
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.providers.aws import Aws, AwsSettings
from bot.render.csv_file import as_csv
from bot.render.slack.answer_message import draw
from bot.render.text import printed
from bot.sync.service import sync
from simulators.aws.bill import lines
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
GCP = Feed(source="gcp", name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG}))
DAYS = Period(start=date(2026, 9, 1), end=date(2026, 11, 23))
STARTUP, MIGRATION = "Google for Startups", "Migration"


def used(amount, day, name=STARTUP, kind="PROMOTION", **more):
    """A credit on Google's bill."""
    result = {"service_name": "Compute Engine", "billing_currency": "USD", "sub_account_name": "web", **more}
    return Charge(
        day=day,
        billed_cost=-Decimal(amount),
        service_provider_name="Google Cloud",
        charge_category="Credit",
        charge_description=name,
        x={"x_CreditType": kind},
        **result,
    )


def asker(ledger, *granted):
    """Somebody who was told of these grants."""
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, declared_credits=lambda: granted))


def grant(amount, start=date(2026, 10, 1), expires=None, name="", source="gcp"):
    """What a person told."""
    whole, _, currency = amount.partition(" ")
    return DeclaredCredit(source, Money(amount=Decimal(whole), currency=currency or "USD"), start, expires, name)


@pytest.fixture
def bill(ledger):
    """Two named credits and the free tier, with all of eighteen digits; one before any grant began."""
    charges = [
        used("50", date(2026, 9, 30)),
        used("0.100000000000000001", date(2026, 10, 1)),
        used("30", date(2026, 10, 20), MIGRATION),
        used("7", date(2026, 11, 2), "Free tier", "FREE_TIER"),
        *(used("10", date(2026, 10, 25) + timedelta(days=n)) for n in range(28)),
    ]
    ledger.replace(GCP, DAYS, charges, synced=NOW)
    ledger.fresh(Freshness(source="gcp", synced=NOW, data_through=date(2026, 11, 21), final_through=DAYS.start))
    return ledger


def told(reply):
    """Each grant's name, what is left of it, when it is used up, and what is lost."""
    return [(value["name"], value["left"], value["used_up"], value["lost"]) for value in seen(reply).values]


def test_what_is_left_is_the_grant_less_what_the_bill_has_used_since(bill):
    """To the last digit; what was used before it began, and what everybody has for nothing, is not taken from it."""
    reply = asker(bill, grant("1000")).ask("how many credits are left?")
    assert told(reply) == [("", "689.899999999999999999", "2027-01-30", "0")]
    assert text(reply) == (
        "$689.90 of credits remaining: Google Cloud $689.90, runs out around 30 Jan 2027. "
        "Credits used in total, 1 Jan–22 Nov 2026: $367.10."
    )
    assert "Google Cloud: credits granted in sources.toml, less those on the bill through 21 Nov." in (
        seen(reply).notes
    )
    assert "Used: Google for Startups $330.10, Migration $30.00 and Free tier $7.00." in seen(reply).notes


def test_a_grant_with_a_name_of_the_bill_is_used_by_that_credit_alone(bill):
    """The migration credit takes nothing from the startup program, nor the other way round."""
    grants = grant("1000", name=STARTUP), grant("40", name="migration")
    assert [(name, left) for name, left, *_ in told(asker(bill, *grants).ask("credits left on google"))] == [
        (STARTUP, "719.899999999999999999"),
        ("migration", "10"),
    ]


def test_of_two_grants_the_first_to_expire_is_used_first(bill):
    """And what one of them had no more of, the other gives; before a grant starts it gives nothing."""
    lasting, ending = grant("1000"), grant("100", date(2026, 10, 20), date(2026, 12, 31), name="Ending")
    assert [left for _, left, *_ in told(asker(bill, lasting, ending).ask("remaining credits"))] == [
        "0",
        "789.899999999999999999",
    ]


def test_credits_that_expire_unused_are_named_with_their_loss(bill):
    """At ten dollars a day, nine days use ninety."""
    reply = asker(bill, grant("1000", expires=date(2026, 12, 1))).ask("when do our credits run out")
    (found,) = seen(reply).values
    assert (found["used_up"], found["lost"]) == (None, "599.9")
    assert "of which about $599.90 will expire unused on 1 Dec 2026" in text(reply)


def test_of_a_grant_that_has_expired_nothing_is_left(bill):
    """What was left of it on its last day is told as expired, and adds nothing to what is left in all."""
    grants = grant("500", expires=date(2026, 10, 31), name="Old"), grant("1000", date(2026, 11, 1))
    reply = asker(bill, *grants).ask("how many credits are left")
    assert told(reply)[0] == ("Old", "0", None, "399.899999999999999999")
    assert text(reply).startswith("$790.00 of credits remaining: Old $0.00; $399.90 expired unused on 31 Oct 2026 and ")


def test_a_ledger_of_few_days_slows_no_pace(ledger):
    """Days before the first that is known are no days of no use: ten a day for a week are ten a day."""
    week = Period(start=date(2026, 11, 15), end=date(2026, 11, 23))
    ledger.replace(GCP, week, [used("10", day) for day in week if day < week.last], synced=NOW)
    ledger.fresh(Freshness(source="gcp", synced=NOW, data_through=date(2026, 11, 21), final_through=week.start))
    (found,) = seen(asker(ledger, grant("170", date(2026, 11, 15))).ask("credits left")).values
    assert (found["pace_used"], found["pace_days"], found["used_up"]) == ("70", 7, "2026-12-02")


def test_without_a_grant_the_answer_says_what_is_used_and_how_to_tell(bill):
    """No zero is made up for what nobody told."""
    reply = asker(bill).ask("how many credits are left")
    gap = seen(reply).gaps[-1]
    assert (gap.source, gap.what) == ("gcp", "credit grants are not known, only credits used")
    assert "[[credit]]" in gap.hint
    assert text(reply) == "No credit grants are known. Credits used in total, 1 Jan–22 Nov 2026: $367.10."
    assert [line.key["ChargeDescription"] for line in seen(reply).lines] == [STARTUP, MIGRATION, "Free tier"]


@pytest.mark.parametrize(
    ("told_of", "what"),
    [
        (grant("1000 EUR"), "the bill is in USD, so usage is not deducted from grants in EUR"),
        (grant("1000", date(2026, 8, 1)), "no data before 1 Sep 2026, and credits may have been used since 1 Aug 2026"),
    ],
)
def test_what_may_make_it_less_is_said(bill, told_of, what):
    """Another currency takes nothing; days the ledger does not know may have used some."""
    reply = asker(bill, told_of).ask("how many credits are left this month")
    assert what in [gap.what for gap in seen(reply).gaps]


def test_bills_that_name_no_credits_leave_them_unknown(ledger):
    """Anthropic bills before credits: neither grants nor use are known, and a grant told may be smaller by now."""
    feed = GCP.model_copy(update={"source": "anthropic"})
    charge = Charge(
        day=DAYS.start, billed_cost=Decimal(3), billing_currency="USD", service_provider_name="Anthropic",
        service_name="Claude API",
    )  # fmt: skip
    ledger.replace(feed, DAYS, [charge], synced=NOW)
    unknown = "the bill may not list credits, so neither grants nor usage are known"
    assert [gap.what for gap in seen(asker(ledger).ask("credits left")).gaps] == [unknown]
    (gap,) = seen(asker(ledger, grant("500", source="anthropic")).ask("credits left")).gaps
    assert (gap.what, gap.hint) == (unknown, "The remaining balance may be lower than shown.")
    reply = asker(ledger, grant("500", expires=date(2027, 1, 31), source="anthropic")).ask("credits left")
    assert told(reply) == [("", "500", None, None)]
    assert text(reply).startswith("$500.00 of credits remaining: Anthropic $500.00, expires 31 Jan 2027.")


def test_who_sees_a_part_is_told_of_no_grant(bill):
    """A grant is of a whole source; of a part only what it used is told."""
    question = Question(kind="credits", period=Period(start=date(2026, 11, 1), end=date(2026, 11, 23)))
    web = Scope(where=(Filter(dimension="SubAccountName", values=("web",)),))
    answer = seen(asker(bill, grant("1000")).answer(question, scope=web))
    assert (answer.values, answer.totals[0].amount) == ((), Decimal(-217))
    assert seen(asker(bill, grant("1000")).answer(question, scope=Scope(sources=("aws",)))).values == ()


def test_slack_terminal_and_csv_show_the_same(bill):
    """The grant's row with its figures in Slack, on the terminal and exactly in the CSV."""
    reply = asker(bill, grant("1000", name="Startup program")).ask("credits left")
    (table,) = (block for block in draw(reply).blocks if block["type"] == "data_table")
    assert [cell["text"] for cell in table["rows"][1]] == [
        "Startup program (entered by you)", "Google Cloud", "$1,000", "$689.90", "–", "30 Jan 2027", "–",
    ]  # fmt: skip
    assert "Startup program (entered by you)" in printed(reply)
    assert "689.899999999999999999" in as_csv(reply.question, reply.answer)


# By the vendor's word ----------------------------------------------------------------------------------------


def without_credits(day):
    """AWS's bill, for a company that was granted nothing."""
    return [line for line in lines(day) if line.record_type != "Credit"]


def synced(folder, stack, *, denied=(), simulator=None):
    """AWS's bill of a few weeks, pulled from its simulator."""
    simulator = simulator or stack.enter_context(AwsSimulator(lambda: NOW))
    simulator.denied = set(denied)
    ledger = Ledger(folder / "ledger.db")
    stack.callback(ledger.close)
    pull(ledger, simulator, NOW)
    return ledger


def pull(ledger, simulator, now):
    """One sync of AWS at an instant."""
    settings = AwsSettings(endpoint_url=simulator.url, attempts=1, feeds="")
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
    opens = {"aws": lambda meter: Aws(settings, meter=meter, clock=lambda: now, session=lambda: session)}
    assert sync(opens, ledger, now=lambda: now, since=date(2026, 10, 25)).ok


def test_aws_tells_what_is_left_itself(tmp_path):
    """Its word is taken over anything typed in; credits that are used up are left out; the pace is of known days."""
    with ExitStack() as stack:
        ledger = synced(tmp_path, stack)
        reply = asker(ledger, grant("99", source="aws")).ask("credits left on aws")
    (found,) = seen(reply).values
    assert (found["name"], found["granted"], found["left"], found["told_by"]) == (
        "AWS Activate",
        "12000",
        "4000",
        "vendor",
    )
    assert (found["pace_used"], found["pace_days"], found["expires"]) == ("2000", 28, "2026-12-31")
    assert found["told"] == "2026-11-22"
    assert seen(reply).notes[:2] == (
        "Balance reported by AWS on 22 Nov; this month's usage is its estimate.",
        "AWS reports its own balance, so its credits in sources.toml are not used.",
    )


def test_where_aws_tells_of_no_credits_a_grant_typed_in_counts(tmp_path):
    """As with a reseller, whose credits AWS does not know; without a grant its word is that none are left."""
    with ExitStack() as stack:
        simulator = stack.enter_context(AwsSimulator(lambda: NOW, lines=without_credits))
        ledger = synced(tmp_path, stack, simulator=simulator)
        none, typed = (
            asker(ledger, *result).ask("credits left on aws") for result in ((), (grant("500", source="aws"),))
        )
    assert text(none).startswith("AWS reports no credits remaining.")
    assert [gap.what for gap in seen(none).gaps if "granted" in gap.what] == []
    assert [value["left"] for value in seen(typed).values] == ["500"]
    assert "AWS reports no credits." in seen(typed).notes


def test_a_key_that_may_not_read_credits_is_said_with_its_mend(tmp_path):
    """The sync does not fail for it; the answer says why nothing is known and which permission would do."""
    with ExitStack() as stack:
        reply = asker(synced(tmp_path, stack, denied={"GetCredits"})).ask("how many aws credits are left")
    (gap,) = (item for item in seen(reply).gaps if "could not be read" in item.what)
    assert "may not call billing:GetCredits" in gap.what
    assert "billing:GetCredits" in gap.hint
    assert seen(reply).values == ()


def test_what_aws_told_before_stands_with_its_day_where_it_cannot_be_asked(tmp_path):
    """A failure of a day does not lose what is left: it is told as of the day on which AWS said it, and why."""
    later = NOW + timedelta(days=1)
    with ExitStack() as stack:
        simulator = stack.enter_context(AwsSimulator(lambda: NOW))
        ledger = synced(tmp_path, stack, simulator=simulator)
        simulator.denied = {"GetCredits", "DescribeBudgets"}
        pull(ledger, simulator, later)
        person = AnswerService(ledger, clock=lambda: later, defaults=Defaults(zone=UTC))
        reply, budgets = person.ask("credits left on aws"), person.ask("aws budgets")
    assert [value["left"] for value in seen(reply).values] == ["4000"]
    (gap,) = (item for item in seen(reply).gaps if "credit" in item.what)
    assert gap.what.startswith("the credit balance is as of 22 Nov; a newer one could not be read: ")
    assert "billing:GetCredits" in gap.hint
    (budget,) = (note for note in seen(budgets).notes if "own budget" in note)
    assert budget.endswith(" a month spent (as of 22 Nov; newer data could not be read).")
