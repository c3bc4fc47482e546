"""Values → filters: joined ones share a dimension where one holds them all."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter
from bot.language.amounts import negated
from bot.language.meanings import Role
from bot.language.segment import Item
from bot.language.sentence import Choice, Draft, Sentence, joins
from bot.language.vocabulary import KNOWN, PART, WHOLE, rank

_MODEL = "x_Model"
_OF_ONE = frozenset(("ServiceName", "SubAccountName", "BillingAccountName", "SkuId", "ResourceId", "x_ApiKeyName"))
"""Dimensions whose values are of one provider each."""
_ON = frozenset(("on", "in", "via", "through", "within"))
"""What stands between a thing and where it is bought."""


def filters(sentence: Sentence, *, savings: bool = False, spoken_of: tuple[str, ...] = ()) -> None:
    """Every value becomes part of a filter. What saves ("savings plans") is none in a question after savings.

    ``spoken_of``: the dimensions of the question before, of which a name alone is one where it can be.
    """
    _keep_to(sentence, spoken_of)
    draft = sentence.draft
    included: list[tuple[Item, str]] = []
    for group in _groups(sentence):
        values = [item for item in group if item.matches]
        if savings and all(_saves(item) for item in values):
            for item in values:
                item.used = "what saves"
            continue
        chosen = _within(sentence, values, _dimensions(sentence, values))
        dims = {dimension for _, dimension in chosen}
        _refuse_either(sentence, chosen, dims)
        included += [(item, dimension) for item, dimension in chosen if not negated(sentence, item)]
        for item, dimension in chosen:
            if not _narrowed(sentence, item, dimension):
                _filter(sentence, item, dimension)
        if len(dims) == 1 and len(chosen) > 1 and _set_against(sentence, group):
            dimension = dims.pop()
            draft.by = [dimension, *(name for name in draft.by if name != dimension)][:2]
    _refuse_crossed(sentence, included)


def _narrowed(sentence: Sentence, item: Item, dimension: str) -> bool:
    """As in "everything except aws s3": of the provider only what is named after it is left out."""
    after = sentence.at(item, 1)
    narrower = after is not None and after.free and bool(after.matches) and not after.meanings
    if dimension != "ServiceProviderName" or not narrower or not negated(sentence, item):
        return False
    inner = sentence.beside_of.get(after.start) or _likeliest(after) if after is not None else ""
    if inner not in _OF_ONE:
        raise NotUnderstood(
            f"I cannot leave out only what is both {item.text!r} and {after.text if after else ''!r}.",
            "Leave out one of them, or ask for each provider by itself.",
            unknown=[item.text],
        )
    item.used = "whose it is"
    return True


def _keep_to(sentence: Sentence, dimensions: tuple[str, ...]) -> None:
    """As in "team ml last month", "and search?": the team, not the account of that name."""
    for item in sentence.items:
        close = [name for name in dimensions if name in item.matches and item.matches[name].degree < PART]
        if item.free and close:
            sentence.beside_of.setdefault(item.start, close[0])


def _within(sentence: Sentence, values: list[Item], chosen: list[tuple[Item, str]]) -> list[tuple[Item, str]]:
    """As in "claude on bedrock": two services are not added up, the models of one are bought from the other."""
    ((item, dimension), *more) = chosen
    on = sentence.at(item, 1)
    other = sentence.at(on, 1) if on is not None and on.said in _ON else None
    sold = other is not None and other.free and "ServiceName" in other.matches and _likeliest(other) == "ServiceName"
    if more or values[0].start in sentence.beside_of or dimension != "ServiceName" or not sold:
        return chosen
    return [(item, _MODEL if _MODEL in item.matches else dimension)]


def _refuse_crossed(sentence: Sentence, included: list[tuple[Item, str]]) -> None:
    """As in "s3 in production and rds in staging": two pairs, of which a filter on each would make four."""
    for (one, first), (_, second), (third, third_of), (_, fourth) in zip(
        included, included[1:], included[2:], included[3:], strict=False
    ):
        joint = sentence.at(third, -1)
        joined = joint is not None and joins(joint)
        if joined and first == third_of and second == fourth and first != second:
            raise NotUnderstood(
                f"I cannot hold {one.text!r} to one thing and {third.text!r} to another in one sum.",
                "Ask for one after the other.",
                unknown=[one.text, third.text],
            )


def _saves(item: Item) -> bool:
    """Savings plans, reserved instances, committed use."""
    plans = item.matches.get("ServiceName")
    committed = item.matches.get("PricingCategory")
    return bool(
        (plans and all(value.startswith("Savings Plan") for value in plans.values))
        or (committed and "Committed" in committed.values)
    )


def _filter(sentence: Sentence, item: Item, dimension: str) -> None:
    match, exclude = item.matches[dimension], negated(sentence, item)
    add(sentence.draft, dimension, match.values, exclude=exclude)
    item.used = f"{'not ' if exclude else ''}{dimension} = {' | '.join(match.values[:3])}"
    if item.start in sentence.beside_of:
        return
    for name, other in item.matches.items():
        if name != dimension and other.degree <= max(match.degree, KNOWN):
            sentence.draft.choices.append(Choice(dimension, name, other.values, exclude))


def add(draft: Draft, dimension: str, values: Iterable[str], *, exclude: bool) -> None:
    """OR values into the filter on a dimension, or begin one."""
    for at, old in enumerate(draft.where):
        if old.dimension == dimension and old.exclude == exclude and old.values != ("",):
            merged = tuple(dict.fromkeys([*old.values, *values]))
            draft.where[at] = old.model_copy(update={"values": merged})
            return
    draft.where.append(Filter(dimension=dimension, values=tuple(values), exclude=exclude))


# -- what belongs together ------------------------------------------------------------------------------------


def _groups(sentence: Sentence) -> list[list[Item]]:
    """Values with what joins them: [openai, vs, anthropic], [s3]."""
    groups: list[list[Item]] = []
    for index, item in enumerate(sentence.items):
        if not (item.free and item.matches):
            continue
        joiners = _joiners(sentence, groups[-1][-1], index) if groups else []
        if joiners:
            groups[-1].extend([*joiners, item])
        else:
            groups.append([item])
    return groups


def _joiners(sentence: Sentence, last: Item, index: int) -> list[Item]:
    """The phrases that join two values, if nothing else stands between them."""
    between = sentence.items[sentence.items.index(last) + 1 : index]
    light = (Role.SPEND, Role.IN, Role.FILLER)
    joining = [each for each in between if joins(each) or _compares(sentence, each)]
    if all(
        each in joining or any(each.has(role) for role in light) or each.used.startswith("names ") for each in between
    ):
        return joining
    return []


def _compares(sentence: Sentence, item: Item) -> bool:
    """As in "compare aws with gcp"."""
    return item.said == "with" and sentence.any(Role.COMPARE)


def _set_against(sentence: Sentence, group: list[Item]) -> bool:
    """Whether the values are compared with each other."""
    versus = [item for item in group if item.has(Role.VERSUS)]
    for item in versus:
        item.used = item.used or "versus"
    joined = any(item.has(Role.AND) or item.has(Role.TO) or _compares(sentence, item) for item in group)
    before = sentence.beside(group[0], -1)
    split = before is not None and before.has(Role.BY)
    measured = any(item.has(Role.TO) and not item.has(Role.AND) for item in group)
    return bool(versus) or measured or (joined and (split or sentence.any(Role.COMPARE)))


def _refuse_either(sentence: Sentence, chosen: list[tuple[Item, str]], dims: set[str]) -> None:
    """As in "GCP and Bedrock" is one or the other, which a filter on each cannot say."""
    if dims == {"ServiceProviderName", "ServiceName"} and not any(negated(sentence, item) for item, _ in chosen):
        names = [item.text for item, _ in chosen]
        raise NotUnderstood(
            f"I cannot add {' and '.join(names)} up: some are providers, some are services.",
            "Ask for providers or for services, or for one after the other.",
            unknown=names,
        )


# -- which dimension --------------------------------------------------------------------------------------------


def _dimensions(sentence: Sentence, items: list[Item]) -> list[tuple[Item, str]]:
    """The dimension of each: the one named beside it, the one that holds all, the first in order."""
    held = sentence.beside_of
    shared = _shared(items, {held[item.start] for item in items if item.start in held}) if len(items) > 1 else None
    return [
        (item, held.get(item.start) or (shared if shared and shared in item.matches else _likeliest(item)))
        for item in items
    ]


def _shared(items: list[Item], held: set[str]) -> str | None:
    names = set.intersection(*(set(item.matches) for item in items))
    names = names & held if held else names
    if not names:
        return _most_shared(items)
    worst = {name: max(item.matches[name].degree for item in items) for name in names}
    best = min(worst.values())
    if best == PART and any(min(match.degree for match in item.matches.values()) < PART for item in items):
        return None
    close = [name for name in names if worst[name] == best]
    return min(close, key=lambda name: (sum(item.matches[name].degree for item in items), rank(name)))


def _most_shared(items: list[Item]) -> str | None:
    counts: dict[str, int] = {}
    for item in items:
        for name, match in item.matches.items():
            if match.degree == WHOLE:
                counts[name] = counts.get(name, 0) + 1
    shared = [name for name, count in counts.items() if count > 1]
    return min(shared, key=lambda name: (-counts[name], rank(name))) if shared else None


def _likeliest(item: Item) -> str:
    best = min(match.degree for match in item.matches.values())
    return min((name for name, match in item.matches.items() if match.degree == best), key=rank)
