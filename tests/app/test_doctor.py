"""``spend doctor``: everything tried for real, each with its mend."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
from endpoint import KEY, Models

from bot.app.container import Container
from bot.app.doctor import checks
from bot.sync.service import Patience, sync
from simulators import company
from simulators.demo import providers
from simulators.slack import APP_TOKEN, BOT_TOKEN, Workspace


@pytest.fixture(scope="module")
def demo():
    """What the environment says in the demo: four simulated providers and a simulated workspace."""
    with ExitStack() as stack:
        environment = providers(stack, lambda: company.NOW)
        workspace = stack.enter_context(Workspace(0))
        yield {
            **environment,
            "SPEND_NOW": company.NOW.isoformat(),
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": workspace.api_url,
        }


@pytest.fixture
def house(demo, tmp_path, monkeypatch):
    """What makes a house of the demo's environment, with changes."""
    opened = []

    def build(**changed):
        environment = {**demo, "LEDGER_URL": f"sqlite:///{tmp_path / 'ledger.db'}", **changed}
        environment.setdefault("SOURCES_FILE", str(tmp_path / "none.toml"))
        for name, value in environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        opened.append(Container(lambda: environment))
        return opened[-1]

    yield build
    for item in opened:
        item.ledger.close()


@pytest.fixture
def models():
    """A vendor of models that says it is there."""
    with Models() as running:
        running.says = '{"there": true}'
        yield running


def failed(house):
    """What is to be mended, and how."""
    return {check.what: f"{check.message} {check.hint}" for check in checks(house) if not check.ok}


def test_in_the_demo_all_is_well(house):
    """Every check of the ledger, four providers and Slack passes."""
    found = list(checks(house()))
    assert [check for check in found if not check.ok] == []
    assert len(found) > 20


def test_wrong_keys_are_named_once_each_and_never_shown(house, demo):
    """Each provider says what kind of key it wants; no message carries one, or says the same twice."""
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIANOBODYKNOWS00001",
        "OPENAI_ADMIN_KEY": "sk-proj-aaaabbbbccccddddeeee",
        "ANTHROPIC_ADMIN_KEY": "sk-ant-api03-aaaabbbbccccdddd",
        "GCP_BILLING_TABLE": "lumen-billing.billing_export.nosuch",
    }
    found = failed(house(**keys))
    text = " ".join(found.values())
    assert "this is a project key; costs need an admin key" in text
    assert "this is an API key; costs need an admin key" in text
    assert "AWS does not recognize the credentials whose key id ends in 0001" in text
    assert "Not found: Table lumen-billing:billing_export.nosuch" in text
    assert "GET http" not in text
    assert len(found) == 4
    assert not any(
        key in text for key in [*keys.values(), demo["AWS_SECRET_ACCESS_KEY"]] if key.startswith(("sk-", "AK"))
    )


def test_one_source_that_is_not_set_up_leaves_the_others_checked(house):
    """The variable is named; all other sources are tried as ever."""
    found = failed(house(OPENAI_ADMIN_KEY=""))
    assert list(found) == ["openai"]
    assert "OPENAI_ADMIN_KEY is not set" in found["openai"]


def test_sources_of_a_file_are_told_by_their_names(house, tmp_path):
    """With two organisations of one provider, each check says whose it is."""
    path = tmp_path / "sources.toml"
    path.write_text('[[source]]\nprovider = "openai"\nname = "labs"\nadmin_key = "sk-admin-wrongwrongwrong"\n')
    found = failed(house(SOURCES_FILE=str(path)))
    assert list(found) == ["OpenAI costs (labs)"]


def test_of_two_keys_it_says_which_is_refused_and_since_when(house, demo):
    """While one key replaces the other, the sync goes on, and doctor names the old one by its end."""
    old = "sk-admin-expired0123456789zyxw"
    both = house(OPENAI_ADMIN_KEY=f"{old},{demo['OPENAI_ADMIN_KEY']}", PROVIDERS="openai")
    found = failed(both)
    assert list(found) == ["OpenAI admin key"]
    assert "The key ending in …zyxw is refused" in found["OpenAI admin key"]
    assert old not in str(found)


def test_a_key_that_stays_refused_is_told_with_the_day_it_began(house):
    """The second sync that is refused says since when; so does doctor, from what the ledger remembers."""
    late = house(OPENAI_ADMIN_KEY="sk-admin-expired0123456789zyxw", PROVIDERS="openai")
    now = [company.NOW - timedelta(days=2)]
    for _ in range(2):
        (report,) = sync(late.sources(), late.ledger, now=lambda: now[0], patience=Patience(attempts=1)).sources
        now[0] += timedelta(days=1)
    assert "It has failed since 20 Nov 2026, 09:00 UTC." in report.error["message"]
    assert "since 20 Nov 2026, 09:00 UTC" in failed(late)["Last sync of openai"]


def test_feeds_that_disagree_are_shown(house):
    """What reconciliation found stands there until it is mended."""
    seen = house(PROVIDERS="openai")
    seen.ledger.memory.put("warning", "openai/by key", {"days": [{"day": "2026-11-03"}, {"day": "2026-11-04"}]})
    assert "disagrees with the provider's bill on 2 days" in failed(seen)["Feed openai/by key"]


def test_doctors_own_requests_are_counted(house):
    """What it asks costs what it costs, counts towards the month, and is told."""
    asked = house(PROVIDERS="aws")
    result = {check.what: check.message for check in checks(asked)}
    spent = asked.ledger.requests.spent(company.NOW.date())
    assert spent > 0
    assert result["Paid requests"] == f"{spent} of 10 USD spent this month, {spent} of it for these checks."


def test_doctor_stops_at_the_ceiling_too(house):
    """With two cents left it asks AWS twice, and says once that the ceiling keeps it from asking more."""
    asked = house(PROVIDERS="aws", API_SPEND_CEILING="0.02")
    found = failed(asked)
    assert asked.ledger.requests.spent(company.NOW.date()) == Decimal("0.02")
    ceiling = [what for what, text in found.items() if "the ceiling is 0.02 USD" in text]
    assert len(ceiling) == 1
    assert "Raise API_SPEND_CEILING" in found[ceiling[0]]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_API_KEY is not set"),
        ({"ANTHROPIC_API_KEY": "sk-wrong"}, "claude-haiku-4-5 does not answer: HTTP 401."),
        ({"LANGUAGE_MODEL": "claude-nobody"}, "claude-nobody does not answer: HTTP 400."),
        ({"LANGUAGE_MODEL": "mistral/large"}, "not a supported model provider"),
        ({"LANGUAGE_MODEL_URL": "http://127.0.0.1:9"}, "does not answer: ConnectError"),
    ],
)
def test_a_language_model_that_is_named_is_tried(house, models, changed, said):
    """Its settings are tried for real; what is wrong is said without the key, and nothing of it where none is named."""
    good = {"LANGUAGE_MODEL": "claude-haiku-4-5", "ANTHROPIC_API_KEY": KEY, "LANGUAGE_MODEL_URL": models.url}
    assert failed(house(PROVIDERS="openai", **good)) == {}
    found = failed(house(PROVIDERS="openai", **{**good, **changed}))
    assert list(found) == ["Language model"]
    assert said in found["Language model"]
    assert "sk-wrong" not in str(found)
