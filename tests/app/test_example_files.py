"""The example files that are copied to begin with say what the code reads."""

import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.app.container import Container
from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured, NotUnderstood
from bot.domain.feed import Feed
from bot.domain.money import Money, plain
from bot.domain.period import Period
from bot.domain.question import Filter, Question, UnitCost
from bot.ledger import Ledger

ROOT = Path(__file__).parent.parent.parent
NOW = "2026-11-22T09:00:00Z"
DAYS = Period(start=date(2026, 10, 1), end=date(2026, 11, 22))
GRAIN = frozenset({"ServiceProviderName", "ServiceName", "SubAccountName", "ChargeCategory", "x_Model"})


def charge(day, provider, account, **more):
    return Charge(
        day=day, billed_cost=Decimal(10), billing_currency="USD", service_provider_name=provider,
        service_name=f"{provider} API", sub_account_name=account, **more,
    )  # fmt: skip


@pytest.fixture
def house(tmp_path):
    """A bot over a few charges, whose files are the examples."""
    path = tmp_path / "spend.db"
    ledger = Ledger(path)
    rows = [
        item
        for day in DAYS
        for item in (charge(day, "AWS", "production"), charge(day, "OpenAI", "Chat App", x_model="gpt-5"))
    ]
    rows.append(charge(date(2026, 11, 1), "AWS", "production", charge_category="Tax"))
    ledger.replace(Feed(source="bill", name="bill", grain=GRAIN), DAYS, rows, synced=datetime(2026, 11, 22, tzinfo=UTC))
    ledger.close()
    house = Container(
        lambda: {
            "LEDGER_URL": f"sqlite:///{path}",
            "SPEND_NOW": NOW,
            "BUDGETS_FILE": str(ROOT / "budgets.example.toml"),
            "DIGESTS_FILE": str(ROOT / "digests.example.toml"),
            "UNITS_FILE": str(ROOT / "units.example.toml"),
        }
    )
    yield house
    house.ledger.close()


def test_the_example_units_divide_the_costs_they_are_of(house):
    """Three days of production's AWS costs by their orders, the tax of the first among them."""
    (orders,) = house.units()
    assert orders.where == (Filter(dimension="SubAccountName", values=("production",)),)
    days = Period(start=date(2026, 11, 1), end=date(2026, 11, 4))
    (total,) = house.answer_service.answer(Question(period=days, per=UnitCost(unit="order"))).answer.totals
    assert (total.cost, total.quantity) == (Decimal(40), Decimal(1180 + 1322 + 1297))
    for words in ("cost per order from 1 to 3 november", "aws spend per single order, 1-3 Nov"):
        assert house.answer_service.ask(words).question.per == UnitCost(unit="orders")
    with pytest.raises(NotUnderstood, match="customer"):
        house.answer_service.ask("cost per customer from 1 to 3 november")


def test_units_may_stand_in_a_csv_alone(tmp_path):
    """Without scope, of the whole bill; a row that cannot be read is named."""
    (tmp_path / "units.csv").write_text("day,unit,quantity\n2026-11-01,orders,12\n")
    house = Container(lambda: {"LEDGER_URL": f"sqlite:///{tmp_path}/spend.db", "UNITS_FILE": f"{tmp_path}/units.csv"})
    assert [(unit.name, unit.where) for unit in house.units()] == [("orders", ())]
    (tmp_path / "units.csv").write_text("day,unit,quantity\n2026-13-01,orders,12\n")
    with pytest.raises(Misconfigured, match=r"units.csv, row 2: '2026-13-01' is not a date"):
        house.units()


def test_the_example_budgets_are_read_as_they_say(house):
    """Limits, periods, thresholds and what each is about."""
    everything, chat, production = house.budgets()
    assert everything.limit == Money(amount=Decimal(60000), currency="USD")
    assert (everything.every, everything.question.where, everything.alert) == ("month", (), chat.alert)
    assert chat.alert.actual == (Decimal("0.8"), Decimal(1))
    assert (chat.alert.forecast, chat.owner) == ((Decimal(1),), "Mei Lin")
    assert {(item.dimension, item.values, item.exclude) for item in chat.question.where} == {
        ("ServiceProviderName", ("OpenAI",), False),
        ("SubAccountName", ("Chat App",), False),
    }
    assert (production.limit.amount, production.every, production.alert.forecast) == (90000, "quarter", ())
    assert Filter(dimension="ChargeCategory", values=("Tax",), exclude=True) in production.question.where


def test_the_example_budgets_stand_beside_the_bill(house):
    """Asked for, each is told with what it has come to: 21 days of 20 and a tax, of 10, and 52 days of 10."""
    result = {budget.name: plain(budget.spent) for budget in house.answer_service.ask("budgets").answer.budgets}
    assert result == {"everything": "430", "chat": "210", "production without tax": "520"}


def test_the_readme_shows_a_budget_of_the_example():
    """The few lines in the README are those of the file."""
    (shown,) = re.findall(r"```toml\n(\[\[budget\]\]\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (budget,) = tomllib.loads(shown)["budget"]
    known = tomllib.loads((ROOT / "budgets.example.toml").read_text())["budget"]
    assert any(budget.items() <= item.items() for item in known)


def test_the_example_digests_can_be_said(house):
    """Each has a next run, and each of its questions is understood."""
    found = house.digests()
    assert [item.name for item in found] == ["daily", "models", "month", "review"]
    for digest in found:
        assert digest.next_run(house.settings.timezone, house.clock())
        for words in digest.questions:
            assert house.answer_service.ask(words).question.kind == "cost"
