"""The SQL that turns an export's rows into sums per day, written for the columns that a table really has.

Net is cost plus credits, and credits are an array: they are summed inside each row, by correlated
subqueries. Joining the array would drop rows without credits, or count a cost once per credit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["detailed", "standard", "focus"]
CREDIT_TYPES = ("PROMOTION", "FREE_TIER", "SUBSCRIPTION_BENEFIT")
"""Credits that are charges of their own; every other type lowers the cost of the usage it stands on."""


@dataclass(frozen=True)
class ExportTable:
    """What is known of an export table. ``columns`` are dotted paths (``usage.pricing_unit``)."""

    name: str
    columns: frozenset[str]
    location: str
    partitioned: bool
    """Whether ``_PARTITIONTIME`` (the day rows were loaded) can spare reading old partitions."""

    @property
    def kind(self) -> Kind | None:
        """Which export this is, told by its columns; None for another table."""
        if {"BilledCost", "ChargePeriodStart"} <= self.columns:
            return "focus"
        if not {"cost", "usage_start_time", "service.description", "credits"} <= self.columns:
            return None
        return "detailed" if "resource.name" in self.columns else "standard"

    @property
    def is_view(self) -> bool:
        """Whether a FOCUS table is no export but the view that Google's template makes of the detailed one.

        The template (bigquery-focus-view, "FOCUS BigQuery view" guide) writes categories in lower case, ends billing
        periods on their last day, and puts labels and tags alike into ``Tags``, each with its ``type``.
        """
        return self.kind == "focus" and "x_ExportTime" not in self.columns and "Tags.key" in self.columns

    @property
    def credits(self) -> str:
        """The array of a FOCUS table's credits, ``""`` where it has none."""
        return next((name for name in ("x_Credits", "gc_Credits") if f"{name}.Amount" in self.columns), "")

    @property
    def day(self) -> str:
        """The column with the instant that usage began."""
        return "ChargePeriodStart" if self.kind == "focus" else "usage_start_time"

    @property
    def exported(self) -> str:
        """The column with the instant that a row was exported; ``""`` where the table has none."""
        name = "x_ExportTime" if self.kind == "focus" else "export_time"
        return name if name in self.columns else ""

    def text(self, path: str) -> str:
        """A string column, ``""`` for null, and for a column this table lacks."""
        return f"IFNULL(t.{path}, '')" if path in self.columns else "''"

    def pairs(self, *paths: str) -> str:
        """A repeated record of keys and values, the first that this table has; ``""`` where it lacks them all."""
        return next((f"t.{path}" for path in paths if path in self.columns), "''")

    def number(self, path: str, otherwise: str = "0") -> str:
        """A number, or what stands in for null and for a column this table lacks."""
        return f"IFNULL(t.{path}, {otherwise})" if path in self.columns else otherwise


class NamedField(Protocol):
    """A field of a schema, as the vendor's ``SchemaField`` is; a record has ``fields`` too."""

    @property
    def name(self) -> str:
        """Its name."""


def columns_of(fields: Collection[NamedField], prefix: str = "") -> frozenset[str]:
    """The dotted paths of a schema's fields, records and what is in them."""
    paths = set[str]()
    for field in fields:
        path = f"{prefix}{field.name}"
        paths |= {path, *columns_of(getattr(field, "fields", ()) or (), f"{path}.")}
    return frozenset(paths)


def charges(table: ExportTable, *, project_labels: bool, buffered: bool = True, ordered: bool = True) -> str:
    """One row per day and combination of everything told apart; parameters ``@start``, ``@end``, ``@loaded``.

    What is told apart comes as one JSON text, ``key``: records cannot be grouped by, and the same texts come
    back day after day, so that each is read but once. ``buffered`` takes in rows that are in no partition yet (minutes
    old): whether partitions are still spared then is not documented, and a dry run says. Rows of one day need not be
    ``ordered``: a sort is the part of a query that one worker has to hold.
    """
    parts = _focus(table, project_labels) if table.kind == "focus" else _native(table, project_labels)
    return _grouped(table, *parts, buffered=buffered) + ("\nORDER BY 1, 2" if ordered else "")


def changed(table: ExportTable) -> str:
    """The first day from ``@start`` to before ``@end`` of which a row was exported after ``@since``, if any."""
    return (
        f"SELECT MIN(DATE(t.{table.day})) AS day\nFROM `{table.name}` AS t\n"
        f"WHERE {_days(table)} AND t.{table.exported} > @since\nHAVING COUNT(*) > 0"
    )


def _days(table: ExportTable, *, buffered: bool = True) -> str:
    days = f"t.{table.day} >= @start AND t.{table.day} < @end"
    loaded = "(_PARTITIONTIME >= @loaded OR _PARTITIONTIME IS NULL)" if buffered else "_PARTITIONTIME >= @loaded"
    return f"{days} AND {loaded}" if table.partitioned else days


def _grouped(
    table: ExportTable, keys: dict[str, str], sums: dict[str, str], names: dict[str, str], *, buffered: bool
) -> str:
    struct = ",\n      ".join(f"{expression} AS {name}" for name, expression in keys.items())
    summed = [*(f"SUM(r.{name}) AS {name}" for name in sums), *(f"MAX(r.{name}) AS {name}" for name in names)]
    amounts = ",\n    ".join(f"{expression} AS {name}" for name, expression in {**sums, **names}.items())
    return (
        f"SELECT r.day AS day, r.key AS key, {', '.join(summed)}\n"  # noqa: S608 - names of a checked table
        f"FROM (\n  SELECT DATE(t.{table.day}) AS day,\n"
        f"    TO_JSON_STRING(STRUCT(\n      {struct}\n    )) AS key,\n"
        f"    {amounts}\n  FROM `{table.name}` AS t\n  WHERE {_days(table, buffered=buffered)}\n) AS r\n"
        "GROUP BY 1, 2"
    )


def _native(table: ExportTable, project_labels: bool) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The detailed and the standard export."""
    text, number = table.text, table.number
    keys = {
        "invoice_month": text("invoice.month"),
        "account": text("billing_account_id"),
        "service": text("service.description"),
        "sku_id": text("sku.id"),
        "sku": text("sku.description"),
        "project_id": text("project.id"),
        "project_name": text("project.name"),
        "region": text("location.region"),
        "zone": text("location.zone"),
        "cost_type": text("cost_type"),
        "adjustment": text("adjustment_info.description"),
        "currency": text("currency"),
        "unit": text("usage.pricing_unit"),
        "labels": table.pairs("labels"),
        "tags": table.pairs("tags"),
        "project_labels": table.pairs("project.labels") if project_labels else "''",
        "resource_id": text("resource.global_name"),
        "resource_name": text("resource.name"),
    }
    sums = {
        "cost": "t.cost",
        "list_cost": number("cost_at_list", "t.cost"),
        "unlisted": _null(table, "cost_at_list"),
        "quantity": number("usage.amount_in_pricing_units"),
        "discounts": _credits("amount", "credits", f"IFNULL(c.type, '') NOT IN {CREDIT_TYPES}"),
        **{type_.lower(): _credits("amount", "credits", f"c.type = '{type_}'") for type_ in CREDIT_TYPES},
    }
    names = {
        **{f"{type_.lower()}_name": _credit_name("name", "credits", "type", type_) for type_ in CREDIT_TYPES},
        "rate": number("currency_conversion_rate", "1"),
    }
    return keys, sums, names


FOCUS_KEYS = (
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "ServiceName",
    "ServiceCategory",
    "ServiceSubcategory",
    "RegionId",
    "RegionName",
    "AvailabilityZone",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "ChargeCategory",
    "ChargeClass",
    "ChargeFrequency",
    "ChargeDescription",
    "PricingCategory",
    "PricingUnit",
    "PricingCurrency",
    "BillingCurrency",
    "ConsumedUnit",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "CapacityReservationStatus",
    "InvoiceIssuerName",
    "InvoiceId",
    "ResourceId",
    "ResourceName",
    "ResourceType",
)


def _focus(table: ExportTable, project_labels: bool) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The FOCUS export. Its BilledCost is net of credits already; they are told apart again in Python."""
    keys = {
        "billing_start": _month_start(table, "BillingPeriodStart"),
        "billing_end": _month_start(table, "BillingPeriodEnd"),
        **{name: table.text(name) for name in FOCUS_KEYS},
        "labels": table.pairs("x_Labels", "Tags"),
        "tags": table.pairs("x_Tags"),
        "project_labels": table.pairs("x_ProjectLabels", "Tags") if project_labels else "''",
    }
    sums = {
        "BilledCost": "t.BilledCost",
        "EffectiveCost": table.number("EffectiveCost", "t.BilledCost"),
        "ListCost": table.number("ListCost", "t.BilledCost"),
        "ContractedCost": table.number("ContractedCost", "t.BilledCost"),
        "ConsumedQuantity": table.number("ConsumedQuantity"),
        "PricingQuantity": table.number("PricingQuantity"),
    }
    names = {"rate": table.number("x_CurrencyConversionRate", "1")}
    if table.credits:
        for type_ in CREDIT_TYPES:
            sums[type_.lower()] = _credits("Amount", table.credits, f"c.Type = '{type_}'")
            names[f"{type_.lower()}_name"] = _credit_name("Name", table.credits, "Type", type_)
    return keys, sums, names


def _month_start(table: ExportTable, path: str) -> str:
    return f"IFNULL(CAST(DATE(t.{path}) AS STRING), '')" if path in table.columns else "''"


def _null(table: ExportTable, path: str) -> str:
    """1 for a row that was paid for and does not tell a number."""
    return f"CASE WHEN t.{path} IS NULL AND t.cost <> 0 THEN 1 ELSE 0 END" if path in table.columns else "1"


def _credits(amount: str, array: str, where: str) -> str:
    return f"IFNULL((SELECT SUM(c.{amount}) FROM UNNEST(t.{array}) AS c WHERE {where}), 0)"  # noqa: S608 - constants


def _credit_name(name: str, array: str, type_column: str, type_: str) -> str:
    return f"(SELECT MAX(c.{name}) FROM UNNEST(t.{array}) AS c WHERE c.{type_column} = '{type_}')"  # noqa: S608 - constants


def present(table: ExportTable) -> str:
    """One day that has rows, if any; reads one column of one partition at most."""
    return f"SELECT DATE(t.{table.day}) AS day FROM `{table.name}` AS t LIMIT 1"  # noqa: S608 - names of a checked table
