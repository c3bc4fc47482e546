"""Names of the ledger → filters: of the dimension that is named, that holds what is joined, or that ranks first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter
from bot.language.entities import EXPRESSION, PART, Vocabulary, rank
from bot.language.lattice import Name
from bot.language.semantics.values import Dims, FilterSpec, JoinedNames

_OFFERED: Final = 3
_SHOWN: Final = 4


class FilterAlternative(Struct, frozen=True):
    """A filter and the one it could also have been."""

    chosen: Filter
    other: Filter
    equal: bool = False
    """The word is as much a value of the one dimension as of the other, and neither goes first."""


class SettledFilters(Struct):
    """The filters of a sentence, the values set against each other, and other plausible readings."""

    where: list[Filter]
    alternatives: list[FilterAlternative]
    joined: frozenset[str] = frozenset()
    """The dimensions of names that stand side by side: "on demand vs spot"."""


def settle(specs: Sequence[FilterSpec], vocabulary: Vocabulary, *, preferred: Sequence[str] = ()) -> SettledFilters:
    """The filters that a sentence's names make.

    ``preferred`` are dimensions of the question before in the thread: a name goes there first.

    Raises:
        NotUnderstood: somebody is mentioned whom the ledger does not know.
    """
    settler = _Settler(vocabulary, preferred)
    for spec in _set_against(specs):
        settler.add(spec)
    return SettledFilters(settler.merged(), settler.alternatives, frozenset(settler.joined))


def _set_against(specs: Sequence[FilterSpec]) -> list[FilterSpec]:
    """What is set against names joins them: "prod vs staging" is one list."""
    joined: list[FilterSpec] = []
    for spec in specs:
        before = joined[-1] if joined else None
        if spec.sense == "include_versus" and before is not None and before.sense == "include":
            joined[-1] = FilterSpec("include", JoinedNames((*before.value.names, *spec.value.names)))
        elif spec.sense == "include_versus":
            joined.append(FilterSpec("include", spec.value))
        else:
            joined.append(spec)
    return joined


def column(dims: Dims, vocabulary: Vocabulary) -> list[str]:
    """The columns that dimensions are, each the first of its choices that the ledger has."""
    known = vocabulary.dimensions | set(vocabulary.tags)
    return [next((name for name in choices if name in known), choices[0]) for choices in dims.choices]


def _tags_first(dims: Dims, vocabulary: Vocabulary) -> list[str]:
    """Where a value is missing or any, the tag of that name is meant before a column."""
    tags = [next((name for name in choices if name.startswith("Tags/")), None) for choices in dims.choices]
    return [tag or name for tag, name in zip(tags, column(dims, vocabulary), strict=True)]


class _Settler:
    def __init__(self, vocabulary: Vocabulary, preferred: Sequence[str]) -> None:
        self._vocabulary, self._preferred = vocabulary, preferred
        self._found: list[tuple[Filter, Name | None]] = []
        self.alternatives: list[FilterAlternative] = []
        self.joined: set[str] = set()

    def add(self, spec: FilterSpec) -> None:
        match spec.sense:
            case "include" | "exclude":
                self._names(spec.value, exclude=spec.sense == "exclude")
            case "value" | "exclude_value":
                dimension, value = spec.value
                self._found.append(
                    (Filter(dimension=dimension, values=(value,), exclude=spec.sense == "exclude_value"), None)
                )
            case "none" | "any":
                for dimension in _tags_first(spec.value, self._vocabulary):
                    self._found.append((Filter(dimension=dimension, values=("",), exclude=spec.sense == "any"), None))
            case "mention":
                self._mention(spec.value)

    def _names(self, names: JoinedNames, *, exclude: bool) -> None:
        groups = [best(name) for name in names.names]

        together = self._common(names, groups) if len(groups) > 1 else None
        chosen: dict[str, list[str]] = {}
        for name, matches in zip(names.names, groups, strict=True):
            dimension = together or self._first(name, matches)
            chosen.setdefault(dimension, []).extend(matches[dimension])
            if together is None and len(names.names) == 1:
                self._offer(name, matches, dimension, exclude=exclude)
        if len(chosen) > 1 and not exclude:
            raise NotUnderstood(
                f"I can't add up {' and '.join(repr(name.text) for name in names.names)}: they are different kinds.",
                "Ask for one after the other.",
                unknown=[name.text for name in names.names],
            )
        if len(names.names) > 1:
            self.joined.update(chosen)
        for dimension, values in chosen.items():
            one = names.names[0] if len(names.names) == 1 else None
            self._found.append((Filter(dimension=dimension, values=tuple(dict.fromkeys(values)), exclude=exclude), one))

    def _common(self, names: JoinedNames, groups: list[dict[str, tuple[str, ...]]]) -> str | None:
        """The dimension that holds all names that are joined."""
        shared = set(groups[0]).intersection(*groups[1:])
        firsts = {self._first(name, matches) for name, matches in zip(names.names, groups, strict=True)}
        if len(firsts) == 1:
            return firsts.pop()
        degrees = {dimension: sum(name.matches[dimension].degree for name in names.names) for dimension in shared}
        return min(shared, key=lambda dimension: (degrees[dimension], self._rank(dimension))) if shared else None

    def _first(self, name: Name, matches: dict[str, tuple[str, ...]]) -> str:
        return min(matches, key=lambda dimension: self._order(name, dimension))

    def _order(self, name: Name, dimension: str) -> tuple[bool, int, int]:
        """What a name's dimensions are ordered by: those of the thread, whole names, the order of the contract."""
        return dimension not in self._preferred, name.matches[dimension].degree, rank(dimension)

    def _rank(self, dimension: str) -> tuple[int, int]:
        return (0 if dimension in self._preferred else 1, rank(dimension))

    def _offer(self, name: Name, matches: dict[str, tuple[str, ...]], dimension: str, *, exclude: bool) -> None:
        chosen = Filter(dimension=dimension, values=matches[dimension], exclude=exclude)
        for other, values in sorted(matches.items(), key=lambda entry: rank(entry[0])):
            if other != dimension and len(self.alternatives) < _OFFERED:
                equal = self._order(name, other) == self._order(name, dimension)
                self.alternatives.append(
                    FilterAlternative(chosen, Filter(dimension=other, values=values, exclude=exclude), equal)
                )

    def _mention(self, text: str) -> None:
        typed = text.lstrip("@#").replace("_", " ").casefold()
        matches = self._vocabulary.matches(typed) or self._vocabulary.parts(tuple(typed.split()))
        if text.startswith("#"):
            raise NotUnderstood(
                f"{text!r} is a channel, and the bills know no channels.",
                'Ask for a team, an account or a service by its name: "spend of the core team".',
                unknown=[text],
                suggestions=["spend by team", "spend by account"],
            )
        if "x_UserName" not in matches:
            raise NotUnderstood(
                f"The bills have no user called {text!r}.",
                'Ask for "spend by user" to see who is known.',
                unknown=[text],
                suggestions=["spend by user"],
            )
        self._found.append((Filter(dimension="x_UserName", values=matches["x_UserName"].values), None))

    def merged(self) -> list[Filter]:
        """One filter a dimension and sense."""
        merged: dict[tuple[str, bool], list[str]] = {}
        for settled in self._expanded(self._nested()):
            merged.setdefault((settled.dimension, settled.exclude), []).extend(settled.values)
        return [
            Filter(dimension=dimension, values=tuple(dict.fromkeys(values)), exclude=exclude)
            for (dimension, exclude), values in merged.items()
        ]

    def _expanded(self, found: list[Filter]) -> list[Filter]:
        """Taught names as the filters that they stand for.

        Raises:
            NotUnderstood: such a name is left out, joined with another, or meets a filter of its own dimension.
        """
        others = [part for part in found if part.dimension != EXPRESSION]
        expressions = [part for part in found if part.dimension == EXPRESSION]
        names = [phrase for part in expressions for phrase in part.values]
        held = [part for phrase in names for part in self._vocabulary.expression(phrase)]
        twice = len(names) > 1 or any(part.exclude for part in expressions)
        if names and (twice or {part.dimension for part in held} & {part.dimension for part in others}):
            raise NotUnderstood(
                "I can't join, compare or leave out what stands for several filters:"
                f" {' and '.join(repr(name) for name in names)}.",
                "Ask for it alone, or name what it stands for.",
                unknown=names,
            )
        return others + held

    def _nested(self) -> list[Filter]:
        """As in "claude on bedrock": a family of models beside another service is those models."""
        found = [settled for settled, _ in self._found]
        for at, (settled, name) in enumerate(self._found):
            beside = [other for n, other in enumerate(found) if n != at and other.dimension == settled.dimension]
            if name is None or settled.exclude or not any(not other.exclude for other in beside):
                continue
            if settled.dimension != "x_Model" and "x_Model" in name.matches:
                found[at] = Filter(dimension="x_Model", values=name.matches["x_Model"].values)
        self._refuse_pairs(found)
        return found

    def _refuse_pairs(self, found: list[Filter]) -> None:
        """As in "s3 in prod and rds in staging": filters hold together, not in pairs."""
        columns = [settled.dimension for settled in found if not settled.exclude]
        for at in range(len(columns) - 3):
            one, two, three, four = columns[at : at + 4]
            if one == three and two == four and one != two:
                values = [settled.values[0] for settled in found[at : at + 4]]
                raise NotUnderstood(
                    "I can filter by several things together, but not by pairs of them.",
                    "Ask for one pair at a time.",
                    unknown=[name.text for _, name in self._found if name is not None] or values,
                )


def spoken(spec: FilterSpec) -> str:
    """A filter as the trace of a reading shows it: the likeliest dimension of each name and its values."""
    sign = "not " if spec.sense == "exclude" else ""
    if not isinstance(spec.value, JoinedNames):
        return f"{sign}{spec.sense}"
    shown = []
    for name in spec.value.names:
        matches = best(name)
        dimension = min(matches, key=lambda column_id: (name.matches[column_id].degree, rank(column_id)))
        named = "" if dimension == EXPRESSION else f"{dimension} = "
        shown.append(f"{named}{', '.join(matches[dimension][:_SHOWN])}")
    return sign + ", ".join(shown)


def best(name: Name) -> dict[str, tuple[str, ...]]:
    """The dimensions a name stands in: whole and known names where there are any, else parts."""
    if name.text.casefold() in {"tax", "taxes", "vat"} and "ChargeCategory" in name.matches:
        return {"ChargeCategory": name.matches["ChargeCategory"].values}
    whole = {dimension: match.values for dimension, match in name.matches.items() if match.degree < PART}
    return whole or {dimension: match.values for dimension, match in name.matches.items()}
