# SPDX-License-Identifier: ISC
"""rrdnsctl on a terminal: colours, and watch, which leaves it as it was."""

import os
import signal

import pytest

from harness.ctl import Ctl, environment
from harness.terminal import Terminal

ENTER, LEAVE = "\033[?1049h", "\033[?1049l"


@pytest.fixture
def terminal(publish, knot):
    made = []

    def make(*argv, rows=24, columns=80, **env):
        if not made:
            made.append(publish(knot, 3))
        daemon, webs = made[0]
        made.append(Terminal(Ctl(daemon).argv(*argv), environment(**env), rows, columns))
        return made[-1], daemon, webs

    yield make
    for one in made[1:]:
        one.close()


def is_restored(terminal):
    assert terminal.text.count(ENTER) == terminal.text.count(LEAVE) > 0
    assert terminal.text.rindex("\033[?25h") > terminal.text.rindex("\033[?25l")
    assert terminal.attributes() == terminal.before


def test_colours_on_a_terminal_alone(terminal):
    coloured, daemon, webs = terminal("status")
    assert coloured.wait() == 0
    assert "\033[32m" in coloured.text
    plain, *_ = terminal("status", NO_COLOR="1")
    assert plain.wait() == 0
    assert "All is well" in plain.text and "\033" not in plain.text


def test_watch_is_live(terminal, fqdn):
    watch, daemon, webs = terminal("watch")
    watch.wait_text("All is well")
    assert ENTER in watch.text and LEAVE not in watch.text
    webs[0].down()
    watch.wait_text("needs a look")
    watch.wait_text(f"{webs[0].ip}: up -> down")
    watch.type("q")
    assert os.waitstatus_to_exitcode(watch.wait()) == 0
    is_restored(watch)


def test_watch_follows_the_size(terminal):
    watch, daemon, webs = terminal("watch", rows=10, columns=60)
    watch.wait_text("All is well")
    before = len(watch.text)
    watch.resize(30, 120)
    watch.wait_text("\033[7m")
    watch.wait_until(lambda: watch.text[before:].count("\r\n") >= 29, "as many rows as there are")
    for key in ("\033[B", "\033[A", " ", "b", "G", "g", "\033[6~", "\014", "x"):
        watch.type(key)
        watch.read()
    watch.type("q")
    assert os.waitstatus_to_exitcode(watch.wait()) == 0
    is_restored(watch)


@pytest.mark.parametrize("signo", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGSEGV"])
def test_watch_restores_on_signals(terminal, signo):
    watch, daemon, webs = terminal("watch")
    watch.wait_text("All is well")
    os.kill(watch.pid, getattr(signal, signo))
    assert os.WTERMSIG(watch.wait()) == getattr(signal, signo)
    is_restored(watch)


def test_watch_stops_and_goes_on(terminal):
    watch, daemon, webs = terminal("watch")
    watch.wait_text("All is well")
    os.kill(watch.pid, signal.SIGTSTP)
    watch.wait_text(LEAVE)
    assert watch.attributes() == watch.before
    watch.wait_stopped()
    os.kill(watch.pid, signal.SIGCONT)
    watch.wait_until(lambda: watch.text.count(ENTER) >= 2, "it goes on")
    watch.type("q")
    assert os.waitstatus_to_exitcode(watch.wait()) == 0
    is_restored(watch)


def test_watch_survives_the_daemon(terminal):
    watch, daemon, webs = terminal("watch")
    watch.wait_text("All is well")
    daemon.process.stop()
    watch.wait_text("NO ANSWER for")
    before = len(watch.text)
    daemon.start()
    daemon.wait_log("undecided -> up", times=3)

    def answered():
        return len(watch.text) > before and "NO ANSWER" not in watch.text[before:].rpartition("\033[H")[2]

    watch.wait_until(answered, "an answer")
    watch.type("q")
    assert os.waitstatus_to_exitcode(watch.wait()) == 0
    is_restored(watch)


def test_watch_needs_a_terminal(publish, knot):
    daemon, webs = publish(knot, 1)
    status, out, err = Ctl(daemon).run("watch")
    assert status == 2 and "terminal" in err and "\033" not in out
