"""What vendors report beside their bills, as typed rows: commitment statements and recommendations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any

from bot.domain.commitments import (
    CommitmentRow,
    CommitmentStatement,
    Recommendation,
    RecommendationReport,
    StoredStatement,
)
from bot.domain.money import plain
from bot.domain.period import Period
from bot.ledger.backend import LedgerPart

TABLES = (
    """CREATE TABLE commitment (
        source TEXT NOT NULL, program TEXT NOT NULL, measure TEXT NOT NULL, service TEXT NOT NULL,
        dimension TEXT NOT NULL, start TEXT NOT NULL, "end" TEXT NOT NULL, value TEXT NOT NULL, part TEXT NOT NULL,
        whole TEXT NOT NULL, open_cost TEXT, unit TEXT NOT NULL, currency TEXT NOT NULL,
        reported TEXT NOT NULL,
        PRIMARY KEY (source, program, measure, service, dimension, start, value))""",
    """CREATE TABLE recommendation (
        source TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL, savings TEXT NOT NULL,
        currency TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, resource TEXT NOT NULL,
        resource_type TEXT NOT NULL, service TEXT NOT NULL, effort TEXT NOT NULL, cost TEXT, current TEXT NOT NULL,
        recommended TEXT NOT NULL, refreshed TEXT, tags TEXT NOT NULL, PRIMARY KEY (source, id))""",
    """CREATE TABLE recommendation_report (
        source TEXT NOT NULL, currency TEXT NOT NULL, together TEXT, reported TEXT NOT NULL,
        PRIMARY KEY (source, currency))""",
)
"""Amounts are exact decimals as text; a report without any recommendation has one line with the currency ``''``."""
_STATEMENT = 'program, measure, service, dimension, start, "end", unit, currency, reported'
_RECOMMENDATION = (
    "id, kind, action, savings, currency, account, region, resource, resource_type, service, effort, cost,"
    ' "current", recommended, refreshed, tags'
)


class VendorReports(LedgerPart):
    """Reads and writes them. Every call is one transaction."""

    def keep_statement(self, source: str, statement: CommitmentStatement, reported: date) -> None:
        """Keeps a statement in place of what was known of the same month."""
        period = statement.period
        head = (source, statement.program, statement.measure, statement.service, statement.dimension)
        tail = (statement.unit, statement.currency, reported.isoformat())
        with self._write() as connection:
            connection.execute(
                "DELETE FROM commitment WHERE source = ? AND program = ? AND measure = ? AND service = ?"
                " AND dimension = ? AND start = ?",
                (*head, period.start.isoformat()),
            )
            connection.executemany(
                f"INSERT INTO commitment VALUES ({', '.join('?' * 14)})",
                [
                    (
                        *head,
                        period.start.isoformat(),
                        period.end.isoformat(),
                        row.value,
                        plain(row.part),
                        plain(row.whole),
                        None if row.open_cost is None else plain(row.open_cost),
                        *tail,
                    )
                    for row in statement.rows
                ],
            )

    def statements(self, source: str) -> list[StoredStatement]:
        """Every statement of a source, by program, measure, service, dimension and month."""
        rows = self._connect().execute(
            f"SELECT {_STATEMENT}, value, part, whole, open_cost FROM commitment WHERE source = ?"
            " ORDER BY program, measure, service, dimension, start, value",
            (source,),
        )
        return [
            StoredStatement(source, _statement(head, list(group)), date.fromisoformat(head[-1]))
            for head, group in groupby(rows.fetchall(), key=lambda row: tuple(row[:9]))
        ]

    def keep_recommendations(self, source: str, report: RecommendationReport, reported: date) -> None:
        """Keeps what a vendor recommends now, in place of all it recommended before."""
        currencies = {item.currency for item in report.recommendations} | set(report.together) or {""}
        together = {name: plain(amount) for name, amount in report.together.items()}
        day = (report.reported or reported).isoformat()
        with self._write() as connection:
            for table in ("recommendation", "recommendation_report"):
                connection.execute(f"DELETE FROM {table} WHERE source = ?", (source,))
            connection.executemany(
                "INSERT INTO recommendation_report VALUES (?, ?, ?, ?)",
                [(source, currency, together.get(currency), day) for currency in sorted(currencies)],
            )
            connection.executemany(
                f"INSERT INTO recommendation (source, {_RECOMMENDATION}) VALUES ({', '.join('?' * 17)})",
                [_cells(source, item) for item in report.recommendations],
            )

    def recommendations(self, source: str) -> RecommendationReport | None:
        """What the vendor of a source recommends, the largest savings first; None where it was never asked."""
        query = "SELECT currency, together, reported FROM recommendation_report WHERE source = ?"
        heads = self._connect().execute(query, (source,)).fetchall()
        if not heads:
            return None
        rows = self._connect().execute(f"SELECT {_RECOMMENDATION} FROM recommendation WHERE source = ?", (source,))
        items = sorted(map(_recommendation, rows.fetchall()), key=lambda item: (-item.savings, item.id))
        together = {currency: Decimal(amount) for currency, amount, _ in heads if amount is not None}
        return RecommendationReport(items, together, date.fromisoformat(heads[0][2]))


def _statement(head: tuple[Any, ...], rows: Sequence[Sequence[Any]]) -> CommitmentStatement:
    program, measure, service, dimension, start, end, unit, currency, _ = head
    period = Period(start=date.fromisoformat(start), end=date.fromisoformat(end))
    found = tuple(
        CommitmentRow(value, Decimal(part), Decimal(whole), None if open_cost is None else Decimal(open_cost))
        for *_, value, part, whole, open_cost in rows
    )
    return CommitmentStatement(program, measure, service, dimension, period, unit, currency, found)


def _cells(source: str, item: Recommendation) -> tuple[str | None, ...]:
    return (
        source,
        item.id,
        item.kind,
        item.action,
        plain(item.savings),
        item.currency,
        item.account,
        item.region,
        item.resource,
        item.resource_type,
        item.service,
        item.effort,
        None if item.cost is None else plain(item.cost),
        item.current,
        item.recommended,
        item.refreshed.isoformat() if item.refreshed else None,
        json.dumps(dict(item.tags), sort_keys=True, ensure_ascii=False),
    )


def _recommendation(row: Sequence[Any]) -> Recommendation:
    id_, kind, action, savings, currency, *texts, cost, current, recommended, refreshed, tags = row
    account, region, resource, resource_type, service, effort = texts
    return Recommendation(
        id_,
        kind,
        action,
        Decimal(savings),
        currency,
        account,
        region,
        resource,
        resource_type,
        service,
        effort,
        None if cost is None else Decimal(cost),
        current,
        recommended,
        date.fromisoformat(refreshed) if refreshed else None,
        MappingProxyType(json.loads(tags)),
    )
