"""How Slack reaches the app: over the app's sockets, or by signed requests to its URL; with retries.

Commands and interactions are delivered once and must be acknowledged within three seconds. Events are
delivered again when they are not acknowledged: at once, after a minute, after five.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.slack.model import APP_ID, SIGNING_SECRET, Json
from simulators.slack.websocket import Closed, Peer

NO_RETRY = "x-slack-no-retry"
REASONS = {
    "http_error": "http_error",
    "http_timeout": "http_timeout",
    "operation_timeout": "timeout",
    "connection_failed": "connection_failed",
    "no_app": "connection_failed",
}
"""Why an event is delivered again, in Slack's words."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one delivery: whether the app acknowledged it, and what it said with that.

    ``error`` is empty when acknowledged, else ``operation_timeout``, ``no_app``, ``http_error``,
    ``connection_failed``, or what Slack itself refused before the app was asked.
    """

    acked: bool
    body: Json = field(default_factory=dict)
    error: str = ""
    final: bool = False
    ts: str = ""
    channel: str = ""


class Pending:
    """An envelope that waits for its acknowledgement."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._body: Json = {}

    def settle(self, body: Json) -> None:
        """The acknowledgement is here."""
        self._body = body
        self._done.set()

    def wait(self, seconds: float) -> Reply:
        """The acknowledgement, or that none came in time."""
        if self._done.wait(seconds):
            return Reply(acked=True, body=self._body)
        return Reply(acked=False, error="operation_timeout")


class Line:
    """The way from Slack to the app."""

    def __init__(
        self,
        changed: Callable[[], None],
        *,
        ack_seconds: float = 3.0,
        retry_waits: tuple[float, ...] = (0, 60, 300),
    ) -> None:
        """``changed`` is called when the app connects or leaves."""
        self._told = changed
        self.ack_seconds = ack_seconds
        self.retry_waits = retry_waits
        self.request_url: str | None = None
        self._peers: list[Peer] = []
        self._pending: dict[str, Pending] = {}
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- Socket Mode ---

    def serve(self, peer: Peer) -> None:
        """Speak Socket Mode on a connection until it ends."""
        with self._changed:
            self._peers.append(peer)
            count = len(self._peers)
        hello = {"type": "hello", "num_connections": count, "connection_info": {"app_id": APP_ID}}
        try:
            peer.send(json.dumps({**hello, "debug_info": {"host": "simulated", "approximate_connection_time": 18060}}))
            with self._changed:
                self._changed.notify_all()
            self._told()
            while True:
                self._on_envelope(json.loads(peer.receive()))
        except (Closed, OSError, ValueError):
            pass
        finally:
            self._forget(peer)

    def _on_envelope(self, envelope: Json) -> None:
        with self._changed:
            pending = self._pending.pop(str(envelope.get("envelope_id")), None)
        if pending is not None:
            pending.settle(envelope.get("payload") or {})

    def _forget(self, peer: Peer) -> None:
        with self._changed:
            if peer in self._peers:
                self._peers.remove(peer)
        self._told()

    @property
    def connections(self) -> int:
        """How many sockets the app holds open."""
        with self._changed:
            return len(self._peers)

    def wait_connected(self, seconds: float = 10) -> None:
        """Return once the app can be reached; TimeoutError if it does not come."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._peers) or bool(self.request_url), seconds):
                raise TimeoutError("no app has connected to the simulated workspace")

    def refresh(self, reason: str = "refresh_requested") -> None:
        """Tell every socket to reconnect; from now on nothing is sent over the old ones."""
        with self._changed:
            old, self._peers = self._peers, []
        message = json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "simulated"}})
        for peer in old:
            with contextlib.suppress(OSError):
                peer.send(message)
                peer.close()

    def _peer(self) -> Peer | None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._peers) or self._stopped.is_set(), self.ack_seconds)
            if not self._peers:
                return None
            self._peers.append(self._peers.pop(0))
            return self._peers[-1]

    def _over_socket(self, kind: str, payload: Json, retry: tuple[int, str]) -> Reply:
        peer = self._peer()
        if peer is None:
            return Reply(acked=False, error="no_app")
        envelope = f"envelope-{next(self._numbers)}"
        message: Json = {"envelope_id": envelope, "type": kind, "payload": payload}
        message["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            message |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        pending = Pending()
        with self._changed:
            self._pending[envelope] = pending
        try:
            peer.send(json.dumps(message))
        except OSError:
            self._forget(peer)
            return Reply(acked=False, error="connection_failed")
        reply = pending.wait(self.ack_seconds)
        with self._changed:
            self._pending.pop(envelope, None)
        return reply

    # --- HTTP ---

    def _over_http(self, url: str, kind: str, payload: Json, retry: tuple[int, str]) -> Reply:
        if kind == "events_api":
            body, content = json.dumps(payload).encode(), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, content = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": content, "User-Agent": "Slackbot 1.0 (simulated)", **signed(body)}
        if retry[0]:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - the app's own URL, given by the test
        try:
            with urllib.request.urlopen(request, timeout=self.ack_seconds) as answer:  # noqa: S310 - as above
                return Reply(acked=True, body=_body(answer.read()))
        except urllib.error.HTTPError as refusal:
            with refusal:
                final = refusal.headers.get(NO_RETRY) == "1"
            return Reply(acked=False, error="http_error", final=final)
        except TimeoutError:
            return Reply(acked=False, error="http_timeout")
        except OSError:
            return Reply(acked=False, error="connection_failed")

    # --- both ---

    def deliver(self, kind: str, payload: Json, retry: tuple[int, str] = (0, "")) -> Reply:
        """Deliver once and wait for the acknowledgement. ``kind`` is Socket Mode's name for it."""
        if self.request_url:
            return self._over_http(self.request_url, kind, payload, retry)
        return self._over_socket(kind, payload, retry)

    def announce(self, payload: Json, copies: int = 1) -> None:
        """Deliver an event in the background, again and again until it is acknowledged."""
        thread = threading.Thread(target=self._announce, args=(payload, copies), daemon=True)
        with self._changed:
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _announce(self, payload: Json, copies: int) -> None:
        reason = ""
        for attempt, wait in enumerate((0.0, *self.retry_waits)):
            if self._stopped.wait(wait):
                return
            reply = self.deliver("events_api", payload, (attempt, reason))
            if reply.acked or reply.final:
                break
            reason = REASONS.get(reply.error, "unknown_error")
        for again in range(1, copies):
            self.deliver("events_api", payload, (again, "http_timeout"))

    def stop(self) -> None:
        """Close every socket and let no delivery wait any longer."""
        self._stopped.set()
        with self._changed:
            peers, self._peers = self._peers, []
            waiting = list(self._pending.values())
            threads = list(self._threads)
            self._changed.notify_all()
        for pending in waiting:
            pending.settle({})
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.close()
        for thread in threads:
            thread.join(self.ack_seconds)


def _body(raw: bytes) -> Json:
    text = raw.decode()
    if not text.strip():
        return {}
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"text": text}
    return parsed if isinstance(parsed, dict) else {"text": str(parsed)}


def signed(body: bytes, secret: str = SIGNING_SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack signs a request body."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b":".join((b"v0", stamp.encode(), body)), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
