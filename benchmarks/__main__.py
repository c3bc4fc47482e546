"""``python -m benchmarks NAME [ROWS [SERIES]]``.

Names: all, anomaly, ask, cold, forecast, habits, import, kinds, language, pull, replicas, scale, slack, sync, why.
"""

from __future__ import annotations

import sys
from importlib import import_module

_NAMES = ("anomaly", "cold", "forecast", "kinds", "language", "pull", "replicas", "scale", "slack", "sync", "why")
_MODULES = {name: name for name in _NAMES} | {"import": "imports", "ask": "latency"}
_ALL: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("import", (1_000_000,)),
    ("ask", (1_000_000,)),
    ("ask", (10_000_000,)),
    ("kinds", (10_000_000,)),
    ("cold", (1_000_000,)),
    ("sync", ()),
    ("pull", ()),
    ("forecast", ()),
    ("habits", ()),
    ("language", ()),
    ("anomaly", ()),
    ("why", (50,)),
)


def main() -> None:
    """Run one benchmark, or all of them."""
    name, *size = sys.argv[1:4] or [""]
    if name not in {*_MODULES, "all"}:
        sys.exit(__doc__)
    asked = _ALL if name == "all" else [(name, tuple(int(word.replace("_", "")) for word in size))]
    for item, rows in asked:
        print(f"--- {item} {' '.join(map(str, rows))}".rstrip())
        import_module(f"benchmarks.{_MODULES[item]}").run(*rows)


if __name__ == "__main__":
    main()
