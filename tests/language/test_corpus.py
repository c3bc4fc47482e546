"""The labelled corpus itself: its format, its names and the rule by which a third of it is kept apart."""

import json
import re
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from scripts.language_composer import composed
from scripts.language_figures import MARK, MEASUREMENTS, ROOT, judge, sampled, vocabulary
from scripts.language_figures import rows as labelled

CORPUS = Path(__file__).parent / "corpus"
ONE_IN = 3
"""The part of the corpus that is read here; all of it in ``scripts.language_figures``."""
EXACT, MISREAD = 0.96, 0.008
"""The shares that the reader is held to on the part of the corpus that it is worked on with."""
COMPOSED = 190
"""Questions put together by machine; as many as wanted with ``scripts.language_figures --composed``."""
KINDS = frozenset(
    ("cost", "explain", "forecast", "anomalies", "budgets", "values", "price", "savings", "commitments",
     "recommendations", "credits", "invoice", "freshness", "help", "unsupported")
)  # fmt: skip
KEYS = frozenset(
    ("kind", "metric", "period", "against", "grain", "by", "where", "charges", "top", "order", "threshold", "only",
     "share_of", "average", "cumulative", "per", "beside", "currency", "unit", "usage")
)  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    """Every labelled sentence, with the file it stands in."""
    return [
        (path.name, json.loads(line))
        for path in sorted(CORPUS.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def test_each_sentence_stands_once_and_under_its_own_name(rows):
    """No sentence of a day is labelled twice, and every id is one sentence's."""
    asked = [(row["text"].casefold(), *row.get("thread", ()), row["today"]) for _, row in rows]
    assert len(set(asked)) == len(asked)
    assert len({row["id"] for _, row in rows}) == len(rows)


def test_a_third_is_held_out_by_the_hash_of_the_text(rows):
    """Where a sentence belongs follows from its text, so nobody chooses what is held out."""
    for name, row in rows:
        digest = sha256("\n".join([*row.get("thread", ()), row["text"]]).encode()).digest()
        assert (name == "heldout.jsonl") == (digest[0] % 3 == 0), row["text"]


def test_labels_are_questions_or_refusals_about_names_that_the_bill_has(rows):
    """Every label keeps to the contract's keys, names only values of the bill and has periods that run forward."""
    values = json.loads((CORPUS / "vocabulary.json").read_text("utf-8"))["values"]
    known = {(dimension, value) for dimension, value, *_ in values}
    dimensions = {dimension for dimension, _ in known} | {"Tags"}
    for _, row in rows:
        assert row["accept"], row["text"]
        date.fromisoformat(row["today"])
        for label in row["accept"]:
            if "error" in label:
                assert label["error"] == "NotUnderstood"
                assert label["unknown"]
                continue
            assert label["kind"] in KINDS, row["text"]
            assert label.keys() <= KEYS, row["text"]
            assert set(label.get("by", ())) <= dimensions, row["text"]
            usage = label.get("usage") or {}
            for line in (*label.get("where", ()), *(label.get("share_of") or ()), *usage.get("where", ())):
                assert all((line["dimension"], value) in known or value == "" for value in line["values"]), row["text"]
            for period in (label.get("period"), label.get("against"), usage.get("period")):
                assert period is None or date.fromisoformat(period["start"]) < date.fromisoformat(period["end"])


def test_the_corpus_is_read_exactly_and_as_published(rows, record_property):
    """Nearly every labelled question is read as labelled, hardly any as another; docs/measurements.md says as much."""
    known = vocabulary()
    judged = {False: [], True: []}
    for name, row in rows:
        if not sampled([row], ONE_IN):
            continue
        judged[name == "heldout.jsonl"].append(judge(row, known))
    misread = [one.row["text"] for one in judged[False] if one.verdict == "misread"]
    exact = sum(one.verdict == "exact" for one in judged[False])
    record_property("exact", f"{exact} of {len(judged[False])}")
    assert exact >= EXACT * len(judged[False])
    assert len(misread) <= MISREAD * len(judged[False]), misread
    within = re.search(rf"<!-- {MARK} -->\n(.*?)<!-- /{MARK} -->", MEASUREMENTS.read_text("utf-8"), re.DOTALL)[1]
    stated = published(within)
    assert set(stated) == {"the corpus", "the corpus, held out"}
    for held_out, name in ((False, "the corpus"), (True, "the corpus, held out")):
        verdicts = [one.verdict for one in judged[held_out]]
        measured = [100 * verdicts.count(verdict) / len(verdicts) for verdict in ("exact", "refused", "misread")]
        assert stated[name][1:] == pytest.approx(measured, abs=2), name


def test_questions_put_together_by_machine_are_read_exactly_or_refused():
    """Of combinations of every part a question can have, none is read as another question."""
    known = vocabulary()
    judged = [judge(row, known) for row in composed(COMPOSED)]
    assert [one.row["text"] for one in judged if one.verdict == "misread"] == []
    assert sum(one.verdict == "exact" for one in judged) >= EXACT * len(judged)


def test_what_version_0_1_misread_is_read_rightly():
    """Each sentence that the reader before answered as another question gives its own, or is refused by name."""
    known = vocabulary()
    judged = [judge(row, known) for row in labelled(CORPUS.parent / "once_misread.jsonl")]
    assert [one.row["text"] for one in judged if one.verdict != "exact"] == []


def published(text):
    """The rows of a Markdown table: the set's name with its count and its shares, in percent."""
    number = r"\d[\d,]*"
    found = re.findall(rf"^\| ([^|]+?) \| ({number}) \|" + rf" {number} \(([\d.]+)%\) \|" * 3, text, re.MULTILINE)
    return {name: (int(count.replace(",", "")), *map(float, shares)) for name, count, *shares in found}


def test_the_readme_gives_the_figures_of_first_sight():
    """The README repeats what docs/measurements.md says of the questions that were held out, and nothing better."""
    first = published(MEASUREMENTS.read_text("utf-8"))["the corpus, held out (all parts)"]
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    count, exact, refused, misread = first
    assert f"Of {count} labeled questions that were held out while the reader was built" in readme
    assert f"{exact:.0f} % are read exactly, {refused:.0f} % are refused, {misread:.0f} % are misread" in readme
