"""Pictures of all that the bot posts and opens, light, dark and on a phone: ``python -m scripts.gallery FOLDER NAME…``.

The demo's bot is asked every kind of question, every button is pressed, every modal and App Home opened; each is then
drawn by the demo's page in a real Chromium (``scripts/browser.sh``). The simulated workspace refuses what Slack would.
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "simulators")]

from chromium import Browser

from bot.app.logs import configure
from simulators.demo import begin, demo
from simulators.slack import ADMIN, GUEST, MEMBER, Workspace

COSTS = "C0COSTS"
_DESKTOP, _PHONE = 1280, 390
QUESTIONS = {
    "total": "this month",
    "by-service": "last week by service",
    "compared": "this month vs last month by provider",
    "crossed": "last month by account and service",
    "trend": "daily trend",
    "trend-by-provider": "last 30 days by provider by day",
    "one-filter": "s3 in production last week",
    "why": "why did AWS go up in November?",
    "movers": "what moved most last week",
    "forecast": "forecast",
    "unusual": "anything unusual?",
    "budgets": "budgets",
    "savings": "how much did we save?",
    "credits": "how many credits are left?",
    "invoice": "reconcile october",
    "price": "price of gpt-5-mini",
    "values": "which services do we use?",
    "fresh": "how fresh is the data?",
    "tokens": "claude tokens last week by model",
    "tax": "tax last month",
    "euro": "last month in eur",
    "gap": "last week by service and region",
    "not-understood": "florps by blarg",
    "unsupported": "resize my instances",
    "help": "help",
    "digests": "digest",
    "alerts": "alerts",
    "budget-list": "budget list",
    "access-rules": "access",
    "settings-words": "audit",
}
MODALS = ("settings", "budget new", "digest new", "alerts new", "access new")


@dataclass(frozen=True)
class Picture:
    """What to draw: whose page, where in it."""

    name: str
    query: str
    selector: str


def pictures(ws: Workspace) -> Iterator[Picture]:
    """Does everything there is to do, one thing at a time."""
    yield from _channel(ws)
    for name, text in QUESTIONS.items():
        found = _slash(ws, ADMIN, text)
        yield _private(name, ADMIN, found)
    answer = _slash(ws, ADMIN, "last week by service")
    yield from _modals(ws, answer)
    direct = ws.dm_channel(ADMIN)
    before = len(ws.from_bot(direct))
    ws.click(ADMIN, answer["ts"], "csv", _value(answer, "csv"))
    found = ws.wait_for(lambda: [item for item in ws.from_bot(direct)[before:] if item.get("files")], 20)[-1]
    yield Picture("file", f"user={ADMIN}&channel={direct}", f"[data-ts='{found['ts']}']")
    yield _private("guest", GUEST, _slash(ws, GUEST, "this month", "C0GUEST"), "C0GUEST")
    for user, name in ((MEMBER, "home"), (ADMIN, "home-admin"), (GUEST, "home-guest")):
        ws.open_home(user)
        ws.wait_for(partial(ws.home, user), 20)
        yield Picture(name, f"user={user}&channel={ws.dm_channel(user)}&tab=home", ".home-view")


def _channel(ws: Workspace) -> Iterator[Picture]:
    """What the clock has posted, and conversations in threads."""
    for at, item in enumerate(ws.from_bot(COSTS)):
        yield Picture(f"posted-{at}", f"user={MEMBER}&channel={COSTS}", f"[data-ts='{item['ts']}']")
        for part, reply in enumerate(ws.from_bot(COSTS, item["ts"])[1:], start=1):
            query = f"user={MEMBER}&channel={COSTS}&thread={item['ts']}"
            yield Picture(f"posted-{at}-{part}", query, f"#thread-list [data-ts='{reply['ts']}']")
    text = ws.mention(MEMBER, COSTS, "last month by account")
    ws.wait_for(lambda: ws.from_bot(COSTS, text.ts), 20)
    ws.mention(MEMBER, COSTS, "and by service?", text.ts)
    ws.wait_for(lambda: len(ws.from_bot(COSTS, text.ts)) > 1, 20)
    yield Picture("thread", f"user={MEMBER}&channel={COSTS}&thread={text.ts}", "#thread-list")


def _modals(ws: Workspace, answer: dict[str, Any]) -> Iterator[Picture]:
    for text in MODALS:
        ws.slash(ADMIN, COSTS, "/spend", text)
        yield from _modal(ws, text.replace(" ", "-"))
    for name in ("change", "share"):
        ws.click(ADMIN, answer["ts"], name, _value(answer, name))
        yield from _modal(ws, name)
    menu = next(element for element in _elements(answer) if element["action_id"] == "more")
    for option in menu["options"]:
        ws.click(ADMIN, answer["ts"], "more", option["value"])
        yield from _modal(ws, option["value"].partition(":")[0])
    cards = [item for item in ws.from_bot(COSTS) if "alert_route" in {one["action_id"] for one in _elements(item)}]
    for name in ("alert_expected", "alert_route") if cards else ():
        ws.click(ADMIN, cards[0]["ts"], name, _value(cards[0], name))
        yield from _modal(ws, name)


def _modal(ws: Workspace, name: str) -> Iterator[Picture]:
    view = ws.wait_for(lambda: ws.views(ADMIN), 20)[-1]
    yield Picture(f"modal-{name}", f"user={ADMIN}&channel={COSTS}", "dialog.modal")
    ws.close(ADMIN, view["id"], everything=True)


def _slash(ws: Workspace, user: str, text: str, channel: str = COSTS) -> dict[str, Any]:
    before = len(ws.from_bot(channel, None, user))
    ws.slash(user, channel, "/spend", text)
    return ws.wait_for(lambda: ws.from_bot(channel, None, user)[before:], 30)[-1]


def _private(name: str, user: str, message: dict[str, Any], channel: str = COSTS) -> Picture:
    return Picture(name, f"user={user}&channel={channel}", f"[data-ts='{message['ts']}']")


def _elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [element for block in message["blocks"] if block["type"] == "actions" for element in block["elements"]]


def _value(message: dict[str, Any], action: str) -> str:
    return next(str(element["value"]) for element in _elements(message) if element["action_id"] == action)


def take(tab: Browser, url: str, picture: Picture, folder: Path) -> None:
    """One picture in each theme, and one as wide as a phone."""
    for look in ("light", "dark", "phone"):
        theme = look.replace("phone", "light")
        width = _PHONE if look == "phone" else _DESKTOP
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=2400, deviceScaleFactor=1, mobile=False)
        tab.open(f"{url}/?theme={theme}&{picture.query}")
        tab.wait(f'!!document.querySelector("{picture.selector}")', 20)
        time.sleep(0.4)
        found = f'document.querySelector("{picture.selector}")'
        tab.js(f"{found}.scrollIntoView({{block: 'start'}})")
        box = tab.js(f"(r => [r.x, r.y, r.width, r.height])({found}.getBoundingClientRect())")
        clip = dict(zip(("x", "y", "width", "height"), box, strict=True))
        shot = tab.send("Page.captureScreenshot", format="png", clip={**clip, "scale": 1}, captureBeyondViewport=True)
        (folder / f"{picture.name}-{look}.png").write_bytes(base64.b64decode(shot["data"]))


def main() -> None:
    """Run the demo, pull its bills, let the clock post, and take every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".demo" / "gallery"
    names = sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    configure("quiet")
    with demo() as (ws, service):
        begin(service)
        ws.wait_for(lambda: ws.from_bot(COSTS), 60)
        time.sleep(5)  # alerts come after the digest
        with Browser(_DESKTOP, 2400) as tab:
            for picture in pictures(ws):
                if names and picture.name not in names:
                    continue
                take(tab, ws.url, picture, folder)
                sys.stdout.write(f"{picture.name}\n")
                sys.stdout.flush()
        refused = [(call.method, call.error) for call in ws.calls if not call.ok]
    sys.stdout.write(f"refused: {refused or 'nothing'}\n")


if __name__ == "__main__":
    main()
