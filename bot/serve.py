"""The bot as a service: Slack over Socket Mode or HTTP, health and metrics, syncs on their clock, a clean end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress.server import create_server

from bot.costs.errors import Misconfigured
from bot.logs import configure
from bot.metrics import Counted, exposition
from bot.slack import app as slack
from bot.slack.desk import Settings as SlackSettings
from bot.sync import sync
from bot.sync.health import Health

if TYPE_CHECKING:
    from bot.wiring import House

_log = structlog.get_logger("spend.serve")


def run(house: House) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and leave.

    Raises:
        Misconfigured: a token is missing.
    """
    configure(house.settings.log_format)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    service = Service(house)
    service.start()
    _log.info("serving", mode="socket" if house.settings.slack_app_token else "http", port=service.port)
    stopped.wait()
    _log.info("leaving")
    service.stop()


class Service:
    """Everything that runs beside each other in one process."""

    def __init__(self, house: House) -> None:
        settings = house.settings
        if settings.slack_bot_token is None and not settings.slack_client_id:
            raise Misconfigured(
                "SLACK_BOT_TOKEN is not set.",
                "Make the app from manifest.yml at https://api.slack.com/apps, install it, and copy the Bot User"
                " OAuth Token (xoxb-…) from OAuth & Permissions into .env.",
            )
        if settings.slack_app_token is None and settings.slack_signing_secret is None:
            raise Misconfigured(
                "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set.",
                "For Socket Mode copy an app-level token (xapp-…, scope connections:write) into SLACK_APP_TOKEN;"
                " for HTTP mode copy the Signing Secret from Basic Information into SLACK_SIGNING_SECRET.",
            )
        self._house = house
        self._halt = threading.Event()
        self.slack = self._slack()
        self._http = create_server(self._wsgi, host=settings.host, port=settings.port, threads=8)
        self.port = int(self._http.effective_port)  # type: ignore[union-attr]  # one address, so one server
        self._events = SlackRequestHandler(self.slack.app, path="/slack/events")
        self._socket: SocketModeHandler | None = None

    def start(self) -> None:
        """Begin to listen; the first sync starts in the background."""
        threading.Thread(target=self._http.run, name="http", daemon=True).start()
        token = self._house.settings.slack_app_token
        if token is not None:
            web = slack.client(token.get_secret_value(), self._house.settings.slack_api_url)
            self._socket = SocketModeHandler(self.slack.app, token.get_secret_value(), web_client=web)
            self._socket.connect()  # type: ignore[no-untyped-call]  # Bolt's own

    def sync(self, *, by_hand: bool = False, progress: Callable[[Any], None] | None = None) -> None:
        """Pull what is due from every source."""
        sync(
            self._house.sources(),
            self._house.ledger,
            now=self._house.clock,
            ceiling=self._house.settings.api_spend_ceiling,
            by_hand=by_hand,
            stop=self._halt,
            progress=progress,
        )

    def stop(self) -> None:
        """Take no more, finish what is being answered, close the ledger."""
        self._halt.set()
        if self._socket is not None:
            self._socket.close()  # type: ignore[no-untyped-call]  # Bolt's own
        self.slack.close()
        self._http.close()
        self._house.ledger.close()

    def _slack(self) -> slack.Slack:
        settings = self._house.settings
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
        return slack.build(
            slack.client(token, settings.slack_api_url),
            Counted(self._house.asker),
            self._house.ledger.memory,
            settings=SlackSettings(command=settings.slash_command, now=self._house.clock),
            operations=Health(self._house.ledger, settings.api_spend_ceiling, self._house.clock),
            signing_secret=secret,
        )

    def _wsgi(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/healthz":
                return self._healthz(start)
            case "/metrics":
                start("200 OK", [("Content-Type", "text/plain; version=0.0.4")])
                return [exposition(self._house.ledger, self._house.clock())]
            case _:
                found: Iterable[bytes] = self._events(environ, start)
                return found

    def _healthz(self, start: StartResponse) -> Iterable[bytes]:
        """Well while the ledger answers and, in Socket Mode, the line to Slack stands."""
        self._house.ledger.generation()
        well = self._socket is None or self._socket.client.is_connected()
        start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if well else b"no connection to Slack\n"]
