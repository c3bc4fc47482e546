"""What Google recommends, from Recommender's export to BigQuery."""

from datetime import date
from decimal import Decimal

import pytest
from case_gcp import adapter
from contract import NOW, Tally

from bot.domain.errors import CostError
from simulators.gcp.server import GcpSimulator, refusal


def make(simulator, meter=None, **settings):
    """The adapter, with the export of recommendations."""
    chosen = {"recommendations_table": simulator.recommendations_table, **settings}
    return adapter(simulator, meter or Tally(), lambda: NOW, **chosen)


def test_the_newest_day_of_the_export_is_what_is_recommended():
    """Open ones on cost, once each, savings by the nanounit; an estimate of ten days is one of a month."""
    with GcpSimulator(lambda: NOW) as sim:
        report = make(sim).recommendations()
    found = {item.action: item for item in report.recommendations}
    assert set(found) == {"STOP_VM", "CHANGE_MACHINE_TYPE", "NO_RESOURCE"}
    assert found["STOP_VM"].savings == Decimal("48.5")
    assert found["CHANGE_MACHINE_TYPE"].savings == Decimal("120.250000001")
    assert found["NO_RESOURCE"].savings == 30
    assert {item.kind for item in found.values()} == {"idle", "rightsizing", "commitment"}
    idle = found["STOP_VM"]
    assert (idle.account, idle.region, idle.resource, idle.service) == (
        "lumen-web",
        "europe-west3",
        "old-vm",
        "Compute Engine",
    )
    assert report.reported == date(2026, 11, 21)
    assert report.together == {}


def test_without_the_export_nothing_is_asked():
    """Whoever names no table has no recommendations of Google's, and pays for no query."""
    with GcpSimulator(lambda: NOW) as sim:
        assert adapter(sim, Tally(), lambda: NOW).recommendations() is None
        assert sim.count == 0


@pytest.mark.parametrize(
    "table", ["lumen-billing.recommender.other", "lumen-billing.recommender.recommendations_export"]
)
def test_doctor_says_what_lacks(table):
    """A table that is not there, or may not be read, is one failed check with what to grant."""
    with GcpSimulator(lambda: NOW) as sim:
        if table == sim.recommendations_table:
            sim.fail(refusal(403, "accessDenied", "Access Denied: Permission bigquery.tables.getData denied"), times=99)
        provider = make(sim, recommendations_table=table)
        with pytest.raises(CostError):
            provider.recommendations()
        failed = [check for check in provider.checks() if not check.ok and "recommendations" in check.what]
    assert len(failed) == 1
    assert failed[0].hint
