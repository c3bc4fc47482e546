"""FOCUS files as Arrow tables: CSV, CSV.gz and Parquet, a block at a time."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from bot.domain.errors import InvalidFile

_BLOCK_BYTES = 32 << 20
"""How much text is read at once."""
_NOTHING = ["", "NULL", "null"]
_CUT_OFF = "It may be cut off; fetch it again."


def tables(path: Path, progress: Callable[[int], None]) -> Iterator[pa.Table]:
    """The file as Arrow tables, a block at a time; CSV cells are text.

    Raises:
        InvalidFile: it is not there, cut off, damaged, or of another kind.
    """
    with _explained(path):
        if path.suffix == ".parquet":
            yield from _parquet(path, progress)
        elif path.name.endswith((".csv", ".csv.gz")):
            yield from _csv(path, progress)
        else:
            raise InvalidFile(f"{path.name} is neither .csv, .csv.gz nor .parquet.", "Rename or convert it.")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidFile(f"There is no file {path}.", "Check the path.") from error
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        text = " ".join(str(error).split())
        place = re.search(r"Row #?(\d+)", text)
        where = f", row {place[1]}" if place else ""
        reason = _reason(text)
        raise InvalidFile(f"{path.name}{where}: {reason}.", _CUT_OFF) from error


def _reason(text: str) -> str:
    if "Empty CSV" in text:
        return "the file is empty"
    if any(word in text for word in ("zlib", "gzip", "compressed", "Truncated")):
        return "the compressed data ends early or is damaged"
    if "UTF8" in text or "utf-8" in text.lower():
        return "it is not UTF-8 text"
    if "arquet" in text:
        return "it is not a whole Parquet file"
    return text[:200].rstrip(".")


def _csv(path: Path, progress: Callable[[int], None]) -> Iterator[pa.Table]:
    from pyarrow import csv  # noqa: PLC0415 - Parquet files do without

    with _source(path) as (_raw, stream):
        names = _csv_names(path, stream)
    as_text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=_NOTHING,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    try:
        with _source(path) as (raw, stream):
            watched = _Watched(stream)
            reader = csv.open_csv(
                watched,
                read_options=csv.ReadOptions(block_size=_BLOCK_BYTES),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=as_text,
            )
            for batch in reader:
                progress(raw.tell())
                yield pa.Table.from_batches([batch])
            if watched.open:
                raise InvalidFile(f"{path.name}: it ends within a quoted cell of its last row.", _CUT_OFF)
    except pa.ArrowInvalid as error:
        if "columns, got" not in str(error):
            raise
        raise InvalidFile(f"{path.name}{_ragged(path, len(names))}.", _CUT_OFF) from None


class _Watched:
    """A stream that notes whether it ended in the middle of a quoted cell, which Arrow takes for its end."""

    closed = False

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream, self._quotes, self._last = stream, 0, b""

    @property
    def open(self) -> bool:
        """Whether a quote is left open, and no line end follows."""
        return self._quotes % 2 == 1 and self._last not in (b"\n", b"\r")

    def read(self, size: int) -> bytes:
        """What comes next."""
        chunk: bytes = self._stream.read(size)
        self._quotes += chunk.count(b'"')
        self._last = chunk[-1:] or self._last
        return chunk


def _ragged(path: Path, width: int) -> str:
    """Where the first row of another width is: looked for slowly, once something is wrong."""
    import csv  # noqa: PLC0415 - only for this

    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as lines:
        for row, cells in enumerate(csv.reader(lines), start=1):
            if cells and len(cells) != width:
                return f", row {row}: it has {len(cells)} columns where the header has {width}"
    return ": its rows do not fit its header"


@contextmanager
def _source(path: Path) -> Iterator[tuple[pa.NativeFile, pa.NativeFile]]:
    with pa.OSFile(str(path)) as raw:
        if path.suffix == ".gz":
            with pa.CompressedInputStream(raw, "gzip") as stream:
                yield raw, stream
        else:
            yield raw, raw


def _csv_names(path: Path, stream: pa.NativeFile) -> list[str]:
    import csv  # noqa: PLC0415 - the standard one, for the header alone

    head = stream.read(1 << 16).split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    if not head.strip():
        raise InvalidFile(f"{path.name} is empty.", "Export it again.")
    return next(csv.reader([head.rstrip("\r")]))


def _parquet(path: Path, progress: Callable[[int], None]) -> Iterator[pa.Table]:
    from pyarrow import parquet  # noqa: PLC0415 - CSV files do without

    with parquet.ParquetFile(path) as file:
        size, rows, done = path.stat().st_size, max(file.metadata.num_rows, 1), 0
        for batch in file.iter_batches(batch_size=200_000):
            done += batch.num_rows
            progress(size * done // rows)
            yield pa.Table.from_batches([batch])
