"""From phrases to what was asked: each pass takes the phrases it understands and leaves the rest to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bot.costs.errors import NotUnderstood
from bot.costs.question import Filter, Threshold
from bot.language.meanings import Role
from bot.language.numbers import whole
from bot.language.segment import Item
from bot.language.vocabulary import KNOWN, PART, WHOLE, Vocabulary, rank


@dataclass(slots=True)
class Draft:
    """What the sentence says, before defaults."""

    by: list[str] = field(default_factory=list)
    grain: str | None = None
    metric: str | None = None
    charges: str | None = None
    where: list[Filter] = field(default_factory=list)
    top: int | None = None
    ranked: bool = False
    threshold: Threshold | None = None
    currency: str | None = None
    versus: bool = False
    """Values of one dimension are set against each other."""
    presence: list[Filter] = field(default_factory=list)
    also: bool = False
    asked: list[str] = field(default_factory=list)
    """Dimensions asked for with "which", for ``values``."""
    plural: bool = False
    named: bool = False
    """The dimension was named, and not implied."""
    ambiguous: list[tuple[str, str, tuple[str, ...], bool]] = field(default_factory=list)
    """Values that were read in one dimension and could be in another: (chosen, other, values, exclude)."""


_ID: Final = 5
"""Digits from which on a number is rather somebody's id."""
_BARE: Final = frozenset(
    {"the", "a", "an", "our", "my", "your", "all", "any", "of", "single", "individual", "different", "own", "various"}
)


class Composer:
    """Reads one sentence's phrases into a draft."""

    def __init__(self, items: list[Item], vocabulary: Vocabulary) -> None:
        self.items, self._vocabulary = items, vocabulary
        self.draft = Draft()
        self._dimension_of: dict[int, tuple[str, ...]] = {}
        """Phrases whose dimension is named beside them."""

    # -- looking around -----------------------------------------------------------------------------------

    def beside(self, item: Item, step: int, skip: Callable[[Item], bool] | None = None) -> Item | None:
        """The next phrase to the left or right, small words passed over."""
        index = self.items.index(item) + step
        while 0 <= index < len(self.items):
            found = self.items[index]
            if not (found.text.casefold() in _BARE or (skip and skip(found))):
                return found
            index += step
        return None

    def having(self, role: Role) -> list[Item]:
        """Free phrases that can play a role."""
        return [item for item in self.items if item.free and item.has(role)]

    def any(self, role: Role) -> bool:
        """Whether a phrase can play a role, used or not."""
        return any(item.has(role) for item in self.items)

    def says(self, *words: str) -> bool:
        """Whether one of these was typed as a phrase of its own."""
        return any(item.text.casefold() in words for item in self.items)

    # -- passes ---------------------------------------------------------------------------------------------

    def settle_senses(self) -> None:
        """Where a phrase is both a word of ours and a name of the ledger, decide which."""
        for item in self.items:
            if not (item.meanings and item.matches):
                continue
            if self._is_name(item):
                item.meanings = ()
            else:
                item.matches = {}

    def _is_name(self, item: Item) -> bool:
        degree = min(match.degree for match in item.matches.values())
        dims = {name for name, match in item.matches.items()}
        for step in (1, -1):
            beside = self.beside(item, step, lambda each: each.has(Role.EQUALS))
            dim = beside.get(Role.DIM) if beside else None
            joined = step == 1 or (beside is not None and self._equals_after(beside))
            if (
                dim
                and dims & set(dim.value)
                and joined
                and not (dim.plural and degree == PART)
                and not item.has(Role.WHEN)
            ):
                return True
        if degree == PART:
            return False
        after = self.beside(item, 1)
        before = self.beside(item, -1)
        role = item.meanings[0].role
        if role is Role.DIM:
            return item.get(Role.DIM).plural is False and not (
                before and (before.has(Role.BY) or before.has(Role.WHICH) or before.has(Role.EACH))
            )  # type: ignore[union-attr]
        if role in {Role.CHANGE, Role.SOURCE, Role.EXIST, Role.LIST, Role.SUPERLATIVE, Role.TOP}:
            return (
                after is not None
                and after.has(Role.SPEND)
                and not (before is not None and before.has(Role.WHICH) and role is Role.EXIST)
            )
        if role is Role.NUMBER:
            return degree == WHOLE and len(item.text) >= _ID
        return False

    def _equals_after(self, item: Item) -> bool:
        index = self.items.index(item) + 1
        return index < len(self.items) and (self.items[index].has(Role.EQUALS) or self.items[index].matches != {})

    def thresholds(self) -> None:
        """Over $500, at least 1k."""
        for item in self.having(Role.OP):
            after = self.beside(item, 1, lambda each: each.has(Role.CURRENCY) or each.has(Role.SPEND))
            amount = (after.get(Role.AMOUNT) or after.get(Role.NUMBER)) if after and after.free else None
            if after and amount:
                op = item.get(Role.OP)
                assert op is not None  # noqa: S101 - that is how it was found
                self.draft.threshold = Threshold(op=op.value, amount=Decimal(amount.value))
                item.used = after.used = f"{op.value} {amount.value}"
                unit = self.beside(after, 1)
                if unit and unit.has(Role.CURRENCY):
                    unit.used = "currency of the threshold"

    def percentages(self) -> None:
        """ "Went up 40 %" tells, it does not ask."""
        for item in self.having(Role.PERCENT):
            before, after = self.beside(item, -1, _by), self.beside(item, 1)
            if before and before.has(Role.OP) and not before.used:
                continue
            if any(each and each.has(Role.CHANGE) for each in (before, after)):
                item.used = "as told"

    def tops(self) -> None:
        """Top 5, the 3 biggest, the biggest, most expensive."""
        for item in self.having(Role.NUMBER):
            after, before = self.beside(item, 1, lambda each: bool(each.matches)), self.beside(item, -1)
            dim = after.get(Role.DIM) if after else None
            ranking = self.any(Role.SUPERLATIVE) or self.any(Role.TOP) or (before and before.has(Role.WHICH))
            count = whole(item.get(Role.NUMBER))
            if dim and dim.plural and ranking and count and self._count_beside(item) is None:
                self.draft.top, self.draft.ranked, item.used = count, True, f"top {count}"
        for item in [*self.having(Role.TOP), *self.having(Role.SUPERLATIVE)]:
            if not item.free:
                continue
            if item.text.casefold() == "first" and not self._count_beside(item):
                continue
            count = self._count_beside(item)
            if count is not None or self.draft.top is not None:
                self.draft.top = count or self.draft.top
                self.draft.ranked = True
                item.used = f"top {count}"
            else:
                self.draft.ranked = True
                item.used = "ranked"

    def _count_beside(self, item: Item) -> int | None:
        for step in (1, -1):
            beside = self.beside(item, step, lambda each: each.has(Role.TOP) or each.has(Role.SUPERLATIVE))
            count = whole(beside.get(Role.NUMBER)) if beside and beside.free else None
            if beside and count and 0 < count <= 1000:
                beside.used = f"top {count}"
                return count
        return None

    def tags(self) -> None:
        """Without a team tag, untagged by team, tagged with environment."""
        for item in self.having(Role.NONE):
            after = self.beside(item, 1, lambda each: _is_tag_word(each) or each.has(Role.BY) or each.has(Role.IN))
            before = self.beside(item, -1, _is_tag_word)
            for dim_item in (after, before):
                dim = dim_item.get(Role.DIM) if dim_item and dim_item.free else None
                if (
                    dim_item
                    and dim
                    and dim.value != ("Tags",)
                    and (dim_item is after or item.text.casefold() in {"untagged", "missing"})
                ):
                    self._presence(item, dim_item, dim.value, exclude=False)
                    break
            if item.free and item.text.casefold() in {"untagged", "unlabeled", "unlabelled", "not tagged", "without tags", "without tag", "unallocated", "unattributed", "unassigned"} or (after is not None and _is_tag_word(after)):
                self._refuse_untagged(item)
        for item in self.having(Role.TAGGED):
            after = self.beside(item, 1, lambda each: _is_tag_word(each) or each.has(Role.IN))
            dim = after.get(Role.DIM) if after and after.free else None
            if after and dim and dim.value != ("Tags",):
                value = self.beside(after, 1, lambda each: each.has(Role.EQUALS) or _is_tag_word(each))
                named = value is not None and value.free and any(name in value.matches for name in dim.value)
                equals = self.items.index(after) + 1 < len(self.items) and self.items[self.items.index(after) + 1].has(
                    Role.EQUALS
                )
                if named or equals:
                    item.used = "tagged"
                else:
                    self._presence(item, after, dim.value, exclude=True)

    def _refuse_untagged(self, item: Item) -> None:
        keys = self._vocabulary.tag_keys
        raise NotUnderstood(
            f"{item.text!r}: without which tag?",
            f"Name one, such as \"spend without a {keys[0]} tag\". Known: {', '.join(keys[:8])}." if keys else "This ledger knows no tags.",
            unknown=[item.text],
            suggestions=[f"spend without a {key} tag" for key in keys[:3]],
        )

    def _presence(self, item: Item, dim_item: Item, dims: tuple[str, ...], *, exclude: bool) -> None:
        dimension = next((name for name in dims if name.startswith("Tags/")), dims[0])
        self.draft.where.append(Filter(dimension=dimension, values=("",), exclude=exclude))
        item.used = dim_item.used = f"{'has' if exclude else 'no'} {dimension}"
        for step in (1, -1):
            tag = self.beside(dim_item, step)
            if tag and _is_tag_word(tag):
                tag.used = dim_item.used

    def qualifiers(self) -> None:
        """A dimension named beside a value: search team, account production, team:payments."""
        for item in self.having(Role.DIM):
            dim = item.get(Role.DIM)
            assert dim is not None  # noqa: S101 - that is how it was found
            dims = self._with_tag_word(item, dim.value)
            if self._asked_for(item) and not self._equals_next(item):
                continue
            left = self._left_value(item)
            if left and self._fits(left, dims, plural=dim.plural):
                item.used = f"names {self._hold(left, dims)}"
                self._hold_joined(left, dims)
                continue
            right = self.beside(item, 1, lambda each: each.has(Role.EQUALS) or _is_tag_word(each))
            equals = self._equals_next(item)
            if right and right.free and (not dim.plural or equals) and self._fits(right, dims, plural=False):
                item.used = f"names {self._hold(right, dims)}"
                self._hold_right(right, dims)
            elif equals and right and right.free:
                item.used = "dimension of the next word"
                right.matches = {}
                right.meanings = ()
            elif not dim.plural and not item.has(Role.FILLER) and not self._told_apart(item, dims):
                item.used = "dimension of the word before"
            if item.used:
                self._use_signs(item)

    def _told_apart(self, item: Item, dims: tuple[str, ...]) -> bool:
        """False where the word before claims to be a value of this dimension and is none: "the platform team"."""
        index = self.items.index(item) - 1
        left = self.items[index] if index >= 0 else None
        if left is None or not left.free or left.has(Role.AND):
            return True
        if left.matches and not left.meanings:
            outer = {"ServiceProviderName", "ServiceName", "ServiceCategory", "x_Model"}
            degree = min(match.degree for match in left.matches.values())
            personal = any(name.startswith("Tags") or name in {"x_ApiKeyName", "x_UserName"} for name in dims)
            containing = any(match.degree < PART and name in outer for name, match in left.matches.items())
            if containing or not (personal or (degree == PART and dims[0] == "SubAccountName")):
                return True
        elif left.text.casefold() not in {"payments", "payment", "billing", "invoicing", "data", "infra", "infrastructure", "tech"}:
            return True
        elif dims == ("Tags",):
            return True
        left.matches, left.meanings = {}, ()
        return False

    def _with_tag_word(self, item: Item, dims: tuple[str, ...]) -> tuple[str, ...]:
        for step in (1, -1):
            index = self.items.index(item) + step
            if 0 <= index < len(self.items) and _is_tag_word(self.items[index]):
                tags = tuple(name for name in dims if name.startswith("Tags/"))
                if tags:
                    self.items[index].used = "tag"
                    return tags
        return dims

    def _equals_next(self, item: Item) -> bool:
        index = self.items.index(item) + 1
        while index < len(self.items) and _is_tag_word(self.items[index]):
            index += 1
        return index + 1 < len(self.items) and self.items[index].has(Role.EQUALS)

    def _use_signs(self, item: Item) -> None:
        for step in (1, -1):
            index = self.items.index(item) + step
            if 0 <= index < len(self.items) and self.items[index].has(Role.EQUALS):
                self.items[index].used = "is"

    def _asked_for(self, item: Item) -> bool:
        """By team, which team, top 5 teams, each team."""
        before = self.beside(
            item,
            -1,
            lambda each: each.used.startswith(("top", "ranked")) or each.has(Role.SPEND) or each.has(Role.SUPERLATIVE),
        )
        return before is not None and (before.has(Role.BY) or before.has(Role.WHICH) or before.has(Role.EACH))

    def _left_value(self, item: Item) -> Item | None:
        index = self.items.index(item) - 1
        if index >= 0 and self.items[index].free and self.items[index].matches:
            return self.items[index]
        return None

    def _fits(self, item: Item, dims: tuple[str, ...], *, plural: bool) -> bool:
        found = [name for name in dims if name in item.matches]
        if not found:
            return False
        if all(item.matches[name].degree == PART for name in found):
            better = [name for name, match in item.matches.items() if match.degree < PART]
            return not better or (not plural and min(map(rank, better)) > min(map(rank, found)))
        return True

    def _hold(self, item: Item, dims: tuple[str, ...]) -> str:
        dimension = min(
            (name for name in dims if name in item.matches),
            key=lambda name: (item.matches[name].degree, dims.index(name)),
        )
        self._dimension_of[id(item)] = (dimension,)
        return dimension

    def _hold_joined(self, item: Item, dims: tuple[str, ...]) -> None:
        """In "search and data teams" both are teams."""
        index = self.items.index(item) - 1
        while index > 0 and (self.items[index].has(Role.AND) or self.items[index].has(Role.VERSUS)):
            left = self.items[index - 1]
            if not (left.free and any(name in left.matches for name in dims)):
                break
            self._hold(left, dims)
            index -= 2

    def _hold_right(self, item: Item, dims: tuple[str, ...]) -> None:
        index = self.items.index(item) + 1
        while index + 1 < len(self.items) and (self.items[index].has(Role.AND) or self.items[index].has(Role.VERSUS)):
            right = self.items[index + 1]
            if not (right.free and any(name in right.matches for name in dims)):
                break
            self._hold(right, dims)
            index += 2

    def breakdowns(self, *, ranking: bool) -> None:
        """By service and region; which teams; service costs; days over 5k."""
        for item in self.having(Role.GRAIN):
            meaning = item.get(Role.GRAIN)
            assert meaning is not None  # noqa: S101 - that is how it was found
            self.draft.grain = meaning.value
            item.used = f"by {meaning.value}"
        for item in self.items:
            if item.free and item.has(Role.DIM):
                self._breakdown(item, ranking=ranking)
            elif item.free and item.has(Role.TIMEUNIT):
                self._timeunit(item)
        if len(self.draft.by) > 2:
            raise NotUnderstood(
                f"I can break costs down by two things at a time, not by {len(self.draft.by)}.",
                'Ask for two, such as "by team and service", and filter by the rest.',
                unknown=self.draft.by[2:],
            )

    def _timeunit(self, item: Item) -> None:
        before = self.beside(item, -1)
        if (
            before is not None
            and (before.has(Role.BY) or before.has(Role.EACH) or before.has(Role.WHICH) or self._joined_by(item))
            or self.draft.threshold
            or self.draft.ranked
        ):
            meaning = item.get(Role.TIMEUNIT)
            assert meaning is not None  # noqa: S101 - that is how it was found
            self.draft.grain = meaning.value
            self.draft.named = True
            item.used = f"by {meaning.value}"
            self.draft.plural = self.draft.plural or item.text.casefold().endswith("s")

    def _joined_by(self, item: Item) -> bool:
        before = self.beside(item, -1)
        if before is None or not before.has(Role.AND):
            return False
        dim = self.beside(before, -1)
        return dim is not None and dim.used.startswith("by ")

    def _breakdown(self, item: Item, *, ranking: bool) -> None:
        dim = item.get(Role.DIM)
        assert dim is not None  # noqa: S101 - that is how it was found
        dims = self._with_tag_word(item, dim.value)
        before = self.beside(
            item, -1, lambda each: bool(each.matches) or each.used.startswith(("top", "ranked", "tag"))
        )
        after = self.beside(item, 1)
        asked = before is not None and (before.has(Role.BY) or before.has(Role.EACH) or before.has(Role.WHICH))
        if dims == ("Tags",) and after is not None and not self._listing():
            after_dim = after.get(Role.DIM)
            if after_dim:
                item.used = "tag"
                return
        if item.has(Role.FILLER) and (
            not (asked or ranking or self._listing()) or (after is not None and after.has(Role.DIM))
        ):
            return
        if not asked and before is not None and before.has(Role.ACROSS) and not self._spread(item):
            item.used = "all of them"
            return
        if not asked and dim.plural and after is not None and after.has(Role.NOT):
            item.used = "all of them"
            return
        if not asked and not ranking and self._spent_on(item):
            item.used = "all of them"
            return
        if dims[0] not in self.draft.by:
            self.draft.by.append(dims[0])
        item.used = f"by {dims[0]}"
        if before is not None and before.has(Role.WHICH):
            self.draft.asked.append(dims[0])
        self.draft.plural = self.draft.plural or dim.plural
        self.draft.named = True

    def _listing(self) -> bool:
        return self.any(Role.LIST) or self.any(Role.EXIST)

    def _spread(self, item: Item) -> bool:
        """ "Across all accounts" breaks down only where a breakdown is asked for and nothing else is named."""
        others = [each for each in self.items if each is not item and each.free and each.has(Role.DIM)]
        return not self.draft.by and not others and (self.any(Role.BREAKDOWN) or self.any(Role.COMPARE))

    def _spent_on(self, item: Item) -> bool:
        """ "How much do we spend on AI services": the value says it, the noun adds nothing."""
        dim = item.get(Role.DIM)
        left = self._left_value(item)
        if not (dim and left):
            return False
        before = self.beside(left, -1)
        return before is not None and before.has(Role.IN) and not self.any(Role.BREAKDOWN) and not self.any(Role.WHICH)

    def metrics(self) -> None:
        """Amortized, at list price; tokens, hours; gross, credits, tax; currencies."""
        for item in self.having(Role.METRIC):
            meaning = item.get(Role.METRIC)
            assert meaning is not None  # noqa: S101 - that is how it was found
            self.draft.metric = meaning.value
            item.used = meaning.value
        for item in self.having(Role.UNIT):
            meaning = item.get(Role.UNIT)
            assert meaning is not None  # noqa: S101 - that is how it was found
            if self._costs_of(item):
                item.used = "cost of it"
            else:
                self.draft.metric = "ConsumedQuantity"
                item.used = f"ConsumedQuantity in {meaning.value}"
        for item in self.having(Role.CHARGES):
            self._charges(item)
        for item in self.having(Role.CURRENCY):
            meaning = item.get(Role.CURRENCY)
            assert meaning is not None  # noqa: S101 - that is how it was found
            self.draft.currency = meaning.value
            item.used = f"in {meaning.value}"

    def _costs_of(self, item: Item) -> bool:
        """Token costs, spend on input tokens."""
        after = self.beside(item, 1)
        if (
            after is not None
            and after.has(Role.SPEND)
            and after.text.casefold() not in {"used", "usage", "consumption", "consumed"}
        ):
            return True
        before = self.beside(
            item, -1, lambda each: bool(each.matches) or each.has(Role.IN) or each.text.casefold() == "of"
        )
        return (
            before is not None
            and (before.has(Role.SPEND) or (before.has(Role.BREAKDOWN) and not before.has(Role.BY)))
            and before.text.casefold() not in {"usage", "consumption"}
            and not self._many()
        )

    def _many(self) -> bool:
        return "how many" in " ".join(item.text.casefold() for item in self.items)

    def _charges(self, item: Item) -> None:
        meaning = item.get(Role.CHARGES)
        assert meaning is not None  # noqa: S101 - that is how it was found
        negated = self._negated(item)
        if meaning.value == "tax" and negated:
            self.draft.where.append(Filter(dimension="ChargeCategory", values=("Tax",), exclude=True))
            item.used = "without tax"
        elif meaning.value == "credits" and negated:
            self.draft.charges = "gross"
            item.used = "before credits"
        else:
            self.draft.charges = meaning.value
            item.used = f"charges: {meaning.value}"

    def _negated(self, item: Item) -> bool:
        """Whether an "except" governs this phrase: "except support and tax"."""
        index = self.items.index(item) - 1
        while index >= 0:
            found = self.items[index]
            if found.has(Role.NOT) or found.has(Role.NONE) or (found.has(Role.BEFORE) and found.free):
                found.used = "except"
                return True
            listed = (
                bool(found.matches)
                or found.has(Role.DASH)
                or found.has(Role.AND)
                or found.has(Role.CHARGES)
                or found.has(Role.SPEND)
                or found.text.casefold() in _BARE
                or found.used.startswith("names ")
                or found.has(Role.DIM)
            )
            if not listed or found.used.startswith("by "):
                return False
            index -= 1
        return False

    # -- filters ----------------------------------------------------------------------------------------------

    def filters(self) -> None:
        """Every value becomes part of a filter; joined ones share a dimension where one holds them all."""
        for group in self._groups():
            chosen = self._dimensions([item for item in group if item.matches])
            for item, dimension in chosen:
                match = item.matches[dimension]
                exclude = self._negated(item)
                self._add(dimension, match.values, exclude=exclude)
                self._offer(item, dimension, exclude=exclude)
                item.used = f"{'not ' if exclude else ''}{dimension} = {' | '.join(match.values[:3])}"
            dims = {dimension for _, dimension in chosen}
            self._refuse_either(chosen, dims)
            if self._set_against(group) and len(dims) == 1 and len(chosen) > 1:
                self.draft.versus = True
                dimension = dims.pop()
                self.draft.by = [dimension, *(name for name in self.draft.by if name != dimension)][:2]

    def _refuse_either(self, chosen: list[tuple[Item, str]], dims: set[str]) -> None:
        """ "AWS and BigQuery" is one or the other, which one filter on each cannot say."""
        if dims == {"ServiceProviderName", "ServiceName"} and not any(self._negated(item) for item, _ in chosen):
            names = [item.text for item, _ in chosen]
            raise NotUnderstood(
                f"I cannot add {' and '.join(names)} up: some are providers, some are services.",
                "Ask for providers or for services, or for one after the other.",
                unknown=names,
            )

    def _groups(self) -> list[list[Item]]:
        groups: list[list[Item]] = []
        for index, item in enumerate(self.items):
            if not (item.free and item.matches):
                continue
            link = self._links_back(index, groups[-1][-1]) if groups else None
            if link is None:
                groups.append([item])
            else:
                groups[-1].extend([*link, item])
        return groups

    def _links_back(self, index: int, last: Item) -> list[Item] | None:
        """The phrases between two values, if they join them."""
        between = self.items[self.items.index(last) + 1 : index]
        joiners = [each for each in between if _joins(each)]
        if not joiners:
            return None
        if all(
            _joins(each)
            or each.has(Role.SPEND)
            or each.has(Role.IN)
            or each.has(Role.FILLER)
            or each.used.startswith("names ")
            or each.has(Role.NOT)
            and False
            for each in between
        ):
            return joiners
        return None

    def _set_against(self, group: list[Item]) -> bool:
        if any(item.has(Role.VERSUS) for item in group):
            for item in group:
                if item.has(Role.VERSUS) and not item.used:
                    item.used = "versus"
            return True
        joined = any(item.has(Role.AND) or item.has(Role.TO) for item in group)
        return joined and any(item.has(Role.COMPARE) or item.text.casefold() == "difference" for item in self.items)

    def _dimensions(self, items: list[Item]) -> list[tuple[Item, str]]:
        held = {id(item): self._dimension_of[id(item)][0] for item in items if id(item) in self._dimension_of}
        open_items = [item for item in items if id(item) not in held]
        shared = self._shared(items) if len(items) > 1 else None
        chosen = []
        for item in items:
            if id(item) in held:
                dimension = held[id(item)]
            elif shared and shared in item.matches:
                dimension = shared
            else:
                dimension = _likeliest(item)
            chosen.append((item, dimension))
        del open_items
        return chosen

    def _shared(self, items: list[Item]) -> str | None:
        """The dimension that holds all of them, best by the worst degree."""
        held = [self._dimension_of[id(item)][0] for item in items if id(item) in self._dimension_of]
        names = set(items[0].matches)
        for item in items[1:]:
            names &= set(item.matches)
        if held:
            names &= set(held)
        if not names:
            return self._most_shared(items)
        worst = {name: max(item.matches[name].degree for item in items) for name in names}
        best = min(worst.values())
        if best == PART and any(min(m.degree for m in item.matches.values()) < PART for item in items):
            return None
        return min(
            (name for name in names if worst[name] == best),
            key=lambda name: (sum(item.matches[name].degree for item in items), rank(name)),
        )

    def _most_shared(self, items: list[Item]) -> str | None:
        counts: dict[str, int] = {}
        for item in items:
            for name, match in item.matches.items():
                if match.degree == WHOLE:
                    counts[name] = counts.get(name, 0) + 1
        shared = [name for name, count in counts.items() if count > 1]
        return min(shared, key=lambda name: (-counts[name], rank(name))) if shared else None

    def _offer(self, item: Item, dimension: str, *, exclude: bool) -> None:
        if id(item) in self._dimension_of:
            return
        degree = item.matches[dimension].degree
        for name, match in item.matches.items():
            if name != dimension and match.degree <= max(degree, KNOWN):
                self.draft.ambiguous.append((dimension, name, match.values, exclude))

    def _add(self, dimension: str, values: Iterable[str], *, exclude: bool) -> None:
        for at, old in enumerate(self.draft.where):
            if old.dimension == dimension and old.exclude == exclude and old.values != ("",):
                merged = tuple(dict.fromkeys([*old.values, *values]))
                self.draft.where[at] = old.model_copy(update={"values": merged})
                return
        self.draft.where.append(Filter(dimension=dimension, values=tuple(values), exclude=exclude))


def _likeliest(item: Item) -> str:
    best = min(match.degree for match in item.matches.values())
    return min((name for name, match in item.matches.items() if match.degree == best), key=rank)


def _joins(item: Item) -> bool:
    return item.has(Role.AND) or item.has(Role.VERSUS) or item.has(Role.TO) or item.has(Role.DASH)


def _is_tag_word(item: Item) -> bool:
    dim = item.get(Role.DIM)
    return dim is not None and dim.value == ("Tags",)


def _by(item: Item) -> bool:
    return item.has(Role.BY) or item.has(Role.FILLER)
