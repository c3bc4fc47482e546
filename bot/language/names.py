"""Names beside what they name: search team, account production, team:payments, without a team tag."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter
from bot.language.describe import noun
from bot.language.meanings import Meaning, Role
from bot.language.moments import Ahead, Moment, Relative
from bot.language.segment import Item
from bot.language.sentence import Sentence, asks, is_equals, is_tag_word, joins
from bot.language.vocabulary import PART, WHOLE, rank

_COPULAS: Final = frozenset(("what is", "what are", "what was", "what were"))
"""After these a noun before "costs" names a value: "what are my LLM costs"."""
_VERBS: Final = frozenset(("project",))
"""Nouns of ours that are also what people tell the bot to do."""
_KNOWN: Final = 8
"""Values of a dimension that are named, where one is asked for that it lacks."""
_ID: Final = 5
"""Digits from which on a number is rather somebody's id."""
_OUTER: Final = frozenset(("ServiceProviderName", "ServiceName", "ServiceCategory", "x_Model"))
"""What may stand before any dimension and stay a filter of its own: AWS account, S3 bucket."""
_OWNERS: Final = frozenset(("finance", "finops", "business", "manager", "boss", "cfo", "ceo", "cto"))
"""Those for whom something is asked, and before "spend" whose it is."""
_CLAIMING: Final = frozenset(
    ("payments", "payment", "billing", "invoicing", "data", "infra", "infrastructure", "tech", "dashboard", "hosting",
     "status", "reporting", "tracking", *_OWNERS)
)  # fmt: skip
"""Words of ours that are as often the name of a team."""
_DROP: Final = frozenset(("drop",))
"""At the head of a sentence and before a name it is an order to leave that out."""
_PARTICLES: Final = frozenset(("down", "up", "out"))
"""What may stand apart from a verb that breaks down."""
_IS: Final = frozenset(("is", "are", "was", "were"))
_WITHOUT: Final = frozenset(("without", "w/o", "wo", "w / o", "sans"))
_UNTAGGED: Final = frozenset(
    ("untagged", "unlabeled", "unlabelled", "not tagged", "without tags", "without tag", "unallocated", "unattributed",
     "unassigned")
)  # fmt: skip


def settle_senses(sentence: Sentence) -> None:
    """Where a phrase is both a word of ours and a name of the ledger, or a noun and a verb, decide which."""
    _settle_verb(sentence)
    _settle_particle(sentence)
    _settle_others(sentence)
    for item in sentence.items:
        after, before = sentence.at(item, 1), sentence.at(item, -1)
        spent = (after is not None and after.has(Role.SPEND)) or (before is not None and before.has(Role.BY))
        if item.said in _OWNERS and spent and not item.matches:
            item.meanings = ()
    for item in sentence.items:
        if item.meanings and item.matches:
            if _is_name(sentence, item):
                item.meanings = ()
            else:
                item.matches = {}


def _settle_verb(sentence: Sentence) -> None:
    """As in "Project next month by team": at the head of a sentence about what is to come it is an order."""
    head = next((item for item in sentence.items if not (item.has(Role.FILLER) or item.text in ",.!")), None)
    moments = [meaning.value for _, meaning in sentence.having(Role.WHEN)]
    after = sentence.at(head, 1) if head is not None else None
    if head is not None and head.said in _DROP and after is not None and after.matches and not after.meanings:
        head.meanings = (Meaning(Role.NOT),)
    if head is not None and head.said in _VERBS and any(map(_to_come, moments)):
        head.meanings, head.matches = (Meaning(Role.KIND, "forecast"),), {}


def _settle_others(sentence: Sentence) -> None:
    """In "all other accounts" other is no name; which ones those are, "except" tells."""
    for item in sentence.items:
        after = sentence.at(item, 1)
        dim = after.get(Role.DIM) if after is not None else None
        if item.said == "other" and dim is not None and "ServiceCategory" not in dim.value:
            item.matches, item.meanings = {}, ()


def _settle_particle(sentence: Sentence) -> None:
    """As in "break the bill down by team": the particle is the verb's and tells of no change."""
    parted = False
    for item in sentence.items:
        after = sentence.at(item, 1)
        if parted and item.said in _PARTICLES and (after is None or after.has(Role.BY)):
            item.meanings = (Meaning(Role.FILLER),)
        parted = parted or item.has(Role.BREAKDOWN)


def _to_come(moment: Moment) -> bool:
    """Whether only a forecast can tell all of it."""
    whole = isinstance(moment, Relative) and (moment.whole or moment.offset > 0)
    return whole or isinstance(moment, Ahead)


def _is_name(sentence: Sentence, item: Item) -> bool:
    degree = min(match.degree for match in item.matches.values())
    if _named_beside(sentence, item, degree) or sentence.vocabulary.taught(item.said):
        return True
    after, before = sentence.beside(item, 1), sentence.beside(item, -1)
    role = item.meanings[0].role
    if degree == PART:
        return False
    if role is Role.DIM:
        spent = after is not None and after.has(Role.SPEND)
        named = before is not None and (before.said in _COPULAS or _belongs(sentence, item, before))
        asked = asks(before) and not (spent and named)
        return not item.meanings[0].plural and not asked
    if role is Role.NUMBER:
        return degree == WHOLE and len(item.said) >= _ID
    if role in {Role.CHANGE, Role.SOURCE, Role.EXIST, Role.LIST, Role.SUPERLATIVE, Role.TOP}:
        return after is not None and after.has(Role.SPEND) and not (role is Role.EXIST and asks(before))
    return False


def _belongs(sentence: Sentence, item: Item, before: Item) -> bool:
    """As in "what's my LLM spend": an article stands between, so that not the noun is asked for."""
    return before.has(Role.WHICH) and before.said == "what" and sentence.at(item, -1) is not before


def _named_beside(sentence: Sentence, item: Item, degree: int) -> bool:
    """Whether a dimension that it fits is named before ("team: growth") or after it ("growth team")."""
    if item.has(Role.WHEN):
        return False
    for step in (1, -1):
        beside = sentence.beside(_last_joined(sentence, item, step), step, is_equals)
        dim = beside.get(Role.DIM) if beside else None
        if not beside or not dim or not set(dim.value) & set(item.matches):
            continue
        told = degree < PART and not dim.plural and not asks(sentence.beside(beside, -1))
        led = sentence.at(beside, -1)
        of = led is not None and (led.has(Role.IN) or led.said == "of") and item.has(Role.CHANGE)
        follows = step == 1 and not (item.has(Role.CHANGE) and led is not item)  # "growth of teams" names none
        joined = follows or _equals_next(sentence, beside) or (told and (item.has(Role.SOURCE) or of))
        if joined and not (dim.plural and degree == PART):
            return True
    return False


def _last_joined(sentence: Sentence, item: Item, step: int) -> Item:
    """The last of names joined with this one: in "data and growth teams" data, too, is a team."""
    joiner, other = sentence.at(item, step), None
    if joiner is not None and (joiner.has(Role.AND) or joiner.has(Role.VERSUS)):
        other = sentence.at(joiner, step)
    shared = other is not None and set(other.matches) & set(item.matches)
    return _last_joined(sentence, other, step) if other is not None and shared else item


def tags(sentence: Sentence) -> None:
    """Without a team tag, untagged by team; tagged with environment."""
    for item in _lacking(sentence):
        _lacks(sentence, item)
    for item, _ in sentence.having(Role.TAGGED):
        _tagged(sentence, item)


def _lacks(sentence: Sentence, item: Item) -> None:
    """The tag that is lacking; "not tagged with team data" lacks none, and leaves that value out."""
    untagged = item.said in _UNTAGGED
    after = sentence.beside(
        item,
        1,
        lambda each: (
            is_tag_word(each)
            or each.has(Role.BY)
            or each.has(Role.IN)
            or each.said == "with"
            or each.has(Role.TAGGED)
            or (untagged and _no_tag(each))
        ),
    )
    before = sentence.beside(item, -1, lambda each: is_tag_word(each) or each.said in _IS)
    for dim_item in (after, before if item.said in {"untagged", "missing"} else None):
        dim = dim_item.get(Role.DIM) if dim_item and dim_item.free else None
        if not dim_item or not dim or dim.value == ("Tags",):
            continue
        if dim_item is after and _holds_value(sentence, dim_item, dim.value):
            item.used = "except"
        else:
            _presence(sentence, item, dim_item, exclude=False)
        break
    follows = sentence.beside(item, 1)
    if item.free and (untagged or (follows is not None and is_tag_word(follows))):
        raise _which_tag(item, sentence.vocabulary.tag_keys)


def _tagged(sentence: Sentence, item: Item) -> None:
    """The tag that is there, or with "that aren't tagged with a team" is not; "tagged prod" names a value of one."""
    after = sentence.beside(item, 1, lambda each: is_tag_word(each) or each.has(Role.IN))
    dim = after.get(Role.DIM) if after and after.free else None
    if after and dim and dim.value != ("Tags",):
        denied = sentence.at(item, -1)
        if _holds_value(sentence, after, dim.value):
            item.used = "tagged"
        elif denied is not None and denied.free and denied.has(Role.NOT):
            denied.used = "not"
            _presence(sentence, item, after, exclude=False)
        else:
            _presence(sentence, item, after, exclude=True)
    elif after and after.free and (named := tuple(name for name in after.matches if name.startswith("Tags/"))):
        _hold(sentence, after, named)


def _no_tag(item: Item) -> bool:
    """Whether it is what costs are of, and no tag: "untagged resources by team"."""
    dim = item.get(Role.DIM)
    return item.has(Role.SPEND) or (dim is not None and not any(name.startswith("Tags") for name in dim.value))


def _lacking(sentence: Sentence) -> list[Item]:
    """As in "no", "untagged"; "without", where a tag key and the word tag follow."""
    found = []
    for item in sentence.items:
        dim = sentence.beside(item, 1) if item.said in _WITHOUT and item.free else None
        word = sentence.beside(dim, 1) if dim and dim.has(Role.DIM) and not is_tag_word(dim) else None
        if (item.free and item.has(Role.NONE)) or (word and is_tag_word(word)) or (dim and _names_tag(dim, word)):
            found.append(item)
    return found


def _names_tag(item: Item, after: Item | None) -> bool:
    """As in "without team", where no team is named."""
    dim = item.get(Role.DIM)
    tag = dim is not None and not dim.plural and all(name.startswith("Tags/") for name in dim.value)
    return tag and not (after is not None and after.matches)


def _holds_value(sentence: Sentence, item: Item, dims: tuple[str, ...]) -> bool:
    """Whether a value follows the tag: "environment = prod"."""
    value = sentence.beside(item, 1, lambda each: is_equals(each) or is_tag_word(each))
    named = value is not None and value.free and any(name in value.matches for name in dims)
    return named or _equals_next(sentence, item)


def _presence(sentence: Sentence, item: Item, dim_item: Item, *, exclude: bool) -> None:
    dim = dim_item.get(Role.DIM)
    dims: tuple[str, ...] = dim.value if dim else ()
    dimension = next((name for name in dims if name.startswith("Tags/")), dims[0])
    sentence.draft.where.append(Filter(dimension=dimension, values=("",), exclude=exclude))
    item.used = dim_item.used = f"{'has' if exclude else 'no'} {dimension}"
    for step in (1, -1):
        tag = sentence.beside(dim_item, step)
        if tag and is_tag_word(tag):
            tag.used = dim_item.used
    joiner = sentence.beside(dim_item, 1, is_tag_word)
    other = sentence.beside(joiner, 1) if joiner is not None and joiner.has(Role.AND) else None
    also = other.get(Role.DIM) if other is not None and other.free else None
    if other is not None and also is not None and any(name.startswith("Tags/") for name in also.value):
        _presence(sentence, item, other, exclude=exclude)


def _which_tag(item: Item, keys: tuple[str, ...]) -> NotUnderstood:
    hint = f'Name one, such as "spend without a {keys[0]} tag".' if keys else "This ledger knows no tags."
    return NotUnderstood(
        f"{item.text!r}: without which tag?",
        f"{hint} Known: {', '.join(keys[:8])}." if keys else hint,
        unknown=[item.text],
        suggestions=[f"spend without a {key} tag" for key in keys[:3]],
    )


def qualifiers(sentence: Sentence) -> None:
    """A dimension named beside a value says where the value belongs, and is no breakdown."""
    for item, dim in sentence.having(Role.DIM):
        dims = with_tag_word(sentence, item, dim.value)
        equals = _equals_next(sentence, item)
        if equals or not _asked_for(sentence, item) or _told(sentence, item, dims):
            _qualify(sentence, item, dims, plural=dim.plural, equals=equals)
        if item.used:
            for step in (1, -1):
                sign = sentence.at(item, step)
                if sign and is_equals(sign):
                    sign.used = "is"


def _qualify(sentence: Sentence, item: Item, dims: tuple[str, ...], *, plural: bool, equals: bool) -> None:
    left = sentence.at(item, -1)
    if left and left.free and left.matches and _fits(left, dims, plural=plural):
        item.used = f"names {_hold(sentence, left, dims)}"
        _hold_joined(sentence, left, dims, -1)
        return
    right = sentence.beside(item, 1, lambda each: is_equals(each) or is_tag_word(each))
    if right and right.free and (equals or not plural) and _fits(right, dims, plural=False):
        item.used = f"names {_hold(sentence, right, dims)}"
        _hold_joined(sentence, right, dims, 1)
    elif right and right.free and not plural and not equals and _introduced(sentence, item, dims):
        raise _not_of(right.text, dims[0], sentence.vocabulary.values(dims[0]))
    elif right and right.free and (equals or (not plural and _claimed(right, dims))):
        item.used = "dimension of the next word"
        right.matches, right.meanings = {}, ()
    elif left and not plural and not item.has(Role.FILLER) and _claims(left, dims):
        item.used = "dimension of the word before"
        left.matches, left.meanings = {}, ()


def _claimed(right: Item, dims: tuple[str, ...]) -> bool:
    """Whether a phrase after a dimension claims to be a value of it and is none: "team platform"."""
    if dims == ("Tags",) or not any(name.startswith("Tags") for name in dims):
        return right.said in _OWNERS
    if right.meanings:
        return right.said in _CLAIMING
    return bool(right.matches) and all(match.degree == PART for match in right.matches.values())


def _introduced(sentence: Sentence, item: Item, dims: tuple[str, ...]) -> bool:
    """As in "spend for team data-platform": what follows is to be a team, whatever else it is."""
    before = sentence.at(item, -1)
    after = sentence.at(item, 1)
    owner = dims != ("Tags",) and all(name.startswith("Tags/") or name == "SubAccountName" for name in dims)
    led = before is not None and (before.has(Role.IN) or before.has(Role.VERSUS))
    return owner and led and after is not None and bool(after.matches)


def _not_of(word: str, dimension: str, values: list[str]) -> NotUnderstood:
    name = noun(dimension)
    return NotUnderstood(
        f"I know no {name} called {word!r}.",
        f"Known: {', '.join(values[:_KNOWN])}. Or leave the word {name!r} out.",
        unknown=[word],
        suggestions=[f"spend of {name} {value}" for value in values[:3]],
        unread=True,
    )


def _claims(left: Item, dims: tuple[str, ...]) -> bool:
    """Whether a phrase before a dimension claims to be a value of it and is none: "the platform team"."""
    if not left.free or left.has(Role.AND):
        return False
    if left.meanings:
        return left.said in _CLAIMING and dims != ("Tags",)
    if not left.matches:
        return False
    personal = any(name.startswith("Tags") or name in {"x_ApiKeyName", "x_UserName"} for name in dims)
    of_account = not any(name.startswith("Tags") for name in dims)
    outer = {*_OUTER, "SubAccountName"} if of_account else _OUTER
    if any(match.degree < PART and name in outer for name, match in left.matches.items()):
        return False
    partly = min(match.degree for match in left.matches.values()) == PART
    return personal or (partly and dims[0] == "SubAccountName")


def with_tag_word(sentence: Sentence, item: Item, dims: tuple[str, ...]) -> tuple[str, ...]:
    """The dimensions a noun can mean; beside "tag" only tags."""
    for step in (1, -1):
        word = sentence.at(item, step)
        named = tuple(name for name in dims if name.startswith("Tags/"))
        if word and is_tag_word(word) and word is not item and named:
            word.used = "tag"
            return named
    return dims


def _equals_next(sentence: Sentence, item: Item) -> bool:
    sign = sentence.beside(item, 1, is_tag_word)
    return sign is not None and is_equals(sign) and sentence.at(sign, 1) is not None


def _told(sentence: Sentence, item: Item, dims: tuple[str, ...]) -> bool:
    """As in "What is the cost center CC-1010 cost": a value follows, and the verb stood before the noun."""
    before, after = sentence.beside(item, -1), sentence.beside(item, 1)
    told = before is not None and before.said in _COPULAS
    return told and after is not None and after.free and _fits(after, dims, plural=False)


def _asked_for(sentence: Sentence, item: Item) -> bool:
    """By team, which team, top 5 teams."""
    passed = (Role.SPEND, Role.SUPERLATIVE)
    before = sentence.beside(item, -1, lambda each: each.used == "ranked" or any(each.has(role) for role in passed))
    return asks(before)


def _fits(item: Item, dims: tuple[str, ...], *, plural: bool) -> bool:
    found = [name for name in dims if name in item.matches]
    if not found or any(item.matches[name].degree < PART for name in found):
        return bool(found)
    better = [name for name, match in item.matches.items() if match.degree < PART]
    return not better or (not plural and min(map(rank, better)) > min(map(rank, found)))


def _hold(sentence: Sentence, item: Item, dims: tuple[str, ...]) -> str:
    found = [name for name in dims if name in item.matches]
    dimension = min(found, key=lambda name: (item.matches[name].degree, dims.index(name)))
    sentence.beside_of[item.start] = dimension
    return dimension


def _hold_joined(sentence: Sentence, item: Item, dims: tuple[str, ...], step: int) -> None:
    """In "search and data teams" both are teams."""
    joiner = sentence.at(item, step)
    while joiner is not None and joins(joiner):
        other = sentence.at(joiner, step)
        if other is None or not other.free or not any(name in other.matches for name in dims):
            return
        _hold(sentence, other, dims)
        joiner = sentence.at(other, step)
