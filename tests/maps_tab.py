"""A map opened in a real Chromium with every address but its own file cut off."""

import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@contextmanager
def browsing():
    """Give a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Tab:
    """A page with what went wrong on it."""

    def __init__(self, browser, path, width=1366, height=768, before="", address=""):
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.wrong = []
        self.page.on("pageerror", lambda error: self.wrong.append(f"error {error}"))
        self.page.on("dialog", self.dialog)
        self.page.on("console", self.console)
        self.page.route("**/*", self.route)
        if before:
            self.page.add_init_script(before)
        self.page.goto(path.as_uri() + address)

    def dialog(self, dialog):
        self.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def console(self, message):
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console {message.text}")

    def route(self, route):
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.wrong.append(f"request {route.request.url}")
            route.abort()

    def ready(self):
        self.page.wait_for_selector(
            "html[data-state=ready], html[data-state=failed]", timeout=20_000
        )
        assert self.page.get_attribute("html", "data-state") == "ready", self.page.inner_text(
            "#notice"
        )
        return self.page


@contextmanager
def showing(browser, folder):
    """Give a function that opens a drawn map, and see at the end that nothing went wrong on any."""
    tabs = []

    def show(drawn, **options):
        path = folder / f"{len(tabs)}.html"
        drawn.save(path)
        tabs.append(Tab(browser, path, **options))
        return tabs[-1].ready()

    yield show
    for tab in tabs:
        assert tab.wrong == []
        tab.context.close()
