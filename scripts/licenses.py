"""Lists the license of everything the bot needs, and holds it to those that bind nobody who uses an Apache-2.0 work.

``python -m scripts.licenses`` writes ``docs/licenses.md``; a test holds the file to what is installed.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licenses.md"
EXTRAS = ("", "mcp", "postgresql", "opentelemetry", "warehouse", "demo")
"""What is installed to run the bot: its core, then what people may add."""
FREE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LicenseRef-Public-Domain"}
    | {"MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Unlicense", "ZPL-2.1", "Zlib"}
)
"""Licenses that ask for their own text to be kept. MPL-2.0 binds only whoever changes files of that library."""
WEAK = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only", "psycopg-pool": "LGPL-3.0-only"}
"""In an extra, never in the core: a library that is called and can be replaced."""
_HEAD = """\
# Licenses of what the bot needs

The bot is under Apache-2.0. Nothing in its core binds whoever uses or changes it: every license below asks at most that
its own text is kept (MPL-2.0: that changed files of that library stay open). `psycopg`, in the extra `postgresql`, is
under the LGPL: it is called, not copied, and can be replaced.

| package | version | license | in |
|---|---|---|---|
"""
READ = {"currencyconverter": "Apache-2.0"}
"""Read in the package itself, whose metadata name none."""
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "LicenseRef-Public-Domain",
    "Python Software Foundation License": "PSF-2.0",
    "Zope Public License": "ZPL-2.1",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
_TEXTS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "isc": "ISC",
    "mit": "MIT",
    "mit license": "MIT",
    "the mit license (mit)": "MIT",
    "psf": "PSF-2.0",
}


def needed(extra: str = "") -> dict[str, Distribution]:
    """Everything that the bot with an extra installs, by its normal name; without the bot itself.

    Raises:
        PackageNotFoundError: something of it is not installed.
    """
    found: dict[str, Distribution] = {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    todo = [
        Requirement(text) for text in (project["optional-dependencies"][extra] if extra else project["dependencies"])
    ]
    while todo:
        requirement = todo.pop()
        name = _normal(requirement.name)
        if name == "spend" or name in found:
            continue
        found[name] = distribution(name)
        for wanted in ("", *requirement.extras):
            todo += _requirements(found[name], wanted)
    found.pop("spend-demo", None)
    return found


def license_of(package: Distribution) -> str:
    """The package's license as an SPDX expression; ``""`` where its metadata name none that is known."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    for classifier in metadata.get_all("Classifier") or []:
        if (found := _CLASSIFIERS.get(classifier.rpartition(" :: ")[2])) and classifier.startswith("License"):
            return found
    text = str(metadata["License"]) if "License" in metadata else ""
    return _TEXTS.get(text.strip().casefold()) or READ.get(_normal(metadata["Name"]), "")


def binding(extra: str = "") -> dict[str, str]:
    """The packages whose license is not free of conditions on the bot's users, or not known."""
    return {
        name: expression
        for name, package in needed(extra).items()
        if not free(expression := license_of(package)) and not (extra and WEAK.get(name) == expression)
    }


def free(expression: str) -> bool:
    """Whether an SPDX expression can be met by licenses of ``FREE`` alone."""
    either = re.split(r"\s+OR\s+", expression.strip("()"))
    return any(set(re.split(r"\s+AND\s+", item.strip("() "))) <= FREE for item in either)


def page() -> str:
    """The list as a page."""
    homes: dict[str, list[str]] = defaultdict(list)
    packages: dict[str, Distribution] = {}
    for extra in EXTRAS:
        for name, package in needed(extra).items():
            packages[name] = package
            if not homes[name] or homes[name][0] != "core":
                homes[name].append(extra or "core")
    rows = [
        f"| {packages[name].metadata['Name']} | {packages[name].version} | {license_of(packages[name])} |"
        f" {', '.join(homes[name])} |"
        for name in sorted(packages)
    ]
    return f"{_HEAD}{chr(10).join(rows)}\n"


def _requirements(package: Distribution, extra: str) -> Iterator[Requirement]:
    """What the package needs itself, or what only an extra of it adds."""
    for text in package.requires or []:
        requirement = Requirement(text)
        always, wanted = (requirement.marker is None or requirement.marker.evaluate({"extra": e}) for e in ("", extra))
        if always is (not extra) and wanted:
            yield requirement


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()


def main() -> None:
    """Write the page.

    Raises:
        PackageNotFoundError: something is not installed (make .venv/.dev).
    """
    PAGE.write_text(page())


__all__ = ["EXTRAS", "PAGE", "PackageNotFoundError", "binding", "license_of", "needed", "page"]

if __name__ == "__main__":
    main()
