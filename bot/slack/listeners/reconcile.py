"""``reconcile MONTH SOURCE AMOUNT`` after the command: a closed month against its invoice.

Without the amount, the invoice is the one that the vendor reports.
"""

from __future__ import annotations

from contextlib import suppress

from slack_bolt import App

from bot import render
from bot.analytics.budget import limit
from bot.blockkit.build import Message, data_table, escape, number_cell, paragraph, small, text_cell
from bot.domain.answers import Reconciliation
from bot.domain.errors import NotUnderstood
from bot.domain.money import Money
from bot.render.drivers import named
from bot.render.sentences import reconciliation
from bot.render.slack.tables import header
from bot.slack import answers
from bot.slack.context import AppContext, Request

_ARGUMENTS = 3


def listen(_app: App, context: AppContext) -> None:
    """Registers the subcommand."""
    context.subcommands["reconcile"] = lambda request, text, _trigger: on_reconcile(context, request, text)


def on_reconcile(context: AppContext, request: Request, text: str) -> None:
    """Reconciles a month of a source; other words are a question about invoices.

    Raises:
        NotUnderstood: the amount is none, or there is no such source or month.
    """
    arguments = text.split(maxsplit=_ARGUMENTS - 1)
    if len(arguments) < _ARGUMENTS:
        if len(arguments) == _ARGUMENTS - 1:
            with suppress(NotUnderstood):  # then they are other words than a month and a source
                _reply(context, request, arguments[0], arguments[1], None)
                return
        answers.ask(context, request, f"reconcile {text}".strip())
        return
    month, source, amount = arguments
    try:
        invoice = limit(amount, "USD")
    except ValueError:
        example = f"Example: {context.settings.command} reconcile 2026-10 aws 1234.56 EUR"
        raise NotUnderstood(f"{amount!r} is not an amount.", example) from None
    _reply(context, request, month, source, invoice)


def _reply(context: AppContext, request: Request, month: str, source: str, invoice: Money | None) -> None:
    result = context.answer_service.reconcile(source, month, invoice, scope=request.scope, today=request.today)
    context.audit.note(
        request.person.team,
        request.person.id,
        "reconciled",
        entry_point=request.entry_point,
        question=f"{month} {source}",
    )
    context.reply(request, message(result, narrowed=bool(request.scope.where)))


def message(result: Reconciliation, *, narrowed: bool = False) -> Message:
    """Both figures, their difference, and the charges that make it up; ``narrowed``: not all charges were counted."""
    text = f"{reconciliation(result)}."
    amounts = [("Invoice", result.invoice), ("Charges", result.charged), ("Difference", result.difference)]
    amounts += [(f"Not on the invoice: {named(piece.key)}", piece.amount) for piece in result.pieces]
    digits = max(render.places(result.difference, result.currency), 2)
    rows = [header(f"{result.source}, {result.period.start:%B %Y}", "Amount")]
    rows += [
        [text_cell(name), number_cell(float(amount), render.money(amount, result.currency, digits=digits))]
        for name, amount in amounts
    ]
    basis = "Charges are those invoiced in that month: billed cost net of credits, including tax."
    limits = "Only charges you may see are counted." if narrowed else ""
    return Message(escape(text), [paragraph(text), data_table("Reconciliation", rows), *small(basis, limits)])
