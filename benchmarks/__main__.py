"""``python -m benchmarks import|ask|cold|sync [ROWS]``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one benchmark."""
    name, rows = sys.argv[1], [int(each.replace("_", "")) for each in sys.argv[2:3]]
    match name:
        case "import":
            from benchmarks.imports import run
        case "ask":
            from benchmarks.latency import run
        case "cold":
            from benchmarks.cold import run
        case "sync":
            from benchmarks.sync import run
        case _:
            sys.exit(__doc__)
    run(*rows)


if __name__ == "__main__":
    main()
