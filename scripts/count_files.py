"""Which files of ``bot/`` one question through the command line enters.

``python -m scripts.count_files "aws last month"`` asks the ledger of ``LEDGER_URL`` and lists every file of which at
least one function, method, lambda or comprehension was called from the moment the command line begins to read its
arguments until the answer is printed. What runs only while a module is imported (class bodies, constants, decorators
applied there) is not counted: it is the same for every question.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType, FrameType

import click

from bot.app.cli import spend

ROOT = Path(__file__).parents[1]
BOT = ROOT / "bot"


def entered(arguments: Sequence[str]) -> list[str]:
    """The files, relative to the repository, in the order in which the question first enters them."""
    files: dict[str, None] = {}
    seen: set[CodeType] = set()
    importing = 0

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal importing
        code = frame.f_code
        if code.co_name == "<module>":
            importing += {"call": 1, "return": -1}.get(event, 0)
        if event != "call" or importing or code in seen:
            return
        seen.add(code)
        path = Path(code.co_filename)
        if path.is_relative_to(BOT):
            files.setdefault(str(path.relative_to(ROOT)))

    sys.setprofile(watch)
    try:
        with redirect_stdout(io.StringIO()):
            spend(args=list(arguments), standalone_mode=False)
    finally:
        sys.setprofile(None)
    return list(files)


@click.command()
@click.argument("question", default="aws last month by service")
@click.option("--today", metavar="DATE", default="2026-11-22", help="The day that the question is asked on.")
def main(question: str, today: str) -> None:
    """Lists the files of bot/ that a question enters, in their order."""
    files = entered(["ask", question, "--today", today])
    for file in files:
        click.echo(file)
    click.echo(f"{len(files)} files")


if __name__ == "__main__":
    main()
