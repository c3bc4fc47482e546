"""What stands in the log: short lines, one each, without secrets, and nothing of what libraries say below a warning."""

import json
import subprocess
import sys

SAYS = """
import logging, structlog
from bot.app.logs import configure
configure("json")
log = structlog.get_logger("test")
log.info("long", text="A" * 1_000_000, where={"key": "B" * 1_000_000}, many=["C" * 1_000_000])
log.info("secrets", key="x" * 900 + "sk-ant-admin01-abcdefghijklmnop" + "y" * 1_000_000, header="Bearer abcdefghijkl")
log.info("lines", text="one\\ntwo\\r\\n{\\"event\\": \\"made up\\"}")
try:
    raise ValueError("D" * 1_000_000)
except ValueError:
    log.exception("broken")
logging.getLogger("slack_bolt.App").info("payload E")
logging.getLogger("waitress.queue").warning("Task queue depth is 9")
"""


def test_lines_are_short_and_hold_no_secret():
    """A value is cut in its middle, wherever it stands; what looks like a key is struck out, also at the cut."""
    done = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    result = [json.loads(line) for line in lines]
    assert [item["event"] for item in result] == ["long", "secrets", "lines", "broken"]
    assert max(map(len, lines)) < 15_000
    assert "letters left out" in result[0]["text"]
    assert "abcdefghij" not in done.stderr
    assert "sk-ant-" in result[1]["key"]
    assert result[3]["exception"].endswith("D" * 100)
