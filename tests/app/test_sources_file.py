"""Several payers and organisations of one provider: ``sources.toml``."""

import re
from pathlib import Path

import pytest

from bot.app.container import Container
from bot.app.settings import load, sources, workspaces
from bot.domain.errors import Misconfigured
from bot.sync.service import Patience, sync

EXAMPLE = Path(__file__).parent.parent.parent / "sources.example.toml"
SECRETS = {
    "AZURE_EXPORT_SAS_URL": "https://a.blob.core.windows.net/c?sig=1",
    "OCI_ACCESS_KEY": "a",
    "OCI_SECRET_KEY": "s",
    "EMEA_EXTERNAL_ID": "x-1",
    "OPENAI_EU_KEY": "sk-admin-eu",
    "CLAUDE_ENTERPRISE_KEY": "sk-ant-admin01-e",
}


def declared(tmp_path, text, **environment):
    """The sources that a file and an environment declare, by name."""
    path = tmp_path / "sources.toml"
    path.write_text(text)
    environment = {"SOURCES_FILE": str(path), **environment}
    return {source.name: source for source in sources(load(environment), environment)}


def test_the_example_file_is_good(tmp_path):
    """Every source of the example is one, beside those of PROVIDERS; secrets come from the environment."""
    found = declared(tmp_path, EXAMPLE.read_text(), PROVIDERS="aws", **SECRETS)
    names = ["aws", "emea", "labs", "china", "gcp-research", "openai-eu", "claude-enterprise", "azure", "oci"]
    assert list(found) == names
    filled = {name: item.fill() for name, item in found.items()}
    assert filled["emea"].external_id == "x-1"
    assert filled["openai-eu"].admin_key.get_secret_value() == "sk-admin-eu"
    assert set(re.findall(r"env:(\w+)", EXAMPLE.read_text())) - {"NAME"} == set(SECRETS)
    example = load({"SOURCES_FILE": str(EXAMPLE)})
    assert workspaces(example)["T0123ABCD"].sources == ("emea", "openai-eu")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[source]]\nname = "x"', "has no provider"),
        ('[[source]]\nprovider = "azure"', "not a provider"),
        ("[[source]", "is not valid TOML"),
        ('[[source]]\nprovider = "aws"\nname = "x"\n[[source]]\nprovider = "gcp"\nname = "x"', "two sources named 'x'"),
    ],
)
def test_a_file_that_does_not_say_which_sources_there_are_is_refused(tmp_path, text, said):
    """The error names the file and what to write."""
    with pytest.raises(Misconfigured, match=said) as caught:
        declared(tmp_path, text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('provider = "aws"\nprofil = "x"', "profil is not a setting"),
        ('provider = "openai"', "admin_key is not set"),
        ('provider = "openai"\nadmin_key = "env:NOWHERE"', "uses NOWHERE, which is not set"),
        ('provider = "aws"\nattempts = 0', "attempts"),
    ],
)
def test_a_source_that_is_not_clear_names_file_source_and_key(tmp_path, text, said):
    """Only that source is refused, when it is opened, and the error names all three."""
    found = declared(tmp_path, f'[[source]]\nname = "mine"\n{text}')
    with pytest.raises(Misconfigured, match=said) as caught:
        found["mine"].fill()
    assert "source 'mine'" in caught.value.message
    assert caught.value.hint


def test_a_source_that_is_not_set_up_leaves_the_others(tmp_path):
    """With one key missing, a sync says so for that source, and the others are pulled all the same."""
    environment = {
        "PROVIDERS": "openai,anthropic",
        "LEDGER_URL": f"sqlite:///{tmp_path / 'ledger.db'}",
        "SOURCES_FILE": str(tmp_path / "none.toml"),
        "ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-nobody",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    }
    house = Container(lambda: environment)
    report = sync(house.sources(), house.ledger, now=house.clock, patience=Patience(attempts=1))
    house.ledger.close()
    errors = {source.source: source.error for source in report.sources}
    assert errors["openai"]["message"] == "OPENAI_ADMIN_KEY is not set."
    assert errors["anthropic"]["type"] == "Unavailable"
