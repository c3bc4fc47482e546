"""What is exempt from the linter and from types is counted, so that it grows no more."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_EXEMPTIONS = 120
MOST_UNTYPED = 45
EXEMPT = re.compile(r"# noqa(?P<rules>: [A-Z]+\d+(?:, [A-Z]+\d+)*)?(?P<reason> - \S.*)?")
UNTYPED = "dict" + "[str, Any]"


def lines(*folders):
    """Every line of the Python files in these folders, with its place."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        path = ROOT / name
        if path.suffix == ".py" and path.is_file() and path != Path(__file__):
            yield from ((f"{name}:{at}", line) for at, line in enumerate(path.read_text().splitlines(), 1))


def test_exemptions_are_few_and_each_has_its_rule_and_its_reason():
    """`noqa` names the rule that it waives and why; there are no more of them than when they were last counted."""
    found = {place: match for place, line in lines() if (match := EXEMPT.search(line))}
    assert [place for place, match in found.items() if not (match["rules"] and match["reason"])] == []
    assert len(found) <= MOST_EXEMPTIONS


def test_values_without_types_are_few():
    """In the product a dictionary of anything stands only where JSON of others, or Block Kit, does."""
    found = [place for place, line in lines("bot") for _ in range(line.count(UNTYPED))]
    assert len(found) <= MOST_UNTYPED, found
