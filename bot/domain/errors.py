"""What can go wrong, named for who must act.

CostError
├── NotUnderstood     the user rephrases
├── AccessDenied      an admin grants
├── Misconfigured     whoever set the bot up mends a variable or a file
├── InvalidFile       whoever made the file mends it
├── OutOfRange        whoever made the bill mends an amount that cannot be one
├── Unavailable       wait; trying again can help
├── CeilingReached    wait for next month, or raise API_SPEND_CEILING
└── UnexpectedReply   we mend; the vendor said something new
    └── RequestRefused    the vendor does not do what was asked: a feature not enabled, a combination not offered
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


class CostError(Exception):
    """An expected failure: one sentence of what happened and one of what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotUnderstood(CostError):
    """The words could not be read as a question without guessing."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        unknown: Sequence[str] = (),
        suggestions: Sequence[str] = (),
        unread: bool = False,
    ) -> None:
        super().__init__(message, hint)
        self.unknown = tuple(unknown)
        self.suggestions = tuple(suggestions)
        self.choices: tuple[str, ...] = ()
        """What the words may mean, one as well as the other: each is a question in words."""
        self.unread = unread
        """Words were not known, where other refusals are of what was understood: a language model may try."""

    @classmethod
    def between(cls, message: str, hint: str, choices: Sequence[str]) -> NotUnderstood:
        """The question back which of several is meant; the choices are suggested, too."""
        asked = cls(message, hint, suggestions=choices)
        asked.choices = tuple(choices)
        return asked


class AccessDenied(CostError):
    """A vendor, or the bot's own rules, refused; never carries the key."""


class Misconfigured(CostError):
    """A setting is missing or makes no sense."""


class InvalidFile(CostError):
    """A file says something that cannot be a charge."""


class OutOfRange(CostError):
    """An amount, or a sum of amounts, is larger than the ledger holds exactly."""


class Unavailable(CostError):
    """Throttled, down or cut off. ``retry_after`` is in seconds where the vendor told."""

    def __init__(self, message: str, hint: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class ConnectionLost(Unavailable):
    """The ledger's server ended the connection in the middle of something: asking once more may do."""


class KeptByMonth(CostError):
    """Days are asked for, or replaced, where the ledger keeps whole months; ``day`` is the first kept by itself."""

    def __init__(self, day: date) -> None:
        super().__init__(f"Days before {day} are kept by the month.", "Ask for whole months there.")
        self.day = day


class CeilingReached(CostError):
    """The bot's own monthly spending on paid requests is used up."""


class UnexpectedReply(CostError):
    """A vendor's reply has a shape this version does not know."""


class RequestRefused(UnexpectedReply):
    """A vendor found fault with the request itself (a 4xx other than keys and throttling); ``code`` is its own word."""

    def __init__(self, message: str, hint: str = "", *, status: int, code: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.code = code
