"""Charges as the star keeps them, a batch at a time: for whoever needs every row and every digit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from msgspec import Struct

from bot.domain.charge import AMOUNTS, DETAILS, SERIES
from bot.domain.feed import Feed
from bot.domain.period import Period, day_number
from bot.ledger.backend import Connection

BATCH = 50_000
_FEED = "SELECT s.id FROM series s JOIN feed ON feed.id = s.feed WHERE feed.source = ? AND feed.name = ?"
_FACTS = f"FROM fact f WHERE f.day >= ? AND f.day < ? AND f.series IN ({_FEED})"

Texts = dict[int, tuple[str, ...]]


class Batch(Struct, frozen=True):
    """Some rows as columns; one row for charges that differ in nothing but amounts."""

    day: tuple[int, ...]
    """Days since 1970-01-01."""
    series: tuple[int, ...]
    detail: tuple[int, ...]
    amounts: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
    """Metric to whole units and attos."""
    series_texts: Texts
    """What each series is, in the order of ``SERIES``; ``""`` for none."""
    detail_texts: Texts
    """The same in the order of ``DETAILS`` and, last, further columns as JSON."""

    def __len__(self) -> int:
        return len(self.day)


def batches(connection: Connection, feed: Feed, days: Period) -> Iterator[Batch]:
    """Every row of a feed on those days, day by day."""
    amounts = ", ".join(f'f."{name}", f."{name}Attos"' for name in AMOUNTS)
    query = f"SELECT f.day, f.series, f.detail, {amounts} {_FACTS} ORDER BY f.day, f.series, f.detail"
    found = connection.execute(query, _bound(feed, days))
    while rows := found.fetchmany(BATCH):
        day, series, detail, *halves = zip(*rows, strict=True)
        pairs = zip(halves[::2], halves[1::2], strict=True)
        yield Batch(
            day=day,
            series=series,
            detail=detail,
            amounts=dict(zip(AMOUNTS, pairs, strict=True)),
            series_texts=_texts(connection, "series", SERIES, set(series)),
            detail_texts=_texts(connection, "detail", (*DETAILS, "x"), set(detail)),
        )


def further_columns(connection: Connection, feed: Feed, days: Period) -> set[str]:
    """The vendor's own columns that any of those rows has."""
    query = f"SELECT DISTINCT x FROM detail WHERE x <> '' AND id IN (SELECT f.detail {_FACTS})"
    return {name for (text,) in connection.execute(query, _bound(feed, days)) for name in json.loads(text)}


def _texts(connection: Connection, table: str, names: Collection[str], ids: Collection[int]) -> Texts:
    columns = ", ".join(f'"{name}"' for name in names)
    query = f"SELECT id, {columns} FROM {table} WHERE id IN (SELECT value FROM json_each(CAST(? AS TEXT)))"
    return {number: tuple(texts) for number, *texts in connection.execute(query, (json.dumps(list(ids)),))}


def _bound(feed: Feed, days: Period) -> tuple[int, int, str, str]:
    return day_number(days.start), day_number(days.end), feed.source, feed.name
