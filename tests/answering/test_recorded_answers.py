"""The JSON of two hundred answers, as it was recorded: what is computed and how it is told apart, sentences aside.

``python tests/answering/test_recorded_answers.py`` records them anew; a change shows in the diff of the file.
"""

import json
from datetime import date
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from answers_ledger import NOW, SOURCES, TODAY, budgets, fill, granted

from bot.answering.service import AnswerService, Defaults
from bot.domain.period import Period, month_of
from bot.domain.question import Filter, Quantity, Question, Threshold
from bot.ledger import Ledger
from bot.render.answer_json import answer_json

RECORDED = Path(__file__).parent / "data" / "answers.jsonl"
SENTENCES = frozenset({"what", "hint", "note", "label", "why"})
NOVEMBER, OCTOBER = (month_of(date(2026, month, 1)) for month in (11, 10))
SO_FAR = Period(start=NOVEMBER.start, end=TODAY)
BEFORE = Period(start=OCTOBER.start, end=date(2026, 10, 22))
WEEK = Period(start=date(2026, 11, 15), end=TODAY)
SUMMER = Period(start=date(2026, 5, 1), end=date(2026, 8, 1))
AWS, CHAT = (
    (Filter(dimension=name, values=(value,)),)
    for name, value in (("ServiceProviderName", "AWS"), ("SubAccountName", "chat"))
)
NOT_AWS = (Filter(dimension="ServiceProviderName", values=("AWS",), exclude=True),)


def cost_questions():
    """Totals, breakdowns, series and comparisons."""
    for metric, charges in (
        ("BilledCost", "net"),
        ("EffectiveCost", "net"),
        ("ListCost", "net"),
        ("BilledCost", "gross"),
    ):
        for by, where in product(((), ("ServiceName",), ("SubAccountName", "ServiceName")), ((), AWS, NOT_AWS)):
            yield Question(metric=metric, charges=charges, period=SO_FAR, by=by, where=where)
    for by in ("ServiceProviderName", "RegionId", "x_Model", "x_TokenType", "Tags/team", "ServiceCategory", "SkuId"):
        yield Question(period=OCTOBER, by=(by,))
        yield Question(period=SO_FAR, against=BEFORE, by=(by,), order="change")
        yield Question(period=WEEK, by=(by,), top=2)
    for grain in ("hour", "day", "week", "month", "quarter"):
        yield Question(period=WEEK if grain in ("hour", "day") else SUMMER, grain=grain)
        yield Question(period=WEEK if grain in ("hour", "day") else OCTOBER, grain=grain, by=("ServiceName",), top=3)
    for charges in ("credits", "tax"):
        yield Question(period=OCTOBER, charges=charges)
        yield Question(period=OCTOBER, charges=charges, by=("ServiceName",))
    for by in ((), ("x_Model",), ("x_TokenType",), ("ServiceName",), ("RegionId",)):
        yield Question(metric="ConsumedQuantity", period=SO_FAR, against=BEFORE, by=by)
    for op, amount in ((">", "100"), ("<", "50"), (">=", "600")):
        threshold = Threshold(op=op, amount=amount)
        yield Question(period=SO_FAR, by=("ServiceName",), threshold=threshold)
        yield Question(period=SO_FAR, grain="day", threshold=threshold)
    for currency in ("EUR", "USD", "XAU"):
        yield Question(period=SO_FAR, against=BEFORE, currency=currency)
        yield Question(period=SO_FAR, by=("ServiceName",), top=3, currency=currency)
        yield Question(period=WEEK, grain="day", by=("ServiceProviderName",), currency=currency)
    for by, where in product(("ServiceName", "SubAccountName", "ChargeCategory"), (AWS, CHAT, NOT_AWS)):
        yield Question(period=SO_FAR, against=BEFORE, by=(by,), where=where, top=1)
        yield Question(period=SUMMER, grain="month", by=(by,), where=where)
    yield Question(period=Period(start=date(2020, 1, 1), end=date(2020, 2, 1)))


def other_questions():
    """Every other kind."""
    for where, currency in product(((), AWS, NOT_AWS, CHAT), (None, "EUR")):
        yield Question(kind="explain", period=SO_FAR, against=BEFORE, where=where, currency=currency)
        yield Question(kind="forecast", period=NOVEMBER, where=where, currency=currency)
        yield Question(kind="budgets", period=NOVEMBER, where=where, currency=currency)
        yield Question(kind="savings", period=OCTOBER, where=where, currency=currency)
        yield Question(kind="credits", period=NOVEMBER, where=where, currency=currency)
        yield Question(kind="invoice", period=OCTOBER, where=where, currency=currency)
        yield Question(kind="anomalies", period=NOVEMBER, where=where, currency=currency)
    yield Question(kind="explain", period=WEEK, against=WEEK.before(), by=("ServiceName",))
    yield Question(kind="explain", period=OCTOBER, against=SUMMER, where=AWS)
    for by in ("ServiceProviderName", "ServiceName"):
        yield Question(kind="forecast", period=NOVEMBER, by=(by,))
        yield Question(kind="forecast", period=NOVEMBER, by=(by,), currency="USD")
    yield Question(kind="forecast", period=Period(start=date(2026, 10, 1), end=date(2027, 1, 1)))
    yield Question(kind="forecast", period=OCTOBER)
    yield Question(kind="anomalies", period=OCTOBER, by=("ServiceName",))
    yield Question(kind="anomalies", period=NOVEMBER, threshold=Threshold(op=">", amount="30", share="0.5"))
    for by in ("ServiceName", "SubAccountName", "Tags", "Tags/team", "x_Model"):
        yield Question(kind="values", period=SO_FAR, by=(by,))
    yield Question(kind="values", period=SO_FAR, by=("ServiceName",), currency="EUR")
    model, sku = (
        (Filter(dimension=name, values=(value,)),) for name, value in (("x_Model", "gpt-5"), ("SkuId", "N2 core"))
    )
    for where in ((), model, sku, AWS):
        yield Question(kind="price", where=where)
        yield Question(kind="price", where=where, currency="EUR")
        yield Question(kind="price", where=where, quantities=(Quantity(amount="10000000", unit="Tokens"),))
        yield Question(kind="price", where=where, quantities=(Quantity(amount="2", unit="TB"),))
    parts = tuple(
        Quantity(amount=amount, unit="Tokens", token_type=name) for amount, name in ((100, "input"), (7, "output"))
    )
    yield Question(kind="price", where=model, quantities=parts)
    for kind in ("freshness", "help", "unsupported"):
        yield Question(kind=kind)


def questions():
    """All of them, in order."""
    return [*cost_questions(), *other_questions()]


def opened(path):
    """Who answers, over the ledger that answers are recorded of."""
    ledger = Ledger(path)
    fill(ledger)
    defaults = Defaults(zone=ZoneInfo("UTC"), budgets=budgets, declared_credits=granted, sources=SOURCES)
    return AnswerService(ledger, clock=lambda: NOW, defaults=defaults)


def answered(asker, question):
    """The answer's JSON, sentences replaced by how many there are."""
    return quiet(answer_json(asker.answer(question).answer))


def quiet(found):
    """The same with "…" for each sentence."""
    if isinstance(found, dict):
        return {
            name: "…" if name in SENTENCES and value else quiet(value)
            for name, value in found.items()
            if name != "notes"
        }
    return [quiet(item) for item in found] if isinstance(found, list) else found


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    """Who answers all of them."""
    return opened(tmp_path_factory.mktemp("recorded") / "ledger.db")


@pytest.fixture(scope="module")
def recorded():
    """Each question's JSON with its answer's."""
    return [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]


def test_as_many_questions_are_recorded_as_are_asked(recorded):
    """Two hundred questions, each recorded once: none is dropped unseen."""
    asked = [question.model_dump(mode="json", exclude_defaults=True) for question in questions()]
    assert [item["question"] for item in recorded] == asked
    assert len(asked) >= 200


@pytest.mark.parametrize("part", range(8))
def test_answers_are_as_recorded(asker, recorded, part):
    """Every amount, key, day and name of the JSON is what it was when it was recorded."""
    for line, question in list(zip(recorded, questions(), strict=True))[part::8]:
        assert answered(asker, question) == line["answer"], line["question"]


def record(path):
    """Writes the answers down."""
    asker = opened(path)
    with RECORDED.open("w", encoding="utf-8") as out:
        for question in questions():
            line = {
                "question": question.model_dump(mode="json", exclude_defaults=True),
                "answer": answered(asker, question),
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder) / "ledger.db")
