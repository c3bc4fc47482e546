"""MCP beside Slack in ``spend serve``: which doors are open, and who calls through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.domain.errors import AccessDenied, Misconfigured
from bot.slack.audit import Audit
from bot.slack.delivery import Destination
from bot.slack.signature import refusal

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

    from bot.app.container import Container
    from bot.app.slack import SlackService
    from bot.mcp.http import McpListener
    from bot.mcp.ports import Caller, Identify, Record

_SLACK = "/slack/mcp"
_TOKENS = "/mcp"


def recorder(container: Container) -> Record:
    """Writes each call into the audit log, beside what is asked in Slack."""
    audit = Audit(container.ledger.memory, container.clock, days=container.settings.audit_days)

    def record(caller: Caller, tool: str, asked: str) -> None:
        audit.note(caller.team, caller.name, "asked", way=f"mcp {tool}", question=asked)

    return record


def listener(container: Container, slack_service: SlackService) -> McpListener | None:
    """The listener for MCP clients; None where ``MCP_PORT`` is not set.

    Raises:
        Misconfigured: the extra is not installed.
    """
    settings = container.settings
    if settings.mcp_port is None:
        return None
    try:
        from bot.mcp import http  # an extra, and half a second to import
        from bot.mcp.server import build
    except ImportError as error:
        raise Misconfigured("MCP_PORT is set, but MCP is not installed.", "pip install 'spend[mcp]'") from error
    from bot.mcp.tokens import TokenStore

    url = settings.mcp_url or f"http://{settings.mcp_host}:{settings.mcp_port}"
    record, tokens = recorder(container), TokenStore(container.ledger.memory, container.clock)
    access = http.access(tokens, f"{url.rstrip('/')}{_TOKENS}")
    doors = [http.Door(_TOKENS, build(container.answer_service, identify=http.by_token, record=record, access=access))]
    secret = settings.slack_signing_secret
    if settings.mcp_slack and secret is not None:
        signed = secret.get_secret_value()

        def refused(timestamp: str, signature: str, body: bytes) -> str:
            return refusal(signed, timestamp, signature, body, container.clock().timestamp())

        server = build(container.answer_service, identify=by_slack(slack_service), record=record, block_kit=True)
        doors.append(http.Door(_SLACK, server, lambda app: http.SignedBySlack(app, refused)))
    host = urlsplit(url).netloc
    hosts = [host, f"{settings.mcp_host}:{settings.mcp_port}", f"127.0.0.1:{settings.mcp_port}", "localhost:*"]
    return http.McpListener(http.application(doors, hosts), settings.mcp_host, settings.mcp_port)


def by_slack(slack_service: SlackService) -> Identify:
    """Identifies the member whom Slack names in the signed request: they see what they see with ``/spend``."""
    from bot.mcp.ports import Caller  # only with MCP

    app_context = slack_service.slack.context

    def identify(context: Context[Any, Any]) -> Caller:
        named = (context.request_context.meta or {}).get("slack")
        named = named if isinstance(named, dict) else {}
        team, user = str(named.get("team_id") or ""), str(named.get("user_id") or "")
        if not team or not user:
            raise AccessDenied("Slack did not identify you, so I can't show costs.")
        request = app_context.authorize(Destination(slack_service.client(team), team, user=user), "mcp")
        return Caller(name=user, scope=request.scope, today=request.today, team=team)

    return identify
