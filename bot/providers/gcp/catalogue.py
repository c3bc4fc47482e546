"""Cloud Billing and Budgets: names of accounts and projects, list prices, budgets' limits. No costs are here.

No Google API but the BigQuery export tells what anything cost. These do not either: they name things.
"""

# Importing a provider imports no vendor library.

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from bot.domain.money import Exact
from bot.providers import Meter
from bot.providers._requests import metered
from bot.providers.gcp.bigquery import TIMEOUT
from bot.providers.gcp.credentials import credentials
from bot.providers.gcp.errors import mended
from bot.providers.gcp.settings import GcpSettings

if TYPE_CHECKING:
    from google.cloud import billing_v1
    from google.cloud.billing import budgets_v1
    from google.cloud.billing.budgets_v1 import BudgetServiceClient
    from google.cloud.billing_v1 import CloudBillingClient, CloudCatalogClient
    from google.protobuf.timestamp_pb2 import Timestamp
    from google.type.money_pb2 import Money

_Transport = TypeVar("_Transport")
_NANOS = Decimal("1e-9")


class _CatalogueModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class BillingAccount(_CatalogueModel):
    """A billing account the credentials can see; ``id`` reads ``01ABCD-2EF345-6789AB``."""

    id: str
    name: str
    open: bool


class ListPrice(_CatalogueModel):
    """One step of a SKU's public list price: per ``unit``, from ``starting_at`` units a month on."""

    service: str
    sku_id: str
    sku: str
    regions: tuple[str, ...]
    unit: str
    unit_description: str
    starting_at: Exact
    price: Exact
    currency: str
    since: datetime


class BudgetLimit(_CatalogueModel):
    """A budget as Google keeps it; it never tells what is used of it.

    ``limit`` is None for a budget of "as much as the last period". ``calendar`` is MONTH, QUARTER or YEAR,
    or ``""`` for dates of its own.
    """

    name: str
    limit: Exact | None
    currency: str
    calendar: str
    projects: tuple[str, ...]
    services: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    credits: bool
    """Whether credits lower what counts against it."""
    thresholds: tuple[Exact, ...]
    """Shares of the limit at which Google alerts: 0.5, 0.9, 1."""


class Catalogue:
    """The Cloud Billing API, the Cloud Billing Catalog API and the Budget API, over REST."""

    def __init__(self, settings: GcpSettings, meter: Meter) -> None:
        self._settings = settings
        self._meter = meter

    @property
    def reachable(self) -> bool:
        """Whether these APIs are there to ask: a BigQuery emulator alone has none."""
        return bool(self._settings.api_endpoint) or not self._settings.emulator_host

    def accounts(self) -> list[BillingAccount]:
        """Every billing account that the credentials can see."""
        client = self._billing
        with self._asked("Cloud Billing", "billing.billingAccounts.list"):
            found = client.list_billing_accounts(timeout=TIMEOUT, retry=None)
            return [_account(account) for account in found]

    def account(self, account_id: str) -> BillingAccount:
        """One billing account.

        Raises:
            AccessDenied: roles/billing.viewer is missing on it.
        """
        client, name = self._billing, f"billingAccounts/{account_id}"
        with self._asked("Cloud Billing", "billing.billingAccounts.get"):
            return _account(client.get_billing_account(name=name, timeout=TIMEOUT, retry=None))

    def projects(self, account_id: str) -> list[str]:
        """The ids of the projects that the account pays for."""
        client, name = self._billing, f"billingAccounts/{account_id}"
        with self._asked("Cloud Billing", "billing.billingAccounts.projects.list"):
            found = client.list_project_billing_info(name=name, timeout=TIMEOUT, retry=None)
            return [str(project.project_id) for project in found]

    def prices(self, service: str, words: str = "", currency: str = "USD") -> list[ListPrice]:
        """Today's public list prices of the SKUs of a service whose description holds every word.

        ``service`` is its display name ("Compute Engine") or id; an unknown one has no prices.
        """
        wanted = words.casefold().split()
        parent = next((name for name, names in self._services.items() if service.casefold() in names), None)
        if parent is None:
            return []
        client, request = self._skus, {"parent": parent, "currency_code": currency, "page_size": 5000}
        with self._asked("Cloud Billing", "cloudbilling.services.skus.list"):
            skus = client.list_skus(request=request, timeout=TIMEOUT, retry=None)
            fitting = (sku for sku in skus if all(word in sku.description.casefold() for word in wanted))
            return [step for sku in fitting for step in _steps(self._display[parent], sku)]

    def budgets(self, account_id: str) -> list[BudgetLimit]:
        """The budgets of a billing account.

        Raises:
            AccessDenied: billing.budgets.list is missing (roles/billing.viewer has it).
        """
        client, parent = self._budgets, f"billingAccounts/{account_id}"
        with self._asked("Cloud Billing Budgets", "billing.budgets.list"):
            found = list(client.list_budgets(parent=parent, timeout=TIMEOUT, retry=None))
            named = self._display if any(budget.budget_filter.services for budget in found) else {}
            return [_budget(budget, named) for budget in found]

    @property
    def _display(self) -> dict[str, str]:
        return {name: names[0] for name, names in self._services.items()}

    @cached_property
    def _services(self) -> dict[str, tuple[str, str, str]]:
        """Every service of the catalogue: its resource's name → display name, and what else it is found by."""
        client = self._skus
        with self._asked("Cloud Billing", "cloudbilling.services.list"):
            found = client.list_services(request={"page_size": 5000}, timeout=TIMEOUT, retry=None)
            return {
                str(service.name): (
                    service.display_name,
                    service.display_name.casefold(),
                    service.service_id.casefold(),
                )
                for service in found
            }

    @contextmanager
    def _asked(self, what: str, operation: str) -> Iterator[None]:
        with metered(self._meter, operation), mended(what):
            yield

    def _transport(self, transport: Callable[..., _Transport], host: str) -> _Transport:
        """A REST transport to Google, or to the endpoint that the settings name."""
        base = urlsplit(self._settings.api_endpoint or f"https://{host}")
        return transport(host=base.netloc, url_scheme=base.scheme, credentials=credentials(self._settings))

    @cached_property
    def _billing(self) -> CloudBillingClient:
        from google.cloud.billing_v1.services.cloud_billing import CloudBillingClient
        from google.cloud.billing_v1.services.cloud_billing.transports import CloudBillingRestTransport

        return CloudBillingClient(transport=self._transport(CloudBillingRestTransport, "cloudbilling.googleapis.com"))

    @cached_property
    def _skus(self) -> CloudCatalogClient:
        from google.cloud.billing_v1.services.cloud_catalog import CloudCatalogClient
        from google.cloud.billing_v1.services.cloud_catalog.transports import CloudCatalogRestTransport

        return CloudCatalogClient(transport=self._transport(CloudCatalogRestTransport, "cloudbilling.googleapis.com"))

    @cached_property
    def _budgets(self) -> BudgetServiceClient:
        from google.cloud.billing.budgets_v1.services.budget_service import BudgetServiceClient
        from google.cloud.billing.budgets_v1.services.budget_service.transports import (
            BudgetServiceRestTransport,
        )

        return BudgetServiceClient(
            transport=self._transport(BudgetServiceRestTransport, "billingbudgets.googleapis.com")
        )


def _account(account: billing_v1.BillingAccount) -> BillingAccount:
    account_id = str(account.name).rpartition("/")[2]
    return BillingAccount(id=account_id, name=account.display_name or account_id, open=account.open_)


def _money(amount: Money) -> Decimal:
    return Decimal(int(amount.units)) + int(amount.nanos) * _NANOS


def _instant(instant: datetime | Timestamp) -> datetime:
    if isinstance(instant, datetime):
        return instant
    converted: datetime = instant.ToDatetime(UTC)
    return converted


def _steps(service: str, sku: billing_v1.Sku) -> Iterator[ListPrice]:
    for info in sku.pricing_info[-1:]:
        pricing = info.pricing_expression
        for rate in pricing.tiered_rates:
            yield ListPrice(
                service=service,
                sku_id=sku.sku_id,
                sku=sku.description,
                regions=tuple(sku.service_regions),
                unit=pricing.usage_unit,
                unit_description=pricing.usage_unit_description,
                starting_at=Decimal(repr(rate.start_usage_amount)),
                price=_money(rate.unit_price),
                currency=rate.unit_price.currency_code,
                since=_instant(info.effective_time),
            )


def _budget(budget: budgets_v1.Budget, services: Mapping[str, str]) -> BudgetLimit:
    from google.cloud.billing.budgets_v1 import CalendarPeriod, Filter

    scope = budget.budget_filter
    fixed = budget.amount.specified_amount if "specified_amount" in budget.amount else None
    calendar = CalendarPeriod(scope.calendar_period).name
    return BudgetLimit(
        name=budget.display_name or budget.name,
        limit=_money(fixed) if fixed is not None else None,
        currency=fixed.currency_code if fixed is not None else "",
        calendar="" if "custom_period" in scope else calendar.replace("CALENDAR_PERIOD_UNSPECIFIED", "MONTH"),
        projects=tuple(project.removeprefix("projects/") for project in scope.projects),
        services=tuple(services.get(service, service.removeprefix("services/")) for service in scope.services),
        labels={key: tuple(map(str, values)) for key, values in scope.labels.items()},
        credits=scope.credit_types_treatment != Filter.CreditTypesTreatment.EXCLUDE_ALL_CREDITS,
        thresholds=tuple(Decimal(repr(rule.threshold_percent)) for rule in budget.threshold_rules),
    )
