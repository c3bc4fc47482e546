"""Writes the pages of the documentation that follow from the code: the reference, and the diagrams of providers.

``python -m scripts.docs`` writes them with the other generated texts; a test holds them to the code.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import click
from mcp import Client

from bot.app import metrics
from bot.app.cli import spend
from bot.app.container import Container
from bot.domain.question import Question
from bot.mcp.server import build
from bot.providers import ListsRequests, RequestKind

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
EXIT_CODES = {
    0: "done",
    1: "it failed, or something is to be mended (`doctor`, `reconcile` with a difference, a bad file among good ones)",
    2: "wrong options, or a file that is no bill",
    3: "the question is not understood",
    130: "interrupted",
}
_TITLES = {"aws": "AWS", "gcp": "Google Cloud", "openai": "OpenAI", "anthropic": "Anthropic"}
_DUMMY = {
    "PROVIDERS": ",".join(_TITLES),
    "OPENAI_ADMIN_KEY": "none",
    "ANTHROPIC_ADMIN_KEY": "none",
    "GCP_BILLING_TABLE": "project.dataset.table",
}
_LINE, _TOP, _LEFT = 20, 64, 20


def pages(environment: str) -> dict[Path, str]:
    """Every generated page and diagram by its path; ``environment`` is the table of variables."""
    reference = DOCS / "reference"
    made = {
        reference / "commands.md": commands(),
        reference / "environment.md": f"# Environment\n\n{_SECRETS}\n\n{environment}",
        reference / "question.md": question(),
        reference / "metrics.md": exported(),
        reference / "mcp.md": mcp_tools(),
        DOCS / "diagrams" / "focus.svg": diagram("Your file", ["FOCUS 1.0 to 1.4", "CSV, TSV, Parquet", "no request"]),
    }
    for name, kinds in asked().items():
        made[DOCS / "diagrams" / f"{name}.svg"] = diagram(_TITLES[name], list(_permissions(kinds)))
    return made


_SECRETS = (
    "`.env` is read where it lies; the real environment wins. Every token, key and secret, and `LEDGER_URL`, may stand"
    " in a file that a variable with `_FILE` behind its name names: `SLACK_BOT_TOKEN_FILE=/run/secrets/slack`."
)


def commands() -> str:
    """Every command with its options, as ``--help`` has them, and the exit codes."""
    parts = ["# Commands\n"]
    for name, command in spend.every().items():
        parts += _help(command, f"spend {name}")
        if isinstance(command, click.Group):
            for below, sub in sorted(command.commands.items()):
                parts += _help(sub, f"spend {name} {below}")
    rows = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    return "\n".join([*parts, "## Exit codes\n", "| code | means |", "|---|---|", rows, ""])


def _help(command: click.Command, name: str) -> list[str]:
    helps = ["-h", "--help"]  # as the group has it, whichever context asks first
    with click.Context(
        command, info_name=name, max_content_width=100, terminal_width=100, help_option_names=helps
    ) as context:
        return [f"## {name}\n", "```text", command.get_help(context), "```\n"]


def question() -> str:
    """The keys of a question, with the JSON schema below."""
    schema = Question.model_json_schema()
    rows = "\n".join(f"| `{name}` | {_typed(part)} |" for name, part in schema["properties"].items())
    shown = json.dumps(schema, indent=1, ensure_ascii=False)
    return f"{_QUESTION}\n| key | takes |\n|---|---|\n{rows}\n\n```json\n{shown}\n```\n"


_QUESTION = """# The Question object

What words are read as; `spend ask TEXT --json` prints it, and the MCP tool `ask` takes one in place of words.
"""


def _typed(part: dict[str, Any]) -> str:
    """What a key of the schema takes, in words."""
    found = []
    for option in part.get("anyOf", [part]):
        if "enum" in option:
            found += [f"`{value}`" for value in option["enum"]]
        elif "$ref" in option:
            found.append(str(option["$ref"]).rpartition("/")[2])
        elif option.get("type") == "array":
            found.append(f"a list of {_typed(option.get('items', {}))}")
        elif option.get("type") != "null":
            found.append(str(option.get("type", "anything")))
    return ", ".join(found)


def exported() -> str:
    """The metric families of ``/metrics``."""
    rows = [f"| `{family.name}` | {family.type} | {family.documentation} |" for family in metrics.REGISTRY.collect()]
    head = [
        "# Metrics\n",
        "`/metrics` in Prometheus's format; counters end in `_total`.\n",
        "| name | type | what |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def mcp_tools() -> str:
    """The tools of the MCP server with their arguments."""
    server = build(None, identify=_nobody, record=_nobody)  # type: ignore[arg-type]  # nothing is called

    async def listed() -> list[str]:
        async with Client(server) as client:
            found = []
            for tool in (await client.list_tools()).tools:
                found += [f"## {tool.name}\n", f"{tool.description}\n", "| argument | takes |", "|---|---|"]
                properties = tool.input_schema.get("properties", {})
                found += [f"| `{name}` | {part.get('description', '')} |" for name, part in properties.items()]
                found.append("")
            return found

    return "\n".join(["# MCP tools\n", *asyncio.run(listed())])


def _nobody(*_: object) -> None:
    """Never called: only the list of tools is asked for."""


def asked() -> dict[str, list[RequestKind]]:
    """What a sync of each provider asks, with dummy keys; nobody is asked."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**_DUMMY, "LEDGER_URL": f"sqlite:///{folder}/none.db"}
        found = {}
        for name, opens in Container(lambda: environment).sources().items():
            provider = opens(_Nothing())
            found[name] = list(provider.requests()) if isinstance(provider, ListsRequests) else []
        return found


class _Nothing:
    """A meter that lets nothing pass."""

    def allow(self, operation: str, cost: Decimal) -> None:
        """Refuses."""
        raise RuntimeError(operation, cost)

    def made(self, operation: str, *, seconds: float, status: str, cost: Decimal) -> None:
        """Never called."""


def _permissions(kinds: list[RequestKind]) -> Iterator[str]:
    """A line a permission: what it is for, and the price of a request."""
    by_permission: dict[tuple[str, Decimal], list[str]] = defaultdict(list)
    for kind in kinds:
        by_permission[kind.permission, kind.price].append(kind.operation)
    for (permission, price), operations in by_permission.items():
        cost = f" · ${price} a request" if price else ""
        if permission == "none":
            yield f"{', '.join(dict.fromkeys(operations))}: no permission needed"
            continue
        first = operations[0] if len(set(operations)) == 1 else f"{len(set(operations))} kinds of request"
        yield f"{first}{cost}" if first == permission else f"{permission}: {first}{cost}"


def diagram(vendor: str, lines: list[str]) -> str:
    """A picture of the way from a vendor into the ledger and to whoever asks."""
    width = max(260, 7 * max(map(len, lines)) + 24)
    height = max(150, _TOP + _LINE * len(lines) + 20)
    middle, right = _LEFT + width + 90, _LEFT + width + 90 + 150 + 90
    steps = ((middle, "ledger", "spend sync"), (right, "Slack, terminal, MCP", "spend serve"))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + 170} {height + 40}">',
        "<style>text{font-family:sans-serif;font-size:13px}",
        "rect{fill:#f6f7f9;stroke:#5c6b7a}text{fill:#1a1d21}path{stroke:#5c6b7a;fill:none}</style>",
        f'<rect x="{_LEFT}" y="20" width="{width}" height="{height}" rx="8"/>',
        f'<text x="{_LEFT + 12}" y="44" font-weight="bold">{escape(vendor)}</text>',
    ]
    for number, line in enumerate(lines):
        parts.append(f'<text x="{_LEFT + 12}" y="{_TOP + 6 + _LINE * number}">{escape(line)}</text>')
    center = 20 + height // 2
    for x, title, over in steps:
        parts += [
            f'<path d="M{x - 82} {center} H{x - 8} m-8 -5 l8 5 l-8 5"/>',
            f'<text x="{x - 45}" y="{center - 12}" text-anchor="middle" font-size="11">{over}</text>',
            f'<rect x="{x}" y="{center - 35}" width="150" height="70" rx="8"/>',
            f'<text x="{x + 75}" y="{center + 5}" text-anchor="middle" font-weight="bold">{title}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
