"""The simulated workspace over HTTP: Web API, uploads, response_urls, Socket Mode, and the page."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import socket
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simulators.http_server import Incoming
from simulators.slack.api import METHODS, Call, Refused
from simulators.slack.delivery import Line
from simulators.slack.model import APP_TOKEN, Install, Json
from simulators.slack.store import ApiCall, Fault, Store
from simulators.slack.websocket import Peer, accept_key

PAGE = Path(__file__).parent / "page"
WITHOUT_TOKEN = {"oauth.v2.access", "api.test"}
_NOBODY = Install("", "", "", frozenset())


class CutOff(Exception):
    """The line is cut after the work was done: no reply is written."""


class Api:
    """Answers Web API calls, faults and rate limits included."""

    def __init__(self, store: Store, base_url: str, page_limit: int) -> None:
        self.store = store
        self.base_url = base_url
        self.page_limit = page_limit

    def answer(self, name: str, token: str, args: Json) -> tuple[int, Json, dict[str, str]]:
        """Status, body and headers for one call; CutOff when the reply is to be lost."""
        fault = self.store.fault(name, args)
        status, headers, cut = 200, {}, False
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "throttle":
            status, headers = 429, {"Retry-After": str(int(fault.seconds))}
        if fault is not None and fault.kind == "fail":
            status = fault.status
        cut = fault is not None and fault.kind == "cut"
        body = self._faulty(fault) or self._run(name, token, args)
        self.store.calls.append(ApiCall(name, args, bool(body["ok"]), str(body.get("error", "")), time.monotonic()))
        self.store.changed()
        if cut:
            raise CutOff
        return status, body, headers

    @staticmethod
    def _faulty(fault: Fault | None) -> Json | None:
        if fault is None or fault.kind not in ("throttle", "fail"):
            return None
        return {"ok": False, "error": "ratelimited" if fault.kind == "throttle" else fault.error}

    def _run(self, name: str, token: str, args: Json) -> Json:
        try:
            with self.store.lock:
                return {"ok": True, **self._checked(name, token, args)}
        except Refused as refusal:
            return {"ok": False, "error": refusal.error, **refusal.more}

    def _checked(self, name: str, token: str, args: Json) -> Json:
        entry = METHODS.get(name)
        if entry is None:
            raise Refused("unknown_method", req_method=name)
        call = Call(self.store, self._install(name, token), args, self.base_url, self.page_limit)
        if entry.scopes:
            call.require(*entry.scopes)
        absent = [one for one in entry.required if args.get(one) is None]
        if absent:
            raise Refused("invalid_arguments", *(f"missing required field: {one}" for one in absent))
        return entry.run(call)

    def _install(self, name: str, token: str) -> Install:
        if name in WITHOUT_TOKEN:
            return _NOBODY
        if not token:
            raise Refused("not_authed")
        if name == "apps.connections.open":
            if token != APP_TOKEN:
                raise Refused("not_allowed_token_type" if token in self.store.installs else "invalid_auth")
            return _NOBODY
        if token == APP_TOKEN:
            raise Refused("not_allowed_token_type")
        install = self.store.installs.get(token)
        if install is None:
            raise Refused("invalid_auth")
        if not install.active:
            raise Refused("account_inactive")
        return install


Routes = Mapping[str, Callable[["Handler", str, Mapping[str, str]], None]]


class Handler(BaseHTTPRequestHandler):
    """One HTTP connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing: the log of a simulation is its list of calls."""

    def do_GET(self) -> None:
        """Answer GET."""
        self._route()

    def do_POST(self) -> None:
        """Answer POST."""
        self._route()

    def _route(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        try:
            for prefix, act in self.server.routes.items():
                if url.path.startswith(prefix):
                    act(self, urllib.parse.unquote(url.path[len(prefix) :]), query)
                    return
            self.send_page(url.path)
        except CutOff:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # --- what was sent ---

    def body(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def arguments(self, query: Mapping[str, str]) -> Json:
        """A Web API call's arguments: query, form or JSON."""
        raw = self.body().decode()
        if "json" in (self.headers.get("Content-Type") or ""):
            parsed = json.loads(raw or "{}")
            return {**query, **parsed} if isinstance(parsed, dict) else dict(query)
        return {**query, **dict(urllib.parse.parse_qsl(raw, keep_blank_values=True))}

    # --- what is answered ---

    def reply(self, body: bytes, content: str, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Write a whole reply."""
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reply_json(self, body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Write a whole reply of JSON."""
        self.reply(json.dumps(body).encode(), "application/json; charset=utf-8", status, headers)

    def send_page(self, path: str) -> None:
        """Serve a file of the page; any path without a dot is the page itself."""
        name = path.strip("/") if "." in path else "index.html"
        asset = (PAGE / name).resolve()
        if not asset.is_relative_to(PAGE) or not asset.is_file():
            self.reply(b"not found", "text/plain", 404)
            return
        content = mimetypes.guess_type(asset.name)[0] or "application/octet-stream"
        self.reply(asset.read_bytes(), f"{content}; charset=utf-8", headers=SAFE)

    def open_socket(self, line: Line) -> None:
        """Become a WebSocket and speak Socket Mode until the end."""
        key = self.headers.get("Sec-WebSocket-Key") or ""
        self.send_response(101, "Switching Protocols")
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(key))
        self.end_headers()
        self.close_connection = True
        line.serve(Peer(self.rfile, self.wfile))  # type: ignore[arg-type]  # socketserver's files are binary


SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Server(ThreadingHTTPServer):
    """The listening socket and every connection from it, closed together."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.routes: Routes = {}
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="workspace", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Remember a new connection."""
        connection, address = super().get_request()
        with self._guard:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Incoming) -> None:
        """Forget a connection that has ended."""
        with self._guard:
            self._open -= {request}
        super().shutdown_request(request)

    def handle_error(self, request: Incoming, client_address: object) -> None:
        """A connection that ends early is nobody's error; anything else is ours and is shown."""
        del request, client_address
        if not isinstance(sys.exception(), OSError):
            sys.excepthook(*sys.exc_info())

    def stop(self) -> None:
        """Close the listening socket and every connection; their threads end."""
        self.shutdown()
        with self._guard:
            connections = list(self._open)
        for one in connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()
