"""The paths under which Slack itself answers: Web API, response_urls, uploads, files, sockets, OAuth."""

from __future__ import annotations

import base64
import json
import mimetypes
import urllib.parse
from collections.abc import Mapping

from simulators.slack import answers
from simulators.slack.api import Refused
from simulators.slack.delivery import Line
from simulators.slack.model import Json
from simulators.slack.server import Api, CutOff, Handler, Routes
from simulators.slack.store import Store

Query = Mapping[str, str]
PATIENCE = 0.25
"""Seconds that a response waits for the acknowledgement sent just before it, which came another way."""


class SlackRoutes:
    """Each method answers one path; the rest of the path comes as ``name``."""

    def __init__(self, api: Api, line: Line) -> None:
        self.api = api
        self.store: Store = api.store
        self.line = line

    def paths(self) -> Routes:
        """The paths, for the server."""
        return {
            "/api/": self.call,
            "/response/": self.respond,
            "/upload/": self.upload,
            "/files/": self.download,
            "/link/": self.link,
            "/oauth/v2/authorize": self.authorize,
        }

    def call(self, handler: Handler, name: str, query: Query) -> None:
        """A Web API method."""
        args = handler.arguments(query)
        kind, _, credentials = (handler.headers.get("Authorization") or "").partition(" ")
        if kind == "Basic":
            identity = base64.b64decode(credentials).decode().partition(":")
            args |= {"client_id": identity[0], "client_secret": identity[2]}
        token = (credentials.strip() if kind == "Bearer" else "") or str(args.get("token", ""))
        args.pop("token", None)
        status, body, headers = self.api.answer(name, token, args)
        handler.reply_json(body, status, headers)

    def respond(self, handler: Handler, name: str, _query: Query) -> None:
        """A post to a response_url."""
        payload = json.loads(handler.body() or b"{}")
        fault = self.store.fault("response_url", {})
        if fault is not None and fault.kind == "throttle":
            handler.reply(b"rate_limited", "text/plain", 429, {"Retry-After": str(int(fault.seconds))})
            return
        if fault is not None and fault.kind == "fail":
            handler.reply_json({"ok": False, "error": fault.error}, fault.status)
            return
        try:
            self._post(name, payload)
        except Refused as refusal:
            status = 404 if refusal.error.endswith("_url") else 400
            handler.reply_json({"ok": False, "error": refusal.error, **refusal.more}, status)
            return
        if fault is not None and fault.kind == "cut":
            raise CutOff
        handler.reply(b"ok", "text/plain")

    def _post(self, name: str, payload: Json) -> None:
        handle = self.store.response_urls.get(name)
        if handle is None:
            raise Refused("invalid_url")
        if handle.ready is not None:
            handle.ready.wait(PATIENCE)
        with self.store.lock:
            answers.respond(self.store, handle, payload)

    def upload(self, handler: Handler, name: str, _query: Query) -> None:
        """The bytes of a file."""
        content = handler.body()
        file = self.store.files.get(name)
        if file is None or len(content) != file.length:
            handler.reply(b"length mismatch", "text/plain", 400)
            return
        file.content = content
        handler.reply(f"OK - {len(content)}".encode(), "text/plain")

    def download(self, handler: Handler, name: str, _query: Query) -> None:
        """A file, to be saved."""
        file = self.store.files.get(name.split("/", maxsplit=1)[0])
        if file is None or file.content is None:
            handler.reply(b"not found", "text/plain", 404)
            return
        named = f"attachment; filename*=UTF-8''{urllib.parse.quote(file.name)}"
        kind = mimetypes.guess_type(file.name)[0] or ""
        content = kind if kind.startswith("image/") else "text/plain; charset=utf-8"
        handler.reply(file.content, content, headers={"Content-Disposition": named})

    def link(self, handler: Handler, _rest: str, query: Query) -> None:
        """A socket, opened once with a ticket from ``apps.connections.open``."""
        with self.store.lock:
            known = query.get("ticket", "") in self.store.tickets
            self.store.tickets.discard(query.get("ticket", ""))
        if not known or handler.headers.get("Upgrade", "").lower() != "websocket":
            handler.reply(b"no such ticket", "text/plain", 408)
            return
        handler.open_socket(self.line)

    def authorize(self, handler: Handler, _rest: str, query: Query) -> None:
        """Someone agrees to install the app: back with the code that waits."""
        code = next((key for key, one in self.store.codes.items() if one.get("pending")), "")
        back = urllib.parse.urlencode({"code": code, "state": query.get("state", "")})
        handler.reply(b"", "text/plain", 302, {"Location": f"{query.get('redirect_uri', '')}?{back}"})
