# SPDX-License-Identifier: BSD-2-Clause
"""Process 1 of a container: obeys signals, reaps orphans, tells its end."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from server import children, is_alive, wait_for

UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def obstacle():
    """What keeps us from making a container; None: nothing."""
    if os.getuid() != 0:
        return "needs root"
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        return "needs unshare and nsenter, of util-linux"
    made = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True,
                          check=False)
    return None if made.returncode == 0 else made.stderr.strip()


OBSTACLE = obstacle()
pytestmark = pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))


class Container:
    """A server that is process 1 of a process namespace of its own."""

    def __init__(self, server):
        self.server = server
        launcher = server.scratch / "launcher"
        launcher.write_text(
            f'#!/bin/sh\nexec {" ".join(UNSHARE)} {server.binary} "$@"\n')
        launcher.chmod(0o755)
        server.binary = launcher

    def start(self, *args):
        self.server.start(*args, "-c", self.server.ini)
        return self.find_process()

    def find_process(self):
        """What runs is unshare(1); it ends as process 1 does."""
        self.server.pid, = wait_for(
            lambda: children(self.server.process.pid), "process 1")
        return self

    def kill(self, signum):
        os.kill(self.server.pid, signum)

    def stop(self, signum=signal.SIGTERM):
        """Ends it; its exit status."""
        self.kill(signum)
        return self.server.wait_end()

    def orphan(self):
        """A process in the container that process 1 inherits; its pid."""
        before = set(children(self.server.pid))
        subprocess.run(
            ["nsenter", "--target", str(self.server.pid), "--pid", "--mount",
             "sh", "-c", "sleep 60 &"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, check=True)

        def inherited():
            return [pid for pid in children(self.server.pid)
                    if pid not in before and Path(
                        f"/proc/{pid}/comm").read_text() == "sleep\n"]
        return wait_for(inherited, "an orphan")[0]


@pytest.fixture(name="container")
def fixture_container(make_server):
    def make(**sections):
        return Container(make_server(**sections))
    return make


MODES = pytest.mark.parametrize("args", [[], ["-X"]], ids=["master", "alone"])
SIGNALS = pytest.mark.parametrize(
    "signum", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT],
    ids=lambda signum: signum.name)


@MODES
@SIGNALS
def test_a_signal_ends_it_with_status_0(container, args, signum):
    one = container().start(*args)
    inside = [one.server.pid, *one.server.workers()]
    assert one.server.request("GET", "/hello.txt").status == 200

    assert one.stop(signum) == 0
    assert not any(map(is_alive, inside))


def test_a_second_signal_ends_it_at_once(container):
    one = container(timeouts={"stop_delay": "60s"}).start()
    one.kill(signal.SIGTERM)
    one.server.wait_log("stopping after timeouts.stop_delay")

    assert one.stop(signal.SIGINT) == 0


@MODES
def test_a_signal_that_comes_early_is_not_lost(container, args):
    """The kernel throws away what process 1 does not handle yet."""
    one = container()
    text = one.server.ini.read_text()
    one.server.ini.unlink()
    os.mkfifo(one.server.ini)
    with open(one.server.log_path, "ab") as log:
        one.server.process = subprocess.Popen(
            [one.server.binary, *args, "-c", one.server.ini], stderr=log)
    # It waits for somebody to write the configuration.
    fifo = os.open(one.server.ini, os.O_WRONLY)
    one.find_process().kill(signal.SIGTERM)
    os.write(fifo, text.encode())
    os.close(fifo)

    # 1, when it did not serve yet.
    assert one.server.wait_end() == (0 if args else 1)
    one.server.process = None


@MODES
def test_orphans_are_reaped(container, args):
    one = container().start(*args)
    for _ in range(3):
        pid = one.orphan()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda pid=pid: not Path(f"/proc/{pid}").exists(),
                 "the orphan to be reaped")

    assert one.server.request("GET", "/hello.txt").status == 200
    assert one.stop() == 0


def test_an_orphan_that_lives_on_does_not_hold_it_up(container):
    one = container().start()
    pid = one.orphan()

    assert one.stop() == 0
    assert not is_alive(pid)


def test_a_start_that_fails_ends_with_status_1(start_server, container):
    first = start_server()
    one = container(listen={"address": f"127.0.0.1:{first.port}"})
    done = one.server.command("-c", one.server.ini)

    assert done.returncode == 1
    assert "another process listens there" in done.stderr


def test_it_stays_in_the_foreground(container):
    """A container ends with its process 1, so it must not go away."""
    one = container(server={"daemon": "yes"})
    one.server.expect_log("process 1 stays in the foreground")
    one.start()

    assert one.server.request("GET", "/hello.txt").status == 200
    assert one.stop() == 0


def test_signals_that_do_not_end_it_work(container, scratch):
    one = container(timeouts={"drain_grace": "0"}).start()
    one.server.expect_log("upgrade failed", "process 1 cannot hand over",
                          "was killed")
    victim, = one.server.workers()
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: one.server.workers() not in ([], [victim]), "a successor")
    one.server.configure(site={"index": "hello.txt"})
    one.kill(signal.SIGHUP)
    one.server.wait_log("reloaded, generation 2, 1 workers")
    assert one.server.request("GET", "/").body == b"hello, world\n"
    one.server.access_lines(1)
    one.server.access_path.rename(scratch / "old.log")
    one.kill(signal.SIGUSR1)
    one.server.wait_log("logs reopened")
    one.kill(signal.SIGUSR2)
    one.server.wait_log("upgrade failed")

    assert one.server.request("GET", "/hello.txt").status == 200
    assert "/hello.txt" in one.server.access_lines(1)[0]
    assert one.stop() == 0
