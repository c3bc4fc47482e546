import os
import sqlite3
import stat

import pytest
from sqlite_utils import Database

from bot.costs.errors import Misconfigured
from bot.ledger import Ledger, schema


@pytest.mark.parametrize("earlier", range(len(schema.MIGRATIONS)))
def test_every_earlier_version_is_brought_up_to_date(tmp_path, earlier):
    """A ledger of any earlier schema opens with the tables of the newest."""
    path = tmp_path / "l.db"
    database = Database(path)
    for number, step in enumerate(schema.MIGRATIONS[:earlier], start=1):
        step(database)
        database.execute(f"PRAGMA user_version = {number}")
    database.conn.commit()
    database.close()

    ledger, fresh = Ledger(path), Ledger(tmp_path / "fresh.db")
    query = "SELECT name, sql FROM sqlite_master ORDER BY name"

    assert ledger.connection().execute(query).fetchall() == fresh.connection().execute(query).fetchall()
    ledger.close()
    fresh.close()


def test_a_ledger_from_a_newer_version_is_left_alone(tmp_path):
    """A newer file is refused in a sentence that says so."""
    with sqlite3.connect(tmp_path / "l.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(Misconfigured, match="newer version"):
        Ledger(tmp_path / "l.db")


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    """Another kind of file is refused, and not written to."""
    path = tmp_path / "l.db"
    path.write_text("name,amount\n" * 400)

    with pytest.raises(Misconfigured, match="is not a ledger"):
        Ledger(path)

    assert path.read_text().startswith("name,amount")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    """A path that cannot be made says what to check."""
    with pytest.raises(Misconfigured, match="cannot be opened"):
        Ledger(tmp_path / "nowhere" / "l.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to read-only files")
def test_a_read_only_ledger_is_said(tmp_path):
    """Writing to a read-only file is refused in one sentence."""
    path = tmp_path / "l.db"
    Ledger(path).close()
    path.chmod(stat.S_IREAD)
    tmp_path.chmod(stat.S_IREAD | stat.S_IEXEC)

    with pytest.raises(Misconfigured, match="read-only"), Ledger(path).transaction() as connection:
        connection.execute("DELETE FROM fact")


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path):
    """When no room is left the write is undone and the sentence says what to do."""
    ledger = Ledger(tmp_path / "l.db")
    ledger.memory.put("note", "a", {"kept": True})
    pages = ledger.connection().execute("PRAGMA page_count").fetchone()[0]
    ledger.connection().execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(Misconfigured, match="no room left"):
        ledger.memory.put("note", "b", {"text": "x" * 10_000_000})

    assert list(ledger.memory.all("note")) == ["a"]
    ledger.close()


@pytest.mark.parametrize("url", ["spend.db", "mysql://u:secret@h/db", "sqlite:///"])
def test_a_ledger_url_that_means_nothing_is_refused_without_its_password(url):
    """The sentence shows how to write it, and no secret."""
    with pytest.raises(Misconfigured, match="LEDGER_URL") as refused:
        Ledger.open(url)

    assert "secret" not in str(refused.value)


def test_a_backup_is_a_whole_ledger(tmp_path):
    """A backup opens as a ledger with the same contents."""
    ledger = Ledger(tmp_path / "l.db")
    ledger.memory.put("note", "a", {"kept": True})
    ledger.backup(tmp_path / "copy.db")
    copy = Ledger(tmp_path / "copy.db")

    assert copy.memory.get("note", "a") == {"kept": True}
    ledger.close()
    copy.close()
