"""The tables of the language: read once from TOML, and from a cache in every later process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bot import table_cache

_FOLDER = Path(__file__).parent
_READING = [_FOLDER / f"{name}.py" for name in ("lexicon", "grammar")]
"""The code that what is kept depends upon."""
T = TypeVar("T")


def read_table(name: str, kind: type[T], read: Callable[[Mapping[str, Any]], T]) -> T:
    """What ``read`` makes of ``name.toml``."""
    return table_cache.read_table(_FOLDER / f"{name}.toml", kind, read, _READING)


@cache
def shipped_aliases() -> dict[str, dict[str, list[str]]]:
    """The aliases that ship: names of a dimension by what people call them."""
    return read_table("aliases", dict[str, dict[str, list[str]]], dict)


def fill() -> None:
    """Read every table once, so that the first start finds them kept."""
    from bot.language import grammar, lexicon  # they read their tables from here

    lexicon.lexicon()
    grammar.rules()
    shipped_aliases()
