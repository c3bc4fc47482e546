"""Rules from which a JSON format is described: each looks at one value and yields what is wrong with it.

A rule takes a value and its JSON pointer, so that a problem says where it lies in Slack's own words
(``/blocks/0/text/text``). Rules know nothing of Block Kit; ``kit`` builds its tables from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that would be refused: where it lies (a JSON pointer) and why."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer or '/'}]"


Rule = Callable[[object, str], Iterator[Problem]]
Also = Callable[[Mapping[str, object], str], Iterator[Problem]]


def string(most: int | None = None, least: int = 1) -> Rule:
    """A string of so many characters."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "must provide a string")
        elif len(value) < least:
            yield Problem(at, f"must be more than {least - 1} characters")
        elif most is not None and len(value) > most:
            yield Problem(at, f"must be less than {most + 1} characters, has {len(value)}")

    return rule


def link(most: int = 3000) -> Rule:
    """An absolute http or https address."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        yield from string(most)(value, at)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:")):
            yield Problem(at, "must be an absolute URL")

    return rule


def whole(least: int, most: int | None = None) -> Rule:
    """An integer between two bounds, both included."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem(at, "must provide an integer")
        elif value < least or (most is not None and value > most):
            yield Problem(at, f"must be {least} or more" + ("" if most is None else f", {most} or less"))

    return rule


def number(*, positive: bool = False) -> Rule:
    """A finite number, above zero where only positive ones are drawn."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Problem(at, "must provide a number")
        elif not math.isfinite(value):
            yield Problem(at, "must be a finite number")
        elif positive and value <= 0:
            yield Problem(at, "must be more than 0")

    return rule


def flag(value: object, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(at, "must provide a boolean")


def one_of(*allowed: object) -> Rule:
    """One of a few values."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or value not in allowed:
            yield Problem(at, f"must be one of {', '.join(map(str, allowed))}")

    return rule


def listing(each: Rule, least: int = 1, most: int | None = None) -> Rule:
    """An array of so many things of one kind."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield Problem(at, "must provide an array")
            return
        if len(value) < least:
            yield Problem(at, f"no fewer than {least} items allowed, has {len(value)}")
        if most is not None and len(value) > most:
            yield Problem(at, f"no more than {most} items allowed, has {len(value)}")
        for index, item in enumerate(value):
            yield from each(item, f"{at}/{index}")

    return rule


def shape(
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
    *also: Also,
) -> Rule:
    """An object with these members and no others; ``also`` are rules between members."""
    needed = dict(required or {})
    known = {**needed, **(optional or {})}

    def rule(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(at, "must provide an object")
            return
        yield from (Problem(at, f"missing required field: {key}") for key in needed if key not in value)
        for key, item in value.items():
            if key not in known:
                yield Problem(f"{at}/{key}", "unknown field")
            else:
                yield from known[key](item, f"{at}/{key}")
        for extra in also:
            yield from extra(value, at)

    return rule


def tagged(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose ``type`` says by which rule the rest of it is judged."""

    def rule(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(at, "must provide an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            yield Problem(f"{at}/type", f"must be one of {', '.join(kinds)}, is {kind!r:.60}")
            return
        yield from kinds[kind]({key: item for key, item in value.items() if key != "type"}, at)

    return rule


def exactly_one(*keys: str) -> Also:
    """Of these members one must stand there, and only one."""

    def also(value: Mapping[str, object], at: str) -> Iterator[Problem]:
        if sum(key in value for key in keys) != 1:
            yield Problem(at, f"must have exactly one of {', '.join(keys)}")

    return also


def at_least_one(*keys: str) -> Also:
    """Of these members at least one must stand there."""

    def also(value: Mapping[str, object], at: str) -> Iterator[Problem]:
        if not any(key in value for key in keys):
            yield Problem(at, f"must have at least one of {', '.join(keys)}")

    return also


def at_most_one(*keys: str) -> Also:
    """Of these members no two may stand side by side."""

    def also(value: Mapping[str, object], at: str) -> Iterator[Problem]:
        if sum(key in value for key in keys) > 1:
            yield Problem(at, f"must have only one of {', '.join(keys)}")

    return also


def twice(values: Sequence[object]) -> list[object]:
    """What occurs more than once, in the order of its second coming."""
    seen: list[object] = []
    again: list[object] = []
    for value in values:
        (again if value in seen else seen).append(value)
    return again


def members(value: object, key: str) -> list[Mapping[str, object]]:
    """The objects in an array member, and nothing else: for rules that look across a list already judged."""
    items = value.get(key) if isinstance(value, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list | tuple) else []
