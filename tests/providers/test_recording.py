"""``spend doctor --record``: real replies with their shape and nothing of whose account it is, to be given back."""

import io
import json
import re

import pytest
from contract import NOW, Tally, load

from bot.providers._recording import recording
from simulators.anthropic import bill as anthropic_bill
from simulators.aws import bill as aws_bill
from simulators.openai import bill as openai_bill
from simulators.recorded import RecordedSimulator

PRIVATE = {
    "aws": [*aws_bill.ACCOUNTS, *aws_bill.ACCOUNTS.values()],
    "openai": [*openai_bill.PROJECTS, *openai_bill.PROJECTS.values(), *openai_bill.USERS, *openai_bill.ORGANIZATION],
    "anthropic": [
        *anthropic_bill.WORKSPACES,
        *anthropic_bill.USERS,
        *anthropic_bill.KEYS,
        *anthropic_bill.ORGANIZATION,
    ],
    "gcp": [],
}


def recorded(name):
    """What doctor's checks of a provider put down, and the case's secrets."""
    case, file = load(name), io.StringIO()
    with case.simulate(lambda: NOW) as simulator, recording(file):
        checks = list(case.provider(simulator, Tally(), lambda: NOW).checks())
    assert any(check.ok for check in checks)
    return file.getvalue(), case.secrets


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_a_recording_holds_nothing_of_the_account(name):
    """No key, id, person, project or account of the simulated company is in it; every line is an object."""
    text, secrets = recorded(name)
    if name == "gcp":
        return
    assert {*map(frozenset, map(json.loads, text.splitlines()))} == {
        frozenset({"vendor", "operation", "params", "reply"})
    }
    words = [word for word in (*PRIVATE[name], *secrets) if len(word) > 3]
    assert [word for word in words if re.search(rf'"{re.escape(word)}"', text)] == []


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_a_recording_can_be_given_back(name, tmp_path):
    """Doctor's checks pass against the replies recorded, as they did against the vendor."""
    file = tmp_path / "replies.jsonl"
    file.write_text(recorded(name)[0])
    with RecordedSimulator(lambda: NOW, file, {"openai": "OpenAI", "anthropic": "Anthropic"}[name]) as simulator:
        checks = list(load(name).provider(simulator, Tally(), lambda: NOW).checks())
    assert [check.what for check in checks if not check.ok] == []
