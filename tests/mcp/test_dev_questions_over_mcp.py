"""Every labelled question has over MCP the figures that `spend ask --json` prints."""

import asyncio
import json
from datetime import UTC, date, datetime
from itertools import count

import pytest
from mcp import Client
from tests_paths import SHARED, shared_or_skip

from bot.answering.service import AnswerService, Defaults
from bot.domain.errors import CostError, NotUnderstood
from bot.focus.importer import import_files
from bot.ledger import Ledger
from bot.mcp.ports import Caller
from bot.mcp.results import MAX_PAGE
from bot.mcp.server import build
from bot.render.answer_json import result_json

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LISTS = ("lines", "series", "drivers", "anomalies", "values", "recommendations", "commitments")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The labelled questions' ledger."""
    path = shared_or_skip() / "questions" / "ledger.csv.gz"
    ledger = Ledger(tmp_path_factory.mktemp("acme") / "ledger.db")
    import_files(ledger, [path], now=NOW)
    yield AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    ledger.close()


def printed(service, question):
    """What the terminal prints with ``--json``, but for its blocks."""
    before = None
    day = date.fromisoformat(question["today"])
    for text in question.get("thread") or []:
        try:
            before = service.read(text, today=day, previous=before).question
        except NotUnderstood:
            continue
    try:
        return result_json(service.ask(question["text"], today=day, previous=before), "")
    except CostError as error:
        return {"unknown": getattr(error, "unknown", ())}


async def told(client, question):
    """The same over MCP, page after page put together."""
    asked = {"question": question["text"], "today": question["today"], "earlier": question.get("thread") or None}
    whole, cursor = None, None
    while True:
        result = await client.call_tool("ask", {**asked, "limit": MAX_PAGE, "cursor": cursor})
        if result.is_error:
            return result.content[0].text
        page = result.structured_content
        if whole is None:
            whole = dict(page)
        else:
            for name in LISTS:
                whole[name] = [*whole.get(name, []), *page.get(name, [])]
        cursor = page["next"]
        if cursor is None:
            return whole


def test_every_labelled_question_has_the_figures_of_the_terminal(service):
    """Totals, rows and the reading are those of the terminal, to the last digit; a refusal names the same words."""
    shared_or_skip()
    questions = [json.loads(line) for line in (SHARED / "questions" / "dev.jsonl").read_text().splitlines()]
    callers = count()
    server = build(service, identify=lambda _: Caller(f"caller {next(callers)}"), record=lambda *_: None)

    async def all_told():
        async with Client(server) as client:
            return [await told(client, question) for question in questions]

    different = []
    for question, over_mcp in zip(questions, asyncio.run(all_told()), strict=True):
        terminal = printed(service, question)
        if "unknown" in terminal:
            same = isinstance(over_mcp, str) and all(word in over_mcp for word in terminal["unknown"])
        else:
            figures = {name: terminal["answer"].get(name) or [] for name in ("totals", *LISTS)}
            same = isinstance(over_mcp, dict) and figures == {name: over_mcp.get(name) or [] for name in figures}
            same = same and over_mcp["read_as"] == terminal["read_as"]
        if not same:
            different.append(question["text"])
    assert questions
    assert different == []
