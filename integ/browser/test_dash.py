# SPDX-License-Identifier: ISC
"""The dashboard in a real Chromium, on real daemons with real endpoints."""

import os
import subprocess
import time

import pytest
from harness.api import TOKEN, Api
from harness.daemon import Rrdnsd, service
from harness.process import free_port, wait_for
from harness.web import Endpoint

HERE = os.path.dirname(__file__)
SECRET = "a secret of forty characters, more or less"
HOSTILE = "<img src=x onerror=\"hit=1\"><script>hit=1</script>'\"]]>&lt;\u202e"


def row(ip):
    """JavaScript: the row of an endpoint, or undefined."""
    return (
        "[...document.querySelectorAll('.row:not(.detail)')]"
        f".find((row) => row.querySelector('button')?.textContent === '{ip}')"
    )


def test_pure_parts():
    done = subprocess.run(
        ["node", "--test", f"{HERE}/pure.test.mjs"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_served_strictly_and_once(knot, publish):
    daemon, _ = publish(knot)
    answer = Api(daemon, token=None).request("GET", "/dash")
    headers, page = answer.headers, answer.body
    assert answer.status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
                 "frame-ancestors 'none'", "script-src 'sha256-", "style-src 'sha256-"):  # fmt: skip
        assert part in policy
    assert "unsafe" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers.get_all("Cache-Control") == ["no-cache"]
    assert b"://" not in page.replace(b"http://www.w3.org/2000/svg", b"")
    again = Api(daemon, token=None).request("GET", "/dash", headers={"If-None-Match": headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_endpoint_goes_down_and_comes_back(knot, publish, dash):
    daemon, webs = publish(knot, 3)
    page = dash(daemon)
    page.wait_text("#headline", "Everything is up")
    assert page.js("document.title").startswith("Everything is up")
    took = []
    for _ in range(3):
        seen = daemon.count(r" up -> down ")
        webs[1].down()
        daemon.wait_log(r" up -> down ", times=seen + 1)
        began = time.monotonic()
        page.wait_text("#headline", "1 of 3 endpoints is down")
        took.append(time.monotonic() - began)
        page.wait_text("#problem-list", "Took it out of DNS")
        assert "connection refused" in page.text("#problem-list")
        webs[1].up()
        page.wait_text("#headline", "Everything is up")
    print(f"shown after {took} s")
    assert min(took) < 2
    assert f"{webs[1].ip} is up" in page.js("document.getElementById('news').textContent")
    page.wait_text("#event-list", "up -> down")


def test_daemon_is_gone_and_back(knot, publish, dash):
    daemon, _ = publish(knot)
    page = dash(daemon)
    page.wait_text("#headline", "Everything is up")
    daemon.kill()
    page.wait_text("#stale", "rrdnsd does not answer. What you see is", timeout=15)
    assert page.js("document.title").startswith("▼ No answer")
    assert page.js("getComputedStyle(document.getElementById('page')).opacity") != "1"
    daemon.start()
    page.wait("document.getElementById('stale').hidden", timeout=20)
    page.wait_text("#headline", "Everything is up")


@pytest.fixture
def nodes(tmp_path, endpoints, fqdn, knot):
    """nodes(n) gives (n daemons that vote together, their two web servers)."""
    made = []

    def make(n, **options):
        webs = endpoints(2)
        knot.set(fqdn, [web.ip for web in webs], ttl=5)
        names = [f"127.0.0.1:{free_port()}" for _ in range(n)]
        one = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs], ttl=5)
        for i, name in enumerate(names):
            made.append(Rrdnsd(
                tmp_path / f"node{i}", [one], local_node=name, nodes=names, nodes_secret=SECRET,
                heartbeat_ms=200, update_resolvers=[knot.address],
                update_credentials=knot.credentials(), **options,
            ))  # fmt: skip
        for daemon in made:
            daemon.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        return made, webs

    yield make
    for daemon in made:
        daemon.stop()


def test_votes_of_all_nodes_and_lost_quorum(nodes, dash, fqdn):
    daemons, webs = nodes(3)
    page = dash(daemons[0], f"#service={fqdn}")
    page.wait_text("#headline", "Everything is up")
    votes = f"[...{row(webs[0].ip)}.querySelectorAll('.vote .word')].map((word) => word.textContent).join()"
    page.wait(f"{votes} === 'up,up,up'")
    # Three nodes fit in beside all else, and nothing is cut.
    assert page.js("[...document.querySelectorAll('.matrix')].every((m) => m.scrollWidth <= m.clientWidth)")
    assert page.js(
        "[...document.querySelectorAll('.row:not(.detail) > *')].every((cell) => cell.getBoundingClientRect().right"
        " <= cell.parentElement.getBoundingClientRect().right + 1)"
    )
    webs[0].down()
    page.wait(f"{votes} === 'down,down,down'")
    assert "connection refused (3 of 3 nodes)" in page.text("#problem-list")
    webs[0].up()
    daemons[1].kill()
    page.wait_text("#problem-list", "is lost")
    assert daemons[1].options["local_node"] in page.text("#problem-list")
    page.wait(f"{votes}.split(',').sort().join() === 'lost,up,up'")
    daemons[2].kill()
    page.wait_text("#headline", "There is no quorum.")
    page.wait_text("#quorum", "1 of 3 nodes voting, 2 needed: no quorum.")
    assert page.js("document.getElementById('verdict').className") == "alarm"


def test_definitions_that_differ_are_named(nodes, dash, fqdn):
    daemons, _ = nodes(3)
    daemons[2].services[0]["ttl"] = 7
    daemons[2].write()
    daemons[2].reload()
    page = dash(daemons[0])
    page.wait_text("#problem-list", "Definitions differ")
    assert daemons[2].options["local_node"] in page.text("#problem-list")


def test_server_that_can_not_be_updated(make_server, rrdnsd, endpoints, fqdn, dash):
    server = make_server("knot")
    webs = endpoints(2)
    server.set(fqdn, [web.ip for web in webs])
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs])
    daemon = rrdnsd(server, [one], reconcile_interval_ms=1000, update_timeout_ms=500)
    page = dash(daemon, f"#service={fqdn}")
    page.wait_text(".servers", "as wanted")
    server.stop()
    webs[0].down()
    page.wait_text("#problem-list", "Not updated")
    page.wait("/^\\d\\d:/.test(document.querySelector('#problem-list .since').innerText)")
    page.wait_text("#problem-list", "Wants it out of DNS, but it is still at")
    page.wait_text(".servers .extra", f"\u2212{webs[0].ip}")
    server.start()
    page.wait_text("#problem-list", "Took it out of DNS", timeout=30)


def test_dry_run_is_said_loudly(knot, publish, dash):
    daemon, _ = publish(knot, argv=["--dry-run"])
    page = dash(daemon)
    page.wait_text("#modes", "Dry run: no update is sent.")
    assert page.text("#headline") == "This is a dry run."


def test_hostile_words_are_only_words(rrdnsd, knot, endpoints, fqdn, dash):
    webs = endpoints(2)
    webs[1].body = HOSTILE.encode()
    ipaddrs = [{"ipaddr": web.ip, "label": HOSTILE} for web in webs]
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", ipaddrs, expect_body="good")
    daemon = rrdnsd(knot, [one], fail_mode="hold")
    page = dash(daemon, f"#service={fqdn}&endpoint={fqdn}+{webs[1].ip}&find=%3Cscript%3E&events=%3Cscript%3E")
    page.wait_text("#headline", "down")
    page.wait(f"{row(webs[1].ip)} !== undefined")
    assert page.js(f"{row(webs[1].ip)}.querySelector('.label').textContent").startswith("<img src=x")
    assert page.js("document.querySelectorAll('img, iframe, object, body script:not([type=module])').length") == 0
    assert page.js("typeof hit") == "undefined"


def test_operators_are_named(knot, publish, fqdn, dash):
    daemon, webs = publish(knot, 3, api_token=TOKEN)
    api = Api(daemon)
    page = dash(daemon, f"#service={fqdn}")
    page.wait_text("#headline", "Everything is up")
    api.intent(fqdn, webs[0].ip, "drain", reason=HOSTILE, by="alice", for_s=600)
    page.wait_text("#intent-list", f"by alice: {HOSTILE}, until")
    page.wait_text("#intent-list", "Safe to stop at")
    page.wait_text("#headline", "All is well.")
    page.wait_text("#event-list", "drain")
    api.post("/api/v1/freeze", {"on": True, "by": "bob", "reason": "migration"})
    page.wait_text("#modes", "Frozen: no record is changed.")
    page.wait_text("#problem-list", "by bob: migration, until it is taken back")
    assert page.js("typeof hit") == "undefined"
    assert page.violations() == []


def test_token_is_asked_for_and_forgotten(knot, publish, dash, tmp_path):
    token = tmp_path / "token"
    token.write_text("a token of sufficient length\n")
    token.chmod(0o600)
    daemon, _ = publish(knot, api_token=f"file:{token}", api_reads_need_token=True)
    page = dash(daemon)
    page.wait("!document.getElementById('token').hidden")
    assert page.js("document.getElementById('page').hidden")
    page.tell("type", text="another token that is wrong")
    page.press("Enter")
    page.wait_text("#token-wrong", "It does not take this token.")
    assert page.violations() == []
    page.tell("type", text="a token of sufficient length")
    page.press("Enter")
    page.wait_text("#headline", "Everything is up")
    kept = "localStorage.length + sessionStorage.length + document.cookie.length"
    assert page.js(kept) == 0
    assert "token" not in page.js("location.href")
    page.tell("reload")
    page.wait("!document.getElementById('token').hidden")


def test_keyboard_walk(knot, publish, dash, fqdn):
    daemon, webs = publish(knot, 2)
    page = dash(daemon)
    page.wait_text("#headline", "Everything is up")
    focus = "document.activeElement.id || document.activeElement.textContent"
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    page.press("Tab", "Enter")
    assert page.js(focus) == "headline"
    page.press("Tab")
    assert page.js(focus) == "filter"
    assert page.js(ring) == "solid"
    page.press("Tab", "Tab")
    assert (page.js(focus), page.js(ring)) == (fqdn, "solid")
    expanded = "document.activeElement.getAttribute('aria-expanded')"
    assert page.js(expanded) == "true"
    page.press("ArrowDown")
    assert (page.js(focus), page.js(ring)) == (webs[0].ip, "solid")
    page.press("Enter")
    page.wait(f"{expanded} === 'true'")
    page.wait_text(".detail", "Last probe here")
    page.press("ArrowDown", "ArrowUp", "ArrowUp", " ")
    assert (page.js(focus), page.js(expanded)) == (fqdn, "false")
    page.press(" ")
    # What was chosen is in the address: a reload shows it again.
    page.tell("reload")
    page.wait_text(".detail", "Last probe here")
    page.wait(f"{focus} === '{webs[0].ip}'")


def test_find_and_follow(knot, rrdnsd, endpoints, dash):
    webs = endpoints(2)
    names = ["one.rrdnsd.test", "two.rrdnsd.test"]
    services = [service(name, f"http://{{}}:{webs[0].port}/", [web.ip]) for name, web in zip(names, webs)]
    daemon = rrdnsd(knot, services, fail_mode="closed")
    page = dash(daemon)
    page.wait_text("#headline", "Everything is up")
    webs[1].down()
    page.wait_text("#headline", "two.rrdnsd.test is down.")
    shown = "[...document.querySelectorAll('#service-list article')].map((a) => a.dataset.fqdn).join()"
    assert page.js(shown) == "two.rrdnsd.test,one.rrdnsd.test"
    page.tell("click", selector="#filter")
    page.tell("type", text="ONE up")
    page.wait(f"{shown} === 'one.rrdnsd.test'")
    page.tell("click", selector=f"#problem-list a:text-is('{webs[1].ip}')")
    page.wait_text(".detail", "connection refused")
    assert page.js("document.getElementById('filter').value") == ""
    page.tell("click", selector="#kinds input[value=dns]")
    page.wait("[...document.querySelectorAll('#event-list > li')].every((li) => li.className.includes('dns'))")
    assert page.text("#event-list") != ""


@pytest.mark.parametrize("look", [{}, {"scheme": "dark"}, {"width": 390, "height": 800}], ids=["light", "dark", "phone"])
def test_accessible(knot, publish, fqdn, dash, look):
    daemon, webs = publish(knot, 3)
    page = dash(daemon, f"#service={fqdn}&endpoint={fqdn}+{webs[0].ip}", **look)
    page.wait_text(".detail", "Last probe here")
    assert page.violations() == []
    webs[0].down()
    page.wait_text("#headline", "1 of 3")
    assert page.violations() == []
    webs[1].down()
    webs[2].down()
    page.wait_text("#headline", "is down.")
    assert page.violations() == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.js(wide) == 0


def test_a_thousand_endpoints_without_stutter(tmp_path, dash):
    web = Endpoint("0.0.0.0")
    ips = [f"127.1.{i >> 8}.{i & 255}" for i in range(1, 1001)]
    daemon = Rrdnsd(
        tmp_path / "many", [service("many.rrdnsd.test", f"tcp://{{}}:{web.port}", ips)],
        update_method="none", probe_interval_ms=2000, probe_timeout_ms=1000,
    )  # fmt: skip
    try:
        daemon.wait_ready()
        page = dash(daemon, "#service=many.rrdnsd.test")
        page.wait("document.querySelectorAll('.row:not(.head)').length === 1000", timeout=30)
        page.js("longTasks.length = 0")
        before = page.tell("metrics")
        wait_for(lambda: page.tell("metrics")["Timestamp"] - before["Timestamp"] > 5, timeout=30)
        after = page.tell("metrics")
        share = (after["TaskDuration"] - before["TaskDuration"]) / (after["Timestamp"] - before["Timestamp"])
        tasks = page.js("longTasks")
        print(f"1,000 endpoints: {share:.1%} of one core, long tasks {tasks} ms, {after['Nodes']} nodes")
        assert share < 0.5
        assert max(tasks, default=0) < 500
        page.tell("click", selector="#filter")
        page.tell("type", text="127.1.2.7")
        page.wait("document.querySelectorAll('.row:not(.head)').length === 11")
    finally:
        daemon.stop()
        web.down()
