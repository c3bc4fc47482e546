"""How a ledger grows: charges × series on SQLite and PostgreSQL, beside DuckDB and ClickHouse's engine on the same.

A line a charge, spread evenly over 400 days; they are written by DuckDB and read as a stream, so that nothing is held
in memory. Per backend: the time to load, the size, ten questions, a restated month and a restated day replaced, a cold
start.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from functools import partial
from importlib import import_module
from pathlib import Path

import duckdb
import psycopg
import sqlglot

from benchmarks.data import FOLDER, lines_file
from benchmarks.latency import NOW, percentile, queries_of, times_of
from bot.answering.service import AnswerService, Defaults
from bot.domain.period import Period, numbered_day
from bot.domain.question import Question
from bot.focus.importer import import_files
from bot.focus.intake import feed_of
from bot.language import Customs
from bot.ledger import Ledger
from bot.ledger.columns import Columns, Labels
from bot.providers import focus

sys.path.append(str(Path(__file__).parents[1] / "tests"))
fresh_database = import_module("postgresql_server").fresh_database  # the tests' server

_TEXTS = (Path(__file__).parent / "questions.txt").read_text().splitlines()


_ON_SQLITE_ALONE = 50_000_000
"""From so many charges on PostgreSQL is left out; it is asked by hand (``BENCH_POSTGRESQL=1``)."""
_DUCK_MEMORY = "4GB"


def run(charges: int = 1_000_000, series: int = 1_000) -> None:
    """Print a line a backend, and one an engine."""
    file = lines_file(charges, series)
    print(f"{charges:,} charges of {series:,} series over 400 days, Parquet {_mb(file.stat().st_size)} MB", flush=True)
    path = FOLDER / f"scale-{charges}-{series}.db"
    for one in FOLDER.glob(f"{path.name}*"):
        one.unlink()
    _measured("SQLite", f"sqlite:///{path}", lambda: path.stat().st_size, charges, series)
    queries = [query for text in _TEXTS for query in queries_of(_question(path, text))]
    stored = path.with_suffix(".duckdb")
    stored.unlink(missing_ok=True)
    with duckdb.connect(stored, config={"memory_limit": _DUCK_MEMORY}) as duck:
        load = _clock(lambda: duck.execute(f"CREATE TABLE bill AS {_bill(file)}"))
        _engine("DuckDB", load, queries, lambda query: duck.execute(query).fetchall())
    with _clickhouse(file) as (load, ask):
        _engine("ClickHouse's engine", load, [_clickhouses(query) for query in queries], ask)
    if charges < _ON_SQLITE_ALONE or os.environ.get("BENCH_POSTGRESQL"):
        url = fresh_database()
        _measured("PostgreSQL", url, partial(_database_size, url), charges, series)


def _measured(name: str, url: str, size: Callable[[], int], charges: int, series: int) -> None:
    with closing(Ledger.open(url)) as ledger:

        def take(file: Path) -> None:
            import_files(ledger, [file], now=NOW)

        busy = _processor()
        load = _clock(lambda: take(lines_file(charges, series)))
        busy = _processor() - busy
        first, times, asking = [], [], 0.0
        service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, customs=Customs()))
        for text in _TEXTS:
            first.append(1000 * _clock(partial(service.ask, text)))
            asking -= _processor()
            times += times_of(partial(service.ask, text))
            asking += _processor()
        whole = size()
        month = _clock(lambda: take(lines_file(charges, series, last=30)))
        day = _clock(lambda: take(lines_file(charges, series, last=1)))
        synced = _clock(lambda: _sync(ledger, lines_file(charges, series, last=1)))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: load {load:.1f} s ({busy:.1f} s of processor), {_mb(whole)} MB; ten questions p50"
        f" {percentile(times, 50):.1f} p95 {percentile(times, 95):.1f} ms (first {max(first):.0f};"
        f" {1000 * asking / len(times):.1f} ms of processor each); month replaced"
        f" {month:.1f} s, by a file of a day {day:.1f} s; sync of a"
        f" day {synced:.1f} s; cold {_cold(url):.2f} s of processor; most memory {most:.0f} MB",
        flush=True,
    )


def _sync(ledger: Ledger, file: Path) -> None:
    """Replaces the days of a file as a sync does: those days alone, feed by feed."""
    parts: dict[str, list[Columns]] = {}
    for member in focus.members(file):
        for block in focus.read(member):
            series, details = (
                {name: Labels(text.values, text.codes) for name, text in texts.items()}
                for texts in (block.series, block.details)
            )
            columns = Columns(block.day, block.amounts, series, details, block.unknown)
            providers = series["ServiceProviderName"]
            for code, provider in enumerate(providers.values):
                parts.setdefault(provider, []).append(columns.take(providers.codes == code))
    for provider, own in parts.items():
        first, last = min(int(one.day.min()) for one in own), max(int(one.day.max()) for one in own)
        days = Period(start=numbered_day(first), end=numbered_day(last + 1))
        ledger.replace_columns(feed_of(provider), days, own, synced=NOW)


def _engine(name: str, load: float, queries: list[str], ask: Callable[[str], object]) -> None:
    asking = _processor()
    times = [one for query in queries for one in times_of(partial(ask, query))]
    asking = _processor() - asking
    print(
        f"{name}: load {load:.1f} s; p50 {percentile(times, 50):.1f} p95 {percentile(times, 95):.1f} ms"
        f" ({1000 * asking / len(times):.1f} ms of processor each)",
        flush=True,
    )


def _question(path: Path, text: str) -> Question:
    with closing(Ledger(path)) as ledger:
        service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, customs=Customs()))
        return service.ask(text).question


def _bill(file: Path) -> str:
    return (
        "SELECT *, ProviderName AS ServiceProviderName, ChargePeriodStart::TIMESTAMPTZ::DATE AS day "
        f"FROM read_parquet('{file}')"
    )


@contextmanager
def _clickhouse(file: Path) -> Iterator[tuple[float, Callable[[str], object]]]:
    """How long ClickHouse's engine took to load the lines, and what asks it."""
    session = import_module("chdb.session").Session()  # 500 MB, and untyped
    make = (
        "CREATE TABLE bill ENGINE = MergeTree ORDER BY (day, ServiceProviderName) "
        "SETTINGS allow_nullable_key = 1 AS SELECT *, ProviderName AS "
        "ServiceProviderName, toDate(substring(ChargePeriodStart, 1, 10)) AS day "
        f"FROM file('{file.resolve()}', Parquet)"
    )
    session.query("CREATE DATABASE bench ENGINE = Atomic")
    session.query("USE bench")
    yield _clock(lambda: session.query(make)), lambda query: session.query(query, "Native").bytes()
    session.close()


def _clickhouses(query: str) -> str:
    return sqlglot.parse_one(query, read="duckdb").sql(dialect="clickhouse")


def _database_size(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def _cold(url: str) -> float:
    """The least processor time of a whole cold process that answers."""
    environment = {**os.environ, "LEDGER_URL": url, "SPEND_NOW": NOW.isoformat()}
    found = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "bot", "ask", "last month by service"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


def _processor() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def _clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}"
