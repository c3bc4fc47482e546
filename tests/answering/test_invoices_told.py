"""A closed month against its invoice: by what the vendor itself tells, or by what somebody types in."""

from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal

import boto3
import pytest
from seen import seen, text

from bot import render
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.providers.aws import Aws, AwsSettings
from bot.render.sentences import reconciliation
from bot.render.slack.answer_message import draw
from bot.render.text import printed
from bot.sync.service import sync
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
GCP = Feed(source="gcp", name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG, "x_BillingMonth"}))
NUMBERS = ["EUINUS1-2400202610", "EUINUS2-2400202610"]


def synced(path, stack, denied=()):
    """AWS's bill since September, pulled from its simulator."""
    simulator = stack.enter_context(AwsSimulator(lambda: NOW))
    simulator.denied = set(denied)
    ledger = Ledger(path)
    stack.callback(ledger.close)
    settings = AwsSettings(endpoint_url=simulator.url, attempts=1, feeds="")
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
    opens = {"aws": lambda meter: Aws(settings, meter=meter, clock=lambda: NOW, session=lambda: session)}
    assert sync(opens, ledger, now=lambda: NOW, since=date(2026, 9, 1)).ok
    return ledger


def google(ledger, *charges):
    """Google's bill of October and November."""
    days = Period(start=date(2026, 10, 1), end=date(2026, 11, 23))
    result = [
        Charge(
            day=day, billed_cost=Decimal(amount), billing_currency="USD", service_provider_name="Google Cloud",
            service_name="BigQuery", x_billing_month=month,
        )
        for day, amount, month in charges
    ]  # fmt: skip
    ledger.replace(GCP, days, result, synced=NOW)
    ledger.fresh(Freshness(source="gcp", synced=NOW, data_through=days.last, final_through=OCTOBER.last))


def asking(ledger):
    """Somebody who sees it all."""
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    """AWS, which tells its invoices, and Google, which does not."""
    with ExitStack() as stack:
        ledger = synced(tmp_path_factory.mktemp("ledger") / "ledger.db", stack)
        google(ledger, (date(2026, 10, 5), "10", ""))
        yield asking(ledger)


@pytest.mark.parametrize(
    "words", ["does aws match the invoice", "reconcile october on aws", "is the aws invoice right?"]
)
def test_the_vendors_own_invoices_answer_by_themselves(asker, words):
    """Nobody types anything in: AWS told what it invoiced, and the numbers of the invoices stand in the answer."""
    reply = asker.ask(words)
    (found,) = seen(reply).values
    assert (found["agrees"], found["told_by"], found["invoices"], found["closed"]) == (True, "vendor", NUMBERS, True)
    assert text(reply).startswith("October 2026: the charges match the invoice, $44,472.50 (AWS invoice ")
    assert seen(reply).gaps == ()


def test_a_source_without_invoices_is_a_gap_with_its_mend(asker):
    """Google tells none: what to type is said, and AWS's part is answered all the same."""
    reply = asker.ask("reconcile october")
    assert [found["source"] for found in seen(reply).values] == ["aws"]
    (gap,) = seen(reply).gaps
    assert (gap.source, gap.what) == ("gcp", "no invoice for October 2026 is known")
    assert "reconcile 2026-10 gcp 1234.56" in gap.hint


def test_each_month_of_a_period_is_compared(asker):
    """September's credit memo is in its sum; months under way are not asked about."""
    reply = asker.ask("do the aws invoices agree since september")
    assert [(found["period"]["start"], found["agrees"]) for found in seen(reply).values] == [
        ("2026-09-01", True),
        ("2026-10-01", True),
    ]
    assert len(seen(reply).values[0]["invoices"]) == 3


def test_a_figure_typed_in_is_taken_before_the_vendors_word(asker):
    """Which then stands beside it, with the numbers of its invoices."""
    found = asker.reconcile("aws", "October", Money(amount=Decimal(44000), currency="USD"))
    assert (found.agrees, found.invoice, found.typed) == (False, Decimal(44000), True)
    assert reconciliation(found).endswith(
        "(AWS reports $44,472.50: EUINUS1-2400202610, EUINUS2-2400202610)"
    )  # fmt: skip
    same = asker.reconcile("aws", "October", Money(amount=Decimal("44472.50"), currency="USD"))
    assert reconciliation(same).endswith("(AWS reports the same: EUINUS1-2400202610, EUINUS2-2400202610)")


def test_without_a_figure_and_without_the_vendors_word_there_is_nothing_to_compare(asker):
    """The refusal says which invoice is not known and how to type it in."""
    with pytest.raises(NotUnderstood, match="gcp: no invoice for October 2026 is known"):
        asker.reconcile("gcp", "October", None)


def test_a_part_of_a_source_has_no_invoice(asker):
    """Who sees, or asks for, a part is told so, and no invoice's amount."""
    scope = Scope(where=(Filter(dimension="SubAccountName", values=("staging",)),))
    answer = seen(asker.answer(Question(kind="invoice", period=OCTOBER), scope=scope))
    assert answer.values == answer.as_of == ()
    assert "a filtered view can't be compared" in answer.notes[0]
    with pytest.raises(NotUnderstood, match="you may see only part"):
        asker.reconcile("aws", "October", None, scope=scope)
    elsewhere = seen(asker.answer(Question(kind="invoice", period=OCTOBER), scope=Scope(sources=("gcp",))))
    assert "aws" not in str(elsewhere)


def test_slack_and_the_terminal_show_both_figures_to_the_cent(asker):
    """The table has the month, both figures and the invoices' numbers."""
    reply = asker.ask("reconcile aws")
    (table,) = (block for block in draw(reply).blocks if block["type"] == "data_table")
    result = ["Oct 2026", "AWS", "$44,472.50", "$44,472.50", "$0.00", ", ".join(NUMBERS)]
    assert [cell["text"] for cell in table["rows"][1]] == result
    assert ", ".join(NUMBERS) in printed(reply)


def test_a_key_that_may_not_read_invoices_is_said_with_its_mend(tmp_path):
    """The sync does not fail for it; the answer says which permission would do."""
    with ExitStack() as stack:
        reply = asking(synced(tmp_path / "ledger.db", stack, {"ListInvoiceSummaries"})).ask("reconcile aws")
    (gap,) = seen(reply).gaps
    assert "may not call invoicing:ListInvoiceSummaries" in gap.what
    assert "invoicing:ListInvoiceSummaries" in gap.hint
    assert text(reply) == "There is no invoice to compare with on AWS, October 2026."


def test_googles_months_are_those_of_its_invoices(ledger):
    """Usage of October on November's invoice is November's; November's first day on October's invoice is October's."""
    late, early = "2026-11-01/2026-12-01", "2026-10-01/2026-11-01"
    google(
        ledger,
        (date(2026, 10, 5), "10", ""),
        (date(2026, 10, 31), "0.7", late),
        (date(2026, 11, 1), "0.05", early),
        (date(2026, 11, 2), "5", ""),
    )
    found = asking(ledger).reconcile("gcp", "2026-10", Money(amount=Decimal("10.05"), currency="USD"))
    assert (found.agrees, found.charged) == (True, Decimal("10.05"))
    november = asking(ledger).reconcile("gcp", "2026-11", Money(amount=Decimal("5.70"), currency="USD"))
    assert (november.agrees, november.charged, november.closed) == (True, Decimal("5.7"), False)


def test_sources_that_lack_an_invoice_alike_are_told_of_once(asker):
    """What to do stands once, for whichever of them is meant."""
    reply = asker.ask("reconcile august")
    assert [gap.source for gap in seen(reply).gaps] == ["aws", "gcp"]
    (result,) = render.gaps(reply.answer.gaps)
    assert result == (
        "AWS and Google Cloud: no invoice for August 2026 is known."
        " Enter its total with the slash command: reconcile 2026-08 SOURCE 1234.56."
    )


def test_a_part_that_no_feed_tells_apart_is_compared_with_nothing(asker):
    """Who may see all but a cost centre is not told the whole bill where the bill knows no cost centres."""
    scope = Scope(where=(Filter(dimension="Tags/secret", values=("yes",), exclude=True),))
    with pytest.raises(NotUnderstood, match="aws can't be broken down to what you may see"):
        asker.reconcile("aws", "October", Money(amount=Decimal(1), currency="USD"), scope=scope)


def test_invoices_told_before_stand_with_their_day_where_they_cannot_be_read(tmp_path):
    """A failure of a day loses no invoice: it is compared all the same, and is said to be of then."""
    with ExitStack() as stack:
        ledger = synced(tmp_path / "ledger.db", stack)
        refused = {"at": NOW.isoformat(), "message": "AWS is down.", "hint": "Wait."}
        ledger.memory.put("invoiced", "aws", refused)
        reply = asking(ledger).ask("reconcile october on aws")
    assert [found["agrees"] for found in seen(reply).values] == [True]
    (gap,) = seen(reply).gaps
    assert gap.what == "invoices are as of 22 Nov; newer ones could not be read: AWS is down"


def test_of_invoices_in_two_currencies_none_is_left_out(ledger):
    """One comparison cannot hold both: the question answers with each, and the short way says so."""
    google(ledger, (date(2026, 10, 5), "10", ""))
    result = [{"id": unit, "amount": "10", "currency": unit, "issued": None, "issuer": ""} for unit in ("USD", "EUR")]
    ledger.memory.put("invoice", "gcp/2026-10", {"at": NOW.isoformat(), "done": True, "invoices": result})
    with pytest.raises(NotUnderstood, match="gcp was invoiced in EUR and USD for October 2026") as refusal:
        asking(ledger).reconcile("gcp", "October", None)
    assert '"reconcile October 2026 on gcp"' in refusal.value.hint
    answer = seen(asking(ledger).ask("reconcile October 2026 on gcp"))
    assert [value["currency"] for value in answer.values] == ["USD"]
    assert [gap.what for gap in answer.gaps] == ["gcp is billed in USD in October 2026, so there is nothing to compare"]
