"""``spend init``: what is asked, tried and written."""

import json
import os
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from click.testing import CliRunner

from bot.app.cli import spend
from bot.app.cli.init import PROVIDERS, manifest_link
from bot.app.settings import PROVIDERS as KNOWN
from bot.app.settings import Settings, provider_settings, variables
from simulators.openai.server import ADMIN_KEY, PROJECT_KEY, OpenAISimulator
from simulators.slack import APP_TOKEN, BOT_TOKEN, Workspace

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def elsewhere(tmp_path):
    """An empty folder to work in; the environment is as before afterwards."""
    before, folder = dict(os.environ), Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def run(elsewhere):
    """Runs ``spend init`` in an empty folder, beside a simulated OpenAI and a simulated workspace."""
    with OpenAISimulator(lambda: NOW) as vendor, Workspace() as workspace:
        known = {
            "OPENAI_BASE_URL": f"{vendor.url}/v1",
            "SLACK_API_URL": workspace.api_url,
            "SPEND_NOW": NOW.isoformat(),
            "LEDGER_URL": f"sqlite:///{elsewhere}/spend.db",
        }
        for name in ("OPENAI_ADMIN_KEY", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "PROVIDERS", "TIMEZONE"):
            os.environ.pop(name, None)
        os.environ.update(known)
        (elsewhere / ".env").write_text("".join(f"{name}={value}\n" for name, value in known.items()))

        def typed(*lines):
            return CliRunner().invoke(spend, ["init"], input="".join(f"{line}\n" for line in lines))

        yield typed


def test_each_answer_is_tried_and_what_works_is_written(run, tmp_path):
    """A wrong key is said and asked for again; the file holds what worked, readable by its owner alone."""
    done = run("openai", PROJECT_KEY, "y", ADMIN_KEY, "", BOT_TOKEN, APP_TOKEN, "Europe/Berlin")
    written = (tmp_path / ".env").read_text()

    assert done.exit_code == 0, done.output
    assert "✗" in done.output
    assert f"OPENAI_ADMIN_KEY={ADMIN_KEY}" in written
    assert "TIMEZONE=Europe/Berlin" in written
    assert "SPEND_NOW=" in written
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_a_further_organization_is_tried_and_declared(run, tmp_path):
    """It stands in sources.toml by its name, its key in .env; a name that is taken is asked for again."""
    done = run("openai", ADMIN_KEY, "openai", "openai-eu", PROJECT_KEY, "y", ADMIN_KEY, "", BOT_TOKEN, APP_TOKEN, "UTC")
    declared = tomllib.loads((tmp_path / "sources.toml").read_text())

    assert done.exit_code == 0, done.output
    assert "already" in done.output
    assert done.output.count("✗") == 1
    (source,) = declared["source"]
    assert source.pop("base_url") == os.environ["OPENAI_BASE_URL"]
    assert source == {"provider": "openai", "name": "openai-eu", "admin_key": "env:OPENAI_EU_ADMIN_KEY"}
    assert f"OPENAI_EU_ADMIN_KEY={ADMIN_KEY}" in (tmp_path / ".env").read_text()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_no_secret_is_shown(run):
    """What is typed as a secret stands nowhere in what is printed."""
    done = run("openai", ADMIN_KEY, "", BOT_TOKEN, APP_TOKEN, "UTC")

    assert done.exit_code == 0, done.output
    assert not [secret for secret in (ADMIN_KEY, BOT_TOKEN, APP_TOKEN) if secret in done.output]


def test_a_provider_that_is_none_is_asked_for_again(run):
    """A typing error in the list of providers is named."""
    done = run("opnai", "openai", ADMIN_KEY, "", BOT_TOKEN, APP_TOKEN, "UTC")

    assert "no provider 'opnai'" in done.output
    assert done.exit_code == 0, done.output


def test_every_provider_and_variable_is_known():
    """It offers exactly the providers there are, and asks for variables that they read."""
    assert set(PROVIDERS) == set(KNOWN)
    for name, provider in PROVIDERS.items():
        read = {*variables(provider_settings(name)), *variables(Settings)}
        assert {setting.variable for setting in provider.settings} <= read
        assert provider.steps()


def test_the_link_makes_the_app_of_the_manifest():
    """The address carries manifest.yml, and is short enough for a browser."""
    carried = json.loads(unquote(manifest_link().partition("manifest_json=")[2]))

    assert carried == yaml.safe_load((ROOT / "manifest.yml").read_text())
    assert len(manifest_link()) < 8000
