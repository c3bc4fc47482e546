"""Values of names: which filters and dimensions the words beside each other make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.language.chart import REJECTED
from bot.language.entities import PART, Match
from bot.language.lattice import Dim, Name
from bot.language.semantics.values import Dims, FilterSpec, JoinedNames, Value

_WHAT: Final = frozenset(("ServiceProviderName", "ServiceName", "ServiceCategory", "x_Model"))
"""Dimensions of which one says what another says more closely, so that values of several make no list."""
_SEVERAL: Final = 3
"""Names from which on a row with commas is a list: "a, b and c"."""
_SOFT: Final = {
    "resources": "ResourceId",
    "resource": "ResourceId",
    "services": "ServiceName",
    "instances": "ResourceId",
    "instance": "ResourceId",
}


def soft_noun(word: str) -> Dims | None:
    """The dimension of a noun that follows a value, and only breaks it down where a ranking or the like is asked."""
    return Dims(((_SOFT[word],),), plural=True) if word in _SOFT else None


def dims_of(*values: Value) -> Dims:
    """The dimensions that words for them name, in their order."""
    choices: list[tuple[str, ...]] = []
    plural = False
    for value in values:
        if isinstance(value, Dim):
            choices.append(value.columns)
            plural = plural or value.plural
        elif isinstance(value, str) and value not in {"x", "by", "per", "", ","}:
            choices.append((value,))
            plural = True
    return Dims(tuple(choices), plural)


def one_dim(values: Iterable[Value]) -> Dims:
    """The dimension that is among the values of a pattern."""
    found = next(value for value in values if isinstance(value, Dim | Dims))
    return dims_of(found) if isinstance(found, Dim) else found


def tag_dims(dim: Dim) -> Value:
    """The tags that a word for a dimension may be; not the columns of that name."""
    tags = tuple(column for column in dim.columns if column.startswith("Tags/"))
    return dims_of(Dim(tags, dim.plural)) if tags else REJECTED


def none_of(*values: Value) -> Value:
    """What names no value of a dimension."""
    dims = one_dim(values)
    return REJECTED if ("Tags",) in dims.choices else FilterSpec("none", dims)


def names_of(*values: Value) -> JoinedNames:
    """All names that stand in a pattern, from left to right."""
    found: list[Name] = []
    for value in values:
        if isinstance(value, Name):
            found.append(value)
        elif isinstance(value, JoinedNames):
            found.extend(value.names)
    return JoinedNames(tuple(found))


def names_alike(*values: Value) -> Value:
    """Names between commas, where one dimension has them all; "s3, us-east-1" are two filters."""
    names = names_of(*values)
    dimensions = [_dimensions(name) for name in names.names]
    listed = len(dimensions) >= _SEVERAL and all(found & _WHAT for found in dimensions)
    return names if listed or set.intersection(*dimensions) else REJECTED


def _dimensions(name: Name) -> set[str]:
    whole = {dimension for dimension, match in name.matches.items() if match.degree < PART}
    return whole or set(name.matches)


def _restricted(name: Name, columns: Iterable[str]) -> Name | None:
    """The name as a value of these dimensions, the first that has it."""
    for dimension in columns:
        match = name.matches.get(dimension)
        if match is not None and (match.degree < PART or all(other.degree == PART for other in name.matches.values())):
            return Name(name.text, {dimension: match}, name.partial)
    return None


def _columns(values: Iterable[Value]) -> tuple[str, ...]:
    """The columns that the word for a dimension among these values may be."""
    for value in values:
        if isinstance(value, Dim):
            return value.columns
        if isinstance(value, str) and (value[:1].isupper() or value.startswith("x_")):
            return (value,)
    return ()


def qualify(*values: Value) -> Value:
    """A name beside the noun of its dimension; one whole name beside a plural is no value of it."""
    name = next(value for value in values if isinstance(value, Name))
    plural = any(isinstance(value, Dim) and value.plural for value in values)
    if plural and not name.partial and all(len(match.values) == 1 for match in name.matches.values()):
        return REJECTED
    return _restricted(name, _columns(values)) or REJECTED


def qualify_tag(*values: Value) -> Value:
    """A name beside the key of its tag, or only beside the word "tag"."""
    name = next(value for value in values if isinstance(value, Name))
    dim = next((value for value in values if isinstance(value, Dim)), None)
    columns = name.matches if dim is None else dim.columns
    return _restricted(name, [column for column in columns if column.startswith("Tags/")]) or REJECTED


def qualify_all(*values: Value) -> Value:
    """Names beside the noun of a dimension that has them all."""
    names = names_of(*values).names
    for dimension in _columns(values) if names else ():
        found = [name for name in (_restricted(name, (dimension,)) for name in names) if name]
        if len(found) == len(names):
            return JoinedNames(tuple(found))
    return REJECTED


def exclude_of(dims: Dims, names: JoinedNames) -> FilterSpec:
    """As in "all models except claude": names of that dimension, where they are any."""
    found = [_any_of(name, choices) for name in names.names for choices in dims.choices[:1]]
    return FilterSpec("exclude", JoinedNames(tuple(name for name in found if name)) if all(found) else names)


def _any_of(name: Name, choices: tuple[str, ...]) -> Name | None:
    dimension = next((choice for choice in choices if choice in name.matches), None)
    return Name(name.text, {dimension: name.matches[dimension]}, name.partial) if dimension else None


def unqualified(names: JoinedNames, dims: Dims) -> Value:
    """Dimensions that a name stands before, of which it is itself no value."""
    last = names.names[-1]
    if not dims.plural and any(_restricted(last, choices) for choices in dims.choices):
        return REJECTED
    return dims


def filter_of(sense: str, names: Value) -> Value:
    """A filter of names, unless they were rejected."""
    return FilterSpec(sense, names) if isinstance(names, JoinedNames) else REJECTED


def include_skus(names: JoinedNames) -> Value:
    """A filter of kinds of machines, which are nothing but SKUs: "t4g instances"."""
    return FilterSpec("include", names) if all(_dimensions(name) == {"SkuId"} for name in names.names) else REJECTED


def include_commitments(names: Value) -> Value:
    """A filter of commitments that are named; nothing for the word itself, no part at all for other names."""
    if not isinstance(names, JoinedNames):
        return None
    held = all("Committed" in name.matches.get("PricingCategory", Match(PART, ())).values for name in names.names)
    return FilterSpec("include", names) if held else REJECTED


def include_several(*values: Value) -> Value:
    """A filter of at least two names."""
    names = names_of(*values)
    return FilterSpec("include", names) if len(names.names) > 1 else REJECTED


def include_alike(first: Name, second: Name, within: Name) -> Value:
    """As in "aws and gcp compute": two names of one dimension, and a third of another."""
    shared = _dimensions(first) & _dimensions(second)
    return FilterSpec("include", JoinedNames((first, second))) if shared - _dimensions(within) else REJECTED


def with_names(sense: str, values: Iterable[Value], *, optional: bool = False) -> Value:
    """A filter of the names in a pattern; nothing, or no part at all, where it has none."""
    names = next((value for value in values if isinstance(value, JoinedNames)), None)
    if names is None:
        return None if optional else REJECTED
    return FilterSpec(sense, names)


def include_all(*values: Value) -> Value:
    """A filter of all names in a pattern, of the dimension whose noun stands beside them where one does."""
    if any(isinstance(value, Dim) for value in values):
        return filter_of("include", qualify_all(*values))
    return FilterSpec("include", names_of(*values))


def include_tag(*values: Value) -> Value:
    """A filter of tag values; behind "with" of any names."""
    name = next((value for value in values if isinstance(value, Name)), None)
    if name is not None:
        qualified = qualify_tag(*values)
        return FilterSpec("include", JoinedNames((qualified,))) if isinstance(qualified, Name) else REJECTED
    names = next((value for value in values if isinstance(value, JoinedNames)), None)
    if names is not None and "with" not in values:
        tagged = [_restricted(name, [d for d in name.matches if d.startswith("Tags/")]) for name in names.names]
        if not all(tagged):
            return REJECTED
        return FilterSpec("include", JoinedNames(tuple(name for name in tagged if name)))
    return with_names("include", values)
