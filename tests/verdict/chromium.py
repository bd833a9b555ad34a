"""A real headless Chromium, driven over a pipe by the DevTools protocol, with no network at all.

Only what the tests of the web page need: open a page, hand it files as a person's choice, run a line in it, take a
picture. Every request that the page makes is noted.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--remote-debugging-pipe", "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
    "--hide-scrollbars",
)  # fmt: skip
# Chromium reads its orders from descriptor 3 and answers on 4.
_START = 'orders=$1 answers=$2; shift 2; exec "$@" 3<&"$orders" 4>&"$answers" 2>/dev/null'
PATIENCE = 20.0


class Chromium:
    """One browser process; `with Chromium(program, folder) as browser:`. Raises TimeoutError where it hangs."""

    def __init__(self, program: str, folder: Path) -> None:
        theirs, self._orders = os.pipe()
        self._answers, theirs_too = os.pipe()
        words = [program, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", _START, "start", str(theirs), str(theirs_too), *words],
            pass_fds=(theirs, theirs_too),
            stdout=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(theirs_too)
        os.set_blocking(self._answers, False)
        self._waiting = b""
        self._last = 0
        self._session = ""
        self.requests: list[str] = []
        self.said: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._send("Browser.close", {}, session=False)
            self._process.wait(10)
        except (TimeoutError, BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._orders)
        os.close(self._answers)

    # Pages

    def open(self, address: str, now_ms: int | None = None, features: Sequence[tuple[str, str]] = ()) -> None:
        """A fresh tab with this address, offline; `now_ms` is what its clock says, `features` are media features."""
        target = self._send("Target.createTarget", {"url": "about:blank"}, session=False)["targetId"]
        attached = self._send("Target.attachToTarget", {"targetId": target, "flatten": True}, session=False)
        self._session = attached["sessionId"]
        self.requests.clear()
        self.said.clear()
        for domain in ("Page", "Network", "Runtime", "DOM", "Log"):
            self._send(f"{domain}.enable", {})
        if not address.startswith("http:"):
            offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
            self._send("Network.emulateNetworkConditions", offline)
        named = [{"name": name, "value": value} for name, value in features]
        self._send("Emulation.setEmulatedMedia", {"features": named})
        if now_ms is not None:
            self._send("Page.addScriptToEvaluateOnNewDocument", {"source": f"Date.now = () => {now_ms};"})
        self._send("Page.navigate", {"url": address})
        self.wait_for("document.readyState === 'complete'")

    def run(self, line: str) -> Any:
        """The value of a JavaScript expression. Raises AssertionError where it throws."""
        answer = self._send(
            "Runtime.evaluate", {"expression": line, "returnByValue": True, "awaitPromise": True}
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(f"In vain: {condition}. The page said {self.said}")
            time.sleep(0.02)

    def choose(self, selector: str, files: Sequence[Path]) -> None:
        """Hand files to a file field, as choosing them does."""
        root = self._send("DOM.getDocument", {})["root"]["nodeId"]
        node = self._send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        self._send("DOM.setFileInputFiles", {"nodeId": node, "files": [str(path) for path in files]})

    def drop(self, files: Sequence[Path], x: int = 150, y: int = 100) -> None:
        """Drop files or folders on the page, as dragging them there does."""
        data = {"items": [], "files": [str(path) for path in files], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self._send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})

    def save_into(self, folder: Path) -> None:
        """Where what the page saves is put."""
        allowed = {"behavior": "allow", "downloadPath": str(folder)}
        self._send("Browser.setDownloadBehavior", allowed, session=False)

    def press(self, key: str) -> None:
        """A key, down and up, where the focus is."""
        typed = {"Enter": "\r", "Space": " "}.get(key, "")
        code = {"Tab": 9, "Enter": 13, "Space": 32, "ArrowDown": 40, "ArrowUp": 38}[key]
        name = " " if key == "Space" else key
        event = {"key": name, "code": key, "windowsVirtualKeyCode": code}
        self._send("Input.dispatchKeyEvent", {**event, "type": "keyDown", "text": typed})
        self._send("Input.dispatchKeyEvent", {**event, "type": "keyUp"})

    def picture(self, path: Path, width: int = 1440, height: int = 900) -> None:
        """The page as it is seen, as PNG."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._send("Emulation.setDeviceMetricsOverride", size)
        path.write_bytes(base64.b64decode(self._send("Page.captureScreenshot", {})["data"]))

    def printed(self) -> bytes:
        """The page on paper, as PDF."""
        return base64.b64decode(self._send("Page.printToPDF", {})["data"])

    def names(self) -> list[dict[str, str]]:
        """The accessibility tree: role and name of everything that has a name."""
        nodes = self._send("Accessibility.getFullAXTree", {})["nodes"]
        return [
            {"role": one["role"]["value"], "name": one["name"]["value"]}
            for one in nodes
            if one.get("name", {}).get("value") and not one.get("ignored")
        ]

    # The protocol

    def _send(self, method: str, parameters: dict[str, Any], session: bool = True) -> dict[str, Any]:
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = self._session
        os.write(self._orders, json.dumps(message).encode() + b"\0")
        answer = self._read_until(lambda one: one.get("id") == self._last)
        assert "error" not in answer, f"{method}: {answer['error']}"
        found: dict[str, Any] = answer["result"]
        return found

    def _read_until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            while b"\0" in self._waiting:
                line, _, self._waiting = self._waiting.partition(b"\0")
                message = json.loads(line)
                if wanted(message):
                    return message
                self._note(message)
            try:
                piece = os.read(self._answers, 1 << 20)
            except BlockingIOError:
                time.sleep(0.002)
                continue
            if not piece:
                raise TimeoutError("Chromium ended")
            self._waiting += piece
        raise TimeoutError("Chromium does not answer")

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.said.append(str(parameters["exceptionDetails"]))
        if message.get("method") == "Log.entryAdded":
            self.said.append(parameters["entry"]["text"])
