"""A browser before the real program: a server on loopback, Debian's Chromium, axe."""

import threading
import time
from collections.abc import Iterator

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from gigcx.http.login import STEP_SECONDS, hash_password
from tests.factories import identity

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PASSWORD = "coffee-and-bicycles"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SECONDS = 10


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return one browser for all tests of this process."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def address(app, committing, monkeypatch) -> Iterator[str]:
    """Serve the program on the test's own database and return where."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    where = f"http://127.0.0.1:{server.port}"
    monkeypatch.setitem(app.config, "PUBLIC_URL", where)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield where
    server.shutdown()
    thread.join()


@pytest.fixture
def visit(browser, address):
    """Return what opens a window of somebody's own; errors of its scripts fail the test."""
    contexts = []
    errors: list[str] = []

    def open_window(size=DESK, **options) -> Page:
        context = browser.new_context(
            viewport=size, base_url=address, bypass_csp=options.pop("bypass_csp", False), **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Return the hash of everybody's password, made once: it is slow on purpose."""
    return hash_password(PASSWORD)


class Person:
    """Somebody who signs in, with codes that are good once each."""

    def __init__(self, email: str, totp_secret: str | None = None) -> None:
        self.email = email
        self._totp = pyotp.TOTP(totp_secret) if totp_secret else None
        self._steps_back = 1

    def code(self) -> str:
        """Return a one-time code that was not used before: of the step before, then of this."""
        code = self._totp.at(int(time.time()) - self._steps_back * STEP_SECONDS)
        self._steps_back -= 1
        return code

    def sign_in(self, page: Page) -> Page:
        """Sign in and land on one's console."""
        page.goto("/sign-in")
        page.fill("#email", self.email)
        page.fill("#password", PASSWORD)
        page.click("main button")
        if self._totp is not None:
            page.fill("#password", PASSWORD)
            page.fill("#code", self.code())
            page.click("main button")
        page.wait_for_url("**/*")
        return page


@pytest.fixture
def finance_person(password_hash):
    """Return what makes somebody of finance with a password and one-time codes."""

    def make() -> Person:
        secret = pyotp.random_base32()
        who = identity.finance(password_hash=password_hash, totp_secret=secret)
        return Person(identity.email_of(who), secret)

    return make


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page."""
    return [found["id"] for found in Axe().run(page).response["violations"]]
