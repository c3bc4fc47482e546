"""``spend demo``: simulated providers and workspace on loopback; everything between them is the real thing."""

from __future__ import annotations

import os
import signal
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot.costs.errors import Misconfigured
from bot.demo import anthropic as claude
from bot.demo import aws, company, openai
from bot.demo.simulator import Simulator
from bot.demo.workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace
from bot.logs import configure
from bot.serve import Service
from bot.settings import load
from bot.wiring import House, clock

FOLDER = Path(".demo")
"""Where the demo keeps its ledger, so that the second start is quick."""


def run(port: int, *, browser: bool) -> None:
    """Run the demo until interrupted."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    configure("quiet")
    with demo(port) as (workspace, service):
        click.echo(f"ready {workspace.url}")
        if browser:
            webbrowser.open(workspace.url)
        threading.Thread(target=_first_sync, args=(service,), name="first sync", daemon=True).start()
        stopped.wait()


@contextmanager
def demo(port: int = 0, folder: Path = FOLDER) -> Iterator[tuple[Workspace, Service]]:
    """The workspace and the bot in it, connected; bills are not pulled yet."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"SPEND_NOW": company.NOW.isoformat(), **os.environ}
    now = clock(load({"SPEND_NOW": environment["SPEND_NOW"]}), running=True)
    with ExitStack() as stack:
        environment |= providers(stack, now)
        workspace = stack.enter_context(_workspace(port, now))
        environment |= {
            "LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": workspace.api_url,
            "HOST": "127.0.0.1",
            "PORT": "0",
            "TIMEZONE": "Europe/Berlin",
        }
        os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
        service = Service(House(lambda: environment, running=True))
        service.start()
        stack.callback(service.stop)
        workspace.wait_connected()
        yield workspace, service


def providers(stack: ExitStack, now: Any) -> dict[str, str]:  # noqa: ANN401 - a clock
    """Start every simulated provider; what the environment says to reach them."""

    def start(simulator: Simulator) -> Simulator:
        stack.callback(simulator.close)
        return simulator.start()

    environment = {
        "PROVIDERS": "aws,gcp,openai,anthropic",
        "AWS_ACCESS_KEY_ID": aws.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": aws.SECRET_KEY,
        "AWS_ENDPOINT_URL": start(aws.AwsSimulator(now)).url,
        "AWS_PAYER_NAME": company.NAME,
        "OPENAI_ADMIN_KEY": openai.ADMIN_KEY,
        "OPENAI_BASE_URL": f"{start(openai.OpenAISimulator(now)).url}/v1",
        "ANTHROPIC_ADMIN_KEY": claude.ADMIN_KEY,
        "ANTHROPIC_BASE_URL": start(claude.AnthropicSimulator(now)).url,
    }
    try:
        from bot.demo.gcp import GcpSimulator  # noqa: PLC0415 - runs BigQuery's SQL on DuckDB, an extra
    except ImportError:
        return environment | {"PROVIDERS": "aws,openai,anthropic"}
    google = GcpSimulator(now)
    start(google)
    return environment | {
        "GCP_BILLING_TABLE": google.table,
        "BIGQUERY_EMULATOR_HOST": google.url,
        "GCP_API_ENDPOINT": google.url,
    }


def _workspace(port: int, now: Any) -> Workspace:  # noqa: ANN401 - a clock
    def seconds() -> float:
        moment: datetime = now()
        return moment.timestamp()

    try:
        return Workspace(port, now=seconds, shortcuts={"explain_cost": "Explain this cost"})
    except OSError as error:
        raise Misconfigured(
            f"Port {port} is taken ({error.strerror}).", "Choose another: spend demo --port 8081."
        ) from None


def _first_sync(service: Service) -> None:
    service.sync(by_hand=False)
    click.echo("The bills of Lumen Robotics are in: 14 months of AWS, Google Cloud, OpenAI and Anthropic.")
