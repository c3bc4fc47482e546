"""``python -m benchmarks anomaly|ask|cold|forecast|import|sync [ROWS]``."""

from __future__ import annotations

import sys
from importlib import import_module

_MODULES = {name: name for name in ("anomaly", "cold", "forecast", "sync")} | {"import": "imports", "ask": "latency"}


def main() -> None:
    """Run one benchmark."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in _MODULES:
        sys.exit(__doc__)
    import_module(f"benchmarks.{_MODULES[name]}").run(*(int(each.replace("_", "")) for each in sys.argv[2:3]))


if __name__ == "__main__":
    main()
