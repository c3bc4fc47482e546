"""Writes what is generated: ``.env.example``, the README's tables, the site's reference, the architecture's lists.

``python -m scripts.docs`` writes them; a test holds them to the code.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml

from bot.app.cli import spend
from bot.app.settings import PROVIDERS, WEEKDAYS, Settings, provider_settings, variables
from bot.providers.aws import AwsSettings
from bot.providers.aws.policy import policy as aws_policy
from scripts import architecture, site

ROOT = Path(__file__).parent.parent
_SECTIONS = {"aws": "AWS", "gcp": "Google Cloud", "openai": "OpenAI", "anthropic": "Anthropic"}


def main() -> None:
    """Write every generated text."""
    (ROOT / ".env.example").write_text(env_example())
    (ROOT / "bot" / "slack" / "manifest.json").write_text(manifest_json())
    readme = ROOT / "README.md"
    readme.write_text(filled(readme.read_text()))
    architecture.main()
    for path, text in site.pages(environment()).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def manifest_json() -> str:
    """``manifest.yml`` as the package carries it, for the link that makes the Slack app."""
    return json.dumps(yaml.safe_load((ROOT / "manifest.yml").read_text()), indent=1) + "\n"


def _within(table: str, marks: re.Match[str]) -> str:
    return f"{marks[1]}{table}{marks[2]}"


def filled(text: str) -> str:
    """The README with its tables as the code has them."""
    tables = {"commands": commands(), "environment": environment(), "policy": policy()}
    for name, table in tables.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text = re.sub(pattern, partial(_within, table), text, flags=re.DOTALL)
    return text


def groups() -> Iterator[tuple[str, dict[str, tuple[str, Any]]]]:
    """The variables of the bot, then of each provider."""
    yield "The bot", variables(Settings)
    for name in PROVIDERS:
        yield _SECTIONS[name], variables(provider_settings(name))


def env_example() -> str:
    """Every variable, with its sentence and its default."""
    lines = ["# Copy to .env and fill in what you use. The real environment wins over this file."]
    for title, found in groups():
        lines += ["", f"# --- {title} ---"]
        for name, (what, default) in found.items():
            lines += [f"# {what}", f"#{name}={_shown(name, default)}"]
    return "\n".join(lines) + "\n"


def environment() -> str:
    """The variables as a table."""
    rows = ["| variable | for | default |", "|---|---|---|"]
    for title, found in groups():
        rows.append(f"| **{title}** | | |")
        rows += [f"| `{name}` | {what} | {_code(_shown(name, default))} |" for name, (what, default) in found.items()]
    return "\n".join(rows) + "\n"


def commands() -> str:
    """The commands as a table."""
    rows = ["| command | does |", "|---|---|"]
    for name, command in spend.every().items():
        with click.Context(command, info_name=name, help_option_names=["-h", "--help"]) as context:
            usage = " ".join(["spend", name, *command.collect_usage_pieces(context)[1:]])
        rows.append(f"| `{usage}` | {command.get_short_help_str(200)} |")
    return "\n".join(rows) + "\n"


def policy() -> str:
    """The IAM policy for a payer set up as it is by default, indented like the list it stands in."""
    result = json.loads(aws_policy(AwsSettings()))
    (statement,) = result["Statement"]
    actions = textwrap.fill(", ".join(json.dumps(item) for item in statement.pop("Action")), 100)
    head = json.dumps(result | {"Statement": [statement]}).removesuffix("}]}")
    lines = ["```json", f'{head}, "Action": [', *(f"  {line}" for line in actions.splitlines()), "]}]}", "```", ""]
    return textwrap.indent("\n".join(lines), "   ") + "   "


def _shown(name: str, default: object) -> str:
    if name == "WEEK_START":
        return WEEKDAYS[default] if isinstance(default, int) else str(default)
    if isinstance(default, tzinfo):
        return str(default)
    if name == "API_SPEND_CEILING":
        return f"{default} USD"
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, tuple) else str(default)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    main()
