"""A headless Chromium, driven over its DevTools protocol: as much as a test that types and clicks needs."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--mute-audio",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
]
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38}


def find() -> str | None:
    """Where a Chromium is, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one tab; a context manager that leaves nothing behind."""

    def __init__(self, width: int = 1280, height: int = 900) -> None:
        """Start it."""
        self.profile = tempfile.mkdtemp(prefix="spend-browser-")
        command = [find() or "chromium", *FLAGS, f"--user-data-dir={self.profile}", f"--window-size={width},{height}"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen([*command, "about:blank"], stdout=quiet, stderr=quiet)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._count = 0
        self.line = websocket.create_connection(self._tab(), timeout=20)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", **size)

    def _tab(self) -> str:
        port_file = Path(self.profile) / "DevToolsActivePort"
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if port_file.exists() and port_file.read_text().strip():
                port = port_file.read_text().split()[0]
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = [one for one in json.load(answer) if one["type"] == "page"]
                if pages:
                    return pages[0]["webSocketDebuggerUrl"]
            time.sleep(0.05)
        raise TimeoutError("Chromium did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.line.close()
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its result; what the page does meanwhile is noted."""
        self._count += 1
        self.line.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            text = json.loads(self.line.recv())
            if text.get("id") == self._count:
                if "error" in text:
                    raise RuntimeError(f"{method}: {text['error']['message']}")
                return text["result"]
            self._note(text)

    def _note(self, text: dict[str, Any]) -> None:
        params = text.get("params", {})
        if text.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        if text.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        if text.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def open(self, url: str) -> None:
        """Go to a page and wait until it is drawn."""
        self.send("Page.navigate", url=url)
        self.wait("document.body && document.body.dataset.version")

    def js(self, expression: str) -> Any:
        """The value of an expression in the page."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", expression))
        return result["result"].get("value")

    def wait(self, expression: str, timeout: float = 10) -> Any:
        """Wait until an expression is true in the page."""
        until = time.monotonic() + timeout
        while True:
            value = self.js(expression)
            if value:
                return value
            if time.monotonic() > until:
                raise TimeoutError(f"never true in the page: {expression}\n{self.complaints}")
            time.sleep(0.03)

    def see(self, text: str, timeout: float = 10) -> None:
        """Wait until a text stands on the page."""
        self.wait(f"document.body.innerText.includes({json.dumps(text)})", timeout)

    def click(self, selector: str) -> None:
        """Click the first element that matches, with the mouse."""
        where = self.wait(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;"
            "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            "return r.width ? [r.x + r.width / 2, r.y + r.height / 2] : null; })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button="left", clickCount=1)

    def hover(self, selector: str) -> None:
        """Move the mouse over the first element that matches."""
        found = f"document.querySelector({json.dumps(selector)})"
        where = self.wait(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({found}.getBoundingClientRect())")
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=where[0], y=where[1])

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def key(self, name: str) -> None:
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            text = "\r" if name == "Enter" and kind == "keyDown" else ""
            code = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[name], "text": text}
            self.send("Input.dispatchKeyEvent", type=kind, **code)

    def screenshot(self, path: Path | str) -> None:
        """What the tab shows, as a PNG."""
        shot = self.send("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(shot["data"]))
