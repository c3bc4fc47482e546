"""What is shipped to run the bot elsewhere, given to the checkers of those who read it: ``make test-deploy``."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from scripts import infrastructure

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHECKERS = ROOT / ".checkers"
pytestmark = pytest.mark.skipif(not os.environ.get("TEST_DEPLOY"), reason="slow programs: make test-deploy")


def accepts(program, *arguments):
    """A checker ends well; what it prints. Skipped, by name, where it is not installed."""
    folders = [Path(sys.executable).parent, CHECKERS / "checkov/bin", CHECKERS / "prometheus/usr/bin"]
    path = shutil.which(program, path=os.pathsep.join([*map(str, folders), os.environ["PATH"]]))
    if path is None:
        pytest.skip(f"{program} is not installed (make test-deploy)")
    done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=DEPLOY)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_hadolint_accepts_the_image():
    """Best practices of Dockerfiles and, in their RUN lines, of shells."""
    accepts("hadolint", DEPLOY / "Dockerfile")


@pytest.mark.parametrize(
    ("schema", "path"), [("compose-spec", "compose.yaml"), ("github-workflows", "examples/weekly-movers.yml")]
)
def test_files_fit_their_published_schemas(schema, path):
    """Compose and GitHub Actions publish theirs; the checker carries them."""
    accepts("check-jsonschema", "--builtin-schema", f"vendor.{schema}", DEPLOY / path)


def test_the_mcp_registry_accepts_the_entry(tmp_path):
    """server.json fits the schema that it names and the registry's rules on names and versions."""
    shutil.copy(ROOT / "server.json", tmp_path)
    assert "mcp-registry" in accepts("skillsaw", "lint", "--strict", tmp_path)


def test_kubernetes_accepts_the_manifests():
    """Each manifest fits the API's schema."""
    validator = import_module("kubernetes_validate")
    for name in ("statefulset", "service", "networkpolicy"):
        for document in yaml.safe_load_all((DEPLOY / "kubernetes" / f"{name}.yaml").read_text()):
            validator.validate(document, "1.31", strict=True)


def test_cloudformation_accepts_the_template():
    """cfn-lint has nothing to say."""
    assert accepts("cfn-lint", infrastructure.CLOUDFORMATION) == ""


@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_terraform_can_be_parsed(cloud):
    """The modules are HCL, and every variable that is used is declared."""
    text = (DEPLOY / cloud / "main.tf").read_text()
    declared = {name.strip('"') for block in import_module("hcl2").loads(text)["variable"] for name in block}

    assert set(re.findall(r"\bvar\.(\w+)", text)) == {name for name in declared if not name.startswith("__")}


def test_terraform_has_its_own_form():
    """``terraform fmt`` would change nothing; ``validate`` needs the vendors' plugins, which are not fetched here."""
    accepts("terraform", "fmt", "-check", "-recursive", DEPLOY)


def test_checkov_finds_nothing_that_is_not_reviewed():
    """Image, manifests, CloudFormation and Terraform; .checkov.yaml says why it passes over what it does."""
    reports = json.loads(
        accepts("checkov", "-d", ".", "--config-file", ".checkov.yaml", "--skip-download", "--output", "json")
    )

    assert {report["check_type"] for report in reports} >= {"cloudformation", "dockerfile", "kubernetes", "terraform"}
    assert all(report["summary"]["passed"] > 10 for report in reports)
    assert [report["results"]["failed_checks"] for report in reports if report["results"]["failed_checks"]] == []


def test_prometheus_accepts_configuration_and_rules():
    """Promtool reads both and finds every rule."""
    assert "7 rules" in accepts("promtool", "check", "config", DEPLOY / "prometheus" / "prometheus.yaml")


def test_alerts_fire_when_they_should():
    """Each rule, on series as the bot exports them: silent before its threshold and its time, firing after."""
    accepts("promtool", "test", "rules", DEPLOY / "prometheus" / "alerts_test.yaml")


def test_every_panel_asks_what_prometheus_understands(tmp_path):
    """The expressions of the dashboard are read by Prometheus itself."""
    panels = json.loads((DEPLOY / "grafana" / "dashboards" / "spend.json").read_text())["panels"]
    rules = [
        {"record": f"panel:{panel['id']}:{number}", "expr": target["expr"]}
        for panel in panels
        for number, target in enumerate(panel.get("targets", []))
    ]
    written = tmp_path / "panels.yaml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(rules)} rules" in accepts("promtool", "check", "rules", written)
