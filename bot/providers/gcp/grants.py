"""The least that the settings for Google Cloud need, as commands to paste."""

from __future__ import annotations

from collections.abc import Sequence

from bot.providers import RequestKind
from bot.providers._requests import by_permission
from bot.providers.gcp.settings import GcpSettings

_APIS = {
    "bigquery": "bigquery.googleapis.com",
    "billing": "cloudbilling.googleapis.com",
    "budgets": "billingbudgets.googleapis.com",
}
"""APIs to enable, by how the operations begin that need them."""
_BOT = "serviceAccount:BOT"


def least_privilege(settings: GcpSettings, requests: Sequence[RequestKind]) -> str:
    """Custom roles of exactly the permissions called; for billing accounts, which have none, the narrowest role."""
    needed = [permission.partition(" ")[0] for permission in by_permission(requests)]
    apis = dict.fromkeys(api for kind in requests for start, api in _APIS.items() if kind.operation.startswith(start))
    data_project = settings.billing_table.split(".")[0]
    jobs = [permission for permission in needed if permission.startswith("bigquery.jobs.")]
    tables = [permission for permission in needed if permission.startswith("bigquery.") and permission not in jobs]
    bind = f"gcloud projects add-iam-policy-binding {settings.project} --member={_BOT}"
    grant = f'GRANT `projects/{data_project}/roles/spendReadsBilling` ON SCHEMA `{settings.dataset}` TO "{_BOT}"'
    lines = [
        f"gcloud services enable {' '.join(apis)} --project={settings.project}",
        _role("spendRunsQueries", settings.project, jobs),
        f"{bind} --role=projects/{settings.project}/roles/spendRunsQueries",
        _role("spendReadsBilling", data_project, tables),
        f"bq query --use_legacy_sql=false '{grant}'",
    ]
    if any(permission.startswith("billing.") for permission in needed):
        lines.append(
            f"gcloud billing accounts add-iam-policy-binding ACCOUNT --member={_BOT} --role=roles/billing.viewer"
        )
    return "\n".join(lines)


def _role(name: str, project: str, permissions: Sequence[str]) -> str:
    return f"gcloud iam roles create {name} --project={project} --permissions={','.join(permissions)}"
