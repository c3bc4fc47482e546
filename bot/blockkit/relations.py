"""Checks of how members of one object go together, by the names that the schema gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.blockkit.checks import ObjectCheck, Problem

_RAW_CELLS = ("raw_text", "raw_number")


def exactly_one(*keys: str) -> ObjectCheck:
    """One of these members, and only one."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        if sum(key in value for key in keys) != 1:
            yield Problem(pointer, f"must have exactly one of {', '.join(keys)}")

    return check


def at_least_one(*keys: str) -> ObjectCheck:
    """One or more of these members."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        if not any(key in value for key in keys):
            yield Problem(pointer, f"must have at least one of {', '.join(keys)}")

    return check


def at_most_one(*keys: str) -> ObjectCheck:
    """No two of these members."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        if sum(key in value for key in keys) > 1:
            yield Problem(pointer, f"must have only one of {', '.join(keys)}")

    return check


def needs(member: str, other: str) -> ObjectCheck:
    """The member may be true only where the other is."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        if value.get(member) and not value.get(other):
            yield Problem(f"{pointer}/{member}", f"requires {other}")

    return check


def excludes(member: str, other: str) -> ObjectCheck:
    """The two members are not true together."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        if value.get(member) and value.get(other):
            yield Problem(f"{pointer}/{member}", f"is not allowed with {other}")

    return check


def unique(path: str) -> ObjectCheck:
    """No two objects of a list member have the same value: ``options.value``."""
    key, _, field = path.partition(".")

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        for repeated in duplicates(member.get(field) for member in objects(value, key)):
            yield Problem(f"{pointer}/{key}", f"duplicate {field} {repeated!r:.60}")

    return check


def chosen_from(initial: str, lists: Sequence[str]) -> ObjectCheck:
    """What is chosen at first is, letter for letter, among the options."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        chosen = value.get(initial)
        offered = [option for path in lists for option in _at(value, path)]
        for option in chosen if isinstance(chosen, list) else [] if chosen is None else [chosen]:
            if option not in offered:
                yield Problem(f"{pointer}/{initial}", "must be one of the options")

    return check


def ascending(lower: str, upper: str) -> ObjectCheck:
    """The first member does not exceed the second."""

    def check(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
        least, most = value.get(lower), value.get(upper)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield Problem(f"{pointer}/{lower}", f"must not exceed {upper}")

    return check


def rows_equally_long(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
    """All rows of a table have the same number of cells."""
    rows = value.get("rows")
    widths = {len(row) for row in rows if isinstance(row, list)} if isinstance(rows, list) else set()
    if len(widths) > 1:
        yield Problem(f"{pointer}/rows", f"all rows must have the same number of cells, have {sorted(widths)}")


def header_cells_are_raw(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
    """The first row of a data table names the columns in raw text or numbers; the row header is one of them."""
    rows = value.get("rows")
    header = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    for index, cell in enumerate(header):
        if isinstance(cell, Mapping) and cell.get("type") not in _RAW_CELLS:
            yield Problem(f"{pointer}/rows/0/{index}", f"header cells must be {' or '.join(_RAW_CELLS)}")
    column = value.get("row_header_column_index", 0)
    if header and isinstance(column, int) and column >= len(header):
        yield Problem(f"{pointer}/row_header_column_index", "must be a column of the table")


def series_cover_categories(value: Mapping[str, object], pointer: str) -> Iterator[Problem]:
    """Series have distinct names and exactly one point for each category, and categories are distinct too."""
    axes = value.get("axis_config")
    listed = axes.get("categories") if isinstance(axes, Mapping) else None
    categories = listed if isinstance(listed, list) else []
    for repeated in duplicates(categories):
        yield Problem(f"{pointer}/axis_config/categories", f"duplicate category {repeated!r:.40}")
    series = objects(value, "series")
    for repeated in duplicates(line.get("name") for line in series):
        yield Problem(f"{pointer}/series", f"duplicate series name {repeated!r:.40}")
    for index, line in enumerate(series):
        labels = [point.get("label") for point in objects(line, "data")]
        if duplicates(labels) or len(labels) != len(categories) or any(label not in categories for label in labels):
            yield Problem(f"{pointer}/series/{index}/data", "must have exactly one point for each category")


def read_relations(table: Mapping[str, Any]) -> tuple[ObjectCheck, ...]:
    """The relations that a definition of the schema lists."""
    relations: list[ObjectCheck] = []
    for key, relate in _OF_KEYS.items():
        relations += [relate(*keys) for keys in table.get(key, ())]
    for key, pairwise in _OF_PAIRS.items():
        relations += [pairwise(member, other) for member, other in table.get(key, {}).items()]
    relations += [unique(path) for path in table.get("unique", ())]
    relations += [_NAMED[name] for name in table.get("checks", ())]
    return tuple(relations)


def duplicates(values: Iterable[object]) -> list[object]:
    """What occurs more than once, in order; values need not be hashable."""
    seen: list[object] = []
    repeated: list[object] = []
    for value in values:
        (repeated if value in seen else seen).append(value)
    return repeated


def objects(value: object, key: str) -> list[Mapping[str, object]]:
    """The objects in a list member; whatever else stands there is judged elsewhere."""
    items = value.get(key) if isinstance(value, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list | tuple) else []


def _at(value: Mapping[str, object], path: str) -> list[Mapping[str, object]]:
    key, _, rest = path.partition(".")
    items = objects(value, key)
    return [inner for item in items for inner in _at(item, rest)] if rest else items


_OF_KEYS: Mapping[str, Callable[..., ObjectCheck]] = {
    "exactly_one": exactly_one,
    "at_least_one": at_least_one,
    "at_most_one": at_most_one,
    "ascending": ascending,
}
_OF_PAIRS: Mapping[str, Callable[..., ObjectCheck]] = {
    "needs": needs,
    "excludes": excludes,
    "chosen_from": chosen_from,
}
_NAMED: Mapping[str, ObjectCheck] = {
    check.__name__: check for check in (rows_equally_long, header_cells_are_raw, series_cover_categories)
}
RELATIONS = frozenset({*_OF_KEYS, *_OF_PAIRS, "unique", "checks"})
"""The keys of a definition that ``read_relations`` reads."""
