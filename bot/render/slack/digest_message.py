"""Draws a digest: what it comes to, what moved, what to watch, one chart; each question's answer for the thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from bot import render
from bot.blockkit.build import (
    Block,
    Message,
    bullets,
    emphasized,
    escape,
    header,
    mention,
    mrkdwn,
    rich_text,
    run,
    small,
)
from bot.digests.content import Detail, DigestContent
from bot.domain.answers import AnomaliesAnswer, ExplainAnswer
from bot.domain.conversion import as_asked
from bot.domain.owners import Owners
from bot.render import text
from bot.render.digest import DigestWords, words
from bot.render.drivers import named
from bot.render.slack import answer_message, plain_message

_FIELDS = 10
_FIELD = 2000
_TEXT = 3500
_MOST_OWNERS = 6


def draw(content: DigestContent, owners: Owners | None = None) -> list[Message]:
    """The message for the channel, then those for its thread; whoever owns what moved is mentioned. Pure."""
    return [_main(content, words(content), owners or Owners()), *map(_detail, _thread(content))]


def _thread(content: DigestContent) -> tuple[Detail, ...]:
    """The answers that stand in the thread: none where the only one opens the digest."""
    alone = content.overview is None and len(content.details) == 1 and content.lead
    return () if alone else content.details


def _main(content: DigestContent, worded: DigestWords, owners: Owners) -> Message:
    kept: dict[str, Mapping[str, Any]] = {}
    drawn: list[Block] = [header(worded.title)]
    if content.overview or content.lead is None:
        drawn += _overview(content, worded)
    else:
        answer = answer_message.draw(content.lead)
        kept |= answer.kept
        drawn += [block for block in answer.blocks if block["type"] != "actions"]
        drawn += [bullets(name, lines) for name, lines in worded.lists]
    drawn += _owners(content, owners)
    drawn += small(*worded.notes, "Details are in the thread." if _thread(content) else "")
    drawn += answer_message.buttons(content.lead, kept) if content.lead else []
    return Message(spoken(worded), drawn, kept)


def _owners(content: DigestContent, owners: Owners) -> list[Block]:
    """Whom to ask about what moved and what is unusual: the first few owners, each with what they own."""
    about: dict[str, dict[str, None]] = {}
    for key in _moved(content):
        for owner in owners.of(key):
            about.setdefault(owner, {})[named(key)] = None
    if not about:
        return []
    shown = list(about.items())[:_MOST_OWNERS]
    asked = [[run(" · "), mention(owner), run(f" ({render.listed(list(things))})")] for owner, things in shown]
    return [rich_text(run("Owners: "), *list(chain.from_iterable(asked))[1:])]


def _moved(content: DigestContent) -> Iterator[Mapping[str, str | None]]:
    """What the causes and anomalies of a digest are about: their own keys, then the places that hold most of them."""
    answers = [detail.result.answer for detail in content.details if detail.result]
    anomalies = [*(content.overview.anomalies if content.overview else ())]
    anomalies += [found for answer in answers if isinstance(answer, AnomaliesAnswer) for found in answer.anomalies]
    explained = [found for answer in answers if isinstance(answer, ExplainAnswer) for found in answer.explanations]
    drivers = [driver for explanation in explained for driver in explanation.drivers]
    movers = content.overview.movers if content.overview else ()
    drivers += [mover.cause for mover in movers if mover.cause]
    yield from (found.key for found in anomalies)
    yield from (mover.line.key for mover in movers)
    yield from (driver.key for driver in drivers)
    for driver in drivers:
        yield from ({place.dimension: place.value} for place in driver.places)


def _overview(content: DigestContent, worded: DigestWords) -> list[Block]:
    drawn = [_headline(content, worded), *small(*(f"⚠️ {warning}" for warning in worded.warnings))]
    fields = [mrkdwn(f"*{escape(name)}*\n{escape(text)}", _FIELD) for name, text in worded.facts[:_FIELDS]]
    drawn += [{"type": "section", "fields": fields}] if fields else []
    drawn += [bullets(name, lines) for name, lines in worded.lists]
    if content.overview and content.overview.chart:
        result = content.overview.chart
        chart = answer_message.chart(result.question, result.answer)
        drawn += [chart.block, *small(chart.note)] if chart else []
    if content.lead:
        basis = text.basis(content.lead.question, content.lead.answer)
        drawn += small(
            *(sentence for sentence in basis if not worded.notes or not sentence.startswith(text.PROVISIONAL))
        )
    return drawn


def _headline(content: DigestContent, worded: DigestWords) -> Block:
    totals = text.totals_of(as_asked(content.lead.answer)) if content.lead else ()
    figures = (render.figure(total.amount, total.currency, total.unit) for total in totals[:1])
    return emphasized(worded.headline, *figures)


def _detail(detail: Detail) -> Message:
    if detail.result is None:
        return plain_message.sentence(f"{detail.asked}: {detail.why}")
    answer = answer_message.draw(detail.result)
    asked = f"{detail.asked[:1].upper()}{detail.asked[1:]}"
    return Message(f"{escape(asked)}: {answer.text}", [header(asked), *answer.blocks], answer.kept)


def spoken(worded: DigestWords) -> str:
    """The digest without blocks, escaped."""
    facts = [f"{name}: {text}" for name, text in worded.facts]
    lists = [f"{name}: {'; '.join(line.rstrip('.') for line in lines)}" for name, lines in worded.lists]
    lines = [worded.title, worded.headline, *worded.warnings, *facts, *lists, *worded.notes]
    return escape("\n".join(filter(None, lines)))[:_TEXT]
