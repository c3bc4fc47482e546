"""How messages are delivered when Slack is slow, strict or broken, against the simulated workspace."""

import logging

import pytest
from slack_app import Bookkeeper

from bot.blockkit.build import Message, section
from bot.render.slack.answer_message import draw
from bot.slack.app import client
from bot.slack.delivery import Delivery, Destination, Undeliverable
from bot.slack.workspace_memory import WorkspaceMemory
from simulators.slack import BOT_TOKEN, MEMBER, Workspace


@pytest.fixture
def ws():
    """A workspace without an app."""
    with Workspace() as found:
        yield found


class Time:
    """A clock that sleeping moves on."""

    def __init__(self):
        self.now, self.slept = 100.0, []

    def sleep(self, seconds):
        """Moves on."""
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self):
        """The instant."""
        return self.now


@pytest.fixture
def time():
    """A clock of the test's own."""
    return Time()


@pytest.fixture
def delivery(memory, time):
    """Delivery on that clock."""
    return Delivery(memory, sleep=time.sleep, clock=time)


@pytest.fixture
def destination(ws):
    """The public channel for costs."""
    return Destination(client(BOT_TOKEN, ws.api_url), "T0LUMEN", "C0COSTS", MEMBER, private=False)


def answer():
    """A drawn answer with chart and table."""
    keeper = Bookkeeper()
    return draw(keeper.ask("by service"))


def kinds(message):
    """The types of its blocks."""
    return [block["type"] for block in message.get("blocks", [])]


@pytest.fixture
def sound():
    """Here Slack refuses on purpose."""


def test_refused_blocks_go_out_plainer_and_the_answer_never_vanishes(ws, delivery, destination):
    """invalid_blocks: first the native blocks become a table, then tables go, then all blocks."""
    for refusals in (1, 2, 3):
        ws.fail("chat.postMessage", "invalid_blocks", times=refusals)
        delivery.reply(destination, answer())
        seen = ws.from_bot("#cloud-costs")[-1]
        assert "$50,942" in seen["text"]
        assert "data_table" not in kinds(seen)
        assert ("table" in kinds(seen)) == (refusals == 1)
        assert ("actions" in kinds(seen)) == (refusals < 3)


def test_a_mistake_of_ours_costs_its_blocks_not_the_answer(ws, delivery, destination, caplog):
    """A payload the checker refuses is not sent as it is: its text is."""
    with caplog.at_level(logging.ERROR):
        delivery.reply(destination, Message("the number", [section("")]))
    assert ws.from_bot("#cloud-costs")[-1]["text"] == "the number"
    assert "not valid" in caplog.text


def test_retry_after_is_honoured(ws, delivery, destination, time):
    """429: the message waits as long as Slack says, and is posted once."""
    ws.throttle("chat.postMessage", times=2, retry_after=7)
    delivery.reply(destination, Message("now"))
    assert time.slept == [7.0, 7.0]
    assert len(ws.from_bot("#cloud-costs")) == 1


def test_channel_has_one_queue_of_a_message_a_second(ws, delivery, destination, time):
    """After a burst of five, one message a second goes to a channel; other channels do not wait."""
    for at in range(8):
        delivery.reply(destination, Message(f"{at}"))
    assert sum(time.slept) == pytest.approx(3)
    delivery.post(destination.client, MEMBER, Message("elsewhere"))
    assert sum(time.slept) == pytest.approx(3)
    assert [one["text"] for one in ws.from_bot("#cloud-costs")] == [str(at) for at in range(8)]


@pytest.mark.parametrize("channel", ["G0FINANCE", "C0OLD"])
def test_where_it_cannot_post_the_asker_is_told_alone(ws, delivery, destination, channel):
    """Not in the channel, or archived: the answer comes in a direct message with the reason."""
    there = Destination(destination.client, "T0LUMEN", channel, "U0PRIYA", private=False)
    delivery.reply(there, answer())
    result = ws.from_bot(ws.dm_channel("U0PRIYA"), None, "U0PRIYA")
    ephemeral = ws.from_bot(channel, None, "U0PRIYA")
    assert "$50,942" in [*result, *ephemeral][-1]["text"]
    assert "Only you see this" in [*result, *ephemeral][-1]["text"]


def test_used_up_response_url_falls_back_to_an_ephemeral_message(ws, delivery, destination):
    """After five uses the reply is an ephemeral message of the Web API."""
    url = f"{ws.url}/response/unknown"
    delivery.reply(Destination(destination.client, "T0LUMEN", "C0COSTS", MEMBER, response_url=url), answer())
    seen = ws.from_bot("#cloud-costs", None, MEMBER)[-1]
    assert seen["is_ephemeral"]


def test_what_may_have_arrived_is_not_posted_again(ws, delivery, destination):
    """The line is cut after the post: nobody reads it twice in the channel; the asker alone is told."""
    ws.lose_reply("chat.postMessage")
    delivery.reply(destination, answer())
    assert len(ws.from_bot("#cloud-costs")) == 1
    assert len(ws.from_bot("#cloud-costs", None, MEMBER)) == 2


def test_revoked_token_is_not_tried_any_further(ws, delivery, destination):
    """A dead token fails at once, named, and nothing else is called with it."""
    ws.fail("chat.postMessage", "token_revoked", times=9)
    with pytest.raises(Undeliverable, match="token_revoked"):
        delivery.reply(destination, answer())
    assert [one.method for one in ws.calls] == ["chat.postMessage"]


def test_somebody_is_told_something_once(ws, delivery, destination):
    """The owner hears of a dead channel once, however often it fails."""
    result = [
        delivery.notify_once(destination.client, MEMBER, "C0OLD is archived", Message("mend it")) for _ in range(3)
    ]
    assert result == [True, False, False]
    assert len(ws.from_bot(ws.dm_channel(MEMBER))) == 1


def test_posts_carry_metadata_and_can_be_updated(ws, delivery, destination):
    """A post carries what it is told to, comes in its thread, and is replaced in place."""
    metadata = {"event_type": "digest", "event_payload": {"name": "daily"}}
    ts = delivery.post(destination.client, "C0COSTS", Message("first"), metadata=metadata)
    delivery.post(destination.client, "C0COSTS", Message("below"), thread=ts)
    delivery.update(destination.client, "C0COSTS", ts, answer())
    seen = ws.from_bot("#cloud-costs")
    assert seen[0]["metadata"]["event_payload"] == {"name": "daily"}
    assert "$50,942" in seen[0]["text"]
    assert ws.from_bot("#cloud-costs", ts)[-1]["text"] == "below"


def test_questions_of_buttons_are_kept_before_the_message_is_sent(ws, delivery, destination, memory):
    """What a button refers to is in the memory once its message stands."""
    message = answer()
    delivery.reply(destination, message)
    assert all(WorkspaceMemory(memory, "").get("question", key) for key in message.kept)
