import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.digests.model import Asked
from bot.digests.service import declared
from bot.domain.errors import Misconfigured

PUBLIC = """
[[digest]]
name = "daily"
channel = "#cloud-costs"
at = "09:00"
days = "mon-fri"
timezone = "Europe/Berlin"
questions = ["yesterday by provider", "month to date vs last month", "forecast"]
scope = { accounts = ["production"], tags = { team = ["core"] } }
wait_until = "11:00"
"""


def test_the_documented_file_is_read():
    """Every key of the public example means what it says."""
    (found,) = declared(tomllib.loads(PUBLIC))
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert found.next_run(ZoneInfo("UTC"), friday) == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert found.deadline(ZoneInfo("UTC"), friday) == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert found.scope.tags == {"team": ("core",)}
    assert found.every == "day"
    assert found.when() == "Monday to Friday at 09:00 (Europe/Berlin)"


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        ('at = "25:00"', "at", "09:00"),
        ('timezone = "Berlin"', "timezone", "Europe/Berlin"),
        ('cron = "0 9 * *"', "cron", "five"),
        ('days = "someday"', "days", "mon-fri"),
        ('cron = "0 9 * * *"\nat = "09:00"', "cron", "leave out"),
        ('chanel = "#x"', "chanel", "not a key"),
        ('scope = { acounts = ["x"] }', "scope.acounts", "not a key"),
        ('wait_until = "eleven"', "wait_until", "time of day"),
        ("overview = false", "overview", "questions"),
        ('owner = "U1"', "owner", "not a key"),
        ('questions = "one"', "questions", ""),
    ],
)
def test_mistakes_name_the_file_the_digest_and_the_key(line, key, says):
    """Whoever wrote the file can mend it from the error alone."""
    text = f'[[digest]]\nname = "daily"\nchannel = "#x"\n{line}\n'
    with pytest.raises(Misconfigured) as error:
        declared(tomllib.loads(text), "my-digests.toml")
    assert "my-digests.toml, digest 'daily'" in error.value.message
    assert key in error.value.message
    assert says in f"{error.value.message} {error.value.hint}"


@pytest.mark.parametrize("text", ['[[digest]]\nname = "a"', '[digests]\nname = "a"', "digest = 3", "digest = [3]"])
def test_what_is_no_digest_is_refused(text):
    """A file of another shape, or a digest without a place, is refused with a hint."""
    with pytest.raises(Misconfigured) as error:
        declared(tomllib.loads(text))
    assert error.value.hint


def test_two_digests_cannot_share_a_name():
    """Names tell digests apart, whatever their case."""
    one = {"name": "Daily", "channel": "#a"}
    with pytest.raises(Misconfigured, match="two digests"):
        declared({"digest": [one, {**one, "name": "daily"}]})


def test_a_currency_that_was_kept_beside_a_question_is_the_questions():
    """What 0.1 stored of a scheduled answer in euros is still asked for in euros."""
    stored = {"question": {"period": {"start": "2026-11-01", "end": "2026-11-23"}}, "on": "2026-11-22"}
    assert Asked.model_validate({**stored, "currency": "EUR"}).question.currency == "EUR"
    assert Asked.model_validate({**stored, "currency": ""}).question.currency is None
    assert Asked.model_validate(stored).question.currency is None
