"""Where a file of charges comes from, and what it replaces: its export, its run and its part of it.

Names tell most of it (``october_v2.csv``, ``part_0_0001.csv``, ``focus-00002.snappy.parquet``, Azure's folder of a run,
Azure's ``manifest.json`` beside the parts); what names leave open, the charges themselves tell: two files that tell
the same charges are two runs of one export, two that share none stand beside each other.
Sources: exports of AWS Data Exports, Azure Cost Management, OCI, BigQuery, Snowflake and Spark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sketch = NDArray[np.uint64]
"""The smallest hashes of what the charges of a slice are, in order: how much two slices have in common."""
SKETCH_SIZE = 512
_SAME_CHARGES = 0.5
"""Of two files that share so much of the smaller one, one is a run of the other's export."""
_SOME = 0.02
"""Less in common than this is chance."""
_MOSTLY = 0.8
"""A part that has so much of what it shares from a single one is that one's."""
_SUFFIXES = re.compile(r"\.(csv|tsv|txt|psv|parquet|snappy|gz|gzip|zip|zst|zstd|bz2|xz|c\d{3})$")
_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_STAMP = r"20\d{2}-?[01]\d-?[0-3]\d(?:[t_][0-2]\d[-:]?[0-5]\d(?:[-:]?[0-5]\d)?z?|-?[0-2]\d[0-5]\d[0-5]\d)(?!\d)"
_DATE = r"20\d{2}[-_.]?[01]\d[-_.]?[0-3]\d"
_MONTH = r"20\d{2}[-_.]?[01]\d"
_PART = re.compile(
    r"(?:^|[-_. ])(?:part|chunk|shard|split|piece|slice|file|data|p)[-_. ]?(\d+(?:[-_.]\d+)*)"
    r"(?:[-_ ]?of[-_ ]?\d+)?(?=$|[-_. ])"
)
_NUMBERED = re.compile(r"(?:^|[-_. ])(\d{4,6}|\d{12})(?=$|[-_. ])")
_VERSION = re.compile(r"(?:^|[-_. ])(?:v|ver|version|rev|revision|run)[-_. ]?(\d+)(?=$|[-_. ])")
_AGAIN = re.compile(r"\s*\((\d+)\)")
"""How browsers name what is fetched again, or what only has the same name."""
_LATER = re.compile(
    r"(?:^|[-_. ])(corrected|correction|corr|restated|revised|updated|update|final|latest|newest|new|fixed)(?=$|[-_. ])"
)
_COPY = re.compile(r"(?:^|[-_. ])(copy|kopie)(?=$|[-_. ])")
_MANIFESTS = ("manifest.json", "_manifest.json")


@dataclass(frozen=True)
class Origin:
    """What a file's name and folder say of it."""

    export: str
    """The name family: what all files of one export have in common."""
    run: str = ""
    """The run's own name, where one is told: a folder's or a manifest's."""
    order: tuple[int, ...] = ()
    """Of two runs the greater one is newer; () is not known."""
    surely_run: bool = False
    """The name says "version" or "corrected", and not just a date or a number."""
    part: str = ""
    """Which part of a run; "" is the whole, or not known."""
    surely_part: bool = False
    """The name says "part", and not just a number."""

    def as_text(self) -> str:
        """As JSON, to be kept."""
        return json.dumps([self.run, self.order, self.surely_run, self.part, self.surely_part])

    @classmethod
    def of_text(cls, export: str, text: str) -> Origin:
        """What was kept."""
        run, order, surely_run, part, surely_part = json.loads(text)
        return cls(export, run, tuple(order), surely_run, part, surely_part)


def origin_of(path: Path) -> Origin:
    """What the file's name says, its folder's, and a manifest beside it."""
    name = path.name.casefold()
    while found := _SUFFIXES.search(name):
        name = name[: found.start()]
    name, stamps = _taken(name, rf"[-_. ]?({_STAMP})")
    name, runs = _taken(name, rf"[-_. ]?({_GUID})(?:-c\d{{3}})?")
    name, versions = _taken(name, _VERSION.pattern)
    name, again = _taken(name, _AGAIN.pattern)
    name, later = _taken(name, _LATER.pattern)
    name, _ = _taken(name, _COPY.pattern)
    name, dates = _taken(name, rf"[-_. ]?({_DATE})(?!\d)")
    name, _ = _taken(name, rf"[-_. ]?({_MONTH})(?!\d)")
    name, parts = _taken(name, _PART.pattern)
    name, numbers = (name, []) if parts else _taken(name, _NUMBERED.pattern)
    known = _of_manifest(path.parent) or _of_folder(path)
    surely = bool(versions or later)
    numbered = [*map(int, versions[-1:]), len(later)] if surely else [*map(int, again[-1:])]
    order = (*numbered, *(int(re.sub(r"\D", "", text).ljust(14, "0")) for text in (stamps or dates)[-1:]))
    return Origin(
        export="/".join(filter(None, (known.export, re.sub(r"[-_. ]+", "-", name).strip("-")))),
        run=known.run or (runs[-1] if runs else ""),
        order=order or known.order,
        surely_run=surely or bool(known.order and not order),
        part=(parts or numbers or [""])[-1],
        surely_part=bool(parts),
    )


def _taken(name: str, pattern: str) -> tuple[str, list[str]]:
    """The name without what a pattern finds in it, and what that was."""
    return re.sub(pattern, "", name), re.findall(pattern, name)


def _of_folder(path: Path) -> Origin:
    """The run, its order and the export, as Azure's and AWS's folders of runs tell them."""
    parents = [part.casefold() for part in path.absolute().parent.parts][-5:]
    for depth, parent in enumerate(reversed(parents), start=1):
        if re.fullmatch(_GUID, parent):
            above = reversed(parents[:-depth])
            return Origin(next((folder for folder in above if not re.search(r"\d{6}", folder)), ""), parent)
        if found := re.fullmatch(rf"({_STAMP})(?:-{_GUID})?", parent):
            return Origin("", parent, (int(re.sub(r"\D", "", found[1])),))
    return Origin("")


def _of_manifest(folder: Path) -> Origin | None:
    """What Azure's manifest beside the parts says."""
    for name in _MANIFESTS:
        try:
            manifest = json.loads((folder / name).read_bytes())
            run, export = manifest["runInfo"], manifest.get("exportConfig", {})
            at = re.sub(r"\D", "", str(run.get("submittedTime", "")))[:14]
            return Origin(str(export.get("exportName", "")), str(run["runId"]), (int(at),) if at else ())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


# --- what replaces what -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """What the charges of one slice (source, billing account, billing period) of a delivery are."""

    sub_accounts: frozenset[str]
    sketch: Sketch


class Relation(Enum):
    """What a new delivery is to one that stands."""

    BESIDE = "both stand"
    NEWER = "the new one replaces it"
    NEWER_IN_PART = "the new one replaces it for the sub accounts that it covers"
    OLDER = "the one that stands is newer"


def relation(new: Origin, content: Content, old: Origin, known: Content) -> Relation:
    """What a new delivery of a slice is to one that stands there."""
    if content.sub_accounts.isdisjoint(known.sub_accounts):
        return Relation.BESIDE
    same = shared_part(content.sketch, known.sketch) >= _SAME_CHARGES
    if new.export == old.export:
        if new.run and new.run == old.run:
            return Relation.NEWER if same and new.part == old.part else Relation.BESIDE
        if new.order != old.order and (same or (new.surely_run and old.surely_run)):
            return Relation.NEWER if _is_newer(new.order, old.order) else Relation.OLDER
        if new.part != old.part and (new.surely_part or old.surely_part) and not (new.run and old.run):
            return Relation.BESIDE
    if not same:
        return Relation.BESIDE
    whole = bool(new.export) and new.export == old.export
    return Relation.NEWER if whole or known.sub_accounts <= content.sub_accounts else Relation.NEWER_IN_PART


def delivered_again(content: Content, standing: Sequence[tuple[int, Content]]) -> frozenset[int]:
    """Which parts of an export a part of a later run replaces, though it has little in common with any one of them.

    A run that is written anew, as AWS Data Exports does over the former one, spreads its charges over its parts
    otherwise. So where most charges of a new part are among those of all the standing parts together, and not in one
    of them, it replaces each that it shares charges with.
    """
    shared = [(number, known.sketch) for number, known in standing if shared_part(content.sketch, known.sketch) > _SOME]
    if len(shared) < 2:  # noqa: PLR2004 - of one, the two themselves tell
        return frozenset()
    sketches = [sketch for _, sketch in shared]
    union = np.unique(np.concatenate(sketches))
    union = union[union <= _limit(sketches)]
    most = max(_contained(content.sketch, sketch) for sketch in sketches)
    within = _contained(content.sketch, union)
    spread = within >= _SAME_CHARGES and most < _MOSTLY * within
    return frozenset(number for number, _ in shared) if spread else frozenset()


def _is_newer(new: tuple[int, ...], old: tuple[int, ...]) -> bool:
    """A name without an order comes before those that have one: ``bill.csv`` before ``bill_v2.csv``."""
    return new > old if len(new) == len(old) else len(new) > len(old)


def shared_part(one: Sketch, other: Sketch) -> float:
    """How much of the smaller of two sets is in the other, from 0 to 1, by their smallest hashes."""
    return max(_contained(one, other), _contained(other, one))


def _contained(one: Sketch, other: Sketch) -> float:
    """How much of a set is in another one, from 0 to 1, by their smallest hashes."""
    if not len(one) or not len(other):
        return 0.0
    limit = _limit([one, other])
    one, other = one[one <= limit], other[other <= limit]
    return len(np.intersect1d(one, other, assume_unique=True)) / len(one) if len(one) else 0.0


def _limit(sketches: Sequence[Sketch]) -> np.uint64:
    """Up to which hash all of the sketches are whole."""
    full = [sketch[-1] for sketch in sketches if len(sketch) >= SKETCH_SIZE]
    return np.uint64(min(full) if full else max(sketch[-1] for sketch in sketches))


def sketch_of(hashes: Sketch, before: Sketch | None = None) -> Sketch:
    """The smallest of some hashes, together with those before."""
    found = np.unique(hashes if before is None else np.concatenate([before, hashes]))
    return found[:SKETCH_SIZE]
