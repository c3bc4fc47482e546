"""What each run of tokens may be: words of the lexicon, names of the ledger, numbers, dates; each with a cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from bot.language import numbers
from bot.language.dates.calendar_words import WORDS as DATE_WORDS
from bot.language.dates.numeric import Order
from bot.language.dates.public_holidays import Named
from bot.language.dates.reader import DateReader
from bot.language.entities import PART, Match, Matches, Vocabulary
from bot.language.lexicon import FUNCTION, Lexicon
from bot.language.normalize import JOINERS, Token, TokenizedText
from bot.language.spelling import english

_LONGEST_NAME: Final = 10
_LONGEST_KEY: Final = 5
_TAG_FIRST: Final = frozenset(("product", "products"))
"""What means a service only where nobody tells products apart by a tag."""
_STEM: Final = 3
_GREETINGS: Final = frozenset(("morning", "afternoon", "evening"))
"""Greetings at the head of a sentence; elsewhere times of a day."""
_GREETED: Final = frozenset(
    ("", ",", "!", ".", "-", "all", "everyone", "folks", "team", "bot", "what", "how", "can", "could")
)
"""What follows a greeting that is one."""
_OWN_NAMES: Final = frozenset(("spend", "spendbot", "spend bot", "bot"))
"""What the bot is called by people who type its name."""
_NO_NAMES: Final = frozenset(("other", "others", "none", "unknown"))
"""What bills write where they name nothing, and people say of everything else."""
_ADJECTIVES: Final = frozenset(("standard", "dynamic"))
"""Pricing categories that are everyday words, and meant only where a word of prices follows: "standard pricing"."""
_PRICING: Final = frozenset(
    ("pricing", "price", "prices", "rate", "rates", "category", "spend", "cost", "costs", "usage")
)
_JOINING: Final = frozenset("-_.")
_GLUE: Final = frozenset("-_/")
_SIGNS: Final = frozenset("·,.;!?()[]{}|\"'`~*^\\$")
_PARTIAL_COST: Final = 1.5
_NAME_COST: Final = 0.3
_CORRECTED_COST: Final = 2.0
_CUT_SHORT_COST: Final = 1.5
_CURRENCIES: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_CURRENCY_WORDS: Final = {
    "usd": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD", "eur": "EUR", "euro": "EUR",
    "euros": "EUR", "gbp": "GBP", "pound": "GBP", "pounds": "GBP",
}  # fmt: skip
_MAX_COUNT: Final = 1000


class Name(NamedTuple):
    """A name of the ledger as typed, and what it stands for in each dimension."""

    text: str
    matches: Matches
    partial: bool = False


class Dim(NamedTuple):
    """A word for a dimension: the columns that it may be, and whether it is a plural."""

    columns: tuple[str, ...]
    plural: bool


class BusinessCount(NamedTuple):
    """What the business counts, by the name that it has been given."""

    name: str


class TypedAmount(NamedTuple):
    """A number as typed: with a currency's sign, with a scale (10k), or plain."""

    value: Decimal
    currency: str | None
    scaled: bool


Arc = tuple[int, Any, float]


class Lattice:
    """The tokens of one text and all that they may be."""

    def __init__(  # noqa: PLR0913 - all that words may be
        self,
        text: TokenizedText,
        vocabulary: Vocabulary,
        lexicon: Lexicon,
        order: Order,
        literals: frozenset[str],
        *,
        listed: bool,
        holidays: Named | None = None,
    ) -> None:
        self.text, self.tokens = text, text.tokens
        self._vocabulary, self._lexicon, self._listed = vocabulary, lexicon, listed
        self._literals = literals
        self._dates = DateReader(text, order, holidays)
        self.absent: dict[int, list[int]] = {}
        """Known names of what the ledger lacks, by where they begin: ``cloud run``."""
        self._arcs: list[dict[str, list[Arc]]] = [{} for _ in self.tokens]
        self._functions: list[list[int]] = [[] for _ in self.tokens]
        self._light: list[list[int]] = [[] for _ in self.tokens]
        self._skips: list[tuple[tuple[int, int], ...]] = [() for _ in range(len(self.tokens) + 1)]
        for at in range(len(self.tokens)):
            self._words(at)
            self._numbers(at)
            self._names(at)
            for match in self._dates.every(at):
                self._add(at, match.end, "date", match.moment, 0.0)
        self._symbols = [
            frozenset([*arcs, f"'{token.norm}'"]) for arcs, token in zip(self._arcs, self.tokens, strict=True)
        ]
        self.joints = self._find_joints()

    # -- asking -------------------------------------------------------------------------------------------------------

    def terminals(self, symbol: str, at: int) -> list[Arc]:
        """The runs from a place that are of this symbol: end, value, cost."""
        if at >= len(self.tokens):
            return []
        if symbol[0] == "'":
            return [(at + 1, symbol[1:-1], 0.0)] if self.tokens[at].norm == symbol[1:-1] else []
        return self._arcs[at].get(symbol, [])

    def symbols_at(self, at: int) -> frozenset[str]:
        """Every symbol that begins at a place."""
        return self._symbols[at] if at < len(self.tokens) else frozenset()

    def function_ends(self, at: int) -> Sequence[int]:
        """Where function words that begin at a place end."""
        return self._functions[at]

    def is_sign(self, at: int) -> bool:
        """Whether this is punctuation."""
        token, after = self.tokens[at], self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if token.norm == "$" and after is not None and after.norm[:1].isdigit():
            return False
        if token.norm in _SIGNS or (token.norm == "-" and not self._inside(at)):
            return True
        if token.norm == ">" and at == 0:
            return True
        return token.norm == "/" or (token.norm == ":" and (after is None or not after.glued))

    def skips(self, at: int) -> Sequence[tuple[int, int]]:
        """The places from here on that only articles and the like stand before, and how many those are."""
        found = self._skips[at]
        if not found:
            found = self._skips[at] = tuple(self._skipped(at))
        return found

    def _skipped(self, at: int) -> Iterator[tuple[int, int]]:
        count = 0
        yield at, count
        while at < len(self.tokens):
            if self.tokens[at].norm in _GLUE and self._inside(at):
                at += 1
                yield at, count
            elif self._light[at]:
                at, count = max(self._light[at]), count + 1
                yield at, count
            else:
                return

    def unknown_end(self, at: int) -> int:
        """The end of the word at a place, with all that is joined to it."""
        number = numbers.number_at(self.text, at)
        end = max(at + 1, number[0] if number else 0)
        while end + 1 < len(self.tokens) and self.tokens[end].norm in JOINERS and self._inside(end):
            end += 2
        return end

    def known_end(self, at: int) -> int:
        """The end of the longest run from a place that means something."""
        ends = [end for symbol, arcs in self._arcs[at].items() if symbol != "order" for end, _, _ in arcs]
        return max([*ends, *self._functions[at]], default=at)

    # -- building -----------------------------------------------------------------------------------------------------

    def _add(self, at: int, end: int, symbol: str, value: object, cost: float) -> None:
        self._arcs[at].setdefault(symbol, []).append((end, value, cost))

    def _words(self, at: int) -> None:
        token = self.tokens[at]
        cost = _CORRECTED_COST if token.corrected else 0.0
        for lexeme in self._lexicon.by_first.get(token.norm, ()):
            end = self._follow(at, lexeme.words)
            if end is None:
                continue
            if lexeme.symbol in FUNCTION:
                self._functions[at].append(end)
                if lexeme.symbol == "light":
                    self._light[at].append(end)
            elif lexeme.symbol == "dim":
                self._add(at, end, "dim", Dim(tuple(lexeme.value.split("|")), lexeme.plural), cost)
            else:
                self._add(at, end, lexeme.symbol, lexeme.value, cost)
        if at == 0 and token.norm in _GREETINGS and self._norm(1) in _GREETED:
            self._functions[at].append(at + 1)
        self._tag_keys(at, cost)
        self._business_units(at)
        self._signs(at)
        if token.norm in {"on", "for"} and not any(
            following_token.word and following_token.norm not in self._lexicon.function_words
            for following_token in self.tokens[at + 1 :]
        ):
            self._add(at, at + 1, "open", token.norm, 0.0)
        if (token.norm[0] in "@#" and len(token.norm) > 1) or "@" in token.norm[1:]:
            self._mention(at)

    def _business_units(self, at: int) -> None:
        """What the business counts, which costs can be asked for per one of."""
        for words, name in self._vocabulary.units.items():
            end = self._follow(at, words)
            if end is not None:
                self._add(at, end, "business", BusinessCount(name), 0.0)

    def _signs(self, at: int) -> None:
        """Commas, and the dashes, arrows and dots that join two dates."""
        token = self.tokens[at]
        if token.norm == ",":
            self._add(at, at + 1, "comma", ",", 0.0)
        following = self.tokens[at + 1].norm if at + 1 < len(self.tokens) else ""
        if token.norm == "-":
            self._add(at, at + (2 if following == ">" else 1), "dash", "-", 0.0)
        if token.norm == "." and following == ".":
            third = self.tokens[at + 2].norm if at + 2 < len(self.tokens) else ""
            self._add(at, at + (3 if third == "." else 2), "dash", "-", 0.0)

    def _mention(self, at: int) -> None:
        """Somebody who is mentioned: a user of the bills where they know the name, else a word without a meaning."""
        text = self.tokens[at].text.removesuffix("'s")
        typed = text.partition("@")[0] if "@" in text[1:] else text[1:]
        typed = typed.replace("_", " ").replace(".", " ").casefold()
        if text[0] == "@" and typed in _OWN_NAMES:
            self._functions[at].append(at + 1)
            return
        matches = self._vocabulary.matches(text.casefold()) or self._vocabulary.matches(typed)
        matches = matches or self._vocabulary.parts(tuple(typed.split()))
        if text[0] != "#" and "x_UserName" in matches:
            self._add(at, at + 1, "name", Name(text, {"x_UserName": matches["x_UserName"]}), _NAME_COST)
        else:
            self._add(at, at + 1, "mention", text, 0.0)

    def _tag_keys(self, at: int, cost: float) -> None:
        """The tag keys of the ledger are dimensions; what else the word could be asked for is then that tag."""
        typed = ""
        for end in range(at, min(at + _LONGEST_KEY, len(self.tokens))):
            token = self.tokens[end]
            if not (token.word or (end > at and token.norm in JOINERS)):
                return
            typed += ("" if token.glued or not typed else " ") + token.norm
            key = self._vocabulary.tag(typed) if token.word else None
            if key is None and token.word and typed.endswith("s"):
                key = self._vocabulary.tag(typed[:-1])
            if key is None:
                continue
            arcs = self._arcs[at]
            others = [name for stop, value, _ in arcs.get("dim", []) if stop == end + 1 for name in value.columns]
            arcs["dim"] = [arc for arc in arcs.get("dim", []) if arc[0] != end + 1]
            for symbol in ("unsupported", "kind", "cannot"):
                arcs[symbol] = [arc for arc in arcs.get(symbol, []) if arc[0] != end + 1]
            named = [name for name in others if name != "x_UserName"]
            tag = f"Tags/{key}"
            dims = tuple(dict.fromkeys([tag, *named] if typed in _TAG_FIRST else [*named, tag]))
            self._add(at, end + 1, "dim", Dim(dims, token.norm.endswith("s") and not key.endswith("s")), cost)

    def _follow(self, at: int, words: tuple[str, ...]) -> int | None:
        """The place after a phrase; a hyphen inside a word counts for nothing."""
        tokens = self.tokens
        for number, word in enumerate(words):
            if number and at < len(tokens) and tokens[at].norm in _GLUE and tokens[at].norm != word:
                if not self._inside(at):
                    return None
                at += 1
            if at >= len(tokens) or tokens[at].norm != word:
                return None
            at += 1
        return at

    def _inside(self, at: int) -> bool:
        """Whether a sign stands inside a word, with no space around it."""
        after = at + 1
        return at > 0 and after < len(self.tokens) and self.tokens[at].glued and self.tokens[after].glued

    def _numbers(self, at: int) -> None:
        found = numbers.number_at(self.text, at)
        if found is None:
            return
        end, number = found
        if number.kind == "percent":
            self._add(at, end, "percent", number.value, 0.0)
            return
        typed = self.text.between(at, end).casefold()
        currency = next((code for sign, code in _CURRENCIES.items() if sign in typed), None)
        currency = currency or next((_CURRENCY_WORDS[word] for word in typed.split() if word in _CURRENCY_WORDS), None)
        amount = TypedAmount(number.value, currency, number.kind == "amount")
        self._add(at, end, "amount", amount, 0.0)
        if not amount.scaled and amount.value == int(amount.value) and 0 < amount.value <= _MAX_COUNT:
            self._add(at, end, "count", int(amount.value), 0.0)

    def _names(self, at: int) -> None:
        typed, in_part = "", True
        words: tuple[str, ...] = ()
        for end in range(at, min(at + _LONGEST_NAME, len(self.tokens))):
            token = self.tokens[end]
            if not (token.word or token.norm in JOINERS or token.norm in "()'") or (end == at and not token.word):
                return
            typed += ("" if token.glued or not typed else " ") + token.norm
            if not (token.word or token.norm == ")"):
                continue
            words = (*words, token.norm) if token.word else words
            corrected = (
                _CORRECTED_COST if any(part_token.corrected for part_token in self.tokens[at : end + 1]) else 0.0
            )
            whole = self._vocabulary.matches(typed) if typed not in _NO_NAMES else {}
            if typed in _ADJECTIVES and self._norm(end + 1) not in _PRICING:
                whole = {dimension: match for dimension, match in whole.items() if dimension != "PricingCategory"}
            if not whole and self._listed:
                whole = self._vocabulary.listed(typed)
            in_part = in_part and self._vocabulary.in_part(token.norm)
            part = self._part(at, end + 1, words) if in_part else {}
            in_part = in_part and (len(words) == 1 or bool(part) or self._plain(token) or words[-1].isdigit())
            if whole:
                self._longer_beats(at)
                name = Name(self.text.between(at, end + 1), {**part, **whole})
                self._add(at, end + 1, "name", name, _NAME_COST + corrected)
            elif part:
                cost = _PARTIAL_COST + corrected + (3.0 if self._all_meant(words) else 0.0)
                self._add(at, end + 1, "name", Name(self.text.between(at, end + 1), part, partial=True), cost)
            elif len(words) > 1 and self._vocabulary.alias(typed) and not self._goes_on(end + 1):
                self.absent.setdefault(at, []).append(end + 1)

    def _longer_beats(self, at: int) -> None:
        """Makes the names at a place dearer that a longer one begins with: "ec2" in "ec2 instances"."""
        arcs = self._arcs[at]
        arcs["name"] = [(end, name, cost + _CUT_SHORT_COST) for end, name, cost in arcs.get("name", [])]

    def _goes_on(self, at: int) -> bool:
        """Whether what ends here is joined to more: "gpt-4" in "gpt-4.1"."""
        return at < len(self.tokens) and self.tokens[at].norm in JOINERS and self._inside(at)

    def _part(self, at: int, end: int, words: tuple[str, ...]) -> Matches:
        if len(words) == 1 and (
            words[0] in self._lexicon.words or words[0] in self._literals or words[0] in DATE_WORDS
        ):
            return {}
        if self._plain(self.tokens[at]) or self._plain(self.tokens[end - 1]):
            return {}
        matches = self._vocabulary.parts(words)
        if len(words) == 1 and words[0] in english():
            beside = {lexeme.value for lexeme in self._lexicon.by_first.get(self._norm(end), ())}
            matches = {
                dimension: match
                for dimension, match in matches.items()
                if dimension in beside or not _too_common(words[0], dimension)
            }
        if not matches and len(words[-1]) > _STEM and words[-1].endswith("s"):
            matches = self._vocabulary.parts((*words[:-1], words[-1][:-1]))
        return matches

    def _norm(self, at: int) -> str:
        return self.tokens[at].norm if at < len(self.tokens) else ""

    def _plain(self, token: Token) -> bool:
        """Whether this is a function word or another that no name begins or ends with."""
        return token.norm in self._lexicon.function_words

    def _all_meant(self, words: tuple[str, ...]) -> bool:
        """Whether every single word has a meaning of its own: "aws compute" is no part of a longer name."""
        return len(words) > 1 and all(word in self._lexicon.single or self._vocabulary.matches(word) for word in words)

    def _find_joints(self) -> frozenset[int]:
        """The places where a name that is joined by a hyphen would be cut."""
        found = set()
        for at, token in enumerate(self.tokens):
            if token.norm in _JOINING and self._inside(at):
                left, right = self.tokens[at - 1], self.tokens[at + 1]
                if not (self._common(left) and self._common(right)):
                    found |= {at, at + 1}
        return frozenset(found)

    def _common(self, token: Token) -> bool:
        known = token.norm in self._lexicon.words or token.norm.isdecimal() or token.norm in DATE_WORDS
        return known and not (self._vocabulary.matches(token.norm) and token.norm not in self._lexicon.single)


def _too_common(word: str, dimension: str) -> bool:
    """Whether an English word inside a name of this dimension says too little: "backups", "running", "stored"."""
    return dimension in {"ResourceId", "x_ApiKeyName"} or (dimension == "SkuId" and word.endswith(("ed", "ing")))


__all__ = ["PART", "Lattice", "Match", "Name", "TypedAmount"]
