"""What a person may start from in a client: a month in review, why something changed."""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING, Any

from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

if TYPE_CHECKING:
    from mcp.server import MCPServer

_MONTHS = tuple(calendar.month_name[1:])
_PERIODS = ("this month", "last month", "this week", "last week", "last 30 days", "this quarter", *_MONTHS)
_SUBJECTS = ("total spend", "AWS", "Google Cloud", "OpenAI", "Anthropic")
CHOICES = {"month": ("last month", "this month", *_MONTHS), "period": _PERIODS, "what": _SUBJECTS}
"""What a client offers for each argument: words that everybody may know, never names from the bills."""


def add(server: MCPServer[Any]) -> None:
    """Adds the prompts, and the completion of their arguments, to the server."""

    @server.prompt(title="A month in review")
    def month_in_review(month: str = "last month") -> str:
        """What a month came to, what moved and why, budgets, anomalies and what is still provisional."""
        return (
            f"Write a short review of our spend in {month}. Use the ask tool for: '{month} by provider', '{month} vs"
            f" the month before by service', 'why did it change in {month}', 'budgets', 'anomalies in {month}', 'new"
            f" services in {month}'. Quote amounts exactly as returned, say the days and the basis once, and name"
            " every gap."
        )

    @server.prompt(title="Why did it change?")
    def why(what: str = "total spend", period: str = "this month") -> str:
        """The drivers of a change, with where they are concentrated."""
        return (
            f"Explain why {what} changed in {period}. Ask 'why did {what} change in {period}', then ask for the top"
            " drivers by account and by day. Quote amounts exactly as returned and name every gap."
        )

    @server.completion()  # type: ignore[no-untyped-call,untyped-decorator]  # the library's
    async def complete(
        _reference: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        _context: CompletionContext | None,
    ) -> Completion:
        typed = argument.value.casefold()
        return Completion(values=[word for word in CHOICES.get(argument.name, ()) if word.casefold().startswith(typed)])
