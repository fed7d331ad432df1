# SPDX-License-Identifier: ISC
"""How each fault of plan.py is brought about and ended. What concerns endpoints is
told to the model: before it begins, and after it has ended."""

import copy
import resource
import signal
import time

FEW_DESCRIPTORS = 3  # more than are open


class Faults:
    def __init__(self, world, model):
        self.world = world
        self.model = model
        self.limits = {}

    def begin(self, fault):
        getattr(self, f"begin_{fault.kind}")(fault)

    def end(self, fault):
        getattr(self, f"end_{fault.kind}")(fault)

    def node(self, fault):
        return self.world.nodes[fault.what]

    def begin_kill(self, fault):
        self.node(fault).kill()

    def end_kill(self, fault):
        self.node(fault).start()

    def begin_restart(self, fault):
        self.node(fault).stop()

    end_restart = end_kill

    def begin_stop(self, fault):
        self.node(fault).process.send(signal.SIGSTOP)

    def end_stop(self, fault):
        self.node(fault).process.send(signal.SIGCONT)

    def begin_reload(self, fault):
        """Its file is another one than those of its peers, or none at all."""
        node = self.node(fault)
        change = {"fall": 2, "ttl": 6, "probe_interval_ms": 900}
        keys = {"fall": "fall", "ttl": "ttl", "interval": "probe_interval_ms"}
        kept = node.services
        if fault.argument != "broken":
            node.services = copy.deepcopy(kept)
            for one in node.services:
                one[keys[fault.argument]] = change[keys[fault.argument]]
        node.write()
        if fault.argument == "broken":
            with open(node.conf, "a") as f:
                f.write("services = ( {\n")
        node.services = kept
        self.hang_up(node)

    def end_reload(self, fault):
        self.node(fault).write()
        self.hang_up(self.node(fault))

    @staticmethod
    def hang_up(node):
        if node.process.alive():
            node.process.send(signal.SIGHUP)

    def blind(self, fault):
        """The node whose way to the endpoints it is."""
        return self.model.blind[int(fault.what[0][4:])] if fault.what[1] == "web" else None

    def begin_link(self, fault, percent, seconds):
        if spans := self.blind(fault):
            spans.begin(time.monotonic())
        self.world.link(fault.what, percent, seconds)

    def begin_cut(self, fault):
        self.begin_link(fault, 100, 0)

    def begin_loss(self, fault):
        self.begin_link(fault, 30, 0)

    def begin_delay(self, fault):
        self.begin_link(fault, 0, 0.5)

    def end_cut(self, fault):
        self.world.link(fault.what)
        if spans := self.blind(fault):
            spans.end(time.monotonic())

    end_loss = end_delay = end_cut

    def begin_server(self, fault):
        server = self.world.servers[fault.what]
        server.process.stop(signal.SIGKILL if fault.argument == "kill" else signal.SIGTERM)
        if fault.argument == "kill":
            self.model.forget(time.monotonic(), fault.what)

    def end_server(self, fault):
        self.world.servers[fault.what].start()

    def begin_clock(self, fault):
        self.node(fault).set_clock(fault.argument)

    def end_clock(self, fault):
        self.node(fault).set_clock(0)

    def begin_disk(self, fault):
        self.node(fault).fill_disk()

    def end_disk(self, fault):
        self.node(fault).clear_disk()

    def begin_descriptors(self, fault):
        process = self.node(fault).process
        if process.alive():
            soft, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
            self.limits[fault] = process, soft, hard
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (10 + FEW_DESCRIPTORS, hard))

    def end_descriptors(self, fault):
        process, soft, hard = self.limits.pop(fault, (None, 0, 0))
        if process and process.alive():
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (soft, hard))

    def begin_endpoint(self, fault):
        spans = self.model.bad[fault.what]
        if fault.argument != "ok":
            spans.begin(time.monotonic())
        self.world.set_mode(fault.what, fault.argument)
        if fault.argument == "ok":
            spans.end(time.monotonic())

    def end_endpoint(self, fault):
        """It stays so until another fault says otherwise."""
