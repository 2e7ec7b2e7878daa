# SPDX-License-Identifier: BSD-2-Clause
"""The processes: how many, what they are called, what they hold."""

import os
import re
import signal
from pathlib import Path

import pytest

from client import Load, head
from server import open_files, proc_status, wait_for


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_there_are_as_many_workers_as_configured(start_server, workers):
    server = start_server(server={"workers": workers})

    wait_for(lambda: len(server.workers()) == workers, f"{workers} workers")
    assert server.request("GET", "/hello.txt").status == 200


def test_auto_is_at_most_one_for_each_usable_core(start_server):
    server = start_server(server={"workers": "auto"})

    assert 1 <= len(server.workers()) <= len(os.sched_getaffinity(0))


def test_auto_respects_the_affinity(make_server):
    server = make_server(server={"workers": "auto"})
    core = min(os.sched_getaffinity(0))
    server.start(preexec_fn=lambda: os.sched_setaffinity(0, {core}))

    wait_for(lambda: len(server.workers()) == 1, "one worker")


def cores_of(server):
    return [os.sched_getaffinity(pid) for pid in server.workers()]


def reload_pin(server, pin):
    """Reloads with another server.pin; the cores of the new workers."""
    old = set(server.workers())
    server.configure(server={"pin": pin})
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: len(server.workers()) == len(old)
             and not old & set(server.workers()), "new workers", 20)
    return cores_of(server)


def test_workers_run_anywhere_unless_they_are_pinned(start_server):
    server = start_server(server={"workers": 2})
    assert cores_of(server) == 2 * [os.sched_getaffinity(0)]


def test_pinned_workers_take_the_usable_cores_in_turn(start_server):
    """And a reload pins, moves and frees them."""
    cores = sorted(os.sched_getaffinity(0))
    server = start_server(server={"workers": len(cores) + 1, "pin": "auto"},
                          timeouts={"drain_grace": "0"})

    assert cores_of(server) == [{core} for core in [*cores, cores[0]]]
    assert os.sched_getaffinity(server.pid) == set(cores)
    last = cores[-1]
    assert reload_pin(server, f"{last} {last}-{last}") == [
        {last}] * (len(cores) + 1)
    assert reload_pin(server, "off") == [set(cores)] * (len(cores) + 1)
    assert server.request("GET", "/hello.txt").status == 200


def test_a_successor_is_pinned_to_the_same_core(start_server):
    last = max(os.sched_getaffinity(0))
    server = start_server(server={"pin": last})
    server.expect_log("was killed")
    victim, = server.workers()
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: server.workers() not in ([], [victim]), "a successor")

    wait_for(lambda: cores_of(server) == [{last}], "its core")


def test_one_process_alone_is_pinned_too(make_server):
    last = max(os.sched_getaffinity(0))
    server = make_server(server={"pin": last})
    server.start("-X", "-c", server.ini)

    assert server.request("GET", "/hello.txt").status == 200
    assert os.sched_getaffinity(server.pid) == {last}


def test_pins_keep_to_the_cores_that_the_start_may_use(make_server):
    """As in a cpuset, or under taskset."""
    last = max(os.sched_getaffinity(0))
    server = make_server(server={"workers": 2, "pin": "auto"})
    server.start(preexec_fn=lambda: os.sched_setaffinity(0, {last}))

    assert cores_of(server) == [{last}, {last}]


def test_a_core_that_cannot_be_used_is_an_error(start_server, make_server):
    usable = os.sched_getaffinity(0)
    server = make_server(server={"pin": f"{min(usable)} 8000-8191"})
    said = server.command("-t", "-c", server.ini).stderr
    assert re.search(r'tined\.ini:\d+: server\.pin: "8000-8191": core 8000 '
                     r"cannot be used; usable here: \d", said)

    good = start_server()
    good.expect_log("server.pin", "reload failed")
    good.configure(server={"pin": "7999"})
    good.send_signal(signal.SIGHUP)
    good.wait_log("reload failed")
    assert good.request("GET", "/hello.txt").status == 200


def test_processes_say_what_they_are(start_server):
    server = start_server(server={"workers": 2})

    def titles():
        text = ""
        for pid in (server.pid, *server.workers()):
            for name in ("comm", "cmdline"):
                text += Path(f"/proc/{pid}/{name}").read_text() + "\n"
        return text

    assert server.request("GET", "/hello.txt").status == 200
    assert "worker 0" in titles()
    assert "worker 1" in titles()


def test_connections_spread_over_the_workers(start_server):
    server = start_server(server={"workers": 2})
    assert server.request("GET", "/hello.txt").status == 200
    before = {pid: open_files(pid) for pid in server.workers()}
    for _ in range(64):
        server.connect().request("GET", "/hello.txt")

    for pid in server.workers():
        assert open_files(pid) > before[pid] + 8


def test_descriptors_return_to_their_idle_count(start_server):
    server = start_server(server={"workers": 2}, limits={"requests": 20})
    pids = server.workers()
    before = [open_files(pid) for pid in pids]
    with Load(server.address) as load:
        wait_for(lambda: load.answered > 1000, "traffic")
    assert load.failures == []

    wait_for(lambda: [open_files(pid) for pid in pids] == before,
             "the count from before")
    assert server.workers() == pids


def test_memory_does_not_grow_with_requests(start_server):
    server = start_server(limits={"requests": 0})
    pid, = server.workers()

    def ask(count):
        with server.connect() as conn:
            for _ in range(count):
                conn.send(head("GET", "/hello.txt") * 16)
                for _ in range(16):
                    assert conn.response().status == 200

    def resident_kib():
        return int(proc_status(pid, "VmRSS")[0])

    ask(30)
    before = resident_kib()
    ask(30)
    ask(30)
    assert resident_kib() - before < 2048


def test_workers_share_a_unix_socket(start_server, scratch):
    path = scratch / "tined.sock"
    server = start_server(server={"workers": 2},
                          listen={"address": f"unix:{path}"})

    for _ in range(20):
        with server.connect() as conn:
            assert conn.request("GET", "/hello.txt").status == 200


def test_a_worker_holds_no_more_than_it_needs(start_server):
    server = start_server(server={"workers": 4})
    assert server.request("GET", "/hello.txt").status == 200

    for pid in server.workers():
        assert open_files(pid) < 32


def test_the_master_never_touches_a_client(start_server):
    """All of the master's sockets listen or lead to its workers."""
    server = start_server(server={"workers": 2})
    before = open_files(server.pid)
    conns = [server.connect() for _ in range(32)]
    for conn in conns:
        assert conn.request("GET", "/hello.txt").status == 200

    assert open_files(server.pid) == before


def test_a_shared_queue_waits_for_no_busy_worker(start_server):
    """One worker stands still: the others take all that comes."""
    server = start_server(server={"workers": 3}, listen={"accept": "shared"})
    victim = server.workers()[0]
    os.kill(victim, signal.SIGSTOP)
    try:
        for conn in [server.connect() for _ in range(60)]:
            assert conn.request("GET", "/hello.txt").status == 200
    finally:
        os.kill(victim, signal.SIGCONT)


def test_a_shared_queue_survives_reloads(start_server):
    server = start_server(server={"workers": 2}, listen={"accept": "shared"})
    server.expect_log("listen.accept changed: that needs a restart")
    with Load(server.address) as load:
        for workers, accept in ((3, "shared"), (1, "spread"), (2, "shared")):
            old = set(server.workers())
            server.configure(server={"workers": workers},
                             listen={"accept": accept})
            server.send_signal(signal.SIGHUP)
            wait_for(lambda n=workers, o=old: len(server.workers()) == n
                     and not o & set(server.workers()), "new workers", 20)

    assert load.failures == []
    assert len(server.wait_log("listen.accept changed")) == 1
