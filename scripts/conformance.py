"""Runs the MCP conformance suite and the Inspector against our server; ``scripts/conformance.sh`` brings both.

The suite's other scenarios call fixture tools (``test_simple_text`` …) that only an SDK has.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.period import Period
from bot.ledger import Ledger
from bot.mcp import http
from bot.mcp.ports import Caller
from bot.mcp.server import build

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCENARIOS = {
    "2026-07-28": """
        tools-list resources-list prompts-list completion-complete tools-call-error sep-2164-resource-not-found
        dns-rebinding-protection caching http-header-validation server-sse-multiple-streams
        input-required-result-unsupported-methods""",
    "2025-11-25": """
        server-initialize ping tools-list resources-list prompts-list completion-complete dns-rebinding-protection""",
}
"""By the version of the specification: the scenarios that any server can pass."""
FIXTURES = (
    "server-stateless:sep-2575-server-rejects-undeclared-capability",
    "server-stateless:sep-2575-missing-capability-http-400",
    "server-stateless:sep-2575-server-sends-prompts-list-changed-on-subscription",
    "server-stateless:sep-2575-server-sends-tools-list-changed-on-subscription",
)
"""Checks of ``server-stateless`` that want fixture tools; the suite fails where one of them passes after all."""


def main() -> None:
    """Run them all.

    Raises:
        SystemExit: one of them failed.
    """
    logging.disable(logging.WARNING)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spend.db"
        ledger = Ledger(path)
        fill(ledger)
        listener = listening(ledger)
        try:
            url = f"http://127.0.0.1:{listener.port}/mcp"
            for version, scenarios in SCENARIOS.items():
                for name in scenarios.split():
                    command = ["conformance", "server", "--url", url, "--scenario", name, "--spec-version", version]
                    failed += run(f"conformance {version} {name}", [*command, "-o", folder])
            baseline = Path(folder) / "baseline.yml"
            baseline.write_text("server:\n" + "".join(f"  - {name}\n" for name in FIXTURES))
            command = ["conformance", "server", "--url", url, "--scenario", "server-stateless", "-o", folder]
            command += ["--spec-version", "2026-07-28", "--expected-failures", str(baseline)]
            failed += run("conformance 2026-07-28 server-stateless", command)
            failed += run("inspector http tools/list", [*inspector(url), "--method", "tools/list"])
        finally:
            listener.stop()
            ledger.close()
        settings = [f"LEDGER_URL=sqlite:///{path}", f"SPEND_NOW={NOW.isoformat()}"]
        command = ["--", "env", *settings, sys.executable, "-m", "bot", "mcp"]
        asked = ["--method", "tools/call", "--tool-name", "ask", "--tool-arg"]
        for title, method, code, needle in (
            ("tools/list", ["--method", "tools/list"], 0, '"ask"'),
            ("resources/list", ["--method", "resources/list"], 0, "spend://question"),
            ("prompts/list", ["--method", "prompts/list"], 0, "month_in_review"),
            ("tools/call ask", [*asked, "question=last month by service"], 0, '"38.75"'),
            ("tools/call refused", [*asked, "question=spend on florbs"], 5, "florbs"),
        ):
            inspect = ["mcp-inspector", "--cli", "--format", "json", *method, *command]
            failed += run(f"inspector stdio {title}", inspect, code=code, needle=needle)
    if failed:
        sys.exit(f"{len(failed)} failed: {', '.join(failed)}")
    print("conformance and Inspector: all as promised")


def inspector(url: str) -> list[str]:
    """The Inspector's command line for a server that is reached at ``url``."""
    return ["mcp-inspector", "--cli", url, "--transport", "http", "--stored-auth-only", "--format", "json"]


def run(title: str, command: list[str], *, code: int = 0, needle: str = "") -> list[str]:
    """Run one check and say how it went: its title where it failed, else nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    shown = done.stdout + done.stderr
    held = done.returncode == code and needle in shown
    print(f"{'ok  ' if held else 'FAIL'} {title}", flush=True)
    if not held:
        print(f"exit {done.returncode}\n{shown[-3000:]}")
    return [] if held else [title]


def fill(ledger: Ledger) -> None:
    """Two services in two accounts, October and November 2026."""
    feed = Feed(source="aws", name="all", grain=frozenset({"ServiceName", "SubAccountName", "ServiceProviderName"}))
    days = Period(start=date(2026, 10, 1), end=date(2026, 11, 23))
    charges = [
        Charge(
            day=day,
            service_provider_name="AWS",
            service_name=service,
            sub_account_name=account,
            billed_cost=Decimal(cost),
            billing_currency="USD",
        )
        for day in days
        for service, account, cost in (("Amazon S3", "production", "1.25"), ("AmazonCloudWatch", "staging", "0.5"))
    ]
    ledger.replace(feed, days, charges, synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=NOW.date(), final_through=date(2026, 10, 31)))


def listening(ledger: Ledger) -> http.McpListener:
    """The server over HTTP on loopback, without tokens: the suite sends none. Its calls are callers of their own."""
    asker, calls = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(UTC)), count()
    server = build(asker, identify=lambda _: Caller(f"call {next(calls)}"), record=lambda *_: None)
    listener = http.McpListener(
        http.application([http.Door("/mcp", server)], ["127.0.0.1:*", "localhost:*"]), "127.0.0.1", 0
    )
    listener.start()
    return listener


if __name__ == "__main__":
    main()
