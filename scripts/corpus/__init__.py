"""Bills as generators and people's tools write them, one small file an oddity, each with its exact total.

``python -m scripts.corpus FOLDER`` writes the files and ``expected.json``. The files are made from facts about formats
(the FOCUS specification, vendors' documentation, what spreadsheets and data tools do when they save), with invented
charges; so each total is known by construction. The tests import all of them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from scripts.corpus.dumps import columnar, dumps, vendors
from scripts.corpus.instants import instants, tools_instants
from scripts.corpus.made import Case
from scripts.corpus.numbers import numbers
from scripts.corpus.packed import archives, packed
from scripts.corpus.parquets import parquet_extensions, parquet_types, parquets
from scripts.corpus.reports import packings, remarks, reports
from scripts.corpus.tags import tags
from scripts.corpus.texts import encodings, headers


@cache
def cases() -> tuple[Case, ...]:
    """Every file of the corpus."""
    groups = (
        headers,
        encodings,
        numbers,
        instants,
        tags,
        packed,
        archives,
        parquets,
        parquet_types,
        parquet_extensions,
        tools_instants,
        remarks,
        reports,
        packings,
        dumps,
        columnar,
        vendors,
    )
    return tuple(case for group in groups for case in group())


def write(folder: Path) -> int:
    """Write the files and what is expected of each; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = []
    for case in cases():
        (folder / case.name).write_bytes(case.data)
        totals = None if case.totals is None else {code: str(amount) for code, amount in case.totals.items()}
        result = {"file": case.name, "totals": totals, "refused": case.refused or None, "rounded": case.rounded}
        expected.append(result | ({"options": dict(case.options)} if case.options else {}))
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    return len(expected)
