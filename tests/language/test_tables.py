"""The tables of the language come from a cache, which is never believed when anything it rests on has changed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = (
    "import sys; from bot.language.lexicon import lexicon; from bot.language.grammar import rules;"
    "words = sorted(map(repr, (*lexicon().by_first.items(), *rules())));"
    "print(len(words), hash(tuple(words)), 'zorkmids' in lexicon().words, 'tomllib' in sys.modules)"
)


@pytest.fixture
def copy(tmp_path):
    """A copy of the bot's modules, and a cache folder of its own."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def read(copy):
    """What a new process reads, and whether it read TOML for it."""
    environment = {"PYTHONHASHSEED": "0", "PYTHONPATH": str(copy), "XDG_CACHE_HOME": str(copy / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=copy, env=environment
    )
    *found, parsed = done.stdout.split()
    return found, parsed == "True"


def kept(copy):
    """The files of the cache."""
    return sorted(path for path in copy.rglob("*.tables") if path.is_file())


def test_a_second_start_reads_the_same_from_the_cache(copy):
    """What is kept says what the TOML says, to the last lexeme and rule."""
    first, parsed = read(copy)

    assert parsed
    assert read(copy) == (first, False)


def test_a_new_word_is_known_at_once(copy):
    """A changed table is read anew, though an older one is kept."""
    read(copy)
    path = copy / "bot" / "language" / "lexicon.toml"
    symbol = next(line for line in path.read_text().splitlines() if line.startswith("["))
    path.write_text(path.read_text().replace(symbol, f'{symbol}\nzorks = "zorkmids"', 1))

    assert read(copy)[0][-1] == "True"


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_damaged_or_forbidden_caches_are_read_past(copy, damage):
    """A cut, scribbled or unwritable cache costs time, and changes nothing."""
    first, _ = read(copy)
    for path in kept(copy):
        if damage is None:
            path.unlink()
            path.mkdir()
            (path / "in-the-way").touch()
        else:
            path.write_bytes(path.read_bytes()[:16] + damage)

    assert read(copy)[0] == first


def test_where_the_program_may_not_write_the_users_cache_is_used(copy):
    """A file in the place of the compiled modules' folder sends the cache to the user's."""
    (copy / "bot" / "language" / "__pycache__").write_text("in the way")

    first, _ = read(copy)

    assert all(copy / "cache" / "spend" in path.parents for path in kept(copy))
    assert kept(copy)
    assert read(copy) == (first, False)
