"""Doctor against vendors that refuse one permission at a time: what fails is what lacks, named as the vendor names it.

AWS's are in ``test_aws.py``.
"""

import re
from datetime import date

import pytest
from case_gcp import adapter as google
from case_openai import adapter as openai
from contract import NOW, Tally

from bot.domain.errors import CostError
from bot.domain.period import Period
from simulators.gcp.server import GcpSimulator, refusal
from simulators.openai.server import ADMIN_KEY, EVERYTHING, OpenAISimulator

ONE_DAY = Period(start=date(2026, 11, 3), end=date(2026, 11, 4))
"""One day, which cannot be read in smaller parts."""
SCOPES = {
    "api.usage.read": {"OpenAI costs"},
    "api.management.read": {"OpenAI projects"},
}
"""The first check that each scope is needed for; later ones fail for the same reason, and say nothing more."""


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_openais_scopes_are_named_one_by_one(scope):
    """A key without one scope fails what needs it, and no other scope is said to lack."""
    with OpenAISimulator(lambda: NOW) as sim:
        sim.keys[ADMIN_KEY] = EVERYTHING - {scope}
        failed = [check for check in openai(sim, Tally(), lambda: NOW).checks() if not check.ok]
    assert {check.what for check in failed} >= SCOPES[scope]
    named = set(re.findall(r"api\.\w+\.\w+", " ".join(f"{check.message} {check.hint}" for check in failed)))
    assert named == {scope}


def test_every_scope_that_openai_asks_for_is_tried():
    """What a sync needs is what doctor tries."""
    with OpenAISimulator(lambda: NOW) as sim:
        needed = {kind.permission for kind in openai(sim, Tally(), lambda: NOW).requests()}
    assert needed == set(SCOPES)


GOOGLE = {
    "bigquery.tables.get": lambda request: request.method == "GET" and "/tables/" in request.path,
    "bigquery.jobs.create": lambda request: request.method == "POST" and "/bigquery/" in request.path,
    "bigquery.tables.getData": lambda request: request.path.endswith("/queries"),
    "billing.accounts.list": lambda request: request.path.endswith("/billingAccounts"),
    "billing.budgets.list": lambda request: request.path.endswith("/budgets"),
}
"""Google's permissions, by the requests that need them."""


@pytest.mark.parametrize("permission", sorted(GOOGLE))
def test_googles_permissions_are_named_one_by_one(permission):
    """The check that fails names the permission as Google does, and the role that has it."""
    with GcpSimulator(lambda: NOW) as sim:
        words = f"Access Denied: Permission {permission} denied on resource."
        sim.fail(refusal(403, "accessDenied", words), times=99, when=GOOGLE[permission])
        failed = [check for check in google(sim, Tally(), lambda: NOW).checks() if not check.ok]
    named = set(re.findall(r"\b(?:bigquery|billing)\.\w+\.\w+", " ".join(check.message for check in failed)))
    assert named == {permission}
    assert all("roles/" in check.hint for check in failed)


DOCUMENTED = [
    (400, "invalidQuery", "RequestRefused"),
    (400, "bytesBilledLimitExceeded", "CeilingReached"),
    (400, "resourcesExceeded", "QueryTooLarge"),
    (400, "responseTooLarge", "QueryTooLarge"),
    (401, "authError", "AccessDenied"),
    (403, "accessDenied", "AccessDenied"),
    (403, "accessNotConfigured", "Misconfigured"),
    (403, "billingNotEnabled", "Misconfigured"),
    (403, "quotaExceeded", "Unavailable"),
    (403, "rateLimitExceeded", "Unavailable"),
    (404, "notFound", "Misconfigured"),
    (500, "backendError", "Unavailable"),
    (500, "internalError", "Unavailable"),
    (503, "backendError", "Unavailable"),
]
"""The page "Error messages" of BigQuery: status, reason, and what it means to whoever asked."""


@pytest.mark.parametrize(("status", "reason", "kind"), DOCUMENTED)
def test_each_documented_error_of_bigquery_is_named_for_who_must_act(status, reason, kind):
    """Retried, read in smaller parts, or stopped with a sentence: each error has its kind, and says what to do."""
    with GcpSimulator(lambda: NOW) as sim:
        sim.fail(refusal(status, reason, "Words of Google."), times=99, when=lambda request: request.method == "POST")
        provider = google(sim, Tally(), lambda: NOW)
        feed = provider.feeds()[0]
        with pytest.raises(CostError) as caught:
            list(provider.charges(feed, ONE_DAY))
    assert type(caught.value).__name__ == kind
    assert caught.value.hint


def test_the_least_that_is_granted_is_what_is_called():
    """What is to be pasted names every permission and scope that a sync needs, every API, and no other."""
    with GcpSimulator(lambda: NOW) as sim, OpenAISimulator(lambda: NOW) as other:
        provider = google(sim, Tally(), lambda: NOW)
        granted, needed = provider.least_privilege(), {kind.permission for kind in provider.requests()}
        keys = openai(other, Tally(), lambda: NOW).least_privilege()
    named = {permission.partition(" ")[0] for permission in needed} - {"none"}
    assert set(re.findall(r"bigquery\.[\w.]+", granted)) - {"bigquery.googleapis.com"} == {
        permission for permission in named if permission.startswith("bigquery.")
    }
    assert set(re.findall(r"roles/(\w+\.\w+)", granted)) == {"billing.viewer"}
    assert set(re.findall(r"\w+\.googleapis\.com", granted)) == {
        *("bigquery.googleapis.com", "cloudbilling.googleapis.com", "billingbudgets.googleapis.com")
    }
    assert set(re.findall(r"api\.\w+\.\w+", keys)) == set(SCOPES)
    assert "/organization/costs" in keys
