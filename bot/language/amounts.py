"""Amounts, ranks and measures: over $500, top 5, amortized, tokens, before credits, in euros."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter, Threshold
from bot.language.kinds import kind_of
from bot.language.meanings import Role
from bot.language.numbers import whole
from bot.language.segment import Item
from bot.language.sentence import BARE, Sentence, asks

_SIGNED: Final = {"€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP", "¥": "JPY", "yen": "JPY"}
"""Currencies that are not the one most bills are in, as they stand at an amount."""
_FOREIGN = re.compile("|".join(_SIGNED), re.IGNORECASE)
_MOST: Final = 1_000
_OWN: Final = "USD"
"""A limit in dollars is held against what is billed: most bills are in dollars."""
_DEARER: Final = frozenset(("more expensive", "expensive", "higher", "bigger", "larger"))
"""What tells of a change, and of one of several things that it is the dearest."""
_RHETORICAL: Final = frozenset(("isnt", "arent"))
_TRAILING: Final = frozenset(("excluded", "not included", "left out", "omitted", "not counted"))
_DENIALS: Final = frozenset(("dont", "don't", "do not", "never", "not"))
_TAKES_IN: Final = frozenset(("include", "count", "show", "show me", "want", "consider", "add", "need", "list"))
"""Verbs that with a denial before them leave out what follows."""
_EVERY: Final = frozenset(("all", "everything", "anything", "everybody", "everyone", "any", "all of it"))
"""After these "but" is an exception."""
_ARE: Final = frozenset(("is", "the", "s", "was", "one", "that is"))
_QUANTITIES: Final = frozenset(("used", "usage", "consumption", "consumed", "count"))


def thresholds(sentence: Sentence) -> None:
    """Over $500, at least 1k."""
    _refuse_range(sentence)
    for item, op in sentence.having(Role.OP):
        after = sentence.beside(item, 1, lambda each: each.has(Role.CURRENCY) or each.has(Role.SPEND))
        amount = (after.get(Role.AMOUNT) or after.get(Role.NUMBER)) if after and after.free else None
        if not after or not amount:
            continue
        counted = sentence.beside(after, 1)
        if counted and counted.has(Role.DIM) and amount.role is Role.NUMBER:
            continue
        if sentence.draft.threshold is not None:
            raise _two_limits(after)
        if foreign := _FOREIGN.search(after.text):
            sentence.draft.currency = _SIGNED[foreign[0].casefold()]  # what is held against euros is told in euros
        sentence.draft.threshold = Threshold(op=op.value, amount=Decimal(amount.value))
        item.used = after.used = f"{op.value} {amount.value}"
        if counted and (money := counted.get(Role.CURRENCY)):
            counted.used = "currency of the threshold"
            if money.value != _OWN:
                sentence.draft.currency = money.value
            after = counted
        _and_percent(sentence, after)


def _and_percent(sentence: Sentence, after: Item) -> None:
    """… and 20 %: of the usual, where what is unusual is asked for."""
    found = sentence.beside(after, 1, lambda each: each.has(Role.AND))
    percent = found.get(Role.PERCENT) if found and found.free else None
    threshold = sentence.draft.threshold
    if found and percent and threshold and kind_of(sentence) == "anomalies":
        share = Decimal(percent.value) / 100
        sentence.draft.threshold = threshold.model_copy(update={"share": share})
        found.used = f"{percent.value}% of the usual"


def _refuse_range(sentence: Sentence) -> None:
    for item, _ in sentence.having(Role.BETWEEN):
        after = sentence.at(item, 1)
        if after and after.has(Role.AMOUNT):
            raise _two_limits(after)


def _two_limits(second: Item) -> NotUnderstood:
    return NotUnderstood(
        "I can hold amounts to one limit, not to two.",
        'Ask for "services over $100" or for "services under $500".',
        unknown=[second.text],
        suggestions=["services over $100"],
    )


def percentages(sentence: Sentence) -> None:
    """As in "Went up 40 %" tells, it does not ask."""
    for item, _ in sentence.having(Role.PERCENT):
        if any(kind.value == "budgets" for _, kind in sentence.having(Role.KIND)):
            item.used = "whatever its share"
            sentence.draft.notes.append("All budgets are shown, whatever share of them is used.")
            continue
        before = sentence.beside(item, -1, lambda each: each.has(Role.BY) or each.has(Role.FILLER))
        if before and before.has(Role.OP) and before.free:
            continue
        if any(each and each.has(Role.CHANGE) for each in (before, sentence.beside(item, 1))):
            item.used = "as told"


def tops(sentence: Sentence) -> None:
    """Top 5, the 3 biggest, which 5 accounts; the biggest."""
    draft = sentence.draft
    for item, number in sentence.having(Role.NUMBER):
        count = whole(number)
        if count and _ranks(sentence, item):
            draft.top, draft.ranked, item.used = count, True, f"top {count}"
    for item, _ in sentence.having(Role.CHANGE):
        if item.said in _DEARER and _of_all(sentence, item):
            item.used, draft.ranked, draft.top = "ranked", True, 1
    for role in (Role.TOP, Role.SUPERLATIVE):
        for item, _ in sentence.having(role):
            left_out = sentence.beside(item, -1)
            if left_out is not None and left_out.has(Role.NOT):
                raise _all_but_the_top(item)
            if item.said == "first" and not _count_beside(sentence, item):
                continue
            count = _count_beside(sentence, item)
            draft.top = count or draft.top
            draft.ranked = True
            item.used = "ranked"


def _all_but_the_top(item: Item) -> NotUnderstood:
    return NotUnderstood(
        f"I can leave out what has a name, not what ranks first: {item.text!r}.",
        'Name it: "all services except S3".',
        unknown=[item.text],
        suggestions=["top 5 services"],
    )


def _of_all(sentence: Sentence, item: Item) -> bool:
    """As in "which service is more expensive", and not "… than last month", "… got more expensive"."""
    noun = sentence.beside(item, -1, lambda each: each.said in _ARE)
    dim = noun.get(Role.DIM) if noun else None
    asked = noun is not None and asks(sentence.beside(noun, -1))
    return bool(dim and asked and not dim.plural) and not sentence.any(Role.VERSUS, Role.PACE, Role.COMPARE)


def _ranks(sentence: Sentence, item: Item) -> bool:
    """Whether a number counts a plural that is ranked: which 5 accounts … most."""
    after = sentence.beside(item, 1, lambda each: bool(each.matches))
    dim = after.get(Role.DIM) if after else None
    before = sentence.beside(item, -1)
    ranking = sentence.any(Role.SUPERLATIVE, Role.TOP) or (before is not None and before.has(Role.WHICH))
    return bool(dim and dim.plural and ranking)


def _count_beside(sentence: Sentence, item: Item) -> int | None:
    for step in (1, -1):
        beside = sentence.beside(item, step, lambda each: each.has(Role.TOP) or each.has(Role.SUPERLATIVE))
        count = whole(beside.get(Role.NUMBER)) if beside and beside.free else None
        if beside and count and 0 < count <= _MOST:
            beside.used = f"top {count}"
            return count
    return None


def measures(sentence: Sentence) -> None:
    """Amortized, at list price; tokens, hours; gross, credits, tax; a currency."""
    draft = sentence.draft
    for item, meaning in sentence.having(Role.METRIC):
        if draft.metric not in {None, meaning.value}:
            raise _one_at_a_time(item)
        draft.metric = meaning.value
        item.used = meaning.value
        if (money := item.get(Role.CURRENCY)) is not None:  # "in dollars" is no quantity, and no other currency
            draft.currency = money.value
    for item, meaning in sentence.having(Role.UNIT):
        if _costs_of(sentence, item):
            item.used = "what it costs"
        else:
            draft.metric, draft.unit = "ConsumedQuantity", meaning.value
            item.used = f"ConsumedQuantity in {meaning.value}"
    for item, meaning in sentence.having(Role.CHARGES):
        _charges(sentence, item, meaning.value)
    for item, meaning in sentence.having(Role.CURRENCY):
        draft.currency = meaning.value
        item.used = f"in {meaning.value}"
    _refuse_average(sentence)
    if sentence.any(Role.AVERAGE) and draft.grain is None:
        sentence.draft.notes.append("Averages are not computed; the figures they are of are shown.")


def _refuse_average(sentence: Sentence) -> None:
    """As in "october vs the average month this year": an average is nothing to compare with."""
    for item, _ in sentence.having(Role.AVERAGE) if len(sentence.having(Role.WHEN)) > 1 else ():
        before = sentence.beside(item, -1)
        if before is not None and (before.has(Role.OP) or before.has(Role.VERSUS)):
            raise NotUnderstood(
                f"I compare with periods, and {item.text!r} is none.",
                'Ask for the days or months themselves, such as "openai by month this year".',
                unknown=[item.text],
            )


def _costs_of(sentence: Sentence, item: Item) -> bool:
    """Token costs, spend on input tokens; but not token usage, tokens used."""
    after = sentence.beside(item, 1)
    if after is not None and after.has(Role.SPEND) and after.said not in _QUANTITIES:
        return True
    passed = (Role.IN, Role.AND, Role.SUPERLATIVE)
    before = sentence.beside(item, -1, lambda each: bool(each.matches) or any(each.has(role) for role in passed))
    if before is None or item.said.startswith("how many"):
        return False
    spent = before.has(Role.SPEND) and before.said not in _QUANTITIES
    return spent or (before.has(Role.BREAKDOWN) and before.said.endswith((" on", " for")))


def _charges(sentence: Sentence, item: Item, value: str) -> None:
    draft = sentence.draft
    if _against_spend(sentence, item):
        raise _one_at_a_time(item)
    if value == "tax" and negated(sentence, item):
        draft.where.append(Filter(dimension="ChargeCategory", values=("Tax",), exclude=True))
        item.used = "without tax"
    elif value == "credits" and negated(sentence, item):
        draft.charges = "gross"
        item.used = "before credits"
    elif draft.charges not in {None, value}:
        raise _one_at_a_time(item)
    else:
        draft.charges = value  # type: ignore[assignment]  # the lexicon holds only charges here
        item.used = f"charges: {value}"


def _against_spend(sentence: Sentence, item: Item) -> bool:
    """As in "credits vs spend": two measures, and a question has one."""
    for step in (1, -1):
        joint = sentence.at(item, step)
        other = sentence.at(joint, step) if joint is not None and joint.has(Role.VERSUS) else None
        if other is not None and other.has(Role.SPEND):
            return True
    return False


def _one_at_a_time(item: Item) -> NotUnderstood:
    return NotUnderstood(
        f"I tell costs in one measure at a time, and {item.text!r} is a second one.",
        "Ask for one after the other.",
        unknown=[item.text],
        suggestions=["spend last month", "spend last month before credits", "amortized cost last month"],
    )


def negated(sentence: Sentence, item: Item) -> bool:
    """Whether an "except" governs a phrase, through a list: "except support and tax"."""
    return _left_out_after(sentence, item) or _left_out_before(sentence, item)


def _left_out_before(sentence: Sentence, item: Item) -> bool:
    found = sentence.at(item, -1)
    if found is not None and (found.has(Role.IN) or found.has(Role.FROM)) and found.free:
        found = sentence.at(found, -1)
        joined = found is not None and found.has(Role.AND) and _alike_denied(sentence, item, found)
        if found is None or not (joined or _excepts(sentence, found)):
            return False
    if found is not None and found.has(Role.AND) and _alike_denied(sentence, item, found):
        return True
    while found is not None:
        if _excepts(sentence, found):
            found.used = "except"
            return True
        denied = sentence.at(found, -1)
        if denied is not None and _denies(denied, found):
            denied.used = "except"
            return True
        if found.used.startswith("by ") or not _listed(found) or _ends_clause(sentence, found):
            return False
        found = sentence.at(found, -1)
    return False


def _left_out_after(sentence: Sentence, item: Item) -> bool:
    """As in "tax excluded", "s3 and ec2 excluded": what leaves out follows."""
    found = sentence.at(item, 1)
    while found is not None and ((found.has(Role.AND) and found.text != ",") or found.matches):
        found = sentence.at(found, 1)
    if found is None or not _trails(sentence, found):
        return False
    found.used = "except"
    return True


def _trails(sentence: Sentence, item: Item) -> bool:
    """Whether it leaves out what stands before it."""
    after = sentence.at(item, 1)
    names = after is not None and (bool(after.matches) or after.has(Role.CHARGES) or after.has(Role.DIM))
    return item.said in _TRAILING and not names


def _denies(item: Item, verb: Item) -> bool:
    """As in "that aren't tagged with", "don't include"."""
    return (verb.has(Role.TAGGED) and item.has(Role.NOT)) or (verb.said in _TAKES_IN and item.said in _DENIALS)


def _alike_denied(sentence: Sentence, item: Item, joiner: Item) -> bool:
    """As in "neither on aws nor gcp", "not in us-east-1 or in eu-west-1": the other of its kind is left out too."""
    other = sentence.at(joiner, -1)
    alike = other is not None and set(other.matches) & set(item.matches)
    return other is not None and bool(alike) and negated(sentence, other)


def _excepts(sentence: Sentence, item: Item) -> bool:
    """As in "except", "no", "all services but"; but not "isn't s3 expensive?"."""
    if item.said in _RHETORICAL and sentence.at(item, -1) is None:
        return False
    if item.said == "but":
        before = sentence.at(item, -1)
        dim = before.get(Role.DIM) if before else None
        return before is not None and (before.said in _EVERY or (dim is not None and dim.plural))
    if _trails(sentence, item):
        return False
    return item.has(Role.NOT) or item.has(Role.NONE) or (item.has(Role.BEFORE) and item.free)


def _ends_clause(sentence: Sentence, item: Item) -> bool:
    """As in "Exclude tax, aws last month": a comma after an exception that opens the sentence ends it."""
    if item.text != ",":
        return False
    before, after = sentence.at(item, -1), sentence.at(item, 1)
    opener = sentence.at(before, -1) if before else None
    opens = opener is not None and opener.has(Role.NOT) and sentence.at(opener, -1) is None
    closed = any(each.has(Role.AND) and each.text != "," for each in sentence.items if each.start > item.start)
    alike = before is not None and after is not None and set(before.matches) & set(after.matches)
    return opens and not closed and not alike


def _listed(item: Item) -> bool:
    listing = (Role.AND, Role.DASH, Role.CHARGES, Role.SPEND, Role.DIM, Role.EQUALS)
    return bool(item.matches) or item.said in BARE or any(item.has(role) for role in listing)
