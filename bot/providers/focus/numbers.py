"""The numbers of FOCUS files: exact whole units and attos from decimals, floats, integers and text.

Text is read as people's tools write it: ``1E-5``, ``$1,000.50``, ``(3.25)`` for minus three and a quarter, ``1.234,56``
where the file has a decimal comma. Digits beyond 1e-18 are rounded half-even and counted; what cannot be exact, finite
and within the ledger's range is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bot.domain.money import LARGEST
from bot.providers.focus.number_text import LONGEST, WIDE, DecimalMark, NumberText, beyond_range, number_of, read_number

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_Unsigned = NDArray[np.uint64]
_EXACT = pa.decimal128(38, 18)
_FINE = pa.decimal256(76, 38)
_TINY = pa.decimal256(76, 56)
_SHORT = 20
"""Characters of a number that surely fits."""
_FITS = r"^[+-]?[0-9]{0,20}(\.[0-9]{0,18})?$"
_GROUPED = r"(^|[^0-9.])[1-9][0-9]{0,2}\.[0-9]{3}($|[^0-9.])"
_PLAIN = r"^[+-]?[0-9]{1,30}(\.[0-9]{0,38})?$"
_SCIENTIFIC = r"^[+-]?[0-9](\.[0-9]{0,17})?[eE]-[0-3]?[0-9]$"
"""What each of the three types above takes for sure: beyond its digits Arrow may give another number, not an error."""


class CellError(ValueError):
    """A cell that cannot be read; ``at`` is its place in the column, from 0."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at


@dataclass(frozen=True)
class Amounts:
    """A column of amounts."""

    whole: Ints
    """Whole units, rounded down."""
    attos: Ints
    """1e-18 of a unit, from 0 up to one unit."""
    missing: Mask
    """Where there is no amount; it is 0 there."""
    rounded: int = 0
    """How many had digits beyond 1e-18."""
    currencies: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By place: the currencies that a sign in the cell can mean."""


def read_amounts(column: pa.Array, mark: DecimalMark | None) -> Amounts:
    """A column of any type, exactly. ``mark`` is the file's decimal mark, None while nobody had to know.

    Raises:
        CellError: a cell is no amount, or none that the ledger holds.
        MarkNeeded: a cell means one thing with a decimal point and another with a comma.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if pa.types.is_floating(kind):
        column = column.cast(pa.float32()) if pa.types.is_float16(kind) else column
        return _texts(pc.cast(column, pa.string()), ".")
    if pa.types.is_decimal(kind):
        return _decimals(column)
    if pa.types.is_integer(kind):
        return _decimals(pc.cast(column, pa.decimal128(20, 0)))
    if pa.types.is_null(kind):
        nothing = np.zeros(len(column), dtype=np.int64)
        return Amounts(nothing, nothing, np.ones(len(column), dtype=np.bool_))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _texts(column.cast(pa.string()), mark)
    raise CellError(0, f"a column of type {kind} holds no amounts")


def may_be_grouped(column: pa.Array) -> bool:
    """Whether a text such as ``1.500`` is among them: a thousand and a half, or one and a half."""
    return bool(pa.types.is_string(column.type) and pc.any(pc.match_substring_regex(column, _GROUPED)).as_py())


def _texts(column: pa.Array, mark: DecimalMark | None) -> Amounts:
    if mark != "," and _surely_fits(column):
        try:
            return _decimals(pc.cast(column, _EXACT))
        except pa.ArrowInvalid:
            pass
    encoded = column.dictionary_encode()
    values, codes = encoded.dictionary, encoded.indices
    found = _Distinct(values)
    if mark != ",":
        found.take(_PLAIN, _FINE)
        found.take(_SCIENTIFIC, _TINY)
    for at in np.flatnonzero(found.missing).tolist():
        text = values[at].as_py()
        try:
            found.put(at, read_number(text, mark))
        except ValueError as error:
            raise CellError(pc.index(column, text).as_py(), str(error)) from None
    return found.spread(codes)


def _surely_fits(column: pa.Array) -> bool:
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    if longest <= _SHORT:
        return not pc.any(pc.match_substring(column, "e", ignore_case=True)).as_py()
    return longest <= LONGEST and pc.all(pc.match_substring_regex(column, _FITS)).as_py() is not False


class _Distinct:
    """The distinct texts of a column, read in bulk where that is exact and one by one where it is not."""

    def __init__(self, values: pa.Array) -> None:
        size = len(values)
        self._values = values
        self.missing = np.ones(size, dtype=np.bool_)
        self._whole, self._attos = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        self._cut = np.zeros(size, dtype=np.bool_)
        self._signs: dict[int, frozenset[str]] = {}

    def take(self, pattern: str, kind: pa.DataType) -> None:
        """Read all texts of a pattern as decimals of a type that holds them."""
        mask = pc.match_substring_regex(self._values, pattern)
        chosen = mask.to_numpy(zero_copy_only=False).astype(bool)
        if not chosen.any():
            return
        exact = pc.cast(self._values.filter(mask), kind)
        places = np.flatnonzero(chosen)
        try:
            found = _decimals(exact)
        except CellError:
            return  # one by one, to say which it is
        self._whole[places], self._attos[places], self.missing[places] = found.whole, found.attos, False
        if found.rounded:
            rounded = pc.round(exact, ndigits=_EXACT.scale, round_mode="half_to_even")
            self._cut[places] = pc.not_equal(exact, rounded).to_numpy(zero_copy_only=False)

    def put(self, at: int, number: NumberText | None) -> None:
        """Enter one number; None is no amount."""
        if number is None:
            return
        self.missing[at], self._cut[at] = False, number.rounded
        self._whole[at], self._attos[at] = divmod(number.attos, 10**18)
        if number.currencies:
            self._signs[at] = number.currencies

    def spread(self, codes: pa.Array) -> Amounts:
        """An amount a row."""
        places = codes.fill_null(len(self._values)).to_numpy(zero_copy_only=False).astype(np.int64)
        whole, attos = np.append(self._whole, 0)[places], np.append(self._attos, 0)[places]
        signed = np.flatnonzero(np.isin(places, list(self._signs))) if self._signs else ()
        currencies = {int(row): self._signs[int(places[row])] for row in signed}
        rounded = int(np.append(self._cut, False)[places].sum())
        return Amounts(whole, attos, np.append(self.missing, True)[places], rounded, currencies)


def _decimals(column: pa.Array) -> Amounts:
    """Decimals of any width and scale."""
    kind, rounded = column.type, 0
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if kind != _EXACT:
        fits = kind.scale <= _EXACT.scale and kind.precision - kind.scale <= _EXACT.precision - _EXACT.scale
        if fits:
            column = pc.cast(column, _EXACT)
        else:
            column, rounded = _narrowed(column)
    whole, attos = halves(column.fill_null(Decimal(0)))
    return Amounts(whole, attos, missing, rounded)


def _narrowed(column: pa.Array) -> tuple[pa.Array, int]:
    """The decimals rounded to 1e-18, and how many that changed."""
    whole_digits = max(column.type.precision - column.type.scale, 1)
    if whole_digits + max(column.type.scale, _EXACT.scale) > _FINE.precision:
        return _one_by_one(column)
    column = pc.cast(column, pa.decimal256(_FINE.precision, max(column.type.scale, _EXACT.scale)))
    rounded = pc.round(column, ndigits=_EXACT.scale, round_mode="half_to_even")
    count = pc.sum(pc.not_equal(column, rounded)).as_py() or 0
    limit = pa.scalar(Decimal(LARGEST), pa.decimal256(_FINE.precision, 0))
    room = column.type.precision - column.type.scale >= len(str(LARGEST))
    beyond = pc.greater_equal(pc.abs(rounded), limit.cast(column.type)) if room else None
    if beyond is not None and pc.any(beyond).as_py():
        at = pc.index(beyond, pa.scalar(value=True)).as_py()
        raise CellError(at, beyond_range(str(column[at].as_py())))
    return pc.cast(rounded, _EXACT), count


def _one_by_one(column: pa.Array) -> tuple[pa.Array, int]:
    """The same for widths that leave no room to work in."""
    found: list[Decimal | None] = []
    rounded = 0
    for at, value in enumerate(column.to_pylist()):
        if value is None:
            found.append(None)
            continue
        try:
            number = number_of(value, str(value))
        except ValueError as error:
            raise CellError(at, str(error)) from None
        rounded += number.rounded
        found.append(Decimal(number.attos).scaleb(-18, context=WIDE))
    return pa.array(found, _EXACT), rounded


def halves(column: pa.Array) -> tuple[Ints, Ints]:
    """Whole units (rounded down) and attos of ``decimal128(38, 18)`` without nulls, by division in 32-bit limbs.

    Raises:
        CellError: one is beyond the ledger's range.
    """
    if not len(column):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    buffer = np.frombuffer(column.buffers()[1], dtype="<u8").reshape(-1, 2)
    pairs = buffer[column.offset : column.offset + len(column)]
    low, high = pairs[:, 0].copy(), pairs[:, 1].copy()
    negative = high >> np.uint64(63) == 1
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0).astype(np.uint64)
    if not high.any() and int(low.max(initial=0)) < 10**18:
        units, attos = np.zeros(len(low), dtype=np.int64), low.astype(np.int64)
    else:
        units, attos = _divided_by_units(low, high, column)
    whole = np.where(negative, -units - (attos > 0), units)
    return whole, np.where(negative & (attos > 0), 10**18 - attos, attos)


def _divided_by_units(low: _Unsigned, high: _Unsigned, column: pa.Array) -> tuple[Ints, Ints]:
    mask = np.uint64(0xFFFFFFFF)
    limbs = [high >> np.uint64(32), high & mask, low >> np.uint64(32), low & mask]
    limbs, below_nano = _divided(limbs)
    limbs, nanos = _divided(limbs)
    units = (limbs[2] << np.uint64(32)) | limbs[3]
    beyond = (limbs[0] != 0) | (limbs[1] != 0) | (units >= np.uint64(LARGEST))
    if beyond.any():
        at = int(np.argmax(beyond))
        raise CellError(at, beyond_range(f"{column[at].as_py().normalize(WIDE):f}"))
    return units.astype(np.int64), (nanos * np.uint64(10**9) + below_nano).astype(np.int64)


def _divided(limbs: list[_Unsigned]) -> tuple[list[_Unsigned], _Unsigned]:
    billion, rest, quotient = np.uint64(10**9), np.zeros(len(limbs[0]), dtype=np.uint64), []
    for limb in limbs:
        step = (rest << np.uint64(32)) | limb
        quotient.append(step // billion)
        rest = step % billion
    return quotient, rest


def scaled(amounts: Amounts, factors: Ints) -> Amounts:
    """The amounts times a factor (at most 10^9) each, exactly.

    Raises:
        CellError: one is beyond the ledger's range then.
    """
    beyond = np.abs(amounts.whole) >= LARGEST // factors
    if beyond.any():
        at = int(np.argmax(beyond))
        raise CellError(at, beyond_range(f"{int(amounts.whole[at])} × {int(factors[at]):,}"))
    high, low = np.divmod(amounts.attos, 10**9)
    low = low * factors
    high = high * factors + low // 10**9
    whole = amounts.whole * factors + high // 10**9
    return replace(amounts, whole=whole, attos=high % 10**9 * 10**9 + low % 10**9)
