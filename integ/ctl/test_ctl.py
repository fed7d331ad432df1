# SPDX-License-Identifier: ISC
"""Every command of rrdnsctl against a real daemon, and its exit status."""

import http.client
import json
import os
import re
import subprocess

import pytest

from harness.ctl import Ctl, ctl_binary, environment
from harness.daemon import service
from harness.process import wait_for

TOKEN = "a token of thirty-two characters"


@pytest.fixture
def ctl(publish, knot):
    """(rrdnsctl, rrdnsd, three web servers), all up."""
    daemon, webs = publish(knot, 3, api_token=TOKEN)
    return Ctl(daemon), daemon, webs


def service_of(ctl, fqdn):
    return json.loads(ctl.ok("--json", "status", fqdn))


def endpoint_of(ctl, fqdn, ip):
    return next(e for e in service_of(ctl, fqdn)["endpoints"] if e["ipaddr"] == ip)


def run(*argv, **env):
    done = subprocess.run([ctl_binary(), *argv], capture_output=True, text=True, env=environment(**env), timeout=30)
    return done.returncode, done.stdout, done.stderr


def test_status_when_all_is_well(ctl, fqdn):
    ctl, daemon, webs = ctl
    out = ctl.ok("status")
    assert "All is well: 1 service, 3 endpoints up." in out
    assert re.search(rf"^{fqdn} +ok +3/3 up$", out, re.M)
    assert "\033" not in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_status_says_what_is_wrong(ctl, fqdn, knot):
    ctl, daemon, webs = ctl
    webs[0].down()
    knot.wait_addresses(fqdn, {webs[1].ip, webs[2].ip})
    wait_for(lambda: endpoint_of(ctl, fqdn, webs[0].ip)["published"] is False, 10, "seen by the API")
    out = ctl.ok("status")
    assert "1 of 1 service needs a look: of 3 endpoints 1 down" in out
    assert re.search(rf"^{fqdn} +partial +2/3 up$", out, re.M)
    assert re.search(rf"^  {webs[0].ip} +down +\d+ s +out +1 of 1 node: connection", out, re.M)
    assert webs[1].ip not in out
    detail = ctl.ok("status", fqdn.upper() + ".")
    for words in ("ENDPOINT", "PROBED HERE", "VOTES", "SERVER", "connection refused (1)", webs[2].ip, "(this node)", knot.address):
        assert words in detail, words
    assert all(len(line) <= 80 for line in detail.splitlines())


def test_status_as_json_is_what_the_api_says(ctl, fqdn):
    ctl, daemon, webs = ctl
    status = json.loads(ctl.ok("status", "--json"))
    assert status["node"] == daemon.options["local_node"]
    assert service_of(ctl, fqdn)["fqdn"] == fqdn


def test_width_follows_columns(rrdnsd, endpoints, knot, fqdn):
    webs = endpoints(1)
    long = ".".join(["a" * 40, "b" * 40, fqdn])
    daemon = rrdnsd(knot, [service(long, f"http://{{}}:{webs[0].port}/", [webs[0].ip], zone="rrdnsd.test")])
    daemon.wait_log("undecided -> up")
    ctl = Ctl(daemon)
    for columns in (40, 60, 80):
        assert all(len(line) <= columns for line in ctl.ok("status", COLUMNS=str(columns)).splitlines())
    assert long in ctl.ok("status", COLUMNS="200")


def test_drain_and_undrain(ctl, fqdn, knot):
    ctl, daemon, webs = ctl
    out = ctl.ok("drain", fqdn, webs[0].ip, "--reason", "new kernel", "--for", "2h30m")
    assert f"{fqdn}/{webs[0].ip}: drain, held by 1 of 1 node" in out
    assert re.search(r"^safe to stop at \d\d:\d\d:\d\d$", out, re.M)
    assert knot.addresses(fqdn) == {webs[1].ip, webs[2].ip}
    intent = endpoint_of(ctl, fqdn, webs[0].ip)["intent"]
    assert intent["intent"] == "drain" and intent["reason"] == "new kernel"
    assert intent["until"] is not None
    assert "drain by" in ctl.ok("status", COLUMNS="200")
    ctl.ok("undrain", fqdn, webs[0].ip)
    knot.wait_addresses(fqdn, {web.ip for web in webs})
    assert endpoint_of(ctl, fqdn, webs[0].ip)["intent"] is None


def test_a_drain_that_leaves_too_few_needs_force(rrdnsd, endpoints, knot, fqdn):
    webs = endpoints(2)
    knot.set(fqdn, [web.ip for web in webs], ttl=5)
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs], ttl=5, min_up=2)
    daemon = rrdnsd(knot, [one])
    daemon.wait_log("undecided -> up", times=2)
    ctl = Ctl(daemon)
    status, out, err = ctl.run("drain", fqdn, webs[0].ip)
    assert status == 1 and "min_up" in err and "--force" in err and not out
    ctl.ok("drain", fqdn, webs[0].ip, "--force")
    knot.wait_addresses(fqdn, {webs[1].ip})


def test_up_down_auto(ctl, fqdn, knot):
    ctl, daemon, webs = ctl
    ctl.ok("down", fqdn, webs[0].ip)
    knot.wait_addresses(fqdn, {webs[1].ip, webs[2].ip})
    ctl.ok("auto", fqdn, webs[0].ip)
    knot.wait_addresses(fqdn, {web.ip for web in webs})
    ctl.ok("up", fqdn, webs[0].ip)
    webs[0].down()
    daemon.wait_log(rf"{webs[0].ip}: up -> down")
    assert endpoint_of(ctl, fqdn, webs[0].ip)["desired"] == "present"
    ctl.ok("auto", fqdn, webs[0].ip)
    knot.wait_addresses(fqdn, {webs[1].ip, webs[2].ip})


def test_freeze_and_maintenance(ctl, fqdn, knot):
    ctl, daemon, webs = ctl
    ctl.ok("freeze", "on", "--reason", "storm")
    assert "FROZEN" in ctl.ok("status")
    ctl.ok("freeze", "off")
    assert "FROZEN" not in ctl.ok("status")
    ctl.ok("maintenance", "on", fqdn)
    assert "in maintenance" in ctl.ok("status", COLUMNS="200")
    assert service_of(ctl, fqdn)["maintenance"] is True
    ctl.ok("maintenance", "off", fqdn)
    assert service_of(ctl, fqdn)["maintenance"] is False


def test_failover(rrdnsd, endpoints, knot, fqdn):
    webs = endpoints(2)
    knot.set(fqdn, [webs[0].ip], ttl=5)
    tiers = [webs[0].ip, {"ipaddr": webs[1].ip, "tier": 1}]
    daemon = rrdnsd(knot, [service(fqdn, f"http://{{}}:{webs[0].port}/", tiers, ttl=5)])
    daemon.wait_log("undecided -> up", times=2)
    ctl = Ctl(daemon)
    ctl.ok("failover", fqdn, "1")
    knot.wait_addresses(fqdn, {webs[1].ip})
    ctl.ok("failover", fqdn, webs[0].ip)
    knot.wait_addresses(fqdn, {webs[0].ip})
    status, out, err = ctl.run("failover", fqdn, "7")
    assert status == 1 and "tier 7" in err


def test_a_failover_is_shown_and_ended(ctl, fqdn):
    ctl, daemon, webs = ctl
    ctl.ok("failover", fqdn, "0")
    assert "FAILED OVER: tier 0 is preferred" in ctl.ok("status", fqdn)
    assert "failed over: tier 0 is preferred" in ctl.ok("status")
    ctl.ok("auto", fqdn)
    assert "FAILED OVER" not in ctl.ok("status", fqdn)


def test_refresh(ctl, fqdn):
    ctl, daemon, webs = ctl
    assert ctl.ok("refresh", fqdn)


def test_check(ctl, fqdn):
    ctl, daemon, webs = ctl
    before = len(webs[0].requests)
    assert re.match(rf"{webs[0].ip}: status 200, \d+ ms; the verdict is up$", ctl.ok("check", fqdn, webs[0].ip))
    assert len(webs[0].requests) > before
    assert json.loads(ctl.ok("--json", "check", fqdn, webs[0].ip))["outcome"] == "ok"


LIBCONFIG = '{ fqdn = "%s"; zone = "rrdnsd.test"; healthcheck = "http://{}:%d/"; ipaddrs = ( "%s" ); }\n'


@pytest.mark.parametrize("how", ["libconfig", "json", "stdin"])
def test_add_and_remove_a_service(ctl, fqdn, tmp_path, how):
    ctl, daemon, webs = ctl
    name = f"new.{fqdn}"
    text = LIBCONFIG % (name, webs[0].port, webs[0].ip)
    if how == "json":
        text = json.dumps({"fqdn": name, "zone": "rrdnsd.test", "ipaddrs": [webs[0].ip],
                           "healthcheck": f"http://{{}}:{webs[0].port}/"})  # fmt: skip
    path = tmp_path / "service"
    path.write_text(text)
    if how == "stdin":
        ctl.ok("add-service", "-", stdin=text)
    else:
        ctl.ok("add-service", str(path))
    assert service_of(ctl, name)["endpoints"][0]["ipaddr"] == webs[0].ip
    ctl.ok("add-endpoint", name, webs[1].ip)
    assert len(service_of(ctl, name)["endpoints"]) == 2
    ctl.ok("remove-endpoint", name, webs[1].ip)
    assert len(service_of(ctl, name)["endpoints"]) == 1
    ctl.ok("remove-service", name)
    assert ctl.run("status", name)[0] == 1


def test_a_bad_service_is_refused(ctl, fqdn, tmp_path):
    ctl, daemon, webs = ctl
    path = tmp_path / "bad"
    path.write_text('fqdn = "x.rrdnsd.test"\nzone = ;\n')
    status, out, err = ctl.run("add-service", str(path))
    assert status == 2 and re.search(rf"{path}:\d: ", err)
    status, out, err = ctl.run("add-service", str(tmp_path / "missing"))
    assert status == 2 and "No such file" in err
    status, out, err = ctl.run("add-service", "-", stdin='fqdn = "x.rrdnsd.test"; colour = 3;')
    assert status == 1 and "colour" in err


def test_nodes_come_and_go(publish, knot):
    daemon, webs = publish(knot, 1, nodes_secret="a secret of forty characters, more or less")
    ctl = Ctl(daemon)
    ctl.ok("add-node", "127.0.0.1:7")
    assert "127.0.0.1:7" in ctl.ok("status", "--json")
    ctl.ok("remove-node", "127.0.0.1:7")
    assert "127.0.0.1:7" not in ctl.ok("status", "--json")


def test_events(ctl, fqdn):
    ctl, daemon, webs = ctl
    out = ctl.ok("events")
    assert re.search(rf"^\w{{3}} \d\d \d\d:\d\d:\d\d  {fqdn} {webs[0].ip}: ", out, re.M)
    kinds = {e["kind"] for e in json.loads(ctl.ok("events", "--json"))["events"]}
    assert "endpoint_up" in kinds


@pytest.mark.parametrize("as_json", [False, True])
def test_events_go_on(ctl, fqdn, tmp_path, as_json):
    """Over a restart of the daemon, too."""
    ctl, daemon, webs = ctl
    path = tmp_path / "events"
    with open(path, "w") as f:
        follower = subprocess.Popen(
            ctl.argv("events", "-f", *(["--json"] if as_json else [])), stdout=f,
            stderr=subprocess.DEVNULL, env=environment(COLUMNS="200"),
        )  # fmt: skip
    try:
        def seen(ip):
            text = path.read_text()
            if as_json:
                events = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
                return any(e["kind"] == "endpoint_down" and e["ipaddr"] == ip for e in events)
            return f"{fqdn} {ip}: up -> down" in text

        webs[0].down()
        wait_for(lambda: seen(webs[0].ip), 20, "an endpoint that went down")
        daemon.process.stop()
        daemon.start()
        daemon.wait_log("undecided -> up", times=2)
        webs[1].down()
        wait_for(lambda: seen(webs[1].ip), 20, "another one, after the restart")
    finally:
        follower.terminate()
        follower.wait()


def test_over_tcp_with_a_token(ctl, fqdn, tmp_path):
    ctl, daemon, webs = ctl
    url = "http://" + daemon.options["local_node"]
    assert run("-u", url, "status")[0] == 0
    status, out, err = run("-u", url + "/", "freeze", "on")
    assert status == 1 and "token" in err.lower()
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    assert run("-u", url, "-k", str(token), "freeze", "on")[0] == 0
    token.write_text("wrong\n")
    assert run("-u", url, "-k", str(token), "freeze", "off")[0] == 1
    token.chmod(0o644)
    status, out, err = run("-u", url, "-k", str(token), "status")
    assert status == 2 and "readable by others" in err


def test_no_daemon(tmp_path):
    path = str(tmp_path / "none.sock")
    status, out, err = run("-s", path, "status")
    assert status == 3 and path in err and not out
    assert run("-u", "http://127.0.0.1:1", "status")[0] == 3
    assert run("-s", path, "drain", "a", "192.0.2.1")[0] == 3
    assert run("-s", path, "watch")[0] == 3
    assert run("-s", path, "events", "-f")[0] == 3


def test_a_socket_of_others(ctl):
    """Says in which group one must be."""
    ctl, daemon, webs = ctl
    os.chmod(ctl.socket, 0o660)
    where = os.path.dirname(ctl.socket)
    while where != "/":
        os.chmod(where, os.stat(where).st_mode | 0o011)
        where = os.path.dirname(where)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *ctl.argv("status")],
        capture_output=True, text=True, env=environment(),
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "permission denied" in done.stderr and "in the group root" in done.stderr


@pytest.mark.parametrize(
    "argv",
    [[], ["nonsense"], ["drain"], ["drain", "a"], ["drain", "a", "b", "c"], ["freeze", "maybe"],
     ["status", "--force"], ["drain", "a", "192.0.2.1", "--for", "soon"], ["--colour"],
     ["-s", "a", "-u", "b", "status"], ["-k", "a", "status"], ["watch", "--json"], ["events", "x"]],
)  # fmt: skip
def test_wrong_usage(argv):
    status, out, err = run(*argv)
    assert status == 2 and err and not out


def test_help_and_version():
    for option in ("-h", "--help"):
        status, out, err = run(option)
        assert status == 0 and not err
        for command in ("status", "watch", "events", "drain", "add-service", "remove-node", "check"):
            assert f"\n  {command}" in out
        assert "_complete" not in out
        assert all(len(line) <= 80 and line == line.rstrip() for line in out.splitlines())
    assert run("-V")[1].startswith("rrdnsctl ")


def test_hostile_text_stays_inert(ctl, fqdn):
    ctl, daemon, webs = ctl
    evil = "\u202eevil\u200b \U000e0001 Z\u00fcrich"
    ctl.ok("drain", fqdn, webs[0].ip, "--reason", evil)
    for command in (["status"], ["status", fqdn], ["events"]):
        out = ctl.ok(*command, COLUMNS="300")
        assert "\\u202eevil\\u200b \\U000e0001 Z\u00fcrich" in out
        assert "\u202e" not in out and "\u200b" not in out
    # A daemon's own words may quote anything, and so may a terminal be.
    status, out, err = ctl.run("status", "\033[2J")
    assert status == 1 and "\033" not in err


def test_completion(ctl, fqdn):
    ctl, daemon, webs = ctl

    def complete(*words):
        return set(ctl.ok("--", "_complete", *words).split())

    assert {"drain", "down"} == complete("d")
    assert "_complete" not in complete("")
    assert complete("drain", "") == {fqdn}
    assert complete("drain", fqdn, "127.") == {web.ip for web in webs}
    assert complete("freeze", "o") == {"on", "off"}
    assert complete("maintenance", "on", "") == {fqdn}
    assert complete("remove-node", "") == {daemon.options["local_node"]}
    assert complete("drain", fqdn, webs[0].ip, "--f") == {"--for", "--force"}
    assert complete("nonsense", "") == set()
    # Nobody is there: nothing, and in silence.
    assert run("-s", "/nonexistent", "--", "_complete", "drain", "") == (0, "", "")


def test_completion_in_bash(ctl, fqdn):
    ctl, daemon, webs = ctl
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    script = f"""
PATH={os.path.dirname(ctl_binary())}:$PATH
. {root}/conf/completion/rrdnsctl.bash
COMP_WORDS=(rrdnsctl -s {ctl.socket} drain {fqdn} 127.)
COMP_CWORD=5
_rrdnsctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment())
    assert set(done.stdout.split()) == {web.ip for web in webs}, done.stderr
