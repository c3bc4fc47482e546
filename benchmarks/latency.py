"""How long an answer takes, beside DuckDB on the same charges: p50 and p95 of ten typical questions."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.data import FOLDER, focus_file
from bot.answering.service import AnswerService, Defaults
from bot.domain.question import Question
from bot.focus.importer import import_files
from bot.language import Customs
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ROUNDS = 20
_CREDIT = "(ChargeCategory = 'Credit' OR (ChargeCategory = 'Adjustment' AND BilledCost < 0))"


def run(rows: int = 1_000_000) -> None:
    """Print a line a question."""
    path, ledger = focus_file(rows), made_ledger(rows)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, customs=Customs()))
    oracle = _oracle(path, rows)
    texts = (Path(__file__).parent / "questions.txt").read_text().splitlines()
    print(f"{rows:,} charges; ms, {ROUNDS} rounds: p50 / p95   DuckDB p50   first time")
    ours, theirs = [], []
    for text in texts:
        start = time.perf_counter()
        question = asker.ask(text).question
        first = 1000 * (time.perf_counter() - start)
        times = times_of(partial(asker.ask, text))
        queries = list(queries_of(question))
        duck = times_of(partial(_answered, oracle, queries))
        ours += times
        theirs += duck
        middle, most = percentile(times, 50), percentile(times, 95)
        print(f"{text:<52} {middle:6.1f} / {most:6.1f} {percentile(duck, 50):10.1f} {first:10.1f}")
    ratio = percentile(theirs, 50) / percentile(ours, 50)
    middle, most = percentile(ours, 50), percentile(ours, 95)
    print(f"{'all':<52} {middle:6.1f} / {most:6.1f} {percentile(theirs, 50):10.1f}   DuckDB/ours {ratio:.1f} x")


def _answered(oracle: duckdb.DuckDBPyConnection, queries: list[str]) -> None:
    for query in queries:
        oracle.execute(query).fetchall()


def made_ledger(rows: int) -> Ledger:
    """The ledger of a file of so many charges, made once."""
    path = FOLDER / f"ask-{rows}.db"
    ledger = Ledger(path)
    if not ledger.feeds():
        import_files(ledger, [focus_file(rows)], now=NOW)
    return ledger


def _oracle(path: Path, rows: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(FOLDER / f"ask-{rows}.duckdb")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS bill AS SELECT * EXCLUDE (BilledCost), BilledCost::DECIMAL(18, 8) AS BilledCost,"
        f" ProviderName AS ServiceProviderName, ChargePeriodStart::DATE AS day FROM read_csv('{path}')"
    )
    return connection


def queries_of(question: Question) -> list[str]:
    """What DuckDB is asked for the same, over a table ``bill``."""
    periods = [item for item in (question.period, question.against) if item]
    step = [f"date_trunc('{question.grain}', day)"] if question.grain else []
    keys = ", ".join([*map(_column, question.by), *step, "BillingCurrency"])
    return [
        f"SELECT {keys}, sum(BilledCost) FROM bill WHERE {' AND '.join(_conditions(question, period))} GROUP BY ALL"
        for period in periods
    ]


def _conditions(question: Question, period: object) -> list[str]:
    found = [f"day >= DATE '{period.start}'", f"day < DATE '{period.end}'"]  # type: ignore[attr-defined]
    for item in question.where:
        values = ", ".join(f"'{value}'" for value in item.values)
        found.append(f"{_column(item.dimension)} {'NOT ' if item.exclude else ''}IN ({values})")
    return found


def _column(dimension: str) -> str:
    if dimension.startswith("Tags/"):
        return f"json_extract_string(Tags, '$.{dimension.removeprefix('Tags/')}')"
    return dimension


def times_of(work: Callable[[], object]) -> list[float]:
    """Milliseconds of so many rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times


def percentile(times: list[float], percent: int) -> float:
    """That percentile of the times."""
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]
