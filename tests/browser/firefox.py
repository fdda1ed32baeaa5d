"""Drive the system's Firefox through WebDriver BiDi, which it speaks by itself: no driver needed.

Source: W3C, WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/). Only what the tests use.
"""

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.waiting import PATIENCE

NAMES = ("firefox-esr", "firefox")
HOW = """\
The tests of the site in a second browser need Firefox, and none was found.
  Debian           apt-get install firefox-esr
  elsewhere        set FIREFOX to the path of the program"""
QUIET = {  # nothing is asked of anybody but the page's own server
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
KEYS = {"ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
        "Enter": "\ue007", "Tab": "\ue004", "Home": "\ue011", "End": "\ue010"}  # fmt: skip


def find_firefox() -> str | None:
    """Return the path of Firefox: the variable FIREFOX, else the usual names."""
    given = os.environ.get("FIREFOX")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


def required_firefox() -> str:
    """Return the path of Firefox; without one the test is skipped, but on CI it fails."""
    path = find_firefox()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HOW)
    assert path
    return path


class Firefox:
    """One window of a headless Firefox; `complaints` are the page's errors, `requests` its URLs."""

    def __init__(self, path: str, *, width: int = 1280, height: int = 900) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._ids = itertools.count(1)
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        preferences = "".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in QUIET.items()
        )
        (Path(self._profile.name) / "user.js").write_text(preferences)
        self._process = subprocess.Popen(
            [path, "--headless", "--no-remote", "--remote-debugging-port", "0",
             "--profile", self._profile.name, "about:blank"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._socket = websocket.create_connection(
            f"{self._listening()}/session", timeout=PATIENCE, suppress_origin=True
        )
        self.ask("session.new", capabilities={})
        events = ["log.entryAdded", "network.beforeRequestSent"]
        self.ask("session.subscribe", events=events)
        self._page = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask(
            "browsingContext.setViewport",
            context=self._page, viewport={"width": width, "height": height},
        )  # fmt: skip

    def _listening(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if match := re.search(r"BiDi listening on (ws://\S+)", line):
                # Its later messages must go somewhere, or it stops when the pipe is full.
                self._drain = subprocess.Popen(["cat"], stdin=self._process.stderr,
                                               stdout=subprocess.DEVNULL)  # fmt: skip
                return match[1]
        raise RuntimeError("Firefox ended before it listened")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; what the page reports meanwhile is kept."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]
            self._hear(message.get("method"), message.get("params", {}))

    def _hear(self, event: str | None, params: dict[str, Any]) -> None:
        if event == "log.entryAdded" and params["level"] in ("error", "warn"):
            self.complaints.append(str(params["text"]))
        elif event == "network.beforeRequestSent":
            self.requests.append(params["request"]["url"])

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self.ask("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def evaluate(self, script: str) -> Any:
        """Return what a JavaScript expression gives, awaited; it must be JSON."""
        wrapped = f"(async () => JSON.stringify((await ({script})) ?? null))()"
        found = self.ask(
            "script.evaluate",
            expression=wrapped, target={"context": self._page}, awaitPromise=True,
        )  # fmt: skip
        if found["type"] == "exception":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def wait_for(self, script: str) -> None:
        """Wait until an expression is true."""
        limit = f"Date.now() > end ? no(new Error('never: ' + {json.dumps(script)}))"
        self.evaluate(
            f"new Promise((yes, no) => {{ const end = Date.now() + {1000 * PATIENCE};"
            f" const look = () => ({script}) ? yes(true) : {limit} : setTimeout(look, 25);"
            " look(); })"
        )

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a selector finds, once it rests."""
        find = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(find)
        x, y = self.evaluate(
            f"(async () => {{ const frame = () => new Promise(requestAnimationFrame);"
            " const where = (e) => { const {left, top, width, height} = e.getBoundingClientRect();"
            " return [Math.round(left + width / 2), Math.round(top + height / 2)] };"
            " for (let last = '';;) {"
            f" const e = {find}; e.scrollIntoView({{block: 'center', behavior: 'instant'}});"
            " await frame(); await frame(); const place = where(e);"
            " if (`${place}` === last) return place; last = `${place}`; } })()"
        )
        button = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act("pointer", "mouse", [{"type": "pointerMove", "x": x, "y": y}, *button])

    def press(self, keys: Sequence[str]) -> None:
        """Press keys one after the other, named as in `KEYS` or as they are typed."""
        strokes = [KEYS.get(key, key) for key in keys]
        kinds = ("keyDown", "keyUp")
        self._act(
            "key", "keys", [{"type": kind, "value": key} for key in strokes for kind in kinds]
        )

    def _act(self, kind: str, name: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": kind, "id": name, "actions": actions}
        self.ask("input.performActions", context=self._page, actions=[source])

    def screenshot(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        shot = self.ask("browsingContext.captureScreenshot", context=self._page)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._drain.wait(PATIENCE)
        if self._process.stderr:
            self._process.stderr.close()
        self._profile.cleanup()
