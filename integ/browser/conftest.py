# SPDX-License-Identifier: ISC
"""A real Chromium, driven by driver.mjs."""

import itertools
import json
import os
import shutil
import subprocess

import pytest
from harness.process import wait_for

HERE = os.path.dirname(__file__)
AXE_LEVELS = ("serious", "critical")


class Page:
    def __init__(self, browser, number):
        self.browser = browser
        self.number = number

    def tell(self, do, **more):
        return self.browser.tell(do, id=self.number, **more)

    def js(self, expression):
        return self.tell("evaluate", expression=expression)

    def text(self, selector):
        """As it is seen; None: nothing is there. No-break spaces are spaces."""
        text = self.js(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")
        return text and text.replace("\u00a0", " ")

    def wait(self, expression, timeout=10):
        return wait_for(lambda: self.js(expression), timeout, f"{expression} in the page")

    def wait_text(self, selector, part, timeout=10):
        def there():
            return part in (self.text(selector) or "")

        try:
            wait_for(there, timeout)
        except AssertionError:
            raise AssertionError(f"{selector}: '{part}' not in:\n{self.text(selector)}") from None

    def press(self, *keys):
        for key in keys:
            self.tell("press", key=key)

    def complaints(self):
        """What the console was told. The page can't keep Chromium itself from
        reporting connections that fail and answers of 401."""
        ignored = ("net::ERR_", "status of 401")
        return [c for c in self.tell("complaints") if not any(i in c for i in ignored)]

    def violations(self):
        """What axe-core finds that is serious, in a few words each."""
        if not self.js("globalThis.axe !== undefined"):
            self.js(self.browser.axe)
        found = self.js("axe.run({ resultTypes: ['violations'] })")["violations"]
        return [
            f"{v['id']}: {node['target']} {node['failureSummary']}"
            for v in found if v["impact"] in AXE_LEVELS for node in v["nodes"][:3]
        ]  # fmt: skip


class Browser:
    def __init__(self, directory):
        self.directory = str(directory)
        for name in ("package.json", "package-lock.json", "driver.mjs"):
            shutil.copy(f"{HERE}/{name}", self.directory)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"npm ci: {done.stdout}{done.stderr}"
        with open(f"{self.directory}/node_modules/axe-core/axe.min.js") as f:
            self.axe = f"{f.read()}; undefined"
        self.numbers = itertools.count()
        os.mkdir(f"{self.directory}/profile")
        self.driver = subprocess.Popen(
            ["node", "driver.mjs", f"{self.directory}/profile"],
            cwd=self.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def tell(self, do, **more):
        self.driver.stdin.write(json.dumps(dict(more, do=do)) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        assert line, f"driver.mjs ended ({do})"
        answer = json.loads(line)
        assert "error" not in answer, f"{do} {more}: {answer['error']}"
        return answer["value"]

    def open(self, url, **options):
        page = Page(self, next(self.numbers))
        page.tell("open", url=url, **options)
        return page

    def stop(self):
        self.driver.stdin.close()
        try:
            self.driver.wait(20)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("browser"))
    yield made
    made.stop()


@pytest.fixture
def dash(browser):
    """dash(daemon, fragment="", **options) opens its dashboard. At the end no
    page may have complained of anything."""
    made = []

    def make(daemon, fragment="", **options):
        daemon.wait_ready()
        page = browser.open(f"http://{daemon.options['local_node']}/dash{fragment}", **options)
        made.append(page)
        return page

    yield make
    complaints = [c for page in made for c in page.complaints()]
    for page in made:
        page.tell("close")
    assert complaints == []
