"""The tables of the language as they are once read: kept in a cache, so that a start does not read TOML anew.

A cache holds for the text of its table, the code that reads it and the Python that runs it; any other is made anew. It
lies beside the compiled modules, else in the user's cache folder; where neither can be written, each start reads TOML.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import msgspec

_FOLDER = Path(__file__).parent
_READING = ("tables.py", "lexicon.py", "grammar.py")
"""The code that what is kept depends upon."""
T = TypeVar("T")


def read_table(name: str, kind: type[T], read: Callable[[Mapping[str, Any]], T]) -> T:
    """What ``read`` makes of ``name.toml``, from the cache where that is kept."""
    text = (_FOLDER / f"{name}.toml").read_bytes()
    mark = _mark(text)
    places = _places(f"{name}.{sys.implementation.cache_tag}.tables")
    for place in places:
        with suppress(OSError, msgspec.DecodeError):
            kept = place.read_bytes()
            if kept.startswith(mark):
                return msgspec.msgpack.decode(kept[len(mark) :], type=kind)
    found = read(tomllib.loads(text.decode()))
    _keep(places, mark + msgspec.msgpack.encode(found))
    return found


def _mark(text: bytes) -> bytes:
    digest = blake2b(text, digest_size=16)
    for name in _READING:
        digest.update((_FOLDER / name).read_bytes())
    return digest.digest()


def _places(name: str) -> list[Path]:
    found = [_FOLDER / "__pycache__" / name]
    with suppress(RuntimeError):  # a user without a home
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found.append(Path(cache) / "spend" / name)
    return found


def _keep(places: list[Path], content: bytes) -> None:
    """Write it where it can be, in one step: who reads at the same time sees the whole or nothing."""
    for place in places:
        unfinished = place.with_suffix(f".{os.getpid()}")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            unfinished.replace(place)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
        else:
            return


def fill() -> None:
    """Read every table once, so that the first start finds them kept."""
    from bot.language import entities, grammar, lexicon  # they read their tables from here

    lexicon.lexicon()
    grammar.rules()
    entities.shipped()
