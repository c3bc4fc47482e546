"""Puts the rooms together: the ledger, who answers, what is pulled. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from bot.costs.errors import Misconfigured
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.ask import Asker
    from bot.ledger import Ledger

Clock = Callable[[], datetime]


def clock(settings: Settings, *, running: bool = False) -> Clock:
    """The present in UTC; where ``SPEND_NOW`` is set that instant, ``running`` on from there or standing still."""
    start = settings.spend_now
    if start is None:
        return lambda: datetime.now(UTC)
    fixed, began = start.astimezone(UTC), monotonic()
    return lambda: fixed + timedelta(seconds=monotonic() - began if running else 0)


class House:
    """One process's rooms, made when they are first entered."""

    def __init__(self, settings: Settings, *, running: bool = False) -> None:
        self.settings = settings
        self.clock = clock(settings, running=running)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of ``LEDGER_URL``."""
        from bot.ledger import Ledger  # noqa: PLC0415 - what a command does not need is not loaded

        return Ledger.open(self.settings.ledger_url)

    @cached_property
    def asker(self) -> Asker:
        """Who answers."""
        from bot.ask import Asker, Habits  # noqa: PLC0415 - the same
        from bot.language import Customs  # noqa: PLC0415 - the same

        customs = Customs(week_start=self.settings.week_start, date_order=self.settings.date_order)
        habits = Habits(zone=self.settings.timezone, customs=customs, currency=self.settings.currency)
        return Asker(self.ledger, clock=self.clock, habits=habits)

    def filled_ledger(self) -> Ledger:
        """The ledger, if it holds anything.

        Raises:
            Misconfigured: nothing has been imported or synced yet.
        """
        if not self.ledger.feeds():
            raise Misconfigured(
                f"The ledger {self.ledger.path} is empty, so there is nothing to answer from.",
                "Import a bill (spend import FILE.csv), or set PROVIDERS (for example PROVIDERS=aws) with that"
                " provider's key and run: spend sync. To look around first: spend demo.",
            )
        return self.ledger
