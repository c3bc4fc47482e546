"""``python -m scripts.fuzz_imports [TRIES [SEED]]``: mutated bills, each imported or refused in a sentence.

Every try changes, cuts, doubles or swaps bytes or lines of a file of the corpus and imports it into an empty ledger, in
a process of its own group of tries, so that a crash of a library is seen as what it is.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from scripts.corpus import cases
from scripts.corpus.made import Case

_LARGEST = 200_000
"""Bytes of the files that are mutated: the large ones are about size, not about what stands in them."""
_TRIES_A_PROCESS = 500
_CELLS = (
    b"",
    b"NULL",
    b"NaN",
    b"1,5",
    b"1.500",
    b"(1)",
    b"1e999",
    b"-",
    b'"',
    b'""',
    b"\xff",
    b"\0",
    b"{}",
    b"[",
    b"2026-13-01",
)
_MORE_CELLS = (
    b"0x10",
    b"=1",
    b"9" * 60,
    b"1" * 30 + b"." + b"1" * 30,
    b"13/13/2026",
    b"\xe2\x80\xa8",
    b"\r",
    b"\n",
    b"\\",
    b";",
)


@cache
def _files() -> list[Case]:
    return [case for case in cases() if len(case.data) < _LARGEST]


def mutated(seed: int) -> tuple[str, bytes]:
    """A file's name and its bytes, changed in a way that the seed decides."""
    chance = random.Random(seed)
    case = chance.choice(_files())
    data = case.data
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = _changed(chance, data)
    return case.name, data


def _changed(chance: random.Random, data: bytes) -> bytes:  # noqa: PLR0911 - a way each
    if not data:
        return data
    at, end = sorted(chance.randrange(len(data)) for _ in range(2))
    match chance.randrange(8):
        case 0:  # one byte
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 1:  # cut off
            return data[:at]
        case 2:  # a part left out
            return data[:at] + data[min(end, at + 40) :]
        case 3:  # a part twice
            return data[:end] + data[at:end][:2000] + data[end:]
        case 4:  # a cell
            cells = data.split(b",")
            cells[chance.randrange(len(cells))] = chance.choice((*_CELLS, *_MORE_CELLS))
            return b",".join(cells)
        case 5:  # something between
            return data[:at] + chance.choice((*_CELLS, *_MORE_CELLS)) + data[at:]
        case 6:  # lines swapped
            lines = data.split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            return b"\n".join(lines)
    file = chance.choice(_files()).data  # the end of another file
    return data[:at] + file[len(file) // 2 :]


def tried(first: int, count: int) -> Counter[str]:
    """What became of so many tries.

    Raises:
        AssertionError: a refusal is no sentence.
    """
    from bot.focus.importer import Options, import_files
    from bot.ledger import Ledger

    became: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db")
        for seed in range(first, first + count):
            name, data = mutated(seed)
            path = Path(folder) / name
            path.write_bytes(data)
            try:
                (imported,) = import_files(ledger, [path], now=datetime.now(UTC), options=Options(dry_run=True))
            except Exception as error:
                raise AssertionError(f"seed {seed} ({name}): {type(error).__name__}: {error}") from error
            path.unlink()
            if imported.error is not None and (not imported.error.message or "\n" in imported.error.message):
                raise AssertionError(f"seed {seed} ({name}): {imported.error.message!r}")
            became["refused" if imported.error else "imported" if imported.charges else "empty"] += 1
        ledger.close()
    return became


def main(tries: int = 20_000, seed: int = 1) -> int:
    """Try so many, and say what became of them; 1 where any crashed."""
    became: Counter[str] = Counter()
    crashed = 0
    for first in range(seed, seed + tries, _TRIES_A_PROCESS):
        call = f"tried({first}, {_TRIES_A_PROCESS})"
        code = f"import json; from scripts.fuzz_imports import tried; print(json.dumps({call}))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode:
            crashed += 1
            print(f"tries {first}..: exit {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        else:
            became.update(json.loads(done.stdout))
    print(f"{tries:,} tries: {dict(became)}; {crashed} groups crashed")
    return int(crashed > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
