"""How long each kind of answer takes over a ledger: median and p95 of processor time, beside the promised 100 ms."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.data import FOLDER, focus_file
from bot.analytics.budget import Budget
from bot.answering.service import AnswerService, Defaults
from bot.domain.money import Money
from bot.focus.importer import import_files
from bot.language import Customs
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ROUNDS = 20
QUESTIONS = {
    "cost": "last month by service",
    "explain": "why did it go up last month?",
    "explain, filtered": "why did service 7 change last week?",
    "forecast": "forecast",
    "forecast, by service": "forecast this quarter by service",
    "anomalies": "anything unusual?",
    "budgets": "budgets",
    "savings": "savings last month",
    "price": "price of SKU-7",
    "values": "which services did we use?",
    "freshness": "how fresh is the data?",
    "in EUR": "this month vs last month in EUR",
    "in EUR, by service": "last month by service in EUR",
    "quantity": "what would 500 hours of SKU-7 cost",
    "credits": "how many credits are left?",
    "invoice": "reconcile October",
}


def run(rows: int = 10_000_000) -> None:
    """Print a line a kind."""
    asker = AnswerService(made(rows), clock=lambda: NOW, defaults=Defaults(zone=UTC, customs=Customs()))
    budgets = [_budget(asker, number) for number in range(10)]
    asker = AnswerService(made(rows), clock=lambda: NOW, defaults=Defaults(UTC, Customs(), budgets=lambda: budgets))
    asker.vocabulary()
    print(f"{rows:,} charges, {ROUNDS} rounds\n\n| kind | question | first, ms | median | p95 |\n|---|---|---|---|---|")
    for kind, text in QUESTIONS.items():
        times = [_timed(asker, text) for _ in range(1 + ROUNDS)]
        p95 = statistics.quantiles(times[1:], n=20, method="inclusive")[-1]
        print(f"| {kind} | {text} | {times[0]:.0f} | {statistics.median(times[1:]):.1f} | {p95:.1f} |", flush=True)


def made(rows: int) -> Ledger:
    """A ledger of so many made-up charges, imported once."""
    ledger = Ledger(FOLDER / f"ask-{rows}.db")
    if not ledger.feeds():
        import_files(ledger, [focus_file(rows, "parquet")], now=NOW)
    return ledger


def _budget(asker: AnswerService, number: int) -> Budget:
    question = asker.read(f"service {number}").question
    return Budget(name=f"budget {number}", limit=Money(amount=Decimal(200_000), currency="USD"), question=question)


def _timed(asker: AnswerService, text: str) -> float:
    start = time.process_time()
    asker.ask(text)
    return 1000 * (time.process_time() - start)
