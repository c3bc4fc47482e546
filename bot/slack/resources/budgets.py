"""Budgets: a limit on what a question comes to every month, quarter or year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import uuid4

from bot.analytics.budget import Alert, Budget, limit
from bot.blockkit.build import Block, plain
from bot.coordination.store import ValueStore
from bot.domain.answers import BudgetsAnswer
from bot.domain.errors import CostError
from bot.domain.money import Money
from bot.domain.money import plain as digits
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.render.sentences import budget as budget_sentence
from bot.render.sentences import budget_limit
from bot.slack import answers
from bot.slack.audience import audience_scope
from bot.slack.context import AppContext, Request
from bot.slack.modals.fields import FieldError
from bot.slack.modals.form import Channel, Choice, Form, Percentages, TextField, Values
from bot.slack.resources.base import Answered, Opening, Rejected, Resource

_KIND = "budget"
_PERIODS = (
    ("month", "Every month"),
    ("quarter", "Every quarter"),
    ("year", "Every year"),
    ("7 days", "Any 7 days"),
    ("30 days", "Any 30 days"),
    ("90 days", "Any 90 days"),
)
_EVERYTHING = frozenset({"everything", "all", "total"})


class BudgetRepository:
    """The budgets that people made in Slack, as the ledger's memory stores them."""

    def __init__(self, memory: ValueStore) -> None:
        self._memory = memory

    def all(self, team: str) -> list[Budget]:
        """Those of a workspace."""
        return [Budget.model_validate(stored) for stored in self._memory.all(_KIND, f"{team}:").values()]

    def save(self, budget: Budget, *, replaces: str = "") -> Budget:
        """Stores a budget, in place of the one whose handle is ``replaces``; as it is stored."""
        before = f"{budget.team}:{replaces}" if replaces else ""
        if budget.key != before and self._memory.get(_KIND, budget.key):
            budget = budget.model_copy(update={"id": uuid4().hex[:8]})
        if before and before != budget.key:
            self._memory.forget(_KIND, before)
        self._memory.put(_KIND, budget.key, budget.model_dump(mode="json"))
        return budget

    def delete(self, budget: Budget) -> None:
        """Deletes a budget."""
        self._memory.forget(_KIND, budget.key)

    def erase(self, team: str) -> None:
        """Deletes those of a workspace."""
        for key in self._memory.all(_KIND, f"{team}:"):
            self._memory.forget(_KIND, key)


class Budgets(Resource[Budget]):
    """Budgets in Slack."""

    key: ClassVar[str] = "budget"
    noun: ClassVar[str] = "budget"
    plural: ClassVar[str] = "budgets"
    subcommands: ClassVar[tuple[str, ...]] = ("budget",)
    none: ClassVar[str] = "No budgets were created in Slack yet. Ask “budgets” to see all budgets."

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, BudgetRepository(context.memory))

    def about(self, request: Request, item: Budget) -> Scope:
        """What its question and its maker's scope come to."""
        return item.about

    def summary(self, item: Budget) -> str:
        """Its limit and what it is for."""
        return budget_limit(item)

    def details(self, request: Request, items: Sequence[Budget]) -> Mapping[str, list[Block]]:
        """How each stands now."""
        standings = self._standings(request)
        return {item.handle: [plain(standings.get(item.name) or self.summary(item), 2000)] for item in items}

    def on_saved(self, request: Request, item: Budget) -> list[str]:
        """How it stands now."""
        standing = self._standings(request).get(item.name)
        return [standing] if standing else []

    def form(self, request: Request) -> Form:
        """The limit, what it is for, and when to alert."""
        alerts = f"{self.context.settings.command} alerts new"
        currencies = [(currency, currency) for currency in self.context.settings.currencies]
        return Form(
            self.key,
            (
                TextField(name="name", label="Name", required=True),
                TextField(
                    name="question",
                    label="What it covers",
                    hint="As in a question: “OpenAI, project Chat App”, “AWS in production without tax”, “everything”",
                    required=True,
                    max_length=500,
                ),
                TextField(name="amount", label="Limit", required=True, max_length=30),
                Choice(
                    name="currency",
                    label="Currency",
                    hint="The currency it is billed in",
                    required=True,
                    options=currencies,
                ),
                Choice(name="every", label="Period", required=True, options=_PERIODS),
                Percentages(
                    name="actual",
                    label="Alert when this percentage is spent",
                    hint="Separate several with commas: 50, 80, 100",
                ),
                Percentages(name="forecast", label="Alert when this percentage is forecast"),
                Channel(
                    name="channel",
                    label="Channel for its alerts",
                    hint=f"If empty, they are posted where budget alerts go. To set that up: {alerts}",
                ),
            ),
            notes=("Visible to people who may see all the costs it covers.",),
        )

    def opening(self, request: Request) -> Opening:
        """Every month, in the first currency, with the usual thresholds."""
        usual = Alert()
        currency = next(iter(self.context.settings.currencies), "USD")
        values = {"currency": currency, "every": "month", "actual": usual.actual, "forecast": usual.forecast}
        return Opening(values)

    def values(self, request: Request, item: Budget) -> Values:
        """Its parts."""
        return {
            "name": item.name,
            "question": item.words,
            "amount": digits(item.limit.amount),
            "currency": item.limit.currency,
            "every": item.every,
            "actual": item.alert.actual,
            "forecast": item.alert.forecast,
            "channel": item.channel,
        }

    def build(self, request: Request, values: Values, before: Budget | None, carried: Mapping[str, str]) -> Budget:
        """The budget, of no more than its maker may see."""
        text = str(values["question"])
        others = before is not None and before.owner != request.person.id
        budget = Budget.model_validate(
            {
                "name": values["name"],
                "limit": _limit(str(values["amount"]), str(values["currency"])),
                "every": values["every"] or "month",
                "question": self._question(request, text),
                "alert": Alert.model_validate({name: values[name] for name in ("actual", "forecast")}),
                "owner": before.owner if before else request.person.id,
                "channel": values["channel"],
                "team": request.person.team,
                "id": before.id if before and before.name == values["name"] else "",
                "scope": before.scope if before and others else request.scope.within(Scope(team=request.person.team)),
                "words": text,
            }
        )
        if budget.channel:
            self._check_channel(request, budget)
        return budget

    def on_other_words(self, request: Request, text: str) -> Opening | None:
        """Answers them as a question about budgets."""
        answers.ask(self.context, request, f"budget {text}")
        raise Answered

    def _question(self, request: Request, text: str) -> Question:
        words = "this month" if text.casefold() in _EVERYTHING else text
        try:
            question = self.context.answer_service.ask(words, today=request.today, scope=request.scope).question
        except CostError as error:
            raise Rejected(FieldError("question", str(error))) from None
        if question.kind not in {"cost", "budgets"} or question.metric == "ConsumedQuantity":
            raise Rejected(FieldError("question", "Name the costs it covers, like “OpenAI, project Chat App”."))
        return question.model_copy(update={"kind": "cost"})

    def _check_channel(self, request: Request, budget: Budget) -> None:
        """Refuses a channel whose readers may not see all that the budget covers."""
        client, team = request.destination.client, request.person.team
        try:
            scope = audience_scope(self.context, client, team, budget.channel, budget.owner)
        except CostError as error:
            raise Rejected(FieldError("channel", str(error))) from None
        if not self.context.answer_service.sees_all(budget.about, scope):
            reason = "People in that channel may not see all the costs it covers. Choose another channel."
            raise Rejected(FieldError("channel", reason))

    def _standings(self, request: Request) -> Mapping[str, str]:
        """How each budget stands, in a sentence, by name."""
        month = Period(start=request.today.replace(day=1), end=request.today + DAY)
        question = Question(kind="budgets", period=month)
        answer = self.context.answer_service.answer(question, scope=request.scope, today=request.today).answer
        statuses = answer.budgets if isinstance(answer, BudgetsAnswer) else ()
        return {status.name: budget_sentence(status).removeprefix(f"{status.name}: ") for status in statuses}


def _limit(amount: str, currency: str) -> Money:
    try:
        return limit(amount, currency)
    except ValueError:
        raise Rejected(FieldError("amount", "Enter an amount, like 3,000.")) from None
