"""PgBouncer in transaction mode before the tests' PostgreSQL: each transaction may have another connection."""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import psycopg
import pytest
from postgresql_server import server_url

_PORT = 6432
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@cache
def folder():
    """Where its socket is, once it runs; it ends with the tests."""
    if PROGRAM is None:
        pytest.skip("PgBouncer is not installed")
    parts = psycopg.conninfo.conninfo_to_dict(server_url())
    home = Path(tempfile.mkdtemp(prefix="pgb"))
    home.chmod(0o777)
    settings = home / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={parts['host']} port={parts.get('port', 5432)} user={parts['user']}\n"
        f"[pgbouncer]\nlisten_addr =\nlisten_port = {_PORT}\nunix_socket_dir = {home}\nauth_type = any\n"
        "pool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 4\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    settings.chmod(0o644)
    owner = Path(parts["host"]).owner()  # who may reach the server's socket; as root it refuses to run
    as_user = ["-u", owner] if os.geteuid() == 0 else []
    process = subprocess.Popen([PROGRAM, "-q", *as_user, str(settings)])
    atexit.register(lambda: (process.kill(), process.wait()))
    until = time.monotonic() + 10
    while not (home / f".s.PGSQL.{_PORT}").exists():
        assert time.monotonic() < until, "PgBouncer did not start"
        time.sleep(0.05)
    return home


def through(url):
    """The address of the same database by way of PgBouncer."""
    name = url.split("://")[1].split("?")[0].partition("/")[2]
    return f"postgresql://postgres@/{name}?host={folder()}&port={_PORT}"
