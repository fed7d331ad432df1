# SPDX-License-Identifier: ISC
"""What operators ask for: on one node, and on three."""

import datetime
import json
import os
import subprocess
import time

import pytest
from harness.api import TOKEN, Api
from harness.ctl import Ctl
from harness.daemon import Rrdnsd, end, service
from harness.nameserver import observer
from harness.process import free_port, wait_for


def ips(webs):
    return {web.ip for web in webs}


@pytest.fixture
def one(knot, publish):
    """One node with n endpoints that are up: (daemon, api, web servers)."""

    def make(n=3, **options):
        daemon, webs = publish(knot, n, api_token=TOKEN, **options)
        return daemon, Api(daemon), webs

    return make


def test_drain_and_back(one, knot, fqdn):
    daemon, api, webs = one()
    answer = api.intent(fqdn, webs[0].ip, "drain", reason="new disk", by="alice")
    assert (answer["held_by"], answer["nodes"], answer["intent"]) == (1, 1, "drain")
    assert answer["text"] == "held by 1 of 1 node"
    knot.wait_addresses(fqdn, ips(webs[1:]))
    endpoint = api.endpoint(fqdn, webs[0].ip)
    assert endpoint["intent"]["intent"] == "drain"
    assert (endpoint["intent"]["by"], endpoint["intent"]["reason"]) == ("alice", "new disk")
    assert endpoint["verdict"] == "up" and endpoint["desired"] == "absent"
    assert endpoint["why"] == "drain by alice: new disk"
    daemon.wait_log(rf"-{webs[0].ip} \(drain by alice: new disk\)")
    wait_for(lambda: api.endpoint(fqdn, webs[0].ip)["published"] is False, what="published: false")
    assert [i["target"] for i in api.status()["intents"]] == [f"{fqdn}/{webs[0].ip}"]
    daemon.wait_log(rf"\[intent\] {fqdn} {webs[0].ip}: drain \(by alice: new disk\)")
    api.intent(fqdn, webs[0].ip, "auto")
    knot.wait_addresses(fqdn, ips(webs))
    assert api.endpoint(fqdn, webs[0].ip)["intent"] is None
    assert api.status()["intents"] == []
    states = [e["state"] for e in api.events() if e["kind"] == "intent"]
    assert [state for state in states if state != "safe_to_stop"] == ["drain", "auto"]


def test_drain_says_when_it_is_safe_to_stop(one, knot, fqdn):
    daemon, api, webs = one(service={"verify_resolvers": [knot.address]})
    api.intent(fqdn, webs[0].ip, "drain")
    daemon.wait_log(rf"{fqdn} {webs[0].ip}: safe to stop at \d\d:\d\d:\d\d")
    text = api.endpoint(fqdn, webs[0].ip)["safe_to_stop"]
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    assert 0 < (at.timestamp() - time.time()) <= 5.5  # the TTL is 5 s
    event = next(e for e in api.events() if e["state"] == "safe_to_stop")
    assert (event["kind"], event["ipaddr"]) == ("intent", webs[0].ip)
    api.intent(fqdn, webs[0].ip, "auto")
    assert api.endpoint(fqdn, webs[0].ip)["safe_to_stop"] is None


def test_not_safe_while_a_resolver_shows_it(one, knot, make_server, fqdn):
    stale = make_server("knot")
    daemon, api, webs = one(service={"verify_resolvers": [stale.address]})
    stale.set(fqdn, ips(webs), ttl=5)
    api.intent(fqdn, webs[0].ip, "drain")
    knot.wait_addresses(fqdn, ips(webs[1:]))
    wait_for(lambda: api.endpoint(fqdn, webs[0].ip)["published"] is False, what="published: false")
    time.sleep(1)
    assert api.endpoint(fqdn, webs[0].ip)["safe_to_stop"] is None
    stale.set(fqdn, ips(webs[1:]), ttl=5)
    daemon.wait_log(r"safe to stop at")


def test_drain_below_min_up_needs_force(one, knot, fqdn):
    daemon, api, webs = one(2, service={"min_up": 2})
    before = knot.serial()
    path = f"/api/v1/services/{fqdn}/endpoints/{webs[0].ip}/intent"
    answer = api.request("POST", path, {"intent": "drain"})
    assert answer.status == 409
    assert "would leave 1 endpoint" in answer.error and "min_up" in answer.error and "force" in answer.error
    assert api.status()["intents"] == []
    assert knot.serial() == before
    api.intent(fqdn, webs[0].ip, "drain", force=True)
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_drain_counts_what_is_really_up(one, knot, fqdn):
    daemon, api, webs = one(3)
    webs[2].down()
    knot.wait_addresses(fqdn, ips(webs[:2]))
    api.intent(fqdn, webs[0].ip, "drain")
    knot.wait_addresses(fqdn, {webs[1].ip})
    answer = api.intent(fqdn, webs[1].ip, "drain", status=409)
    assert "would leave 0 endpoints" in answer["error"]
    assert knot.addresses(fqdn) == {webs[1].ip}


def test_the_last_one_is_only_removed_by_a_forced_down(one, knot, fqdn):
    daemon, api, webs = one(1)
    api.intent(fqdn, webs[0].ip, "drain", status=409)
    note = api.intent(fqdn, webs[0].ip, "drain", force=True)["text"]
    assert "its record stays" in note
    time.sleep(1)
    assert knot.addresses(fqdn) == ips(webs)
    answer = api.intent(fqdn, webs[0].ip, "down", status=409)
    assert "would leave 0 endpoints" in answer["error"]
    time.sleep(0.5)
    assert knot.addresses(fqdn) == ips(webs)
    api.intent(fqdn, webs[0].ip, "down", force=True)
    knot.wait_addresses(fqdn, set())
    api.intent(fqdn, webs[0].ip, "auto")
    knot.wait_addresses(fqdn, ips(webs))


def test_up_beats_the_verdict(one, knot, fqdn):
    daemon, api, webs = one(3)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    api.intent(fqdn, webs[0].ip, "up", reason="the check is wrong")
    knot.wait_addresses(fqdn, ips(webs))
    api.intent(fqdn, webs[0].ip, "auto")
    knot.wait_addresses(fqdn, ips(webs[1:]))


@pytest.mark.parametrize("what", ["maintenance", "freeze"])
def test_dns_stays_as_it_is(one, knot, fqdn, what):
    daemon, api, webs = one(3)
    if what == "maintenance":
        api.post(f"/api/v1/services/{fqdn}/intent", {"intent": "maintenance", "reason": "new check"})
        assert api.service(fqdn)["maintenance"] is True
    else:
        api.post("/api/v1/freeze", {"on": True})
        assert api.status()["frozen"] is True
    before = knot.serial()
    webs[0].down()
    daemon.wait_log(rf"{fqdn} {webs[0].ip}: up -> down")
    time.sleep(1)
    assert knot.serial() == before
    assert api.endpoint(fqdn, webs[0].ip)["desired"] == "keep"
    if what == "maintenance":
        api.post(f"/api/v1/services/{fqdn}/intent", {"intent": "auto"})
    else:
        api.post("/api/v1/freeze", {"on": False})
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_an_intent_expires(one, knot, fqdn):
    daemon, api, webs = one(2)
    answer = api.intent(fqdn, webs[0].ip, "drain", for_s=2)
    assert answer["until"] is not None
    knot.wait_addresses(fqdn, ips(webs[1:]))
    daemon.wait_log(r"\[intent\] .*: auto \(drain ended: its time is over\)")
    knot.wait_addresses(fqdn, ips(webs))
    assert api.status()["intents"] == []


def test_intents_survive_restarts(one, knot, fqdn):
    daemon, api, webs = one(2)
    api.intent(fqdn, webs[0].ip, "drain", by="alice", reason="a \"quoted\" word, ünd more")
    knot.wait_addresses(fqdn, ips(webs[1:]))
    last = api.events()[-1]["id"]
    before = knot.serial()
    daemon.kill()
    daemon.start()
    daemon.wait_log(r"undecided -> up", times=2)
    assert knot.addresses(fqdn) == ips(webs[1:])
    assert knot.serial() == before
    intent = api.endpoint(fqdn, webs[0].ip)["intent"]
    assert (intent["by"], intent["reason"]) == ("alice", "a \"quoted\" word, ünd more")
    assert api.events()[0]["id"] > last


def test_a_broken_state_file_is_set_aside(one, knot, fqdn):
    daemon, api, webs = one(2)
    for text in ['{"boot": 1', "", "[]", '{"boot":"x"}', '{"boot":1,"events":0,"intents":[3]}']:
        daemon.stop()
        path = f"{daemon.directory}/state.json"
        with open(path, "w") as f:
            f.write(text)
        daemon.start()
        daemon.wait_log(r"undecided -> up", times=2)
        daemon.wait_log(r"state\.json: .*set aside as .*state\.json\.broken, starting without it")
        with open(path + ".broken") as f:
            assert f.read() == text
        assert api.status()["intents"] == []


def test_nothing_is_answered_that_was_not_saved(one, knot, fqdn):
    daemon, api, webs = one(2)
    os.rename(daemon.directory, daemon.directory + ".away")
    try:
        answer = api.intent(fqdn, webs[0].ip, "drain", status=500)
        assert "nothing was changed" in answer["error"]
        assert api.status()["intents"] == []
        assert api.endpoint(fqdn, webs[0].ip)["desired"] == "present"
    finally:
        os.rename(daemon.directory + ".away", daemon.directory)
    api.intent(fqdn, webs[0].ip, "drain")
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_a_full_disk_loses_nothing(one, knot, fqdn, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=True)
    try:
        daemon, api, webs = one(2, state_dir=str(small))
        api.intent(fqdn, webs[0].ip, "drain", reason="before")
        with open(small / "filler", "wb", buffering=0) as filler:
            with pytest.raises(OSError):
                while True:
                    filler.write(bytes(4096))
        for path, body in (
            (f"/api/v1/services/{fqdn}/endpoints/{webs[0].ip}/intent", {"intent": "auto"}),
            (f"/api/v1/services/{fqdn}/endpoints", {"ipaddr": "127.9.9.9"}),
        ):
            answer = api.request("POST", path, body)
            assert answer.status == 500
            assert answer.error == "it can't be kept in state_dir (no space left): nothing was changed"
        health = api.request("GET", "/health")
        reason = "state not kept, a restart would lose it: no space left"
        assert health.status == 503 and health.json["reasons"] == [reason]
        assert api.status()["state_error"] == "no space left"
        told = Ctl(daemon).ok("status")
        assert "State not kept, a restart would lose it: no space left." in told
        assert "All is well" not in told
        assert sorted(os.listdir(small)) == ["filler", "state.json"]
        daemon.kill()
        daemon.start()
        daemon.wait_log(r"undecided -> up", times=2)
        assert [i["reason"] for i in api.status()["intents"]] == ["before"]
        os.unlink(small / "filler")
        api.intent(fqdn, webs[0].ip, "auto")
        assert api.request("GET", "/health").status == 200
        assert api.status()["state_error"] is None
        knot.wait_addresses(fqdn, ips(webs))
        daemon.stop()
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_failover(knot, rrdnsd, endpoints, fqdn):
    webs = endpoints(4)
    tiers = [0, 0, 1, 2]
    addresses = [{"ipaddr": web.ip, "tier": tier} for web, tier in zip(webs, tiers)]
    knot.set(fqdn, ips(webs[:2]), ttl=5)
    daemon = rrdnsd(
        knot, [service(fqdn, f"http://{{}}:{webs[0].port}/", addresses, ttl=5)], api_token=TOKEN
    )
    daemon.wait_log(r"undecided -> up", times=4)
    api = Api(daemon)
    path = f"/api/v1/services/{fqdn}/failover"
    api.post(path, {"to": 1, "reason": "to Oslo"})
    knot.wait_addresses(fqdn, {webs[2].ip})
    daemon.wait_log(rf"{fqdn} A: failed over from tier 0 to tier 1 .*by an operator, until rrdnsctl auto {fqdn}\)")
    assert api.service(fqdn)["failover_tier"] == 1
    api.post(path, {"to": webs[3].ip})
    knot.wait_addresses(fqdn, {webs[3].ip})
    # The tier it was moved to dies: the rules help themselves.
    webs[3].down()
    knot.wait_addresses(fqdn, ips(webs[:2]))
    answer = api.post(path, {"to": 2}, 409)
    assert "tier 2" in answer["error"]
    webs[3].up()
    knot.wait_addresses(fqdn, {webs[3].ip})
    api.post(f"/api/v1/services/{fqdn}/intent", {"intent": "auto"})
    knot.wait_addresses(fqdn, ips(webs[:2]))
    assert api.service(fqdn)["failover_tier"] is None
    assert api.post(path, {"to": 9}, 404)["error"].endswith("has no endpoint of tier 9")
    assert "tier or an address" in api.post(path, {"to": "best"}, 400)["error"]


def test_refresh_adds_before_it_removes(one, knot, fqdn):
    daemon, api, webs = one(3, reconcile_interval_ms=3600000)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    time.sleep(9)  # the looks after an update are over
    knot.set(fqdn, [webs[0].ip], ttl=5)
    time.sleep(1)
    assert knot.addresses(fqdn) == {webs[0].ip}
    with observer(knot, fqdn) as seen:
        api.post(f"/api/v1/services/{fqdn}/refresh", {"by": "bob"}, 202)
        knot.wait_addresses(fqdn, ips(webs[1:]))
    assert seen == [{webs[0].ip}, ips(webs), ips(webs[1:])]
    daemon.wait_log(rf"{fqdn}: refresh \(by bob\)")


@pytest.mark.parametrize(
    "body, words",
    [
        ({}, "intent is missing"),
        ({"intent": 1}, "intent must be a text"),
        ({"intent": "dran"}, "must be drain, up, down or auto, not \"dran\""),
        ({"intent": "drain", "for_s": 0}, "for_s must be a whole number from 1"),
        ({"intent": "drain", "for_s": 1.5}, "for_s must be a whole number"),
        ({"intent": "drain", "for_s": "5"}, "for_s must be a whole number"),
        ({"intent": "drain", "for_s": 10**30}, "no JSON"),
        ({"intent": "drain", "force": "yes"}, "force must be true or false"),
        ({"intent": "drain", "reason": "x" * 513}, "reason is longer than 512 bytes"),
        ({"intent": "drain", "reasn": "x"}, "\"reasn\" is not known here"),
        ("[1]", "must be a JSON object"),
        ("{", "no JSON: line 1"),
        ('{"intent":"up","intent":"down"}', "no JSON"),
        (b'{"intent":"\xff"}', "no JSON"),
        ("", "intent is missing"),
    ],
)
def test_what_is_no_intent(one, fqdn, body, words, request):
    daemon, api, webs = one(2)
    path = f"/api/v1/services/{fqdn}/endpoints/{webs[0].ip}/intent"
    answer = api.request("POST", path, body)
    assert answer.status == 400 and words in answer.error, answer
    assert api.status()["intents"] == []


def test_what_was_asked_for_something_removed_can_be_taken_back(one, fqdn):
    daemon, api, webs = one(2)
    auto = {"intent": "auto"}
    gone = f"/api/v1/services/{fqdn}/endpoints/{webs[0].ip}"
    assert api.request("POST", f"/api/v1/services/{fqdn}/endpoints/127.9.9.9/intent", auto).status == 404
    api.intent(fqdn, webs[0].ip, "drain")
    api.delete(gone)
    answer = api.request("POST", f"{gone}/intent", {"intent": "up"})
    assert answer.status == 404 and "auto takes back" in answer.error
    assert [i["target"] for i in api.status()["intents"]] == [f"{fqdn}/{webs[0].ip}"]
    api.intent(fqdn.upper() + ".", webs[0].ip, "auto")
    assert api.status()["intents"] == []
    assert api.request("POST", f"{gone}/intent", auto).status == 404
    service = f"/api/v1/services/{fqdn}"
    api.post(f"{service}/intent", {"intent": "maintenance"})
    api.post(f"{service}/failover", {"to": 0})
    api.delete(service)
    for left in (1, 0):
        api.post(f"{service}/intent", auto)
        assert len(api.status()["intents"]) == left
    assert api.request("POST", f"{service}/intent", auto).status == 404


@pytest.mark.parametrize("to", [4294967296, "4294967296", "18446744073709551616", 9223372036854775807])
def test_a_huge_tier_is_not_there(one, fqdn, to):
    daemon, api, webs = one(1)
    answer = api.request("POST", f"/api/v1/services/{fqdn}/failover", {"to": to})
    assert answer.status == 404 and f"has no endpoint of tier {to}" in answer.error
    assert api.status()["intents"] == []


@pytest.fixture
def three(tmp_path, endpoints, fqdn, knot):
    made = []
    webs = endpoints(3)
    knot.set(fqdn, ips(webs), ttl=5)
    nodes = [f"127.0.0.1:{free_port()}" for _ in range(3)]
    one = [service(fqdn, f"http://{{}}:{webs[0].port}/", sorted(ips(webs)), ttl=5)]
    for i, node in enumerate(nodes):
        made.append(
            Rrdnsd(
                tmp_path / f"node{i}", json.loads(json.dumps(one)), local_node=node, nodes=nodes,
                nodes_secret="a secret of forty characters, more or less", heartbeat_ms=200,
                takeover_ms=300, api_token=TOKEN, update_resolvers=[knot.address],
                update_credentials=knot.credentials(),
            )
        )  # fmt: skip
    for daemon in made:
        daemon.wait_log(rf"{fqdn} .*undecided -> up", times=3)
    yield made, [Api(daemon) for daemon in made], webs
    end(made)


def wait_held(apis, n):
    for api in apis:
        wait_for(lambda: api.status()["intents_held_by"] == n, what=f"intents held by {n}")


def test_given_on_any_node_acts_on_all(three, knot, fqdn):
    daemons, apis, webs = three
    for i, api in enumerate(apis):
        api.intent(fqdn, webs[i].ip, "drain", by=f"operator {i}")
        knot.wait_addresses(fqdn, ips(webs) - {webs[i].ip})
        wait_held(apis, 3)
        for other, daemon in zip(apis, daemons):
            intent = other.endpoint(fqdn, webs[i].ip)["intent"]
            assert (intent["intent"], intent["by"]) == ("drain", f"operator {i}")
            daemon.wait_log(rf"\[intent\] {fqdn} {webs[i].ip}: drain \(by operator {i}\)")
            daemon.wait_log(rf"{webs[i].ip}: safe to stop at", timeout=15)
        apis[(i + 1) % 3].intent(fqdn, webs[i].ip, "auto")
        knot.wait_addresses(fqdn, ips(webs))


def all_up(votes):
    return votes if {vote["vote"] for vote in votes.values()} == {"up"} else None


def test_any_node_shows_all_nodes(three, fqdn):
    daemons, apis, webs = three
    names = sorted(daemon.options["local_node"] for daemon in daemons)
    for api, daemon in zip(apis, daemons):
        status = api.status()
        assert sorted(n["node"] for n in status["nodes"]) == names
        assert [n["node"] for n in status["nodes"] if n["self"]] == [daemon.options["local_node"]]
        assert status["quorum"] == {"nodes": 3, "needed": 2, "fresh": 3, "have": True}
        votes = wait_for(lambda: all_up(api.endpoint(fqdn, webs[0].ip)["votes"]), what="three votes")
        assert sorted(votes) == names


def test_of_two_that_contradict_the_later_one_wins(three, knot, fqdn):
    daemons, apis, webs = three
    apis[0].intent(fqdn, webs[0].ip, "drain", by="first")
    apis[1].intent(fqdn, webs[0].ip, "up", by="second")
    wait_held(apis, 3)
    words = {api.endpoint(fqdn, webs[0].ip)["intent"]["intent"] for api in apis}
    assert len(words) == 1
    # Whoever knows of all that came before has the last word.
    apis[2].intent(fqdn, webs[0].ip, "auto")
    wait_held(apis, 3)
    assert all(api.endpoint(fqdn, webs[0].ip)["intent"] is None for api in apis)
    knot.wait_addresses(fqdn, ips(webs))


def test_a_node_that_was_away_learns_of_it(three, knot, fqdn):
    daemons, apis, webs = three
    daemons[2].kill()
    answer = apis[0].intent(fqdn, webs[0].ip, "drain")
    assert answer["nodes"] == 3
    knot.wait_addresses(fqdn, ips(webs[1:]))
    daemons[2].start()
    daemons[2].wait_log(r"undecided -> up", times=3)
    wait_held(apis, 3)
    assert apis[2].endpoint(fqdn, webs[0].ip)["intent"]["intent"] == "drain"
    assert knot.addresses(fqdn) == ips(webs[1:])


def test_definitions_that_differ_are_shown_by_name(three, fqdn):
    daemons, apis, webs = three
    daemons[2].services[0]["fall"] = 7
    daemons[2].write()
    daemons[2].reload()
    name = daemons[2].options["local_node"]
    wait_for(lambda: apis[0].service(fqdn)["nodes_differing"] == [name], what="the node that differs")
    assert apis[0].service(fqdn)["nodes_agreeing"] == 2
    assert apis[2].service(fqdn)["nodes_agreeing"] == 1
    assert len({api.service(fqdn)["definition"] for api in apis}) == 2
    differs = r"node {}: has not our definition of 1 of 1 services \({}\)"
    daemons[0].wait_log(differs.format(name, fqdn), timeout=15)
    for daemon in daemons[:2]:
        daemons[2].wait_log(differs.format(daemon.options["local_node"], fqdn), timeout=15)
    del daemons[2].services[0]["fall"]
    daemons[2].write()
    daemons[2].reload()
    daemons[0].wait_log(f"node {name}: defines all services as we do again")
