"""Where the shared data lies, if it is checked out beside this."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parent.parent.parent / "shared"


def shared_or_skip():
    if not SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return SHARED
