"""``spend``: the commands, and the only reader of the environment."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from bot.app.cli import ask
from bot.app.cli.base import FAILED, exit_code, say, spend
from bot.domain.errors import CostError

__all__ = ["ask", "main", "spend"]


def main() -> None:
    """Run a command; an expected failure is one sentence and a hint, without a traceback.

    What it writes (the ledger, its logs beside it, exports, backups) is for the user who runs it alone.
    """
    os.umask(os.umask(0o077) | 0o077)
    try:
        spend(standalone_mode=False)
    except CostError as error:
        _fail(error)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def _fail(error: CostError) -> NoReturn:
    say(error)
    sys.exit(exit_code(error))
