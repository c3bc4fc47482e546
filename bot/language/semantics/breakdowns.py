"""What costs are filtered and broken down by, and how their lines are ranked."""

from __future__ import annotations

from typing import Any, Final

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter
from bot.language.dates.resolve import TimeReferences
from bot.language.entities import Vocabulary
from bot.language.lattice import Dim
from bot.language.semantics import filters
from bot.language.semantics.context import Context
from bot.language.semantics.slots import Filling
from bot.language.semantics.values import Dims, FilterSpec, JoinedNames, Rank

_CHANGES: Final = frozenset(("increases", "decreases", "changes", "jumps", "drops", "swings", "rises", "falls"))
"""Changes as nouns in the plural, at the end of "biggest service increases"."""


_SUPERLATIVES: Final = frozenset(("most", "expensive", "highest", "biggest", "largest"))
_COSTS: Final = frozenset(("costs", "bills", "charges", "expenses", "spendings", "expenditures"))
_OWNERS: Final = frozenset(("ResourceId", "SubAccountName", "x_UserName", "x_ApiKeyName"))
_WHOSE: Final = frozenset(("ServiceProviderName", "ServiceName", "ServiceCategory", "x_Model"))
_MOST: Final = 2
"""Dimensions that costs are broken down by together."""
_COUNTED: Final = ("drivers", "rank", "change")
"""Slots whose last word says whether one is asked for or many."""


class Breakdowns(Context):
    """Reads filters, dimensions, ranks and orders from slots."""

    def _where(self) -> list[Filter]:
        where = list(self.filters().where)
        if self.slots.has("untagged"):
            where.append(self._untagged())
        if self.kind == "savings":
            where = [
                Filter(dimension="PricingCategory", values=("Committed",)) if self._commits(part) else part
                for part in where
            ]
        return where

    def _commits(self, part: Filter) -> bool:
        return part.dimension in {"ServiceName", "PricingCategory", "SkuId"} and all(
            value == "Committed"
            or "savings plan" in value.casefold()
            or "reserv" in value.casefold()
            or "ComputeSP" in value
            for value in part.values
        )

    def _untagged(self) -> Filter:
        given = self.slots.one("untagged")
        if isinstance(given, Dim):
            return Filter(dimension=_tag_first(given.columns, self.vocabulary), values=("",))
        keys = self.vocabulary.tag_keys
        if len(keys) == 1:
            return Filter(dimension=f"Tags/{keys[0]}", values=("",))
        raise NotUnderstood(
            "Untagged by which tag?",
            f'Name one of {", ".join(keys[:8])}: "without a {keys[0]} tag".' if keys else "This ledger has no tags.",
            unknown=[self.slots.text("untagged")],
            suggestions=[f"spend without a {key} tag" for key in keys[:3]],
        )

    def _by_asked(self) -> list[str]:
        """The dimensions that are asked for: "by …" first, then nouns."""
        slots = self.slots
        found: list[tuple[int, str]] = []
        explicit = slots.has("by")
        for filling in slots.all("by"):
            found += [(filling.start, name) for name in self._columns(filling.value)]
        for filling in slots.all("noun"):
            if filling.value is not None and not (
                explicit and filling.value.choices == (("ResourceId",),) and filling.value.plural
            ):
                found += [(filling.start, name) for name in self._columns(filling.value)]
        self._refuse_partial_before_noun()
        by = list(dict.fromkeys(name for _, name in sorted(found, key=lambda entry: entry[0])))
        for filling in slots.all("soft"):
            if slots.has(
                "rank", "threshold", "asked", "only", "untagged", "breakdown", "list", "ranked", "change_limit"
            ):
                by += [name for name in self._columns(filling.value) if name not in by]
        for filling in slots.all("across"):
            widened = self._columns(filling.value)
            everything = (
                filling.text.split()[-2:-1] == ["all"]
                or " all " in f" {filling.text} "
                or "any" in filling.text
                or "every" in filling.text
            )
            if not everything or (
                (slots.has("breakdown", "compare", "separately") or "among" in filling.text)
                and not by
                and not slots.has("noun")
            ):
                by += [name for name in widened if name not in by]
        return by

    def _two_at_most(self, by: list[str]) -> list[str]:
        if len(by) > _MOST:
            raise NotUnderstood(
                f"I can break costs down by two things at a time, not by {len(by)}.",
                'Ask for two, such as "by team and service", and filter by the rest.',
                unknown=by[2:],
            )
        return by

    def _refuse_partial_before_noun(self) -> None:
        """As in "platform team", "dev team", "team orion-prod", "which warehouse": no value of what the noun names."""
        slots = self.slots
        named = [(filling, names) for filling in slots.all("where") if (names := _names_of(filling)) is not None]
        nouns = [filling for filling in slots.all("noun") if filling.value is not None and not filling.value.plural]
        before = {filling.start: filling.value for filling in nouns}
        which = {filling.end for filling in slots.peek("asked") if filling.text.casefold().startswith("which")}
        for filling, names in named:
            asked = filling.start in which and not slots.has("noun")
            if names.names[-1].partial and (filling.end in before or asked):
                raise self._unknown([names.names[-1].text])
        if slots.has("asked", "rank", "list", "by"):
            return
        for filling in slots.peek("spend"):
            if filling.text.casefold() == "billing" and filling.end in before:
                raise self._unknown([filling.text])
        after = {filling.end for filling in nouns}
        for filling, names in named:
            if filling.end in before and _owns(names, before[filling.end]):
                raise self._unknown([names.names[-1].text])
            if filling.start in after and filling.value.sense == "include":
                raise self._unknown([names.names[0].text])

    def _separated(self, by: list[str], where: list[Filter]) -> list[str]:
        """Values that are set against each other are told apart by their dimension."""
        slots = self.slots
        compare = slots.flag("compare")
        split = slots.flag("split_values") and not by
        separately = slots.flag("separately", "compare_names") or split
        if not (compare or separately) or slots.has("beside"):
            return by
        joined = self.filters().joined
        several = [part.dimension for part in where if len(part.values) > 1 and not part.exclude]
        several.sort(key=lambda dimension: dimension not in joined)
        if separately and several and not slots.has("pair"):
            return by if several[0] in by else [several[0], *by]
        if compare and several and not slots.has("time"):
            return by if several[0] in by else [several[0], *by]
        if compare and several and not self._two_times():
            return by if several[0] in by else [several[0], *by]
        if separately and not several and not by and slots.has("asked") and slots.has("dearer"):
            return by
        if separately and not several and slots.has("dearer") and (not by or compare):
            raise self._refusal(
                "dearer",
                f"I can't tell what {slots.text('dearer')!r} compares.",
                'Name both: "haiku vs sonnet 5 last month", or a usage: "october\'s gpt-5 usage at haiku prices".',
            )
        if separately and not several and (not by or compare):
            raise self._refusal(
                "separately", "There is nothing to break down.", 'Name several: "AWS and OpenAI separately".'
            )
        return by

    def _top(self, rank: Rank | None) -> int | None:
        slots = self.slots
        rank = rank or slots.one("rank")
        if len(slots.all("rank")) > 1:
            raise self._refusal(
                "rank",
                f"I can rank by one thing at a time: {slots.text('rank')!r}.",
                'Ask for example: "top 5 services".',
            )
        if rank is not None:
            slots.flag("rest_as_other")
        if rank is None and slots.has("when") and slots.has("change"):
            return 1
        if rank is None:
            if (
                slots.has("dearer")
                and slots.has("asked", "noun")
                and not self._two_times()
                and not slots.has("direction", "change")
            ):
                rank = Rank(None, "counted")
            elif slots.has("expensive") and slots.has("asked"):
                slots.flag("expensive")
                rank = Rank(None, "counted")
            else:
                return None
        if rank.count is not None:
            return rank.count
        plural = self._plural()
        if not plural:
            return 1
        return 10 if rank.default == "ten" else 5

    def _plural(self) -> bool:
        """Whether what is asked for is many: by its noun, else by the word for the ranking or for the cost."""
        slots = self.slots
        last = {name: [self._last_word(filling) for filling in slots.peek(name)] for name in _COUNTED}
        dims = [filling for filling in slots.peek("noun") if filling.value is not None]
        if any(word.endswith("s") for word in last["drivers"]) or any(word in _CHANGES for word in last["change"]):
            return True
        if dims:
            return any(filling.value.plural for filling in dims)
        if slots.has("step"):
            return slots.text("step").endswith("s")
        spoken = next((word for words in last.values() for word in words if word not in _SUPERLATIVES), None)
        if spoken is not None:
            return spoken.endswith("s") or spoken == "top"
        if any(filling.text.casefold() in _COSTS for filling in slots.peek("spend")):
            return True
        return not slots.has("rank") or slots.text("rank").casefold() in {"top", "most expensive"}

    def _last_word(self, filling: Filling) -> str:
        return filling.text.split()[-1].casefold()

    def _order(self, times: TimeReferences, by: list[str]) -> tuple[str | None, Any]:
        """The change that is spoken of, and the order it asks for."""
        slots = self.slots
        ranked = slots.flag("ranked")
        change = self._change()
        if slots.has("when") and change:
            slots.flag("when")
            ranked = True
        if change is None:
            return self._order_of_comparison(times, by)
        nouns = [filling for filling in slots.peek("noun") if filling.value is not None]
        asked = slots.has("asked") and (bool(nouns) or slots.has("step"))
        several = any(filling.value.plural for filling in nouns) and change != "change"
        if ranked or asked or several or slots.has("rank", "change_limit"):
            return change, change
        stepped = slots.has("grain", "step") and not slots.has("trend", "average") and times.against is None
        return change, change if stepped and change != "change" else "cost"

    def _change(self) -> str | None:
        """The direction of the change that is spoken of: the narrower one where two words say it."""
        slots = self.slots
        percent = slots.flag("in_percent")
        directions = [] if self._no_change else list(dict.fromkeys(filling.value for filling in slots.all("change")))
        if percent and directions == ["decrease"]:
            raise self._refusal(
                "in_percent",
                "I can rank decreases by amount, not by percent.",
                'Ask for example: "biggest drops last month".',
            )
        if "growth" in directions or (percent and directions and directions != ["decrease"]):
            return "growth"
        if len(directions) > 1:
            directions = [direction for direction in directions if direction != "change"]
        if len(directions) > 1:
            raise self._clash(["change"])
        return directions[0] if directions else None

    def _order_of_comparison(self, times: TimeReferences, by: list[str]) -> tuple[str | None, Any]:
        """As in "which services cost more than last month": what rose, though no change is named."""
        slots = self.slots
        if slots.has("dearer") and slots.has("asked") and (slots.has("time") or by):
            return ("increase", "increase") if self._two_times() else (None, "cost")
        direction = slots.one("direction") if slots.has("direction") else None
        if times.against is not None:
            slots.flag("comparative")
        if direction and slots.has("asked", "noun") and times.against is not None:
            return direction, direction
        return None, "cost"


def _names_of(filling: Filling) -> JoinedNames | None:
    """The names of a filter, where it is one of names."""
    spec = filling.value
    return spec.value if isinstance(spec, FilterSpec) and isinstance(spec.value, JoinedNames) else None


def _owns(names: JoinedNames, noun: Dims) -> bool:
    """Whether names stand before a noun as if they were one of its values; "aws account" only says whose."""
    columns = {choices[-1] for choices in noun.choices}
    if columns == {"BillingAccountName"}:
        return True
    owners = all(column in _OWNERS or column.startswith("Tags/") for column in columns)
    return owners and not any(_WHOSE & set(filters.best(name)) for name in names.names)


def _tag_first(choices: tuple[str, ...], vocabulary: Vocabulary) -> str:
    """Where a tag is spoken of, the tag of that name; else what the noun means."""
    return next((name for name in choices if name.startswith("Tags/")), filters.column(Dims((choices,)), vocabulary)[0])
