"""A JupyterLab that is always ended, and pages that report what they asked for and complained about."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The second fence: what the page's own does not see (the browser itself, a worker) finds no address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

# A busy machine takes its time; what is wrong for good still fails within the minute.
PATIENCE = 45_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Running:
    """A JupyterLab that listens."""

    url: str
    token: str


def own_environment(home: Path) -> dict[str, str]:
    """Return this process's environment with a home of its own and without anybody's Jupyter settings."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, "HOME": str(home), "PATH": path}


@contextmanager
def running(root: Path, role: str, home: Path, log: Path) -> Iterator[Running]:
    """Run `lab` as `make lab` does, on any free port; end it and every kernel of it, come what may."""
    extra = home / "expose"
    extra.mkdir(parents=True)
    (extra / "jupyter_lab_config.json").write_text('{"LabApp": {"expose_app_in_browser": true}}')
    env = {**own_environment(home), "JUPYTER_CONFIG_PATH": str(extra)}
    start = (
        f"from ecomtrain.classroom.lab import lab; lab({str(root)!r}, port=0, browser=False, role={role!r})"
    )
    with log.open("wb") as out:
        process = psutil.Popen(
            [sys.executable, "-c", start], env=env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield _listening(process, root / "build" / "jupyter" / role / "runtime", log)
    finally:
        with suppress(psutil.NoSuchProcess):
            _end([process, *process.children(recursive=True)])


def _end(family: list[psutil.Process]) -> None:
    family[0].terminate()  # which ends its kernels itself
    _, alive = psutil.wait_procs(family, timeout=10)
    for survivor in alive:
        with suppress(psutil.NoSuchProcess):
            survivor.kill()
    psutil.wait_procs(alive, timeout=10)


def _listening(process: psutil.Popen, runtime: Path, log: Path) -> Running:
    info = runtime / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline and process.poll() is None:
        # The file is there before it is whole.
        if info.is_file() and (text := info.read_text()).endswith("}"):
            about = json.loads(text)
            return Running(about["url"].rstrip("/"), about["token"])
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@dataclass
class Watch:
    """What the pages of one visitor asked for, and what went wrong in them."""

    paths: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        context.route("**/*", self._admit)
        context.on("page", self._listen)

    def assert_nothing_is_wrong(self) -> None:
        assert not self.outside, f"pages asked for something outside this machine: {sorted(self.outside)}"
        assert not self.errors, "pages complained:\n" + "\n".join(self.errors)

    def _admit(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("http", "https") and address.hostname != "127.0.0.1":
            self.outside.add(route.request.url)
            route.abort("blockedbyclient")
        else:
            self.paths.append(address.path)
            route.continue_()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on(
            "response",
            lambda reply: reply.status >= 400 and self.errors.append(f"{reply.status} {reply.url}"),
        )
        page.on("websocket", lambda socket: self._socket(socket.url))

    def _socket(self, url: str) -> None:
        if urlsplit(url).hostname != "127.0.0.1":
            self.outside.add(url)


class Visitor:
    """JupyterLab as a person uses it; where a click would be a race, the command behind it is executed."""

    def __init__(self, page: Page, server: Running, watch: Watch, shots: Path, log: Path) -> None:
        self.page, self.server, self.watch, self.shots, self.log = page, server, watch, shots, log

    def enter(self) -> None:
        self.page.goto(f"{self.server.url}/?token={self.server.token}")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")
        self.page.wait_for_selector("#main.jp-LabShell")
        self._wait_for("() => window.jupyterapp.restored")

    def files(self) -> Locator:
        return self.page.locator(".jp-DirListing-item .jp-DirListing-itemName")

    def menu(self, title: str) -> list[str]:
        """Open a menu of the menu bar and return the commands that it offers."""
        self.page.locator("#jp-MainMenu .lm-MenuBar-item", has_text=title).click()
        items = self.page.locator(".lm-Menu li.lm-Menu-item[data-command]")
        items.first.wait_for()
        return [item.get_attribute("data-command") or "" for item in items.all() if item.is_visible()]

    def choose(self, title: str, command: str) -> None:
        self.menu(title)
        self.page.locator(f'li.lm-Menu-item[data-command="{command}"]').click()

    def execute(self, command: str) -> None:
        self._wait_for("command => window.jupyterapp.commands.execute(command)", command)

    def notebook_is_ready(self) -> None:
        """Wait for the notebook in front and for its kernel: a cell run before that is not run at all."""
        self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
        self._wait_for(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
            }"""
        )

    def cell(self, index: int) -> Locator:
        """Go to a cell of the notebook in front and return it."""
        self._wait_for(
            """async index => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = index;
                await notebook.scrollToItem(index, "center");
            }""",
            index,
        )
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active")

    def write(self, index: int, code: str) -> None:
        """Replace the code of a cell; put in as a whole, since the editor indents what is typed."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(code)

    def run_down_to(self, index: int) -> Locator:
        """Run the notebook from its top down to a cell; return that cell once it has run anew."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.execute("notebook:run-all-above")
        cell = self.cell(index)
        self.execute("notebook:run-cell")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))
        expect(prompt).not_to_have_text(before)
        return cell

    def screenshot(self, name: str) -> None:
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.shots / f"{name}.png")

    def _wait_for(self, promise: str, argument: object = None) -> None:
        # A promise that is never kept would hold the test for ever: evaluate itself has no time limit.
        self.page.evaluate(
            f"""argument => Promise.race([
                ({promise})(argument),
                new Promise((_, fail) => setTimeout(() => fail(new Error("not within time")), {PATIENCE})),
            ]).then(() => null)""",
            argument,
        )


Visit = Callable[[Path, str], Visitor]
"""Start JupyterLab on a folder for a role, and open a page on it."""
