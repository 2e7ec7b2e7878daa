# SPDX-License-Identifier: BSD-2-Clause
"""SIGUSR2: another program in our place, and nobody notices."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from client import Load, head
from server import Orphan, children, is_alive, proc_status, wait_for


@pytest.fixture(name="upgradable")
def fixture_upgradable(make_server, scratch):
    """Makes servers whose program is a copy that a test can replace."""
    Orphan.expect()

    def make(**sections):
        server = make_server(**{
            **sections, "server": {"workers": 2, "pid_file": scratch / "pid",
                                   **sections.get("server", {})}})
        shutil.copy2(server.binary, scratch / "program")
        server.binary = scratch / "program"
        return server.start()

    return make


def replace_program(server, script):
    """Puts a shell script in the place of the server's program."""
    path = server.scratch / "script"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    server.real = server.scratch / "real"
    server.binary.rename(server.real)
    path.rename(server.binary)


def restore_program(server):
    server.real.rename(server.binary)


def upgrade(server):
    """Upgrades by `tined -s upgrade` and follows the new master."""
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert (done.returncode, done.stderr) == (0, ""), done
    pid = int((server.scratch / "pid").read_text())
    assert f"process {pid} serves now" in done.stdout
    return server.follow(pid)


def refused_upgrade(server):
    """An upgrade that fails; returns what the operator is told."""
    before = server.workers()
    binary, server.binary = server.binary, server.real
    done = server.command("-c", server.ini, "-s", "upgrade")
    server.binary = binary
    assert done.returncode == 1 and done.stdout == "", done
    assert "upgrade failed, still serving with the old program" in done.stderr
    assert server.workers() == before
    assert server.request("GET", "/hello.txt").status == 200
    assert int((server.scratch / "pid").read_text()) == server.pid
    return done.stderr


def test_another_process_serves_on_the_same_sockets(upgradable):
    server = upgradable()
    first = server.pid
    old = upgrade(server)

    assert server.pid != first
    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
    assert old.wait(20) == 0
    assert len(server.workers()) == 2
    for conn in [server.connect() for _ in range(40)]:
        assert conn.request("GET", "/hello.txt").status == 200
    assert upgrade(server).wait() == 0
    assert server.request("GET", "/hello.txt").status == 200


def test_the_signal_does_the_same(upgradable, scratch):
    server = upgradable()
    server.send_signal(signal.SIGUSR2)
    server.wait_log("is replaced")

    old = server.follow(int((scratch / "pid").read_text()))
    assert old.wait(20) == 0
    assert server.request("GET", "/hello.txt").status == 200


def test_the_new_program_reads_the_configuration_anew(upgradable):
    server = upgradable()
    server.configure(server={"workers": 3}, site={"index": "hello.txt"})
    old = upgrade(server)

    assert old.wait(20) == 0
    assert len(server.workers()) == 3
    assert server.request("GET", "/").body == b"hello, world\n"


def test_it_can_be_told_everything_that_the_old_one_could(upgradable):
    server = upgradable()
    upgrade(server)
    for word, answer in (("reload", "reloaded"), ("reopen", "logs reopened")):
        done = server.command("-c", server.ini, "-s", word)
        assert (done.returncode, answer in done.stdout) == (0, True), done
    second = server.command("-c", server.ini)
    assert second.returncode == 1
    assert f"process {server.pid} holds" in second.stderr
    done = server.command("-c", server.ini, "-s", "stop")
    assert (done.returncode, done.stdout) == (0, "stopped\n")
    assert server.wait_end() == 0
    assert not (server.scratch / "pid").exists()
    assert not (server.scratch / "pid.sock").exists()


def test_a_kept_connection_is_answered_and_told_to_close(upgradable):
    server = upgradable(timeouts={"drain_grace": "10s"})
    conn = server.connect()
    assert not conn.request("GET", "/hello.txt").closes
    old = upgrade(server)

    response = conn.request("GET", "/hello.txt")
    assert response.closes and response.body == b"hello, world\n"
    assert conn.rest() == b""
    assert old.wait(20) == 0


def test_a_download_goes_on(upgradable):
    server = upgradable()
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    length = int(conn.response_head()["Content-Length"])
    old = upgrade(server)
    assert old.poll() is None

    got = len(conn.take(len(conn.unread)))
    while got < length:
        assert conn.receive()
        got += len(conn.take(len(conn.unread)))
    conn.close()
    assert old.wait(20) == 0


def test_upgrades_under_load_lose_nothing(upgradable):
    server = upgradable(limits={"requests": 50},
                        timeouts={"drain_grace": "300ms"})
    with Load(server.address) as load:
        for workers in (1, 4, 2):
            server.configure(server={"workers": workers})
            before = load.answered
            old = upgrade(server)
            wait_for(lambda b=before: load.answered > b + 100, "traffic")
            assert old.wait(20) == 0

    assert load.failures == []


def test_a_unix_socket_and_two_families_go_over(upgradable, scratch):
    path = scratch / "web.sock"
    server = upgradable(listen={"address": [
        "127.0.0.1:0", f"unix:{path}", "[::1]:0"]})
    assert upgrade(server).wait() == 0

    assert path.is_socket()
    for address in server.addresses:
        with server.connect(address) as conn:
            assert conn.request("GET", "/hello.txt").status == 200
    server.stop()
    assert not path.exists()


def test_listeners_come_and_go_with_an_upgrade(upgradable, scratch):
    one, two = scratch / "one.sock", scratch / "two.sock"
    server = upgradable(listen={"address": ["127.0.0.1:0", f"unix:{one}"]})
    server.configure(listen={"address": ["127.0.0.1:0", f"unix:{two}"]})
    assert upgrade(server).wait() == 0

    assert two.is_socket() and not one.exists()
    with server.connect(str(two)) as conn:
        assert conn.request("GET", "/hello.txt").status == 200
    assert server.request("GET", "/hello.txt").status == 200


def test_a_program_that_dies_at_its_start_changes_nothing(upgradable):
    server = upgradable()
    server.expect_log("new program", "upgrade")
    replace_program(server, "echo no such library >&2\nexit 3\n")
    with Load(server.address) as load:
        text = refused_upgrade(server)
        wait_for(lambda: load.answered > 100, "traffic")

    assert load.failures == []
    assert "the new program: no such library" in text
    assert "exited with status 3 before it was ready" in text
    restore_program(server)
    assert upgrade(server).wait() == 0


def test_a_program_that_is_not_there_is_said(upgradable):
    server = upgradable()
    server.expect_log("new program", "upgrade")
    replace_program(server, "")
    server.binary.unlink()

    assert (f"cannot execute {server.binary}: No such file or directory"
            in refused_upgrade(server))
    restore_program(server)


def test_mistakes_in_the_configuration_are_shown(upgradable):
    server = upgradable(site={"index": "index.html"})
    server.real = server.binary
    server.expect_log("new program", "upgrade")
    good = server.ini.read_text()
    server.ini.write_text(good.replace("[site]", "[site]\nrot = /"))
    server.ini.write_text(good + "[limits]\nfields = many\n")
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 1
    assert "limits.fields" in done.stdout + done.stderr

    lines = server.wait_log(r"the new program: .*tined\.ini:\d+: limits.fields")
    assert len(lines) == 1
    server.wait_log("upgrade failed")
    server.ini.write_text(good)
    assert server.request("GET", "/hello.txt").status == 200
    assert upgrade(server).wait() == 0


def test_a_program_that_is_never_ready_is_killed(upgradable):
    server = upgradable(timeouts={"start": "300ms"})
    server.expect_log("new program", "upgrade")
    replace_program(server, "exec sleep 100\n")

    text = refused_upgrade(server)
    assert "not ready within timeouts.start, 300 ms: killed" in text
    restore_program(server)
    assert upgrade(server).wait() == 0


def test_a_stop_ends_the_upgrade_too(upgradable, scratch):
    server = upgradable()
    replace_program(server, f"echo $$ > {scratch}/new\nexec sleep 100\n")
    client = subprocess.Popen([server.real, "-c", server.ini, "-s", "upgrade"],
                              stderr=subprocess.PIPE)
    wait_for(lambda: (scratch / "new").exists()
             and (scratch / "new").read_text(), "the new program")
    pid = int((scratch / "new").read_text())
    server.stop()

    assert client.communicate(timeout=20)[1] == (
        b"tined: the server stops, nothing was upgraded\n")
    assert client.returncode == 1
    wait_for(lambda: not is_alive(pid), "its end")


def test_a_master_killed_meanwhile_does_not_end_the_service(
        upgradable, scratch):
    server = upgradable(timeouts={"drain_grace": "100ms"})
    server.expect_log("the master is gone", "cannot tell process")
    replace_program(server, f"until [ -e {scratch}/go ]; do sleep 0.01; done\n"
                    f"exec {scratch}/real \"$@\"\n")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgrade: starting")
    pid, = wait_for(lambda: [pid for pid in server.workers()
                             if cmdline(pid).startswith(b"/bin/sh")],
                    "the new program")
    server.process.kill()
    server.process.wait()
    (scratch / "go").write_text("")
    server.follow(pid)

    wait_for(lambda: (scratch / "pid").exists()
             and (scratch / "pid").read_text() == f"{pid}\n", "its pidfile", 20)
    assert server.request("GET", "/hello.txt").status == 200


def cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_a_variable_left_over_is_refused(make_server, monkeypatch):
    server = make_server()
    monkeypatch.setenv("TINED_UPGRADE", "0")
    done = server.command("-c", server.ini)

    assert done.returncode == 1
    assert "TINED_UPGRADE is set" in done.stderr


def test_the_old_one_dies_of_its_drain_deadline(upgradable):
    server = upgradable(timeouts={"drain_grace": "0", "drain": "300ms"})
    server.expect_log("cut off")
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    conn.response_head()
    begin = time.monotonic()
    old = upgrade(server)

    assert old.wait(20) == 0
    assert time.monotonic() - begin < 10
    assert os.getpgid(server.pid) == os.getpgid(0)


def stand_still(server):
    server.send_signal(signal.SIGSTOP)
    wait_for(lambda: proc_status(server.pid, "State")[0] == "T",
             "it stands still")


def begin_slow_upgrade(server):
    """The new program waits for server.go, and the old master stands still."""
    server.go = server.scratch / "go"
    replace_program(server, f"until [ -e {server.go} ]; do sleep 0.01; done\n"
                    f"exec {server.scratch}/real \"$@\"\n")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgrade: starting")
    stand_still(server)


# Says that it serves, as a master does, and ends.
LIAR = """#!/usr/bin/python3
import os, re, socket
with open(f"/proc/self/fd/{os.environ['TINED_UPGRADE']}") as file:
    channel = int(re.search(r"^channel ([0-9]+)$", file.read(), re.M)[1])
socket.socket(fileno=channel).send(b"R")
"""


def test_a_program_that_dies_once_it_was_ready_changes_nothing(
        upgradable, scratch):
    server = upgradable()
    server.expect_log("new program", "upgrade")
    (scratch / "liar").write_text(LIAR)
    (scratch / "liar").chmod(0o755)
    replace_program(server, f"until [ -e {scratch}/go ]; do sleep 0.01; done\n"
                    f"{scratch}/liar; echo > {scratch}/gone\n")
    workers = server.workers()
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgrade: starting")
    stand_still(server)
    (scratch / "go").write_text("")
    wait_for((scratch / "gone").exists, "its end")
    wait_for(lambda: server.workers() == workers, "the end of its shell")
    server.send_signal(signal.SIGCONT)

    server.wait_log("upgrade failed, still serving with the old program")
    assert server.request("GET", "/hello.txt").status == 200
    restore_program(server)
    assert upgrade(server).wait() == 0


def test_a_master_that_served_and_died_leaves_nothing_behind(upgradable):
    """It steered new connections and wrote on the board who serves."""
    server = upgradable(access_log={"format": "%{worker}x"})
    server.expect_log("new program", "upgrade", "the master is gone")
    server.configure(server={"workers": 1})
    begin_slow_upgrade(server)
    server.go.write_text("")
    line = server.wait_log(r"tined \S+ started", count=2)[1]
    os.kill(int(re.search("process ([0-9]+)", line)[1]), signal.SIGKILL)
    wait_for(lambda: len(server.workers()) == 2, "its end")
    server.send_signal(signal.SIGCONT)
    server.wait_log("upgrade failed, still serving with the old program")
    restore_program(server)

    text = server.command("-c", server.ini, "-s", "status").stdout
    assert f"is ready: process {server.pid}, generation 1, 2 workers" in text
    for _ in range(64):
        assert server.request("GET", "/hello.txt").status == 200
    assert {"0", "1"} <= set(server.access_lines(64))


def test_a_stop_during_an_upgrade_is_for_both(upgradable):
    """The door is the old master's until it has let go of it."""
    server = upgradable()
    server.expect_log("new program", "upgrade")
    begin_slow_upgrade(server)
    server.go.write_text("")
    line = server.wait_log(r"tined \S+ started", count=2)[1]
    new = int(re.search("process ([0-9]+)", line)[1])
    client = subprocess.Popen([server.real, "-c", server.ini, "-s", "stop"],
                              stdout=subprocess.PIPE)
    wait_for(lambda: client.poll() is not None or (
        any(os.path.realpath(path).rpartition("/")[2].startswith("socket:")
            for path in Path(f"/proc/{client.pid}/fd").glob("*"))
        and proc_status(client.pid, "State")[0] == "S"), "it waits")
    server.send_signal(signal.SIGCONT)

    assert client.communicate(timeout=20)[0] == b"stopped\n"
    assert server.process.wait(20) == 0
    assert Orphan(new).wait() == 0
    server.process = None


def test_a_program_that_never_stops_talking_is_killed(upgradable):
    server = upgradable(timeouts={"start": "500ms"})
    server.expect_log("new program", "upgrade")
    replace_program(server, "exec yes no good >&2\n")

    assert "not ready within timeouts.start" in refused_upgrade(server)
    assert server.log_path.stat().st_size < 1 << 20
    restore_program(server)
    assert upgrade(server).wait() == 0


def test_workers_of_a_master_that_died_are_not_shown(upgradable):
    server = upgradable()
    server.expect_log("new program", "upgrade", "the master is gone",
                      "cannot start the worker")
    workers = server.workers()
    replace_program(server, f"exec {server.scratch}/real \"$@\" "
                    "-o server.workers=64\n")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgrade: starting")
    pid, = wait_for(lambda: set(server.workers()) - set(workers), "the new")
    wait_for(lambda: children(pid), "its workers")
    os.kill(pid, signal.SIGKILL)
    server.wait_log("upgrade failed")
    server.binary = server.real

    def shown():
        """Who is shown, when all that ended are gone; they come to us."""
        try:
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        except ChildProcessError:
            pass
        text = server.command("-c", server.ini, "-s", "status").stdout
        return [int(pid) for pid in re.findall(r"^ +\d+ +(\d+) ", text, re.M)]
    assert wait_for(lambda: len(shown()) <= 2 and shown(), "them alone"
                    ) == workers


def test_logs_that_are_rotated_meanwhile_take_nothing_away(upgradable, scratch):
    """What is told of an upgrade is told of it alone."""
    server = upgradable()
    server.expect_log("new program", "upgrade")
    go = scratch / "go"
    replace_program(server, "echo no such library >&2\n"
                    f"until [ -e {go} ]; do sleep 0.01; done\nexit 3\n")
    client = subprocess.Popen(
        [server.real, "-c", server.ini, "-s", "upgrade"],
        stderr=subprocess.PIPE, text=True)
    server.wait_log("no such library")
    server.send_signal(signal.SIGUSR1)
    server.wait_log("logs reopened")
    go.write_text("")

    assert "no such library" in client.communicate(timeout=20)[1]
    assert client.returncode == 1


def test_the_last_words_need_no_newline(upgradable):
    server = upgradable()
    server.expect_log("new program", "upgrade")
    replace_program(server, "printf 'no such library' >&2\nexit 3\n")

    assert "the new program: no such library" in refused_upgrade(server)


def test_a_reload_asked_of_the_old_one_is_done_by_the_new(upgradable, scratch):
    server = upgradable()
    begin_slow_upgrade(server)
    server.go.write_text("")
    server.wait_log(r"tined \S+ started", count=2)
    server.configure(site={"index": "hello.txt"})
    server.send_signal(signal.SIGHUP)
    server.send_signal(signal.SIGCONT)

    server.wait_log("reloaded, generation 3")
    server.follow(int((scratch / "pid").read_text())).wait()
    assert server.request("GET", "/").body == b"hello, world\n"


def test_a_stop_asked_of_the_old_one_is_for_the_new(upgradable):
    """It came just when the old one let go."""
    server = upgradable()
    begin_slow_upgrade(server)
    server.go.write_text("")
    line = server.wait_log(r"tined \S+ started", count=2)[1]
    new = int(re.search("process ([0-9]+)", line)[1])
    server.send_signal(signal.SIGTERM)
    server.send_signal(signal.SIGCONT)

    assert server.process.wait(20) == 0
    assert Orphan(new).wait() == 0
    assert "stopping at once" not in server.log()
    server.process = None


def test_logs_rotated_meanwhile_are_those_of_the_new(upgradable, scratch):
    server = upgradable()
    begin_slow_upgrade(server)
    server.go.write_text("")
    server.wait_log(r"tined \S+ started", count=2)
    server.access_path.rename(scratch / "rotated")
    server.send_signal(signal.SIGUSR1)
    server.send_signal(signal.SIGCONT)

    server.wait_log("is replaced")
    server.follow(int((scratch / "pid").read_text())).wait()
    server.wait_log(rf"{server.pid}\]: logs reopened")
    assert server.request("GET", "/hello.txt").status == 200
    assert "/hello.txt" in server.access_lines(1)[0]
