"""Slack's agent surface, where it is switched on, through the real app in the simulated workspace."""

import pytest
from slack_app import Bookkeeper, running

from simulators.slack import MEMBER


@pytest.fixture
def agent(memory):
    """The app with the surface on."""
    with running(Bookkeeper(), memory, agent=True) as found:
        found.ws.acts.subscriptions |= {"app_context_changed", "agent_session_stopped"}
        yield found


def test_direct_messages_are_threads_that_keep_their_question(agent):
    """Each direct message is answered in a thread of its own, and followed up there."""
    text = agent.ws.dm(MEMBER, "by service")
    first = agent.answer(text.channel, thread=text.ts)
    assert first["thread_ts"] == text.ts
    agent.ws.dm(MEMBER, "and by account", text.ts)
    assert "research" in agent.answer(text.channel, thread=text.ts, count=2)["text"]


def test_prompts_are_offered_and_the_stop_button_ends_the_session(agent):
    """Opening the messages tab offers prompts; the stop button is answered; a changed context is no mishap."""
    agent.ws.open_home(MEMBER, "messages")
    called = agent.ws.wait_for(lambda: agent.ws.called("assistant.threads.setSuggestedPrompts"))
    assert len(called[-1].args["prompts"]) == 4
    channel = agent.ws.dm_channel(MEMBER)
    text = agent.ws.dm(MEMBER, "by service")
    agent.answer(channel, thread=text.ts)
    agent.ws.stop_answer(MEMBER, channel, text.ts)
    (ended,) = agent.ws.wait_for(lambda: agent.ws.called("agents.sessions.setStatus"))
    assert ended.ok
    assert (ended.args["channel_id"], ended.args["status"]) == (channel, "active")


def test_a_slow_answer_shows_its_session_as_processing(agent):
    """After a second the session says that it is processing, and is active again once the answer stands."""
    agent.asker.slow = 1.5
    text = agent.ws.dm(MEMBER, "by service")
    agent.answer(text.channel, thread=text.ts)
    calls = agent.ws.wait_for(lambda: (c := agent.ws.called("agents.sessions.setStatus"))[1:] and c)
    assert [(call.ok, call.args["status"]) for call in calls] == [(True, "processing"), (True, "active")]
    assert {call.args["thread_ts"] for call in calls} == {text.ts}


def test_without_the_setting_nothing_of_it_is_there(run):
    """By default a direct message is answered flat, and no prompts are offered."""
    run.ws.open_home(MEMBER, "messages")
    text = run.ws.dm(MEMBER, "by service")
    assert "thread_ts" not in run.answer(text.channel)
    assert run.ws.called("assistant.threads.setSuggestedPrompts") == []


def test_short_follow_ups_work_in_flat_direct_messages(run):
    """Outside threads, short words that follow up change the last question; a whole question starts anew."""
    text = run.ws.dm(MEMBER, "yesterday")
    run.answer(text.channel)
    run.ws.dm(MEMBER, "and by service")
    assert "21 Nov 2026" in run.answer(text.channel, count=2)["text"]
    run.ws.dm(MEMBER, "by day")
    assert "1–22 Nov" in run.answer(text.channel, count=3)["text"]
