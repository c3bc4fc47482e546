"""A digest that keeps a canvas: one in its channel, always the newest, and a refusal that leaves the post alone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from slack_app import NOW

from bot.coordination.exactly_once import Pace
from bot.digests.model import declared
from bot.digests.service import CANVAS, Digests
from bot.slack.posting.publishers import DigestPublisher
from simulators.slack import ADMIN, BOT_TOKEN

COSTS = "C0COSTS"


@pytest.fixture
def digests(run):
    """Digests with one that keeps a canvas, and the day that it is."""
    day = [NOW]
    file = declared({"digest": [{"name": "daily", "channel": COSTS, "at": "09:00", "canvas": True}]})
    publisher = DigestPublisher(run.slack.context, lambda _team: run.slack.app.client)
    found = Digests(
        run.asker,
        run.memory,
        clock=lambda: day[0],
        zone=ZoneInfo("UTC"),
        file=file,
        publisher=publisher,
        pace=Pace(1, 0.05),
    )
    found.day = day
    return found


@pytest.fixture
def granted(run):
    """The app has the scope."""
    install = run.ws.store.installs[BOT_TOKEN]
    install.scopes = install.scopes | {"canvases:write"}


def test_one_canvas_holds_the_newest(run, digests, granted):
    """The first run makes it in the channel, the next rewrites it whole: nothing of the day before is left."""
    assert digests.run("daily").state == "posted"
    (first,) = [dict(canvas) for canvas in run.ws.store.canvases.values()]
    digests.day[0] += timedelta(days=1)
    assert digests.run("daily").state == "posted"
    (second,) = run.ws.store.canvases.values()

    assert first["channel"] == COSTS
    assert first["markdown"].startswith("# Daily costs: Sat 21 Nov 2026")
    assert second["markdown"].startswith("# Daily costs: Sun 22 Nov 2026")
    assert "Daily costs: Sat 21 Nov 2026" not in second["markdown"]


def test_a_canvas_that_somebody_deleted_is_made_anew(run, digests, granted):
    """Its id is forgotten with it."""
    digests.run("daily")
    run.ws.store.canvases.clear()
    digests.day[0] += timedelta(days=1)
    digests.run("daily")

    (canvas,) = run.ws.store.canvases
    assert [kept["id"] for kept in run.memory.all(CANVAS).values()] == [canvas]


def test_without_the_scope_the_post_stands_and_somebody_is_told(run, digests):
    """The digest is posted, and an admin reads which scope is missing, once."""
    run.slack.context.settings = run.slack.context.settings.__class__(
        **{**vars(run.slack.context.settings), "admins": frozenset({ADMIN})}
    )
    assert digests.run("daily").state == "posted"
    result = run.ws.from_bot(run.ws.dm_channel(ADMIN), None, ADMIN)

    assert run.ws.store.canvases == {}
    assert "canvases:write" in result[-1]["text"]
