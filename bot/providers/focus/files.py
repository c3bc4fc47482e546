"""The files that bills come in: plain, compressed (gzip, zstd, bzip2, xz) or several in a zip; by content, not by name.

Everything is read as a stream of bounded memory. What unpacks to far more than a bill can be is refused.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

import pyarrow as pa

from bot.domain.errors import InvalidFile

CUT_OFF = "It may be truncated; download it again."
_LEAST_UNPACKED = 256 << 20
"""Bytes up to which anything may unpack."""
_MOST_TIMES = 200
"""How many times its packed size a larger file may unpack to; real bills are below 50."""
_MOST_MEMBERS = 10_000
_LAYERS = 3
_CHUNK = 1 << 20
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x04\x22\x4d\x18": "lz4",
}
_PARQUET = b"PAR1"
_FOREIGN = tuple(
    (re.compile(pattern, re.IGNORECASE), what)
    for pattern, what in (
        (rb"%PDF-", "a PDF"),
        (rb"Obj\x01", "an Avro file"),
        (rb"ORC", "an ORC file"),
        (rb"ARROW1|FEA1", "an Arrow file"),
        (rb"PARE", "an encrypted Parquet file"),
        (rb"SQLite format 3\0", "a SQLite database"),
        (rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html)", "a web page, perhaps that of a login"),
        (rb"(?:\xef\xbb\xbf)?\s*<\?xml", "an XML document, perhaps an error message"),
        (rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*\{)", "JSON"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (rb"Rar!\x1a\x07", "a RAR archive"),
        (rb"\x1f\x9d", "compressed with compress"),
        (rb"\xff\x06\0\0sNaPpY", "compressed with Snappy"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
        (rb"version https://git-lfs", "a pointer to a file in Git LFS"),
    )
)
"""What other files begin with."""
_IGNORED = frozenset(
    [
        ".json",
        ".md",
        ".html",
        ".htm",
        ".pdf",
        ".xml",
        ".sha256",
        ".md5",
        ".crc",
        ".sig",
        ".yml",
        ".yaml",
        ".sql",
        ".png",
        ".jpg",
        ".svg",
        ".log",
        ".ini",
        ".db",
    ]
)
"""What stands beside bills in archives and folders: manifests, checksums, notes."""


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer only at the end."""


@dataclass(frozen=True)
class Member:
    """One table within a file."""

    name: str
    """For people: the file's name and, in an archive, the member's."""
    parquet: bool
    path: Path
    inside: str = ""
    """The member's name in a zip."""

    @contextmanager
    def stream(self, progress: Callable[[int], None] = lambda _bytes: None) -> Iterator[Stream]:
        """Its bytes, unpacked. ``progress`` is given how many bytes of the file have been read.

        Raises:
            InvalidFile: it is damaged, cut off, or unpacks to more than a bill can be.
        """
        with explained(self.name), ExitStack() as opened:
            raw = _Raw(opened.enter_context(self.path.open("rb")), progress)
            yield _unpacked(opened, raw, self.inside, self.name, self.path.stat().st_size)

    @contextmanager
    def seekable(self, progress: Callable[[int], None] = lambda _bytes: None) -> Iterator[Path | IO[bytes]]:
        """The same as a file that can be read from anywhere."""
        with self.path.open("rb") as file:
            plain = file.read(4) == _PARQUET
        if plain:
            yield self.path
            return
        with TemporaryFile() as local:
            with self.stream(progress) as stream:
                while chunk := stream.read(_CHUNK):
                    local.write(chunk)
            local.seek(0)
            yield local


def members(path: Path) -> list[Member]:
    """The tables that a file holds: itself, or those of a zip.

    Raises:
        InvalidFile: it is missing, empty, or holds no table.
    """
    with explained(path.name):
        if not path.is_file():
            raise InvalidFile(f"There is no file {path}.", "Check the path.")
        if not path.stat().st_size:
            raise InvalidFile(f"{path.name} is empty.", "Export it again.")
        with path.open("rb") as file:
            start = file.read(4)
        found = _of_zip(path) if start[:2] == b"PK" else [(path.name, "")]
        return [_member(name, path, inside) for name, inside in found]


def _member(name: str, path: Path, inside: str) -> Member:
    with Member(name, parquet=False, path=path, inside=inside).stream() as stream:
        start = stream.read(512)
    if start[:2] == b"PK":
        raise InvalidFile(f"{name} is an archive within an archive.", "Unpack it, and import the files in it.")
    if start[257:262] == b"ustar":
        raise InvalidFile(f"{name} is a tar archive.", "Unpack it, and import the files in it.")
    if what := next((what for pattern, what in _FOREIGN if pattern.match(start)), None):
        raise InvalidFile(f"{name} is {what}.", "Export the charges as FOCUS, in CSV or Parquet.")
    return Member(name, parquet=start[:4] == _PARQUET, path=path, inside=inside)


def is_data(name: str) -> bool:
    """Whether a file of an archive or folder may hold charges, by its name."""
    place = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith((".", "_", "~$")) for part in place.parts)
    note = re.match(r"(readme|license|notice|changelog|sha256sums|md5sums)\b", place.name.casefold())
    return not hidden and not note and place.suffix.casefold() not in _IGNORED


def _of_zip(path: Path) -> list[tuple[str, str]]:
    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        if any(member.filename == "[Content_Types].xml" for member in listed):
            raise InvalidFile(f"{path.name} is an Excel workbook.", "Save it as CSV, and import that.")
        if listed and listed[0].filename == "mimetype":
            raise InvalidFile(f"{path.name} is an OpenDocument spreadsheet.", "Save it as CSV, and import that.")
        data = [member for member in listed if not member.is_dir() and is_data(member.filename)]
        chosen = [member for member in data if member.file_size] or data
        if not chosen:
            raise InvalidFile(f"{path.name} has no bill in it.", "Add CSV or Parquet files to it.")
        if len(chosen) > _MOST_MEMBERS:
            raise InvalidFile(f"{path.name} has more than {_MOST_MEMBERS:,} files.", "Import them in parts.")
        if any(member.flag_bits & 1 for member in chosen):
            raise InvalidFile(f"{path.name} is locked with a password.", "Unpack it first.")
        alone = len(chosen) == 1
        names = sorted(member.filename for member in chosen)
        return [(path.name if alone else f"{path.name}: {name}", name) for name in names]


def most_unpacked(size: int) -> int:
    """Bytes up to which a file of so many may unpack."""
    return max(_LEAST_UNPACKED, _MOST_TIMES * size)


class _Raw:
    """A file that says how much of it has been read."""

    def __init__(self, file: IO[bytes], progress: Callable[[int], None]) -> None:
        self._file, self._progress = file, progress

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._progress(self._file.tell())
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return self._file.seekable()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._file.close()


class _Bounded:
    """A stream that is refused once more comes out of it than a bill can be."""

    def __init__(self, stream: Stream, name: str, limit: int) -> None:
        self._stream, self._name, self._left = stream, name, limit

    def read(self, size: int) -> bytes:
        parts, missing = [], size
        while missing > 0 and (chunk := self._stream.read(missing)):
            parts.append(chunk)
            missing -= len(chunk)
            self._left -= len(chunk)
            if self._left < 0:
                raise InvalidFile(f"{self._name} unpacks to more data than a bill can have.", "Unpack it and check it.")
        return b"".join(parts)


class _Begun:
    """A stream of which some bytes have been looked at."""

    def __init__(self, start: bytes, stream: Stream) -> None:
        self._start, self._stream = start, stream

    def read(self, size: int = -1) -> bytes:
        if not self._start:
            return self._stream.read(size)
        if size < 0:
            taken, self._start = self._start, b""
            return taken + self._stream.read(size)
        taken, self._start = self._start[:size], self._start[size:]
        return taken + (self._stream.read(size - len(taken)) if len(taken) < size else b"")

    closed = False

    def close(self) -> None:
        """The file beneath is closed by whoever opened it."""


def _unpacked(opened: ExitStack, raw: _Raw, inside: str, name: str, size: int) -> Stream:
    stream: Any = raw
    limit = most_unpacked(size)
    if inside:
        archive = opened.enter_context(zipfile.ZipFile(raw))
        stream = _Bounded(opened.enter_context(archive.open(inside)), name, limit)
    for _ in range(_LAYERS):
        start = stream.read(8)
        kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
        stream = _Begun(start, stream)
        if kind is None:
            return _Bounded(stream, name, limit) if inside else stream
        stream = _Bounded(_decompressed(opened, kind, stream), name, limit)
    raise InvalidFile(f"{name} is compressed more than {_LAYERS - 1} times.", "Unpack it first.")


def _decompressed(opened: ExitStack, kind: str, stream: IO[bytes]) -> Stream:
    match kind:
        case "gzip":
            return opened.enter_context(gzip.GzipFile(fileobj=stream))
        case "bzip2":
            return opened.enter_context(bz2.BZ2File(stream))
        case "xz":
            return opened.enter_context(lzma.LZMAFile(stream))
    unpacked: Stream = opened.enter_context(pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), kind))
    return unpacked


@contextmanager
def explained(name: str) -> Iterator[None]:
    """What goes wrong while a file is read, as a sentence.

    Raises:
        InvalidFile: instead of whatever a library raises.
    """
    try:
        yield
    except InvalidFile:
        raise
    except FileNotFoundError as error:
        raise InvalidFile(f"There is no file {name}.", "Check the path.") from error
    except (PermissionError, IsADirectoryError) as error:
        raise InvalidFile(f"{name} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
    except (RuntimeError, NotImplementedError) as error:
        raise InvalidFile(f"{name} uses a compression that can't be read.", "Unpack it first.") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError, pa.ArrowException, ValueError) as error:
        raise InvalidFile(f"{name}: the compressed data is truncated or damaged.", CUT_OFF) from error
