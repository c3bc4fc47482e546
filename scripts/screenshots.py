"""Takes the README's pictures from the running demo: ``python scripts/screenshots.py [FOLDER]``.

Needs a Chromium (``scripts/browser.sh``). The demo's company, its clock and its bills are the same every day, so
the pictures change only when the bot or the page does.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "demo")]

from chromium import Browser  # noqa: E402 - found by the line above

from bot.demo.run import demo  # noqa: E402 - as above
from bot.demo.workspace import ADMIN, MEMBER  # noqa: E402 - as above
from bot.logs import configure  # noqa: E402 - as above

CHANNEL = "textarea[data-composer=channel]"
SETTLED = 0.6


def say(tab: Browser, text: str, until: str) -> None:
    """Type something and wait until the answer is drawn."""
    tab.click(CHANNEL)
    tab.type(text)
    tab.key("Enter")
    tab.wait(until, 30)
    time.sleep(SETTLED)


def answers(selector: str, more_than: int = 0) -> str:
    """That more of these have come."""
    return f"document.querySelectorAll('{selector}').length > {more_than}"


def pictures(tab: Browser, url: str, home: str, folder: Path) -> None:
    """One picture for each thing worth showing."""
    tab.open(f"{url}/?theme=light&user={MEMBER}&channel=C0COSTS")
    say(tab, "/spend last week by service", answers(".ephemeral .data-table"))
    tab.js("document.querySelector('.ephemeral').scrollIntoView({block: 'start'})")
    tab.screenshot(folder / "answer-light.png")
    tab.open(f"{url}/?theme=dark&user={MEMBER}&channel=C0COSTS")
    say(tab, "@spend why did AWS go up in November?", answers("#thread-list article", 1))
    tab.js("document.getElementById('thread-list').scrollTop = 0")
    tab.screenshot(folder / "why-dark.png")
    tab.open(f"{url}/?theme=light&user={ADMIN}&channel={home}&tab=home")
    tab.wait(answers(".home-view .block", 3), 30)
    time.sleep(SETTLED)
    tab.screenshot(folder / "home-light.png")


def main() -> None:
    """Run the demo in a folder of its own, pull its bills, and take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    configure("quiet")
    with tempfile.TemporaryDirectory() as ledger, demo(0, Path(ledger)) as (workspace, service):
        service.sync()
        with Browser(1280, 860) as tab:
            pictures(tab, workspace.url, workspace.dm_channel(ADMIN), folder)
    sys.stdout.write("".join(f"{path}\n" for path in sorted(folder.glob("*.png"))))


if __name__ == "__main__":
    main()
