"""The rules, their cases, and what was said of them, as the ledger's memory keeps them for all replicas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from bot.alerts.model import AlertRule, Case
from bot.coordination.store import Stored, ValueStore
from bot.domain.errors import NotUnderstood

RULES, CASES, POSTED, EXPECTED, REST = "alert_rule", "alert", "alert_said", "alert_expected", "alert_rest"
LIVE = frozenset({"open", "snoozed"})


class AlertRepository:
    """What is known of alerts. ``memory`` is the ledger's."""

    def __init__(self, memory: ValueStore) -> None:
        self._memory = memory

    def rules(self, team: str | None = None) -> list[AlertRule]:
        """Every rule, of one workspace if asked."""
        found = self._memory.all(RULES, "" if team is None else f"{team}:")
        return [AlertRule.model_validate(stored) for stored in found.values()]

    def rule(self, name: str, team: str, *, among: Sequence[AlertRule] | None = None) -> AlertRule:
        """The rule of that name; ``among`` those that whoever asks may know of.

        Raises:
            NotUnderstood: there is none.
        """
        known = self.rules(team) if among is None else among
        for rule in (*(rule for rule in known if rule.handle == name), *known):
            if rule.handle == name or rule.name.casefold() == name.strip().casefold():
                return rule
        there = f"Available: {', '.join(sorted(rule.name for rule in known))}." if known else "No values."
        raise NotUnderstood(f"There is no alert rule called {name!r}.", there, unknown=(name,))

    def save(self, rule: AlertRule, *, replaces: str = "") -> AlertRule:
        """Stores a rule, in place of the one whose handle is ``replaces``; as it is stored.

        Another one of its name (hidden from its maker, else it was refused) stays as it is.
        """
        before = f"{rule.team}:{replaces}"
        if rule.handle != replaces and self._memory.get(RULES, rule.key):
            rule = rule.model_copy(update={"id": uuid4().hex[:8]})
        if replaces and before != rule.key:
            self._memory.forget(RULES, before)
        self._memory.put(RULES, rule.key, rule.model_dump(mode="json"))
        return rule

    def delete(self, rule: AlertRule) -> None:
        """Lets go of a rule; its messages stay as they are."""
        self._memory.forget(RULES, rule.key)

    def cases(self, rule: AlertRule) -> dict[str, Case]:
        """The cases of a rule by key, oldest first."""
        return {key: Case.model_validate(stored) for key, stored in self._memory.all(CASES, f"{rule.key}:").items()}

    def find(self, key: str, team: str) -> tuple[AlertRule, Case]:
        """A case by its key, for people of its workspace.

        Raises:
            NotUnderstood: there is none any more.
        """
        found = self._memory.get(CASES, key)
        case = Case.model_validate(found) if found and key.startswith(f"{team}:") else None
        rules = [rule for rule in self.rules(team) if key.startswith(f"{rule.key}:")]
        if case is None or not rules:
            raise NotUnderstood("This alert has expired.", "Ask: anything unusual?")
        return max(rules, key=lambda rule: len(rule.key)), case

    def forget_before(self, day: date) -> int:
        """Forgets cases opened before a day that are over; how many."""
        old = [
            key
            for key, stored in self._memory.all(CASES).items()
            if stored["status"] not in LIVE and datetime.fromisoformat(stored["opened"]).date() < day
        ]
        for key in old:
            self._memory.forget(CASES, key)
        return len(old)

    def erase(self, team: str) -> None:
        """Forgets everything of a workspace: its rules, their cases, and what was said of them."""
        for kind in (RULES, CASES, POSTED, EXPECTED, REST):
            for key in self._memory.all(kind, f"{team}:"):
                self._memory.forget(kind, key)

    def _expected(self, rule: AlertRule) -> dict[str, Stored]:
        prefix = f"{rule.team}:"
        return {key.removeprefix(prefix): stored for key, stored in self._memory.all(EXPECTED, prefix).items()}

    def _key(self, rule: AlertRule, case: Case) -> str:
        return f"{rule.key}:{case.id}"

    def _swapped(self, rule: AlertRule, case: Case, changes: Mapping[str, Any]) -> Case:
        """Puts changes on whatever stands in the ledger now, so that no replica undoes another's."""
        key = self._key(rule, case)
        while True:
            stands = self._memory.get(CASES, key)
            current = Case.model_validate(stands) if stands else case
            changed = current.model_copy(update=dict(changes))
            stored = changed.model_dump(mode="json")
            if stands is None or stored == stands or self._memory.swap(CASES, key, stands, stored):
                return changed
