"""The demo's warehouse in Slack: a question that only it answers, with its price, and one it refuses."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb
import pytest
from slack_app import running
from test_live_button import buttons

from bot.answering.service import AnswerService, Defaults
from bot.app.container import Container
from bot.domain.period import Period
from bot.sync.service import sync
from simulators import lake
from simulators.slack import MEMBER

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
OCTOBER = "BILLING_PERIOD=2026-10"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The app at work; the lake's October declared in sources.toml, and pulled."""
    tmp_path = tmp_path_factory.mktemp("demo")
    table = lake.lay(tmp_path / "lake", DAYS)
    (tmp_path / "sources.toml").write_text(lake.source(table))
    container = Container(
        lambda: {
            "LEDGER_URL": f"sqlite:///{tmp_path}/ledger.db",
            "SOURCES_FILE": str(tmp_path / "sources.toml"),
            "SPEND_NOW": NOW.isoformat(),
        }
    )
    assert sync(container.sources(), container.ledger, now=lambda: NOW).ok
    service = AnswerService(
        container.ledger, clock=lambda: NOW, defaults=Defaults(ZoneInfo("UTC")), live=lambda: container.live
    )
    with running(service, container.ledger.memory) as office:
        office.folder = tmp_path
        yield office
    container.ledger.close()


def test_a_warehouse_question_is_answered_for_its_price(run):
    """The button says what it reads and costs; pressed, the three largest resources are DuckDB's own sums."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "top 3 resources last month")
    message = run.answer("#cloud-costs", MEMBER)
    (offer,) = [words for words in buttons(message) if words.startswith("Ask the warehouse: reads ")]
    assert offer.endswith(" kB, under $0.01")
    pressed = buttons(message)[offer]
    run.ws.click(MEMBER, message["ts"], pressed["action_id"], pressed["value"])
    answer = str(run.answer("#cloud-costs", MEMBER, count=2))
    largest = duckdb.sql(
        f"SELECT ResourceId, round(sum(BilledCost), 0)::INT FROM '{run.folder}/lake/{OCTOBER}/*.parquet' "
        "GROUP BY ALL ORDER BY sum(BilledCost) DESC LIMIT 3"
    ).fetchall()
    assert all(f"{name}: ${cost}" in answer or (name in answer and f"${cost}" in answer) for name, cost in largest)
    assert "the ledger has" not in answer


def test_a_question_past_the_limit_has_no_button_and_says_why(run):
    """A query that would read more than one may is not offered: both sizes are said, and nothing is read."""
    path = run.folder / "sources.toml"
    path.write_text(path.read_text().replace(f"query_limit = {lake.QUERY_LIMIT}", "query_limit = 20000"))
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "last month by service and resource")
    message = run.answer("#cloud-costs", MEMBER, count=3)
    assert not any(words.startswith("Ask") for words in buttons(message))
    assert "of the warehouse; one query may read 20 kB. Ask for fewer days." in str(message)
