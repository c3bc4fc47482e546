"""Ledgers as earlier versions left them."""

from sqlite_utils import Database

from bot.ledger import schema


def of_version(path, number, newest=None):
    """A ledger as the version with so many migrations left it, with the charges of one of today's (``newest``)."""
    database = Database(path)
    for done, step in enumerate(schema.MIGRATIONS[:number], start=1):
        step(database)
        database.execute(f"PRAGMA user_version = {done}")
    database.conn.commit()
    if newest is not None:
        database.execute("ATTACH ? AS newest", (str(newest),))
        for table in ("feed", "series", "detail", "fact", "cube", "dictionary"):
            columns = ", ".join(f'"{column.name}"' for column in database[table].columns)
            database.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM newest.{table}")
        database.execute("UPDATE state SET value = 1")
        database.conn.commit()
        database.execute("DETACH newest")
    database.close()
    return path
