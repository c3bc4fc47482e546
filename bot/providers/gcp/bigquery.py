"""BigQuery as it is asked here: every query is priced by a dry run first, and can read no more than that."""

# Importing a provider imports no vendor library.

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.domain.errors import CeilingReached, Misconfigured, RequestRefused, Unavailable
from bot.providers import Meter
from bot.providers._recording import is_recording, record
from bot.providers._requests import metered
from bot.providers.gcp.credentials import credentials
from bot.providers.gcp.errors import mended
from bot.providers.gcp.settings import GcpSettings
from bot.providers.gcp.sql import ExportTable, columns_of

if TYPE_CHECKING:
    from google.api_core.page_iterator import Page
    from google.cloud.bigquery import Client, QueryJobConfig

PER_TIB = Decimal("6.25")
"""USD for each TiB that an on-demand query reads (list price, the free first TiB a month not counted on)."""
LEAST = 10 * 2**20
"""Bytes billed for a query however little it reads."""
TIMEOUT = 60
"""Seconds for one HTTP request."""
CHEAP = 2**30
"""Bytes that are not worth a second dry run."""
_MEGABYTE = 2**20
_ONCE: Mapping[str, Any] = {"retry": None}
_NO_OTHER_JOB: Mapping[str, Any] = {"job_retry": None}
"""Failures are the sync's to repeat, not the library's."""
_WORTH = Decimal("1.5")
"""How much more a statement must read for another to be taken instead."""


def price(billed: int) -> Decimal:
    """USD for so many bytes, whole megabytes and at least ten; rounded up to a billionth."""
    megabytes = max(LEAST // _MEGABYTE, -(-billed // _MEGABYTE))
    return (PER_TIB * megabytes / Decimal(2**20)).quantize(Decimal("1e-9"), ROUND_UP)


class BigQuery:
    """One table, and queries on it."""

    def __init__(self, settings: GcpSettings, meter: Meter) -> None:
        self._settings = settings
        self._meter = meter
        self.cheap = CHEAP
        self.location = ""
        """Where the dataset lies, once the table has been looked at; queries must run there."""

    def table(self) -> ExportTable:
        """What the export table looks like now.

        Raises:
            Misconfigured: there is no such table, or it is no billing export.
        """
        client = self._client
        with self._asked("bigquery.tables.get"):
            found = client.get_table(self._settings.billing_table, timeout=TIMEOUT, **_ONCE)
        self.location = found.location or self._dataset_location()
        partitioning = found.time_partitioning
        table = ExportTable(
            name=self._settings.billing_table,
            columns=columns_of(found.schema),
            location=self.location,
            partitioned=partitioning is not None and not partitioning.field,
        )
        if table.kind is None:
            raise Misconfigured(
                f"{table.name} is not a billing export: it lacks cost, usage_start_time, service or credits.",
                "Name the detailed export's table (gcp_billing_export_resource_v1_…) in GCP_BILLING_TABLE.",
            )
        return table

    def rows(
        self, sql: str, parameters: Mapping[str, date | datetime], *, instead: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        """The rows of a query, page after page, to the last.

        ``instead`` asks (nearly) the same: it is taken where it reads a good deal less of a large table.

        Raises:
            CeilingReached: it would read more than the limit of one query, or the month's ceiling.
        """
        sql, estimate = self._cheaper(sql, instead, parameters)
        limit = max(LEAST, estimate + estimate // 10 + _MEGABYTE)  # a table grows between the two requests
        client, config = self._client, self._config(parameters, maximum_bytes_billed=limit)
        with self._asked("bigquery.query", price(estimate)):
            found = client.query_and_wait(
                sql,
                job_config=config,
                location=self.location or None,
                page_size=self._settings.page_size,
                api_timeout=TIMEOUT,
                wait_timeout=600,
                **_ONCE,
                **_NO_OTHER_JOB,
            )
            pages = found.pages
            page = next(pages, None)
        while page is not None:
            with mended("BigQuery"):
                names = [field.name for field in found.schema]
                rows = [dict(zip(names, row, strict=True)) for row in page]  # its items() copies each value deeply
            if is_recording():
                record("Google Cloud", "bigquery rows", {}, [{**row, "key": _key(row)} for row in rows[:_SAMPLE]])
            yield from rows
            page = self._next(pages) if found.next_page_token else None

    def dry_run(self, sql: str, parameters: Mapping[str, date | datetime]) -> int:
        """How many bytes a query would read; free."""
        client, config = self._client, self._config(parameters, dry_run=True, use_query_cache=False)
        with self._asked("bigquery.dry_run"):
            job = client.query(
                sql,
                job_config=config,
                location=self.location or None,
                timeout=TIMEOUT,
                **_ONCE,
                **_NO_OTHER_JOB,
            )
            return int(job.total_bytes_processed or 0)

    def _cheaper(self, sql: str, instead: str, parameters: Mapping[str, date | datetime]) -> tuple[str, int]:
        """The query to make, and how many bytes it reads."""
        estimate = self.dry_run(sql, parameters)
        if instead and estimate > self.cheap:
            other = self.dry_run(instead, parameters)
            if other * _WORTH < estimate:
                sql, estimate = instead, other
        if estimate > self._settings.query_limit:
            raise CeilingReached(
                f"Reading the billing export would scan {estimate / 2**30:.1f} GiB "
                f"(about ${price(estimate):.2f}); the limit for one query is "
                f"{self._settings.query_limit / 2**30:.1f} GiB.",
                "Raise GCP_QUERY_LIMIT_BYTES, or ask for fewer days.",
            )
        return sql, estimate

    def _next(self, pages: Iterator[Page]) -> Page | None:
        """The next page of a result, None after the last.

        Raises:
            Unavailable: beside the usual, the result is no longer there, or its page token no longer good.
        """
        try:
            with self._asked("bigquery.jobs.getQueryResults"):
                return next(pages, None)
        except (Misconfigured, RequestRefused) as lost:
            raise Unavailable(
                f"BigQuery could not continue the result: {lost.message}", "The bot will retry."
            ) from None

    def _config(self, parameters: Mapping[str, date | datetime], **more: object) -> QueryJobConfig:
        from google.cloud import bigquery

        typed = [
            bigquery.ScalarQueryParameter(name, "TIMESTAMP" if isinstance(value, datetime) else "DATE", value)
            for name, value in parameters.items()
        ]
        return bigquery.QueryJobConfig(query_parameters=typed, labels={"app": "spend"}, **more)

    def _dataset_location(self) -> str:
        client = self._client
        with self._asked("bigquery.datasets.get"):
            found = client.get_dataset(self._settings.dataset, timeout=TIMEOUT, **_ONCE)
        return str(found.location or "")

    @cached_property
    def _client(self) -> Client:
        from google.cloud import bigquery

        host = self._settings.emulator_host
        return bigquery.Client(
            project=self._settings.project,
            credentials=credentials(self._settings),
            client_options={"api_endpoint": host} if host else None,
        )

    @contextmanager
    def _asked(self, operation: str, cost: Decimal = Decimal(0)) -> Iterator[None]:
        """Meters one request; a failed one costs nothing."""
        with metered(self._meter, operation, cost), mended("BigQuery"):
            yield


def _key(row: Mapping[str, Any]) -> object:
    """What a row is told apart by, as the object that its text says."""
    text = row.get("key")
    return json.loads(text) if isinstance(text, str) else text


_SAMPLE = 20
"""Rows of a page that a recording shows."""
