"""The modal that makes or changes a budget, and the budget that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from bot.analytics.budget import Alert, Budget, limit
from bot.blockkit.build import Block, input_block, modal, select, small
from bot.domain.errors import CostError
from bot.domain.money import plain as digits
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.slack.context import Settings
from bot.slack.modals.fields import Entered, Field, State

CALLBACK = "budget"
_EVERY = (("month", "Every month"), ("quarter", "Every quarter"), ("year", "Every year"))
_MOST = 1000
"""Per cent of a limit beyond which no threshold makes sense."""


def view(budget: Budget | None, settings: Settings, metadata: str) -> Block:
    """The modal for a budget, or for a new one."""
    found = budget.limit if budget else None
    alert = budget.alert if budget else Alert()
    known = dict.fromkeys([*settings.currencies, *([found.currency] if found else [])])
    chosen = found.currency if found else next(iter(known), "USD")
    blocks = [
        input_block("name", "Name", _text(budget.name if budget else "", most=60), optional=False),
        input_block(
            "question",
            "Of what",
            _text(budget.words if budget else "", most=500),
            optional=False,
            hint="As you would ask: “OpenAI, project Chat App”, “AWS in production without tax”, “everything”",
        ),
        input_block("amount", "Limit", _text(f"{digits(found.amount)}" if found else "", most=30), optional=False),
        input_block(
            "currency",
            "Currency",
            select([(each, each) for each in known], chosen),
            optional=False,
            hint="The one that it is billed in",
        ),
        input_block("every", "Period", select(_EVERY, budget.every if budget else "month"), optional=False),
        input_block(
            "actual",
            "Tell when so many percent are spent",
            _text(_percents(alert.actual), most=60),
            hint=f"Several with commas. It is told where alerts on budgets go: {settings.command} alerts new",
        ),
        input_block("forecast", "Tell when so many percent are forecast", _text(_percents(alert.forecast), most=60)),
        *small("Whoever may see some of its costs sees it, with no more of them than that."),
    ]
    return modal(CALLBACK, "Change budget" if budget else "New budget", blocks, submit="Save", metadata=metadata)


def _text(value: str, *, most: int) -> Block:
    return {"type": "plain_text_input", "max_length": most, **({"initial_value": value} if value else {})}


def _percents(parts: Sequence[Decimal]) -> str:
    return ", ".join(digits(part * 100) for part in parts)


def read(state: State, ask: Callable[[str], Question], *, owner: str, scope: Scope) -> Budget | list[Field]:
    """The budget that was entered, or what is wrong with it, by field; ``ask`` reads the question."""
    entered = Entered(state)
    words = entered.text("question")
    try:
        question = ask("this month" if words.casefold() in {"everything", "all", "total"} else words)
    except CostError as error:
        return [Field("question", str(error)[:150])]
    if question.kind not in {"cost", "budgets"} or question.metric == "ConsumedQuantity":
        return [Field("question", "Say what its costs are, like “OpenAI, project Chat App”.")]
    try:
        money = limit(entered.text("amount"), entered.option("currency"))
    except ValueError:
        return [Field("amount", "Write an amount, like 3,000.")]
    thresholds: dict[str, tuple[Decimal, ...]] = {}
    for name in ("actual", "forecast"):
        found = _parts(entered.text(name))
        if found is None:
            return [Field(name, "Write percentages with commas between, like 50, 80, 100.")]
        thresholds[name] = found
    try:
        return Budget(
            name=entered.text("name"),
            limit=money,
            every=entered.option("every") or "month",
            question=question.model_copy(update={"kind": "cost"}),
            alert=Alert(**thresholds),
            owner=owner,
            team=scope.team,
            scope=scope,
            words=words,
        )
    except ValidationError as error:
        wrong = str(error.errors()[0]["loc"][0])
        return [Field("amount" if wrong == "limit" else wrong, str(error.errors()[0]["msg"])[:150])]


def _parts(text: str) -> tuple[Decimal, ...] | None:
    """Percentages as parts; None where one of them is none."""
    try:
        found = [Decimal(each.strip().rstrip("% ")) for each in text.split(",") if each.strip()]
    except InvalidOperation:
        return None
    return tuple(each / 100 for each in found) if all(0 < each <= _MOST for each in found) else None
