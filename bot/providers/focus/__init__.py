"""FOCUS files (versions 0.5 to 1.4; CSV, TSV, Parquet; packed or not), read as columns, a block at a time.

Source: the FOCUS specification; https://focus.finops.org. Strict about meaning, lenient about spelling: what can only
mean one thing is read however it is written, all else is refused with file, row and column. Rows are counted as a
spreadsheet does: the header is row 1. Days are UTC. Amounts are exact to 1e-18; finer digits are rounded half-even and
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from bot.domain.errors import InvalidFile
from bot.providers._block import Block, TextColumn
from bot.providers.focus import parquet, text
from bot.providers.focus.columns import ColumnReader
from bot.providers.focus.conventions import Conventions, conventions_of
from bot.providers.focus.files import CUT_OFF, Member, is_data, members
from bot.providers.focus.header import read_header
from bot.providers.focus.instants import OrderNeeded
from bot.providers.focus.number_text import MarkNeeded
from bot.providers.focus.prefetch import prefetched
from bot.providers.focus.table import RowTable

__all__ = [
    "Block",
    "Conventions",
    "ConventionsNeeded",
    "Member",
    "TextColumn",
    "find_conventions",
    "is_data",
    "members",
    "prefetched",
    "read",
]


class ConventionsNeeded(Exception):
    """The file has to be read from its start, with what ``find_conventions`` says of it."""


def read(
    member: Member,
    *,
    encoding: str | None = None,
    conventions: Conventions | None = None,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Iterator[Block]:
    """The charges of a table; a file of a header alone gives none.

    ``encoding`` is that of text without a byte order mark, UTF-8 where it is left out; ``progress`` is given how many
    bytes of the file have been read so far.

    Raises:
        InvalidFile: with file, row, column and reason.
        ConventionsNeeded: numbers or dates mean one thing or another by what stands elsewhere in the file.
    """
    header = None
    for table in prefetched(_tables(member, encoding, progress)):
        header = header or read_header(member.name, table.names, table.header_row)
        reader = ColumnReader(member.name, table, header, conventions or Conventions())
        if not len(reader):
            continue
        try:
            block = reader.block()
        except (MarkNeeded, OrderNeeded):
            raise ConventionsNeeded from None
        except (pa.ArrowException, UnicodeError, OverflowError, MemoryError, RecursionError) as error:
            where = f"{member.name}, rows {table.number(0):,} to {table.number(table.size - 1):,}"
            raise InvalidFile(f"{where}: some cell is damaged ({type(error).__name__}).", CUT_OFF) from error
        if len(block):
            yield block


def find_conventions(member: Member, encoding: str | None = None) -> Conventions:
    """How the whole file writes numbers and dates.

    Raises:
        InvalidFile: with row and column, where that stays open.
    """
    return conventions_of(member.name, _tables(member, encoding, lambda _bytes: None))


def _tables(member: Member, encoding: str | None, progress: Callable[[int], None]) -> Iterator[RowTable]:
    return parquet.tables(member, progress) if member.parquet else text.tables(member, encoding, progress)
