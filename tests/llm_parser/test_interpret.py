"""A language model may read a sentence that the grammar cannot; it never states a figure and never invents a name."""

import json
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from endpoint import KEY, Models
from pydantic import SecretStr
from seen import as_json, seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured, NotUnderstood
from bot.domain.feed import Feed
from bot.domain.period import Period
from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.llm_parser import LlmParser, model
from simulators.http_server import cut, garble, half, hang_up, json_reply

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ODD = "gimme the moolah gobbled by them s3 thingamajigs in october"
"""No grammar reads it."""
MODELS = ("claude-haiku-4-5", "gpt-5-mini")
S3 = {"dimension": "ServiceName", "values": ["Amazon S3"], "exclude": False}


class Bot:
    """An asker over a small bill, with a model of a simulated vendor switched on."""

    def __init__(self, ledger, models, name=MODELS[0], timeout=5.0):
        secret = SecretStr(KEY)
        found = model(name, anthropic=secret, openai=secret, url=models.url, timeout=timeout)
        self.ledger, self.models = ledger, models
        self.interpreter = LlmParser(found, ledger.memory, clock=lambda: NOW)
        self.asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC), interpreter=self.interpreter)
        self.ask = self.asker.ask

    @property
    def sent(self):
        """What was sent last, as the vendor sees it."""
        return self.models.log[-1].body.decode()

    @property
    def told(self):
        """The message in it."""
        body = json.loads(self.sent)
        return json.loads(body["input"] if "input" in body else body["messages"][0]["content"])


@pytest.fixture
def models():
    with Models() as running:
        yield running


@pytest.fixture
def bill(ledger):
    grain = frozenset({"ServiceProviderName", "ServiceName", "SubAccountName", "ChargeCategory"})
    feed = Feed(source="aws", name="bill", grain=grain)
    charges = [
        Charge(
            day=day,
            service_provider_name="AWS",
            service_name=service,
            sub_account_name=account,
            charge_category="Usage",
            billed_cost=Decimal("31.415926535"),
            billing_currency="USD",
        )
        for day in (date(2026, 10, 5), date(2026, 11, 3))
        for service, account in (("Amazon S3", "production"), ("Amazon RDS", "skunkworks"))
    ]
    ledger.replace(feed, Period(start=date(2026, 10, 1), end=date(2026, 11, 22)), charges, synced=NOW)
    return ledger


@pytest.fixture(params=MODELS)
def bot(request, bill, models):
    return Bot(bill, models, request.param)


def test_a_model_reads_what_the_grammar_cannot_and_the_reply_says_so(bot):
    """Of either vendor, over HTTP: the question is the model's, the figure the ledger's, and who read is said."""
    bot.models.returns(where=[S3])
    reply = bot.ask(ODD)
    assert reply.question.where == (Filter(dimension="ServiceName", values=("Amazon S3",)),)
    assert seen(reply).totals[0].amount == Decimal("31.415926535")
    assert f"read by {json.loads(bot.sent)['model']}, a language model" in reply.read_as
    assert as_json(reply)["read_as"] == reply.read_as


def test_what_the_grammar_reads_is_never_sent(bot):
    """A model is asked only where the bot would have refused for a word it does not know."""
    bot.ask("s3 last month")
    for text in ("feb 30", "cheapest service", "", "aws in march and may", "x" * 2_000):
        with pytest.raises(NotUnderstood):
            bot.ask(text)
    assert bot.models.count == 0


def test_names_are_sent_and_never_an_amount(bot):
    """The vocabulary, the day, the sentence and the contract go out; no cost in the ledger does."""
    bot.models.returns()
    bot.ask(ODD)
    assert bot.told["message"] == ODD
    assert bot.told["names"]["ServiceName"] == ["Amazon RDS", "Amazon S3"]
    assert bot.told["today"] == "Sunday 2026-11-22"
    assert "31.4" not in bot.sent


def test_only_what_the_asker_may_see_is_sent_and_read(bot):
    """Names outside of the asker's scope neither reach the vendor nor are accepted from it."""
    scope = Scope(where=(Filter(dimension="SubAccountName", values=("production",)),))
    bot.models.returns(where=[{"dimension": "SubAccountName", "values": ["skunkworks"], "exclude": False}])
    with pytest.raises(NotUnderstood):
        bot.ask(ODD, scope=scope)
    assert "skunkworks" not in bot.sent
    assert "Amazon RDS" not in bot.sent


def test_a_thread_is_told_to_the_model(bot):
    """The question before is sent, so that a follow-up can be read."""
    before = bot.ask("s3 last month").question
    bot.models.returns(by=["SubAccountName"])
    assert bot.ask("slice that thing by whoever blew it", previous=before).question.by == ("SubAccountName",)
    assert bot.told["question_before"]["where"][0]["values"] == ["Amazon S3"]


def test_what_a_model_read_is_remembered_and_asked_once(bot):
    """The same sentence of the same day is read alike for everybody, and is kept as a candidate for the tests."""
    bot.models.returns(where=[S3])
    first = bot.ask(ODD)
    bot.models.returns(by=["SubAccountName"])
    assert bot.ask(ODD).question == first.question
    assert bot.models.count == 1
    kept = list(bot.ledger.memory.all("sentence").values())
    assert [(item["text"], item["question"]["where"][0]["values"]) for item in kept] == [(ODD, ["Amazon S3"])]


@pytest.mark.parametrize(
    "wrong",
    [
        {"where": [{"dimension": "ServiceName", "values": ["Amazon S4"], "exclude": False}]},
        {"where": [{"dimension": "Tags/team", "values": ["core"], "exclude": False}]},
        {"where": [{"dimension": "ServiceName", "values": [], "exclude": False}]},
        {"by": ["Moon"]},
        {"by": ["ServiceName", "SubAccountName", "ServiceProviderName"]},
        {"by": ["Tags"]},
        {"kind": "values", "by": []},
        {"kind": "total"},
        {"period": None},
        {"period": {"start": "2026-11-01", "end": "2026-10-01"}},
        {"period": {"start": "yesterday", "end": "today"}},
        {"kind": "explain", "against": None},
        {"top": -3},
        {"top": 10**9},
        {"threshold": {"op": ">", "amount": "lots"}},
        {"amount": "31.41"},
        {"unread": ["thingamajigs"]},
        {"words": []},
        {"words": [{"word": "moolah", "part": "cost"}, {"word": "s3", "part": "where"}]},
        {"words": [{"word": word, "part": "threshold"} for word in ODD.split()]},
    ],
)
def test_what_does_not_hold_is_as_if_nothing_had_been_said(bot, wrong):
    """Invented names, kinds, periods, figures, words without a part: the grammar's own refusal stands."""
    bot.models.returns(**wrong)
    with pytest.raises(NotUnderstood) as refusal:
        bot.ask(ODD)
    assert "thingamajigs" in " ".join(refusal.value.unknown)
    assert bot.ledger.memory.all("sentence") == {}


@pytest.mark.parametrize("says", ["", "I'd say about $40.", "{", "[]", "null", '{"question": {}}', '"S3"'])
def test_no_json_is_no_reading(bot, says):
    """Prose, half an object, something else: refused like any sentence nobody can read."""
    bot.models.says = says
    with pytest.raises(NotUnderstood):
        bot.ask(ODD)


@pytest.mark.parametrize("stop", ["refusal", "max_tokens"])
def test_a_refusal_or_a_reply_cut_short_is_no_reading(bot, stop):
    """Even if what came before would have been a question."""
    bot.models.returns()
    bot.models.stop = stop
    with pytest.raises(NotUnderstood):
        bot.ask(ODD)


@pytest.mark.parametrize(
    "fault", [cut, hang_up, garble, half, json_reply({}, 429), json_reply({}, 529), json_reply([], 200)]
)
def test_a_vendor_in_trouble_is_no_trouble_of_the_asker(bot, fault):
    """A line cut, a limit, an overload: the refusal that would have come without a model."""
    bot.models.returns()
    bot.models.fail(fault)
    with pytest.raises(NotUnderstood):
        bot.ask(ODD)
    assert bot.ask(ODD).question.kind == "cost"


def test_a_model_that_thinks_too_long_is_not_waited_for(bill, models):
    """After LANGUAGE_MODEL_TIMEOUT the sentence counts as unread."""
    bot = Bot(bill, models, timeout=0.2)
    models.returns()
    models.wait = 1.5
    start = time.monotonic()
    with pytest.raises(NotUnderstood):
        bot.ask(ODD)
    assert time.monotonic() - start < 1.2


def test_a_key_that_is_refused_shows_nowhere(bill, models, caplog):
    """A wrong key is the same to the asker as no model, and stands in no log."""
    secret = SecretStr("sk-wrong-77")
    wrong = model("claude-haiku-4-5", anthropic=secret, openai=None, url=models.url, timeout=5)
    reader = LlmParser(wrong, bill.memory, clock=lambda: NOW)
    asker = AnswerService(bill, clock=lambda: NOW, defaults=Defaults(zone=UTC), interpreter=reader)
    with caplog.at_level("DEBUG"), pytest.raises(NotUnderstood):
        asker.ask(ODD)
    assert "HTTP 401" in caplog.text or "read nothing" in caplog.text
    assert "sk-wrong" not in caplog.text + repr(wrong)


def test_a_model_without_its_key_is_told_at_once():
    """Whoever names a model learns which variable is missing, and that the bot does without."""
    with pytest.raises(Misconfigured, match="ANTHROPIC_API_KEY"):
        model("claude-haiku-4-5", anthropic=None, openai=SecretStr(KEY), url="", timeout=5)
    with pytest.raises(Misconfigured, match="OPENAI_API_KEY"):
        model("openai/ft:gpt-5", anthropic=SecretStr(KEY), openai=None, url="", timeout=5)
    with pytest.raises(Misconfigured, match="not a supported model provider"):
        model("mistral/large", anthropic=None, openai=None, url="", timeout=5)
