"""A real Spark cluster: a master and two workers on loopback, of which one is killed while it works.

Run with ``make test-cluster``; it takes Java 17 and a minute or two, so that ``make test`` leaves it out by name.
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from contract import Tally
from pyarrow import parquet
from test_warehouse import NOW, duckdb_settings, told
from warehouse_bill import truth

from bot.domain.question import Filter
from bot.providers.warehouse import Warehouse, WarehouseSettings

pytestmark = pytest.mark.skipif(
    not os.environ.get("TEST_CLUSTER"), reason="a Spark cluster is started by make test-cluster"
)
_PATIENCE = 300
COPIES = 150


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of the master, and its two workers."""
    pyspark = pytest.importorskip("pyspark", reason="Spark is not installed (pyspark)")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17")
    home, folder = Path(pyspark.__path__[0]), tmp_path_factory.mktemp("spark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }

    def start(name, kind, *arguments):
        command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", *arguments]
        with (folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    url = f"spark://127.0.0.1:{port}"
    master = start("master", "master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
    wait_for(lambda: "I have been elected leader" in (folder / "master.log").read_text())
    worker = ("worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0")
    workers = [start(f"worker-{n}", *worker, "--work-dir", str(folder / f"worker-{n}"), url) for n in range(2)]
    wait_for(lambda: (folder / "master.log").read_text().count("Registering worker") == len(workers))
    yield url, workers, folder / "worker-0"
    for process in (*workers, master):
        stop(process)


def stop(process):
    """Ends a process and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tasks(folder):
    """How many tasks a worker has begun, by what its executors write."""
    return sum(log.read_text().count("Running task") for log in folder.glob("app-*/*/stderr"))


def wait_for(ready):
    """Until it is.

    Raises:
        TimeoutError: it never was.
    """
    until = time.monotonic() + _PATIENCE
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.2)


def warehouse(url, table):
    """The provider over files that the workers read."""
    settings = WarehouseSettings(engine="spark", table=table, url=url, timeout=_PATIENCE)
    return Warehouse(settings, meter=Tally(), clock=lambda: NOW, source="lake")


def test_sums_of_a_cluster_are_exact(cluster, tmp_path):
    """By resource, filtered by hostile names, by a tag with a hyphen: as Python's integers add it up."""
    table = duckdb_settings(tmp_path)["table"]
    provider = warehouse(cluster[0], table)
    where = [Filter(dimension="ResourceId", values=('it\'s; DROP TABLE "x" --', ""), exclude=True)]

    def month(row):
        return row["ChargePeriodStart"].date().replace(day=1)

    found = {key: charge.billed_cost for key, charge in told(provider, ["ResourceId"], where).items()}
    named = ("bucket-a", "bucket-b", "i-0abc")
    assert found == truth(lambda row: (month(row), row["ResourceId"]), where=lambda row: row["ResourceId"] in named)
    tagged = {key[1] for key in told(provider, ["Tags/cost-center"])}
    assert tagged == {"4\"2'", ""}


def test_a_worker_killed_while_it_works_costs_no_digit(cluster, tmp_path):
    """The other worker does its part again; the sum is the same to the last digit."""
    url, workers, folder = cluster
    amount = Decimal("0.000000000000000001") + 7
    instant = pa.timestamp("us", "UTC")
    part = pa.table({
        "ChargePeriodStart": pa.array([NOW.replace(month=10)] * 20_000, instant),
        "BilledCost": pa.array([amount] * 20_000, pa.decimal128(38, 18)),
        "BillingCurrency": ["USD"] * 20_000,
        "ResourceId": [f"i-{n}" for n in range(20_000)],
    })  # fmt: skip
    for number in range(COPIES):
        parquet.write_table(part, tmp_path / f"{number}.parquet")
    provider, result = warehouse(url, f"{tmp_path}/*.parquet"), []
    working = threading.Thread(target=lambda: result.append(told(provider)))
    begun = tasks(folder)
    working.start()
    wait_for(lambda: tasks(folder) > begun)
    stop(workers[0])
    assert working.is_alive(), "it was done before a worker could be killed: raise COPIES"
    working.join(_PATIENCE)
    assert [charge.billed_cost for charge in result[0].values()] == [amount * 20_000 * COPIES]
