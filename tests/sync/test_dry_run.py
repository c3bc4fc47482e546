"""What a sync would ask is listed before anything is sent."""

from decimal import Decimal

import pytest
from case_aws import adapter
from contract import NAMES, NOW, load

from bot.ledger import Ledger
from bot.sync.dry_run import planned
from bot.sync.service import sync
from simulators.aws import bill
from simulators.aws.server import AwsSimulator


@pytest.fixture
def ledger(tmp_path):
    """A ledger of this test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_request_has_its_permission_and_nothing_is_asked(name, ledger):
    """Each provider lists its requests with the permission that each needs; the vendor hears nothing."""
    case = load(name)
    with case.simulate(lambda: NOW) as simulator:
        run = planned({name: lambda meter: case.provider(simulator, meter, lambda: NOW)}, ledger, NOW, None, due=False)
        assert simulator.count == 0
    assert len(run.requests) >= 6
    assert all(request.kind.operation and request.kind.permission for request in run.requests)
    assert "Nothing was sent." in run.text()


def test_what_is_listed_is_what_is_asked(ledger):
    """Of AWS, each operation that a sync makes was listed; what was just pulled is not listed as due again."""
    with AwsSimulator(lambda: NOW, lines=lambda day: list(bill.lines(day))[:5]) as simulator:
        opens = {"aws": lambda meter: adapter(simulator, meter, lambda: NOW)}
        listed = {
            item.kind.operation.partition(":")[2] for item in planned(opens, ledger, NOW, None, due=True).requests
        }
        assert sync(opens, ledger, now=lambda: NOW).ok
        made = {
            request.headers["x-amz-target"].split(".")[1]
            for request in simulator.log
            if "x-amz-target" in request.headers
        }
        assert made <= listed
        assert planned(opens, ledger, NOW, Decimal(10), due=True).requests == []
