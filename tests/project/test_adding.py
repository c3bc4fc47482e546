"""`docs/adding.md` names the files that an addition touches, and no others are needed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEW = {
    "bot/answering/kinds/census.py": """
from bot.answering.dispatch import AnswerRequest
from bot.domain.answers.simple import CensusAnswer


def answer(request: AnswerRequest) -> CensusAnswer:
    fresh = tuple(request.reader.freshness())
    return CensusAnswer(count=len(fresh), as_of=fresh)
""",
    "bot/render/kinds/census.py": """
def summary(question, answer):
    return f"{answer.count} source is counted."


def table(question, answer):
    return "Census", []
""",
}
LINES = {
    "bot/domain/question.py": [('    "freshness",\n', '    "freshness",\n    "census",\n')],
    "bot/domain/answers/simple.py": [
        (
            "class FreshnessAnswer",
            (
                "class CensusAnswer(AnswerBasis, frozen=True, kw_only=True):\n"
                '    kind: ClassVar[str] = "census"\n    count: int\n\n\nclass FreshnessAnswer'
            ),
        )
    ],
    "bot/domain/answers/__init__.py": [
        ("    FreshnessAnswer,\n", "    CensusAnswer,\n    FreshnessAnswer,\n"),
        ("    | FreshnessAnswer\n", "    | CensusAnswer\n    | FreshnessAnswer\n"),
        ('    "FreshnessAnswer",\n', '    "CensusAnswer",\n    "FreshnessAnswer",\n'),
    ],
    "bot/render/answer_json.py": [
        ("    FreshnessAnswer,\n", "    CensusAnswer,\n    FreshnessAnswer,\n"),
        (
            "        case FreshnessAnswer() |",
            (
                '        case CensusAnswer():\n            return {"values": [{"count": answer.count}]}\n'
                "        case FreshnessAnswer() |"
            ),
        ),
    ],
    "bot/language/lexicon.toml": [("[kind]\n", '[kind]\ncensus = """\ncensus, roll call\n"""\n')],
    "bot/domain/labels.py": [
        ('        "freshness": ', '        "census": "how many sources there are",\n        "freshness": ')
    ],
}
BILL = """BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,\
BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ServiceProviderName
8,8,8,8,1,USD,2026-11-01,2026-12-01,2026-11-03,2026-11-04,Usage,Tower,Acme
"""


@pytest.fixture
def grown(tmp_path):
    """A copy of the bot with the toy kind."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in NEW.items():
        assert not (tmp_path / name).exists(), name
        (tmp_path / name).write_text(f'"""The toy kind."""\n{text}')
    for name, edits in LINES.items():
        text = (tmp_path / name).read_text()
        for old, new in edits:
            assert old in text, (name, old)
            text = text.replace(old, new, 1)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_kind_is_added_by_the_files_that_are_named(grown):
    """With exactly the files of `docs/adding.md`, the toy kind is asked in words and answered."""
    page = (ROOT / "docs/adding.md").read_text()
    chapter = page.partition("## A kind of question")[2].partition("\n## ")[0]
    assert set(re.findall(r"^- `([^`]+)`", chapter, re.MULTILINE)) == {*NEW, *LINES}

    (grown / "bill.csv").write_text(BILL)
    environment = {"PATH": os.environ["PATH"], "LEDGER_URL": "sqlite:///spend.db", "HOME": str(grown)}

    def spend(*words):
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=grown,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    spend("import", "bill.csv")
    (answer,) = (json.loads(line) for line in spend("ask", "roll call", "--json").splitlines())
    assert answer["question"]["kind"] == "census"
    assert answer["answer"]["values"] == [{"count": 1}]
    assert "1 source is counted." in spend("ask", "census")


def test_the_files_that_the_architecture_names_are_there():
    """`docs/architecture.md` leads through files that exist."""
    named = re.findall(r"`(bot/[^`]+)`", (ROOT / "docs/architecture.md").read_text())
    assert len(named) >= 10
    assert [path for path in named if not (ROOT / path).exists()] == []
