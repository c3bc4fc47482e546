"""Credits in words and as a table."""

from __future__ import annotations

from decimal import Decimal

from bot.blockkit.build import cut, number_cell, text_cell
from bot.domain.answers import CreditBalance, CreditGrant, CreditsAnswer
from bot.domain.question import Question
from bot.render.labels import about, day, listed, source
from bot.render.notes import note
from bot.render.numbers import money
from bot.render.slack.cells import MOST_TEXT, CellAmount, money_cell
from bot.render.slack.tables import MOST_ROWS, Rows, header


def summary(question: Question, answer: CreditsAnswer) -> str:
    """What is left and until when; then what was used, as far as anybody knows it."""
    balances = answer.balances
    left: dict[str, Decimal] = {}
    for balance in balances:
        left[balance.grant.currency] = left.get(balance.grant.currency, Decimal(0)) + balance.grant.left
    whole = listed([money(amount, currency) for currency, amount in left.items()])
    sentence = (
        f"{whole} of credits remaining: {listed([_balance(balance) for balance in balances])}." if balances else ""
    )
    if not balances and not answer.none_left:
        sentence = "No credit grants are known."
    spent = listed([money(-total.amount, total.currency or "") for total in answer.totals], most=6)
    used = f"Credits used {about(question)}: {spent}." if spent else f"No credits used {about(question, '')}."
    return " ".join(filter(None, (sentence, *map(note, answer.none_left), used)))


def _balance(balance: CreditBalance) -> str:
    """``AWS Activate $4,000, runs out around 3 Feb 2027``."""
    grant = balance.grant
    left = f"{grant.name or source(grant.source)} {money(grant.left, grant.currency)}"
    expires = day(grant.expires, year=True) if grant.expires else ""
    lost = money(balance.lost, grant.currency) if balance.lost else ""
    if grant.left and not balance.pace.used:
        idle = ", not used recently" if balance.pace.days else ""
        return f"{left}{idle}" + (f", expires {expires}" if expires else "")
    if balance.used_up and grant.left:
        return f"{left}, runs out around {day(balance.used_up, year=True)}"
    if lost and expires and not grant.left:
        return f"{left}; {lost} expired unused on {expires}"
    if lost and expires:
        return f"{left}, of which about {lost} will expire unused on {expires}"
    return left


def table(_question: Question, answer: CreditsAnswer) -> tuple[str, Rows]:
    """The grants where any are known, else what was used, by name."""
    if answer.balances:
        rows = [header("Credit", "Source", "Granted", "Remaining", "Expires", "Runs out around", "Will expire unused")]
        rows += [
            [
                text_cell(cut(_granted(balance.grant), MOST_TEXT)),
                text_cell(source(balance.grant.source)),
                *(
                    money_cell(CellAmount(amount, balance.grant.currency))
                    for amount in (balance.grant.granted, balance.grant.left)
                ),
                *(
                    text_cell(day(when, year=True) if when else "–")
                    for when in (balance.grant.expires, balance.used_up)
                ),
                money_cell(CellAmount(balance.lost, balance.grant.currency)) if balance.lost else text_cell("–"),
            ]
            for balance in answer.balances[:MOST_ROWS]
        ]
        return "Credits remaining", rows
    rows = [header("Credit used", "Provider", "Amount")]
    for line in answer.lines[:MOST_ROWS]:
        provider, name = line.key.values()
        amount = number_cell(float(-line.amount), money(-line.amount, line.currency or "USD"))
        rows.append([text_cell(cut(name or "(no name)", MOST_TEXT)), text_cell(provider or ""), amount])
    return "Credits used", rows


def _granted(grant: CreditGrant) -> str:
    only = f"for {grant.only}" if grant.only else ""
    about_ = ", ".join(filter(None, (only, "entered by you" if grant.reported_by == "you" else "")))
    return " ".join(filter(None, (grant.name or "Credits", f"({about_})" if about_ else "")))
