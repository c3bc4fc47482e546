"""What is said to the bot, and what it answers, through the real app in the simulated workspace."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from slack_app import NOW, Bookkeeper, over_socket, running
from slack_bolt import BoltRequest

from bot.blockkit.validate import check_message
from bot.slack.app import build, client
from bot.slack.listeners.messages import ANSWERED, UNANSWERED
from simulators.slack import BOT_TOKEN, GUEST, MEMBER, OUTSIDER


def test_slash_command_is_acknowledged_at_once_and_answered_once_privately(run):
    """A slash command gets one ephemeral reply with number, chart and table, and nothing in the channel."""
    reply = run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    assert reply.acked
    answer = run.answer("#cloud-costs", MEMBER)
    assert answer["is_ephemeral"]
    assert "$50,942" in answer["text"]
    kinds = [block["type"] for block in answer["blocks"]]
    assert kinds.count("data_visualization") == 1
    assert kinds.count("data_table") == 1
    assert run.ws.from_bot("#cloud-costs") == []
    assert not check_message({"text": answer["text"], "blocks": answer["blocks"]})


def test_mention_is_answered_in_its_thread(run):
    """A mention is answered in the thread it starts, for everyone there."""
    text = run.ws.mention(MEMBER, "#cloud-costs", "this month")
    answer = run.answer("#cloud-costs", thread=text.ts)
    assert answer["thread_ts"] == text.ts
    assert not answer["is_ephemeral"]


def test_thread_keeps_its_question(run):
    """A follow-up in a thread changes the question before it."""
    text = run.ws.mention(MEMBER, "#cloud-costs", "yesterday")
    run.answer("#cloud-costs", thread=text.ts)
    run.ws.mention(MEMBER, "#cloud-costs", "and by service", text.ts)
    answer = run.answer("#cloud-costs", thread=text.ts, count=2)
    assert "21 Nov 2026" in answer["text"]
    assert "Amazon S3" in answer["text"]


def test_direct_message_is_answered(run):
    """A direct message is answered where it was written."""
    text = run.ws.dm(MEMBER, "this month")
    assert "$50,942" in run.answer(text.channel)["text"]


def test_guests_and_outsiders_get_a_polite_refusal_without_numbers(run):
    """Guests, and people of other organizations, get a sentence and no figure."""
    run.ws.mention(GUEST, "#site-refresh", "this month")
    refusal = run.answer("#site-refresh", GUEST)
    assert refusal["is_ephemeral"]
    assert "$" not in refusal["text"]
    run.ws.mention(OUTSIDER, "#umbra-partnership", "this month")
    assert "$" not in run.answer("#umbra-partnership", OUTSIDER)["text"]
    assert run.asker.scopes == []


def test_channel_shared_with_another_organisation_gets_no_numbers(run):
    """In a channel that others read, even a full member gets no figure."""
    run.ws.mention(MEMBER, "#umbra-partnership", "this month")
    assert "direct message" in run.answer("#umbra-partnership", MEMBER)["text"]
    run.ws.slash(MEMBER, "#umbra-partnership", "/spend", "this month")
    assert "direct message" in run.answer("#umbra-partnership", MEMBER, count=2)["text"]
    assert run.asker.scopes == []


def test_repeated_event_is_answered_once(run):
    """An event that Slack delivers again is answered once."""
    run.ws.repeat_next_event(3)
    text = run.ws.mention(MEMBER, "#cloud-costs", "this month")
    run.answer("#cloud-costs", thread=text.ts)
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "this month")
    run.answer("#cloud-costs", MEMBER)
    assert len(run.ws.from_bot("#cloud-costs", text.ts)) == 1


def test_socket_mode_works_the_same(memory):
    """The same app answers over Socket Mode."""
    with running(Bookkeeper(), memory, over_socket) as run:
        assert run.ws.slash(MEMBER, "#cloud-costs", "/spend", "this month").acked
        assert "$50,942" in run.answer("#cloud-costs", MEMBER)["text"]


def test_many_questions_at_once_are_all_answered_once(run):
    """Sixty commands from ten people at a time: each gets one reply, none is lost, each acknowledged in time."""
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service"), range(60)))
    assert all(reply.acked for reply in replies)
    shown = run.ws.wait_for(lambda: (found := run.ws.from_bot("#cloud-costs", None, MEMBER))[59:] and found, 20)
    assert len(shown) == 60
    assert {message["text"] for message in shown} == {shown[0]["text"]}


def test_two_replicas_answer_an_event_once(run, memory):
    """An event that reaches two processes with one memory is answered by one of them."""
    second = build(client(BOT_TOKEN, run.ws.api_url), run.asker, memory, settings=run.slack.context.settings)
    text = run.ws.say(MEMBER, "#cloud-costs", "hello")
    event = {"type": "app_mention", "channel": "C0COSTS", "user": MEMBER, "text": "this month", "ts": text.ts}
    body = {"team_id": "T0LUMEN", "type": "event_callback", "event_id": "Ev1", "event": event}
    body["event_time"] = int(NOW.timestamp())
    for _ in range(2):
        for app in (run.slack.app, second.app):
            assert app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200
    second.close()
    run.ws.wait_for(lambda: run.ws.called("chat.postMessage"))
    run.slack.close()
    assert len(run.ws.called("chat.postMessage")) == 1


def test_bots_and_edits_are_not_answered(run):
    """What a bot wrote, what was edited, and what was said in channels without a mention stay unanswered."""
    common = {"type": "message", "channel": run.ws.dm_channel(MEMBER), "channel_type": "im", "text": "this month"}
    text = [
        {**common, "user": MEMBER, "bot_id": "B9", "ts": "1.0"},
        {**common, "subtype": "message_changed", "ts": "2.0"},
        {**common, "channel": "C0COSTS", "channel_type": "channel", "user": MEMBER, "ts": "3.0"},
    ]
    for at, event in enumerate(text):
        body = {"team_id": "T0LUMEN", "type": "event_callback", "event_id": f"Ev{at}", "event_time": 1, "event": event}
        assert run.slack.app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200
    run.slack.close()
    assert run.asker.scopes == []


@pytest.mark.parametrize("subtype", sorted({*ANSWERED, *UNANSWERED, "of_tomorrow"}, key=str))
def test_of_each_kind_of_direct_message_it_is_decided_whether_it_is_answered(run, subtype):
    """What a person says is answered, with a file, as /me, from a thread; nothing that only tells of a message."""
    event = {"type": "message", "channel": run.ws.dm_channel(MEMBER), "channel_type": "im", "user": MEMBER, "ts": "1.0"}
    event |= {"text": "this month", "subtype": subtype} if subtype else {"text": "this month"}
    body = {"team_id": "T0LUMEN", "type": "event_callback", "event_id": f"Ev{subtype}", "event_time": 1, "event": event}
    assert run.slack.app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200
    run.slack.close()
    assert bool(run.asker.scopes) == (subtype in ANSWERED)
