"""ClickHouse's engine behind its HTTP interface: the part of it that queries over HTTP need.

Evidence: ClickHouse's documentation, "HTTP interface": parameters as ``param_name``, settings beside them, errors with
status 4xx or 5xx and ``X-ClickHouse-Exception-Code``. The engine itself is the real one (chdb).
"""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

PASSWORD = "letmein-clickhouse"
_SERVERS_OWN = {"query_id", "wait_end_of_query", "cancel_http_readonly_queries_on_client_close", "readonly"}


@contextmanager
def clickhouse(*statements):
    """The address of a server on which the statements have been run."""
    session = pytest.importorskip("chdb.session", reason="ClickHouse's engine is not installed (chdb)").Session()
    lock = threading.Lock()
    for statement in statements:
        session.query(statement)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["X-ClickHouse-Key"] != PASSWORD:
                return self.reply(403, b"Code: 516. DB::Exception: Authentication failed", "516")
            parameters = {n.removeprefix("param_"): v for n, v in query.items() if n.startswith("param_")}
            settings = {n: v for n, v in query.items() if not n.startswith("param_") and n not in _SERVERS_OWN}
            if settings:
                given = ", ".join(f"{name} = {value}" for name, value in settings.items())
                sql = sql.replace(" FORMAT ", f" SETTINGS {given} FORMAT ")
            try:
                with lock:
                    return self.reply(200, session.query(sql, params=parameters).bytes())
            except Exception as error:  # noqa: BLE001 - whatever the engine raises is the reply
                with lock:
                    session.query("SELECT 1")  # in process, what a failed statement had begun to write comes first
                code = (re.search(r"Code: (\d+)", str(error)) or ["", "1002"])[1]
                return self.reply(500, str(error).encode(), code)

        def reply(self, status, body, code=""):
            self.send_response(status)
            if code:
                self.send_header("X-ClickHouse-Exception-Code", code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        session.close()
