# SPDX-License-Identifier: BSD-2-Clause
"""A process that dies: the others go on, and it is replaced."""

import os
import signal
import socket
import time

from client import Load, head
from server import is_alive, proc_status, wait_for


def kill_worker(server, pid, signum=signal.SIGKILL):
    """Kills one worker and waits until another has taken its place."""
    others = set(server.workers()) - {pid}
    count = len(others) + 1
    os.kill(pid, signum)
    wait_for(lambda: pid not in server.workers()
             and len(server.workers()) == count, "a replacement", 20)
    assert others < set(server.workers())


def test_a_killed_worker_is_replaced_and_named(start_server):
    server = start_server(server={"workers": 2})
    server.expect_log(r"worker .*(killed|signal|died)")
    victim = server.workers()[0]

    kill_worker(server, victim)

    assert server.wait_log(rf"(error|warn) master.*{victim}")
    for _ in range(20):
        assert server.request("GET", "/hello.txt").status == 200


def test_the_only_worker_is_replaced(start_server):
    server = start_server()
    server.expect_log("worker")

    kill_worker(server, server.workers()[0])

    assert server.request("GET", "/hello.txt").status == 200


def test_a_worker_that_leaves_unasked_is_replaced(start_server):
    server = start_server(server={"workers": 2})
    server.expect_log("worker")

    kill_worker(server, server.workers()[0], signal.SIGTERM)

    assert server.request("GET", "/hello.txt").status == 200


def test_clients_in_the_queue_of_the_dead_are_served(start_server):
    """New connections while nobody serves the slot wait, and are answered."""
    server = start_server(server={"workers": 2})
    server.expect_log("worker")
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: not is_alive(victim), "its end")
    for conn in [server.connect() for _ in range(50)]:
        assert conn.request("GET", "/hello.txt").status == 200


def test_service_goes_on_under_load(start_server):
    server = start_server(server={"workers": 2})
    server.expect_log("worker")
    with Load(server.address, kept=4, fresh=0) as load:
        wait_for(lambda: load.answered > 100, "traffic")
        kill_worker(server, server.workers()[0])
        before = load.answered
        wait_for(lambda: load.answered > before + 100, "traffic")

    # Those that the dead worker served, at most, each once.
    assert len(load.failures) <= 4


def test_dying_again_and_again_is_said_and_survived(start_server):
    server = start_server()
    server.expect_log("worker")
    for _ in range(4):
        kill_worker(server, server.workers()[0])

    assert server.request("GET", "/hello.txt").status == 200


def test_workers_do_not_survive_their_master(start_server):
    server = start_server(server={"workers": 2},
                          timeouts={"drain_grace": "100ms"})
    server.expect_log("master")
    workers = server.workers()
    server.process.kill()
    server.process.wait()

    wait_for(lambda: not any(map(is_alive, workers)), "the workers to end")
    server.process = None


def test_without_a_master_nobody_is_ready(start_server):
    """What is kept open may ask on, and must not be told to send more."""
    server = start_server(server={"workers": 1, "health": "yes"},
                          timeouts={"drain_grace": "10s"})
    server.expect_log("the master is gone")
    workers = server.workers()
    with server.connect() as conn:
        assert conn.request("GET", "/readyz").status == 200
        server.process.kill()
        server.process.wait()
        server.wait_log("the master is gone")
        answer = conn.request("GET", "/readyz")
    assert answer.status == 503 and answer.closes
    wait_for(lambda: not any(map(is_alive, workers)), "the worker's end")
    server.process = None


def test_a_reload_after_a_crash(start_server):
    server = start_server(server={"workers": 2})
    server.expect_log("worker")
    kill_worker(server, server.workers()[0])
    old = set(server.workers())
    server.send_signal(signal.SIGHUP)

    wait_for(lambda: len(server.workers()) == 2
             and not old & set(server.workers()), "a new generation", 20)
    assert server.request("GET", "/hello.txt").status == 200


def make_wait(server, kills=5):
    """Kills young workers of one slot until its next one has to wait."""
    for _ in range(kills):
        victim = max(server.workers())  # the youngest
        kill_worker(server, victim)
    return max(server.workers())


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: proc_status(pid, "State")[0] == "T", "it stands still")


def test_a_sibling_serves_the_queue_of_the_dead(start_server):
    """What waited for the dead, in a pause before its successor starts."""
    server = start_server(server={"workers": 2})
    server.expect_log("worker")
    victim = make_wait(server)
    sibling, = set(server.workers()) - {victim}
    stop(victim)
    stop(sibling)
    conns = [server.connect() for _ in range(60)]
    for conn in conns:
        conn.send(head("GET", "/hello.txt"))

    os.kill(victim, signal.SIGKILL)
    begin = time.monotonic()
    os.kill(sibling, signal.SIGCONT)
    for conn in conns:
        assert conn.response().body == b"hello, world\n"

    assert time.monotonic() - begin < 1, "a successor's turn, not a sibling's"
    assert server.workers() == [sibling]
    for conn in [server.connect() for _ in range(20)]:
        assert conn.request("GET", "/hello.txt").status == 200
    wait_for(lambda: len(server.workers()) == 2, "a successor", 20)
    for conn in [server.connect() for _ in range(20)]:
        assert conn.request("GET", "/hello.txt").status == 200


def test_the_sibling_that_serves_for_two_dies_too(start_server):
    """A third takes both queues over; then all are back and let go."""
    server = start_server(server={"workers": 3})
    server.expect_log("worker")
    victim = make_wait(server)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(server.workers()) == 2, "its end")
    rest = server.workers()
    for pid in rest:
        stop(pid)
    conns = [server.connect() for _ in range(60)]
    for conn in conns:
        conn.send(head("GET", "/hello.txt"))
    os.kill(rest[0], signal.SIGKILL)
    begin = time.monotonic()
    os.kill(rest[1], signal.SIGCONT)

    for conn in conns:
        assert conn.response().body == b"hello, world\n"
    assert time.monotonic() - begin < 1, "a successor's turn"
    wait_for(lambda: len(server.workers()) == 3, "all back", 20)
    for conn in [server.connect() for _ in range(30)]:
        assert conn.request("GET", "/hello.txt").status == 200


def test_a_successor_after_a_failed_reload_has_every_address(start_server):
    """The reload wanted another address, and did not come about."""
    server = start_server(listen={"address": ["127.0.0.1:0", "[::1]:0"]})
    server.expect_log("worker", "cannot listen", "reload failed")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server.configure(listen={"address": [
            "127.0.0.1:0", f"127.0.0.1:{taken.getsockname()[1]}"]})
        server.send_signal(signal.SIGHUP)
        server.wait_log("reload failed")

    kill_worker(server, server.workers()[0])

    for address in server.addresses:
        with server.connect(address) as conn:
            assert conn.request("GET", "/hello.txt").status == 200
