"""What costs are broken down by: by service and region, which teams, service costs, days over 5k."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import NotUnderstood
from bot.language.meanings import Meaning, Role
from bot.language.names import with_tag_word
from bot.language.segment import Item
from bot.language.sentence import BARE, Sentence, asks, is_tag_word
from bot.language.vocabulary import PART

_OPEN: Final = frozenset(("on", "for"))
"""Ends of a sentence that leave open on what."""
_AMONG: Final = frozenset(("among", "amongst"))
"""What ranks of these: "the top spender among users"."""
_RANKED: Final = frozenset(
    ("cost", "driver", "mover", "expense", "charge", "spender", "item", "thing", "bill", "change", "increase", "jump",
     "contributor", "gainer", "decrease", "offender", "culprit", "consumer", "expenditure", "drop", "hog", "loser",
     "swing", "one", "growth", "rise", "reason")
)  # fmt: skip
"""What is ranked when it is no dimension."""


def breakdowns(sentence: Sentence) -> None:
    """Fill in ``by`` and ``grain`` from the nouns that are left."""
    draft = sentence.draft
    _refuse_no_dimension(sentence)
    for item, meaning in sentence.having(Role.GRAIN):
        draft.grain = meaning.value
        item.used = f"by {meaning.value}"
    for item in sentence.items:
        dim, unit = item.get(Role.DIM), item.get(Role.TIMEUNIT)
        if item.free and dim:
            _dimension(sentence, item, dim)
        elif item.free and unit:
            _step(sentence, item, unit)
    _refuse(sentence)


def _refuse_no_dimension(sentence: Sentence) -> None:
    """As in "by engine", "by dataset": what is asked for is no dimension, and no part of a name either."""
    for item, _ in sentence.having(Role.BY):
        after = sentence.at(item, 1)
        if after is None or not after.free or after.said in BARE:
            continue
        partly = bool(after.matches) and not after.meanings and min(m.degree for m in after.matches.values()) == PART
        if (partly and after.start not in sentence.beside_of) or (after.has(Role.SOURCE) and not after.matches):
            raise NotUnderstood(
                f"I cannot break costs down by {after.text!r}.",
                'There are: service, account, region, model, SKU, day … "List tags" names your own.',
                unknown=[after.text],
                suggestions=["spend by service", "spend by account"],
                unread=True,
            )


def _refuse(sentence: Sentence) -> None:
    by = sentence.draft.by
    if len(by) > 2:  # noqa: PLR2004 - the contract's most
        raise NotUnderstood(
            f"I can break costs down by two things at a time, not by {len(by)}.",
            'Ask for two, such as "by team and service", and filter by the rest.',
            unknown=by[2:],
        )


def _dimension(sentence: Sentence, item: Item, dim: Meaning) -> None:
    draft = sentence.draft
    dims = with_tag_word(sentence, item, dim.value)
    before = sentence.beside(
        item, -1, lambda each: bool(each.matches) or each.used.startswith(("top", "ranked", "tag"))
    )
    if _adds_nothing(sentence, item, dims, before) or _is_a_value(sentence, item):
        return
    if not asks(before) and _all_of(sentence, item, dim, before):
        item.used = f"all {dims[0]}"
        draft.all_of.add(dims[0])
        return
    if dims[0] not in draft.by:
        draft.by.append(dims[0])
    item.used = f"by {dims[0]}"
    draft.asked = draft.asked or (before is not None and before.has(Role.WHICH))
    draft.plural = draft.plural or dim.plural
    draft.named = draft.named or not (before is not None and (before.has(Role.BY) or before.said in _AMONG))


def _is_a_value(sentence: Sentence, item: Item) -> bool:
    """As in "my LLM spend": a value before the word for costs, unless it was asked which or by which."""
    left, after = sentence.at(item, -1), sentence.beside(item, 1)
    return bool(item.matches) and after is not None and after.has(Role.SPEND) and not asks(left)


def _adds_nothing(sentence: Sentence, item: Item, dims: tuple[str, ...], before: Item | None) -> bool:
    """As in "Tag" before a key; "cloud", "org", "resources" where they are only words."""
    after = sentence.beside(item, 1)
    if is_tag_word(item) and after is not None and after.has(Role.DIM) and not lists(sentence):
        item.used = "tag"
        return True
    if not item.has(Role.FILLER):
        return False
    asked = asks(before) or sentence.draft.ranked or lists(sentence)
    return not asked or (after is not None and after.has(Role.DIM)) or dims[0] in sentence.draft.by


def _all_of(sentence: Sentence, item: Item, dim: Meaning, before: Item | None) -> bool:
    """As in "Across all accounts", "all services except", "spend on AI services": the noun breaks nothing down."""
    after = sentence.beside(item, 1)
    if before is not None and before.has(Role.ACROSS):
        return not _spread(sentence, item)
    if dim.plural and after is not None and after.has(Role.NOT):
        return True
    return not sentence.draft.ranked and _spent_on(sentence, item)


def _spread(sentence: Sentence, item: Item) -> bool:
    """As in "Across all accounts" breaks down only where a breakdown is asked for and nothing else is named."""
    others = any(each is not item and each.free and each.has(Role.DIM) for each in sentence.items)
    before = sentence.beside(item, -1)
    among = before is not None and before.said in _AMONG and sentence.draft.ranked
    asked = among or sentence.any(Role.BREAKDOWN, Role.COMPARE)
    return not sentence.draft.by and not others and asked


def _spent_on(sentence: Sentence, item: Item) -> bool:
    """As in "How much do we spend on AI services": the value says it, the noun adds nothing."""
    left = sentence.at(item, -1)
    if left is None or not left.free or not (left.matches or left.said == "cloud"):
        return False
    before = sentence.beside(left, -1)
    return before is not None and before.has(Role.IN) and not sentence.any(Role.BREAKDOWN, Role.WHICH)


def _step(sentence: Sentence, item: Item, unit: Meaning) -> None:
    """As in "By team and month", "which day", "days over 5k"."""
    draft, before = sentence.draft, sentence.beside(item, -1)
    if asks(before) or _joined(sentence, before) or draft.threshold or draft.ranked:
        draft.grain = unit.value
        draft.named = True
        draft.plural = draft.plural or item.said.endswith("s")
        item.used = f"by {unit.value}"


def _joined(sentence: Sentence, before: Item | None) -> bool:
    dim = sentence.beside(before, -1) if before is not None and before.has(Role.AND) else None
    return dim is not None and dim.used.startswith("by ")


def lists(sentence: Sentence) -> bool:
    """Whether names are asked for."""
    return sentence.any(Role.LIST, Role.EXIST)


# -- what is implied ----------------------------------------------------------------------------------------------


def imply(sentence: Sentence, *, moves: bool) -> None:
    """A ranking or a breakdown that names no dimension is by service, or by SKU within one."""
    draft = sentence.draft
    wanted = (
        draft.ranked or draft.top or draft.threshold or moves or sentence.any(Role.DRIVERS) or _broken_down(sentence)
    )
    if wanted and not draft.by and not draft.grain:
        inside = any(each.dimension == "ServiceName" and not each.exclude for each in draft.where)
        draft.by.append("SkuId" if inside else "ServiceName")


def _broken_down(sentence: Sentence) -> bool:
    """As in "Break down"; "what are we spending on", unless it goes on with what on; "what does growth spend on"."""
    last = next((item for item in reversed(sentence.items) if not item.has(Role.FILLER)), sentence.items[-1])
    before = sentence.at(last, -1)
    if last.said in _OPEN and before is not None and before.has(Role.SPEND) and sentence.any(Role.WHICH):
        return True
    for item in sentence.items:
        if item.has(Role.BREAKDOWN):
            after = sentence.beside(item, 1)
            if not item.said.endswith((" on", " for")) or after is None or after.used == "period" or after.has(Role.IN):
                return True
    return False


def top(sentence: Sentence) -> int | None:
    """How many lines: as said, else by the number of the noun."""
    draft = sentence.draft
    if draft.top is not None or not draft.ranked:
        return draft.top
    nouns = [word for item in sentence.items if (word := item.said.split(" ")[-1]).removesuffix("s") in _RANKED]
    if draft.named:
        plural = draft.plural
    elif nouns:
        plural = (any(noun.endswith("s") for noun in nouns) and nouns != ["costs"]) or _costs_are(sentence, nouns)
    else:
        plural = True
    if not plural:
        return 1
    return 10 if any(item.has(Role.TOP) for item in sentence.items if item.used == "ranked") else 5


def _costs_are(sentence: Sentence, nouns: list[str]) -> bool:
    """As in "The biggest costs" are many; "what costs the most" is one."""
    costs = next((item for item in sentence.items if item.said.split(" ")[-1] == "costs"), None)
    before = sentence.beside(costs, -1) if costs else None
    return nouns == ["costs"] and not (before is not None and before.has(Role.WHICH))


def refuse_keys(sentence: Sentence) -> None:
    """As in "By tag" names no tag."""
    if "Tags" in sentence.draft.by:
        keys = sentence.vocabulary.tag_keys
        raise NotUnderstood(
            "By which tag?",
            f"Name one of {', '.join(keys[:8])}." if keys else "This ledger knows no tags.",
            unknown=["tag"],
            suggestions=[f"by {key}" for key in keys[:3]],
        )
