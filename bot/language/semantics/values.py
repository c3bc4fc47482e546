"""The values that productions make of what their elements say: filters, dimensions, ranks, limits, dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from msgspec import Struct

from bot.language.chart import REJECTED
from bot.language.dates.expressions import Moment
from bot.language.entities import PART, Match
from bot.language.lattice import Amount, Counted, Name

DIRECTIONS: Final = frozenset(("change", "increase", "decrease", "growth"))
OPERATORS: Final = frozenset((">", ">=", "<", "<="))
_WHAT: Final = frozenset(("ServiceProviderName", "ServiceName", "ServiceCategory", "x_Model"))
"""Dimensions of which one says what another says more closely, so that values of several make no list."""
_VERSION: Final = 100
"""A smaller number behind a name is rather part of it: "opus 9 tokens"."""


class Dims(NamedTuple):
    """Dimensions to break down by or to name values of: each a choice of columns, the first that the ledger has."""

    choices: tuple[tuple[str, ...], ...]
    plural: bool = False


class Names(NamedTuple):
    """Names of the ledger joined by and, or, commas."""

    names: tuple[Name, ...]


class FilterSpec(NamedTuple):
    """A filter before its dimension is settled: include or exclude names; or values of a dimension; or a mention."""

    sense: str
    value: Any


class Limit(NamedTuple):
    """An operator and what it is held against."""

    op: str
    amount: Decimal
    currency: str | None = None
    percent: bool = False
    share: Decimal | None = None
    """Of what is unusual also so large a part of the usual, as a fraction."""


class Rank(Struct, frozen=True):
    """How many lines: a number, ``ten`` for "top", ``counted`` by the noun for a superlative."""

    count: int | None
    default: str = "counted"


def constructors() -> Mapping[str, Callable[..., Any]]:
    """What the lists in grammar.toml may begin with."""
    return {
        "tuple": lambda *values: tuple(value for value in values if value is not None),
        "list": lambda *values: tuple(value for value in values if value is not None),
        "words": lambda *values: " ".join(str(value) for value in values if value is not None),
        "last": _last,
        "last_text": lambda *values: next(v for v in reversed(values) if isinstance(v, str)),
        "soft": _soft,
        "metric": lambda *values: next(v for v in values if v and str(v).endswith("Cost")),
        "shares": lambda items=(): (
            REJECTED if sum(isinstance(item, Names) for item in items) > 1 else ("shares", items)
        ),
        "words_freshness": lambda: "freshness",
        "words_budgets": lambda: "budgets",
        "words_commitments": lambda: "commitments",
        "only_tags": lambda dim: dim if any(name.startswith("Tags/") for name in dim[0]) else REJECTED,
        "include_several": _include_several,
        "include_alike": _include_alike,
        "include_ref": lambda ref: FilterSpec("include", Names((ref,))),
        "when_any": lambda *values: next((("when", (v,)) for v in values if isinstance(v, Moment)), None),
        "untagged": lambda *values: next((v for v in values if _is_dim(v)), ("", False)),
        "drop": lambda *_: None,
        "concat": _concat,
        "only_if": lambda value, wanted: value if value == wanted else REJECTED,
        "only_plural": lambda dim: dim if dim[1] else REJECTED,
        "charges": lambda *values: next(v for v in values if v in {"gross", "net", "credits", "tax"}),
        "charges_filter": _charges_filter,
        "without_tax": lambda: FilterSpec("exclude_value", ("ChargeCategory", "Tax")),
        "dims": _dims,
        "dims_of": lambda *values: next((v for v in values if isinstance(v, Dims)), None),
        "dimension": lambda name: Dims(((name,),)),
        "tag_dimension": lambda dim: (
            _dims((tuple(n for n in dim[0] if n.startswith("Tags/")), dim[1]))
            if any(n.startswith("Tags/") for n in dim[0])
            else REJECTED
        ),
        "who": lambda name: Dims(((name,),), plural=False),
        "names": _names,
        "names_alike": _names_alike,
        "qualify": _qualify,
        "qualify_tag": _qualify_tag,
        "qualify_all": _qualify_all,
        "include": lambda names: FilterSpec("include", names) if names is not None else None,
        "include_of": lambda *values: _with_names("include", values),
        "include_versus": lambda *values: _with_names("include_versus", values),
        "include_whole": lambda names: (
            REJECTED if any(name.partial for name in names.names) else FilterSpec("include", names)
        ),
        "several_of": lambda *values: True if len(_names(*values).names) > 1 else None,
        "several": lambda names: True if len(names.names) > 1 else None,
        "quantity_typed": _quantity_typed,
        "include_any": lambda *values: _with_names("include", values, optional=True),
        "include_all": _include_all,
        "include_tag": _include_tag,
        "include_qualified": lambda dim, names: _filter(_qualify_all(names, dim)),
        "exclude": lambda *values: _with_names("exclude", values),
        "none_of": _none_of,
        "any_of": lambda *values: FilterSpec("any", _dim_of(values)),
        "mention": lambda *texts: FilterSpec("mention", next(text for text in texts if text and text[0] in "@#")),
        "not_growth": lambda value: REJECTED if value == "growth" else value,
        "exclude_of": _exclude_of,
        "advice_to_lower": lambda *values: "recommendations" if "decrease" in values else REJECTED,
        "exclude_qualified": _exclude_qualified,
        "words_credits": lambda: "credits",
        "unqualified": _unqualified,
        "money": lambda *values: REJECTED if "usage" in values else ("money",),
        "multiplied_direction": lambda percent: "decrease" if percent.startswith("-") else "increase",
        "alike": lambda *values: REJECTED if len({value for value in values if value}) > 1 else values[0],
        "either": lambda one, other: one if one == other else "change",
        "words_invoice": lambda: "invoice",
        "step_of": lambda *values: next(v for v in values if v in {"day", "week", "month", "quarter", "hour"}),
        "share_within": lambda part, whole: ("share", (part,), (whole,)),
        "rank": lambda *values: Rank(next(v for v in values if isinstance(v, int))),
        "rank_ten": lambda: Rank(None, "ten"),
        "rank_counted": lambda: Rank(None, "counted"),
        "rank_of": lambda *values: Rank(next((v for v in values if isinstance(v, int)), None), "ten"),
        "rank_any": lambda *values: Rank(
            next((v for v in values if isinstance(v, int)), None), "ten" if values[0] == "" else "counted"
        ),
        "change_of": _change_of,
        "direction": lambda *values: (
            "increase" if "" in values else next((v for v in values if v in DIRECTIONS), "increase")
        ),
        "limit": _limit,
        "percent_limit": _percent_limit,
        "limit_and_share": _limit_and_share,
        "at_least": lambda amount: Limit(">=", amount.value, amount.currency),
        "at_most": lambda amount: Limit("<=", amount.value, amount.currency),
        "length": _length,
        "when": lambda *values: _timed("when", values),
        "from_to": lambda *values: _timed("from_to", values),
        "range": lambda *values: _timed("range", values),
        "between": lambda *values: _timed("between", values),
        "since": lambda *values: _timed("since", values),
        "since_of": lambda *values: _timed("since", values),
        "to": lambda *values: _timed("to", values),
        "until": lambda *values: _timed("until", values),
        "before": lambda *values: _timed("before", values),
        "after": lambda *values: _timed("after", values),
        "versus": lambda *values: _timed("versus", values),
        "versus_range": lambda *values: _timed("versus_range", values),
        "versus_whole": lambda *values: _timed("versus_whole", values),
        "with_date": lambda *values: _timed("with_date", values),
        "pair": lambda *values: _timed("pair", values),
        "pair_of": lambda *values: _timed("pair", values),
        "joined": lambda *values: _timed("joined", values),
        "changed_from": _changed_from,
        "day_range": _day_range,
        "range_day": _range_day,
        "offset": _offset,
        "versus_days": _versus_days,
        "usage_range": lambda first, last: ("when", ("range", (first, last))),
        "share_of_it": lambda *groups: ("share_of", next((group for group in groups if isinstance(group, tuple)), ())),
        "share_rest": lambda whole: ("share_of", whole),
        "quantity": _quantity,
        "quantity_pair": _quantity_pair,
        "unit_of": _unit_of,
        "metered_credits": _metered_credits,
        "usage": lambda _: ("usage",),
        "usage_at": _usage_at,
        "per": _per,
        "share": _share,
        "share_as": _share_as,
        "share_part": _share_part,
        "beside": _beside,
        "gross_or_net": lambda value: value if value in {"gross", "net"} else REJECTED,
        "gross_and_net": lambda: ("gross", "net"),
    }


def _last(*values: Any) -> Any:  # noqa: ANN401 - of any symbol
    given = [value for value in values if value is not None and value != ""]
    return given[-1] if given else None


def _soft(word: str) -> Dims | None:
    """The dimension of a noun that follows a value, and only breaks it down where a ranking or the like is asked."""
    columns = {
        "resources": "ResourceId",
        "resource": "ResourceId",
        "instances": "ResourceId",
        "services": "ServiceName",
    }
    return Dims(((columns[word],),), plural=True) if word in columns else None


def _concat(*values: Any) -> tuple[Any, ...]:  # noqa: ANN401
    found: list[Any] = []
    for value in values:
        if isinstance(value, Names | FilterSpec):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(value)
    return tuple(found)


def _charges_filter(value: str) -> Any:  # noqa: ANN401
    if value == "tax":
        return (FilterSpec("value", ("ChargeCategory", "Tax")),)
    return REJECTED


def _is_dim(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], bool) and isinstance(value[0], tuple)  # noqa: PLR2004 - a lexeme of a dimension


def _dims(*values: Any) -> Dims:  # noqa: ANN401
    choices, plural = [], False
    for value in values:
        if _is_dim(value):
            choices.append(value[0])
            plural = plural or value[1]
        elif isinstance(value, str) and value not in {"x", "by", "per", "", ","}:
            choices.append((value,))
            plural = True
    return Dims(tuple(choices), plural)


def _dim_of(values: Any) -> Dims:  # noqa: ANN401
    for value in values:
        if _is_dim(value):
            return _dims(value)
        if isinstance(value, Dims):
            return value
    raise AssertionError(values)


def _none_of(*values: Any) -> Any:  # noqa: ANN401
    dims = _dim_of(values)
    return REJECTED if ("Tags",) in dims.choices else FilterSpec("none", dims)


def _names(*values: Any) -> Names:  # noqa: ANN401
    found: list[Name] = []
    for value in values:
        if isinstance(value, Name):
            found.append(value)
        elif isinstance(value, Names):
            found.extend(value.names)
    return Names(tuple(found))


def _names_alike(*values: Any) -> Any:  # noqa: ANN401
    """Names between commas, where one dimension has them all; "s3, us-east-1" are two filters."""
    names = _names(*values)
    dimensions = [_dimensions(name) for name in names.names]
    listed = len(dimensions) > 2 and all(found & _WHAT for found in dimensions)  # noqa: PLR2004 - "a, b and c"
    return names if listed or set.intersection(*dimensions) else REJECTED


def _dimensions(name: Name) -> set[str]:
    whole = {dimension for dimension, match in name.matches.items() if match.degree < PART}
    return whole or set(name.matches)


def _restricted(name: Name, dims: tuple[str, ...]) -> Name | None:
    """The name as a value of these dimensions, the first that has it."""
    for dimension in dims:
        match = name.matches.get(dimension)
        if match is not None and (match.degree < PART or all(other.degree == PART for other in name.matches.values())):
            return Name(name.text, {dimension: match}, name.partial)
    return None


def _qualify(*values: Any) -> Any:  # noqa: ANN401
    """A name beside the noun of its dimension; one whole name beside a plural is no value of it."""
    name = next(value for value in values if isinstance(value, Name))
    plural = any(_is_dim(value) and value[1] for value in values)
    if plural and not name.partial and all(len(match.values) == 1 for match in name.matches.values()):
        return REJECTED
    dim = next(
        value
        for value in values
        if _is_dim(value) or (isinstance(value, str) and (value[0].isupper() or value.startswith("x_")))
    )
    return _restricted(name, dim[0] if _is_dim(dim) else (dim,)) or REJECTED


def _qualify_tag(*values: Any) -> Any:  # noqa: ANN401
    """A name beside the key of its tag, or only beside the word "tag"."""
    name = next(value for value in values if isinstance(value, Name))
    dim = next((value for value in values if _is_dim(value)), None)
    if dim is not None:
        tags = tuple(dimension for dimension in dim[0] if dimension.startswith("Tags/"))
    else:
        tags = tuple(dimension for dimension in name.matches if dimension.startswith("Tags/"))
    return _restricted(name, tags) or REJECTED


def _qualify_all(*values: Any) -> Any:  # noqa: ANN401
    names = _names(*values).names
    dim = next(
        (
            value
            for value in values
            if _is_dim(value) or (isinstance(value, str) and (value[:1].isupper() or value.startswith("x_")))
        ),
        None,
    )
    if dim is None or not names:
        return REJECTED
    dims = dim[0] if _is_dim(dim) else (dim,)
    for dimension in dims:
        found = [_restricted(name, (dimension,)) for name in names]
        if all(found):
            return Names(tuple(name for name in found if name))
    return REJECTED


def _exclude_qualified(dim: Any, names: Any) -> Any:  # noqa: ANN401
    qualified = _qualify_all(names, dim)
    return REJECTED if qualified is REJECTED else FilterSpec("exclude", qualified)


def _exclude_of(dims: Dims, names: Names) -> FilterSpec:
    """As in "all models except claude": names of that dimension, where they are any."""
    found = [_any_of(name, choices) for name in names.names for choices in dims.choices[:1]]
    return FilterSpec("exclude", Names(tuple(name for name in found if name)) if all(found) else names)


def _any_of(name: Name, choices: tuple[str, ...]) -> Name | None:
    dimension = next((choice for choice in choices if choice in name.matches), None)
    return Name(name.text, {dimension: name.matches[dimension]}, name.partial) if dimension else None


def _unqualified(names: Names, dims: Dims) -> Any:  # noqa: ANN401
    """Dimensions that a name stands before, of which it is itself no value."""
    last = names.names[-1]
    if not dims.plural and any(_restricted(last, choices) for choices in dims.choices):
        return REJECTED
    return dims


def _filter(names: Any) -> Any:  # noqa: ANN401
    return REJECTED if names is REJECTED else FilterSpec("include", names)


def _include_several(*values: Any) -> Any:  # noqa: ANN401
    names = _names(*values)
    return FilterSpec("include", names) if len(names.names) > 1 else REJECTED


def _include_alike(first: Name, second: Name, within: Name) -> Any:  # noqa: ANN401
    """As in "aws and gcp compute": two names of one dimension, and a third of another."""
    shared = _dimensions(first) & _dimensions(second)
    return FilterSpec("include", Names((first, second))) if shared - _dimensions(within) else REJECTED


def _with_names(sense: str, values: Any, *, optional: bool = False) -> Any:  # noqa: ANN401
    names = next((value for value in values if isinstance(value, Names)), None)
    if names is None:
        return None if optional else REJECTED
    return FilterSpec(sense, names)


def _include_all(*values: Any) -> Any:  # noqa: ANN401
    names = _names(*values)
    if any(_is_dim(value) for value in values):
        qualified = _qualify_all(*values)
        if qualified is not REJECTED:
            return FilterSpec("include", qualified)
        return REJECTED
    return FilterSpec("include", names)


def _include_tag(*values: Any) -> Any:  # noqa: ANN401
    name = next((value for value in values if isinstance(value, Name)), None)
    if name is not None:
        qualified = _qualify_tag(*values)
        return REJECTED if qualified is REJECTED else FilterSpec("include", Names((qualified,)))
    names = next((value for value in values if isinstance(value, Names)), None)
    if names is not None and "with" not in values:
        tagged = [_restricted(name, tuple(d for d in name.matches if d.startswith("Tags/"))) for name in names.names]
        if not all(tagged):
            return REJECTED
        return FilterSpec("include", Names(tuple(name for name in tagged if name)))
    return _with_names("include", values)


def _change_of(*values: Any) -> Any:  # noqa: ANN401
    """The direction of a change; the noun "growth", whose value is empty, is an increase."""
    return next((value for value in values if value in DIRECTIONS), "increase" if "" in values else REJECTED)


def _limit(*values: Any) -> Any:  # noqa: ANN401
    op = next((value for value in values if isinstance(value, str) and value in OPERATORS), ">=")
    amount = next(value for value in values if isinstance(value, Amount))
    return Limit(op, amount.value, amount.currency)


def _percent_limit(*values: Any) -> Any:  # noqa: ANN401
    op = next((value for value in values if isinstance(value, str) and value in OPERATORS), ">=")
    return Limit(op, next(value for value in values if isinstance(value, Decimal)), None, percent=True)


def _limit_and_share(*values: Any) -> Any:  # noqa: ANN401
    percent: Decimal = next(value for value in values if isinstance(value, Decimal))
    return _limit(*values)._replace(share=percent / 100)


def _length(*values: Any) -> tuple[int, str, str]:  # noqa: ANN401
    count = next(value for value in values if isinstance(value, int))
    words = [value for value in values if isinstance(value, str)]
    return count, words[-1], words[0] if len(words) > 1 else ""


def _timed(sense: str, values: Any) -> Any:  # noqa: ANN401
    return (sense, tuple(value for value in values if isinstance(value, Moment)))


def _changed_from(*values: Any) -> Any:  # noqa: ANN401
    sense = "since" if "since" in values else "versus"
    return _timed(sense, values)


def _day_range(*values: Any) -> Any:  # noqa: ANN401
    from msgspec.structs import replace

    from bot.language.dates.expressions import Day

    moment = next(value for value in values if isinstance(value, Moment))
    count = next(value for value in values if isinstance(value, int))
    if not isinstance(moment, Day) or not 1 <= count <= 31 or moment.month is None:  # noqa: PLR2004 - days of a month
        return REJECTED
    return ("range", (moment, replace(moment, day=count)))


def _range_day(*values: Any) -> Any:  # noqa: ANN401
    made = _day_range(*values)
    return made if made is REJECTED else ("range", made[1][::-1])


def _versus_days(*values: Any) -> Any:  # noqa: ANN401
    made = _range_day(*values)
    return made if made is REJECTED else ("versus_range", made[1])


def _offset(*values: Any) -> Any:  # noqa: ANN401
    length = next(value for value in values if isinstance(value, tuple))
    moment = next(value for value in values if isinstance(value, Moment))
    words = [value for value in values if isinstance(value, str) and value not in {"in", "for", "over", "during"}]
    return ("offset", (length, words[-1], moment))


def _quantity(*values: Any) -> Any:  # noqa: ANN401
    amount = next(value for value in values if isinstance(value, Amount))
    names = next((value for value in values if isinstance(value, Names)), None)
    unit = next(value for value in values if isinstance(value, str) and value[:1].isupper())
    unit = unit.replace("-Mo", "-Months")
    small = not amount.scaled and amount.value < _VERSION and unit == "Tokens"
    return REJECTED if amount.currency or small else ("quantity", amount.value, unit, names)


def _quantity_typed(amount: Amount, names: Names) -> Any:  # noqa: ANN401
    """As in "500k input": of a type of token."""
    if amount.currency or not amount.scaled or not all("x_TokenType" in name.matches for name in names.names):
        return REJECTED
    return ("quantity", amount.value, "Tokens", names)


def _quantity_pair(*values: Any) -> Any:  # noqa: ANN401
    amounts = [value for value in values if isinstance(value, Amount)]
    names = [value for value in values if isinstance(value, Names)]
    if any(amount.currency for amount in amounts):
        return REJECTED
    if not all(len(group.names) == 1 and "x_TokenType" in group.names[0].matches for group in names):
        return REJECTED
    return ("quantity_pair", tuple(amount.value for amount in amounts), tuple(names))


def _metered_credits(*values: Any) -> Any:  # noqa: ANN401
    """As in "how many credits did snowflake use": of who meters in credits, and not of who grants them."""
    names = next(value for value in values if isinstance(value, Names))
    metered = all(
        any("snowflake" in value.casefold() for match in name.matches.values() for value in match.values)
        for name in names.names
    )
    return ("unit_of", "Credits", names) if metered else REJECTED


def _unit_of(*values: Any) -> Any:  # noqa: ANN401
    names = next(value for value in values if isinstance(value, Names))
    unit = next(value for value in values if isinstance(value, str))
    return ("unit_of", unit, names)


def _usage_at(*values: Any) -> Any:  # noqa: ANN401
    items = next((value for value in values if isinstance(value, tuple) and not isinstance(value, Names)), None)
    names = next((value for value in values if isinstance(value, Names)), None)
    if items is None or names is None:
        return REJECTED
    kinds = {item[0] for item in items}
    if not (kinds & {"include", "when"}) or ("usage" not in kinds and "when" not in kinds):
        return REJECTED
    return ("usage_at", items, names)


def _per(*values: Any) -> Any:  # noqa: ANN401
    units = [
        value for value in values if isinstance(value, str) and value and (value[0].isupper() or value == "vCPU-Hours")
    ]
    units += [value.name for value in values if isinstance(value, Counted)]
    names = next((value for value in values if isinstance(value, Names)), None)
    unit = units[-1] if units else ("Tokens" if "mtok" in values else None)
    return ("per", unit, names)


def _share(*values: Any) -> Any:  # noqa: ANN401
    """Two groups of what was named: the whole stands before the part, or after it for "does X make up of Y"."""
    groups = [value for value in values if isinstance(value, tuple) and not isinstance(value, Names)]
    groups = groups if len(groups) == 2 else [(), *groups]  # noqa: PLR2004 - a whole and a part
    whole, part = groups[-2], groups[-1]
    if "does" in values[:2] or "do" in values[:2] or "did" in values[:2]:
        whole, part = part, whole
    return ("share", part, whole) if part else REJECTED


def _share_as(*values: Any) -> Any:  # noqa: ANN401
    groups = [value for value in values if isinstance(value, tuple) and not isinstance(value, Names)]
    return ("share", groups[0], groups[-1]) if groups[0] and len(groups) > 1 else REJECTED


def _share_part(*values: Any) -> Any:  # noqa: ANN401
    for value in values:
        if isinstance(value, Names):
            return ("share", (value,), ())
        if isinstance(value, tuple) and value:
            return ("share", value, ())
    return REJECTED


def _beside(*values: Any) -> Any:  # noqa: ANN401
    named = [
        value
        for value in values
        if value in {"gross", "net", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost"}
    ]
    return tuple(named) if len(named) == 2 and named[0] != named[1] else REJECTED  # noqa: PLR2004 - two measures


__all__ = ["DIRECTIONS", "Dims", "FilterSpec", "Limit", "Match", "Names", "Rank", "constructors"]
