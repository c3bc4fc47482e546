"""A digest as it is to be said, and what composing it leans on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.digests.model import Digest
from bot.digests.period import Times
from bot.digests.ports import Alternative, Asker, Reply
from bot.domain.answer import Answer
from bot.domain.conversion import as_asked
from bot.domain.feed import Freshness
from bot.domain.question import Question
from bot.domain.scope import Scope


@dataclass(frozen=True)
class Detail:
    """One question of the digest: its answer, or why there is none."""

    asked: str
    reply: Reply | None = None
    why: str = ""

    @property
    def line(self) -> str:
        """What was asked, with its answer in a sentence or why there is none."""
        asked = f"{self.asked[:1].upper()}{self.asked[1:]}"
        return f"{asked}: {self.reply.text if self.reply else self.why}"


@dataclass(frozen=True)
class DigestContent:
    """One digest as it is to be said; ``said`` is what the next one may restate."""

    digest: Digest
    period: str
    title: str
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    chart: Reply | None = None
    lead: Reply | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shown:
    """A reply whose figures are in the currency asked for."""

    reply: Reply
    answer: Answer

    @property
    def question(self) -> Question:
        return self.reply.question

    @property
    def read_as(self) -> str:
        return self.reply.read_as

    @property
    def alternatives(self) -> Sequence[Alternative]:
        return self.reply.alternatives

    @property
    def text(self) -> str:
        return self.reply.text


@dataclass(frozen=True)
class DigestContext:
    """What composing leans on: who answers, within which scope, about which days."""

    asker: Asker
    scope: Scope
    times: Times

    def ask(self, question: Question, scope: Scope | None = None) -> Reply:
        """The answer within the scope, in the currency that answers are given in."""
        reply = self.billed(question, scope)
        shown = as_asked(reply.answer)
        return reply if shown is reply.answer else _Shown(reply, shown)

    def billed(self, question: Question, scope: Scope | None = None, currency: str = "") -> Reply:
        """The same as billed; what it comes to in the currency (by default that of answers) stands beside."""
        within = scope or self.scope
        return self.asker.answer(question, scope=within, today=self.times.today, currency=currency or None)

    def fresh(self) -> tuple[Freshness, ...]:
        """How current each source is that charges in scope can come from."""
        return self.ask(Question(period=self.times.period)).answer.as_of

    def late(self, fresh: Iterable[Freshness] | None = None) -> list[Freshness]:
        """Those that have not told all of the digest's days."""
        last = self.times.period.last
        known = self.fresh() if fresh is None else fresh
        return [each for each in known if each.data_through is None or each.data_through < last]
