"""Takes the README's pictures from the running demo: ``python -m scripts.screenshots [FOLDER]``.

Needs a Chromium (``scripts/browser.sh``). The demo's company, its clock and its bills are the same every day, so
the pictures change only when the bot or the page does. One more is a function and a line in ``PICTURES``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "simulators")]

from chromium import Browser

from bot.alerts import service as alerts
from bot.app.logs import configure
from bot.digests import service as digests
from simulators.demo import begin, demo
from simulators.slack import ADMIN, MEMBER, Workspace

COSTS = "C0COSTS"
COMPOSER = "textarea[data-composer=channel]"
SETTLED = 0.6
POSTED = 60
"""Seconds within which the clock has posted the digest and the alerts."""


def answer(tab: Browser, ws: Workspace) -> None:
    """A slash command, answered with a chart and a table."""
    _open(tab, ws, MEMBER, "light")
    _say(tab, "/spend last week by service", ".ephemeral .data-table")
    tab.js("document.querySelector('.ephemeral').scrollIntoView({block: 'start'})")


def why(tab: Browser, ws: Workspace) -> None:
    """A mention, answered in its thread, in dark."""
    _open(tab, ws, MEMBER, "dark")
    _say(tab, "@spend why did AWS go up in November?", "#thread-list article ~ article")
    tab.js("document.getElementById('thread-list').scrollTop = 0")


def forecast(tab: Browser, ws: Workspace) -> None:
    """What the month will come to, by provider."""
    _open(tab, ws, MEMBER, "light")
    _say(tab, "/spend forecast by provider", ".ephemeral .data-table")
    tab.see("Forecast by provider")
    tab.js("[...document.querySelectorAll('.ephemeral')].at(-1).scrollIntoView({block: 'start'})")


def digest(tab: Browser, ws: Workspace) -> None:
    """The digest of the morning."""
    _posted(tab, ws, alert=False)


def alert(tab: Browser, ws: Workspace) -> None:
    """An alert of something unusual."""
    _posted(tab, ws, alert=True)


def home(tab: Browser, ws: Workspace) -> None:
    """App Home, as an admin sees it."""
    tab.open(f"{ws.url}/?theme=light&user={ADMIN}&channel={ws.dm_channel(ADMIN)}&tab=home")
    tab.wait("document.querySelectorAll('.home-view .block').length > 3", 30)


def modal(tab: Browser, ws: Workspace) -> None:
    """Making a digest in a modal."""
    _open(tab, ws, ADMIN, "light")
    _say(tab, "/spend digest new", "dialog.modal")


PICTURES: tuple[Callable[[Browser, Workspace], None], ...] = (answer, why, forecast, digest, alert, home, modal)
"""Each is a picture of its name in ``docs/pictures``."""


def _open(tab: Browser, ws: Workspace, user: str, theme: str) -> None:
    tab.open(f"{ws.url}/?theme={theme}&user={user}&channel={COSTS}")
    tab.wait(f"!!document.querySelector('{COMPOSER}')", 20)


def _say(tab: Browser, text: str, selector: str) -> None:
    """Type something and wait until this is drawn."""
    tab.click(COMPOSER)
    tab.type(text)
    tab.key("Enter")
    tab.wait(f"!!document.querySelector('{selector}')", 30)


def _posted(tab: Browser, ws: Workspace, *, alert: bool) -> None:
    """The first that the clock has posted of alerts, or of digests."""
    message = _first(ws, alert=alert)
    _open(tab, ws, MEMBER, "light")
    there = f"document.querySelector(\"[data-ts='{message['ts']}']\")"
    tab.wait(f"!!{there}", 20)
    tab.js(f"{there}.scrollIntoView({{block: 'start'}})")


def _first(ws: Workspace, *, alert: bool) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        event = alerts.EVENT if alert else digests.EVENT
        return [item for item in ws.from_bot(COSTS) if item.get("metadata", {}).get("event_type") == event]

    return ws.wait_for(found, POSTED)[0]


def main() -> None:
    """Run the demo in a folder of its own, let it post what it posts, and take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    configure("quiet")
    with tempfile.TemporaryDirectory() as ledger, demo(0, Path(ledger)) as (ws, service):
        begin(service, Path(ledger))
        for late in (False, True):  # else they would come between a question and its picture
            _first(ws, alert=late)
        for take in PICTURES:
            with Browser(1280, 860) as tab:
                take(tab, ws)
                time.sleep(SETTLED)
                path = folder / f"{take.__name__}.png"
                tab.screenshot(path)
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
