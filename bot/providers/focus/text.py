"""Delimited text as Arrow tables, a block at a time: Arrow parses what keeps the rules, all else is read slowly.

Rows are counted as a spreadsheet does, blank ones included. A cell holds at most a mebibyte, a row eight.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from bot.domain.errors import InvalidFile
from bot.providers.focus.encoding import NOT_UTF8, Utf8, doubled
from bot.providers.focus.files import CUT_OFF, Member
from bot.providers.focus.header import amount_places, is_header, known_names, read_header
from bot.providers.focus.table import RowTable

LONGEST_CELL = 1 << 20
_LONGEST_ROW = 8 << 20
_BLOCK = 8 << 20
_PARSED_AT_ONCE = 1 << 20
"""Bytes that Arrow parses in one go: what fits into a core's cache is parsed three times as fast."""
_HEAD = 1 << 18
_LINES_BEFORE_HEADER = 30
_LINES_OF_HEADER = 8
_HEADER_FIRST = "Move the header above all charges."
_DELIMITERS = (",", ";", "\t", "|", "\x01", "^", "~")
_EMPTY = [""]
_SLOW_ROWS = 20_000
_QUOTE, _FEED, _RETURN = 34, 10, 13
_END_OF_TEXT = b"\x1a"
"""What old tools of Windows put after the last line."""
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class _Layout:
    """How a file is written."""

    delimiter: str
    names: list[str]
    header_row: int
    start: int
    """The place of the first byte after the header."""


def tables(member: Member, encoding: str | None, progress: Callable[[int], None]) -> Iterator[RowTable]:
    """The rows of a text file.

    Raises:
        InvalidFile: it is no text, no table, or ends in the middle.
    """
    with member.stream(progress) as stream:
        text = Utf8(stream, member.name, encoding)
        head = text.peek(_HEAD)
        layout = _layout(member.name, head)
        if not _well_formed(head, layout.delimiter) and _well_formed(doubled(head), layout.delimiter):
            text.unescape()
            layout = _layout(member.name, doubled(head))
        read_header(member.name, layout.names, layout.header_row)  # a file of another kind is said to be one
        yield from _Blocks(member.name, text, layout).read()


def _layout(name: str, head: bytes) -> _Layout:
    """The delimiter and the header: the line of the first ones that names FOCUS columns."""
    starts, best, held = 0, None, b""
    widest = (0, 0)
    forced: tuple[str, ...] = _DELIMITERS
    for row, line in enumerate(head.split(b"\n")[:_LINES_BEFORE_HEADER], start=1):
        starts += len(line) + 1
        held = held + b"\n" + line if held else line
        if held.count(b'"') % 2 and held.count(b"\n") < _LINES_OF_HEADER:
            continue  # a cell of the header goes on in the next line
        text, held = held.decode(errors="replace").strip("\r\ufeff"), b""
        if row == 1 and (found := _SEPARATOR.fullmatch(text)):
            forced = (found[1],)
            continue
        if not text.strip():
            continue
        splits = [(mark, _split(text, mark)) for mark in forced]
        delimiter, names = max(splits, key=lambda split: (known_names(split[1]), len(split[1])))
        layout = _Layout(delimiter, names, row, min(starts, len(head)))
        if is_header(names):
            if widest[0] > len(names) // 2:
                raise InvalidFile(f"{name}, row {widest[1]}: it stands before the header in row {row}.", _HEADER_FIRST)
            best = layout
            break
        widest = max(widest, (sum(1 for cell in names if cell.strip()), row))
        best = best or layout
    if best is None:
        raise InvalidFile(f"{name} is empty.", "Export it again.")
    if starts > len(head) >= _HEAD:
        raise InvalidFile(f"{name}, row {best.header_row}: it is longer than {_HEAD:,} bytes.", "Is it a bill?")
    return best


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return line.split(delimiter)


class _Marks(NamedTuple):
    """Where quotes and line ends are in a block."""

    end: int
    """After the last line end that is outside quotes; 0 for none."""
    plain: bool
    """Quotes stand only around whole cells, and doubled within them."""
    ends: NDArray[np.intp]
    """The line ends that are outside quotes, up to ``end``."""
    multiline: bool
    """Some cell holds a line end."""


def _marks(block: bytes, delimiter: str, *, last: bool) -> _Marks:
    """``last``: nothing comes after the block."""
    letters = np.frombuffer(block, dtype=np.uint8)
    quotes, feeds = np.flatnonzero(letters == _QUOTE), np.flatnonzero(letters == _FEED)
    inside = np.searchsorted(quotes, feeds) % 2 == 1
    outside = feeds[~inside]
    end = len(block) if last else int(outside[-1]) + 1 if len(outside) else 0
    quotes, outside = quotes[quotes < (end or len(block))], outside[outside < (end or len(block))]
    plain = (len(quotes) % 2 == 0 or not end) and _around_cells(letters, quotes, ord(delimiter))
    return _Marks(end, plain, outside, bool(inside.any()))


def _around_cells(letters: NDArray[np.uint8], quotes: NDArray[np.intp], delimiter: int) -> bool:
    opening, closing = quotes[0::2], quotes[1::2]
    before = letters[np.maximum(opening - 1, 0)]
    begins = (opening == 0) | np.isin(before, (delimiter, _FEED, _RETURN, _QUOTE))
    after = letters[np.minimum(closing + 1, len(letters) - 1)]
    ends = (closing + 1 >= len(letters)) | np.isin(after, (delimiter, _FEED, _RETURN, _QUOTE))
    return bool(begins.all() and ends.all())


def _may_have_blank_lines(block: bytes, ends: NDArray[np.intp]) -> bool:
    """Whether a line may be blank, or ends as none of Arrow's does; seen without reading the block again and again."""
    if block[:1] in b"\r\n" or (b"\r" in block and (b"\n\r" in block or b"\r\r" in block)):
        return True
    return len(ends) > 1 and int(np.diff(ends).min()) == 1


def _without_blank_lines(block: bytes, ends: NDArray[np.intp]) -> tuple[bytes, NDArray[np.bool_]]:
    """The block without its blank lines, and which lines those were."""
    letters = np.frombuffer(block, dtype=np.uint8)
    ends = ends if len(ends) and ends[-1] == len(block) - 1 else np.append(ends, len(block))
    starts = np.append(0, ends[:-1] + 1)
    ink = np.append(0, np.cumsum(~np.isin(letters, (_FEED, _RETURN, 32))))
    blank = ink[np.minimum(ends, len(block))] == ink[starts]
    if not blank.any():
        return block, blank
    kept = np.repeat(~blank, np.minimum(ends + 1, len(block)) - starts)
    return letters[kept].tobytes(), blank


def _well_formed(head: bytes, delimiter: str) -> bool:
    letters = np.frombuffer(head, dtype=np.uint8)
    return _around_cells(letters, np.flatnonzero(letters == _QUOTE)[:-2], ord(delimiter))


class _Blocks:
    """The rows after the header, in blocks that end with a row."""

    def __init__(self, name: str, text: Utf8, layout: _Layout) -> None:
        self._name, self._text, self._layout = name, text, layout
        self._row = layout.header_row + 1
        self._width = len(layout.names)
        while self._width and not layout.names[self._width - 1].strip():
            self._width -= 1  # a delimiter at the end of the header
        amounts = amount_places(layout.names)
        dictionary = pa.dictionary(pa.int32(), pa.string())
        self._titles = [f"c{place}" for place in range(len(layout.names))]
        self._types = {
            title: pa.string() if place in amounts else dictionary for place, title in enumerate(self._titles)
        }

    def read(self) -> Iterator[RowTable]:
        """Every row; one table without rows where there are none."""
        held, ended, any_rows = self._text.read(_BLOCK)[self._layout.start :], False, False
        while not ended:
            held, ended = self._more(held)
            if not held or (len(held) < _BLOCK and not ended):
                continue
            if held.isspace():
                self._row, held = self._row + held.count(b"\n"), b""
                continue
            marks = _marks(held, self._layout.delimiter, last=ended)
            if not marks.plain:
                for table in self._slowly(held, ended=ended):
                    any_rows = True
                    yield table
                break
            if not marks.end:
                if len(held) > _LONGEST_ROW:
                    raise self._too_long(self._row)
                continue
            block, held = held[: marks.end], held[marks.end :]
            for table in self._filled(block, marks):
                any_rows = True
                yield table
        if not any_rows:
            yield self._table([], np.zeros(0, dtype=np.int64))

    def _more(self, held: bytes) -> tuple[bytes, bool]:
        """What is held and the next bytes, and whether those were the last."""
        chunk = self._text.read(_BLOCK)
        return (held + chunk, False) if chunk else (held.removesuffix(_END_OF_TEXT), True)

    def _too_long(self, row: int) -> InvalidFile:
        return InvalidFile(f"{self._name}, row {row}: it is longer than {_LONGEST_ROW:,} bytes.", "Is a quote missing?")

    def _filled(self, block: bytes, marks: _Marks) -> Iterator[RowTable]:
        """The rows of a block; blank lines are counted, and left out."""
        first = self._row
        if not _may_have_blank_lines(block, marks.ends):
            filled, blank = block, None
        else:
            filled, blank = _without_blank_lines(block, marks.ends)
            filled = filled.replace(b"\r\r\n", b"\r\n")
        try:
            found = self._parsed(filled, multiline=marks.multiline) if filled else None
        except pa.ArrowException:
            yield from self._records(io.StringIO(self._decoded(block.replace(b"\r\r\n", b"\r\n")), newline=""))
            return
        if blank is not None:
            numbers = np.flatnonzero(~blank) + first
            if found is not None:
                yield self._rows(found.columns, int(numbers[0]), numbers[: found.num_rows])
            self._row = first + len(blank)
        elif found is not None:
            yield self._rows(found.columns, first)
            self._row += found.num_rows

    def _parsed(self, block: bytes, *, multiline: bool) -> pa.Table:
        return arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(use_threads=True, block_size=_PARSED_AT_ONCE, column_names=self._titles),
            arrow_csv.ParseOptions(delimiter=self._layout.delimiter, newlines_in_values=multiline),
            arrow_csv.ConvertOptions(
                column_types=self._types,
                null_values=_EMPTY,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    def _decoded(self, block: bytes) -> str:
        try:
            return block.decode()
        except UnicodeDecodeError as error:
            row = self._row + block.count(b"\n", 0, error.start)
            raise InvalidFile(f"{self._name}, row {row}: it is not UTF-8 text.", NOT_UTF8) from error

    def _slowly(self, held: bytes, *, ended: bool) -> Iterator[RowTable]:
        """All that is left, by the standard library's parser: it reads quotes within cells and blank lines."""
        yield from self._records(self._lines(held, ended=ended))

    def _lines(self, held: bytes, *, ended: bool) -> Iterator[str]:
        row = self._row
        while True:
            end = held.rfind(b"\n") + 1
            if not end and len(held) > _LONGEST_ROW:
                raise self._too_long(row)
            for line in io.StringIO(self._decoded(held[:end]), newline=""):
                row += 1
                yield line
            held = held[end:]
            if ended:
                break
            chunk = self._text.read(1 << 20)
            ended, held = not chunk, held + chunk
        if held:
            yield self._decoded(held)

    def _records(self, lines: Iterator[str] | io.StringIO) -> Iterator[RowTable]:
        csv.field_size_limit(LONGEST_CELL)
        reader = csv.reader(lines, delimiter=self._layout.delimiter, strict=True, skipinitialspace=True)
        cells: list[list[str]] = []
        numbers: list[int] = []
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise self._misquoted(str(error)) from None
            if record is None:
                break
            if any(cell.strip() for cell in record):
                cells.append(self._fitted(record))
                numbers.append(self._row)
            self._row += 1
            if len(cells) >= _SLOW_ROWS:
                yield self._table(cells, np.array(numbers))
                cells, numbers = [], []
        if cells:
            yield self._table(cells, np.array(numbers))

    def _misquoted(self, reason: str) -> InvalidFile:
        where = f"{self._name}, row {self._row}"
        if "field larger" in reason:
            return InvalidFile(f"{where}: a cell is longer than {LONGEST_CELL:,} bytes.", "Is a quote missing?")
        if "NUL" in reason:
            return InvalidFile(f"{where}: it has a zero byte, so it is not text.", CUT_OFF)
        if "unexpected end" in reason:
            return InvalidFile(f"{self._name}: it ends inside a quoted cell in its last row.", CUT_OFF)
        return InvalidFile(
            f"{where}: a quoted cell continues after its closing quote.", "Double the quotes inside cells."
        )

    def _fitted(self, record: list[str]) -> list[str]:
        """A row as wide as the header; empty cells beyond it are a delimiter at the end of the line."""
        width = len(self._layout.names)
        if len(record) > width and not any(record[width:]):
            record = record[:width]
        if not self._width <= len(record) <= width:
            raise InvalidFile(
                f"{self._name}, row {self._row}: it has {len(record)} columns where the header has {self._width}.",
                CUT_OFF,
            )
        return record + [""] * (width - len(record))

    def _table(self, cells: Sequence[Sequence[str]], numbers: NDArray[np.int64]) -> RowTable:
        columns = zip(*cells, strict=True) if cells else ([] for _ in self._layout.names)
        arrays = [pa.chunked_array([pa.array([cell or None for cell in column], pa.string())]) for column in columns]
        first = int(numbers[0]) if len(numbers) else self._row
        return self._rows(arrays, first, numbers)

    def _rows(
        self, columns: Sequence[pa.ChunkedArray], first: int, numbers: NDArray[np.int64] | None = None
    ) -> RowTable:
        layout = self._layout
        return RowTable(layout.names, columns, first, numbers, layout.header_row, layout.delimiter == ";")
