"""Builds what is released, and uses it as a newcomer does: ``make release`` (needs the package registry).

Two wheels, ``spend`` and ``spend-demo``, built twice from the commit that is checked out: the bytes must be equal.
Then, in an empty environment with an empty home: import, ask, MCP, completion; without the demo's wheel `spend demo`
says what to install; with it the page answers. ``dist/`` keeps the wheels, their checksums and an SBOM of that
environment.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
PROJECTS = (".", "simulators")
TODAY = "2026-11-22T09:00:00+00:00"
BILL = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ServiceProviderName\n"
    "1.25,1.25,1.25,1.25,1,USD,2026-10-01,2026-11-01,2026-10-03,2026-10-04,Usage,Acme Compute,Acme\n"
    "0.5,0.5,0.5,0.5,1,USD,2026-11-01,2026-12-01,2026-11-03,2026-11-04,Usage,Acme Compute,Acme\n"
)


def main() -> None:
    """Build, compare, install, use.

    Raises:
        SystemExit: something is not as promised.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        wheels = reproduced(work)
        newcomer = Newcomer(work / "home")
        newcomer.install(f"{wheels['spend']}[mcp]", str(wheels["spend"]))
        newcomer.answers()
        sbom(newcomer.python)
        newcomer.install(str(wheels["spend_demo"]), str(wheels["spend"]))
        newcomer.demo()
    checksums = [f"{hashlib.sha256(item.read_bytes()).hexdigest()}  {item.name}" for item in sorted(DIST.glob("*.*"))]
    (DIST / "SHA256SUMS").write_text("\n".join(checksums) + "\n")
    say("dist/", *checksums, sep="\n")


def reproduced(work: Path) -> dict[str, Path]:
    """The wheels by their project's name, in ``dist/``; built twice to the same bytes."""
    shutil.rmtree(DIST, ignore_errors=True)
    first, second = build(work / "one", DIST), build(work / "two", work / "again")
    for name, wheel in first.items():
        check(wheel.read_bytes() == second[name].read_bytes(), f"{name} is built to other bytes the second time")
        say(f"{wheel.name}: {wheel.stat().st_size:,} bytes, the same twice")
    return first


def build(source: Path, into: Path) -> dict[str, Path]:
    """The wheels of the commit that is checked out, from a copy of its files in ``source``."""
    source.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x", "-C", str(source)], input=archive, check=True)
    committed = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    environment = {**os.environ, "SOURCE_DATE_EPOCH": committed.strip()}
    for project in PROJECTS:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(into)]
        command += ["--build-constraint", str(ROOT / "constraints.txt"), str(source / project)]
        subprocess.run(command, check=True, env=environment, umask=0o022)
    return {wheel.name.partition("-")[0]: wheel.resolve() for wheel in into.glob("*.whl")}


class Newcomer:
    """Somebody with an empty environment and an empty home, who has the wheels and nothing else of ours."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()
        subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
        self.python = home / "venv" / "bin" / "python"
        self.environment = {
            "PATH": f"{self.python.parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "LEDGER_URL": "sqlite:///spend.db",
            "SPEND_NOW": TODAY,
        }

    def install(self, *wheels: str) -> None:
        """Install wheels and what they need, as pinned."""
        pip = [str(self.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), *wheels], check=True)

    def run(self, *command: str, code: int = 0) -> str:
        """What a command prints; it must end as expected and show no traceback."""
        done = subprocess.run(
            command, cwd=self.home, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        shown = f"{done.stdout}{done.stderr}"
        check(done.returncode == code, f"{' '.join(command)} ended with {done.returncode}, not {code}:\n{shown}")
        check("Traceback" not in shown, f"{' '.join(command)} shows a traceback:\n{shown}")
        return shown

    def answers(self) -> None:
        """Version, import, answers in every form, MCP, completion; no simulators, and a sentence where they lack."""
        (self.home / "bill.csv").write_text(BILL)
        say(self.run("spend", "--version").strip())
        check("1 file" not in self.run("spend", "ask", "october", code=1), "an empty ledger answers")
        self.run("spend", "import", "bill.csv")
        for form in ("text", "json", "csv", "markdown"):
            shown = self.run("spend", "ask", "october by service", "--format", form)
            check("1.25" in shown, f"--format {form} has no 1.25:\n{shown}")
        self.run("spend", "ask", "october on florbs", code=3)
        listed = self.run(
            str(self.python), "-c", "import bot; import importlib.util as u; print(u.find_spec('simulators'))"
        )
        check(listed.strip() == "None", "the wheel brings simulators")
        check("spend[demo]" in self.run("spend", "demo", code=1), "the demo does not say what to install")
        client = ROOT / "deploy" / "examples" / "mcp_client.py"
        answered = self.run(str(self.python), str(client))
        check("$1.25" in answered, f"MCP does not answer:\n{answered}")
        say(answered.strip())
        completion = 'eval "$(_SPEND_COMPLETE=bash_source spend)"; complete -p spend'
        check("_spend_completion" in self.run("bash", "-c", completion), "bash completion is not there")

    def demo(self) -> None:
        """The demo's page answers, its bills come in, and it ends when it is asked to."""
        command = ["spend", "demo", "--no-browser", "--port", "0"]
        with subprocess.Popen(
            command, cwd=self.home, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as process:
            output = process.stdout or io.StringIO()
            try:
                ready = re.match(r"ready (http://\S+)", output.readline())
                if ready is None:
                    raise SystemExit("wheel: the demo does not get ready")
                with urllib.request.urlopen(ready[1], timeout=30) as page:  # noqa: S310 - it is http on loopback
                    check(b"<title>" in page.read(), "the demo has no page")
                shown = ""
                while "are in" not in shown:
                    shown = output.readline()
                    check(bool(shown), "the demo ended before its bills were in")
                say(shown.strip())
            finally:
                process.terminate()
            check(process.wait(60) == 0, "the demo does not end cleanly")


def sbom(python: Path) -> None:
    """The software bill of materials of what a newcomer installed, where cyclonedx-py is installed."""
    program = shutil.which("cyclonedx-py", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        say("No cyclonedx-py (pip install '.[release]'): no SBOM.")
        return
    written = DIST / "spend.cdx.json"
    command = [
        program,
        "environment",
        "--output-reproducible",
        "--output-format",
        "JSON",
        "--output-file",
        str(written),
    ]
    subprocess.run([*command, "--pyproject", str(ROOT / "pyproject.toml"), str(python)], check=True)
    say(f"{written.name}: CycloneDX, {written.read_text().count('bom-ref')} components")


def check(held: bool, otherwise: str) -> None:
    """Ends the program where a promise does not hold."""
    if not held:
        sys.exit(f"wheel: {otherwise}")


def say(*lines: str, sep: str = " ") -> None:
    """Shows a line of what was seen."""
    print(*lines, sep=sep, flush=True)


if __name__ == "__main__":
    main()
