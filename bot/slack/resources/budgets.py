"""Budgets in Slack: ``budget …`` after the command, the modal, the menu of each budget, App Home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import render
from bot.analytics.budget import Budget
from bot.blockkit.build import Block, Message, actions, button, escape, header, option, section, small
from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope
from bot.render.slack import answer_message
from bot.slack import answers
from bot.slack.context import Body, Desk, Visit
from bot.slack.listeners import buttons
from bot.slack.modals import fields
from bot.slack.modals.fields import Field
from bot.slack.resources import base, budget_form

_WORDS = "new · list · edit NAME · delete NAME"
_KIND = "budget"
_MOST = 40


def listen(app: App, desk: Desk) -> None:
    """Registers the listeners and joins the desk: ``budget`` after the command, App Home, leaving."""
    office = _Office(desk)
    desk.words["budget"] = office.hear
    desk.sections.append(office.home)
    desk.leaving.append(office.erase)
    app.action("budget_new")(buttons.once(desk, office.press_new))
    app.action("budget_menu")(buttons.once(desk, office.press_menu))

    @app.view(budget_form.CALLBACK)
    def submitted(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit(ack, body, client)


@dataclass(frozen=True)
class _Office:
    desk: Desk

    def hear(self, visit: Visit, rest: str, trigger: str) -> None:
        """A command: its first word says what, the rest names the budget; anything else is a question."""
        word, _, name = rest.partition(" ")
        match word.lower():
            case "" | "list":
                self.desk.say(visit, self.listed(visit))
            case "new":
                self._open(visit, None, trigger)
            case "edit" | "change":
                self._open(visit, self._found(visit, name), trigger)
            case "delete":
                self.delete(visit, self._found(visit, name))
            case _:
                answers.ask(self.desk, visit, f"budget {rest}")

    def press_new(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Opens the modal from a button."""
        self._open(base.opened(self.desk, body, client), None, str(body["trigger_id"]))

    def press_menu(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Something chosen from a budget's menu."""
        word, name = base.chosen(body)
        visit = base.opened(self.desk, body, client)
        budget = self._found(visit, name)
        if word == "delete":
            self.delete(visit, budget)
        else:
            self._open(visit, budget, str(body["trigger_id"]))

    def delete(self, visit: Visit, budget: Budget) -> None:
        """Lets go of it."""
        base.mine(visit, budget.owner)
        self.desk.memory.forget(_KIND, budget.key)
        self._note(visit, "budget deleted", budget)
        self.desk.say(visit, answer_message.sentence(f"The budget {budget.name} is deleted."))

    def submit(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Keeps what was entered, or says at the field what is wrong with it."""
        base.submitted(self.desk, ack, body, client, "budget", self._entered, self._keep)

    def _keep(self, visit: Visit, budget: Budget, instead: str) -> None:
        if instead and instead != budget.name:
            self.desk.memory.forget(_KIND, budget.model_copy(update={"name": instead}).key)
        self.desk.memory.put(_KIND, budget.key, budget.model_dump(mode="json"))
        self._note(visit, "budget saved", budget)
        stands = self._standing(visit).get(budget.name, "")
        drawn = [section(f"*{escape(budget.name)}* is set: {escape(budget.said())}.", _menu(budget)), *small(stands)]
        self.desk.say(visit, Message(escape(f"{budget.name} is set: {budget.said()}. {stands}".strip()), drawn))

    def erase(self, team: str) -> None:
        """Forgets a workspace's budgets."""
        for key in self.desk.memory.all(_KIND, f"{team}:"):
            self.desk.memory.forget(_KIND, key)

    def _entered(self, visit: Visit, told: Mapping[str, str], body: Body) -> Budget | list[Field]:
        instead = told.get("budget", "")
        before = self._found(visit, instead) if instead else None
        if before:
            base.mine(visit, before.owner)
        found = budget_form.read(
            body["view"]["state"]["values"],
            lambda words: self.desk.asker.ask(words, today=visit.today, scope=visit.scope).question,
            owner=before.owner if before else visit.person.id,
            scope=before.scope if before and before.owner != visit.person.id else self._scope(visit),
        )
        if isinstance(found, list):
            return found
        return base.free(found.name, [each.name for each in self._all(visit)], instead, "a budget") or found

    @staticmethod
    def _scope(visit: Visit) -> Scope:
        """What a budget is about at most: what whoever makes it may see."""
        return visit.scope.within(Scope(team=visit.person.team))

    def _all(self, visit: Visit) -> list[Budget]:
        kept = self.desk.memory.all(_KIND, f"{visit.person.team}:").values()
        return [Budget.model_validate(each) for each in kept]

    def _seen(self, visit: Visit, stands: Mapping[str, str]) -> list[Budget]:
        """For who sees a part: those that are theirs, and those of which they see some costs."""
        if visit.scope == EVERYTHING or visit.person.admin:
            return self._all(visit)
        return [each for each in self._all(visit) if each.name in stands or each.owner == visit.person.id]

    def _found(self, visit: Visit, name: str) -> Budget:
        known = self._seen(visit, self._standing(visit))
        for each in known:
            if each.name.casefold() == name.strip().casefold():
                return each
        there = render.listed([each.name for each in known], most=20) or "none made here"
        raise NotUnderstood(f"There is no budget named {name.strip()!r} here." if name else "Which budget?", there)

    def _open(self, visit: Visit, budget: Budget | None, trigger: str) -> None:
        if budget:
            base.mine(visit, budget.owner)
        told = fields.metadata(visit.place, **({"budget": budget.name} if budget else {}))
        self.desk.open(visit.place, trigger, budget_form.view(budget, self.desk.settings, told))

    def _note(self, visit: Visit, act: str, budget: Budget) -> None:
        self.desk.audit.note(visit.person.team, visit.person.id, act, way=visit.way, question=budget.name)

    def _standing(self, visit: Visit) -> Mapping[str, str]:
        """How each budget stands, in a sentence, as far as the person may see."""
        month = Period(start=visit.today.replace(day=1), end=visit.today + DAY)
        question = Question(kind="budgets", period=month)
        found = self.desk.asker.answer(question, scope=visit.scope, today=visit.today).answer.budgets
        return {str(each["name"]): str(each.get("note") or "") for each in found}

    def listed(self, visit: Visit) -> Message:
        """Every budget made here that the person may know of, each with its menu and how it stands."""
        stands, words = self._standing(visit), f"{self.desk.settings.command} budget {_WORDS}"
        found = self._seen(visit, stands)
        drawn = [header("Budgets")]
        drawn += [_one(each, stands) for each in found[:_MOST]] or [section("None were made here yet.")]
        drawn += [*actions(button("New budget", "budget_new")), *small(words)]
        told = [stands.get(each.name) or f"{each.name}: {each.said()}" for each in found]
        return Message(escape("\n".join([*(told or ["There are no budgets made here yet."]), words])), drawn)

    def home(self, visit: Visit) -> list[Block]:
        """Those that are the person's, for App Home."""
        mine = [each for each in self._all(visit) if each.owner == visit.person.id]
        drawn = [section("*My budgets*", button("New budget", "budget_new"))]
        return drawn + ([_one(each, {}) for each in mine[:10]] or small("None yet."))


def _one(budget: Budget, stands: Mapping[str, str]) -> Block:
    told = stands.get(budget.name, "").removeprefix(f"{budget.name}: ")
    return section(
        f"*{escape(budget.name)}*: {escape(budget.said())}" + (f"\n{escape(told)}" if told else ""), _menu(budget)
    )


def _menu(budget: Budget) -> Block:
    options = [option("Change…", f"edit:{budget.name}"), option("Delete", f"delete:{budget.name}")]
    return {"type": "overflow", "action_id": "budget_menu", "options": options}
