# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium that tests look at pages with.

It is spoken to by the DevTools protocol over a pipe, for which no library is needed:
https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_PATIENCE = 60.0

Pixel = tuple[int, int, int]


class Browser:
    """A running Chromium."""

    def __init__(self, to_browser: int, from_browser: int):
        """Takes the ends of its pipes."""
        self._to, self._from = to_browser, from_browser
        self._read = b""
        self._ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Calls a method of the protocol; events that come first are kept."""
        id = next(self._ids)
        message = {"id": id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self._to, text) :]
        while True:
            answer = self._next()
            if answer.get("id") != id:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def wait_for(self, event: str, session: str) -> None:
        """Waits for an event, which may have come."""
        seen = 0
        while True:
            for one in self.events[seen:]:
                if (one.get("method"), one.get("sessionId")) == (event, session):
                    return
            seen = len(self.events)
            self.events.append(self._next())

    def open(
        self, path: Path, *, scheme: str = "light", width: int = 1280, height: int = 900
    ) -> Page:
        """Opens a file in a tab of its own.

        Args:
          path: The file.
          scheme: What the user prefers: `light` or `dark`.
          width: Of the window, in pixels.
          height: Of the window, in pixels.
        """
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.call(f"{domain}.enable")
        page.prefer(scheme)
        page.resize(width, height)
        page.call("Page.navigate", url=path.resolve().as_uri())
        self.wait_for("Page.loadEventFired", session)
        return page

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._from], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self._from, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError("Chromium does not answer")
            self._read += part
        text, _, self._read = self._read.partition(b"\0")
        answer: dict[str, Any] = json.loads(text)
        return answer


class Page:
    """A page in a tab."""

    def __init__(self, browser: Browser, session: str):
        """Takes the tab's session."""
        self._browser, self._session = browser, session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Calls a method of the protocol on this page."""
        return self._browser.call(method, self._session, **parameters)

    def prefer(self, scheme: str, *, medium: str = "") -> None:
        """Has the user prefer another color scheme, or look at another medium, such as `print`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)
        self.wait_for_frame()

    def resize(self, width: int, height: int) -> None:
        """Gives the window another size, in pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.wait_for_frame()

    def wait_for_frame(self) -> None:
        """Waits until what was changed is to be seen, and has been told to scripts."""
        self.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        result = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def click(self, selector: str) -> None:
        """Clicks the middle of an element with the mouse."""
        self.point_at(selector)
        x, y = self._middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def point_at(self, selector: str) -> None:
        """Moves the mouse to the middle of an element."""
        self.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        x, y = self._middle(selector)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Presses a key, such as Enter, 13."""
        keys = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **keys)
        self.call("Input.dispatchKeyEvent", type="keyUp", **keys)

    def _middle(self, selector: str) -> tuple[float, float]:
        x, y = self.evaluate(
            f"(() => {{ const box = document.querySelector({selector!r}).getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        return x, y

    def events(self, *methods: str) -> list[dict[str, Any]]:
        """What was told of this page so far, by the events' names."""
        self.evaluate("new Promise(done => setTimeout(done))")  # what has been queued comes first
        return [
            event["params"]
            for event in self._browser.events
            if event.get("sessionId") == self._session and event.get("method") in methods
        ]

    def complaints(self) -> list[dict[str, Any]]:
        """All that went to the console, uncaught errors, and the log's entries."""
        return self.events("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")

    def requests(self) -> list[str]:
        """The addresses that were asked for, that of the page itself first.

        Those that hold their data themselves, such as pictures that plotly 6 tries, are left out.
        """
        asked = [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]
        return [address for address in asked if not address.startswith("data:")]

    def png(self, *, scale: float = 1, is_whole: bool = False) -> bytes:
        """A picture of what the window shows, or of the whole page."""
        self.call("Page.bringToFront")  # a tab that is not seen is not painted
        metrics = self.call("Page.getLayoutMetrics")
        view = metrics["cssContentSize" if is_whole else "cssLayoutViewport"]
        size = [view.get(name, view.get(f"client{name.title()}")) for name in ("width", "height")]
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": scale}
        shot = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=is_whole)
        return base64.b64decode(shot["data"])


@contextmanager
def running(profile: Path) -> Iterator[Browser]:
    """Runs a Chromium.

    Args:
      profile: An empty directory, for what it keeps.
    """
    read_there, write_here = os.pipe()
    read_here, write_there = os.pipe()
    # It reads from its file 3 and writes to its file 4.
    pipes = f'exec "$@" 3<&{read_there} 4>&{write_there} 2>/dev/null'
    command = ["bash", "-c", pipes, "bash", str(CHROMIUM), *_OPTIONS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        command, pass_fds=(read_there, write_there), stdout=subprocess.DEVNULL
    )
    os.close(read_there)
    os.close(write_there)
    try:
        browser = Browser(write_here, read_here)
        yield browser
        browser.call("Browser.close")
    finally:
        os.close(write_here)
        os.close(read_here)
        try:
            process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def colors(png: bytes) -> Counter[Pixel]:
    """How many pixels of a picture have each color."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    counted = picture.getcolors(picture.width * picture.height)
    return Counter({color: count for count, color in counted})
