"""``python -m scripts.corpus FOLDER``."""

import sys
from pathlib import Path

from scripts.corpus import write

target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("corpus")
print(f"{target}: {write(target)} files")
