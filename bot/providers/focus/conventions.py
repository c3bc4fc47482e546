"""How a whole file writes numbers and dates: a decimal point or comma, the day or the month first.

Found by all its cells, once a cell is met that means one thing in one way and another in the other. What stays open
or contradicts itself is refused with row and column: never a factor of a hundred, never the wrong month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from bot.domain.charge import AMOUNTS
from bot.domain.errors import InvalidFile
from bot.providers.focus.header import TIMES, Header, read_header
from bot.providers.focus.instants import DateOrder, date_order
from bot.providers.focus.number_text import DecimalMark, Mark, mark_of, shown
from bot.providers.focus.table import NO, RowTable

_UNIT_PRICES = ("ListUnitPrice", "ContractedUnitPrice")
_POINT = r"^[+-]?(0?|[1-9][0-9]{3,})\.[0-9]+$|^[+-]?[0-9]+\.([0-9]{1,2}|[0-9]{4,})$"
"""Amounts that have a decimal point for sure, and nothing else."""
_POINT_OR_GROUP = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
_SEPARATED = r",|\..*\."


@dataclass(frozen=True)
class Conventions:
    """None is not known, as long as nobody had to."""

    mark: DecimalMark | None = None
    order: DateOrder | None = None


@dataclass(frozen=True)
class _Place:
    row: int
    column: str
    text: str


def conventions_of(file: str, tables: Iterable[RowTable]) -> Conventions:
    """What the whole file says.

    Raises:
        InvalidFile: with row and column, where that leaves a cell open or contradicts another.
    """
    marks: dict[Mark, _Place] = {}
    dates: dict[str, dict[str, _Place]] = {name: {} for name in TIMES}
    header: Header | None = None
    open_points = False
    for table in tables:
        header = header or read_header(file, table.names, table.header_row)
        open_points = open_points or table.may_have_commas
        for name in (*AMOUNTS, *_UNIT_PRICES):
            for mark, place in _marks(table, header, name):
                marks.setdefault(mark, place)
        for name in TIMES:
            for text, at in _distinct(table, header, name):
                dates[name].setdefault(text, _Place(table.number(at), name, text))
    if header is None:
        return Conventions()
    return Conventions(_mark(file, header, marks, open_points=open_points), _order(file, header, dates))


def _mark(file: str, header: Header, marks: dict[Mark, _Place], *, open_points: bool) -> DecimalMark:
    """``open_points``: a point may group thousands even where no amount has a comma."""
    comma, point, either = (marks.get(mark) for mark in (Mark.COMMA, Mark.POINT, Mark.COMMA_OR_GROUP))
    if comma and point:
        raise _refused(file, header, comma, f"{shown(comma.text)} has a decimal comma, others have a decimal point")
    if comma:
        return ","
    open_ = None if point else either or (marks.get(Mark.POINT_OR_GROUP) if open_points else None)
    if open_:
        mark = "comma" if open_ is either else "point"
        reason = (
            f"{shown(open_.text)} has either a thousands separator or a decimal {mark}, and no other amount shows which"
        )
        raise _refused(file, header, open_, reason)
    return "."


def _order(file: str, header: Header, dates: dict[str, dict[str, _Place]]) -> DateOrder:
    order, open_ = date_order(dates)
    if open_:
        column, text = open_
        reason = f"{shown(text)} has either the day or the month first, and no other date shows which"
        raise _refused(file, header, dates[column][text], reason)
    return order


def _refused(file: str, header: Header, place: _Place, reason: str) -> InvalidFile:
    where = f"{file}, row {place.row}, column {header.name(place.column)}"
    return InvalidFile(f"{where}: {reason}.", "Use amounts like 1234.56 and dates like 2026-11-30.")


def _texts(table: RowTable, header: Header, name: str) -> pa.Array | None:
    place = header.columns.get(name)
    if place is None:
        return None
    column = table.columns[place].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else None


def _marks(table: RowTable, header: Header, name: str) -> Iterator[tuple[Mark, _Place]]:
    column = _texts(table, header, name)
    if column is None:
        return
    point = pc.match_substring_regex(column, _POINT)
    if pc.any(point).as_py():
        at = pc.index(point, True).as_py()
        yield Mark.POINT, _Place(table.number(at), name, column[at].as_py())
    grouped = pc.match_substring_regex(column, _POINT_OR_GROUP)
    if pc.any(grouped).as_py():
        at = pc.index(grouped, True).as_py()
        yield Mark.POINT_OR_GROUP, _Place(table.number(at), name, column[at].as_py())
    plain = pc.match_substring_regex(column, r"^[+-]?[0-9]*\.?[0-9]*$")
    odd = column.filter(pc.or_(pc.invert(plain), pc.match_substring_regex(column, _SEPARATED)).fill_null(NO))
    seen: set[Mark] = set()
    for text in odd.unique().to_pylist():
        mark = mark_of(text)
        if mark not in seen:
            seen.add(mark)
            yield mark, _Place(table.number(pc.index(column, text).as_py()), name, text)


def _distinct(table: RowTable, header: Header, name: str) -> Iterator[tuple[str, int]]:
    column = _texts(table, header, name)
    if column is not None:
        for text in column.unique().drop_null().to_pylist():
            yield text, pc.index(column, text).as_py()
