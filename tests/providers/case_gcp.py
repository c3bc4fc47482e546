"""Google Cloud, held to the contract."""

import json
import tempfile
from pathlib import Path

from contract import Case

from bot.providers.gcp import Gcp, GcpSettings
from simulators.gcp.keys import BOT, TOKEN, key_file
from simulators.gcp.server import GcpSimulator, refusal

STRANGER = "nobody@elsewhere.iam.example"
FOLDER = tempfile.TemporaryDirectory(prefix="gcp-keys-")
"""Key files, gone when the tests are."""


def adapter(simulator, meter, clock, source="gcp", **settings):
    """The adapter, pointed at a simulator; anonymous, as at any emulator."""
    where = {"emulator_host": simulator.url, "api_endpoint": simulator.url}
    return Gcp(GcpSettings(billing_table=simulator.table, **where, **settings), meter=meter, clock=clock, source=source)


def with_key(simulator, meter, clock, email=BOT):
    """The adapter with the key of a service account; the simulator knows ``BOT``'s."""
    path = Path(FOLDER.name) / f"{email}.json"
    path.write_text(json.dumps(key_file(f"{simulator.url}/token", email)))
    return adapter(simulator, meter, clock, credentials_file=str(path))


CASE = Case(
    simulate=lambda clock: GcpSimulator(clock, page_rows=30),
    empty=lambda clock: GcpSimulator(clock, rows_of=lambda _: ()),
    provider=adapter,
    stranger=lambda simulator, meter, clock: with_key(simulator, meter, clock, STRANGER),
    secrets=(TOKEN, "PRIVATE KEY", "0011223344556677"),
    throttled=refusal(403, "rateLimitExceeded", "Exceeded rate limits: too many api requests."),
    forbidden=refusal(403, "accessDenied", "Access Denied: Permission bigquery.tables.getData denied on table y."),
    permission="roles/bigquery.dataViewer",
    cursor_lost=refusal(404, "notFound", "Not found: Job x:y.job_1"),
    paged=lambda request: "pageToken" in request.query,
    restate=lambda simulator, day: simulator.restate(day),
    vanish=lambda simulator, day: simulator.vanish(day, "BigQuery"),
    module="bot.providers.gcp",
    sdk=("google.cloud", "google.auth", "google.api_core", "requests", "grpc"),
)
