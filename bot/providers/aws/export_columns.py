"""Parquet files of AWS's data exports as columns: what ``export_mapping`` says of a row, of a whole batch at once.

Texts are mapped once a distinct value (or combination of values), amounts are whole columns. Rows stay as AWS wrote
them; the ledger adds up the hours of a day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bot.domain.charge import AMOUNTS, DETAILS, SERIES, UNKNOWN_COSTS, is_credit
from bot.domain.errors import UnexpectedReply
from bot.domain.period import Period
from bot.providers._block import Block, TextColumn
from bot.providers.aws import export_mapping as rules
from bot.providers.aws.groupings import charge_category
from bot.providers.aws.services import category, region_names
from bot.providers.focus.labels import distinct, merged
from bot.providers.focus.numbers import Amounts, CellError, Ints, Mask, read_amounts

Pair = tuple[Ints, Ints]
"""Amounts as whole units and attos."""
_ATTOS = 10**18
_DAY = 86_400
_NAMES = {ours: theirs for theirs, ours in rules.FOCUS.items()}
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0xFF51AFD7ED558CCD))


def block(batch: pa.RecordBatch, days: Period, month: Period) -> Block | None:
    """The charges of a month's rows that lie on ``days``; None where there are none.

    Raises:
        UnexpectedReply: a row cannot be a charge, or the table is no export that is known.
    """
    names = list(batch.schema.names)
    read = rules.reader(names)
    starts = "ChargePeriodStart" if read is rules.focus_row else "line_item_usage_start_date"
    day = np.clip(_days(batch.column(starts)), _number(month.start), _number(month.last))
    kept = (day >= _number(days.start)) & (day < _number(days.end))
    if not kept.any():
        return None
    if not kept.all():
        batch, day = batch.filter(pa.array(kept)), day[kept]
    return (_focus if read is rules.focus_row else _cur)(_Batch(batch), day)


class _Batch:
    """Some rows of an export, column by column."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        self.size = batch.num_rows

    def text(self, name: str) -> TextColumn:
        """A column of texts, ``""`` for null and where there is no such column."""
        column = self._columns.get(name)
        if column is None or pa.types.is_null(column.type):
            return self.constant("")
        if not pa.types.is_dictionary(column.type):
            column = pc.cast(column, pa.string()).dictionary_encode()
        values = [value or "" for value in column.dictionary.to_pylist()]
        codes = column.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        return merged([*values, ""], codes.astype(np.int64))

    def constant(self, value: str) -> TextColumn:
        """A column that says the same everywhere."""
        return TextColumn([value], np.zeros(self.size, dtype=np.int64))

    def amounts(self, name: str) -> Amounts:
        """A column of amounts, all missing where there is no such column."""
        column = self._columns.get(name, pa.nulls(self.size))
        try:
            return read_amounts(column, ".")
        except CellError as error:
            raise UnexpectedReply(f"The export has a bad {name}: {error}.", rules.HINT) from None

    def maps(self, name: str, say: Callable[[Sequence[tuple[str, str]]], str]) -> TextColumn:
        """A map column as texts: what is said of each distinct map."""
        column = self._columns.get(name)
        if column is None or pa.types.is_null(column.type):
            return self.constant(say(()))
        if not pa.types.is_map(column.type):
            texts = self.text(name)
            return merged([say(rules.pairs(text)) for text in texts.values], texts.codes)
        found, codes = distinct(_hashed(column))
        rows = np.zeros(len(found), dtype=np.int64)
        rows[codes[::-1]] = np.arange(self.size - 1, -1, -1)
        return merged([say(rules.pairs(column[row].as_py())) for row in rows.tolist()], codes)

    def tags(self, *names: str) -> TextColumn:
        """Tags and cost categories in one object."""
        columns = (self.maps(name, lambda entries: _json(rules.tags(dict(entries)))) for name in names)
        return _derived(_together, *columns)


def _hashed(column: pa.MapArray) -> Ints:
    """A number for each row's map, whatever the order of its entries; 64 bits, so that two differ."""
    offsets = column.offsets.to_numpy()
    entries = np.zeros(len(column.keys), dtype=np.uint64)
    for part, factor in ((column.keys, _MIX[0]), (column.items, _MIX[1])):
        codes = part.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.uint64)
        entries = (entries ^ (codes + np.uint64(1)) * factor) * _MIX[2]
        entries ^= entries >> np.uint64(31)
    sums = np.append(np.zeros(1, dtype=np.uint64), np.cumsum(entries))
    found: Ints = (sums[offsets[1:]] - sums[offsets[:-1]]).view(np.int64)
    return found


def _days(column: pa.Array) -> Ints:
    if pa.types.is_timestamp(column.type) and not column.null_count:
        seconds = pc.cast(column, pa.timestamp("s", column.type.tz), safe=False).cast(pa.int64())
        days: Ints = np.floor_divide(seconds.to_numpy(zero_copy_only=False), _DAY)
        return days
    encoded = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    numbers = [_number(rules.day_of(value)) for value in encoded.dictionary.to_pylist()]
    if encoded.indices.null_count:
        raise UnexpectedReply("The export has a charge without a date.", rules.HINT)
    of_rows: Ints = np.array(numbers, dtype=np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


_EPOCH = date(1970, 1, 1).toordinal()


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


# FOCUS tables ---------------------------------------------------------------------------------------------


def _focus(rows: _Batch, day: Ints) -> Block:
    texts = {theirs: rows.text(theirs) for theirs in rules.FOCUS}
    texts |= {
        "ServiceCategory": _mapped(texts["ServiceCategory"], lambda value: value or "Other"),
        "ChargeFrequency": _mapped(texts["ChargeFrequency"], lambda value: value or "Usage-Based"),
        "Tags": rows.tags("Tags", "x_CostCategories"),
    }
    billed, *costs, quantity = (rows.amounts(name) for name in rules.FOCUS_AMOUNTS)
    unknown = {
        name: cost.missing for name, cost in zip(rules.FOCUS_AMOUNTS[1:-1], costs, strict=True) if cost.missing.any()
    }
    amounts = {"BilledCost": _pair(billed), "ConsumedQuantity": _pair(quantity)}
    for name, cost in zip(rules.FOCUS_AMOUNTS[1:-1], costs, strict=True):
        amounts[name] = _where(cost.missing, _pair(billed), _pair(cost))
    return _block(rows, day, texts, amounts, unknown)


# CUR 2.0 --------------------------------------------------------------------------------------------------


def _cur(rows: _Batch, day: Ints) -> Block:
    texts = {_NAMES[ours]: rows.text(theirs) for theirs, ours in rules.CUR.items() if ours in _NAMES}
    kind, meter = rows.text("line_item_line_item_type"), texts["SkuId"]
    product = rows.maps("product", lambda entries: dict(entries).get("product_name", ""))
    service = _derived(_service, product, rows.text("product_servicecode"), rows.text("line_item_product_code"))
    region = _derived(
        lambda code, named: code or named,
        rows.text("product_region_code"),
        rows.maps("product", lambda entries: dict(entries).get("region", "")),
    )
    texts |= {
        "SkuMeter": meter,
        "ServiceName": service,
        "ServiceCategory": _mapped(service, category),
        "RegionId": region,
        "RegionName": _mapped(region, lambda id_: region_names().get(id_, id_)),
        "ChargeCategory": _mapped(kind, charge_category),
        "ChargeFrequency": _mapped(kind, rules.frequency),
        "PricingCategory": _derived(rules.pricing, kind, rows.text("pricing_term"), meter),
        "Tags": rows.tags("resource_tags", "cost_category"),
        "x_UserName": _mapped(rows.text("line_item_iam_principal"), rules.principal),
    }
    unblended, net = (rows.amounts(name) for name in ("line_item_unblended_cost", "line_item_net_unblended_cost"))
    billed = _where(net.missing, _pair(unblended), _pair(net))
    listed = rows.amounts("pricing_public_on_demand_cost")
    measured = np.array([bool(unit) for unit in texts["ConsumedUnit"].values])[texts["ConsumedUnit"].codes]
    quantity = rows.amounts("line_item_usage_amount")
    amounts = {
        "BilledCost": billed,
        "EffectiveCost": _effective(rows, kind, billed),
        "ListCost": _where(listed.missing, billed, _pair(listed)),
        "ContractedCost": billed,
        "ConsumedQuantity": _where(measured, _pair(quantity), _nothing(rows.size)),
    }
    every = np.ones(rows.size, dtype=np.bool_)
    unknown = {"ContractedCost": every, "CommitmentDiscountStatus": every}
    if listed.missing.any():
        unknown["ListCost"] = listed.missing
    return _block(rows, day, texts, amounts, unknown)


def _service(product: str, service: str, code: str) -> str:
    return product or service or code or "Unknown service"


def _effective(rows: _Batch, kind: TextColumn, billed: Pair) -> Pair:
    """The amortized cost, as ``export_mapping`` says of a line of each type."""
    found = billed
    for type_, names in _COVERED.items():
        amounts = [rows.amounts(name) for name in names] if type_ in kind.values else []
        covered = billed
        for amount in reversed(amounts):
            covered = _where(amount.missing, covered, _pair(amount))
        found = _where(_is(kind, type_), covered, found) if amounts else found
    for type_, (name, sign, other) in _FEES.items():
        if type_ in kind.values:
            fee = _added(_pair(rows.amounts(name)), _pair(rows.amounts(other)), sign)
            found = _where(_is(kind, type_), fee, found)
    upfront = _derived(
        lambda *columns: "upfront" if rules.is_upfront(*columns) else "", *(rows.text(name) for name in rules.FEES)
    )
    return _where(_is(upfront, "upfront"), _nothing(rows.size), found)


_COVERED = {
    "SavingsPlanCoveredUsage": (
        "savings_plan_net_savings_plan_effective_cost",
        "savings_plan_savings_plan_effective_cost",
    ),
    "DiscountedUsage": ("reservation_net_effective_cost", "reservation_effective_cost"),
}
"""What covered usage cost, the first column that tells it."""
_FEES = {
    "SavingsPlanRecurringFee": ("savings_plan_total_commitment_to_date", -1, "savings_plan_used_commitment"),
    "RIFee": (
        "reservation_unused_amortized_upfront_fee_for_billing_period",
        1,
        "reservation_unused_recurring_fee",
    ),
}
"""What of a fee nothing was used of: two columns, added or subtracted."""


def _together(one: str, other: str) -> str:
    """Tags and cost categories in one object."""
    return _json(sorted({*_items(one), *_items(other)}))


def _items(text: str) -> Iterable[tuple[str, str]]:
    return json.loads(text).items() if text else ()


# Both -----------------------------------------------------------------------------------------------------


def _block(
    rows: _Batch, day: Ints, texts: dict[str, TextColumn], amounts: dict[str, Pair], unknown: Mapping[str, Mask]
) -> Block:
    aws = rows.constant("AWS")
    for name, id_ in (("SubAccountName", "SubAccountId"), ("BillingAccountName", "BillingAccountId")):
        texts[name] = _derived(lambda named, number: named or number, texts[name], texts[id_])
    texts["InvoiceIssuerName"] = _mapped(texts["InvoiceIssuerName"], lambda value: value or "AWS")
    texts |= {"ServiceProviderName": aws, "HostProviderName": aws}
    below = TextColumn(["", "-"], (amounts["BilledCost"][0] < 0).astype(np.int64))
    texts["x_Credit"] = _derived(
        lambda charged, sign: "credit" if is_credit(charged, Decimal(f"{sign}1")) else "",
        texts["ChargeCategory"],
        below,
    )
    amounts["PricingQuantity"] = _nothing(rows.size)
    series = {name: texts[name] for name in SERIES if name in texts}
    details = {name: texts[name] for name in DETAILS if name in texts} | {
        "x": _marked(texts["ChargeCategory"], unknown)
    }
    return Block(day, day * _DAY, amounts, series, details, unknown)


def _marked(charged: TextColumn, unknown: Mapping[str, Mask]) -> TextColumn:
    """Which costs of usage are not told, as the ledger notes them."""
    names = [name for name in sorted(unknown) if name in AMOUNTS]
    usage = np.array([value == "Usage" for value in charged.values], dtype=np.int64)[charged.codes]
    codes = sum((unknown[name].astype(np.int64) << place for place, name in enumerate(names)), start=usage * 0)
    marks = [
        ", ".join(name for place, name in enumerate(names) if code >> place & 1) for code in range(1 << len(names))
    ]
    return merged([_json([(UNKNOWN_COSTS, listed)]) if listed else "" for listed in marks], codes * usage)


def _mapped(column: TextColumn, say: Callable[[str], str]) -> TextColumn:
    return merged([say(value) for value in column.values], column.codes)


def _derived(say: Callable[..., str], *columns: TextColumn) -> TextColumn:
    """What is said of each combination of values that some row has."""
    first, *rest = columns
    found, codes = distinct(first.codes)
    combined: list[tuple[str, ...]] = [(first.values[code],) for code in found]
    for column in rest:
        pairs, codes = distinct(codes * len(column.values) + column.codes)
        wide = len(column.values)
        combined = [(*combined[pair // wide], column.values[pair % wide]) for pair in pairs]
    return merged([say(*values) for values in combined], codes)


def _is(column: TextColumn, value: str) -> Mask:
    mask: Mask = np.array([found == value for found in column.values])[column.codes]
    return mask


def _json(entries: Iterable[tuple[str, str]]) -> str:
    found = dict(sorted(entries))
    return json.dumps(found, ensure_ascii=False) if found else ""


def _pair(amounts: Amounts) -> Pair:
    return amounts.whole, amounts.attos


def _nothing(size: int) -> Pair:
    nothing = np.zeros(size, dtype=np.int64)
    return nothing, nothing


def _where(mask: Mask, one: Pair, other: Pair) -> Pair:
    return np.where(mask, one[0], other[0]), np.where(mask, one[1], other[1])


def _added(one: Pair, other: Pair, sign: int) -> Pair:
    """The sum, or the difference."""
    attos = one[1] + sign * other[1]
    carry = np.floor_divide(attos, _ATTOS)
    return one[0] + sign * other[0] + carry, attos - carry * _ATTOS
