"""What the shell offers after ``spend sync`` and ``spend digest``: the names that are set up here.

Completion must never fail or write: where something is not set up, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from bot.app.cli.base import environment
from bot.domain.errors import CostError

if TYPE_CHECKING:
    from bot.app.container import Container

ShellComplete = Callable[[click.Context, click.Parameter, str], list[str]]


def sources(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """The names of the sources that are pulled."""
    return _starting(typed, lambda container: container.sources())


def digests(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """The names of the digests of ``DIGESTS_FILE``; those made in Slack are in the ledger, which is not opened."""
    return _starting(typed, lambda container: [digest.name for digest in container.digests()])


def _starting(typed: str, names: Callable[[Container], Iterable[str]]) -> list[str]:
    from bot.app.container import Container  # only while completing

    with suppress(CostError):
        return [name for name in names(Container(environment)) if name.startswith(typed)]
    return []
