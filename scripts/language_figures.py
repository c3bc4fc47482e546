"""How well labelled questions are read: the shares that are exact, refused and misread.

``python -m scripts.language_figures [FILE …]`` reads sets in the format of ``tests/language/corpus/README.md`` (that
corpus, where none is named) and lists what was misread; ``--refused`` lists the refusals too, ``--write`` puts the
table into ``docs/measurements.md``.

*Exact* is a reading that equals an accepted one, or a refusal that names the word which is unknown. *Refused* is every
other answer that gives no number: a word was named, or the question was taken for one that is not answered here.
*Misread* is the rest: a number, but for another question.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from zlib import crc32

import click

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.language import Vocabulary, read_thread
from scripts.language_composer import composed

ROOT: Final = Path(__file__).parent.parent
CORPUS: Final = ROOT / "tests" / "language" / "corpus"
MEASUREMENTS: Final = ROOT / "docs" / "measurements.md"
MARK: Final = "language figures"
COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    "help": (),
    "unsupported": (),
    "price": ("where", "usage"),
    "freshness": ("where",),
    "recommendations": ("where",),
    "credits": ("where",),
    "budgets": ("where", "period"),
    "savings": ("where", "period"),
    "invoice": ("where", "period"),
    "values": ("where", "period", "by"),
    "commitments": ("where", "period", "by"),
    "anomalies": ("where", "period", "threshold"),
    "forecast": ("metric", "period", "by", "where", "charges"),
    "explain": ("metric", "period", "against", "by", "where", "charges"),
}
"""What of a question counts, by kind; of ``cost`` everything."""
_DEFAULTS: Final[Mapping[str, Any]] = Question().model_dump(mode="json")
Verdict = Literal["exact", "refused", "misread"]


@dataclass(frozen=True)
class Judged:
    """One labelled sentence, what was read, and the verdict."""

    row: Mapping[str, Any]
    read: Mapping[str, Any] | None
    """The question, or ``None`` where it was refused."""
    unknown: tuple[str, ...]
    verdict: Verdict


def vocabulary(path: Path = CORPUS / "vocabulary.json") -> Vocabulary:
    """The names of the bill that the corpus asks about."""
    bill = json.loads(path.read_text("utf-8"))
    values = [(dimension, value, Decimal(cost), tuple(also)) for dimension, value, cost, also in bill["values"]]
    return Vocabulary(values, first_day=date.fromisoformat(bill["first_day"]))


def rows(path: Path) -> list[dict[str, Any]]:
    """The labelled sentences of one set."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def sampled(found: Iterable[dict[str, Any]], one_in: int) -> list[dict[str, Any]]:
    """One of so many rows, always the same: by a hash of the text."""
    return [row for row in found if crc32(row["text"].encode()) % one_in == 0]


def judge(row: Mapping[str, Any], known: Vocabulary) -> Judged:
    """Read one labelled sentence and compare."""
    thread = [*row.get("thread", ()), row["text"]]
    try:
        reading = read_thread(thread, today=date.fromisoformat(row["today"]), vocabulary=known)
    except NotUnderstood as refusal:
        named = " ".join((*refusal.unknown, refusal.message)).casefold()
        right = any(_names(named, label["unknown"]) for label in row["accept"] if "error" in label)
        return Judged(row, None, refusal.unknown, "exact" if right else "refused")
    question = reading.question.model_dump(mode="json")
    if any(compared(question) == compared(label) for label in row["accept"] if "error" not in label):
        return Judged(row, question, (), "exact")
    return Judged(row, question, (), "refused" if question["kind"] == "unsupported" else "misread")


def compared(question: Mapping[str, Any]) -> dict[str, Any]:
    """What of a question counts, with defaults filled in and filters and values in one order."""
    full = {**_DEFAULTS, **question}
    keys = COMPARED.get(full["kind"], tuple(_DEFAULTS))
    return {"kind": full["kind"], **{key: _ordered(key, full[key]) for key in keys}}


def _names(text: str, unknown: Iterable[str]) -> bool:
    """Whether each entry is named; of one with several words, one is enough."""
    return all(any(word in text for word in entry.casefold().split()) for entry in unknown)


def _ordered(key: str, value: object) -> object:
    match key, value:
        case "where" | "share_of", list():
            return sorted((line["dimension"], line.get("exclude", False), sorted(line["values"])) for line in value)
        case "threshold", {"amount": amount, **rest}:
            return {"of": "cost", "percent": False, **rest, "amount": Decimal(amount)}
        case "usage", {"where": where, "period": period}:
            return {"where": _ordered("where", where), "period": period}
    return value


def terse(question: Mapping[str, Any] | None, unknown: Sequence[str] = ()) -> str:
    """A reading on one line: what differs from the default."""
    if question is None:
        return f"refused: {', '.join(unknown) or 'no word named'}"
    if "error" in question:
        return f"refused: {', '.join(question['unknown'])}"
    return " ".join(_parts(question))


def _parts(question: Mapping[str, Any]) -> Iterator[str]:
    for key, value in question.items():
        if key == "kind":
            yield str(value)
        elif value in (_DEFAULTS.get(key), None):
            continue
        elif key in {"period", "against"}:
            yield f"{key} {value['start']}..{value['end']}"
        elif key in {"where", "share_of"}:
            lines = [f"{'not ' * line['exclude']}{line['dimension']}={'|'.join(line['values'])}" for line in value]
            yield f"{key} [{', '.join(lines)}]"
        else:
            yield f"{key} {json.dumps(value, ensure_ascii=False)}"


def table(sets: Mapping[str, Sequence[Judged]]) -> str:
    """The shares of each set, as Markdown."""
    lines = ["| set | questions | exact | refused | misread |", "|---|--:|--:|--:|--:|"]
    for name, judged in sets.items():
        counts = Counter(one.verdict for one in judged)
        shares = [
            f"{counts[verdict]} ({counts[verdict] / len(judged):.1%})" for verdict in ("exact", "refused", "misread")
        ]
        lines.append(f"| {name} | {len(judged)} | {' | '.join(shares)} |")
    return "\n".join(lines)


def write(figures: str) -> None:
    """Put the table between its marks in ``docs/measurements.md``."""
    text = MEASUREMENTS.read_text("utf-8")
    within = re.compile(rf"(<!-- {MARK} -->\n).*?(<!-- /{MARK} -->)", re.DOTALL)
    MEASUREMENTS.write_text(within.sub(lambda marks: f"{marks[1]}{figures}\n{marks[2]}", text), "utf-8")


def _list(judged: Iterable[Judged], verdict: Verdict) -> None:
    for one in judged:
        if one.verdict == verdict:
            thread = "".join(f"{text} → " for text in one.row.get("thread", ()))
            click.echo(f"\n{one.row['id']} {thread}{one.row['text']} ({one.row['today']})")
            click.echo(f"  read   {terse(one.read, one.unknown)}")
            for label in one.row["accept"]:
                click.echo(f"  right  {terse(label)}")


@click.command(help=(__doc__ or "").splitlines()[0])
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--heldout", is_flag=True, help="Also the part of the corpus that is held out.")
@click.option("--refused", is_flag=True, help="List the refusals, too.")
@click.option("--write", "writes", is_flag=True, help="Put the table into docs/measurements.md.")
@click.option("--composed", "made", type=int, default=0, help="Also so many questions put together by machine.")
@click.option("--names", type=click.Path(exists=True, path_type=Path), default=CORPUS / "vocabulary.json")
def main(  # noqa: PLR0913 - as many as there are options
    files: tuple[Path, ...], names: Path, made: int, *, heldout: bool, refused: bool, writes: bool
) -> None:
    """Print the figures of each set; ``names`` is the bill's vocabulary."""
    known = vocabulary(names)
    named = {path.stem: [path] for path in files} or {"the corpus": sorted(CORPUS.glob("dev-*.jsonl"))}
    if heldout:
        named["the corpus, held out"] = [CORPUS / "heldout.jsonl"]
    sets = {name: [judge(row, known) for path in paths for row in rows(path)] for name, paths in named.items()}
    if made:
        sets["put together by machine"] = [judge(row, known) for row in composed(made)]
    click.echo(table(sets))
    if writes:
        write(table(sets))
    verdicts: tuple[Verdict, ...] = ("misread", "refused") if refused else ("misread",)
    for judged in sets.values():
        for verdict in verdicts:
            click.echo(f"\n{verdict}:")
            _list(judged, verdict)


if __name__ == "__main__":
    main()
