"""Invoices in words and as a table."""

from __future__ import annotations

from decimal import Decimal

from bot.blockkit.build import cut, number_cell, text_cell
from bot.domain.answers import InvoiceAnswer
from bot.domain.question import Question
from bot.render.labels import about, source
from bot.render.notes import note
from bot.render.numbers import to_the_cent
from bot.render.sentences import reconciliation
from bot.render.slack.cells import MOST_TEXT
from bot.render.slack.tables import MOST_ROWS, Rows, header

_SENTENCES = 2


def summary(question: Question, answer: InvoiceAnswer) -> str:
    """A sentence a month and source; of many only how many agree."""
    found = answer.reconciliations
    if not found:
        return note(answer.notes[0]) if answer.notes else f"There is no invoice to compare with {about(question, '')}."
    sentences = [f"{reconciliation(month)}." for month in found]
    if len(sentences) <= _SENTENCES:
        return " ".join(sentences)
    apart = [sentence for sentence, month in zip(sentences, found, strict=True) if not month.agrees]
    return " ".join(
        [f"{len(sentences) - len(apart)} of {len(sentences)} invoices match the charges.", *apart[:_SENTENCES]]
    )


def table(_question: Question, answer: InvoiceAnswer) -> tuple[str, Rows]:
    """Each month's invoice beside its charges, to the cent."""
    rows = [header("Month", "Source", "Invoice", "Charges", "Difference", "Invoice numbers")]
    for month in answer.reconciliations[:MOST_ROWS]:
        amounts = (month.invoice, month.charged, Decimal(0) if month.agrees else month.difference)
        rows.append(
            [
                text_cell(f"{month.period.start:%b %Y}"),
                text_cell(source(month.source)),
                *(number_cell(float(amount), to_the_cent(amount, month.currency)) for amount in amounts),
                text_cell(cut(", ".join(month.vendors.ids if month.vendors else ()), MOST_TEXT)),
            ]
        )
    return "Invoices and charges", rows
