"""Which kind of question it is: a table of rules, the first that holds decides."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from bot.domain.question import Kind
from bot.language.meanings import Role
from bot.language.segment import Item
from bot.language.sentence import Sentence

_OPENERS: Final = frozenset((Role.FILLER, Role.THAT, Role.AND))
_QUANTITIES: Final = frozenset(("usage", "consumption"))
_COMMITMENTS: Final = ("commit", "savings plan", "reserv", "cud")
_LIST_PRICES: Final = ("list price", "list prices", "public price", "public prices", "sticker price", "retail price")
_BUDGET_ORDERS: Final = frozenset(("increase", "decrease", "change", "double", "move", "shift", "lower", "drop", "add"))
"""Verbs that order something of a budget and only tell of costs."""
_RATES: Final = frozenset(
    ("per gb", "per gb month", "per request", "per requests", "per api call", "per call", "per query", "per invocation",
     "per 1000 requests", "per thousand requests", "per million requests", "per 1k requests", "per hour of usage")
)  # fmt: skip
"""Of what has a price these are its unit, and no unit economics."""
_ALL: Final = ("all", "all our", "all the", "all of our", "all my")
_GREETINGS: Final = frozenset(
    ("hi", "hello", "hey", "yo", "hiya", "good morning", "good afternoon", "good evening", "morning", "thanks", "thx",
     "thank you", "ty", "cheers", "hi there", "hey there", "hi team", "hey team", "hello team")
)  # fmt: skip
AGREES: Final = ("match", "matches", "agree", "agrees", "tie", "ties", "differ", "differs", "correct", "right")
"""What is asked of an invoice, which then is no document that is asked for."""
_ARE: Final = ("is", "are", "was", "were")
_SETTLED: Final = ("final", "complete", "finalized", "finalised")
_ACTORS: Final = ("we", "i", "they", "who")
_FACTS: Final = ("did", "got", "gotten", "became", "was", "were")
"""Verbs that tell of what is so."""
_LEFT: Final = ("left", "remaining", "remain", "remains")
_THANKS: Final = frozenset(("thanks", "thx", "thank you", "ty", "cheers", "thank"))
_SMALL: Final = (
    Role.FILLER, Role.IN, Role.AND, Role.THAT, Role.WHICH, Role.DASH, Role.SHOW, Role.ALSO, Role.EXIST, Role.TO,
)  # fmt: skip


class Signs:
    """What the phrases of a sentence say about its kind."""

    def __init__(self, sentence: Sentence) -> None:
        self._sentence = sentence
        self._said = {meaning.value for item in sentence.items if (meaning := item.get(Role.KIND))}

    def says(self, kind: str) -> bool:
        """Whether a word for the kind is there."""
        return kind in self._said

    @property
    def orders(self) -> bool:
        """Whether the sentence tells to do something: an imperative at its head."""
        for item in self._sentence.items:
            meaning, after = item.get(Role.KIND), self._sentence.at(item, 1)
            asks = after is not None and (after.has(Role.WHICH) or after.said == "how")
            if item.has(Role.SHOW) or (item.said == "remind me" and asks):
                return False
            if (meaning and meaning.value == "order") or (item.said in _BUDGET_ORDERS and self.says("budgets")):
                return True
            if not any(each.role in _OPENERS for each in item.meanings):
                return False
        return False

    @property
    def acted(self) -> bool:
        """Whether it is asked who did what: "who approved this", "which instances did we terminate"."""
        pairs = pairwise(self._sentence.items)
        return any((m := verb.get(Role.KIND)) and m.value == "order" and who.said in _ACTORS for who, verb in pairs)

    @property
    def advises(self) -> bool:
        """Whether advice is asked for, or what is not so (yet)."""
        asked = [item for item in self._sentence.items if (m := item.get(Role.KIND)) and m.value == "advice"]
        wished = [item for item in asked if not (self._told and item.has(Role.CHANGE)) and not self._credited(item)]
        return bool(wished) or self.says("supposed")

    def _credited(self, item: Item) -> bool:
        """As in "how much did credits lower our bill": what they did is told."""
        by = self._sentence.beside(item, -1)
        return by is not None and by.has(Role.CHARGES)

    @property
    def _told(self) -> bool:
        """Whether less spend is spoken of as a fact, and not wished for: "why did we spend less", "s3 got cheaper"."""
        sentence = self._sentence
        compared = sentence.any(Role.VERSUS) and not sentence.says("how")
        return self.says("why") or compared or sentence.says(*_FACTS)

    @property
    def priced(self) -> bool:
        """Whether a model or SKU is named."""
        return any(name in item.matches for item in self._sentence.items for name in ("x_Model", "SkuId"))

    @property
    def contrasts(self) -> bool:
        """As in "why is production more expensive than staging": what each costs can be told, not why they differ."""
        items = self._sentence.items
        around = ((items[at - 1], items[at + 1]) for at, each in enumerate(items[1:-1], 1) if each.has(Role.VERSUS))
        return any(self._valued(one, -1) and self._valued(other, 1) for one, other in around)

    def _valued(self, item: Item, step: int) -> bool:
        """Whether a value stands there, small words passed over."""
        light = item.has(Role.FILLER) or item.has(Role.SPEND)
        found = self._sentence.beside(item, step) if light else item
        return found is not None and bool(found.matches) and not found.meanings

    @property
    def rated(self) -> bool:
        """Whether the price of a unit is asked for: "s3 price per gb", "token prices by model"."""
        items, sentence = self._sentence.items, self._sentence
        foreign = [item.said for item in items if (meaning := item.get(Role.KIND)) and meaning.value == "foreign"]
        units = [meaning.value for item in items if (meaning := item.get(Role.UNIT))]
        named = any(item.matches and not item.meanings for item in items) or "Tokens" in units
        asked = self.says("price") and not sentence.says(*_LIST_PRICES)
        return asked and bool(units or foreign) and named and all(said in _RATES for said in foreign)

    @property
    def measured(self) -> bool:
        """Whether a price of so much is asked for."""
        return bool(self._sentence.draft.quantities)

    @property
    def per_token(self) -> bool:
        """Whether a price is asked for in so many words, of nothing that has one."""
        units = (item.said for item in self._sentence.items if (m := item.get(Role.KIND)) and m.value == "price")
        return any("token" in said for said in units) and not self.priced and not self.measured

    @property
    def commits(self) -> bool:
        """Whether commitments are named: savings plans, reservations, committed use."""
        names = ("Savings Plan", "Committed")
        values = (v for item in self._sentence.items for match in item.matches.values() for v in match.values)
        said = (item.said for item in self._sentence.items if item.has(Role.KIND))
        return any(v.startswith(names) for v in values) or any(word in each for each in said for word in _COMMITMENTS)

    @property
    def looked_up(self) -> bool:
        """Whether a list price is asked for, and no spend at list prices: "gpt-4o list price"."""
        return self._sentence.says(*_LIST_PRICES) and not self._sentence.any(Role.SPEND) and self.priced

    @property
    def reconciles(self) -> bool:
        """Whether charges are to be held against an invoice: "reconcile", "does AWS match the October invoice"."""
        return self.says("reconcile") or (self._sentence.says("invoice", "invoices") and self._sentence.says(*AGREES))

    @property
    def credits_left(self) -> bool:
        """Whether credits are asked about that are not used yet: "credits left", "when will our AWS credits expire"."""
        credits_ = any(m.value == "credits" for item in self._sentence.items if (m := item.get(Role.CHARGES)))
        return self.says("credits left") or (credits_ and (self.says("running out") or self._sentence.says(*_LEFT)))

    @property
    def held(self) -> bool:
        """Whether it is asked what data there is: "do we have data for azure"."""
        pairs = pairwise(self._sentence.items)
        there = any(one.has(Role.EXIST) and other.said == "data" and other.has(Role.SOURCE) for one, other in pairs)
        return there and not self._sentence.any(Role.SPEND, Role.DIM)

    @property
    def settled(self) -> bool:
        """As in "is the October bill final": whether more is to come of it."""
        words = [item for item in self._sentence.items if item.text not in ",.?!"]
        return words[0].said in _ARE and words[-1].said in _SETTLED

    @property
    def changed(self) -> bool:
        """Whether a change or a spike is spoken of."""
        return self._sentence.any(Role.CHANGE) or self.says("anomalies")

    @property
    def _are(self) -> bool:
        """As in "What accounts are under AWS": the verb follows the noun, and nothing is said of it but where."""
        dims = (item for item in self._sentence.items if item.has(Role.DIM))
        verbs = (self._sentence.at(item, 1) for item in dims)
        return any(verb and verb.said in {"are", "is", "were"} for verb in verbs) and not self.changed

    @property
    def lists(self) -> bool:
        """Whether the names themselves are asked for, and no amounts."""
        sentence, draft = self._sentence, self._sentence.draft
        spends = any(item.has(Role.SPEND) and item.said not in _QUANTITIES for item in sentence.items)
        dims = [dim for item in sentence.items if (dim := item.get(Role.DIM))]
        compared = sentence.any(Role.VERSUS)
        if draft.threshold or draft.ranked or draft.metric or draft.charges or spends or compared or not dims:
            return False
        which, exist = sentence.any(Role.WHICH), sentence.any(Role.EXIST) or self._are
        every = sentence.any(Role.SHOW) and sentence.says(*_ALL) and not sentence.any(Role.WHEN)
        keys = any(dim.value == ("Tags",) for dim in dims) and (sentence.any(Role.SHOW) or which)
        return sentence.any(Role.LIST) or (which and exist) or ((every or keys) and not sentence.any(Role.BY))


_RULES: Final[tuple[tuple[Kind, Callable[[Signs], bool]], ...]] = (
    ("invoice", lambda signs: signs.reconciles and not signs.orders),
    ("price", lambda signs: signs.rated and not signs.orders),
    ("unsupported", lambda signs: signs.orders or signs.acted or signs.says("foreign") or signs.per_token),
    ("credits", lambda signs: signs.credits_left),
    ("savings", lambda signs: signs.says("could save") and signs.commits and not signs.advises),
    ("unsupported", lambda signs: signs.says("could save")),
    ("savings", lambda signs: signs.says("savings") and not signs.advises and not signs.says("why")),
    ("price", lambda signs: signs.measured),
    ("unsupported", lambda signs: signs.advises),
    ("budgets", lambda signs: signs.says("budgets")),
    ("price", lambda signs: (signs.says("price") and signs.priced) or signs.looked_up),
    ("cost", lambda signs: signs.says("why") and signs.contrasts),
    ("explain", lambda signs: signs.says("why") or (signs.says("cause") and signs.changed)),
    ("forecast", lambda signs: signs.says("forecast")),
    ("freshness", lambda signs: signs.says("freshness") or signs.held or signs.settled),
    ("anomalies", lambda signs: signs.says("anomalies")),
    ("values", lambda signs: signs.lists),
)


def kind_of(sentence: Sentence) -> Kind:
    """The kind of the question."""
    signs = Signs(sentence)
    return next((kind for kind, holds in _RULES if holds(signs)), "cost")


def wonders(sentence: Sentence) -> bool:
    """Whether it is asked why two things differ."""
    signs = Signs(sentence)
    return signs.says("why") and signs.contrasts


def asks_price(sentence: Sentence) -> bool:
    """Whether a word for prices is said, of whatever."""
    return Signs(sentence).says("price") or sentence.says(*_LIST_PRICES)


def asks_help(sentence: Sentence, *, following: bool) -> bool:
    """Greetings and "what can I ask", when nothing else is said."""
    helps = [item for item in sentence.items if (meaning := item.get(Role.KIND)) and meaning.value == "help"]
    rest = [item for item in sentence.items if item not in helps and not any(item.has(role) for role in _SMALL)]
    if rest or any(item.matches and not item.meanings for item in sentence.items):
        return False
    words = _THANKS if following else _GREETINGS
    return bool(helps) or any(item.said in words for item in sentence.items)
