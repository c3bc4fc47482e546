"""Two workspaces in one bot: nothing of one is to be seen in the other, whatever is tried there."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from two_workspaces import COMMANDS, POOR, RICH, Visitor, world

from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.slack.access import AccessRule

ACTS = st.one_of(
    st.sampled_from(COMMANDS),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["", "zephyr Compute", "quartz Models", "zephyr-prod", "zephyr", "everything", "zephyrcore"]),
        st.sampled_from(["last month", "this month", "yesterday", "last week by day", "since August"]),
        st.sampled_from(["", "by service", "by account", "by model", "by zephyrteam", "by quartzteam", "vs last year"]),
    ),
    st.integers(0, 1_000),
)
"""A command, or one of the things that wait to be pressed."""


@pytest.fixture(scope="module", params=[(POOR, RICH, "admin"), (RICH, POOR, "member")], ids=["admin", "member"])
def both(request, tmp_path_factory):
    """The same person where their workspace is alone, and where another one is beside it."""
    mine, other, who = request.param
    folders = [tmp_path_factory.mktemp(name) for name in ("alone", "beside")]
    with world(folders[0], mine) as alone, world(folders[1], mine, other) as beside:
        yield [Visitor(item, mine, getattr(mine, who)) for item in (alone, beside)], other


def compared(both):
    """What was seen is the same, act by act, and no name of the other company was but as it was typed."""
    (alone, beside), other = both
    for one, same in zip(alone.seen, beside.seen, strict=True):
        assert one == same
    result = str(beside.seen)
    for name in (other.team, *(f"{other.mark}{item}" for item in ("grant", "-lab", "-north-1", "admin", "-costs"))):
        assert name not in result


def test_a_workspace_is_as_if_it_were_alone(both):
    """Every command, button, window, menu and file tells the same, to the letter, as where there is no other one."""
    for visitor in both[0]:
        visitor.try_everything()
    assert len(both[0][0].seen) > 80
    compared(both)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=1, max_size=4))
def test_no_walk_tells_that_there_is_another_workspace(both, acts):
    """Whatever commands and presses follow each other."""
    for visitor in both[0]:
        for act in acts:
            if isinstance(act, str):
                visitor.ask(act)
            elif visitor._waiting:
                visitor.use(act)
    compared(both)


NARROW = Scope(where=(Filter(dimension="ServiceName", values=("quartz Compute",)),))


def test_who_sees_one_service_is_told_nothing_of_the_other(tmp_path):
    """Whatever a member with a narrow rule tries: no name of what it leaves out, in any message, window or file."""
    with world(tmp_path, POOR) as made:
        rule = AccessRule(subject="user", id=POOR.member, scope=NARROW)
        made.slack_service.slack.context.access.change(POOR.team, (rule,))
        visitor = Visitor(made, POOR, POOR.member)
        visitor.try_everything()
        result = str(visitor.seen)
        for name in ("quartz Models", "quartz-lab", "quartzlab1", "quartz-large", "arn:quartz:Models", "quartzbudget"):
            at = result.find(name)
            assert at < 0, result[max(at - 300, 0) : at + 100]


EVIL = ("*zq*", "zq_new_zq", "~zq~", "`zq`", "<!channel> zq", "<https://evil.example|zq>", "> zq", ":zq:")
"""Names that would format, mention or link, were they taken for anything but names."""


def marked_up(part):
    """Every text of a payload that Slack would format."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for item in part.values():
            yield from marked_up(item)
    elif isinstance(part, list):
        for item in part:
            yield from marked_up(item)


def test_names_from_a_bill_format_nothing(tmp_path):
    """In no message, window or home that comes of anything one can do: they stand where nothing is formatted."""
    bill = replace(POOR, evil=EVIL)
    with world(tmp_path, bill) as made:
        visitor = Visitor(made, bill, bill.admin)
        visitor.try_everything()
        made.slack_service.digests.run("quartzmorning", team=bill.team)
        made.slack_service.alerts.tick()
        made.quiet()
        shown = [message.blocks for message in made.ws.store.messages() if message.user == f"UBOT{bill.mark.upper()}"]
        shown += [view.payload for view in made.ws.store.views.values()]
        assert [text for text in marked_up(shown) if "zq" in text] == []
        assert sum("zq" in str(item) for item in shown) > 10
