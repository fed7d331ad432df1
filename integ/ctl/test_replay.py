# SPDX-License-Identifier: ISC
"""rrdnsctl replay: journals of real daemons, decided again."""

import json

import pytest

from harness.api import Api
from harness.ctl import Ctl
from harness.process import wait_for


class Journal:
    """What the daemons told, one file."""

    def __init__(self, path):
        self.path = str(path)

    def add(self, *daemons):
        with open(self.path, "a") as f:
            for daemon in daemons:
                f.write(Ctl(daemon).ok("--json", "events", "--all"))
        return self

    def replay(self, daemon, *options):
        return Ctl(daemon).ok("--json", "replay", self.path, *options)

    def endpoint(self, daemon, ip, *options):
        """(the endpoint's row, the summary)"""
        report = json.loads(self.replay(daemon, *options))
        return next(e for e in report["endpoints"] if e["ipaddr"] == ip), report["summary"]


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal")


def verdicts(daemon, ip, kind):
    return sum(e["kind"] == kind and e["ipaddr"] == ip for e in Api(daemon).events())


def outage(knot, fqdn, webs, daemon, probes=8):
    """An endpoint fails, leaves DNS, fails some probes more, and is back."""
    web, rest = webs[0], {w.ip for w in webs[1:]}
    web.down()
    knot.wait_addresses(fqdn, rest)
    start = Api(daemon).get("/api/v1/status")["uptime_s"]
    wait_for(lambda: Api(daemon).get("/api/v1/status")["uptime_s"] >= start + probes * 0.2 + 1, 30, "more failed probes")
    web.up()
    knot.wait_addresses(fqdn, rest | {web.ip})


def test_the_same_settings_come_to_the_same(publish, knot, fqdn, journal):
    daemon, webs = publish(knot, 3)
    outage(knot, fqdn, webs, daemon)
    outage(knot, fqdn, webs, daemon)
    row, summary = journal.add(daemon).endpoint(daemon, webs[0].ip)
    assert len(row["recorded"]) == len(row["was"]["down"]) == len(row["was"]["out"]) == 2
    assert row["missed"] == 0 and row["skew_ms"] < 1000
    assert row["now"] == row["was"] and row["differences"] == []
    assert (summary["changes_was"], summary["changes_now"]) == (4, 4)
    assert verdicts(daemon, webs[0].ip, "endpoint_down") == 2
    assert "Nothing would have been different." in Ctl(daemon).ok("replay", journal.path)


def test_another_fall(publish, knot, fqdn, journal):
    daemon, webs = publish(knot, 3)
    outage(knot, fqdn, webs, daemon)
    journal.add(daemon)
    daemon.stop()  # no daemon is asked
    row, summary = journal.endpoint(daemon, webs[0].ip, "--fall", "5")
    (difference,) = row["differences"]
    assert difference["now"]["from"] > difference["was"]["from"]
    assert difference["was"]["from"] < difference["perhaps"] < difference["now"]["from"]
    assert summary["dead_now_ms"] > summary["dead_was_ms"] and summary["moved"] == 1
    row, summary = journal.endpoint(daemon, webs[0].ip, "--fall", "500")
    assert (summary["avoided"], summary["changes_now"]) == (1, 0)
    out = Ctl(daemon).ok("replay", journal.path, "--fall", "500")
    assert "would not have happened" in out and all(len(line) <= 80 for line in out.splitlines())
    row, summary = journal.endpoint(daemon, webs[0].ip, "--fall", "500", "--until", "2001-01-01 00:00")
    assert row["differences"] == []


def test_restarts_and_what_was_printed_twice(publish, knot, fqdn, journal):
    daemon, webs = publish(knot, 3)
    outage(knot, fqdn, webs, daemon, 1)
    journal.add(daemon, daemon)
    daemon.stop()
    daemon.start()
    daemon.wait_log(r"undecided -> up", times=3, timeout=20)
    outage(knot, fqdn, webs, daemon, 1)
    status, out, err = Ctl(daemon).run("--json", "replay", journal.add(daemon).path)
    assert status == 0 and err.count("they are missing, or rrdnsd was restarted") == 1 == len(err.splitlines())
    row = next(e for e in json.loads(out)["endpoints"] if e["ipaddr"] == webs[0].ip)
    assert (len(row["recorded"]), row["missed"], row["differences"]) == (2, 0, [])


def test_bad_journals(publish, knot, journal):
    daemon, webs = publish(knot, 1)
    ctl = Ctl(daemon)
    whole = ctl.ok("--json", "events", "--all")
    for text, why in (
        (whole[:-40], "line 1: no JSON"),
        ('{"a": 1}\n', "line 1: this is no event"),
        ("", "there is no event in it"),
    ):
        status, out, err = ctl.run("replay", "-", stdin=text)
        assert (status, out) == (2, "") and why in err, (text, err)
    for options, why in (
        (["--fall", "0"], "--fall takes a whole number from 1 to 1000"),
        (["--interval", "100"], "was probed every 200 ms"),
        (["--since", "yesterday"], "--since takes a moment"),
        (["--fqdn", "other.example.org"], "neither probes nor settings"),
    ):
        status, out, err = ctl.run("replay", "-", *options, stdin=whole)
        assert (status, out) == (2, "") and why in err, (options, err)
