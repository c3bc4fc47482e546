"""What is kept in the repository is whole."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_file_has_the_marks_of_a_conflict():
    """Every file of the tree, whatever its kind: a half-merged Dockerfile is read by no other test."""
    command = ["git", "grep", "-nIE", r"^(<{7}|>{7}) |^={7}$"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout == ""
