"""The constructors that lists in ``grammar.toml`` begin with: what a production makes of what its elements say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from bot.language.chart import REJECTED
from bot.language.lattice import Dim
from bot.language.semantics import figures, naming, phrases
from bot.language.semantics.values import DIRECTIONS, Dims, FilterSpec, JoinedNames, Limit, Rank, Value

_STEPS = frozenset(("hour", "day", "week", "month", "quarter"))


def constructors() -> Mapping[str, Callable[..., Value]]:
    """What the lists in grammar.toml may begin with."""
    return {
        **{sense: partial(phrases.timed, sense) for sense in phrases.SENSES},
        "tuple": lambda *values: tuple(value for value in values if value is not None),
        "list": lambda *values: tuple(value for value in values if value is not None),
        "words": lambda *values: " ".join(str(value) for value in values if value is not None),
        "last": figures.last_given,
        "last_text": lambda *values: next(v for v in reversed(values) if isinstance(v, str)),
        "soft": naming.soft_noun,
        "metric": lambda *values: next(v for v in values if v and str(v).endswith("Cost")),
        "shares": lambda items=(): (
            REJECTED if sum(isinstance(item, JoinedNames) for item in items) > 1 else ("shares", items)
        ),
        "only_tags": lambda dim: dim if any(name.startswith("Tags/") for name in dim.columns) else REJECTED,
        "include_several": naming.include_several,
        "include_alike": naming.include_alike,
        "include_ref": lambda ref: FilterSpec("include", JoinedNames((ref,))),
        "when_any": phrases.when_any,
        "untagged": lambda *values: next((v for v in values if isinstance(v, Dim)), True),
        "drop": lambda *_: None,
        "concat": figures.concatenated,
        "only_if": lambda value, wanted: value if value == wanted else REJECTED,
        "only_plural": lambda dim: dim if dim.plural else REJECTED,
        "charges": lambda *values: next(v for v in values if v in {"gross", "net", "credits", "tax"}),
        "charges_filter": figures.charges_filter,
        "without_tax": lambda: FilterSpec("exclude_value", ("ChargeCategory", "Tax")),
        "dims": naming.dims_of,
        "dims_of": lambda *values: next((v for v in values if isinstance(v, Dims)), None),
        "dimension": lambda name: Dims(((name,),)),
        "tag_dimension": naming.tag_dims,
        "who": lambda name: Dims(((name,),), plural=False),
        "names": naming.names_of,
        "names_alike": naming.names_alike,
        "qualify": naming.qualify,
        "qualify_tag": naming.qualify_tag,
        "qualify_all": naming.qualify_all,
        "include": lambda names: FilterSpec("include", names) if names is not None else None,
        "step_or_day": lambda *values: next((v for v in values if v in _STEPS), "day"),
        "value": lambda dimension, value: FilterSpec("value", (dimension, value)),
        "exclude_of_users": lambda names: naming.exclude_of(Dims((("x_UserName",),)), names),
        "include_commitments": naming.include_commitments,
        "include_skus": naming.include_skus,
        "include_of": lambda *values: naming.with_names("include", values),
        "include_versus": lambda *values: naming.with_names("include_versus", values),
        "include_whole": lambda names: (
            REJECTED if any(name.partial for name in names.names) else FilterSpec("include", names)
        ),
        "several_of": lambda *values: True if len(naming.names_of(*values).names) > 1 else None,
        "several": lambda names: True if len(names.names) > 1 else None,
        "quantity_typed": figures.quantity_typed,
        "include_any": lambda *values: naming.with_names("include", values, optional=True),
        "include_all": naming.include_all,
        "include_tag": naming.include_tag,
        "include_qualified": lambda dim, names: naming.filter_of("include", naming.qualify_all(names, dim)),
        "exclude": lambda *values: naming.with_names("exclude", values),
        "none_of": naming.none_of,
        "any_of": lambda *values: FilterSpec("any", naming.one_dim(values)),
        "mention": lambda *texts: FilterSpec("mention", next(t for t in texts if t and (t[0] == "#" or "@" in t))),
        "not_growth": lambda value: REJECTED if value == "growth" else value,
        "exclude_of": naming.exclude_of,
        "advice_to_lower": lambda *values: "recommendations" if "decrease" in values else REJECTED,
        "exclude_qualified": lambda dim, names: naming.filter_of("exclude", naming.qualify_all(names, dim)),
        "unqualified": naming.unqualified,
        "money": lambda *values: REJECTED if "usage" in values else ("money",),
        "multiplied_direction": lambda percent: "decrease" if percent.startswith("-") else "increase",
        "alike": lambda *values: REJECTED if len({value for value in values if value}) > 1 else values[0],
        "either": lambda one, other: one if one == other else "change",
        "step_of": lambda *values: next(v for v in values if v in _STEPS),
        "share_within": lambda part, whole: ("share", (part,), (whole,)),
        "rank": lambda *values: Rank(next(v for v in values if isinstance(v, int))),
        "rank_ten": lambda: Rank(None, "ten"),
        "rank_counted": lambda: Rank(None, "counted"),
        "rank_of": lambda *values: Rank(next((v for v in values if isinstance(v, int)), None), "ten"),
        "rank_any": lambda *values: Rank(
            next((v for v in values if isinstance(v, int)), None), "ten" if values[0] == "" else "counted"
        ),
        "change_of": figures.change_of,
        "direction": lambda *values: (
            "increase" if "" in values else next((v for v in values if v in DIRECTIONS), "increase")
        ),
        "limit": figures.limit_of,
        "percent_limit": figures.percent_limit,
        "limit_and_share": figures.limit_and_share,
        "at_least": lambda amount: Limit(">=", amount.value, amount.currency),
        "at_most": lambda amount: Limit("<=", amount.value, amount.currency),
        "length": phrases.length_of,
        "changed_from": phrases.changed_from,
        "day_range": phrases.day_range,
        "range_day": phrases.range_day,
        "offset": phrases.offset_from,
        "versus_days": phrases.versus_days,
        "usage_range": lambda first, last: ("when", ("range", (first, last))),
        "share_of_it": lambda *groups: ("share_of", next((group for group in groups if isinstance(group, tuple)), ())),
        "share_rest": lambda whole: ("share_of", whole),
        "quantity": figures.quantity_of,
        "quantity_pair": figures.quantity_pair,
        "unit_of": figures.unit_of,
        "metered_credits": figures.metered_credits,
        "usage": lambda _: ("usage",),
        "usage_at": figures.usage_at,
        "per": figures.unit_cost_of,
        "share": figures.share_of_groups,
        "share_as": figures.share_as,
        "share_part": figures.share_part,
        "beside": figures.measures_beside,
        "gross_or_net": lambda value: value if value in {"gross", "net"} else REJECTED,
        "gross_and_net": lambda: ("gross", "net"),
    }
