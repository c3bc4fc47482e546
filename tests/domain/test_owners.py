"""Owners: whom a file names for a value, and what is wrong with a file."""

import tomllib

import pytest

from bot.domain.errors import Misconfigured
from bot.domain.owners import declared

FILE = """
[Tags.team]
platform = "U0AMARA"
data = "S0DATATEAM"

[SubAccountName]
production = "C0COSTS"
sandbox = "the interns"
"""


@pytest.mark.parametrize(
    ("key", "owners"),
    [
        ({"Tags/team": "Platform"}, ("U0AMARA",)),
        ({"SubAccountName": "production", "Tags/team": "data"}, ("C0COSTS", "S0DATATEAM")),
        ({"SubAccountName": "sandbox", "ServiceName": "Amazon S3"}, ("the interns",)),
        ({"ServiceName": "platform"}, ()),
        ({"Tags/team": None}, ()),
        ({}, ()),
    ],
)
def test_a_value_has_the_owner_of_its_dimension(key, owners):
    """Whatever its case; the same word of another dimension has none."""
    assert declared(tomllib.loads(FILE), "owners.toml").of(key) == owners


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[Team]\nplatform = "U0AMARA"', "there is no dimension 'Team'"),
        ("[Tags]\nteam = 3", "'Tags.team' is not a section"),
        ('platform = "U0AMARA"', "'platform' is not a section"),
        ("[SubAccountName]\nproduction = []", "'production' has no owner"),
        ('[SubAccountName]\nproduction = " "', "'production' has no owner"),
    ],
)
def test_a_bad_file_is_one_sentence(text, named):
    """It names the file, the section and the value."""
    with pytest.raises(Misconfigured, match=named) as error:
        declared(tomllib.loads(text), "owners.toml")
    assert "owners.toml" in str(error.value)
