# SPDX-License-Identifier: ISC
"""From the moment an endpoint stops to the moment the server answers without it, over many kills at odd
times: rrdnsd alone and with two others, and keepalived with a notify script that runs nsupdate. All probe
at 1 s, and three failures 250 ms apart mean down.

waiting: until the first failed probe; thresholds: until the vote that makes the majority; voting: until the
writer's read; read, update: until the server has answered it, by the packets.

Each name has a zone of its own: Knot answers an UPDATE up to a second late where another one of the
same zone came shortly before, which would hide everything else."""

import contextlib
import functools
import os
import random
import tempfile
import time

from harness.capture import Capture
from harness.cluster import SECRET
from harness.daemon import service
from harness.knot import Knot
from harness.nameserver import secret_of
from harness.process import wait_for
from kit import table, zone
from kit.attempt import attempt
from kit.firewall import Firewall
from kit.node import Lines, running
from kit.target import PORT, Endpoints, address
from peers.keepalived import environment

NAMES = 20
DOWN_FOR = NAMES // 2  # kills
STEP_S = 0.25
KILL_TO_SHOWN_S = 3


def own_zone(i):
    return f"{zone.label(i)}.test"


def fqdn(i):
    return f"{zone.label(i)}.{own_zone(i)}"


def both(i):
    return [address(2 * i), address(2 * i + 1)]


class KnotOfZones(Knot):
    zones = (*Knot.zones, *(own_zone(i) for i in range(NAMES)))


def all_there(server):
    return all(server.addresses(fqdn(i)) == set(both(i)) for i in range(NAMES))


def kill_all(firewall, kills):
    """One name after the other: (name, time)."""
    chance = random.Random(1)
    made, down = [], []
    for k in range(kills):
        i = k % NAMES
        firewall.add("refused", address(2 * i + 1))
        made.append((i, time.monotonic()))
        down.append(i)
        if len(down) > DOWN_FOR:
            firewall.delete("refused", address(2 * down.pop(0) + 1))
        time.sleep(STEP_S * chance.uniform(0.6, 1.4))
    time.sleep(KILL_TO_SHOWN_S)
    for i in down:
        firewall.delete("refused", address(2 * i + 1))
    return made


def first(times, since):
    return min((t for t in times if since <= t < since + KILL_TO_SHOWN_S), default=None)


class Wire:
    """When a name was read, updated, and the update answered."""

    def __init__(self, exchanges):
        self.reads, self.updates = exchanges.asked(update=False), exchanges.asked(update=True)
        self.answers = {}
        for at, _, wire in exchanges.messages:
            if wire[2] & zone.RESPONSE:
                self.answers.setdefault(bytes(wire[:2]), []).append(at)

    def of(self, i, since):
        """The read is taken for the writer's: the last one of any node before the UPDATE."""
        name = b"\x05" + zone.label(i).encode()
        found = [(at, bytes(wire[:2])) for at, _, wire in self.updates if at >= since and name in wire]
        if not found:
            return None, None, None
        update, number = min(found)
        reads = [at for at, _, wire in self.reads if name in wire and since <= at <= update]
        return max(reads, default=None), update, first(self.answers.get(number, []), update)


def split(kill, nodes, wire):
    """Milliseconds of each step; None: it was not seen whole."""
    i, at = kill
    ip = address(2 * i + 1).replace(".", r"\.")
    failed = [first(node.times(rf" {ip}: probe: (?!ok)", at), at) for node in nodes]
    votes = [first(node.times(rf" {ip}: up -> down here", at), at) for node in nodes]
    if None in failed + votes:
        return None
    vote = sorted(votes)[len(nodes) // 2]
    cause = sorted(failed)[len(nodes) // 2]
    read, update, answer = wire.of(i, vote - 0.001)
    if None in (read, update, answer):
        return None
    steps = {"waiting": cause - at, "thresholds": vote - cause, "voting": read - vote, "read": update - read, "update": answer - update}
    steps.update({"probing aside": answer - vote, "whole": answer - at})
    return {key: value * 1000 for key, value in steps.items()}


def voted(options, directory, server, firewall, kills, n):
    names = [f"127.0.1.{k + 1}:3333" for k in range(n)]
    services = [service(fqdn(i), f"http://{{}}:{PORT}/", both(i), ttl=5) for i in range(NAMES)]
    more = dict(nodes=names, nodes_secret=SECRET) if n > 1 else {}
    with contextlib.ExitStack() as stack, Capture("lo", port=server.port) as capture:
        nodes = []
        for k, name in enumerate(names):
            its = dict(more, local_node=name, nodes=names)
            _, node = zone.daemon(options, f"{directory}/{n}.{k}", server, services, verbose=True, **its)
            nodes.append(stack.enter_context(running(node)))
        wait_for(lambda: all_there(server), 60, "all is published", 0.2)
        time.sleep(2)
        since = time.monotonic()
        made = kill_all(firewall, kills)
        wire = Wire(zone.Exchanges(capture, server, since))
        return [split(kill, nodes, wire) for kill in made]


def notified(options, directory, server, firewall, kills):
    script = f"{directory}/notify"
    with open(script, "w") as f:
        f.write(f"""#!/bin/sh
# usage: notify delete|add NAME ADDRESS
ttl=; [ "$1" = add ] && ttl=5
printf 'server {server.ip} {server.port}\\nzone %s\\nupdate %s %s %s A %s\\nsend\\n' "${{2#*.}}" "$1" "$2" "$ttl" "$3" |
	exec nsupdate -y hmac-sha256:rrdnsd-key:{secret_of("rrdnsd-key")}
""")
    os.chmod(script, 0o755)
    conf = f"{directory}/keepalived.conf"
    with open(conf, "w") as f:
        f.write("global_defs {\nscript_user root\nenable_script_security\n}\n")
        for i in range(NAMES):
            f.write(f"virtual_server 127.0.1.{1 + i} 80 {{\ndelay_loop 1\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n")
            for ip in both(i):
                f.write(f"""real_server {ip} {PORT} {{
notify_up "{script} add {fqdn(i)} {ip}"
notify_down "{script} delete {fqdn(i)} {ip}"
HTTP_GET {{
url {{
path /
status_code 200-399
}}
connect_timeout 1
retry 2
delay_before_retry 0.25
}}
}}
""")
            f.write("}\n")
    argv = ["keepalived", "-n", "-l", "-D", "-C", "-f", conf, "-p", f"{directory}/pid", "-c", f"{directory}/checkers.pid"]
    env = dict(os.environ, **environment(options.programs))
    with Capture("lo", port=server.port) as capture, running(Lines(argv, env=env)) as keepalived:
        time.sleep(4)
        since = time.monotonic()
        made = kill_all(firewall, kills)
        wire = Wire(zone.Exchanges(capture, server, since))
        found = []
        for i, at in made:
            gone = first(keepalived.times(rf"Removing service \[{address(2 * i + 1)}\]", at), at)
            answer = wire.of(i, at)[2]
            known = None not in (gone, answer)
            found.append({"waiting": None, "thresholds": None, "voting": None, "read": None, "update": None,
                          "probing aside": (answer - gone) * 1000, "whole": (answer - at) * 1000} if known else None)  # fmt: skip
        return found


def quartiles(who, taken):
    """Rows of the distribution; a kill that was not seen whole is not in it, and counted."""
    seen = [t for t in taken or [] if t is not None]
    if not seen:
        yield {"who": who}
        return
    for title, q in (("median", 0.5), ("p90", 0.9), ("p99", 0.99), ("worst", 1)):
        row = {"who": who, "kills": f"{len(seen)} of {len(taken)}", "ms": title}
        for key in seen[0]:
            values = [s[key] for s in seen if s[key] is not None]
            row[key] = table.quantile(values, q) if values else None
        yield row


def run(options):
    kills = 20 if options.quick else 200
    rows = []
    with tempfile.TemporaryDirectory() as directory, running(Endpoints(options.programs)), running(
        KnotOfZones(f"{directory}/knot")
    ) as server:
        for who, measure in (
            ("rrdnsd, 1 node", functools.partial(voted, n=1)),
            ("rrdnsd, 3 nodes", functools.partial(voted, n=3)),
            ("keepalived and nsupdate", notified),
        ):
            with running(Firewall(PORT)) as firewall:
                rows += quartiles(who, attempt(who, lambda: measure(options, directory, server, firewall, kills)))
            time.sleep(KILL_TO_SHOWN_S)
    return {"kill to changed answer": rows}
