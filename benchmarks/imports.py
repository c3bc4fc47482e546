"""``spend import`` of CSV and Parquet beside its bare limit: DuckDB reads the file, executemany writes the facts."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.data import FOLDER, focus_file

_READ = "CREATE TABLE t AS SELECT * FROM read_csv('{path}', all_varchar = true)"


def run(rows: int = 1_000_000) -> None:
    """Print rows per second, the most memory and the ratio, for each kind of file."""
    for suffix in ("parquet", "csv"):
        path = focus_file(rows, suffix)
        ledger = FOLDER / f"import-{rows}.db"
        ours, memory = _import(path, ledger)
        query = _READ.format(path=path) if suffix == "csv" else f"CREATE TABLE t AS SELECT * FROM '{path}'"
        read = _timed(partial(duckdb.connect().execute, query))
        bare, count = _bare(ledger)
        print(f"{count:,} charges of {path.name}")
        print(f"spend import              {ours:6.2f} s  {count / ours:10,.0f} rows/s  peak {memory:,.0f} MB")
        print(f"DuckDB reads the file     {read:6.2f} s")
        print(f"executemany, same numbers {bare:6.2f} s  {count / bare:10,.0f} rows/s")
        print(f"ratio to the bare limit   {ours / (read + bare):6.2f} x")


def _import(path: Path, ledger: Path) -> tuple[float, float]:
    """Seconds, and the most memory in MB."""
    for each in FOLDER.glob(f"{ledger.name}*"):
        each.unlink()
    environment = {**os.environ, "LEDGER_URL": f"sqlite:///{ledger}"}
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "bot", "import", str(path)], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    if status:
        raise SystemExit(status)
    return took, usage.ru_maxrss / 1024


def _bare(ledger: Path) -> tuple[float, int]:
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


def _timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]  # a callable
    return time.perf_counter() - start
