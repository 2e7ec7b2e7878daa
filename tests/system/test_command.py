# SPDX-License-Identifier: BSD-2-Clause
"""tined -s: finds the master by its pidfile and says whether it worked."""

import fcntl
import os
import re
import resource
import signal
import socket
import subprocess

import pytest

from client import Load
from server import cpu_s, is_alive, wait_for


@pytest.fixture(name="running")
def fixture_running(make_server, scratch):
    """A server with a pidfile."""
    server = make_server(server={"pid_file": scratch / "tined.pid",
                                 "workers": 2})
    server.start()
    wait_for(lambda: (scratch / "tined.pid").exists()
             and (scratch / "tined.pid").read_text(), "a pidfile")
    return server


def tell(server, command):
    return server.command("-c", server.ini, "-s", command)


def test_a_file_with_mistakes_does_not_keep_it_from_stopping(
        make_server, scratch):
    server = make_server(server={"pid_file": scratch / "pid"}).start()
    server.ini.write_text(server.ini.read_text() + "[limits]\nfields = x\n")
    for word, says in (("status", "tined "), ("reopen", "logs reopened"),
                       ("stop", "stopped")):
        result = server.command("-c", server.ini, "-s", word)
        assert result.returncode == 0, result
        assert says in result.stdout
        assert result.stderr == (f"tined: note: {server.ini} has mistakes; "
                                 "tined -t shows them\n")
    assert server.wait_end() == 0


def test_reload_returns_when_it_is_done(running):
    old = set(running.workers())
    running.configure(site={"index": "hello.txt"})
    result = tell(running, "reload")

    assert result.returncode == 0, result.stderr
    assert running.request("GET", "/").body == b"hello, world\n"
    assert len(set(running.workers()) - old) == 2


def test_reload_with_mistakes_says_them_and_fails(running):
    before = running.workers()
    running.expect_log(r"tined\.ini", "reload")
    running.configure(error_log={"level": "loud"}, limits={"fields": "many"})
    result = tell(running, "reload")

    assert result.returncode != 0
    assert "error_log.level" in result.stderr
    assert "limits.fields" in result.stderr
    assert running.workers() == before
    assert running.request("GET", "/hello.txt").status == 200


def test_the_status_tells_why_a_reload_failed(running):
    """And not what is only a warning, although that came first."""
    running.expect_log("an old name", "cannot listen", "reload failed")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        running.configure(listen={"address": address},
                          server={"log_level": "info"})
        result = tell(running, "reload")
    assert result.returncode == 1
    assert re.search("an old name(.|\n)*cannot listen", result.stderr)

    assert re.search(rf"Last of them .*: cannot listen on {address}",
                     tell(running, "status").stdout)


def test_reload_tells_warnings_and_succeeds(running):
    running.expect_log("an old name")
    running.configure(server={"log_level": "info"})
    result = tell(running, "reload")

    assert result.returncode == 0
    assert re.fullmatch(r"tined: \S+tined\.ini:\d+: warning: "
                        r"server\.log_level: an old name.*\n", result.stderr)
    assert "reloaded" in result.stdout
    running.wait_log("warn .*server\\.log_level: an old name")


def test_reloads_by_command_lose_nothing(running):
    with Load(running.address) as load:
        for _ in range(3):
            assert tell(running, "reload").returncode == 0

    assert load.failures == []


def test_status_is_printed(running):
    """Without [admin] as well."""
    for _ in range(3):
        assert running.request("GET", "/hello.txt").status == 200

    def text():
        result = tell(running, "status")
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout
    found = wait_for(lambda: (out := text()).count("Requests      3:")
                     and out, "three requests")
    assert f" is ready: process {running.pid}, generation 1, 2 w" in found
    for pid in running.workers():
        assert re.search(rf"^ +\d+ +{pid} +1 serving ", found, re.M)


def test_status_while_it_stops(running):
    conn = running.connect()
    conn.send(b"GET / HTTP/1.1\r\n")
    assert running.request("GET", "/hello.txt").status == 200
    running.send_signal(signal.SIGTERM)
    wait_for(lambda: " is stopping: " in tell(running, "status").stdout,
             "the end to be told")
    conn.send(b"Host: a\r\n\r\n")
    assert conn.response().closes
    assert running.wait_end() == 0


def test_status_to_a_pipe_that_is_closed_fails(running):
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run(
            [running.binary, "-c", running.ini, "-s", "status"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            timeout=20)
    assert result.returncode == 1
    assert "cannot print it: No space left on device" in result.stderr


@pytest.mark.parametrize("command", ["stop", "quit"])
def test_stop_returns_when_it_is_gone(running, command):
    workers = running.workers()
    result = tell(running, command)

    assert result.returncode == 0, result.stderr
    assert running.wait_end() == 0
    assert not any(map(is_alive, workers))


def test_a_reload_that_a_stop_overtakes_is_told(running):
    running.configure(server={"workers": 48})
    old = running.workers()
    client = subprocess.Popen(
        [running.binary, "-c", running.ini, "-s", "reload"],
        stderr=subprocess.PIPE, text=True)

    def hold_new():
        """So that the new generation is never ready."""
        new = set(running.workers()) - set(old)
        for pid in new:
            os.kill(pid, signal.SIGSTOP)
        return len(new) == 48
    wait_for(hold_new, "the new generation", 20)
    running.send_signal(signal.SIGTERM)

    assert client.communicate(timeout=20) == (
        None, "tined: the server stops, nothing was reloaded\n")
    assert client.returncode == 1
    assert running.wait_end() == 0


def test_a_door_that_cannot_be_is_said(make_server, scratch):
    """The name of a unix socket has 107 bytes, that of a pidfile more."""
    path = scratch / ("x" * 120)
    server = make_server(server={"pid_file": path})
    with open(path, "w", encoding="ascii") as file:
        # A lock of another process, as a server holds it.
        pid = os.fork()
        if pid == 0:
            fcntl.lockf(file, fcntl.LOCK_EX)
            signal.pause()
        try:
            wait_for(lambda: "no process holds" not in
                     tell(server, "status").stderr, "the lock")
            result = tell(server, "status")
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    assert result.returncode == 1
    assert f"cannot reach process {pid} at {path}.sock: " in result.stderr


def test_without_descriptors_a_client_waits_and_the_master_too(running):
    soft, hard = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (3, hard))
    client = subprocess.Popen(
        [running.binary, "-c", running.ini, "-s", "status"],
        stdout=subprocess.PIPE, text=True)
    before = cpu_s(running.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        client.wait(1.5)
    assert cpu_s(running.pid) - before < 0.1
    resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (soft, hard))

    assert "is ready" in client.communicate(timeout=20)[0]


def test_reopen(running, scratch):
    running.request("GET", "/hello.txt")
    running.access_lines(1)
    running.access_path.rename(scratch / "old.log")
    result = tell(running, "reopen")

    assert result.returncode == 0, result.stderr
    running.request("GET", "/docs/")
    assert "/docs/" in running.access_lines(1)[0]


@pytest.mark.parametrize("command", ["reload", "stop", "quit", "reopen"])
def test_nobody_there(make_server, scratch, command):
    path = scratch / "tined.pid"
    server = make_server(server={"pid_file": path})
    result = tell(server, command)
    assert result.returncode != 0
    assert str(path) in result.stderr

    path.write_text("1\n")
    result = tell(server, command)
    assert result.returncode != 0
    assert "not running" in result.stderr or str(path) in result.stderr


def test_without_a_pidfile_it_says_what_is_missing(start_server):
    server = start_server()
    result = tell(server, "reload")

    assert result.returncode != 0
    assert "pid_file" in result.stderr
    assert server.request("GET", "/hello.txt").status == 200
