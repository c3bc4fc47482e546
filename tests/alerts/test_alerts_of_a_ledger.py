"""From charges in a real ledger, over the real answers, to what is posted: causes, thresholds, budgets."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from bill import line, write
from seen import seen, text
from watch import NOW, Clock, replica, rule

from bot.alerts.service import AlertRule
from bot.analytics.budget import Alert, Budget
from bot.answering.service import AnswerService, Defaults
from bot.domain.money import Money
from bot.domain.period import DAY
from bot.render.alert import rule_words
from simulators.slack import Workspace

COSTS = "#cloud-costs"
CHAT = line("OpenAI", "OpenAI API", "chat", "gpt-5", "prod")
SEARCH = line("OpenAI", "OpenAI API", "search", "gpt-4.1", "batch")
STORED = line("AWS", "Amazon S3", "data")
SPIKE = (date(2026, 11, 18), date(2026, 11, 19))


class House:
    """A ledger, who answers from it, and what is posted in a workspace."""

    def __init__(self, ledger, ws, clock):
        self.ledger, self.ws, self.clock, self.budgets = ledger, ws, clock, []
        self.answer_service = AnswerService(
            ledger, clock=clock, defaults=Defaults(zone=UTC, budgets=lambda: self.budgets)
        )
        self.slack, self.alerts = replica(ledger, ws, clock, self.answer_service)
        self.alerts.save(AlertRule(**rule()))

    def write(self, *amounts, **more):
        """A source tells its bill."""
        write(self.ledger, self.clock(), amounts, **more)

    def rule(self, **more):
        """Changes the one rule."""
        self.alerts.save(AlertRule(**rule(**more)), replaces="alerts")

    def tick(self):
        """Looks; the texts of all that stands in the channel."""
        self.alerts.tick()
        return [item["text"] for item in self.ws.from_bot(COSTS)]

    def unusual(self, words="anything unusual?"):
        """What is unusual, asked in words."""
        return seen(self.answer_service.ask(words)).anomalies

    def notes(self):
        """What was said in the thread of the one message."""
        (message,) = self.ws.from_bot(COSTS)
        return [item["text"] for item in self.ws.from_bot(COSTS, message["ts"])[1:]]

    def budget(self, limit, words="openai", **alert):
        """A monthly budget in dollars of what the words ask for."""
        money = Money(amount=Decimal(limit), currency="USD")
        about = self.answer_service.read(words).question
        self.budgets.append(Budget(name="ai", limit=money, question=about, alert=Alert(**alert)))


@pytest.fixture
def house(ledger):
    clock = Clock()
    with Workspace(now=lambda: clock().timestamp()) as ws:
        found = House(ledger, ws, clock)
        yield found
        found.slack.close()


def flat(amount):
    return lambda _day: amount


def raised(usual, more, days=SPIKE):
    """So much a day, and more on some days."""
    return lambda day: usual + more * (day in days)


# --- one finding a cause ------------------------------------------------------------------------------------------


def test_a_spike_seen_by_service_account_model_and_key_is_one_message(house):
    """One job left running shows under four names and is told once; the others are names of the same cause."""
    house.write((CHAT, raised(100, 500)), (SEARCH, flat(40)), (STORED, flat(80)))
    assert len(house.tick()) == 1
    (found,) = house.unusual()
    assert (found["change"], found["total"], found["start"], found["end"]) == (
        "500",
        "1000",
        "2026-11-18",
        "2026-11-20",
    )
    assert {name for key in (found["key"], *found["also"]) for name in key} == {
        *("ServiceProviderName", "SubAccountName", "ServiceName", "x_Model", "x_ApiKeyName")
    }


def test_two_unrelated_spikes_of_one_day_are_two_messages(house):
    """A model's spike and a bucket's, on the same days and of the same size, are told apart."""
    house.write((CHAT, raised(100, 500)), (SEARCH, flat(40)), (STORED, raised(80, 500)))
    assert sorted("Amazon S3" in item for item in house.tick()) == [False, True]


def test_two_models_of_one_provider_on_other_days_are_two_messages(house):
    """The same provider and service, another model and another day: another cause."""
    later = (date(2026, 11, 21), date(2026, 11, 22))
    house.write((CHAT, raised(100, 500)), (SEARCH, raised(40, 300, later)), (STORED, flat(80)))
    assert len(house.tick()) == 2


def test_a_service_that_rose_in_every_account_is_one_message(house):
    """Five accounts whose compute rose on one day: one finding about the service, which adds them up."""
    accounts = [line("AWS", "Amazon EC2", f"team-{n}") for n in range(5)]
    house.write(*((account, raised(50, 100)) for account in accounts), (STORED, flat(80)))
    assert len(house.tick()) == 1
    (found,) = house.unusual()
    assert (found["change"], found["key"]["ServiceName"], "SubAccountName" in found["key"]) == (
        "500",
        "Amazon EC2",
        False,
    )


# --- thresholds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usual", "more", "told"),
    [(20, 45, False), (1000, 120, False), (20, 55, True), (1000, 220, True)],
    ids=["below $50", "below 20 %", "above both, small", "above both, large"],
)
def test_below_either_threshold_nothing_is_told(house, usual, more, told):
    """A rule, and a question in words, of $50 and 20 %: either alone is not enough, both are."""
    house.rule(min_amount=50, min_percent=20)
    house.write((STORED, raised(usual, more)), (SEARCH, flat(40)))
    assert len(house.tick()) == told
    assert len(house.unusual("anomalies over $50 and 20%")) == told


def test_lower_thresholds_find_more(house):
    """A rule's thresholds reach the detection itself: below the usual ones they find what is not told otherwise."""
    house.write((STORED, raised(30, 6)), (SEARCH, flat(40)))
    assert house.tick() == []
    house.rule(min_amount=5, min_percent=10)
    assert len(house.tick()) == 1


def test_what_is_said_of_thresholds_names_both(house):
    """The rule's words and the reading of the question say the amount and the percentage."""
    house.write((SEARCH, flat(40)))
    assert "of at least 50 a day and 20%" in rule_words(AlertRule(**rule(min_amount=50, min_percent=20)))
    assert "> 50 and 20% of the usual" in house.answer_service.ask("anomalies over $50 and 20%").read_as


def test_unusual_costs_below_an_amount_are_those_below_it(house):
    """Under $100 is not over $100."""
    house.write((CHAT, raised(100, 500)), (STORED, raised(80, 60)))
    assert [item["change"] for item in house.unusual("anomalies under $100")] == ["60"]
    assert [item["change"] for item in house.unusual("anomalies over $100")] == ["500"]


# --- budgets ------------------------------------------------------------------------------------------------------


def test_each_threshold_of_a_budget_is_told_once_through_the_month(house):
    """$100 a day against $2,550: the forecast as an alert of its own, then half, four fifths and all that is spent."""
    first = {}
    house.clock.now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    house.write((CHAT, flat(100)))
    house.budget("2550", actual=("0.5", "0.8", "1"), forecast=("1",))
    while house.clock().month == 11:
        house.write((CHAT, flat(100)))
        for _ in range(2):
            house.tick()
        for message in house.ws.from_bot(COSTS):
            for output in house.ws.from_bot(COSTS, message["ts"]):
                first.setdefault(output["text"].replace("Budget: ", "Budget "), house.clock().day)
        if house.clock().day == 2:
            pace = "on pace to run out on the 26th, $450.00 over by the end ($3,000 of $2,550)"
            assert house.tick() == [f"Budget: ai: {pace}. Largest: OpenAI API $100.00."]
        house.clock.on(days=1)
    assert len(house.ws.from_bot(COSTS)) == 2
    crossed = {text.split("spent (")[1][:3]: day for text, day in first.items() if "spent (" in text}
    assert {part: crossed[part] for part in ("51%", "82%", "102")} == {"51%": 14, "82%": 22, "102": 27}


def test_a_new_month_is_a_new_message(house):
    """What was told of November, and was expected, says nothing of December."""
    house.clock.now = datetime(2026, 11, 29, 9, tzinfo=UTC)
    house.write((CHAT, flat(100)))
    house.budget("2550", forecast=())
    house.tick()
    (found,) = house.alerts.rules()
    (case,) = house.alerts.cases(found).values()
    house.alerts.expect(found, case, "the launch", "U0X")
    for day, count in ((10, 1), (23, 2)):
        house.clock.now = datetime(2026, 12, day, 9, tzinfo=UTC)
        house.write((CHAT, flat(100)))
        assert len(house.tick()) == count


def test_partial_data_is_never_under_budget(house):
    """A source is late: what is known is said to be the least, the rest to be unknown, wherever the budget is told."""
    house.write((CHAT, flat(100)), source="openai")
    house.write((STORED, flat(80)), source="aws", through=date(2026, 11, 5))
    house.budget("9000", "all costs", actual=("0.2",), forecast=("1",))
    (stands,) = seen(house.answer_service.ask("budgets")).budgets
    assert (stands["spent"], stands["state"]) == ("2600", "unknown")
    assert stands["missing"] == ["aws: no data since 5 Nov 2026"]
    assert "at least $2,600 of $9,000" in text(house.answer_service.ask("budgets"))
    (result,) = house.tick()
    assert "ai: at least $2,600 of $9,000 spent (29% with 77% of the month gone), incomplete (aws: no data" in result
    assert "Spent, at least" in str(house.ws.from_bot(COSTS)[0]["blocks"])


def test_a_budget_is_told_once_though_its_newest_day_moves(house):
    """A restatement that takes the spend back below a threshold and beyond it again is no second crossing."""
    house.write((CHAT, flat(100)))
    house.budget("2500", actual=("0.8", "0.88"), forecast=())
    for amount in (91, 90, 100, 99, 101):
        house.write((CHAT, lambda day, amount=amount: amount if day == NOW.date() - DAY else 100))
        assert len(house.tick()) == 1
    assert len(house.notes()) == 1
