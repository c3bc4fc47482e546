"""Tables as they are once read: kept in a cache, so that a start does not read TOML anew.

A cache holds for the text of its table, the code that reads it and the Python that runs it; any other is made anew. It
lies beside the compiled modules, else in the user's cache folder; where neither can be written, each start reads TOML.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def read_table(code: str, name: str, kind: type[T], read: Callable[[Mapping[str, Any]], T]) -> T:
    """What ``read`` makes of ``name.toml``, from the cache where that is kept.

    ``code`` is the module (its ``__file__``) that it rests on, which lies beside the table.
    """
    path = Path(code).with_name(f"{name}.toml")
    text = path.read_bytes()
    mark = _mark(text, Path(code))
    places = _places(path)
    for place in places:
        with suppress(OSError, msgspec.DecodeError):
            content = place.read_bytes()
            if content.startswith(mark):
                return msgspec.msgpack.decode(content[len(mark) :], type=kind)
    import tomllib  # only where nothing is kept

    found = read(tomllib.loads(text.decode()))
    _keep(places, mark + msgspec.msgpack.encode(found))
    return found


def _mark(text: bytes, code: Path) -> bytes:
    digest = blake2b(text, digest_size=16)
    for module in (Path(__file__), code):
        digest.update(module.read_bytes())
    return digest.digest()


def _places(path: Path) -> list[Path]:
    name = f"{path.stem}.{sys.implementation.cache_tag}.tables"
    found = [path.parent / "__pycache__" / name]
    with suppress(RuntimeError):  # a user without a home
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found.append(Path(cache) / "spend" / name)
    return found


def _keep(places: Sequence[Path], content: bytes) -> None:
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
