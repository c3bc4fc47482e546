"""The same answers for MCP clients, over the real protocol: in memory, over standard output, over HTTP."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import PromptReference

from bot.answering.service import AnswerService, Defaults
from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.mcp import http
from bot.mcp.ports import Caller
from bot.mcp.server import build
from bot.mcp.slack_blocks import ALLOWED
from bot.mcp.tokens import KIND, TokenStore
from bot.slack.signature import refusal
from scripts.conformance import fill

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
SECRET = "signing-secret"
MOST_BYTES = 6000


@pytest.fixture
def filled(ledger):
    """A ledger of two services in two accounts."""
    fill(ledger)
    return ledger


@pytest.fixture
def asker(filled):
    return AnswerService(filled, clock=lambda: NOW, defaults=Defaults(UTC))


def called(server, tool, **arguments):
    """What a client gets from one call."""

    async def call():
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(call())


def served(asker, *, scope=None, calls=None, **more):
    """A server whose caller has a scope, and which keeps what was recorded."""
    caller = Caller("tester", scope) if scope else Caller("tester")
    return build(
        asker,
        identify=lambda _: caller,
        record=lambda who, tool, asked: calls.append((who.name, tool, asked)) if calls is not None else None,
        **more,
    )


def test_an_answer_is_the_public_json_and_a_text(asker):
    """The total, the reading, the days and the freshness come as data, and the headline as text."""
    result = called(served(asker), "ask", question="october by service")

    data = result.structured_content
    assert data["totals"][0]["amount"] == "54.25"
    assert [line["amount"] for line in data["lines"]] == ["38.75", "15.5"]
    assert data["days"] == {"start": "2026-10-01", "end": "2026-11-01"}
    assert "billed cost" in data["read_as"]
    assert data["as_of"][0]["source"] == "aws"
    assert "$54.25" in result.content[0].text


def test_the_tools_cost_a_client_little(asker):
    """At most six tools, read-only, each with the schema of what it returns, in under 6 kB."""

    async def listed():
        async with Client(served(asker)) as client:
            return (await client.list_tools()).model_dump(mode="json", by_alias=True, exclude_none=True)["tools"]

    tools = asyncio.run(listed())
    assert len(tools) <= 6
    assert len(json.dumps(tools).encode()) < MOST_BYTES
    assert all(tool["annotations"]["readOnlyHint"] and tool["outputSchema"] for tool in tools)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_question_object_is_taken_too(asker, as_text):
    """A Question as an object, or as JSON in a string as models send it, is answered as its words are."""
    question = {"kind": "cost", "period": {"start": "2026-10-01", "end": "2026-11-01"}, "by": ["ServiceName"]}
    asked = json.dumps(question) if as_text else question

    assert called(served(asker), "ask", question=asked).structured_content["totals"][0]["amount"] == "54.25"


def test_a_single_value_stands_for_a_list_of_one(asker):
    """Models write a string, or one object, where a list is meant; a number where an amount in words is."""
    where = {"dimension": "ServiceName", "values": "Amazon S3"}
    question = {"period": {"start": "2026-10-01", "end": "2026-11-01"}, "by": "ServiceName", "where": where}
    result = called(served(asker), "ask", question=question, pay_up_to=0.05).structured_content

    assert [(line["key"], line["amount"]) for line in result["lines"]] == [({"ServiceName": "Amazon S3"}, "38.75")]


def test_a_question_follows_on_those_before(asker):
    """Earlier questions are a list, or a single string where one is meant."""
    for earlier in (["october by service"], "october by service"):
        result = called(served(asker), "ask", question="just s3", earlier=earlier)
        assert result.structured_content["totals"][0]["amount"] == "38.75"


def test_the_currency_of_earlier_questions_holds_and_help_in_between_loses_nothing(asker):
    """A follow-up is answered in the currency that an earlier question named, whatever else was asked since."""
    earlier = ["october by service in euros", "help"]
    result = called(served(asker), "ask", question="just s3", earlier=earlier).structured_content
    assert result["totals"][0]["amount"] == "38.75"
    assert result["totals"][0]["converted"]["currency"] == "EUR"


def test_words_that_are_not_known_are_named(asker):
    """A refusal is a tool error that names the unknown word, so that a model can mend its call."""
    result = called(served(asker), "ask", question="october spend on florbs")

    assert result.is_error
    assert "florbs" in result.content[0].text


@pytest.mark.parametrize(
    "arguments",
    [
        {"question": '{"kind": "cost", "periode": 1}'},
        {"question": "{broken"},
        {"question": "october", "cursor": "nonsense"},
        {"question": "october", "limit": 0},
        {"question": "october", "pay_up_to": "much"},
        {"question": "october", "pay_up_to": "NaN"},
        {"question": "october", "pay_up_to": -1},
    ],
)
def test_what_cannot_be_is_one_sentence(asker, arguments):
    """Wrong arguments are a tool error in words, never a traceback."""
    result = called(served(asker), "ask", **arguments)

    assert result.is_error
    assert "Traceback" not in result.content[0].text


def test_rows_come_in_pages(asker):
    """What a page leaves out follows from its cursor; a cursor of another question is refused."""
    server = served(asker)
    first = called(server, "ask", question="october by day", limit=10).structured_content
    second = called(server, "ask", question="october by day", limit=30, cursor=first["next"]).structured_content

    assert first["series"][-1]["start"] == "2026-10-10"
    assert second["series"][0]["start"] == "2026-10-11"
    assert second["next"] is None
    assert called(server, "ask", question="november by day", cursor=first["next"]).is_error


def test_a_scope_holds(asker):
    """Whoever may see one account gets its numbers and its names only."""
    scope = Scope(where=(Filter(dimension="SubAccountName", values=("staging",)),))
    server = served(asker, scope=scope)

    assert called(server, "ask", question="october").structured_content["totals"][0]["amount"] == "15.5"
    assert called(server, "values", dimension="ServiceName").structured_content["values"] == ["AmazonCloudWatch"]


def test_values_are_searched_by_letters(asker):
    """Dimension names are taken in any case, and an unknown one is named."""
    server = served(asker)

    assert called(server, "values", dimension="servicename", search="s3").structured_content["values"] == ["Amazon S3"]
    assert called(server, "values", dimension="services", search="s3").structured_content["values"] == ["Amazon S3"]
    assert "Colour" in called(server, "values", dimension="Colour").content[0].text


def test_freshness_and_audit(asker):
    """Freshness is data, and every call is recorded with who asked what."""
    calls = []
    result = called(served(asker, calls=calls), "freshness")
    called(served(asker, calls=calls), "ask", question="october")

    assert result.structured_content["as_of"][0]["data_through"] == "2026-11-22"
    assert calls == [("tester", "freshness", ""), ("tester", "ask", "october")]


def test_too_many_calls_are_refused(asker):
    """A caller may make sixty calls a minute."""

    async def many():
        async with Client(served(asker)) as client:
            return [await client.call_tool("values", {"dimension": "ServiceName"}) for _ in range(61)]

    results = asyncio.run(many())
    assert not results[59].is_error
    assert "Too many calls" in results[60].content[0].text


def test_resources_and_prompts(asker):
    """The question's schema can be read, and prompts say which questions to ask."""

    async def read():
        async with Client(served(asker)) as client:
            schema = json.loads((await client.read_resource("spend://question")).contents[0].text)
            prompt = await client.get_prompt("month_in_review", {"month": "October"})
            return schema, prompt.messages[0].content.text

    schema, prompt = asyncio.run(read())
    assert "share_of" in schema["properties"]
    assert "October by provider" in prompt


def test_a_real_process_answers_over_standard_output(filled):
    """``spend mcp`` speaks the protocol over stdio and answers as the terminal does."""
    environment = {
        **os.environ,
        "LEDGER_URL": f"sqlite:///{filled.name}",
        "SPEND_NOW": NOW.isoformat(),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "bot", "mcp"], env=environment)

    async def ask():
        async with Client(stdio_client(parameters)) as client:
            return await client.call_tool("ask", {"question": "october"})

    assert asyncio.run(ask()).structured_content["totals"][0]["amount"] == "54.25"


def test_tokens_are_kept_as_hashes_and_end_when_revoked(ledger):
    """A secret is shown once; what is kept does not hold it; revoked, it opens nothing."""
    tokens = TokenStore(ledger.memory, lambda: NOW)
    secret = tokens.create("claude", scope=Scope(sources=("aws",)))

    assert secret not in json.dumps(ledger.memory.all(KIND))
    assert tokens.verify(secret).scope.sources == ("aws",)
    assert tokens.verify(secret[:-1]) is None
    with pytest.raises(NotUnderstood):
        tokens.create("claude")
    tokens.revoke("claude")
    assert tokens.verify(secret) is None


def signed(body, *, secret=SECRET, at=None):
    """Headers as Slack signs a request."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


@pytest.fixture
def listening(asker, ledger):
    """Both doors on a real port: the address, and a token that sees one account."""
    tokens = TokenStore(ledger.memory, lambda: NOW)
    secret = tokens.create("narrow", scope=Scope(where=(Filter(dimension="SubAccountName", values=("staging",)),)))

    def by_slack(context):
        return Caller(str((context.request_context.meta or {})["slack"]["user_id"]), today=TODAY)

    def record(*_):
        """Nothing is looked at."""

    access = http.access(tokens, "http://127.0.0.1/mcp")
    doors = [
        http.Door("/mcp", build(asker, identify=http.by_token, record=record, access=access)),
        http.Door(
            "/slack/mcp",
            build(asker, identify=by_slack, record=record, block_kit=True),
            lambda app: http.SignedBySlack(app, lambda t, s, b: refusal(SECRET, t, s, b, time.time())),
        ),
    ]
    listener = http.McpListener(http.application(doors, ["127.0.0.1:*"]), "127.0.0.1", 0)
    listener.start()
    yield f"http://127.0.0.1:{listener.port}", secret
    listener.stop()


def request(meta=None):
    """A tool call as JSON-RPC of protocol 2025-11-25, without a session."""
    params = {"name": "ask", "arguments": {"question": "october"}, **({"_meta": meta} if meta else {})}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()


ACCEPT = {
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
    "MCP-Protocol-Version": "2025-11-25",
}


def test_over_http_a_token_opens_its_scope(listening):
    """With a token the answer is of its scope; without one, or with another, it is 401 and says where to look."""
    url, secret = listening
    answer = httpx.post(f"{url}/mcp", content=request(), headers={**ACCEPT, "Authorization": f"Bearer {secret}"})
    refused = [
        httpx.post(f"{url}/mcp", content=request(), headers={**ACCEPT, **more})
        for more in ({}, {"Authorization": "Bearer spend_x"})
    ]

    assert answer.json()["result"]["structuredContent"]["totals"][0]["amount"] == "15.5"
    assert {reply.status_code for reply in refused} == {401}
    assert "resource_metadata" in refused[0].headers["www-authenticate"]
    assert httpx.get(f"{url}/.well-known/oauth-protected-resource/mcp").json()["resource"].endswith("/mcp")
    assert httpx.get(f"{url}/anything").status_code == 404


def test_other_hosts_and_origins_are_refused(listening):
    """A page in somebody's browser cannot use the server through another name."""
    url, secret = listening
    headers = {**ACCEPT, "Authorization": f"Bearer {secret}"}

    for other in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        assert httpx.post(f"{url}/mcp", content=request(), headers={**headers, **other}).is_client_error


def test_slacks_agent_gets_block_kit(listening):
    """A request that Slack signed names the person, and the answer carries only blocks that Slack's client allows."""
    url, _ = listening
    body = request({"slack": {"user_id": "U1", "team_id": "T1"}})
    answer = httpx.post(f"{url}/slack/mcp", content=body, headers={**ACCEPT, **signed(body)}).json()["result"]

    blocks = answer["_meta"]["slack"]["blocks"]
    assert answer["structuredContent"]["totals"][0]["amount"] == "54.25"
    assert {block["type"] for block in blocks} <= ALLOWED
    buttons = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    assert buttons
    assert all(button["action_id"] == "tool:ask" and "question" in json.loads(button["value"]) for button in buttons)


@pytest.mark.parametrize("headers", [{}, signed(b"other"), signed(request(), secret="x"), signed(request(), at=1)])
def test_what_slack_did_not_sign_is_refused(listening, headers):
    """No signature, another body's, another secret's or an old one: 401 and an empty body."""
    url, _ = listening
    reply = httpx.post(f"{url}/slack/mcp", content=request(), headers={**ACCEPT, **headers})

    assert (reply.status_code, reply.content) == (401, b"")


def test_the_columns_that_are_named_are_those_of_the_view(filled, asker):
    """spend://focus names every column of the ledger's view, each with its type."""

    async def read():
        async with Client(served(asker)) as client:
            return json.loads((await client.read_resource("spend://focus")).contents[0].text)

    view = [row[0] for row in filled.connection().execute("SELECT name FROM pragma_table_info('focus')")]
    assert sorted(column["name"] for column in asyncio.run(read())) == sorted(view)


def test_a_source_is_read_within_the_scope(asker):
    """spend://sources/NAME says how current it is to who may see it; to others there is none of that name."""

    async def read(server):
        async with Client(server) as client:
            return json.loads((await client.read_resource("spend://sources/aws")).contents[0].text)

    assert asyncio.run(read(served(asker)))["data_through"] == "2026-11-22"
    with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
        asyncio.run(read(served(asker, scope=Scope(sources=("gcp",)))))


def test_prompt_arguments_are_completed_without_names_from_the_bills(asker):
    """A client is offered months, periods and providers that begin so, and nothing that only the ledger knows."""

    async def completed(argument, typed):
        async with Client(served(asker)) as client:
            reference = PromptReference(type="ref/prompt", name="why")
            return (await client.complete(reference, {"name": argument, "value": typed})).completion.values

    assert asyncio.run(completed("what", "a")) == ["AWS", "Anthropic"]
    assert asyncio.run(completed("period", "no")) == ["November"]


def test_the_example_client_asks_ten_questions(filled, asker):
    """deploy/examples/mcp_client.py, run as a program of its own, is answered ten times over HTTP with a token."""
    tokens = TokenStore(filled.memory, lambda: NOW)
    secret = tokens.create("example")
    access = http.access(tokens, "http://127.0.0.1/mcp")
    door = http.Door("/mcp", build(asker, identify=http.by_token, record=lambda *_: None, access=access))
    listener = http.McpListener(http.application([door], ["127.0.0.1:*"]), "127.0.0.1", 0)
    listener.start()
    program = Path(__file__).parents[2] / "deploy" / "examples" / "mcp_client.py"
    try:
        done = subprocess.run(
            [sys.executable, str(program), f"http://127.0.0.1:{listener.port}/mcp", secret],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        listener.stop()
    assert (done.returncode, done.stderr) == (0, "")
    assert "$54.25 in total" in done.stdout
    assert done.stdout.count(" · ") >= 10
