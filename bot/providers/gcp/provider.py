"""The provider: one feed over one billing export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.charge import SERIES, Charge
from bot.domain.commitments import RecommendationReport
from bot.domain.errors import AccessDenied, Misconfigured, UnexpectedReply
from bot.domain.feed import ANY_TAG, Feed, Note
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import DIMENSIONS, Question
from bot.providers import Advice, Check, Clock, Horizon, Meter, Notes, RequestKind
from bot.providers._requests import check
from bot.providers.gcp import rows, sql
from bot.providers.gcp.bigquery import BigQuery
from bot.providers.gcp.catalogue import Catalogue
from bot.providers.gcp.console import reports_url
from bot.providers.gcp.errors import QueryTooLarge
from bot.providers.gcp.grants import least_privilege
from bot.providers.gcp.insights import advice
from bot.providers.gcp.recommendations import recommendations
from bot.providers.gcp.settings import GcpSettings

HISTORY = 13
"""Whole months before the current one that a first sync asks for."""
_REST = timedelta(hours=4)
"""Google exports several times a day; asking more often reads the same rows for money."""
_FEED = "fine"
_GRAIN = frozenset({*SERIES, *DIMENSIONS, ANY_TAG} - {"Tags"})


class Gcp:
    """One billing account's export in BigQuery; see the package for what it promises."""

    def __init__(self, settings: GcpSettings, *, meter: Meter, clock: Clock, source: str = "gcp") -> None:
        self.source = source
        self._clock = clock
        self.catalogue = Catalogue(settings, meter)
        self._settings, self._meter = settings, meter
        self._bigquery = BigQuery(settings, meter)
        self._names: dict[str, str] = {}
        self._in_use: defaultdict[str, set[str]] = defaultdict(set)
        self._currency = "USD"
        self._last: date | None = None
        self._notes = Notes()

    def feeds(self) -> Sequence[Feed]:
        """One: the export tells everything apart at once."""
        return (Feed(source=self.source, name=_FEED, grain=_GRAIN),)

    def console_url(self, question: Question, feed: str) -> str | None:
        """The reports page of the billing account; ``feed`` is the only one."""
        return reports_url(question, self._settings.billing_table)

    def horizon(self, feed: Feed, now: datetime) -> Horizon:
        """From 13 whole months back to tomorrow; this invoice month and the one before may still move."""
        today = now.astimezone(UTC).date()
        month = today.replace(day=1)
        return Horizon(
            deepest=add_months(month, -HISTORY),
            moving=add_months(month, -1),
            end=today + DAY,
            in_day_order=True,
            rest=_REST,
        )

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """Every charge of those days, net of the discounts on it, credits as charges of their own.

        One query, whatever the days: they are read whole, because corrections are rows of their own. Days that are
        too many for one query to sort are read half by half.
        """
        self._last = None
        self._notes.begin(feed.name)
        self._names = {account: name for account, name in self._names.items() if name}  # a refused one is asked again
        table = self._bigquery.table()
        convert = rows.focus if table.kind == "focus" else rows.native
        for row in self._rows(table, days):
            for charge in convert(row, self._account_name(rows.account_of(row["key"]))):
                self._note(charge)
                yield charge

    def _rows(self, table: sql.ExportTable, days: Period) -> Iterator[rows.Row]:
        """The rows of those days; of the first half, then of the second, where they are too many together.

        Rows that are in no partition yet wait where taking them in would read every partition.
        """
        with_buffer, without = (
            sql.charges(table, project_labels=self._settings.project_labels, buffered=buffered, ordered=days.days > 1)
            for buffered in (True, False)
        )
        found = self._bigquery.rows(with_buffer, _between(days), instead=without if table.partitioned else "")
        try:
            first = next(found, None)
        except QueryTooLarge:
            if days.days == 1:
                raise
            half = days.start + DAY * (days.days // 2)
            yield from self._rows(table, Period(start=days.start, end=half))
            yield from self._rows(table, Period(start=half, end=days.end))
            return
        if first is not None:
            yield first
            yield from found

    def _note(self, charge: Charge) -> None:
        self._last = max(self._last or charge.day, charge.day)
        self._currency = charge.billing_currency
        self._in_use[charge.service_name].add(charge.sku_price_id or charge.sku_id)

    def advice(self, *, paid: bool = True) -> Iterator[Advice]:
        """Budgets of the billing account, and list prices of the SKUs that the last pull had."""
        if self.catalogue.reachable:
            yield from advice(
                self.catalogue, [account for account in self._names if account], self._in_use, self._currency
            )

    def recommendations(self) -> RecommendationReport | None:
        """What Recommender recommends, of its export's newest day; None where no export is named.

        Raises:
            CostError: as ``charges``.
        """
        table = self._settings.recommendations_table
        if not table:
            return None
        return recommendations(BigQuery(self._settings, self._meter), table, self._clock())

    def first_changed(self, feed: Feed, days: Period, since: datetime) -> date | None:
        """The first of the days for which something was exported after an instant, None where nothing was.

        ``since`` is when the last pull was made; rows become visible up to a day after their export time,
        which is allowed for here. Reads two columns of the newest partitions. A table that tells no export
        times may have changed on every day.
        """
        table = self._bigquery.table()
        if not table.exported:
            return days.start
        known = since - DAY
        parameters = {**_between(days), "since": known, "loaded": known - DAY}
        return next((row["day"] for row in self._bigquery.rows(sql.changed(table), parameters)), None)

    def data_through(self, feed: Feed) -> date | None:
        """The last day with a charge in the last pull."""
        return self._last

    def requests(self) -> Sequence[RequestKind]:
        """Every kind of request that a sync makes; asks nobody. A query's price is known after its dry run."""
        asked = {
            "bigquery tables.get": "bigquery.tables.get (roles/bigquery.dataViewer)",
            "bigquery jobs.insert (dry run)": "bigquery.jobs.create (roles/bigquery.jobUser)",
            "bigquery jobs.query": "bigquery.tables.getData (roles/bigquery.dataViewer)",
        }
        billed = {
            "billing accounts.get": "billing.accounts.get (roles/billing.viewer)",
            "budgets.list": "billing.budgets.list (roles/billing.viewer)",
            "billing services.skus.list": "none",
        }
        kinds = {**asked, **(billed if self.catalogue.reachable else {})}
        return [RequestKind(operation, permission) for operation, permission in kinds.items()]

    def least_privilege(self) -> str:
        """Commands for exactly the permissions and APIs that are called; asks nobody."""
        return least_privilege(self._settings, self.requests())

    def checks(self) -> Iterator[Check]:
        """The table, a dry run, a read, and (optional) the billing account's name and budgets."""
        yield check("Google Cloud billing export", self._try_table, GRANT)
        yield check("Google Cloud BigQuery queries", self._try_query, GRANT)
        if self._settings.recommendations_table:
            yield check("Google Cloud recommendations", self._try_recommendations, GRANT)
        if self.catalogue.reachable:
            yield check("Google Cloud billing account", self._try_accounts, GRANT_BILLING)
            yield check("Google Cloud budgets", self._try_budgets, GRANT_BILLING)

    def _account_name(self, account_id: str) -> str:
        """The billing account's display name; ``""`` where the role to ask for it is not given."""
        if account_id not in self._names:
            self._names[account_id] = self._ask_name(account_id)
        return self._names[account_id]

    def _ask_name(self, account_id: str) -> str:
        if not (account_id and self.catalogue.reachable):
            return ""
        try:
            return self.catalogue.account(account_id).name
        except (AccessDenied, Misconfigured, UnexpectedReply) as error:
            columns = frozenset({"BillingAccountName"})
            self._notes.add(Note("names of billing accounts", error.message, error.hint, _FEED, columns))
            return ""

    def notes(self) -> Sequence[Note]:
        """What the last pull could not bring beside the bill, and why."""
        return self._notes.all()

    def _try_table(self) -> str:
        table = self._bigquery.table()
        what = "view in the FOCUS format" if table.is_view else f"{table.kind} export"
        return f"{table.name} is a {what} in {table.location or 'an unknown location'}."

    def _try_query(self) -> str:
        table = self._bigquery.table()
        today = self._clock().date()
        week = Period(start=today - 7 * DAY, end=today + DAY)
        statement = sql.charges(table, project_labels=self._settings.project_labels)
        for _ in self._bigquery.rows(sql.present(table), {}):
            scanned = self._bigquery.dry_run(statement, _between(week))
            return f"Queries work; a week of charges reads {scanned / 2**20:.1f} MiB."
        raise Misconfigured("The billing export has no rows yet.", "A new export has rows within a day.")

    def _try_recommendations(self) -> str:
        report = self.recommendations()
        return f"{len(report.recommendations) if report else 0} can be read."

    def _try_budgets(self) -> str:
        found = [budget for account in self.catalogue.accounts() for budget in self.catalogue.budgets(account.id)]
        return f"{len(found)} can be read."

    def _try_accounts(self) -> str:
        names = ", ".join(account.name for account in self.catalogue.accounts()) or "none visible"
        return f"Billing accounts: {names}."


GRANT = (
    "Least privilege: gcloud projects add-iam-policy-binding JOB_PROJECT --member=serviceAccount:BOT "
    "--role=roles/bigquery.jobUser; and in BigQuery: GRANT `roles/bigquery.dataViewer` ON SCHEMA "
    '`PROJECT.DATASET` TO "serviceAccount:BOT".'
)
"""What to paste for the export."""
GRANT_BILLING = (
    "Optional, for account names and budgets: gcloud billing accounts add-iam-policy-binding ACCOUNT "
    "--member=serviceAccount:BOT --role=roles/billing.viewer"
)
"""What to paste for names and budgets."""


def _between(days: Period) -> dict[str, datetime]:
    """The instants of the days, and the earliest load day a row of theirs can have."""
    return {
        "start": datetime.combine(days.start, time.min, UTC),
        "end": datetime.combine(days.end, time.min, UTC),
        "loaded": datetime.combine(days.start - DAY, time.min, UTC),
    }
