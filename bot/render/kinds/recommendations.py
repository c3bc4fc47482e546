"""What vendors recommend, in words and as a table."""

from __future__ import annotations

from bot.blockkit.build import cut, number_cell, text_cell
from bot.domain.answers import RecommendationsAnswer, RecommendedItem, RecommendedTotal
from bot.domain.question import Question
from bot.render.labels import RECOMMENDED, listed, source, subject
from bot.render.numbers import money
from bot.render.slack.cells import MOST_TEXT, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, header


def summary(question: Question, answer: RecommendationsAnswer) -> str:
    """``$858.68 a month could be saved, AWS estimates: rightsizing $423.62 (2), idle resources $166.56 (2).``."""
    where = f" {subject(question)}" if subject(question) else ""
    if answer.items:
        vendors = listed([source(name) for name in dict.fromkeys(found.source for found in answer.items)])
        verb = "estimate" if len({found.source for found in answer.items}) > 1 else "estimates"
        return " ".join(_sentence(total, where, f"{vendors} {verb}") for total in answer.totals)
    if answer.reported:
        return f"{listed([source(name) for name in answer.reported])} has no recommendations{where}."
    names = listed(list(dict.fromkeys(source(gap.source) for gap in answer.gaps)), most=6)
    return f"Recommendations aren't available for {names or 'these sources'}."


def _sentence(total: RecommendedTotal, where: str, who: str) -> str:
    kinds = sorted(total.by_kind.items(), key=lambda found: -found[1][1])
    parts = [f"{RECOMMENDED[kind]} {money(saved, total.currency)} ({count})" for kind, (count, saved) in kinds]
    overlap = money(total.amount + total.overlap, total.currency)
    less = f" Some exclude each other: separately they come to {overlap}." if total.overlap else ""
    return f"{money(total.amount, total.currency)} a month could be saved{where}, {who}: {listed(parts, most=6)}.{less}"


def table(_question: Question, answer: RecommendationsAnswer) -> tuple[str, Rows]:
    """A row a recommendation."""
    rows = [header("Recommendation", "Resource", "Account", "Region", "Savings a month", "Effort")]
    for found in answer.items[:MOST_ROWS]:
        item = found.item
        rows.append(
            [
                name_cell(_action(found)),
                text_cell(cut(item.resource or item.resource_type or "–", MOST_TEXT)),
                text_cell(cut(found.account or "–", MOST_TEXT)),
                text_cell(item.region or "–"),
                number_cell(float(item.savings), money(item.savings, item.currency)),
                text_cell(_words(item.effort) or "–"),
            ]
        )
    return "Recommendations", rows if answer.items else []


def _action(found: RecommendedItem) -> str:
    """``Rightsize m6i.2xlarge to m6i.xlarge``, ``Delete gp3 1206 GB, unattached``."""
    item = found.item
    to = f" to {item.recommended}" if item.recommended and item.current else ""
    what = item.current or item.recommended
    return cut(" ".join(filter(None, (_words(item.action), f"{what}{to}"))), MOST_TEXT)


def _words(name: str) -> str:
    """A vendor's word in camel case or capitals as words: ``Very low``."""
    spaced = "".join(f" {at}" if at.isupper() and place and not name.isupper() else at for place, at in enumerate(name))
    return spaced.replace("_", " ").strip().lower().capitalize()
