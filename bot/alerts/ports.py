"""What is handed in: whoever draws and posts alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.alerts.model import AlertRule, Case, Finding
from bot.blockkit.build import Message
from bot.coordination import exactly_once
from bot.domain.answers import BudgetStatus
from bot.domain.scope import Scope


class AlertSink(exactly_once.MessageSink[Message], Protocol):
    """One channel to say and change things in."""

    channel: str
    """Its id."""

    def update(self, ts: str, message: Message, stamp: Mapping[str, Any]) -> None:
        """Replaces a message of ours.

        Raises:
            once.NotSaid: it stays as it was.
        """


class PublishesAlerts(Protocol):
    """Draws and posts alerts, and tells the rules' owners what went wrong."""

    def scope(self, rule: AlertRule, channel: str) -> Scope:
        """What whoever reads the rule's alerts in a channel may see.

        Raises:
            CostError: nothing, or nobody can tell.
        """

    def sink(self, rule: AlertRule, channel: str, event: str) -> AlertSink:
        """A channel to post in.

        Raises:
            once.NotSaid: there is no such place.
        """

    def draw(self, rule: AlertRule, case: Case, *, moved_to: str = "") -> Message:
        """The message of a case; ``moved_to``: what stays where it was before."""

    def draw_rest(self, rule: AlertRule, cases: Sequence[Case]) -> Message:
        """The message of all that was beyond a day's ceiling."""

    def draw_note(self, news: Finding | None) -> Message:
        """News for a case's thread; None: a snooze is over, and it goes on."""

    def budget_sentences(self, status: BudgetStatus) -> tuple[str, str]:
        """How a budget stands and what is forecast of it, in words, with what most of the spend is."""

    def notify_owner(self, rule: AlertRule, what: str) -> None:
        """Tells the owner, once for the same words, that alerts do not come and what to do."""
