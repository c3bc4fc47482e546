"""Secrets from files: ``SLACK_BOT_TOKEN_FILE=/run/secrets/slack`` stands for ``SLACK_BOT_TOKEN``.

Docker and Kubernetes mount secrets as files, and systemd's ``LoadCredential=`` puts them under ``%d``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import Misconfigured

_SECRET = re.compile(r"(?!AWS_WEB_IDENTITY_)(\w+_(?:TOKEN|SECRET|KEY)|LEDGER_URL)_FILE", re.ASCII)
"""Variables that name a secret's file; the token file of a web identity is one that AWS's own library reads."""
_MAX_BYTES = 64 * 1024


def secrets_from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Each secret that a ``…_FILE`` variable names, by its own variable; one that is set itself wins.

    Raises:
        Misconfigured: a file cannot be read, or holds nothing.
    """
    found = {}
    for variable, path in environment.items():
        match = _SECRET.fullmatch(variable)
        if match and path.strip() and not environment.get(match[1], "").strip():
            found[match[1]] = _read(variable, Path(path.strip()))
    return found


def _read(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise Misconfigured(
            f"{variable}: {path} cannot be read: {reason}.", "Check the path and that the bot's user may read it."
        ) from None
    if not text:
        raise Misconfigured(f"{variable}: {path} is empty.", "Write the secret into it.")
    return text
