"""Tags in every shape that generators and people's tools give them, as one JSON object of texts.

JSON objects, lists of ``{"key", "value"}``, pairs without braces (Azure), ``{team=core, env=prod}`` (Athena, DuckDB),
``team=core;env=prod``, what Python, Scala and Go print, Parquet's maps, structs and lists of them. What has no value
is no tag; booleans and numbers are as JSON writes them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

_LONGEST = 1 << 18
"""Characters of the longest cell of tags."""
_SHORT = 500
"""Characters of a cell that is worth remembering: tags are the same in row after row."""
_KEYS, _VALUES = ("key", "name", "tagkey", "k"), ("value", "tagvalue", "v")
_TWO = 2
"""A key and a value."""
_LABEL = re.compile(r"([^=:\s][^=:]*?)\s*[=:]\s*(.+)", re.DOTALL)
"""One tag of a list of texts: ``team:core``."""
_NO_TAGS = frozenset(
    {"", "null", "none", "{}", "[]", "nan", "\\n", "<na>", "na", "n/a", "#n/a", "(null)", "-", "map[]", "map()"}
)
_GO_MAP = re.compile(r"map\[((?:[^\s:\[\]]+:[^\s:\[\]]*)(?: [^\s:\[\]]+:[^\s:\[\]]*)*)\]")


def tags_json(value: object) -> str:
    """Tags as JSON in one spelling, ``""`` for none.

    Raises:
        ValueError: they are no tags.
    """
    if isinstance(value, str) and len(value) < _SHORT:
        return _short_text(value)
    return _tags_json(value)


@lru_cache(maxsize=20_000)
def _short_text(text: str) -> str:
    return _tags_json(text)


def _tags_json(value: object) -> str:
    if isinstance(value, str):
        value = _parsed(value.strip())
    tags = dict(_pairs(value))
    texts = {key: text for key, value in tags.items() if key and (text := tag_text(value))}
    return json.dumps(texts, sort_keys=True, ensure_ascii=False) if texts else ""


def tag_text(value: object) -> str:
    """A tag's value as text; ``""`` for none."""
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case Decimal():
            text = format(value, "f")
        case datetime() | date():
            text = value.isoformat()
        case bytes():
            text = value.decode(errors="replace")
        case Mapping() | list() | tuple():
            text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)
        case _:
            text = str(value)
    return text


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


def _pairs(value: object) -> Iterable[tuple[str, Any]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        entry = _entry(value)
        yield from [entry] if entry and len(value) == _TWO else ((str(k), item) for k, item in value.items())
        return
    if not isinstance(value, list | tuple):
        raise ValueError("no tags")  # noqa: TRY004 - of the cell, not of the program
    for element in value:
        if isinstance(element, Mapping):
            entry = _entry(element)
            yield from [entry] if entry else ((str(k), item) for k, item in element.items())
        elif isinstance(element, list | tuple) and len(element) == _TWO and not isinstance(element[0], tuple):
            yield str(element[0]), element[1]
        elif isinstance(element, list) and all(isinstance(pair, tuple) and len(pair) == _TWO for pair in element):
            yield from ((str(key), item) for key, item in element)
        elif isinstance(element, str) and (found := _LABEL.fullmatch(element.strip())):
            yield found[1], found[2]
        elif element is not None:
            raise ValueError("no tags")


def _entry(value: Mapping[Any, Any]) -> tuple[str, Any] | None:
    """The key and value of an entry that names them so."""
    lower = {str(key).casefold(): item for key, item in value.items()}
    key = next((lower[name] for name in _KEYS if name in lower), None)
    if key is None or not any(name in lower for name in _VALUES):
        return None
    return str(key), next(lower[name] for name in _VALUES if name in lower)


def _parsed(text: str) -> object:
    if len(text) > _LONGEST:
        raise ValueError("too long")
    if text.casefold() in _NO_TAGS:
        return None
    for read in (_json, _braced, _python, _requoted, _arrows, _go, _scala, _duckdb, _assigned):
        try:
            found = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if found is not None:
            return found
    raise ValueError("no tags")


def _json(text: str) -> object:
    found = json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)
    return _json(found) if isinstance(found, str) and found.strip()[:1] in ("{", "[") else found


def _braced(text: str) -> object:
    """Pairs without braces: ``"team": "core","env": "prod"``."""
    return None if text.startswith(("{", "[")) else _json(f"{{{text.rstrip(',')}}}")


def _python(text: str) -> object:
    """``{'team': 'core'}`` and ``[('team', 'core')]``, as Python prints them."""
    return ast.literal_eval(text) if text.startswith(("{", "[", "(")) else None


def _requoted(text: str) -> object:
    """JSON whose quotes were escaped once more than needed, or that stands in quotes of its own."""
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
    for mark in ('""', '\\"'):
        if mark in bare:
            bare = bare.replace(mark, '"')
    return _json(bare) if bare != text and bare.startswith(("{", "[")) else None


def _arrows(text: str) -> object:
    """``"team"=>"core"``, as PostgreSQL and Ruby print it."""
    if "=>" not in text:
        return None
    inner = re.sub(r'"\s*=>\s*(?=["N\dtfn])', '": ', text.strip("{}"))
    return _json("{" + re.sub(r": (?:NULL|nil)(?=[,}]|$)", ": null", inner) + "}")


def _go(text: str) -> object:
    """``map[env:prod team:core]``, as Go prints it."""
    found = _GO_MAP.fullmatch(text)
    return dict(pair.split(":", 1) for pair in found[1].split(" ")) if found else None


def _scala(text: str) -> object:
    """``{team -> core}`` and ``Map(team -> core)``, as Spark prints them."""
    found = re.fullmatch(r"(?:Map\((.*)\)|\{(.*)\})", text, re.DOTALL)
    inner = next(filter(None, found.groups()), "") if found else ""
    parts = [part.partition(" -> ") for part in re.split(r",\s*(?=[^,]+? -> )", inner)]
    if not all(key.strip() and arrow for key, arrow, _ in parts):
        return None
    return {key.strip(): value.strip() for key, _, value in parts if value.strip() != "null"}


def _duckdb(text: str) -> object:
    """``{'team': core, 'env': prod}``, as DuckDB prints a struct."""
    if not re.fullmatch(r"\{'[^']+': .*\}", text, re.DOTALL):
        return None
    parts = re.split(r",\s*(?='[^']+': )", text[1:-1])
    pairs = [part.partition("': ") for part in parts]
    return {key[1:]: value.strip().strip("'") for key, _, value in pairs if value.strip() != "NULL"}


def _assigned(text: str) -> object:
    """``{team=core, env=prod}``, ``team=core;env=prod``, ``team:core|env:prod``."""
    if "=>" in text:
        return None
    inner = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    for mark, between in (("=", ";"), ("=", "|"), ("=", "&"), ("=", ","), (":", ";"), (":", "|"), (":", ",")):
        parts = re.split(rf"\s*{re.escape(between)}\s*(?=[^{mark}{between}]+{mark})", inner.strip().rstrip(";|,"))
        pairs = [part.partition(mark) for part in parts]
        plain = all(key.strip() and found and not set(key) & set("{}[]\"'") for key, found, _ in pairs)
        if plain and not (between != "," and len(pairs) == 1):
            tags = {key.strip(): value.strip().strip('"') for key, _, value in pairs}
            return {key: value for key, value in tags.items() if value != "null"}
    return None
