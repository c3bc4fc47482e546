"""Cut a sentence into phrases: the fewest that explain the most. Every token ends up in exactly one.

A phrase carries all it can mean; which of it is meant is for the composer. The cheapest path through the
sentence is found by dynamic programming, so no phrase depends on the order in which tables are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from bot.language import dates, numbers
from bot.language.lexicon import Lexicon, lexicon
from bot.language.meanings import Meaning, Role
from bot.language.numeric_dates import Order
from bot.language.text import JOINERS, Text
from bot.language.typos import Speller
from bot.language.vocabulary import Matches, Vocabulary

_LONGEST: Final = 10
_KNOWN, _DATE, _NAMED, _PART, _PARTS, _SIGN, _UNKNOWN = 10, 9, 9, 14, 12, 1, 60
_SHORT: Final = 3
_HYPHENS: Final = frozenset("-_")
_EMPTY: Final[Matches] = {}


@dataclass(slots=True, eq=False)
class Item:
    """A phrase: the tokens ``start`` to ``end``, what it can mean, and in the end what it was used for."""

    start: int
    end: int
    text: str
    said: str = ""
    """The words, typos mended and case folded."""
    meanings: tuple[Meaning, ...] = ()
    matches: Matches = field(default_factory=dict)
    used: str = ""

    def has(self, role: Role) -> bool:
        """Whether it can play a role."""
        return any(meaning.role is role for meaning in self.meanings)

    def get(self, role: Role) -> Meaning | None:
        """What it means in a role."""
        return next((meaning for meaning in self.meanings if meaning.role is role), None)

    @property
    def free(self) -> bool:
        """Not used for anything yet."""
        return not self.used


def segment(text: Text, vocabulary: Vocabulary, order: Order, *, listed: bool = False) -> tuple[Text, list[Item]]:
    """The text with its typos mended, and its phrases from left to right.

    ``listed``: the models that only price lists know are names too.
    """
    segmenter = _Segmenter(text, vocabulary, order, listed=listed)
    return segmenter.text, segmenter.items()


class _Segmenter:
    def __init__(self, text: Text, vocabulary: Vocabulary, order: Order, *, listed: bool) -> None:
        self._lexicon: Lexicon = lexicon()
        self._vocabulary = vocabulary
        self._listed = listed
        self.text = Speller(vocabulary, self._lexicon, listed=listed).corrected(text)
        self._tokens = self.text.tokens
        self._dates = dates.Reader(self.text, order)

    def items(self) -> list[Item]:
        """The cheapest cover."""
        count = len(self._tokens)
        best: list[tuple[int, Item | None]] = [(0, None), *[(10**9, None)] * count]
        for at in range(count):
            for cost, item in self._arcs(at):
                total = best[at][0] + cost
                if total <= best[item.end][0]:
                    best[item.end] = (total, item)
        items: list[Item] = []
        at = count
        while at:
            chosen = best[at][1]
            assert chosen is not None  # noqa: S101 - each token has at least the arc of the unknown
            items.append(chosen)
            at = chosen.start
        return self._whole_names(items[::-1])

    def _whole_names(self, items: list[Item]) -> list[Item]:
        """What is joined by a hyphen is one name: "acme-lake" is not Acme and the lake, it is unknown."""
        kept: list[Item] = []
        for item in items:
            if len(kept) > 1 and self._joined(kept[-2], kept[-1], item):
                _, left = kept.pop(), kept.pop()
                kept.append(Item(left.start, item.end, self.text.between(left.start, item.end)))
            else:
                kept.append(item)
        return kept

    def _joined(self, left: Item, sign: Item, right: Item) -> bool:
        if sign.text not in {"-", "_", "."} or not (self._tokens[sign.start].glued and self._tokens[right.start].glued):
            return False
        named = (bool(left.matches) and sign.text != ".") or not (left.matches or left.meanings)
        return named and (bool(right.matches) or not right.meanings or right.has(Role.KIND) or right.has(Role.NUMBER))

    def _arcs(self, at: int) -> list[tuple[int, Item]]:
        found: dict[int, tuple[int, list[Meaning], Matches]] = {}
        spans = self._spans(at)
        for end, meaning in self._phrases(at, spans):
            cost = _KNOWN if self._tokens[at].word else _SIGN
            _add(found, end, cost, meaning)
        date = self._dates.at(at)
        if date:
            _add(found, date.end, _DATE, Meaning(Role.WHEN, date.moment))
        number = numbers.number_at(self.text, at)
        if number:
            _add(found, number[0], _KNOWN, number[1])
        for end, cost, matches in self._values(at, spans):
            old = found.get(end, (cost, [], _EMPTY))
            found[end] = (min(cost, old[0]), old[1], matches)
        if at + 1 not in found:
            sign = not self._tokens[at].word
            found[at + 1] = (_SIGN if sign else _UNKNOWN, [Meaning(Role.FILLER)] if sign else [], _EMPTY)
        return [
            (cost, Item(at, end, self.text.between(at, end), self._said(at, end), tuple(meanings), matches))
            for end, (cost, meanings, matches) in found.items()
        ]

    def _said(self, at: int, end: int) -> str:
        return " ".join(token.norm for token in self._tokens[at:end] if token.norm != "-" or end == at + 1)

    def _phrases(self, at: int, spans: list[tuple[int, str]]) -> list[tuple[int, Meaning]]:
        found = []
        for words, meaning in self._lexicon.by_first.get(self._tokens[at].norm, ()):
            end = self._follow(at, words)
            if end is not None:
                found.append((end, meaning))
        end, key = at + 1, None
        for end, key in self._tag_keys(spans):
            found = [
                each for each in found if each[0] != end or each[1].role not in {Role.KIND, Role.DIM, Role.UNKNOWN}
            ] + [(end, Meaning(Role.DIM, self._dims(key, found, end), plural=self._tokens[end - 1].norm.endswith("s")))]
        return found

    def _dims(self, key: str, found: list[tuple[int, Meaning]], end: int) -> tuple[str, ...]:
        dimension = f"Tags/{key}"
        others = [name for at, meaning in found if at == end and meaning.role is Role.DIM for name in meaning.value]
        return tuple(dict.fromkeys([*(name for name in others if name != "x_UserName"), dimension]))

    def _tag_keys(self, spans: list[tuple[int, str]]) -> list[tuple[int, str]]:
        found = []
        for end, typed in spans:
            key = self._vocabulary.tag(typed)
            if key is not None:
                found.append((end, key))
        return found

    def _follow(self, at: int, words: tuple[str, ...]) -> int | None:
        for number, word in enumerate(words):
            if number and at < len(self._tokens) and self._tokens[at].norm in _HYPHENS and word != "-":
                at += 1
            if at >= len(self._tokens) or self._tokens[at].norm != word:
                return None
            at += 1
        return at

    def _spans(self, at: int) -> list[tuple[int, str]]:
        """The runs of words from a token on, joined as they were typed."""
        found = []
        typed = ""
        for end in range(at, min(at + _LONGEST, len(self._tokens))):
            token = self._tokens[end]
            if not (token.word or token.norm in JOINERS or token.norm in "()'"):
                break
            if not token.word and end == at:
                break
            typed += ("" if token.glued or not typed else " ") + token.norm
            if token.word or token.norm == ")":
                found.append((end + 1, typed))
        return found

    def _values(self, at: int, spans: list[tuple[int, str]]) -> list[tuple[int, int, Matches]]:
        found: list[tuple[int, int, Matches]] = []
        words: tuple[str, ...] = ()
        in_part = True
        for end, typed in spans:
            last = self._tokens[end - 1]
            words = (*words, last.norm) if last.word else words
            whole = self._vocabulary.matches(typed) or (self._vocabulary.listed(typed) if self._listed else _EMPTY)
            in_part = in_part and self._vocabulary.in_part(last.norm)
            part = self._part(at, end, words) if in_part else _EMPTY
            in_part = in_part and (bool(part) or self._plain(end - 1) or self._may_go_on(words))
            if whole:
                found.append((end, _NAMED, {**part, **whole}))
            elif len(words) > 1 and self._hides(words) and self._vocabulary.alias(typed):
                found.append((end, _NAMED, _EMPTY))
            elif part:
                cost = _PART if len(words) == 1 else _PARTS
                found.append((end, cost + (_KNOWN * len(words) if self._all_known(at, end) else 0), part))
        return found

    def _hides(self, words: tuple[str, ...]) -> bool:
        """Whether a name could pass for small words that say nothing: "cloud run", where a ledger has none."""
        return all(Role.FILLER in self._lexicon.alone(word) for word in words)

    def _all_known(self, at: int, end: int) -> bool:
        """Whether every single word has a meaning of its own: "input tokens" is no SKU."""
        words = [token.norm for token in self._tokens[at:end] if token.word]
        return len(words) > 1 and all(self._lexicon.alone(word) or self._vocabulary.matches(word) for word in words)

    def _part(self, at: int, end: int, words: tuple[str, ...]) -> Matches:
        if len(words) > 1 and (self._plain(at) or self._plain(end - 1)):
            return _EMPTY
        matches = self._vocabulary.parts(words)
        if not matches and len(words[-1]) > _SHORT and words[-1].endswith("s"):
            matches = self._vocabulary.parts((*words[:-1], words[-1][:-1]))
        return matches

    def _may_go_on(self, words: tuple[str, ...]) -> bool:
        """Whether a name has these words in it, or half of a version number, so that more of them may be one too."""
        return words[-1].isdigit() or bool(self._vocabulary.parts(words))

    def _plain(self, at: int) -> bool:
        """Whether a word is of the kind that no name begins or ends with."""
        return bool(self._lexicon.alone(self._tokens[at].norm) & _PLAIN)


_PLAIN: Final = frozenset(
    {
        Role.FILLER,
        Role.BY,
        Role.IN,
        Role.AND,
        Role.TO,
        Role.FROM,
        Role.WHICH,
        Role.SPEND,
        Role.NOT,
        Role.VERSUS,
        Role.SHOW,
    }
)


def _add(found: dict[int, tuple[int, list[Meaning], Matches]], end: int, cost: int, meaning: Meaning) -> None:
    old = found.get(end)
    if old is None:
        found[end] = (cost, [meaning], _EMPTY)
    else:
        found[end] = (min(cost, old[0]), [*old[1], meaning], old[2])
