"""The names a ledger knows: which values a typed phrase stands for, in every dimension that has one.

Three degrees, the better beating the worse: the whole of a value, a known name for it (of ``aliases.toml``, or one
that several share, as SKUs do their meter), a part of it. Case, spaces, hyphens, underscores, dots and camel-case humps
are folded, but never so far that two values become one: of the values that fold alike, those written most like what
was typed are meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from msgspec import Struct

from bot.domain.question import Filter
from bot.language.lexicon import shipped_aliases
from bot.language.normalize import (
    HUMP,
    WORDS,
    ModelVersion,
    ValueLines,
    cut_at_humps,
    cut_at_signs,
    fold,
    forms_of,
    stands_inside,
    unlike,
    version_of,
)

WHOLE, KNOWN, PART = 0, 1, 2
EXPRESSION: Final = "="
"""Stands in a match for the dimension of a taught name that is more than values of one dimension."""
_ORDER: Final = (
    "ServiceProviderName", "ServiceName", "SubAccountName", "RegionId", "x_Model", "ServiceCategory", "Tags/",
    "x_ApiKeyName", "x_UserName", "SkuId", "BillingAccountName", "PricingCategory", "ChargeCategory",
    "x_TokenType", "ResourceId",
)  # fmt: skip
_RESOURCE_ID = re.compile(r"arn:[^\s]+|[a-z]{1,12}-[0-9a-f]*\d[0-9a-f]*", re.IGNORECASE)
"""What AWS's ids of resources look like: ``i-0abc``, ``vol-0a1b``, an ARN."""
_STEM: Final = 3
"""Letters that a word has without its plural's s."""
_REMEMBERED: Final = 20_000
_MANY: Final = 1_000
_HUMP_WORD: Final = 6
"""Letters from which on a hump alone stands for a value: not the Big of BigQuery."""


class Entry(NamedTuple):
    """One value of one dimension, what it cost lately, and further names of it."""

    dimension: str
    value: str
    recent_cost: Decimal = Decimal(0)
    also: tuple[str, ...] = ()


class Match(Struct, frozen=True):
    """What a phrase stands for in one dimension."""

    degree: int
    values: tuple[str, ...]


Matches = Mapping[str, Match]


def rank(dimension: str) -> int:
    """Where a dimension stands when a word fits values of several."""
    name = "Tags/" if dimension.startswith("Tags/") else dimension
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


class Vocabulary:
    """Built once after a sync, read by many questions."""

    def __init__(  # noqa: PLR0913 - whatever names may come from
        self,
        entries: Iterable[tuple[str, str, Decimal, tuple[str, ...]]],
        *,
        tag_keys: Iterable[str] = (),
        first_day: date = date(2000, 1, 1),
        currencies: Iterable[str] = (),
        aliases: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
        listed: Callable[[], Mapping[str, str]] = dict,
        units: Iterable[str] = (),
        any_resource: bool = False,
        taught: Mapping[str, Sequence[Filter]] | None = None,
    ) -> None:
        """Index the values; ``aliases`` add to those that ship and have their shape.

        ``taught`` are phrases that stand for filters, in place of anything else, as far as the values are known here.

        ``units`` are what the business counts (orders): costs can be asked for per one of them. ``listed`` gives the
        models that have list prices, in this ledger or not: ids by what they are called. With ``any_resource`` whatever
        looks like a resource's id is one, also where the ledger has not seen it.
        """
        self.first_day, self._any_resource = first_day, any_resource
        self.currencies = tuple(currencies)
        self.units = {words: name for name in units for words in forms_of(name)}
        """What the business counts, by its words in one and in many."""
        self._entries = [Entry(*entry) for entry in entries if entry[1]]
        self._names: list[tuple[int, str]] = []
        self._whole, self._parts = self._index()
        self.dimensions = frozenset(entry.dimension for entry in self._entries)
        named = {entry.dimension[5:] for entry in self._entries if entry.dimension.startswith("Tags/")}
        self.tag_keys = tuple(dict.fromkeys([*tag_keys, *sorted(named)]))
        self._aliases = [*([aliases] if aliases else []), shipped_aliases()]
        self._taught = self._visible(taught or {})
        self.taught = dict(self._taught.values())
        """What phrases were taught to stand for, of what is known here."""
        self._known: dict[str, dict[str, list[str]]] = {}
        self._tags = self._tag_names()
        self._learn()
        self._listed = listed
        self._cache: dict[str, Matches] = {}
        self._cuts: dict[int, tuple[str, str]] = {}
        self._part_cache: dict[tuple[str, ...], Matches] = {}
        self._by_dimension: dict[str, list[str]] = {}
        for entry in sorted(self._entries, key=lambda entry: entry.recent_cost, reverse=True):
            self._by_dimension.setdefault(entry.dimension, []).append(entry.value)
        self._suggested: list[str] | None = None
        self._folded: dict[str, ValueLines] = {}
        self._near: dict[tuple[str, int], list[str]] | None = None
        self._alias_words = frozenset(
            word
            for names in (*(names for table in self._aliases for names in table.values()), self.taught)
            for name in names
            for word in name.split()
        )

    # -- asking ---------------------------------------------------------------------------------------------

    def matches(self, typed: str) -> Matches:
        """Every dimension in which a typed phrase stands for something; the best degree in each."""
        if typed not in self._cache:
            if len(self._cache) > _REMEMBERED:
                self._cache.clear()
            self._cache[typed] = self._match(typed)
        return self._cache[typed]

    def parts(self, words: tuple[str, ...]) -> Matches:
        """Values that have these words in them, next to each other."""
        if words not in self._part_cache:
            if len(self._part_cache) > _REMEMBERED:
                self._part_cache.clear()
            self._part_cache[words] = self._find_parts(words)
        return self._part_cache[words]

    def _find_parts(self, words: tuple[str, ...]) -> Matches:
        if not any((len(word) > 1 and word[0].isalpha()) or len(word) >= _STEM for word in words):
            return {}
        rarest = min((self._parts.get(word, ()) for word in words), key=len)
        sought, humps = f" {' '.join(words)} ", len(words) > 1 or len(words[0]) >= _HUMP_WORD
        found: dict[str, dict[str, None]] = {}
        for number in rarest:
            if (len(words) == 1 and humps) or self._holds(number, sought, words, humps=humps):
                entry = self._entries[self._names[number][0]]
                values = found.setdefault(entry.dimension, {})
                if len(values) < _MANY:
                    values[entry.value] = None
        return {dimension: Match(PART, tuple(values)) for dimension, values in found.items()}

    def _holds(self, number: int, sought: str, words: tuple[str, ...], *, humps: bool) -> bool:
        """Whether a name has the words in it side by side."""
        signs, split = self._spoken(number)
        if sought not in signs and not (humps and sought in split):
            return False
        return len(words) == 1 or stands_inside(words, signs.split()) or stands_inside(words, split.split())

    def _spoken(self, number: int) -> tuple[str, str]:
        """A name's words between spaces: cut at signs, and cut at humps too."""
        if number not in self._cuts:
            name = self._names[number][1]
            self._cuts[number] = (f" {' '.join(cut_at_signs(name))} ", f" {' '.join(cut_at_humps(name))} ")
        return self._cuts[number]

    def in_part(self, word: str) -> bool:
        """Whether any value has this word, or its singular, in it."""
        return word in self._parts or word.removesuffix("s") in self._parts or not word[0].isalnum()

    def tag(self, name: str) -> str | None:
        """The tag key that people call so."""
        return self._tags.get(fold(name))

    def names_a_tag(self, name: str) -> bool:
        """Whether companies call a tag so, whether this ledger has it or not."""
        folded = fold(name)
        keys = (fold(key) for table in self._aliases for key in table.get("tags", {}))
        return any(folded in {key, f"{key}s"} for key in keys)

    def alias(self, typed: str) -> bool:
        """Whether this is a name we know from somewhere, in this ledger or not."""
        return fold(typed) in self._known

    def expression(self, phrase: str) -> Sequence[Filter]:
        """The filters that a taught phrase stands for."""
        return self.taught[phrase]

    def listed(self, typed: str) -> Matches:
        """The model that has a list price and is called so, for questions after prices alone."""
        found = self._priced.get(version_of(typed))
        return {"x_Model": Match(WHOLE, (found,))} if found else {}

    def lists(self, word: str) -> bool:
        """Whether a word is part of the name of a model that has a list price."""
        return word in self._priced_words

    @cached_property
    def _versions(self) -> dict[ModelVersion, list[str]]:
        """The models by the numbers and the words of their names, where they have both."""
        found: dict[ModelVersion, list[str]] = {}
        for model in self.values("x_Model"):
            if all(version := version_of(model)):
                found.setdefault(version, []).append(model)
        return found

    @cached_property
    def _priced(self) -> dict[ModelVersion, str]:
        found: dict[ModelVersion, str] = {}
        for name, model in self._listed().items():
            found.setdefault(version_of(name), model)
        return found

    @cached_property
    def _priced_words(self) -> frozenset[str]:
        return frozenset(word for _, words in self._priced for word in words)

    def cost(self, dimension: str, values: Iterable[str]) -> Decimal:
        """What these values cost lately."""
        wanted = set(values)
        return sum((e.recent_cost for e in self._entries if e.dimension == dimension and e.value in wanted), Decimal(0))

    def values(self, dimension: str) -> list[str]:
        """The values of a dimension, dearest first."""
        return self._by_dimension.get(dimension, [])

    def names(self, dimensions: Iterable[str], most: int) -> list[str]:
        """The dearest values of these dimensions, for "closest: …"."""
        if self._suggested is None:
            self._suggested = [name for dimension in dimensions for name in self.values(dimension)[:most]]
        return self._suggested

    @property
    def tags(self) -> list[str]:
        """The dimensions that are tags."""
        return [f"Tags/{key}" for key in self.tag_keys]

    def knows(self, word: str) -> bool:
        """Whether a single word names something or is a word of a known name."""
        return (
            word in self._parts
            or word in self._whole
            or word in self._known
            or word in self._tags
            or word in self._alias_words
        )

    def near(self, word: str) -> list[str]:
        """The single words that begin and are about as long as this one, for mending typos."""
        if self._near is None:
            self._near = {}
            for name in {*self._parts, *self._known, *self._tags}:
                if name.isalpha():
                    self._near.setdefault((name[0], len(name)), []).append(name)
        initials, lengths = sorted(set(word[:2])), range(len(word) - 2, len(word) + 3)
        return [name for initial in initials for length in lengths for name in self._near.get((initial, length), ())]

    # -- building -------------------------------------------------------------------------------------------

    def _index(self) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
        """Which names are a word, whole or in part; tuples, because the garbage collector passes over them."""
        whole: dict[str, list[int]] = {}
        parts: dict[str, list[int]] = {}
        names, find = self._names, WORDS.findall
        for index, (_, value, _, also) in enumerate(self._entries):
            for name in (value, *also):
                number = len(names)
                names.append((index, name))
                words = find(name.casefold())
                whole.setdefault("".join(words), []).append(number)
                if not name.islower() and HUMP.search(name):
                    words += cut_at_humps(name)
                for word in set(words):
                    parts.setdefault(word, []).append(number)
        return (
            {word: tuple(found) for word, found in whole.items()},
            {word: tuple(found) for word, found in parts.items()},
        )

    def _visible(self, taught: Mapping[str, Sequence[Filter]]) -> dict[str, tuple[str, tuple[Filter, ...]]]:
        """Taught phrases by what they fold to, with the values that are known here; without those that name none."""
        known = {(entry.dimension, entry.value) for entry in self._entries}
        found: dict[str, tuple[str, tuple[Filter, ...]]] = {}
        for phrase, filters in taught.items():
            seen = [
                part
                if self._any_resource and part.dimension == "ResourceId"
                else part.model_copy(
                    update={"values": tuple(v for v in part.values if not v or (part.dimension, v) in known)}
                )
                for part in filters
            ]
            if all(part.values or part.exclude for part in seen):
                kept = tuple(part for part in seen if part.values)
                if kept:
                    found[fold(phrase)] = (phrase, kept)
        return found

    def _tag_names(self) -> dict[str, str]:
        keys = {fold(key): key for key in reversed(self.tag_keys)}
        names = dict(keys)
        for folded, key in keys.items():
            names.setdefault(f"{folded}s", key)
        for table in self._aliases:
            for name, candidates in table.get("tags", {}).items():
                known = next((keys[fold(key)] for key in candidates if fold(key) in keys), None)
                if known is not None:
                    names.setdefault(fold(name), known)
        return names

    def _learn(self) -> None:
        environment = self.tag("environment")
        for table in self._aliases:
            for section, names in table.items():
                dimensions = [section]
                if section == "environment":
                    dimensions = [*([f"Tags/{environment}"] if environment else []), "SubAccountName"]
                if section != "tags":
                    for name, patterns in names.items():
                        for dimension in dimensions:
                            self._known.setdefault(fold(name), {}).setdefault(dimension, []).extend(patterns)

    # -- matching -------------------------------------------------------------------------------------------

    def _match(self, typed: str) -> Matches:
        folded = fold(typed)
        if folded in self._taught:
            phrase, filters = self._taught[folded]
            if len(filters) == 1 and not filters[0].exclude:
                return {filters[0].dimension: Match(WHOLE, filters[0].values)}
            return {EXPRESSION: Match(WHOLE, (phrase,))}
        found = self._whole_matches(typed, folded)
        if not found and len(folded) > _STEM and folded.endswith("s"):
            found = self._whole_matches(typed[:-1], folded[:-1])
        if not found and folded.isalpha() and len(folded) >= _STEM:
            found = self._whole_matches(f"{typed}s", f"{folded}s")
        if "x_Model" not in found and (models := self._versions.get(version_of(typed))):
            found["x_Model"] = Match(KNOWN, tuple(models))
        for dimension, patterns in self._known.get(folded, {}).items():
            values = self._matching(dimension, patterns)
            old = found.get(dimension)
            if values and old is None:
                found[dimension] = Match(KNOWN, tuple(values))
            elif old and folded not in {fold(value) for value in old.values}:
                found[dimension] = Match(old.degree, tuple(dict.fromkeys([*old.values, *values])))
        if not found and self._any_resource and _RESOURCE_ID.fullmatch(typed):
            found["ResourceId"] = Match(WHOLE, (typed,))
        return found

    def _whole_matches(self, typed: str, folded: str) -> dict[str, Match]:
        alike: dict[str, list[tuple[int, str]]] = {}
        for number in self._whole.get(folded, ()):
            index, name = self._names[number]
            entry = self._entries[index]
            alike.setdefault(entry.dimension, []).append((unlike(typed, name), entry.value))
        nearest = {}
        for dimension, candidates in alike.items():
            least = min(distance for distance, _ in candidates)
            values = tuple(dict.fromkeys(value for distance, value in candidates if distance == least))
            shared = len(values) > 1 and all(fold(value) != folded for value in values)
            nearest[dimension] = Match(KNOWN if shared else WHOLE, values)
        return nearest

    def _matching(self, dimension: str, patterns: Iterable[str]) -> list[str]:
        """The values that a pattern matches: ``*`` stands for anything, case counts for nothing."""
        if dimension not in self._folded:
            self._folded[dimension] = ValueLines(self.values(dimension))
        lines = self._folded[dimension]
        numbers = {number for pattern in patterns for number in lines.like(pattern.casefold().split("*"))}
        return [lines.values[number] for number in sorted(numbers)]
