"""Every kind of answer over a ledger that can be added up by hand: amounts to the last digit, gaps, notes, scope."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import seen

from bot.analytics.budget import Alert, Budget
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import Filter, Question, Threshold
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.render.sentences import reconciliation

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 8, 1), end=date(2026, 11, 22))
TENTH = Period(start=date(2026, 11, 1), end=date(2026, 11, 11))
BEFORE = Period(start=date(2026, 10, 1), end=date(2026, 10, 11))
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
TAX = Decimal("0.123456789012345678")
CHARGED = frozenset({"ServiceProviderName", "ServiceName", "SubAccountName", "ChargeCategory", "ChargeFrequency"})
AWS = Feed(source="aws", name="bill", grain=CHARGED | {"PricingCategory", "CommitmentDiscountStatus"})
OPENAI = Feed(source="openai", name="bill", grain=CHARGED | {"x_Model", "x_TokenType"})
ONLY_AWS = Scope(sources=("aws",))
ONLY_DATA = Scope(where=(Filter(dimension="SubAccountName", values=("data",)),))


def aws(day, billed, service="Amazon EC2", account="prod", **more):
    return Charge(
        day=day, billed_cost=Decimal(billed), billing_currency="USD", service_provider_name="AWS",
        service_name=service, sub_account_name=account, **more,
    )  # fmt: skip


def openai(day, billed, tokens, kind):
    return Charge(
        day=day, billed_cost=Decimal(billed), billing_currency="USD", service_provider_name="OpenAI",
        service_name="OpenAI API", sub_account_name="chat", x_model="gpt-5", x_token_type=kind,
        consumed_quantity=Decimal(tokens), consumed_unit="Tokens",
    )  # fmt: skip


def amazons():
    """EC2 for 1.10 a day and 1.30 in November, S3 for 0.25, Lambda for 0.50 from the 6th, a tax, a credit."""
    for day in DAYS:
        yield aws(day, "1.30" if day.month == 11 else "1.10")
        yield aws(day, "0.25", "Amazon S3", "data")
        if day >= date(2026, 11, 6):
            yield aws(day, "0.50", "AWS Lambda")
    yield aws(date(2026, 11, 2), TAX, "Tax", charge_category="Tax")
    yield aws(date(2026, 11, 3), "-3", charge_category="Credit")


@pytest.fixture
def ledger(tmp_path):
    """AWS through yesterday; OpenAI, for 1.25 of input and 2.00 of output a day, late since the 19th."""
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.replace(AWS, DAYS, list(amazons()), synced=NOW)
    late = Period(start=DAYS.start, end=date(2026, 11, 20))
    result = [
        item
        for day in late
        for item in (openai(day, "1.25", 1_000_000, "input"), openai(day, "2.00", 200_000, "output"))
    ]
    ledger.replace(OPENAI, late, result, synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=date(2026, 11, 21), final_through=date(2026, 10, 31)))
    ledger.fresh(Freshness(source="openai", synced=NOW, data_through=date(2026, 11, 19)))
    yield ledger
    ledger.close()


def budget(name, limit, *where, **more):
    money = Money(amount=Decimal(limit), currency="USD")
    return Budget(name=name, limit=money, question=Question(where=where), alert=Alert(actual=("0.5", "1")), **more)


@pytest.fixture
def asker(ledger):
    of_aws = Filter(dimension="ServiceProviderName", values=("AWS",))
    budgets = [budget("aws", "40", of_aws), budget("all", "100"), budget("other team", "1", team="T0OTHER")]
    defaults = Defaults(zone=UTC, budgets=lambda: budgets, sources={"aws": "AWS", "openai": "OpenAI"})
    return AnswerService(ledger, clock=lambda: NOW, defaults=defaults)


def answered(asker, scope=None, **parts):
    return seen(asker.answer(Question(**parts), scope=scope or Scope()))


def gaps(answer):
    return [(gap.source, gap.what) for gap in answer.gaps]


LATE = [("openai", "no data since 19 Nov 2026")]


# --- why ----------------------------------------------------------------------------------------------------------


def test_explain_names_every_cause_and_adds_up_to_the_last_digit(asker):
    """Ten days against ten: EC2 11 → 13, Lambda new since the 6th, a credit, a tax of 18 digits, the rest the same."""
    answer = answered(asker, kind="explain", period=TENTH, against=BEFORE)
    (whole,) = answer.totals
    assert (whole.against, whole.amount) == (Decimal(46), Decimal("47.623456789012345678"))
    result = {
        driver["label"]: (driver["kind"], driver["against"], driver["amount"], driver["since"])
        for driver in answer.drivers
    }
    assert result == {
        "Amazon EC2 (credit)": ("credit", "0", "-3", "2026-11-03"),
        "AWS Lambda": ("new", "0", "2.5", "2026-11-06"),
        "Amazon EC2": ("moved", "11", "13", None),
        "Tax (tax)": ("other", "0", str(TAX), "2026-11-02"),
        "Other": ("other", "35", "35", None),
    }
    assert sum(Decimal(driver["change"]) for driver in answer.drivers) == whole.amount - whole.against
    assert answer.notes[0].startswith("$1.62 more: AWS Lambda $2.50 more since Friday 6 Nov")
    assert answer.gaps == ()


def test_explain_says_which_days_are_still_to_come(asker):
    """The month so far: that OpenAI told nothing after the 19th is a gap, and the days not over are named."""
    answer = answered(
        asker, kind="explain", period=NOVEMBER, against=Period(start=BEFORE.start, end=date(2026, 10, 23))
    )
    assert gaps(answer) == LATE
    assert "20 Nov to 22 Nov are not complete yet and may still grow." in answer.notes


@pytest.mark.parametrize(
    ("scope", "totals", "causes"),
    [
        (ONLY_DATA, ("2.5", "2.5"), {"Other"}),
        (ONLY_AWS, ("13.5", "15.123456789012345678"), {"Amazon EC2", "Amazon EC2 (credit)", "AWS Lambda", "Tax (tax)"}),
    ],
)
def test_explain_within_a_scope_tells_of_nothing_else(asker, scope, totals, causes):
    """Totals and causes are those of the scope alone; another source's lateness is not told."""
    answer = answered(asker, scope, kind="explain", period=TENTH, against=BEFORE)
    assert [(f"{total.against:f}", f"{total.amount:f}") for total in answer.totals] == [totals]
    assert {driver["label"] for driver in answer.drivers} - {"Other"} == causes - {"Other"}
    assert [item.source for item in answer.as_of] == ["aws"]


# --- what is unusual ----------------------------------------------------------------------------------------------


def test_anomalies_are_told_in_money_and_on_what_they_rest(asker):
    """From 40 cents on, Lambda is new: 0.50 a day, 14 days as far as every source has told, 15 a month."""
    days = Period(start=date(2026, 10, 23), end=date(2026, 11, 22))
    asked = {"kind": "anomalies", "period": days, "threshold": Threshold(op=">=", amount=Decimal("0.4"))}
    answer = answered(asker, **asked)
    (found,) = answer.anomalies
    assert found["label"] == "AWS Lambda in prod"
    result = {
        name: found[name] for name in ("kind", "start", "end", "amount", "expected", "change", "total", "per_month")
    }
    assert result == {
        "kind": "new",
        "start": "2026-11-06",
        "end": "2026-11-20",
        "amount": "0.5",
        "expected": "0",
        "change": "0.5",
        "total": "7",
        "per_month": "15",
    }
    assert gaps(answer) == LATE
    assert answered(asker, ONLY_DATA, **asked).anomalies == ()
    assert answered(asker, ONLY_AWS, **asked).gaps == ()


def test_no_anomaly_in_too_little_history_is_no_all_clear(asker):
    """A period that begins in the first weeks known says that nothing can be told of it."""
    answer = answered(asker, kind="anomalies", period=Period(start=date(2026, 8, 3), end=date(2026, 8, 10)))
    assert [gap.hint for gap in answer.gaps if gap.source == "ledger"] == ["Anomalies may be missing."]


# --- budgets ------------------------------------------------------------------------------------------------------


def test_budgets_stand_to_the_last_digit(asker):
    """AWS: 21 days of 1.55, 16 of 0.50, a tax and a credit, against 40; it is over by the forecast on the 23rd."""
    stands = {item["name"]: item for item in answered(asker, kind="budgets", period=NOVEMBER).budgets}
    mine, whole = stands["aws"], stands["all"]
    assert (mine["spent"], mine["left"]) == ("37.673456789012345678", "2.326543210987654322")
    assert (mine["share"], mine["state"], mine["runs_out"], mine["missing"]) == (
        "0.9418",
        "will run out",
        "2026-11-23",
        [],
    )
    assert mine["passed"] == [{"on": "actual", "at": "0.5"}, {"on": "forecast", "at": "1"}]
    assert (whole["spent"], whole["missing"]) == ("99.423456789012345678", ["openai: no data since 19 Nov 2026"])
    pace = "(99% with 73% of the month gone), probably ran out on the 20th, $54.78 over by the end"
    assert whole["note"] == f"all: at least $99.42 of $100.00 spent {pace}"


def test_every_figure_of_a_budget_is_that_of_a_question(asker):
    """What is spent, forecast and most of the spend is what the questions about it say, to the last digit."""
    answer = asker.answer(Question(kind="budgets", period=NOVEMBER)).answer
    status = next(status for status in answer.budgets if status.name == "aws")
    where = (Filter(dimension="ServiceProviderName", values=("AWS",)),)
    cost = asker.answer(Question(period=NOVEMBER, where=where, by=("ServiceName",))).answer
    forecast = asker.answer(Question(kind="forecast", period=status.period, where=where)).answer.forecast
    assert status.spent == cost.totals[0].amount
    assert status.forecast == getattr(forecast, "total", None)
    lines = {line.key["ServiceName"]: line.amount for line in cost.lines}
    assert {part.value: part.amount for part in status.contributors}.items() <= lines.items()
    if status.over_by is not None:
        assert status.over_by == forecast.total - status.limit


@pytest.mark.parametrize(
    "scope", [ONLY_DATA, Scope(sources=("openai",)), Scope(sources=("aws",), where=ONLY_DATA.where)]
)
def test_of_a_budget_that_is_seen_in_part_not_even_the_name_is_told(asker, scope):
    """Its name and limit are the affair of those who see all that it is about: one account or source is not enough."""
    found = answered(asker, scope.model_copy(update={"team": "T0MINE"}), kind="budgets", period=NOVEMBER)
    assert found.budgets == ()
    assert not {"aws", "all"} & set(found.notes)


def test_a_budget_of_one_source_is_told_to_who_sees_that_source(asker):
    """What it is about lies in one source; who sees that sees all of it, and is told of no other."""
    names = [item["name"] for item in answered(asker, ONLY_AWS, kind="budgets", period=NOVEMBER).budgets]
    assert names == ["aws"]


def test_a_budget_of_a_month_that_is_over_says_what_it_came_to(asker):
    """October: 31 days of 1.35 against 40 were too many by 1.85, on the last day but one."""
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    stands = {item["name"]: item for item in answered(asker, kind="budgets", period=october).budgets}["aws"]
    assert (stands["spent"], stands["left"], stands["state"], stands["runs_out"]) == (
        *("41.85", "-1.85", "over", "2026-10-30"),
    )


# --- savings, prices ----------------------------------------------------------------------------------------------


def test_savings_are_what_the_bill_tells(asker):
    """The credit is all that is known to be saved; what nobody tells is null, and named with who does not."""
    answer = answered(asker, kind="savings", period=TENTH)
    (result,) = answer.values
    assert (result["credits"], result["total"], result["commitments"]) == ("3", "3", None)
    assert result["unknown"]["commitments"] == ["aws", "openai"]
    assert [(total.currency, total.amount) for total in answer.totals] == [("USD", 3)]
    assert answered(asker, ONLY_DATA, kind="savings", period=TENTH).totals[0].amount == 0


def test_prices_are_what_was_paid_for_a_million(asker):
    """28 days of 1.25 for a million in and 2.00 for a fifth of one out: 1.25 and 10 a million, as the lists say."""
    model = (Filter(dimension="x_Model", values=("gpt-5",)),)
    answer = answered(asker, kind="price", where=model)
    paid = {value["what"]["x_TokenType"]: value for value in answer.values if value["kind"] == "paid"}
    listed = {value["what"]["x_TokenType"]: value for value in answer.values if value["kind"] == "list"}
    assert {kind: item["amount"] for kind, item in paid.items()} == {"input": "1.25", "output": "10"}
    assert {listed[kind]["amount"] for kind in paid} == {"1.25", "10"}
    assert [item.source for item in answer.as_of] == ["openai"]
    hidden = answered(asker, ONLY_AWS, kind="price", where=model)
    assert {value["kind"] for value in hidden.values} == {"list"}


# --- invoices, freshness ------------------------------------------------------------------------------------------


def dollars(amount):
    return Money(amount=Decimal(amount), currency="USD")


def test_an_invoice_agrees_or_says_what_it_leaves_out(asker):
    """October of AWS is 31 days of 1.10 and of 0.25; an invoice without S3 is said to be without S3."""
    result = asker.reconcile("aws", "October", dollars("41.85"))
    assert (result.agrees, result.closed, result.charged) == (True, True, Decimal("41.85"))
    less = asker.reconcile("AWS", "2026-10", dollars("34.10"))
    assert (less.difference, [(piece.key, piece.amount) for piece in less.pieces]) == (
        Decimal("-7.75"),
        [({"ServiceName": "Amazon S3"}, Decimal("7.75"))],
    )


def test_an_invoice_of_the_month_under_way_is_no_last_word(asker):
    """November is not closed, to the last digit, and says so."""
    result = asker.reconcile("aws", "November", dollars("38"))
    assert (result.closed, result.difference) == (False, Decimal("0.326543210987654322"))
    assert "(the month is not closed yet)" in reconciliation(result)


@pytest.mark.parametrize(("source", "currency"), [("azure", "USD"), ("aws", "EUR")])
def test_an_invoice_of_nothing_known_is_refused(asker, source, currency):
    """No such source, or nothing billed in that currency: there is nothing to compare, and that is said."""
    with pytest.raises(NotUnderstood):
        asker.reconcile(source, "October", Money(amount=Decimal(1), currency=currency))


def test_freshness_is_of_what_may_be_seen(asker):
    """Each source with its last day; what stays provisional; none beyond the scope."""
    result = [
        (item.source, str(item.data_through), str(item.final_through))
        for item in answered(asker, kind="freshness").as_of
    ]
    assert result == [("aws", "2026-11-21", "2026-10-31"), ("openai", "2026-11-19", "None")]
    assert [item.source for item in answered(asker, ONLY_AWS, kind="freshness").as_of] == ["aws"]
    assert [item.source for item in answered(asker, ONLY_DATA, kind="freshness").as_of] == ["aws"]


@pytest.mark.parametrize(
    ("where", "sources"),
    [
        ((Filter(dimension="ServiceProviderName", values=("AWS",)),), ["aws"]),
        ((Filter(dimension="ServiceProviderName", values=("AWS",), exclude=True),), ["openai"]),
        ((Filter(dimension="ServiceName", values=("Amazon S3",)),), ["aws"]),
    ],
    ids=["one", "all but one", "of a service"],
)
def test_freshness_is_of_what_was_asked(asker, where, sources):
    """When one source was updated says nothing of the others."""
    assert [fresh.source for fresh in answered(asker, kind="freshness", where=where).as_of] == sources
