"""What is shipped to run the bot elsewhere agrees with the code, and is what its tools accept."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.app import metrics
from bot.app.settings import Settings, variables
from bot.domain.labels import KINDS
from scripts import infrastructure

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
EXPORTED = {
    f"{family.name}{suffix}"
    for family in metrics.REGISTRY.collect()
    for suffix in ("", "_total", "_bucket", "_sum", "_count")
}


def loaded(path):
    """Every document of a YAML file."""
    return list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize(
    "path", [DEPLOY / "prometheus" / "alerts.yaml", DEPLOY / "grafana" / "dashboards" / "spend.json"]
)
def test_every_metric_that_is_watched_is_exported(path):
    """Alert rules and the dashboard name metrics that ``/metrics`` has."""
    text = path.read_text()
    named = set(re.findall(r"spend_\w+", text if path.suffix == ".yaml" else json.dumps(json.loads(text)["panels"])))

    assert named
    assert named <= EXPORTED


def test_the_first_failure_is_an_increase():
    """What alerts count is exported as zero before the first failure; a series that begins at one has no increase."""
    series = {
        (sample.name, *sample.labels.values())
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }

    assert {("spend_posts_total", what, "failed") for what in ("digest", "alert")} <= series
    assert {("spend_questions_total", kind, "bug") for kind in KINDS} <= series


def test_every_alert_says_what_to_do():
    """Each rule has a summary and names the runbook."""
    rules = loaded(DEPLOY / "prometheus" / "alerts.yaml")[0]["groups"][0]["rules"]

    assert all(rule["annotations"]["summary"] and "runbook" in rule["annotations"]["runbook"] for rule in rules)


def test_the_aws_policy_is_the_one_that_doctor_prints():
    """CloudFormation and Terraform grant exactly what the adapter calls, and name every column of the export."""
    template = infrastructure.CLOUDFORMATION.read_text()

    assert infrastructure.cloudformation(template) == template
    assert infrastructure.POLICY.read_text() == infrastructure.policy_json()
    assert infrastructure.terraform(infrastructure.TERRAFORM.read_text()) == infrastructure.TERRAFORM.read_text()


BUCKET = "BucketOwnerEnforced OldVersions AES256 aws:SourceAccount aws:SourceArn aws:SecureTransport"
WRITER = "bcm-data-exports.amazonaws.com s3:PutObject s3:GetBucketPolicy"
EXPORT = "spend-focus FOCUS_1_2_AWS SYNCHRONOUS OVERWRITE_REPORT CUSTOM PARQUET"
ROLE = "spend-billing sts:AssumeRole sts:ExternalId"


@pytest.mark.parametrize("fact", f"{BUCKET} {WRITER} {EXPORT} {ROLE}".split())
def test_cloudformation_and_terraform_make_the_same(fact):
    """What protects the bucket, who writes and reads it, and what the export is, stands in both."""
    assert fact in infrastructure.CLOUDFORMATION.read_text()
    assert fact in infrastructure.TERRAFORM.read_text()


def test_settings_that_are_named_exist():
    """Compose, Kubernetes and the image set variables that the bot reads."""
    known = set(variables(Settings))
    texts = [path.read_text() for path in (DEPLOY / "compose.yaml", DEPLOY / "Dockerfile")]
    texts += [path.read_text() for path in (DEPLOY / "kubernetes").glob("*.yaml")]
    named = {name for text in texts for name in re.findall(r"\b((?:SLACK|LEDGER|LOG|MCP)_[A-Z_]+)\b", text)}

    assert {name.removesuffix("_FILE") for name in named} <= known


def test_systemds_credentials_are_the_secrets_that_are_read():
    """Each credential is named by a variable of a secret's file, and by no other."""
    unit = (DEPLOY / "spend.service").read_text()
    loaded_ones = set(re.findall(r"^LoadCredential=(\w+):/etc/spend/\1$", unit, re.MULTILINE))
    named = dict(re.findall(r"^Environment=(\w+)_FILE=%d/(\w+)$", unit, re.MULTILINE))

    assert set(named.values()) == loaded_ones
    assert {variable.casefold() for variable in named} == loaded_ones
    assert set(named) <= set(variables(Settings))


def test_containers_run_with_the_least():
    """No root, no new privileges, a read-only file system, all capabilities dropped."""
    bot = loaded(DEPLOY / "compose.yaml")[0]["services"]["bot"]
    pod = loaded(DEPLOY / "kubernetes" / "statefulset.yaml")[0]["spec"]["template"]["spec"]
    container = pod["containers"][0]["securityContext"]

    assert bot["read_only"]
    assert bot["cap_drop"] == ["ALL"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["readOnlyRootFilesystem"]
    assert container["capabilities"]["drop"] == ["ALL"]
    assert re.search(r"^USER 10001$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)


def test_compose_hangs_together():
    """Every secret, volume and service that one names is declared, and each secret is a file of its own."""
    compose = loaded(DEPLOY / "compose.yaml")[0]
    named = {kind: set() for kind in ("secrets", "volumes", "services")}
    for service in compose["services"].values():
        named["secrets"] |= set(service.get("secrets", []))
        named["volumes"] |= {mount.split(":")[0] for mount in service.get("volumes", []) if not mount.startswith(".")}
        named["services"] |= set(service.get("depends_on", {}))
        variables_of = service.get("environment", {})
        files = {value.rpartition("/")[2] for name, value in variables_of.items() if name.endswith("_FILE")}
        assert files <= set(service.get("secrets", []))

    assert named["secrets"] == set(compose["secrets"])
    assert named["volumes"] == set(compose["volumes"])
    assert named["services"] <= set(compose["services"])
    assert {secret["file"] for secret in compose["secrets"].values()} == {
        f"secrets/{name}" for name in compose["secrets"]
    }


def test_the_entry_for_the_mcp_registry_is_of_this_version():
    """server.json names the package, its version and the name that the README and the image prove to be ours."""
    entry = json.loads((ROOT / "server.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (package,) = entry["packages"]

    assert entry["version"] == package["version"] == project["version"]
    assert package["identifier"] == project["name"]
    assert package["runtimeArguments"][0]["value"] == f"{project['name']}[mcp]=={project['version']}"
    assert len(entry["description"]) <= 100
    assert f"<!-- mcp-name: {entry['name']} -->" in (ROOT / "README.md").read_text()
    assert f'io.modelcontextprotocol.server.name="{entry["name"]}"' in (DEPLOY / "Dockerfile").read_text()
    assert {variable["name"] for variable in package["environmentVariables"]} <= set(variables(Settings))
