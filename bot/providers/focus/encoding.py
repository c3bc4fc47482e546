"""The text of a file as UTF-8, from whatever encoding its first bytes or the person who imports it name."""

from __future__ import annotations

import codecs
import re

from bot.domain.errors import InvalidFile
from bot.providers.focus.files import Stream

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 1 << 16
_ESCAPED = re.compile(rb'\\([\\"])')
NOT_UTF8 = "Save it as UTF-8, or name its encoding: spend import --encoding latin-1."


class Utf8:
    """A stream of UTF-8, whatever the file's own encoding; its lines end with a line feed.

    Raises:
        InvalidFile: the file holds no text, or not in the encoding that it names.
    """

    def __init__(self, stream: Stream, name: str, encoding: str | None) -> None:
        self._stream, self._name = stream, name
        start = b""
        while len(start) < _LOOKED_AT and (chunk := stream.read(_LOOKED_AT - len(start))):
            start += chunk
        mark, implied = next(((mark, implied) for mark, implied in _MARKS if start.startswith(mark)), (b"", None))
        self._encoding = implied or _without_mark(start, name) or encoding or "utf-8"
        self._decoder = None if _is_utf8(self._encoding) else _decoder(self._encoding)
        self._held = self._translated(start[len(mark) :], final=len(start) < _LOOKED_AT)
        self._returns = b"\n" not in self._held and b"\r" in self._held
        self._backslashes, self._carry = False, b""
        self._held = self._lines(self._held)

    def read(self, size: int) -> bytes:
        """About so many bytes; none at the end."""
        if self._held:
            taken, self._held = self._held, b""
        else:
            chunk = self._stream.read(size)
            taken = self._lines(self._translated(chunk, final=not chunk))
        return self._unescaped(taken) if self._backslashes else taken

    def peek(self, size: int) -> bytes:
        """The next bytes, which are read again."""
        while len(self._held) < size:
            chunk = self._stream.read(size)
            self._held += self._lines(self._translated(chunk, final=not chunk))
            if not chunk:
                break
        return self._held

    def unescape(self) -> None:
        """From here on a quote is written with a backslash before it, as Spark does; it is doubled instead."""
        self._backslashes = True

    def _unescaped(self, taken: bytes) -> bytes:
        taken = self._carry + taken
        odd = (len(taken) - len(taken.rstrip(b"\\"))) % 2 if taken else 0
        self._carry = taken[-1:] if odd else b""
        return doubled(taken[: len(taken) - odd])

    def _lines(self, taken: bytes) -> bytes:
        taken = taken.replace(b"\r", b"\n") if self._returns else taken
        # where files were put one after the other, each begins with a mark of its own
        return taken.replace(b"\n" + codecs.BOM_UTF8, b"\n") if b"\xef" in taken else taken

    def _translated(self, taken: bytes, *, final: bool) -> bytes:
        if self._decoder is None:
            return taken
        try:
            return self._decoder.decode(taken, final).encode()
        except UnicodeError as error:
            raise InvalidFile(f"{self._name}: it is not {self._encoding.upper()} text.", NOT_UTF8) from error


def doubled(text: bytes) -> bytes:
    r"""``\"`` as ``""``, and ``\\`` as one backslash."""
    return _ESCAPED.sub(lambda found: b'""' if found[1] == b'"' else found[1], text)


def _without_mark(start: bytes, name: str) -> str | None:
    """UTF-16 without its mark: every other byte of a header is zero."""
    if b"\0" not in start:
        return None
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > 0.4 * len(start[0::2]) and min(even, odd) < 0.1 * len(start[0::2]):
        return "utf-16-be" if even > odd else "utf-16-le"
    raise InvalidFile(f"{name} is neither text nor Parquet.", "Export the charges as CSV or Parquet.")


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in ("utf-8", "ascii", "utf-8-sig")
    except LookupError:
        return False


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)("strict")
    except LookupError:
        raise InvalidFile(
            f"{encoding!r} is not a supported encoding.", "Use utf-8, utf-16, latin-1 or cp1252."
        ) from None
