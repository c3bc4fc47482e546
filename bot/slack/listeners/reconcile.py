"""``reconcile MONTH SOURCE AMOUNT`` after the command: a closed month against its invoice, typed in or as told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from slack_bolt import App

from bot import render
from bot.analytics.budget import limit
from bot.analytics.reconciliation import Reconciliation
from bot.blockkit.build import Message, data_table, escape, number_cell, section, small, text_cell
from bot.domain.errors import NotUnderstood
from bot.domain.explanation import named
from bot.domain.money import Money
from bot.render.slack.tables import header
from bot.slack import answers
from bot.slack.context import AppContext, Request

_PARTS = 3


def listen(_app: App, context: AppContext) -> None:
    """Joins the desk: ``reconcile`` after the command."""
    context.subcommands["reconcile"] = _Office(context).hear


@dataclass(frozen=True)
class _Office:
    context: AppContext

    def hear(self, request: Request, rest: str, _trigger: str) -> None:
        """The month, the source, and what its invoice says; with less than that, a question after what vendors tell."""
        hint = f"Write: {self.context.settings.command} reconcile 2026-10 aws 1234.56 (or 1234.56 EUR)."
        parts = rest.split(maxsplit=_PARTS - 1)
        if len(parts) < _PARTS:
            if len(parts) == _PARTS - 1:
                with suppress(NotUnderstood):  # then they are other words than a month and a source
                    self._say(request, parts[0], parts[1], None)
                    return
            answers.ask(self.context, request, f"reconcile {rest}".strip())
            return
        month, source, amount = parts
        try:
            invoice = limit(amount, "USD")
        except ValueError:
            raise NotUnderstood(f"{amount!r} is no amount.", hint) from None
        self._say(request, month, source, invoice)

    def _say(self, request: Request, month: str, source: str, invoice: Money | None) -> None:
        found = self.context.asker.reconcile(source, month, invoice, scope=request.scope, today=request.today)
        self.context.audit.note(
            request.person.team,
            request.person.id,
            "reconciled",
            entry_point=request.entry_point,
            question=f"{month} {source}",
        )
        self.context.reply(request, drawn(found, narrowed=bool(request.scope.where)))


def drawn(found: Reconciliation, *, narrowed: bool = False) -> Message:
    """Both figures, the difference, and the charges that make it up."""
    text = f"{found.sentence(render.to_the_cent)}."
    rows = [header(f"{found.source}, {found.period.start:%B %Y}", "Amount")]
    told = [("Invoice", found.invoice), ("Charges", found.charged), ("Difference", found.difference)]
    told += [(f"Not on the invoice: {named(each.key)}", each.amount) for each in found.pieces]
    digits = max(render.places(found.difference, found.currency), 2)
    rows += [
        [text_cell(name), number_cell(float(amount), render.money(amount, found.currency, digits=digits))]
        for name, amount in told
    ]
    basis = "Charges are those invoiced in that month, billed cost net of credits, tax included."
    limits = "Only what you may see is counted." if narrowed else ""
    return Message(escape(text), [section(escape(text)), data_table("Reconciliation", rows), *small(basis, limits)])
