"""``spend import`` of CSV and Parquet beside its bare limit: DuckDB reads the file, executemany writes the facts."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.data import FOLDER, focus_file

_READ = "CREATE TABLE t AS SELECT * FROM read_csv('{path}', all_varchar = true)"
_MEASURE = """\
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""A small process in between: the memory of whoever starts a process counts as that one's."""


class Taken(NamedTuple):
    """What work took: seconds by the clock, and of all threads' processor."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s, {self.processor:6.2f} s of processor"


def run(rows: int = 1_000_000) -> None:
    """Print the times, rows per second, the most memory and the ratio, for each kind of file."""
    for hourly in (True, False):
        for suffix in ("parquet", "csv"):
            path = focus_file(rows, suffix, hourly=hourly)
            ledger = FOLDER / f"import-{rows}.db"
            count = duckdb.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
            ours, memory = _import(path, ledger)
            query = _READ.format(path=path) if suffix == "csv" else f"CREATE TABLE t AS SELECT * FROM '{path}'"
            read = _timed(partial(duckdb.connect().execute, query))
            bare, facts = _bare(ledger)
            print(f"{count:,} charges of {path.name}, {facts:,} facts")
            print(f"spend import              {ours}  {count / ours.wall:10,.0f} rows/s  peak {memory:,.0f} MB")
            print(f"DuckDB reads the file     {read}")
            print(f"executemany, same numbers {bare}  {facts / bare.wall:10,.0f} rows/s")
            print(f"ratio to the bare limit   {ours.processor / (read.processor + bare.processor):6.2f} x of processor")


def _import(path: Path, ledger: Path) -> tuple[Taken, float]:
    """What it took, and the most memory in MB."""
    for item in FOLDER.glob(f"{ledger.name}*"):
        item.unlink()
    environment = {**os.environ, "LEDGER_URL": f"sqlite:///{ledger}"}
    command = [sys.executable, "-c", _MEASURE, sys.executable, "-m", "bot", "import", str(path)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    took, processor, memory = map(float, done.stdout.split())
    return Taken(took, processor), memory / 1024


def _bare(ledger: Path) -> tuple[Taken, int]:
    """The facts once more, with nothing but executemany."""
    with sqlite3.connect(ledger) as connection:
        rows = connection.execute("SELECT * FROM fact ORDER BY day, series, detail").fetchall()
        create = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'fact'").fetchone()[0]
    target = FOLDER / "bare.db"
    target.unlink(missing_ok=True)
    with sqlite3.connect(target) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(create)
        marks = ", ".join("?" * len(rows[0]))
        took = _timed(lambda: connection.executemany(f"INSERT INTO fact VALUES ({marks})", rows))
    return took, len(rows)


def _timed(work: Callable[[], object]) -> Taken:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(time.perf_counter() - start, processor)
