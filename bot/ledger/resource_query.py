"""Plain SQL over the star: answers anything the facts know, resources included. Slower than the cube; its oracle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.domain.charge import DETAILS, SERIES
from bot.domain.feed import Feed
from bot.domain.money import from_attos
from bot.domain.period import day_number
from bot.domain.question import Filter
from bot.ledger.backend import Connection
from bot.ledger.query import QUANTITY
from bot.ledger.result import Group


def totals(  # noqa: PLR0913 - a question has as many parts
    connection: Connection,
    feed: Feed,
    metric: str,
    edges: Sequence[date],
    *,
    by: Sequence[str],
    where: Sequence[Filter],
) -> list[Group]:
    """The same as ``Query.totals``, from the facts."""
    unit = "s.ConsumedUnit" if metric == QUANTITY else "s.BillingCurrency"
    picked = [_expression(name) for name in by]
    keys = ", ".join([*(text for text, _ in picked), unit])
    conditions = [_condition(condition) for condition in where]
    numbers = [day_number(edge) for edge in edges]
    step = " ".join(f"WHEN f.day < {number} THEN {n}" for n, number in enumerate(numbers[1:]))
    query = (
        f"SELECT CASE {step} END, sum(f.charges), sum(f.{metric} >> 32), sum(f.{metric} & 4294967295),"
        f" sum(f.{metric}Attos / 1000000000), sum(f.{metric}Attos % 1000000000), {keys}"
        " FROM fact f JOIN series s ON s.id = f.series JOIN detail d ON d.id = f.detail JOIN feed ON feed.id = s.feed"
        " WHERE f.day >= ? AND f.day < ? AND feed.source = ? AND feed.name = ?"
        + "".join(f" AND {text}" for text, _ in conditions)
        + f" GROUP BY {', '.join(map(str, [1, *range(7, 8 + len(by))]))}"
    )
    arguments = [argument for _, found in picked for argument in found]
    arguments += [numbers[0], numbers[-1], feed.source, feed.name]
    arguments += [argument for _, found in conditions for argument in found]
    groups: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for place, charges, above, below, high, low, *key in connection.execute(query, arguments):
        steps = groups.setdefault(tuple(key), [(0, 0)] * (len(edges) - 1))
        steps[place] = (((above << 32) + below) * 10**18 + high * 10**9 + low, charges)
    return [
        Group(key[:-1], key[-1], tuple(from_attos(a) for a, _ in steps), sum(n for _, n in steps))
        for key, steps in sorted(groups.items())
        if metric != QUANTITY or key[-1]
    ]


def _expression(dimension: str) -> tuple[str, list[Any]]:
    if dimension.startswith("Tags/"):
        path = "$." + json.dumps(dimension.removeprefix("Tags/"), ensure_ascii=False)
        return "coalesce(json_extract(nullif(s.Tags, ''), ?), '')", [path]
    if dimension.startswith("x_") and dimension not in SERIES:
        return "coalesce(json_extract(nullif(d.x, ''), ?), '')", ["$." + json.dumps(dimension)]
    if dimension not in (*SERIES, *DETAILS):
        msg = f"{dimension!r} is no column of a charge"
        raise ValueError(msg)
    return (f'd."{dimension}"' if dimension in DETAILS else f's."{dimension}"'), []


def _condition(condition: Filter) -> tuple[str, list[Any]]:
    text, arguments = _expression(condition.dimension)
    marks = ", ".join("?" * len(condition.values))
    return f"{text} {'NOT ' if condition.exclude else ''}IN ({marks})", [*arguments, *condition.values]
