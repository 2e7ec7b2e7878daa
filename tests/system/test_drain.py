# SPDX-License-Identifier: BSD-2-Clause
"""How the server stops: in peace, with a deadline, or at once."""

import os
import signal
import struct
import time
from pathlib import Path

import pytest

from client import Connection, head
from server import open_files, wait_for

GRACEFUL = pytest.mark.parametrize(
    "signum", [signal.SIGTERM, signal.SIGQUIT], ids=["TERM", "QUIT"])


def begin_download(server):
    """A connection with most of a large answer still to come."""
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    return conn, int(conn.response_head()["Content-Length"])


def wait_refused(server):
    """Waits until nobody accepts any more."""
    def refused():
        try:
            Connection(server.address).close()
            return False
        except ConnectionRefusedError:
            return True
    wait_for(refused, "refused connections")


@GRACEFUL
def test_a_download_finishes(start_server, signum):
    server = start_server()
    conn, length = begin_download(server)
    server.send_signal(signum)

    got = len(conn.take(len(conn.unread)))
    while got < length:
        assert conn.receive(), f"{length - got} bytes are missing"
        got += len(conn.take(len(conn.unread)))
    assert server.wait_end() == 0


@GRACEFUL
def test_a_request_on_its_way_is_answered_with_close(start_server, signum):
    server = start_server(timeouts={"drain_grace": "0"})
    conn = server.connect()
    conn.send(b"GET /hello.txt HTTP/1.1\r\n")
    assert server.request("GET", "/hello.txt").status == 200
    idle = server.connect()
    assert idle.request("GET", "/hello.txt").status == 200
    server.send_signal(signum)
    assert idle.rest() == b""
    conn.send(b"Host: a\r\n\r\n")

    response = conn.response()

    assert (response.body, response.closes) == (b"hello, world\n", True)
    assert conn.rest() == b""
    assert server.wait_end() == 0


def test_kept_connections_have_a_grace(start_server):
    server = start_server(timeouts={"drain_grace": "10s"})
    conn = server.connect()
    assert conn.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGTERM)

    while not (response := conn.request("GET", "/hello.txt")).closes:
        assert response.status == 200
    assert conn.rest() == b""
    assert server.wait_end() == 0


def test_idle_connections_end_with_the_grace(start_server):
    server = start_server(listen={"defer_accept": "no"},
                          timeouts={"drain_grace": "300ms"})
    kept, fresh = server.connect(), server.connect()
    assert kept.request("GET", "/hello.txt").status == 200
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)

    assert kept.rest() == b""
    assert fresh.rest() == b""
    assert server.wait_end() == 0
    assert time.monotonic() - begin < 5


def test_nobody_new_is_let_in(start_server):
    server = start_server(timeouts={"drain_grace": "5s"})
    conn, _ = begin_download(server)
    server.send_signal(signal.SIGTERM)

    wait_refused(server)
    assert server.process.poll() is None
    conn.close()
    assert server.wait_end() == 0


def test_the_deadline_ends_what_does_not_end(start_server):
    server = start_server(
        timeouts={"drain": "500ms", "drain_grace": "100ms"})
    server.expect_log("timeouts.drain")
    begin_download(server)
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)

    assert server.wait_end() == 0
    assert time.monotonic() - begin < 5
    server.wait_log("timeouts.drain")


def test_a_second_term_ends_it_at_once(start_server):
    server = start_server(timeouts={"drain_grace": "60s", "drain": "60s"})
    begin_download(server)
    server.send_signal(signal.SIGTERM)
    wait_refused(server)
    server.send_signal(signal.SIGTERM)

    assert server.wait_end(5) == 0


def is_ready(server):
    """What the board says, as /readyz would; its layout is in board.h."""
    for path in Path(f"/proc/{server.pid}/fd").iterdir():
        if "memfd:tined-board" in os.readlink(path):
            board = path.read_bytes()[:24]
            return struct.unpack("=8s4I", board)[4] == 1
    raise AssertionError("no board")


def begin_stop(server, signum=signal.SIGTERM):
    """Sends the signal and waits until readiness goes down."""
    server.send_signal(signum)
    wait_for(lambda: not is_ready(server), "readiness to go")


@GRACEFUL
def test_a_stop_waits_for_its_delay_and_serves(start_server, signum):
    server = start_server(timeouts={"stop_delay": "2s"})
    kept = server.connect()
    assert kept.request("GET", "/hello.txt").status == 200
    assert is_ready(server)
    begin = time.monotonic()
    begin_stop(server, signum)

    assert not kept.request("GET", "/hello.txt").closes
    assert not server.request("GET", "/hello.txt").closes
    assert time.monotonic() - begin < 2
    wait_refused(server)
    assert time.monotonic() - begin >= 2
    kept.close()
    assert server.wait_end() == 0


def test_a_second_term_cuts_the_delay_short_and_drains(start_server):
    server = start_server(timeouts={"stop_delay": "60s", "drain": "60s"})
    conn, length = begin_download(server)
    begin_stop(server)
    assert server.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGTERM)
    wait_refused(server)

    got = len(conn.take(len(conn.unread)))
    while got < length:
        assert conn.receive(), f"{length - got} bytes are missing"
        got += len(conn.take(len(conn.unread)))
    assert server.wait_end() == 0


@pytest.mark.parametrize("signals", [
    [signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]],
    ids=["INT", "TERM TERM"])
def test_the_delay_and_the_drain_end_at_once(start_server, signals):
    server = start_server(timeouts={
        "stop_delay": "60s", "drain_grace": "60s", "drain": "60s"})
    begin_download(server)
    begin_stop(server)
    for i, signum in enumerate(signals):
        if i > 0:
            wait_refused(server)
        server.send_signal(signum)

    assert server.wait_end(5) == 0


def test_a_worker_that_dies_in_the_delay_is_replaced(start_server):
    server = start_server(timeouts={"stop_delay": "60s"})
    server.expect_log("was killed")
    begin_stop(server)
    victim, = server.workers()
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: server.workers() not in ([], [victim]), "another worker")

    assert server.request("GET", "/hello.txt").status == 200
    assert not is_ready(server)
    server.send_signal(signal.SIGTERM)
    assert server.wait_end() == 0


def test_nothing_changes_in_the_delay(start_server, scratch):
    server = start_server(timeouts={"stop_delay": "60s"},
                          server={"pid_file": scratch / "pid"})
    workers = server.workers()
    begin_stop(server)
    for word in ("reload", "upgrade"):
        done = server.command("-c", server.ini, "-s", word)
        assert (done.returncode, done.stderr) == (1, "tined: it is stopping\n")
    server.send_signal(signal.SIGHUP)
    assert server.command("-c", server.ini, "-s", "reopen").returncode == 0

    assert server.workers() == workers
    assert not is_ready(server)
    server.send_signal(signal.SIGTERM)
    assert server.wait_end() == 0


def test_the_stop_command_waits_for_the_delay(start_server, scratch):
    server = start_server(timeouts={"stop_delay": "500ms"},
                          server={"pid_file": scratch / "pid"})
    begin = time.monotonic()
    done = server.command("-c", server.ini, "-s", "stop")

    assert (done.returncode, done.stdout) == (0, "stopped\n")
    assert time.monotonic() - begin >= 0.5
    assert server.wait_end() == 0


def test_a_worker_that_is_stuck_is_killed(start_server):
    server = start_server(timeouts={"drain": "500ms", "drain_grace": "0"})
    server.expect_log("does not leave in time")
    stuck, = server.workers()
    os.kill(stuck, signal.SIGSTOP)
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)

    assert server.wait_end() == 0
    # A worker watches timeouts.drain itself; a second later it is stuck.
    assert 1.5 <= time.monotonic() - begin < 5
    assert server.wait_log(
        rf"worker 0\[{stuck}\] does not leave in time: killed")


def test_int_ends_it_at_once(start_server):
    server = start_server(timeouts={"drain_grace": "60s", "drain": "60s"})
    begin_download(server)
    server.send_signal(signal.SIGINT)

    assert server.wait_end(5) == 0


def test_no_worker_survives(start_server):
    server = start_server(server={"workers": 3})
    workers = server.workers()
    server.send_signal(signal.SIGTERM)

    assert server.wait_end() == 0
    with pytest.raises(FileNotFoundError):
        for pid in workers:
            open_files(pid)


def test_the_port_is_free_for_a_successor(start_server):
    server = start_server()
    conn = server.connect()
    assert conn.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGTERM)
    assert server.wait_end() == 0

    successor = start_server(listen={"address": f"127.0.0.1:{server.port}"})

    assert successor.request("GET", "/hello.txt").status == 200


def test_pipelined_requests_before_the_stop_are_answered(start_server):
    server = start_server()
    conn = server.connect()
    conn.send(head("GET", "/hello.txt") * 20)
    server.send_signal(signal.SIGTERM)

    answered = 0
    while True:
        response = conn.response()
        assert response.status == 200
        answered += 1
        if response.closes or answered == 20:
            break
    assert conn.rest() == b""
