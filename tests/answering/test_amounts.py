"""Answers to the labelled questions against a sum made by other means: DuckDB over the same file."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from seen import seen
from tests_paths import SHARED, shared_or_skip

from bot.answering.service import AnswerService, Defaults
from bot.domain.errors import CostError, NotUnderstood
from bot.domain.money import plain
from bot.domain.period import Period
from bot.domain.question import Question
from bot.domain.units import same_unit
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
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, customs=Customs()))
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
    for item in question.where:
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in item.values)
        yield f"{column(item.dimension)} {'NOT ' if item.exclude else ''}IN ({values})"


def summed(oracle, question, period, by, extra=()):
    unit = "coalesce(ConsumedUnit, '')" if question.metric == "ConsumedQuantity" else "BillingCurrency"
    keys = ", ".join([*(column(item) for item in by), *extra, unit])
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
    question, answer = reply.question, seen(reply)
    if question.kind not in ("cost", "explain") or question.per is not None:
        return
    check_totals(oracle, question, answer)
    if question.kind == "cost":
        check_lines(oracle, question, answer)
        check_series(oracle, question, answer)


def check_totals(oracle, question, answer):
    now = summed(oracle, question, question.period, ())
    then = summed(oracle, question, question.against, ()) if question.against else {}
    found = {(total.currency or total.unit,): plain(total.amount) for total in answer.totals}
    assert {key: amount for key, amount in found.items() if key in now or amount != "0"} == now
    assert {
        key: plain(total.against) for total in answer.totals if (key := (total.currency or total.unit,)) in then
    } == then


def check_lines(oracle, question, answer):
    if not question.by:
        assert answer.lines == ()
        return
    now = summed(oracle, question, question.period, question.by)
    shown = [line for line in answer.lines if not line.other]
    for item in shown:
        key = (*item.key.values(), item.currency or item.unit)
        assert plain(item.amount) == now.get(key, "0")
    assert exact(line.amount for line in answer.lines) == exact(map(Decimal, now.values()))
    if question.top is None and question.threshold is None and question.order in {"cost", "change"}:
        assert {(*item.key.values(), item.currency or item.unit) for item in shown} >= set(now)
    else:
        ranked = [item for item in shown if "" not in item.key.values()]
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
    for series in answer.series:
        if any(value is None for value in series.key.values()):
            continue
        key = (*series.key.values(), series.start, series.currency or series.unit)
        assert plain(series.amount) == truth.get(key, "0")
    if question.threshold is None:
        assert exact(series.amount for series in answer.series) == exact(map(Decimal, truth.values()))


def exact(amounts):
    return sum(int(amount.scaleb(18)) for amount in amounts)


def test_a_question_round_trips_through_json(acme):
    """The public JSON of a question is the question."""
    asker, _ = acme
    question = asker.ask("services over 1k last month by account", today=date(2026, 11, 22)).question

    assert Question.model_validate_json(question.model_dump_json()) == question


# -- the parts of the second contract ---------------------------------------------------------------------------------

CORPUS = Path(__file__).parent.parent / "language" / "corpus"
PARTS = ("share_of", "average", "cumulative", "per", "beside", "only", "unit")
MOVES = ("increase", "decrease", "growth")


def labelled():
    """Every question of the corpus and of the shared set that has a part, once."""
    found = {}
    for path in [*sorted(CORPUS.glob("*.jsonl")), SHARED / "questions" / "dev.jsonl"]:
        for line in path.read_text().splitlines() if path.is_file() else ():
            for label in json.loads(line)["accept"]:
                parts = label.get("kind", "cost") == "cost" and not label.get("error")
                if parts and (any(label.get(key) not in (None, False) for key in PARTS) or label.get("order") in MOVES):
                    question = Question.model_validate(label)
                    found[question.model_dump_json(exclude_defaults=True)] = question
    return list(found.values())


def test_every_part_of_a_labelled_question_is_right_to_the_last_digit(acme):
    """Shares, averages, sums so far, unit costs, second measures, what is new and what moved, each as DuckDB has it."""
    asker, oracle = acme
    checked = dict.fromkeys((*PARTS, *MOVES), 0)
    for question in labelled():
        try:
            answer = asker.answer(question, today=NOW.date()).answer
        except NotUnderstood:
            assert question.per is not None  # a unit that nothing is measured in
            continue
        part = next((key for key in PARTS if getattr(question, key) not in (None, False)), question.order)
        if part == "growth" or (question.grain and question.order in MOVES and not question.against):
            continue  # ranked by hand in test_cost_parts
        CHECKS.get(part, moved)(oracle, question, answer)
        checked[part] += 1
    assert {part for part, times in checked.items() if not times} <= {"growth"}, checked


def whole(oracle, question, period, **update):
    found = summed(oracle, question.model_copy(update={"where": question.where, **update}), period, ())
    alike = [amount for (unit,), amount in found.items() if question.unit is None or same_unit(unit, question.unit)]
    return sum(map(Decimal, alike), Decimal(0))


def share(oracle, question, answer):
    named = {item.dimension for item in question.where}
    inside = tuple(item for item in question.share_of if item.dimension not in named)
    part = whole(oracle, question, question.period, where=(*question.where, *inside))
    all_of_it = whole(oracle, question, question.period, where=question.share_of)
    assert (answer.share.part, answer.share.whole) == (part, all_of_it), question
    assert abs(answer.share.share - part / all_of_it) < Decimal("1e-15")


def average(oracle, question, answer):
    if answer.averaged is None:
        return  # no whole month in the period
    days = Period(start=question.period.start, end=min(question.period.end, NOW.date()))
    if question.average == "day":
        assert answer.averaged.periods == days.days
        assert answer.averaged.total == whole(oracle, question, days)
    assert abs(answer.totals[0].amount * answer.averaged.periods - answer.averaged.total) < Decimal("1e-15")
    if question.by:
        assert exact(line.amount for line in answer.lines) == exact([answer.totals[0].amount])


def so_far(oracle, question, answer):
    last = answer.series[-1] if not question.by else None
    if last is not None:
        assert last.amount == whole(oracle, question, question.period)
        middle = answer.series[len(answer.series) // 2]
        assert middle.amount == whole(oracle, question, Period(start=question.period.start, end=end_of(answer, middle)))


def end_of(answer, point):
    return answer.series[answer.series.index(point) + 1].start


def unit_cost(oracle, question, answer):
    alike = {
        "Tokens": ("Tokens",),
        "Requests": ("Requests",),
        "Queries": ("Queries",),
        "GB-Mo": ("GB-Mo", "1 GB/Month"),
    }
    units = alike.get(question.per.unit)
    if units is None:
        return  # converted from others: by hand in test_cost_parts
    where = " AND ".join(conditions(question, question.period))
    listed = ", ".join(f"'{unit}'" for unit in units)
    cost, used = oracle.execute(
        f"SELECT sum(BilledCost::DECIMAL(38, 18)), sum(ConsumedQuantity::DECIMAL(38, 18)) FROM bill"
        f" WHERE {where} AND ConsumedUnit IN ({listed})"
    ).fetchone()
    if set(units) == {"Tokens"} or not any(fact.type == "counted" for fact in answer.facts):
        assert (answer.totals[0].cost, answer.totals[0].quantity) == (cost, used), question


def second(oracle, question, answer):
    other = {"charges": "net"} if question.beside == "net" else {"metric": question.beside}
    assert answer.totals[0].amount == whole(oracle, question, question.period)
    assert answer.totals[0].beside == whole(oracle, question, question.period, **other)


def only(oracle, question, answer):
    now, then = (summed(oracle, question, item, question.by) for item in (question.period, question.against))
    first, other = (now, then) if question.only == "new" else (then, now)
    right = {key for key, amount in first.items() if Decimal(amount) and not Decimal(other.get(key, 0))}
    assert {(*line.key.values(), line.currency) for line in answer.lines if not line.other} == right


def moved(oracle, question, answer):
    now, then = (summed(oracle, question, item, question.by) for item in (question.period, question.against))
    sign = 1 if question.order == "increase" else -1
    changes = {key: sign * (Decimal(now.get(key, 0)) - Decimal(then.get(key, 0))) for key in {*now, *then}}
    result = [line for line in answer.lines if not line.other]
    if question.by and question.threshold is None:
        ranked = sorted(
            (key for key, change in changes.items() if change > 0 and "" not in key), key=lambda k: -changes[k]
        )
        named = [(*item.key.values(), item.currency) for item in result if "" not in item.key.values()]
        assert named == ranked[: question.top]
    if question.by:
        assert exact(line.amount for line in answer.lines) == exact([answer.totals[0].amount])


def alone(oracle, question, answer):
    everything = summed(oracle, question, question.period, ())
    same = [unit for (unit,) in everything if same_unit(unit, question.unit)]
    right = sum((Decimal(everything[unit,]) for unit in same), Decimal(0))
    assert sum((total.amount for total in answer.totals), Decimal(0)) == right
    assert {item.unit for item in (*answer.totals, *answer.series)} <= {question.unit}


CHECKS = {"share_of": share, "average": average, "cumulative": so_far, "per": unit_cost, "beside": second,
          "only": only, "unit": alone}  # fmt: skip
