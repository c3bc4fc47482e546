"""The workflow step: what it gives, to whom it gives nothing, and that the manifest's words for it are Slack's."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from slack_app import BILL, Bookkeeper, running

from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.slack.access import AccessRule
from bot.slack.listeners.workflow_step import STEP
from simulators.slack import BOT_TOKEN
from simulators.slack.model import HOME_TEAM

PAGE = (Path(__file__).parents[2] / "docs" / "slack-workflow-step.md").read_text()
DECLARED = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])


@pytest.fixture
def step(memory):
    """Runs the step and waits for its end."""
    with running(Bookkeeper(), memory) as run:

        def ran(question="this month", channel="#cloud-costs", **more):
            inputs = {"question": question, "channel": run.ws.channel(channel).id, **more}
            execution = run.ws.run_step(STEP, inputs)
            return run.ws.wait_for(lambda: _ended(run.ws.store.executions[execution]))

        ran.run = run
        yield ran


def _ended(execution):
    return execution if execution["state"] != "running" else None


def test_a_question_has_text_total_and_currency(step):
    """The total is exact and the text says how it was read; the step's own token is good no longer."""
    ended = step()

    assert ended["state"] == "completed", ended
    assert set(ended["outputs"]) == set(DECLARED["functions"][STEP]["output_parameters"]["properties"])
    assert ended["outputs"]["currency"] == "USD"
    assert Decimal(ended["outputs"]["total"]) == 22 * sum(BILL.values())
    assert "1–22 Nov 2026" in ended["outputs"]["text"]
    assert set(step.run.ws.store.installs) == {BOT_TOKEN}


def test_what_is_not_understood_fails_with_the_reason(step):
    """Whoever runs the workflow reads which words were not understood."""
    ended = step("florbs and grumbles")

    assert ended["state"] == "failed"
    assert "florbs" in ended["error"]


def test_it_sees_what_a_member_sees_whom_no_rule_names(step):
    """A rule for everyone narrows it; a rule that names a person gives it nothing; a denied channel fails."""
    access = step.run.slack.context.access
    only_s3 = Scope(where=(Filter(dimension="ServiceName", values=("Amazon S3",)),))
    access.change(
        HOME_TEAM.id, (AccessRule(subject="everyone", scope=only_s3), AccessRule(subject="user", id="U0JONAS"))
    )
    narrowed = step()
    access.change(HOME_TEAM.id, (AccessRule(subject="channel", id=step.run.ws.channel("#cloud-costs").id, deny=True),))
    denied = step()

    assert narrowed["outputs"]["total"] == "17948.92"
    assert denied["state"] == "failed"


def test_channels_of_others_get_no_numbers(step):
    """Where another organization reads along, the step fails."""
    place = step.run.ws.channel("#cloud-costs")
    place.shared_with = frozenset({"T0UMBRA"})
    assert step()["state"] == "failed"


def test_a_run_is_in_the_audit_log(step):
    """The log says that a workflow asked, and what."""
    step()
    notes = [note for note in step.run.memory.all("audit").values() if note.get("entry_point") == "workflow"]

    assert [note["question"] for note in notes] == ["this month"]


def test_the_manifest_declares_what_the_step_takes_and_gives():
    """Titles, types and required parameters as Slack's manifest of version 2 wants them."""
    declared = DECLARED["functions"][STEP]
    sides = (("input_parameters", ["question", "channel"]), ("output_parameters", ["text", "total", "currency"]))

    assert set(declared) == {"title", "description", "input_parameters", "output_parameters"}
    for side, names in sides:
        assert list(declared[side]["properties"]) == declared[side]["required"] == names
        for parameter in declared[side]["properties"].values():
            assert set(parameter) == {"type", "title", "description"}
            assert parameter["type"] in {"string", "slack#/types/channel_id"}
    assert DECLARED["settings"] == {"function_runtime": "remote", "org_deploy_enabled": True}
