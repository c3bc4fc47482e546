"""Files that only the user who runs the bot may read: the ledger, its backups, exports."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def create(path: Path) -> None:
    """Makes an empty file for this user alone, where there is none yet.

    Raises:
        OSError: it cannot be made.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def exposed(path: Path) -> str:
    """How others can get at a file or folder, in a few words; ``""`` where they cannot, or it is not there."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if stat.S_ISDIR(mode):
        return "others can put files into it" if mode & 0o022 and not mode & stat.S_ISVTX else ""
    return "others can change it" if mode & 0o022 else "others can read it" if mode & 0o077 else ""
