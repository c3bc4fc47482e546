"""A question is answered once, though the process that received it dies before, while or after it answers."""

import time

import pytest
from slack_app import NOW, Bookkeeper, running

from bot.slack import inbox
from simulators.slack import MEMBER

CHANNEL = "#cloud-costs"


def left(run, ts, text="this month", state="claimed", *, ago=1.0):
    """A question in the inbox whose holder was last heard of so many seconds before its claim ended."""
    channel = run.ws.channel(CHANNEL)
    event = {
        "type": "app_mention",
        "user": MEMBER,
        "channel": channel.id,
        "ts": ts,
        "text": f"<@U0SPEND> {text}",
    }
    body = {"type": "event_callback", "event_id": "Ev1", "event_time": int(NOW.timestamp()), "event": event}
    key = f"{int(NOW.timestamp()):011d}:Ev1"
    value = {"body": {**body, "team_id": channel.team}, "state": state, "holder": "dead", "until": time.time() - ago}
    assert run.memory.claim(inbox.KIND, key, value)
    return key


def take_over(run):
    """What another process does every second."""
    run.slack.context.inbox.take_over(lambda _team: run.slack.app.client, lambda work, *args: work(*args))


def replies(run, ts):
    """The bot's in the thread of a message."""
    return [one for one in run.ws.from_bot(CHANNEL, ts) if one["ts"] != ts]


@pytest.fixture
def asked(run):
    """A message of somebody's that no process has received."""
    return run.ws.say(MEMBER, CHANNEL, "what did we spend").ts


def test_a_question_that_a_dead_process_left_is_answered_by_another(run, asked):
    """Its claim has ended: whoever looks first answers, once, and the question is kept no longer."""
    key = left(run, asked)
    take_over(run)
    take_over(run)
    (reply,) = replies(run, asked)
    assert "$" in reply["text"]
    assert run.memory.get(inbox.KIND, key)["state"] == "done"
    assert run.memory.get(inbox.KIND, key)["body"] is None


def test_a_question_that_somebody_works_on_is_left_to_them(run, asked):
    """The claim's holder has been heard of: nobody else answers."""
    left(run, asked, ago=-10)
    take_over(run)
    assert replies(run, asked) == []


def test_an_answer_that_is_out_is_not_given_again(run, asked):
    """The process died after it had posted: the reply is found by its stamp."""
    key = left(run, asked, state="saying")
    run.slack.app.client.chat_postMessage(
        channel=run.ws.channel(CHANNEL).id,
        thread_ts=asked,
        text="the answer",
        metadata={"event_type": "spend_answer", "event_payload": {"asked": key}},
    )
    take_over(run)
    assert [reply["text"] for reply in replies(run, asked)] == ["the answer"]
    assert run.memory.get(inbox.KIND, key)["state"] == "done"


def test_an_answer_that_never_left_is_given(run, asked):
    """The process died just before it posted: nothing has the stamp, so that it is posted."""
    left(run, asked, state="saying")
    take_over(run)
    assert len(replies(run, asked)) == 1


class Slow(Bookkeeper):
    """Is away for so long while it answers that another process takes the question over."""

    def __init__(self, memory):
        super().__init__()
        self._memory = memory

    def ask(self, *args, **more):
        """Answers once the question is somebody else's."""
        for key, held in self._memory.all(inbox.KIND).items():
            self._memory.put(inbox.KIND, key, {**held, "holder": "another"})
        return super().ask(*args, **more)


def test_who_has_lost_the_question_says_nothing(memory):
    """A process that was away for so long that another has taken over finds out before it posts."""
    with running(Slow(memory), memory) as run:
        ts = run.ws.say(MEMBER, CHANNEL, "what did we spend").ts
        left(run, ts)
        take_over(run)
        assert replies(run, ts) == []


def test_a_failed_question_is_answered_with_a_sentence_once(run, asked):
    """What cannot be read is said so, and not tried again."""
    left(run, asked, "gibberish that nobody knows")
    take_over(run)
    take_over(run)
    assert len(replies(run, asked)) == 1


def test_a_mention_that_slack_delivers_three_times_is_answered_once(run):
    """Repeated deliveries of one event are one question."""
    run.ws.repeat_next_event(3)
    ts = run.ws.mention(MEMBER, CHANNEL, "this month").ts
    run.ws.wait_for(lambda: replies(run, ts))
    run.ws.line.stop()  # waits until all have been delivered
    run.slack.close()
    assert len(replies(run, ts)) == 1
