"""Old days kept by the month: all charges of a month on its first day, with every total through its end unchanged.

Up to ``state.detail_from`` the ledger tells whole months only. Folding is proven as it happens: the running totals of
every series and metric at the month's end must be the same before and after, or nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.domain.charge import AMOUNTS
from bot.domain.period import Period, add_months, day_number, month_of
from bot.ledger import Ledger
from bot.ledger.backend import Connection
from bot.ledger.columns import Ints
from bot.ledger.cumulative import METRICS, check_sums, load, unpack
from bot.ledger.writer import FACT_COLUMNS, Writer

_NANO = 10**9


def fold_before(ledger: Ledger, day: date) -> int:
    """Keeps the days before the first of ``day``'s month by the month; how many facts fewer there are."""
    limit = day.replace(day=1)
    with ledger.transaction() as connection:
        known = ledger.detail_from()
        if known is None or known < limit:
            connection.execute(
                "INSERT INTO state VALUES ('detail_from', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (day_number(limit),),
            )
            connection.execute("UPDATE state SET value = value + 1 WHERE name = 'generation'")
    saved = 0
    for feed in ledger.feeds():
        days = ledger.covered(feed)
        month = month_of(days.start) if days else None
        while days and month and month.end <= min(limit, add_months(days.last.replace(day=1), 1)):
            with ledger.writing(feed) as (writer, connection):
                saved += _fold(writer, connection, month)
            month = month_of(month.end)
    return saved


def _fold(writer: Writer, connection: Connection, month: Period) -> int:
    """Folds one month of one feed; how many facts fewer there are.

    Raises:
        RuntimeError: a total would change.
    """
    start, end = day_number(month.start), day_number(month.end)
    scattered = (
        "SELECT 1 FROM fact WHERE day > ? AND day < ? AND series IN (SELECT id FROM series WHERE feed = ?) LIMIT 1"
    )
    if connection.execute(scattered, (start, end, writer.feed)).fetchone() is None:
        return 0
    names = ", ".join(FACT_COLUMNS)
    within = "day >= ? AND day < ? AND series IN (SELECT id FROM series WHERE feed = ?)"
    rows = connection.execute(f"SELECT {names} FROM fact WHERE {within}", (start, end, writer.feed)).fetchall()
    facts = _added_up(np.array(rows, dtype=np.int64).T, start)
    unknown = connection.execute(
        "SELECT DISTINCT column, delivery FROM untold WHERE feed = ? AND day >= ? AND day < ?",
        (writer.feed, start, end),
    ).fetchall()
    before = _totals(connection, writer.feed, end - 1)
    writer.remove(start, end)
    writer.put(facts)
    connection.executemany(
        "INSERT INTO untold VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(writer.feed, start, column, delivery) for column, delivery in unknown],
    )
    after = _totals(connection, writer.feed, end - 1)
    if any(not np.array_equal(before[metric], after[metric]) for metric in METRICS):
        raise RuntimeError(f"folding {month.start:%Y-%m} would change a total")
    connection.execute("DELETE FROM cube WHERE feed = ? AND day > ? AND day < ?", (writer.feed, start, end))
    return len(rows) - len(facts["day"])


def _totals(connection: Connection, feed: int, day: int) -> Mapping[str, Ints]:
    """The running totals of every series, exactly, by metric."""
    size = connection.execute("SELECT count(*) FROM series WHERE feed = ?", (feed,)).fetchone()[0]
    return {metric: unpack(load(connection, feed, metric, day), size) for metric in METRICS}


def _added_up(table: Ints, day: int) -> dict[str, Ints]:
    """Facts of any days as facts of one, each series, detail and delivery once."""
    columns = dict(zip(FACT_COLUMNS, table, strict=True))
    order = np.lexsort((columns["delivery"], columns["detail"], columns["series"]))
    columns = {name: column[order] for name, column in columns.items()}
    starts = _starts([columns[name] for name in ("series", "detail", "delivery")])
    facts = {name: columns[name][starts] for name in ("series", "detail", "delivery")}
    facts["day"] = np.full(len(starts), day, dtype=np.int64)
    facts["charges"] = np.add.reduceat(columns["charges"], starts)
    for name in AMOUNTS:
        whole, attos = columns[name], columns[f"{name}Attos"]
        check_sums(name, whole, starts)
        high, low = np.divmod(attos, _NANO)  # summed apart: attos of ten charges would overflow
        low_sum = np.add.reduceat(low, starts)
        high_sum = np.add.reduceat(high, starts) + low_sum // _NANO
        facts[name] = np.add.reduceat(whole, starts) + high_sum // _NANO
        facts[f"{name}Attos"] = high_sum % _NANO * _NANO + low_sum % _NANO
    return facts


def _starts(keys: Sequence[Ints]) -> NDArray[np.intp]:
    """Where in sorted keys another one begins."""
    fresh = np.zeros(len(keys[0]) - 1, dtype=np.bool_)
    for key in keys:
        fresh |= key[1:] != key[:-1]
    return np.flatnonzero(np.r_[True, fresh])
