"""What a client may read: the contract of a question, the columns of the FOCUS view, how current a source is."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from bot.domain.question import Question

if TYPE_CHECKING:
    from mcp.server import MCPServer

_JSON = "application/json"
ReadSource = Callable[[str, Context[Any, Any]], Awaitable[list[dict[str, object]]]]
"""How current the source of that name is, as far as whoever asks may see it."""


def add(server: MCPServer[Any], read_source: ReadSource) -> None:
    """Adds the resources to the server."""

    @server.resource("spend://question", title="The Question object", mime_type=_JSON)
    def question() -> str:
        """JSON schema of a question, for callers that build one instead of writing words."""
        return json.dumps(Question.model_json_schema())

    @server.resource("spend://focus", title="Columns of the FOCUS view", mime_type=_JSON)
    def focus() -> str:
        """Columns of the ledger's charges by their FOCUS Column IDs, each with its type and what it is for."""
        return json.dumps(focus_columns())

    @server.resource("spend://sources/{source}", title="How current a source is", mime_type=_JSON)
    async def source(source: str, context: Context[Any, Any]) -> str:
        """A source by its name: last sync, last day with data, last final day."""
        found = await read_source(source, context)
        if not found:
            msg = f"There is no source {source!r} that you may see. The tool freshness lists them."
            raise ResourceNotFoundError(msg)
        return json.dumps(found[0])


def focus_columns() -> list[dict[str, str]]:
    """The columns of the view ``focus`` in their order: name, type, role (period, amount, dimension, detail)."""
    from bot.domain.charge import AMOUNTS, DETAILS, SERIES  # only when read
    from bot.ledger.schema import ALSO_OLD, internal

    periods = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
    typed: tuple[tuple[Sequence[str], str, str], ...] = (
        (periods, "date-time", "period"),
        (AMOUNTS, "decimal", "amount"),
        ((*(name for name in SERIES if not internal(name)), *ALSO_OLD), "string", "dimension"),
        ((*DETAILS, "x_Other", "x_Source", "x_Feed"), "string", "detail"),
        (("x_Charges",), "integer", "detail"),
    )
    return [{"name": name, "type": kind, "role": role} for names, kind, role in typed for name in names]
