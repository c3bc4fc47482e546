"""The rules, their cases, and what was said of them, as the ledger's memory keeps them for all replicas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot import render
from bot.alerts.model import Case, Rule
from bot.coordination import exactly_once
from bot.domain.errors import Misconfigured, NotUnderstood

RULES, CASES, SAID, EXPECTED, REST = "alert_rule", "alert", "alert_said", "alert_expected", "alert_rest"
LIVE = frozenset({"open", "snoozed"})


class AlertRepository:
    """What is known of alerts. ``memory`` is the ledger's."""

    def __init__(self, memory: exactly_once.Memory) -> None:
        self._memory = memory

    def rules(self, team: str | None = None) -> list[Rule]:
        """Every rule, of one workspace if asked."""
        found = self._memory.all(RULES, "" if team is None else f"{team}:")
        return [Rule.model_validate(each) for each in found.values()]

    def rule(self, name: str, team: str) -> Rule:
        """The rule of that name.

        Raises:
            NotUnderstood: there is none.
        """
        known = self.rules(team)
        for each in known:
            if each.name.casefold() == name.strip().casefold():
                return each
        there = f"There are: {render.listed([each.name for each in known], most=20)}." if known else "There are none."
        raise NotUnderstood(f"There is no alert rule called {name!r}.", there, unknown=(name,))

    def save(self, rule: Rule, *, instead: str = "") -> None:
        """Keeps a rule, in place of the one called ``instead``.

        Raises:
            Misconfigured: another one is called so.
        """
        taken = {each.name.casefold() for each in self.rules(rule.team)} - {instead.casefold()}
        if rule.name.casefold() in taken:
            raise Misconfigured(f"There is a rule called {rule.name!r} already.", "Choose another name.")
        if instead and instead != rule.name:
            self._memory.forget(RULES, f"{rule.team}:{instead}")
        self._memory.put(RULES, rule.key, rule.model_dump(mode="json"))

    def delete(self, rule: Rule) -> None:
        """Lets go of a rule; its messages stay as they are."""
        self._memory.forget(RULES, rule.key)

    def cases(self, rule: Rule) -> dict[str, Case]:
        """The cases of a rule by key, oldest first."""
        return {key: Case.model_validate(each) for key, each in self._memory.all(CASES, f"{rule.key}:").items()}

    def find(self, key: str, team: str) -> tuple[Rule, Case]:
        """A case by its key, for people of its workspace.

        Raises:
            NotUnderstood: there is none any more.
        """
        found = self._memory.get(CASES, key)
        case = Case.model_validate(found) if found and key.startswith(f"{team}:") else None
        rules = [each for each in self.rules(team) if case and each.name == case.rule]
        if case is None or not rules:
            raise NotUnderstood("I no longer know this alert.", "Ask: anything unusual?")
        return rules[0], case

    def forget_before(self, day: date) -> int:
        """Forgets cases opened before a day that are over; how many."""
        old = [
            key
            for key, each in self._memory.all(CASES).items()
            if each["status"] not in LIVE and datetime.fromisoformat(each["opened"]).date() < day
        ]
        for key in old:
            self._memory.forget(CASES, key)
        return len(old)

    def erase(self, team: str) -> None:
        """Forgets everything of a workspace: its rules, their cases, and what was said of them."""
        for kind in (RULES, CASES, SAID, EXPECTED, REST):
            for key in self._memory.all(kind, f"{team}:"):
                self._memory.forget(kind, key)

    def _expected(self, rule: Rule) -> dict[str, dict[str, Any]]:
        prefix = f"{rule.team}:"
        return {key.removeprefix(prefix): each for key, each in self._memory.all(EXPECTED, prefix).items()}

    def _key(self, rule: Rule, case: Case) -> str:
        return f"{rule.key}:{case.id}"

    def _swapped(self, rule: Rule, case: Case, changes: Mapping[str, Any]) -> Case:
        """Puts changes on whatever stands in the ledger now, so that no replica undoes another's."""
        key = self._key(rule, case)
        while True:
            stands = self._memory.get(CASES, key)
            current = Case.model_validate(stands) if stands else case
            changed = current.model_copy(update=dict(changes))
            told = changed.model_dump(mode="json")
            if stands is None or told == stands or self._memory.swap(CASES, key, stands, told):
                return changed
