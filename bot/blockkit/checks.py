"""Checks of one JSON value: each yields what is wrong with it, with the JSON pointer where it lies.

A ``Check`` takes a value and its pointer, so that a problem names its place in Slack's own words
(``/blocks/0/text/text``). They know nothing of Block Kit; ``notation`` builds them from the schema.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that Slack would refuse: where it lies (a JSON pointer) and why."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer or '/'}]"


Check = Callable[[object, str], Iterator[Problem]]
ObjectCheck = Callable[[Mapping[str, object], str], Iterator[Problem]]
"""A check of how the members of one object go together."""
Bounds = tuple[int, int | None]
"""The least and the greatest number allowed; None for no greatest."""


def anything(_value: object, _pointer: str) -> Iterator[Problem]:
    """Every value passes."""
    return iter(())


def string(bounds: Bounds = (1, None)) -> Check:
    """A string of so many characters."""
    least, most = bounds

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(pointer, "must provide a string")
        elif len(value) < least:
            yield Problem(pointer, f"must be more than {least - 1} characters")
        elif most is not None and len(value) > most:
            yield Problem(pointer, f"must be less than {most + 1} characters, has {len(value)}")

    return check


def url(bounds: Bounds = (1, 3000)) -> Check:
    """An absolute http, https or mailto address."""
    text = string(bounds)

    def check(value: object, pointer: str) -> Iterator[Problem]:
        yield from text(value, pointer)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:")):
            yield Problem(pointer, "must be an absolute URL")

    return check


def integer(bounds: Bounds) -> Check:
    """An integer within the bounds, both included."""
    least, most = bounds

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem(pointer, "must provide an integer")
        elif value < least or (most is not None and value > most):
            yield Problem(pointer, f"must be {least} or more" + ("" if most is None else f", {most} or less"))

    return check


def number(*, positive: bool = False) -> Check:
    """A finite number; above zero if ``positive``."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Problem(pointer, "must provide a number")
        elif not math.isfinite(value):
            yield Problem(pointer, "must be a finite number")
        elif positive and value <= 0:
            yield Problem(pointer, "must be more than 0")

    return check


def boolean(value: object, pointer: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(pointer, "must provide a boolean")


def one_of(allowed: tuple[str, ...]) -> Check:
    """One of a few strings."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(pointer, f"must be one of {', '.join(allowed)}")

    return check


def array(item: Check, bounds: Bounds = (1, None)) -> Check:
    """An array of so many items."""
    least, most = bounds

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield Problem(pointer, "must provide an array")
            return
        if len(value) < least:
            yield Problem(pointer, f"no fewer than {least} items allowed, has {len(value)}")
        if most is not None and len(value) > most:
            yield Problem(pointer, f"no more than {most} items allowed, has {len(value)}")
        for index, member in enumerate(value):
            yield from item(member, f"{pointer}/{index}")

    return check


def or_null(inner: Check) -> Check:
    """Null, or what the inner check takes."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if value is not None:
            yield from inner(value, pointer)

    return check


def members(
    required: Mapping[str, Check], optional: Mapping[str, Check], together: tuple[ObjectCheck, ...] = ()
) -> Check:
    """An object with these members and no others; ``together`` checks how they go together."""
    known = {**required, **optional}

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(pointer, "must provide an object")
            return
        yield from (Problem(pointer, f"missing required field: {key}") for key in required if key not in value)
        for key, member in value.items():
            if key in known:
                yield from known[key](member, f"{pointer}/{key}")
            else:
                yield Problem(f"{pointer}/{key}", "unknown field")
        for relation in together:
            yield from relation(value, pointer)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose ``type`` says which check judges its other members."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(pointer, "must provide an object")
            return
        kind = value.get("type")
        if isinstance(kind, str) and kind in kinds:
            yield from kinds[kind]({key: member for key, member in value.items() if key != "type"}, pointer)
        else:
            yield Problem(f"{pointer}/type", f"must be one of {', '.join(kinds)}, is {kind!r:.60}")

    return check
