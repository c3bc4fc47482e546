"""The MCP server: three read-only tools over the answer service; resources and prompts stand beside it."""

from __future__ import annotations

import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field, ValidationError

from bot.blockkit.build import Block
from bot.domain import labels
from bot.domain.errors import CostError, NotUnderstood
from bot.domain.question import DIMENSIONS, Question
from bot.mcp import prompts, resources
from bot.mcp.ports import Caller, Identify, Record
from bot.mcp.results import MAX_PAGE, PAGE, Answer, Sources, Values, answer_page, value_page
from bot.mcp.slack_blocks import slack_blocks
from bot.render.answer_json import answer_json, result_json
from bot.render.slack.answer_message import draw
from bot.render.text import headline_text, printed

if TYPE_CHECKING:
    from bot.answering.service import AnswerResult, AnswerService
    from bot.mcp.http import ResourceServerAuth

_Worked = TypeVar("_Worked")
_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
_BLOCK_KIT = {"slack": {"supportsBlockKit": True}}
_TEXT = 6000
"""Characters of the text that stands beside the structured answer."""
_CALLS, _WINDOW = 60, 60.0
"""So many calls a caller may make in so many seconds."""
INSTRUCTIONS = (
    "Exact cloud and AI spend from the team's own ledger. Ask in plain words, as a person would: 'last month by"
    " service', 'why is Anthropic up?', 'forecast', 'over budget?'. Repeat read_as, the days and any gaps with every"
    " number. Do not add amounts yourself: ask for the total. If words are unknown the error names them; call again"
    " without them or with one of the closest names."
)

Words = Annotated[
    str | dict[str, Any],
    Field(description="A question in plain words, or a Question object as described in spend://question"),
]
Earlier = Annotated[list[str] | str | None, Field(description="Earlier questions of this conversation, oldest first")]
Today = Annotated[date | None, Field(description="The day to treat as today")]
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE, description="Rows per result")]
Cursor = Annotated[str | None, Field(description="'next' of the previous result")]
Pay = Annotated[
    str | float | None,
    Field(description="Allow paid provider requests that fill a gap, up to this many USD ('0.05'); else none are made"),
]


@dataclass
class CallRateLimit:
    """At most ``_CALLS`` calls per caller in ``_WINDOW`` seconds."""

    clock: Callable[[], float] = time.monotonic
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def check(self, caller: str) -> None:
        """Counts a call.

        Raises:
            ToolError: there were too many.
        """
        now, calls = self.clock(), self._calls[caller]
        while calls and calls[0] <= now - _WINDOW:
            calls.popleft()
        if len(calls) >= _CALLS:
            raise ToolError(f"Too many calls: at most {_CALLS} a minute. Try again in a minute.")
        calls.append(now)


def build(
    service: AnswerService,
    *,
    identify: Identify,
    record: Record,
    access: ResourceServerAuth | None = None,
    block_kit: bool = False,
) -> MCPServer[Any]:
    """The server over an answer service; ``identify`` says who calls and what they may see.

    ``access`` makes it an OAuth resource server over HTTP; without it whoever reaches the server may call it.
    ``block_kit`` adds the answer as Slack draws it, for Slack's own MCP client.
    """
    server: MCPServer[Any] = MCPServer(
        "spend",
        title="Spend: cloud and AI costs",
        version=version("spend"),
        instructions=INSTRUCTIONS,
        token_verifier=access.verifier if access else None,
        auth=access.settings if access else None,
    )
    tools = _Tools(service, identify, record, block_kit=block_kit)
    server.tool(name="ask", description=_ASK, annotations=_READ_ONLY, meta=_BLOCK_KIT if block_kit else None)(tools.ask)
    server.tool(name="values", description=_VALUES, annotations=_READ_ONLY)(tools.values)
    server.tool(name="freshness", description=_FRESHNESS, annotations=_READ_ONLY)(tools.freshness)
    resources.add(server, tools.source)
    prompts.add(server)
    return server


_ASK = (
    "Costs, trends, comparisons, why a bill changed, forecasts, budgets, anomalies, savings, credits, prices: one"
    " question in plain words, one exact answer."
)
_VALUES = "The names a question may use: values of a dimension, searched by letters, most expensive first."
_FRESHNESS = "How current the data of each source is, and what is missing."


class _Tools:
    """The tools; each call is identified, rate-limited, audited and answered within the caller's scope."""

    def __init__(self, service: AnswerService, identify: Identify, record: Record, *, block_kit: bool) -> None:
        self._service, self._identify, self._record, self._block_kit = service, identify, record, block_kit
        self._limit = CallRateLimit()

    async def ask(  # noqa: PLR0913 - the tool's parameters are its schema
        self,
        question: Words,
        context: Context[Any, Any],
        earlier: Earlier = None,
        today: Today = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
        pay_up_to: Pay = None,
    ) -> Annotated[CallToolResult, Answer]:
        """Answers a question."""
        caller = await self._enter(context, "ask", question)
        before = [earlier] if isinstance(earlier, str) else earlier or []
        day = today or caller.today
        reply = await _in_thread(self._reply, caller, question, before, day, pay_up_to)
        page = answer_page(result_json(reply, headline_text(reply)), limit=limit, cursor=cursor)
        return _result(printed(reply), page, slack_blocks(draw(reply).blocks) if self._block_kit else None)

    async def values(
        self,
        dimension: Annotated[str, Field(description=f"One of {', '.join(DIMENSIONS)}, or Tags/<key>")],
        context: Context[Any, Any],
        search: Annotated[str, Field(description="Text to search for in the names")] = "",
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, Values]:
        """Lists the values of a dimension."""
        caller = await self._enter(context, "values", f"{dimension} {search}".strip())
        name = _dimension(dimension)
        closest = partial(self._service.closest, name, search, scope=caller.scope, limit=10_000)
        page = value_page(await _in_thread(closest), limit=limit, cursor=cursor, key=(name, search))
        return _result("\n".join(page["values"]) or "No values.", page)

    async def freshness(self, context: Context[Any, Any]) -> Annotated[CallToolResult, Sources]:
        """How current each source is."""
        caller = await self._enter(context, "freshness", "")
        answered = partial(self._service.answer, Question(kind="freshness"), scope=caller.scope, today=caller.today)
        reply = await _in_thread(answered)
        answer = answer_json(reply.answer)
        return _result(printed(reply), {"as_of": answer["as_of"], "gaps": answer["gaps"]})

    async def source(self, name: str, context: Context[Any, Any]) -> list[dict[str, Any]]:
        """How current one source is, for the resource of that name; nothing where the caller does not see it."""
        caller = await self._enter(context, "resource", f"spend://sources/{name}")
        return [source for source in (await self._fresh(caller))[1]["as_of"] if source["source"] == name]

    async def _fresh(self, caller: Caller) -> tuple[AnswerResult, dict[str, Any]]:
        answered = partial(self._service.answer, Question(kind="freshness"), scope=caller.scope, today=caller.today)
        reply: AnswerResult = await _in_thread(answered)
        return reply, answer_json(reply.answer)

    async def _enter(self, context: Context[Any, Any], tool: str, asked: object) -> Caller:
        caller: Caller = await _in_thread(self._identify, context)
        self._limit.check(caller.name)
        self._record(caller, tool, asked if isinstance(asked, str) else json.dumps(asked, sort_keys=True, default=str))
        return caller

    def _reply(
        self, caller: Caller, question: Words, earlier: Sequence[str], today: date | None, pay_up_to: str | float | None
    ) -> AnswerResult:
        asked = _asked(question)
        if isinstance(asked, Question):
            reply = self._service.answer(asked, scope=caller.scope, today=today)
        else:
            before = self._service.read_earlier(earlier, today=today, scope=caller.scope)
            try:
                reply = self._service.ask(asked, scope=caller.scope, today=today, previous=before)
            except NotUnderstood as refusal:
                with suppress(CostError):  # a ledger that cannot be written answers all the same
                    self._service.sentences.refused(asked, refusal, team=caller.team, person=caller.name)
                raise
        return self._paid(reply, caller, today, _usd(pay_up_to)) if pay_up_to else reply

    def _paid(self, reply: AnswerResult, caller: Caller, today: date | None, allowed: Decimal) -> AnswerResult:
        price = sum(gap.price for gap in reply.answer.gaps if gap.price is not None)
        if not price:
            return reply
        if price > allowed:
            raise NotUnderstood(f"Filling the gaps costs ${price}, more than the ${allowed} you allow.")
        return self._service.answer(reply.question, scope=caller.scope, today=today, live=True)


async def _in_thread(work: Callable[..., _Worked], *arguments: object) -> _Worked:
    """Runs the work in a thread; an expected failure becomes a tool error that the model can read and mend."""
    try:
        return await anyio.to_thread.run_sync(partial(work, *arguments))
    except CostError as error:
        raise ToolError(_refusal(error)) from error


def _refusal(error: CostError) -> str:
    """The error in words, with the words that were not known and the closest names."""
    message = str(error)
    if isinstance(error, NotUnderstood) and error.unknown:
        message += f" Unknown: {', '.join(error.unknown)}."
    if isinstance(error, NotUnderstood) and error.suggestions:
        message += f" {'Choices' if error.choices else 'Closest'}: {'; '.join(error.suggestions)}."
    return message


def _result(text: str, structured: Mapping[str, Any], blocks: list[Block] | None = None) -> CallToolResult:
    shown = text if len(text) <= _TEXT else f"{text[:_TEXT].rsplit(chr(10), 1)[0]}\n… cut here; the rest is in the data"
    return CallToolResult(
        content=[TextContent(type="text", text=shown)],
        structured_content=dict(structured),
        _meta={"slack": {"blocks": blocks}} if blocks else None,
    )


def _asked(question: Words) -> Question | str:
    """The words, or the question that an object (or its JSON) is."""
    if isinstance(question, Mapping):
        return _validated(question)
    text = question.strip()
    return _validated(_json(text)) if text.startswith("{") else text


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise NotUnderstood(f"The question is not JSON: {error}.", "Ask in plain words instead.") from None


def _validated(value: object) -> Question:
    """The question of an object.

    Raises:
        NotUnderstood: naming the keys that are wrong.
    """
    try:
        return Question.model_validate(_with_lists(Question, value))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'question'}: {problem['msg']}" for problem in error.errors()[:5]
        )
        raise NotUnderstood(f"The question is not valid: {problems}.", "See the resource spend://question.") from None


def _with_lists(model: type[BaseModel], value: object) -> object:
    """The object with a list of one where a single value stands for it, as models like to write."""
    if not isinstance(value, Mapping):
        return value
    given = dict(value)
    for name, described in model.model_fields.items():
        if name in given and get_origin(described.annotation) is tuple:
            items = given[name] if isinstance(given[name], list) else [given[name]]
            (item, *_) = get_args(described.annotation)
            nested = isinstance(item, type) and issubclass(item, BaseModel)
            given[name] = [_with_lists(item, part) if nested else part for part in items]
    return given


def _dimension(name: str) -> str:
    """The dimension by its FOCUS column ID or by what people call it ("services"), whatever its case.

    Raises:
        ToolError: there is none of that name.
    """
    if name.startswith("Tags/"):
        return name
    known = {dimension.casefold(): dimension for dimension in DIMENSIONS}
    known |= {label.casefold(): name for name in DIMENSIONS for label in labels.DIMENSIONS[name]}
    if name.casefold() not in known:
        raise ToolError(f"There is no dimension {name!r}. Available: {', '.join(DIMENSIONS)}, Tags/<key>.")
    return known[name.casefold()]


def _usd(given: str | float) -> Decimal:
    with suppress(InvalidOperation):
        amount = Decimal(str(given).replace("USD", "").replace("$", "").strip())
        if amount.is_finite() and amount >= 0:
            return amount
    raise NotUnderstood(f"{given!r} is not an amount in USD.", "Use an amount like 0.05.")
