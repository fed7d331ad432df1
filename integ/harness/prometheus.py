# SPDX-License-Identifier: ISC
"""GET /metrics, as Prometheus would take it."""

import http.client
import re
import subprocess

SAMPLE = re.compile(r'^(\w+)(?:\{((?:\w+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def unescape(text):
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text)


def fetch(address):
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return text
    finally:
        connection.close()


class Metrics:
    """The samples of one scrape, or of the text of one."""

    def __init__(self, address=None, text=None):
        self.text = text or fetch(address)
        self.samples = []
        for line in self.text.splitlines():
            if not line.startswith("#"):
                match = SAMPLE.match(line)
                assert match, line
                labels = {k: unescape(v) for k, v in LABEL.findall(match[2] or "")}
                self.samples.append((match[1], labels, float(match[3])))

    def all(self, name, **labels):
        """(labels, value) of the samples that have at least these labels."""
        return [
            (has, value)
            for sample, has, value in self.samples
            if sample == name and labels.items() <= has.items()
        ]

    def value(self, name, **labels):
        found = self.all(name, **labels)
        assert len(found) == 1, f"{name} {labels}: {found}"
        return found[0][1]

    def sum(self, name, **labels):
        return sum(value for _, value in self.all(name, **labels))

    def check(self):
        """What promtool has to say."""
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=self.text, text=True, capture_output=True
        )
        assert done.returncode == 0 and not done.stderr, done.stderr + self.text
