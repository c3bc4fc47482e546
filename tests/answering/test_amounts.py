"""Answers to the labelled questions against a sum made by other means: DuckDB over the same file."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest
from tests_paths import SHARED, shared_or_skip

from bot.answering.service import Asker, Habits
from bot.domain.errors import CostError
from bot.domain.money import plain
from bot.domain.question import Question
from bot.focus.importer import import_files
from bot.language import Customs
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def acme(tmp_path_factory, request):
    """The labelled questions' ledger, and the same file in DuckDB."""
    path = shared_or_skip() / "questions" / "ledger.csv.gz"
    ledger = Ledger(tmp_path_factory.mktemp("acme") / "ledger.db")
    import_files(ledger, [path], now=NOW)
    oracle = duckdb.connect()
    oracle.execute(
        f"CREATE TABLE bill AS SELECT *, ProviderName AS ServiceProviderName, ChargePeriodStart[:10]::DATE AS day"
        f" FROM read_csv('{path}', all_varchar = true)"
    )
    asker = Asker(ledger, clock=lambda: NOW, habits=Habits(zone=UTC, customs=Customs()))
    yield asker, oracle
    ledger.close()


def column(dimension):
    if dimension.startswith("Tags/"):
        key = dimension.removeprefix("Tags/")
        return f"coalesce(json_extract_string(Tags, '$.\"{key}\"'), '')"
    return f"coalesce({dimension}, '')"


def conditions(question, period):
    yield f"day >= DATE '{period.start}' AND day < DATE '{period.end}'"
    credit = "(ChargeCategory = 'Credit' OR (ChargeCategory = 'Adjustment' AND BilledCost::DECIMAL(38, 18) < 0))"
    yield {"net": "true", "gross": f"NOT {credit}", "credits": credit, "tax": "ChargeCategory = 'Tax'"}[
        question.charges
    ]
    for each in question.where:
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in each.values)
        yield f"{column(each.dimension)} {'NOT ' if each.exclude else ''}IN ({values})"


def summed(oracle, question, period, by, extra=()):
    unit = "coalesce(ConsumedUnit, '')" if question.metric == "ConsumedQuantity" else "BillingCurrency"
    keys = ", ".join([*(column(each) for each in by), *extra, unit])
    where = " AND ".join(conditions(question, period))
    measured = f" HAVING {unit} <> ''" if question.metric == "ConsumedQuantity" else ""
    rows = oracle.execute(
        f"SELECT {keys}, sum(coalesce({question.metric}, '0')::DECIMAL(38, 18)) FROM bill WHERE {where}"
        f" GROUP BY ALL{measured}"
    ).fetchall()
    return {tuple(row[:-1]): plain(row[-1]) for row in rows}


def questions():
    path = SHARED / "questions" / "dev.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def asked(asker, each):
    today, previous = date.fromisoformat(each["today"]), None
    for text in each.get("thread") or []:
        previous = asker.read(text, today=today, previous=previous).question
    return asker.ask(each["text"], today=today, previous=previous)


@pytest.mark.parametrize("each", questions(), ids=lambda each: each["id"])
def test_every_amount_is_right_to_the_last_digit(acme, each):
    """Totals, lines and series of a labelled question equal DuckDB's own, exactly."""
    asker, oracle = acme
    try:
        reply = asked(asker, each)
    except CostError:
        return
    question, answer = reply.question, reply.answer
    if question.kind not in ("cost", "explain") or question.per is not None:
        return
    check_totals(oracle, question, answer)
    if question.kind == "cost":
        check_lines(oracle, question, answer)
        check_series(oracle, question, answer)


def check_totals(oracle, question, answer):
    now = summed(oracle, question, question.period, ())
    then = summed(oracle, question, question.against, ()) if question.against else {}
    found = {(each.currency or each.unit,): plain(each.amount) for each in answer.totals}
    assert {key: amount for key, amount in found.items() if key in now or amount != "0"} == now
    assert {
        key: plain(each.against) for each in answer.totals if (key := (each.currency or each.unit,)) in then
    } == then


def check_lines(oracle, question, answer):
    if not question.by:
        assert answer.lines == ()
        return
    now = summed(oracle, question, question.period, question.by)
    shown = [each for each in answer.lines if not each.other]
    for each in shown:
        key = (*each.key.values(), each.currency or each.unit)
        assert plain(each.amount) == now.get(key, "0")
    assert exact(each.amount for each in answer.lines) == exact(map(Decimal, now.values()))
    if question.top is None and question.threshold is None and question.order in {"cost", "change"}:
        assert {(*each.key.values(), each.currency or each.unit) for each in shown} >= set(now)
    else:
        ranked = [each for each in shown if "" not in each.key.values()]
        assert len(ranked) <= (question.top or len(ranked))


def check_series(oracle, question, answer):
    if question.grain not in ("day", "month"):
        return
    step = (
        "day"
        if question.grain == "day"
        else f"greatest(date_trunc('month', day)::DATE, DATE '{question.period.start}')"
    )
    truth = summed(oracle, question, question.period, question.by, (step,))
    for each in answer.series:
        if any(value is None for value in each.key.values()):
            continue
        key = (*each.key.values(), each.start, each.currency or each.unit)
        assert plain(each.amount) == truth.get(key, "0")
    if question.threshold is None:
        assert exact(each.amount for each in answer.series) == exact(map(Decimal, truth.values()))


def exact(amounts):
    return sum(int(amount.scaleb(18)) for amount in amounts)


def test_a_question_round_trips_through_json(acme):
    """The public JSON of a question is the question."""
    asker, _ = acme
    question = asker.ask("services over 1k last month by account", today=date(2026, 11, 22)).question

    assert Question.model_validate_json(question.model_dump_json()) == question
