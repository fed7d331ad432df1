# SPDX-License-Identifier: ISC
"""The reference model can fail, and the plan is the same for the same seed."""

import dns.message
import dns.rrset
import pytest
from model import Model, Spans
from observer import HEADER, addresses
from plan import KINDS, STORM_S, Plan

A, B, C = "10.0.0.1", "10.0.0.2", "10.0.0.3"
ALL = {A, B, C}
STRANGER = "192.0.2.1"
FQDN = "www.test"


def model(foreign=()):
    made = Model({FQDN: [A, B, C]}, {FQDN: foreign}, window_s=10)
    made.seen(0, "dns", FQDN, ALL | set(foreign))
    return made


def kinds(violations):
    return [v.kind for v in violations]


def test_spans():
    spans = Spans()
    assert not spans.ever(0, 99) and not spans.always(0, 99) and not spans.is_on()
    spans.begin(10)
    spans.begin(11)  # it was so already
    assert spans.is_on() and spans.always(10, 99) and not spans.always(9, 99) and not spans.ever(0, 9)
    spans.end(20)
    spans.end(21)
    assert not spans.is_on() and spans.ever(20, 30) and not spans.ever(21, 30)
    assert spans.always(12, 18) and not spans.always(12, 21)


@pytest.mark.parametrize(
    "bad, at, wrong",
    [
        (None, 50, True),  # it never was
        ((20, None), 25, False),
        ((20, None), 19, True),  # before it was
        ((20, 22), 31, False),  # late, but it may be
        ((20, 22), 33, True),
    ],
)
def test_removals(bad, at, wrong):
    m = model()
    if bad:
        m.bad[A].begin(bad[0])
        if bad[1]:
            m.bad[A].end(bad[1])
    assert kinds(m.seen(at, "dns", FQDN, {B, C})) == ["wrong removal"] * wrong
    assert m.seen(at + 1, "dns", FQDN, {B, C}) == []  # told once
    assert m.count("wrong removal") == wrong and m.changes == 1


def test_two_blind_nodes_are_a_majority_and_one_is_none():
    m = model()
    m.blind[0].begin(20)
    assert kinds(m.seen(25, "dns", FQDN, {B, C})) == ["wrong removal"]
    m.seen(26, "dns", FQDN, ALL)
    m.blind[1].begin(27)
    assert m.seen(28, "dns", FQDN, {B, C}) == []


def test_what_was_late_by_itself_is_held_against_nobody():
    m = model()
    m.late.add(20, 21)
    m.late.add(12, 13)  # told afterwards
    assert m.late.length() == 2
    assert m.seen(14, "dns", FQDN, {B, C}) == []
    m.seen(15, "dns", FQDN, ALL)
    assert m.seen(30, "dns", FQDN, {B, C}) == []
    m.seen(30.5, "dns", FQDN, ALL)
    assert kinds(m.seen(32, "dns", FQDN, {B, C})) == ["wrong removal"]


def test_nothing_goes_while_most_are_down():
    m = model()
    m.bad[A].begin(20)
    m.bad[B].begin(20)
    assert m.seen(25, "dns", FQDN, {B, C}) == []  # it was seen before the other
    m.seen(26, "dns", FQDN, ALL)
    assert kinds(m.seen(31, "dns", FQDN, {B, C})) == ["wrong removal"]
    assert m.desired(FQDN) == ALL


def test_additions():
    m = model()
    m.bad[A].begin(20)
    m.seen(25, "dns", FQDN, {B, C})
    assert kinds(m.seen(31, "dns", FQDN, ALL)) == ["wrong addition"]
    m.seen(32, "dns", FQDN, {B, C})
    m.bad[B].begin(40)  # now all may come back
    assert m.seen(41, "dns", FQDN, ALL) == []
    m.bad[B].end(42)
    m.bad[A].end(60)
    m.seen(61, "dns", FQDN, {B, C})
    assert m.seen(62, "dns", FQDN, ALL) == []


def test_strangers_and_nothing():
    m = model(foreign=[STRANGER])
    assert kinds(m.seen(20, "dns", FQDN, ALL)) == ["foreign record lost"]
    assert kinds(model().seen(20, "dns", FQDN, ())) == ["empty answer"] + ["wrong removal"] * 3
    fresh = Model({FQDN: [A]}, {}, 10)
    assert kinds(fresh.seen(0, "dns", FQDN, ())) == ["empty answer"]


def test_a_server_that_was_killed_is_looked_at_anew():
    m = model()
    m.seen(1, "other", FQDN, ALL)
    m.forget(50, "dns")
    assert m.last["dns", FQDN] == ALL
    assert m.seen(51, "dns", FQDN, {B, C}) == []
    assert kinds(m.seen(51, "other", FQDN, {B, C})) == ["wrong removal"]
    m.seen(52, "dns", FQDN, ALL)
    assert kinds(m.seen(70, "dns", FQDN, {B, C})) == ["wrong removal"]


def test_right():
    m = model(foreign=[STRANGER])
    assert m.not_right(["dns"]) == [] and m.not_right(["dns", "other"]) == [("other", FQDN)]
    m.bad[A].begin(20)
    assert m.desired(FQDN) == {B, C, STRANGER} and m.not_right(["dns"]) == [("dns", FQDN)]
    m.seen(25, "dns", FQDN, {B, C, STRANGER})
    assert m.not_right(["dns"]) == []


def test_plan():
    ips = [f"10.0.1.{i}" for i in range(60)]
    one, same, other = (Plan(seed, 30, ips, tls=ips[:5]).rounds for seed in (7, 7, 8))
    assert one == same != other
    assert {fault.kind for faults in one for fault in faults} == set(KINDS)
    assert any(fault.argument == "tls" for faults in one for fault in faults)
    for faults in one:
        assert all(fault.at + fault.seconds <= STORM_S for fault in faults)
        busy = {}
        for fault in faults:
            resource = Plan.resource(fault)
            assert busy.get(resource, 0) <= fault.at
            busy[resource] = fault.at + fault.seconds


def test_answers_are_read():
    query = dns.message.make_query(f"{FQDN}.", "A")
    length = len(query.to_wire()) - HEADER
    answer = dns.message.make_response(query)
    assert addresses(answer.to_wire(), length) == frozenset()
    answer.answer.append(dns.rrset.from_text(f"{FQDN}.", 5, "IN", "A", A, B))
    assert addresses(answer.to_wire(), length) == {A, B}
    answer.set_rcode(2)
    assert addresses(answer.to_wire(), length) is None
    assert addresses(b"", length) is None
