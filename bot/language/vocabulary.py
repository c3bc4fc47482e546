"""The names a ledger knows: which values a typed phrase stands for, in every dimension that has one.

Three degrees, the better beating the worse: the whole of a value, a known name for it (``aliases.toml``), a part
of it. Case, spaces, hyphens, underscores, dots and camel-case humps are folded, but never so far that two values
become one: of the values that fold alike, those written most like what was typed are meant.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import translate
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

WHOLE, KNOWN, PART = 0, 1, 2
_ORDER: Final = (
    "ServiceProviderName", "ServiceName", "SubAccountName", "RegionId", "x_Model", "ServiceCategory", "Tags/",
    "x_ApiKeyName", "x_UserName", "SkuId", "BillingAccountName", "PricingCategory", "ChargeCategory",
    "x_TokenType", "ResourceId",
)  # fmt: skip
_FOLD: Final = str.maketrans("", "", " -_./:()[]'")
_SPACES: Final = str.maketrans(dict.fromkeys("-_./:()", " "))
_WORDS = re.compile(r"[^\W_]+|,")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MANY: Final = 1_000
_HUMP_WORD: Final = 6
"""Letters from which on a hump alone stands for a value: not the Big of BigQuery."""


class Entry(NamedTuple):
    """One value of one dimension, what it cost lately, and further names of it."""

    dimension: str
    value: str
    recent_cost: Decimal = Decimal(0)
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
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

    def __init__(
        self,
        entries: Iterable[tuple[str, str, Decimal, tuple[str, ...]]],
        *,
        tag_keys: Iterable[str] = (),
        first_day: date = date(2000, 1, 1),
        currencies: Iterable[str] = (),
        aliases: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
    ) -> None:
        """Index the values; ``aliases`` add to those that ship and have their shape."""
        self.first_day = first_day
        self.currencies = tuple(currencies)
        self._entries = [Entry(*entry) for entry in entries if entry[1]]
        self._names: list[tuple[int, str]] = []
        self._whole: dict[str, list[int]] = {}
        self._parts: dict[str, list[int]] = {}
        self._index()
        self.dimensions = frozenset(entry.dimension for entry in self._entries)
        named = {entry.dimension[5:] for entry in self._entries if entry.dimension.startswith("Tags/")}
        self.tag_keys = tuple(dict.fromkeys([*tag_keys, *sorted(named)]))
        self._aliases = [_shipped(), *([aliases] if aliases else [])]
        self._known: dict[str, dict[str, list[str]]] = {}
        self._tags = self._tag_names()
        self._learn()
        self._cache: dict[str, Matches] = {}
        self._words: frozenset[str] | None = None

    # -- asking ---------------------------------------------------------------------------------------------

    def matches(self, typed: str) -> Matches:
        """Every dimension in which a typed phrase stands for something; the best degree in each."""
        if typed not in self._cache:
            if len(self._cache) > 20_000:
                self._cache.clear()
            self._cache[typed] = self._match(typed)
        return self._cache[typed]

    def parts(self, words: tuple[str, ...]) -> Matches:
        """Values that have these words in them, next to each other."""
        if not any(len(word) > 1 and word[0].isalpha() or len(word) > 2 for word in words):
            return {}
        lists = [self._parts.get(word) for word in words]
        if any(found is None for found in lists):
            return {}
        rarest = min((found for found in lists if found is not None), key=len)
        found: dict[str, list[str]] = {}
        for number in rarest:
            index, name = self._names[number]
            if _inside(words, _signs(name)) or (self._humps(words) and _inside(words, _split(name))):
                entry = self._entries[index]
                values = found.setdefault(entry.dimension, [])
                if len(values) < _MANY:
                    values.append(entry.value)
        return {dimension: Match(PART, tuple(dict.fromkeys(values))) for dimension, values in found.items()}

    @staticmethod
    def _humps(words: tuple[str, ...]) -> bool:
        return len(words) > 1 or len(words[0]) >= _HUMP_WORD

    def tag(self, name: str) -> str | None:
        """The tag key that people call so."""
        return self._tags.get(_fold(name))

    def alias(self, typed: str) -> bool:
        """Whether this is a name we know from somewhere, in this ledger or not."""
        return _fold(typed) in self._known

    def cost(self, dimension: str, values: Iterable[str]) -> Decimal:
        """What these values cost lately."""
        wanted = set(values)
        return sum((e.recent_cost for e in self._entries if e.dimension == dimension and e.value in wanted), Decimal(0))

    def values(self, dimension: str) -> list[str]:
        """The values of a dimension, dearest first."""
        found = [entry for entry in self._entries if entry.dimension == dimension]
        return [entry.value for entry in sorted(found, key=lambda entry: -entry.recent_cost)]

    @property
    def tags(self) -> list[str]:
        """The dimensions that are tags."""
        return [f"Tags/{key}" for key in self.tag_keys]

    @property
    def words(self) -> frozenset[str]:
        """Every single word that names something, for mending typos."""
        if self._words is None:
            self._words = (
                frozenset(self._parts) | frozenset(self._whole) | frozenset(self._known) | frozenset(self._tags)
            )
        return self._words

    @property
    def phrases(self) -> frozenset[str]:
        """Known names of several words, word by word."""
        return frozenset(
            word for table in self._aliases for names in table.values() for name in names for word in name.split()
        )

    # -- building -------------------------------------------------------------------------------------------

    def _index(self) -> None:
        whole, parts, names = self._whole, self._parts, self._names
        for index, entry in enumerate(self._entries):
            for name in (entry.value, *entry.also):
                number = len(names)
                names.append((index, name))
                whole.setdefault(name.casefold().translate(_FOLD), []).append(number)
                for word in {*_split(name), *_signs(name)}:
                    parts.setdefault(word, []).append(number)

    def _tag_names(self) -> dict[str, str]:
        keys = {_fold(key): key for key in reversed(self.tag_keys)}
        names = dict(keys)
        for folded, key in keys.items():
            names.setdefault(f"{folded}s", key)
        for table in self._aliases:
            for name, candidates in table.get("tags", {}).items():
                known = next((keys[_fold(each)] for each in candidates if _fold(each) in keys), None)
                if known is not None:
                    names.setdefault(_fold(name), known)
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
                            self._known.setdefault(_fold(name), {}).setdefault(dimension, []).extend(patterns)

    # -- matching -------------------------------------------------------------------------------------------

    def _match(self, typed: str) -> Matches:
        folded = _fold(typed)
        found = self._whole_matches(typed, folded)
        if not found and len(folded) > 3 and folded.endswith("s"):
            found = self._whole_matches(typed[:-1], folded[:-1])
        if not found and folded.isalpha() and len(folded) > 2:
            found = self._whole_matches(f"{typed}s", f"{folded}s")
        for dimension, patterns in self._known.get(folded, {}).items():
            values = self._matching(dimension, patterns) if dimension not in found else []
            if values:
                found[dimension] = Match(KNOWN, tuple(values))
        return found

    def _whole_matches(self, typed: str, folded: str) -> dict[str, Match]:
        alike: dict[str, list[tuple[int, str]]] = {}
        for number in self._whole.get(folded, ()):
            index, name = self._names[number]
            entry = self._entries[index]
            alike.setdefault(entry.dimension, []).append((_unlike(typed, name), entry.value))
        nearest = {}
        for dimension, candidates in alike.items():
            least = min(distance for distance, _ in candidates)
            values = tuple(dict.fromkeys(value for distance, value in candidates if distance == least))
            nearest[dimension] = Match(WHOLE, values)
        return nearest

    def _matching(self, dimension: str, patterns: Iterable[str]) -> list[str]:
        tests = [_pattern(pattern) for pattern in patterns]
        values = self._of(dimension)
        return [value for value in values if any(test(value) for test in tests)]

    def _of(self, dimension: str) -> list[str]:
        if not hasattr(self, "_by_dimension"):
            self._by_dimension: dict[str, list[str]] = {}
            for entry in self._entries:
                self._by_dimension.setdefault(entry.dimension, []).append(entry.value)
        return self._by_dimension.get(dimension, [])


@cache
def _pattern(pattern: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a bound method of re.Pattern
    return re.compile(translate(pattern), re.IGNORECASE).match


@cache
def _shipped() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("bot.language").joinpath("aliases.toml").read_text("utf-8"))


def _fold(name: str) -> str:
    return name.casefold().translate(_FOLD)


def _split(name: str) -> list[str]:
    """A value's words: cut at signs and humps."""
    return _WORDS.findall(_HUMP.sub(" ", name).casefold())


def _signs(name: str) -> list[str]:
    """A value's words, cut at signs only."""
    return _WORDS.findall(name.casefold())


def _unlike(typed: str, name: str) -> int:
    """How far a value is written from what was typed: 0 the same, 1 other signs, 2 other cuts."""
    typed, name = typed.casefold(), name.casefold()
    if typed == name:
        return 0
    return 1 if typed.translate(_SPACES).split() == name.translate(_SPACES).split() else 2


def _inside(words: tuple[str, ...], name: list[str]) -> bool:
    """Whether the words stand side by side in a name and cut no version number apart."""
    length = len(words)
    for start in range(len(name) - length + 1):
        if tuple(name[start : start + length]) == words:
            before = name[start - 1] if start else ""
            after = name[start + length] if start + length < len(name) else ""
            cut = (words[0].isdigit() and before.isdigit()) or (
                after.isdigit() and len(words) > 1 and words[-1].isdigit()
            )
            if not cut:
                return True
    return False
