"""Budgets in Slack: ``budget …`` after the command, the modal, the menu of each budget, App Home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import render
from bot.analytics.budget import Budget
from bot.blockkit.build import Block, Message, actions, button, escape, header, option, section, small
from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.render.slack import answer_message
from bot.slack import answers
from bot.slack.context import AppContext, Body, Request
from bot.slack.listeners import buttons
from bot.slack.modals import fields
from bot.slack.modals.fields import Field
from bot.slack.resources import base, budget_form

_WORDS = "new · list · edit NAME · delete NAME"
_KIND = "budget"
_MOST = 40


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners and joins the desk: ``budget`` after the command, App Home, leaving."""
    office = _Office(context)
    context.subcommands["budget"] = office.hear
    context.home_sections.append(office.home)
    context.on_uninstall.append(office.erase)
    app.action("budget_new")(buttons.deduplicated(context, office.press_new))
    app.action("budget_menu")(buttons.deduplicated(context, office.press_menu))

    @app.view(budget_form.CALLBACK)
    def submitted(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit(ack, body, client)


@dataclass(frozen=True)
class _Office:
    context: AppContext

    def hear(self, request: Request, rest: str, trigger: str) -> None:
        """A command: its first word says what, the rest names the budget; anything else is a question."""
        word, _, name = rest.partition(" ")
        match word.lower():
            case "" | "list":
                self.context.reply(request, self.listed(request))
            case "new":
                self._open(request, None, trigger)
            case "edit" | "change":
                self._open(request, self._found(request, name), trigger)
            case "delete":
                self.delete(request, self._found(request, name))
            case _:
                answers.ask(self.context, request, f"budget {rest}")

    def press_new(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Opens the modal from a button."""
        self._open(base.opened(self.context, body, client), None, str(body["trigger_id"]))

    def press_menu(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Something chosen from a budget's menu."""
        word, name = base.chosen(body)
        request = base.opened(self.context, body, client)
        budget = self._found(request, name)
        if word == "delete":
            self.delete(request, budget)
        else:
            self._open(request, budget, str(body["trigger_id"]))

    def delete(self, request: Request, budget: Budget) -> None:
        """Lets go of it."""
        base.mine(request, budget.owner)
        self.context.memory.forget(_KIND, budget.key)
        self._note(request, "budget deleted", budget)
        self.context.reply(request, answer_message.sentence(f"The budget {budget.name} is deleted."))

    def submit(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Keeps what was entered, or says at the field what is wrong with it."""
        base.submitted(self.context, ack, body, client, "budget", self._entered, self._keep)

    def _keep(self, request: Request, budget: Budget, instead: str) -> None:
        before = f"{budget.team}:{instead}" if instead else ""
        if other := base.distinct(budget.key, self.context.memory.all(_KIND, budget.key), before):
            budget = budget.model_copy(update={"id": other})
        if before and before != budget.key:
            self.context.memory.forget(_KIND, before)
        self.context.memory.put(_KIND, budget.key, budget.model_dump(mode="json"))
        self._note(request, "budget saved", budget)
        stands = self._standing(request).get(budget.name, "")
        drawn = [section(f"*{escape(budget.name)}* is set: {escape(budget.said())}.", _menu(budget)), *small(stands)]
        self.context.reply(request, Message(escape(f"{budget.name} is set: {budget.said()}. {stands}".strip()), drawn))

    def erase(self, team: str) -> None:
        """Forgets a workspace's budgets."""
        for key in self.context.memory.all(_KIND, f"{team}:"):
            self.context.memory.forget(_KIND, key)

    def _entered(self, request: Request, told: Mapping[str, str], body: Body) -> Budget | list[Field]:
        instead = told.get("budget", "")
        before = self._found(request, instead) if instead else None
        if before:
            base.mine(request, before.owner)
        found = budget_form.read(
            body["view"]["state"]["values"],
            lambda words: self.context.asker.ask(words, today=request.today, scope=request.scope).question,
            owner=before.owner if before else request.person.id,
            scope=before.scope if before and before.owner != request.person.id else self._scope(request),
        )
        if isinstance(found, list):
            return found
        if before and before.name == found.name:
            return found.model_copy(update={"id": before.id})
        return base.free(found.name, [each.name for each in self._seen(request)], "a budget") or found

    @staticmethod
    def _scope(request: Request) -> Scope:
        """What a budget is about at most: what whoever makes it may see."""
        return request.scope.within(Scope(team=request.person.team))

    def _all(self, request: Request) -> list[Budget]:
        kept = self.context.memory.all(_KIND, f"{request.person.team}:").values()
        return [Budget.model_validate(each) for each in kept]

    def _seen(self, request: Request) -> list[Budget]:
        """Those that somebody is told of: their own, and those of which they see all that they are about."""
        return [
            each
            for each in self._all(request)
            if base.visible(self.context, request, each.owner, partial(_about, each))
        ]

    def _found(self, request: Request, name: str) -> Budget:
        known = self._seen(request)
        found = base.named(known, name, "budgets")
        if found is not None:
            return found
        there = render.listed([each.name for each in known], most=20) or "none made here"
        raise NotUnderstood(f"There is no budget named {name.strip()!r} here." if name else "Which budget?", there)

    def _open(self, request: Request, budget: Budget | None, trigger: str) -> None:
        if budget:
            base.mine(request, budget.owner)
        told = fields.metadata(request.destination, **({"budget": budget.handle} if budget else {}))
        self.context.open(request.destination, trigger, budget_form.view(budget, self.context.settings, told))

    def _note(self, request: Request, act: str, budget: Budget) -> None:
        self.context.audit.note(
            request.person.team, request.person.id, act, entry_point=request.entry_point, question=budget.name
        )

    def _standing(self, request: Request) -> Mapping[str, str]:
        """How each budget stands, in a sentence, as far as the person may see."""
        month = Period(start=request.today.replace(day=1), end=request.today + DAY)
        question = Question(kind="budgets", period=month)
        found = self.context.asker.answer(question, scope=request.scope, today=request.today).answer.budgets
        return {str(each["name"]): str(each.get("note") or "") for each in found}

    def listed(self, request: Request) -> Message:
        """Every budget made here that the person may know of, each with its menu and how it stands."""
        stands, words = self._standing(request), f"{self.context.settings.command} budget {_WORDS}"
        found = self._seen(request)
        drawn = [header("Budgets")]
        drawn += [_one(each, stands) for each in found[:_MOST]] or [section("None were made here yet.")]
        drawn += [*actions(button("New budget", "budget_new")), *small(words)]
        told = [stands.get(each.name) or f"{each.name}: {each.said()}" for each in found]
        return Message(escape("\n".join([*(told or ["There are no budgets made here yet."]), words])), drawn)

    def home(self, request: Request) -> list[Block]:
        """Those that are the person's, for App Home."""
        mine = [each for each in self._all(request) if each.owner == request.person.id]
        drawn = [section("*My budgets*", button("New budget", "budget_new"))]
        return drawn + ([_one(each, {}) for each in mine[:10]] or small("None yet."))


def _about(budget: Budget) -> Scope:
    return budget.about


def _one(budget: Budget, stands: Mapping[str, str]) -> Block:
    told = stands.get(budget.name, "").removeprefix(f"{budget.name}: ")
    return section(
        f"*{escape(budget.name)}*: {escape(budget.said())}" + (f"\n{escape(told)}" if told else ""), _menu(budget)
    )


def _menu(budget: Budget) -> Block:
    options = [option("Change…", f"edit:{budget.handle}"), option("Delete", f"delete:{budget.handle}")]
    return {"type": "overflow", "action_id": "budget_menu", "options": options}
