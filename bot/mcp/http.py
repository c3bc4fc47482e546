"""MCP over HTTP: ``/mcp`` for clients with a token, ``/slack/mcp`` for Slack's own agent, on a listener of its own.

Streamable HTTP, stateless. The server is an OAuth resource server: it verifies bearer tokens (made by ``spend token``)
and serves its resource metadata, but issues none. Hosts and origins other than those configured are refused.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from bot.domain.errors import AccessDenied
from bot.mcp.ports import Caller
from bot.mcp.tokens import BearerToken, TokenStore

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

Refused = Callable[[str, str, bytes], str]
"""Why a request with this timestamp, signature and body is not Slack's; ``""`` where Slack signed it."""

_BODY = 1_000_000
"""Bytes of a request's body, at most."""


class Verifier:
    """Verifies bearer tokens against those in the ledger."""

    def __init__(self, tokens: TokenStore) -> None:
        self._tokens = tokens

    async def verify_token(self, token: str) -> AccessToken | None:
        """Whose token it is, or None."""
        known = await anyio.to_thread.run_sync(self._tokens.verify, token)
        if known is None:
            return None
        return AccessToken(token="", client_id=known.name, scopes=[], claims=known.model_dump(mode="json"))


@dataclass(frozen=True)
class ResourceServerAuth:
    """What makes the server an OAuth resource server."""

    verifier: Verifier
    settings: AuthSettings


def access(tokens: TokenStore, url: str) -> ResourceServerAuth:
    """Access by token to the server that is reached at ``url``."""
    address = AnyHttpUrl(url)
    settings = AuthSettings(issuer_url=address, resource_server_url=address, validate_token_resource=False)
    return ResourceServerAuth(Verifier(tokens), settings)


def by_token(_context: object) -> Caller:
    """The caller whose token came with the request.

    Raises:
        AccessDenied: none did.
    """
    presented = get_access_token()
    if presented is None or presented.claims is None:
        raise AccessDenied("This server needs a token.", "Create one: spend token create NAME.")
    token = BearerToken.model_validate(presented.claims)
    return Caller(name=f"token {token.name}", scope=token.scope)


@dataclass(frozen=True)
class Door:
    """One MCP server under a path of the listener; ``guard`` wraps it."""

    path: str
    server: MCPServer[Any]
    guard: Callable[[ASGIApp], ASGIApp] | None = None


def application(doors: list[Door], hosts: list[str]) -> Starlette:
    """The ASGI application of the listener."""
    security = TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=[f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")]
    )
    mounts = []
    for door in doors:
        app: ASGIApp = door.server.streamable_http_app(
            streamable_http_path=door.path,
            json_response=True,
            stateless_http=True,
            max_request_body_size=_BODY,
            transport_security=security,
        )
        mounts.append((door, door.guard(app) if door.guard else app))

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for door in doors:
                await stack.enter_async_context(door.server.session_manager.run())
            yield

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        for door, app in mounts:
            if path == door.path or (door is doors[0] and path.startswith("/.well-known/")):
                await app(scope, receive, send)
                return
        await Response(status_code=404)(scope, receive, send)

    return Starlette(routes=[Mount("/", app=route)], lifespan=lifespan)


class SignedBySlack:
    """Lets through only what Slack signed: the signature is judged on the raw body before anything is parsed."""

    def __init__(self, app: ASGIApp, refused: Refused) -> None:
        self._app, self._refused = app, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 401 with an empty body to whatever is not signed, 413 to a body that is too large."""
        request = Request(scope, receive)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY:
                await Response(status_code=413)(scope, receive, send)
                return
        headers = request.headers
        if self._refused(headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", ""), body):
            await Response(status_code=401)(scope, receive, send)
            return
        sent = False

        async def replay() -> dict[str, object]:
            nonlocal sent
            if sent:
                return dict(await receive())
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


class McpListener:
    """The listener in a thread of its own."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, server_header=False, timeout_keep_alive=5
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="mcp", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    def start(self) -> None:
        """Begins to listen; returns once it does.

        Raises:
            OSError: it cannot, for example because the port is taken.
        """
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                msg = "The MCP listener did not start. Is its port in use?"
                raise OSError(msg)
            self._thread.join(0.01)

    def stop(self) -> None:
        """Finishes what is under way and ends."""
        self._server.should_exit = True
        self._thread.join(5)
