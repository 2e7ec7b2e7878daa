# SPDX-License-Identifier: BSD-2-Clause
"""SIGHUP: a new generation takes over, and nobody is lost."""

import os
import re
import signal
import threading
import time

from client import Load, head
from server import is_alive, open_files, wait_for


def reload(server, workers):
    """Sends SIGHUP; waits until only that many new workers are left."""
    old = set(server.workers())
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: len(server.workers()) == workers
             and not old & set(server.workers()),
             "a new generation alone", 20)


def begin_reload(server, workers):
    """Sends SIGHUP; waits until the new workers are there."""
    old = set(server.workers())
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: len(set(server.workers()) - old) == workers,
             "a new generation")
    return old


def test_a_reload_changes_what_is_served(start_server):
    server = start_server()
    assert b"home" in server.request("GET", "/").body
    server.configure(site={"index": "hello.txt"})

    reload(server, 1)

    assert server.request("GET", "/").body == b"hello, world\n"
    assert is_alive(server.pid)


def test_a_reload_changes_the_root(start_server, scratch):
    server = start_server()
    (scratch / "other").mkdir()
    (scratch / "other/hello.txt").write_bytes(b"other\n")
    server.configure(site={"root": scratch / "other"})

    reload(server, 1)

    assert server.request("GET", "/hello.txt").body == b"other\n"


def test_reloads_under_load_lose_nothing(start_server):
    server = start_server(server={"workers": 2}, limits={"requests": 50},
                          timeouts={"drain_grace": "2s"})
    with Load(server.address) as load:
        for _ in range(8):
            before = load.answered
            reload(server, 2)
            wait_for(lambda b=before: load.answered > b + 100, "traffic")

    assert load.failures == []


def test_more_and_fewer_workers_under_load_lose_nothing(start_server):
    server = start_server(server={"workers": 1},
                          timeouts={"drain_grace": "2s"})
    with Load(server.address) as load:
        for workers in (3, 1, 2, 4, 2):
            before = load.answered
            server.configure(server={"workers": workers})
            reload(server, workers)
            wait_for(lambda b=before: load.answered > b + 100, "traffic")

    assert load.failures == []


def test_nobody_is_answered_by_the_old_after_the_new(start_server, scratch):
    """A client that asks on fresh connections never goes back in time."""
    server = start_server(server={"workers": 2,
                                  "pid_file": scratch / "pid"})
    stop, failures = threading.Event(), []

    def client():
        seen = 0
        while not stop.is_set():
            now = int(server.request("GET", "/").body)
            if now not in (seen, seen + 1):
                failures.append((seen, now))
            seen = now

    for turn in range(10):
        (server.root / f"{turn}.txt").write_text(str(turn))
    server.configure(site={"index": "0.txt"})
    reload(server, 2)
    threads = [threading.Thread(target=client) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(1, 10):
        server.configure(site={"index": f"{turn}.txt"})
        done = server.command("-c", server.ini, "-s", "reload")
        assert done.returncode == 0, done
        assert int(server.request("GET", "/").body) == turn
    stop.set()
    for thread in threads:
        thread.join()

    assert failures == []


def test_an_old_worker_that_stands_still_is_not_waited_for(
        start_server, scratch):
    server = start_server(server={"workers": 2,
                                  "pid_file": scratch / "pid"},
                          timeouts={"drain": "1s"})
    server.expect_log("killed", "does not leave in time")
    victim = server.workers()[0]
    os.kill(victim, signal.SIGSTOP)
    server.configure(site={"index": "hello.txt"})
    done = server.command("-c", server.ini, "-s", "reload")

    assert done.returncode == 0, done
    for conn in [server.connect() for _ in range(20)]:
        assert conn.request("GET", "/").body == b"hello, world\n"
    wait_for(lambda: victim not in server.workers(), "its end", 20)


def test_mistakes_keep_the_old_generation(start_server):
    server = start_server(server={"workers": 2})
    server.expect_log(r"tined\.ini:\d+: ", "reload", "old")
    before = server.workers()
    good = server.ini.read_text()
    server.ini.write_text(good + "[server]\nworkres = 2\n"
                          "[error_log]\nlevel = loud\n"
                          "[limits]\nfields = many\n")
    server.send_signal(signal.SIGHUP)

    server.wait_log(r"tined\.ini:\d+: ", 3)
    assert server.request("GET", "/hello.txt").status == 200
    assert server.workers() == before
    server.ini.write_text(good)
    reload(server, 2)
    assert server.request("GET", "/hello.txt").status == 200


def test_a_missing_root_keeps_the_old_generation(start_server):
    server = start_server()
    server.expect_log(r"tined\.ini:\d+: ", "reload", "old")
    before = server.workers()
    server.configure(site={"root": server.root / "nowhere"})
    server.send_signal(signal.SIGHUP)

    server.wait_log(r"tined\.ini:\d+: .*nowhere")
    assert server.request("GET", "/hello.txt").status == 200
    assert server.workers() == before


def test_a_missing_file_keeps_the_old_generation(start_server):
    server = start_server()
    server.expect_log(r"tined\.ini", "reload", "old")
    before = server.workers()
    server.ini.unlink()
    server.send_signal(signal.SIGHUP)

    server.wait_log(re.escape("tined.ini") + ".*No such file")
    assert server.request("GET", "/hello.txt").status == 200
    assert server.workers() == before


def test_kept_connections_are_told_to_close(start_server):
    server = start_server(timeouts={"drain_grace": "10s"})
    conn = server.connect()
    assert not conn.request("GET", "/hello.txt").closes
    begin_reload(server, 1)

    wait_for(lambda: conn_closes(conn, server), "Connection: close")


def conn_closes(conn, server):
    """Asks once more; a worker says close as soon as it drains."""
    response = conn.request("GET", "/hello.txt")
    assert response.status == 200
    if not response.closes:
        return False
    assert conn.rest() == b""
    assert server.request("GET", "/hello.txt").status == 200
    return True


def test_idle_connections_end_with_the_grace(start_server):
    server = start_server(listen={"defer_accept": "no"},
                          timeouts={"drain_grace": "200ms"})
    conn = server.connect()
    assert conn.request("GET", "/hello.txt").status == 200
    fresh = server.connect()
    wait_for(lambda: open_files(server.workers()[0]) >= 2, "connections")

    server.send_signal(signal.SIGHUP)

    assert conn.rest() == b""
    assert fresh.rest() == b""


def test_a_request_on_its_way_is_answered(start_server):
    server = start_server()
    conn = server.connect()
    conn.send(b"GET /hello.txt HTTP/1.1\r\n")
    assert server.request("GET", "/hello.txt").status == 200
    old = begin_reload(server, 1)
    conn.send(b"Host: a\r\n\r\n")

    assert conn.response().body == b"hello, world\n"
    conn.close()
    wait_for(lambda: not old & set(server.workers()), "the old to leave")


def test_a_download_survives_reloads(start_server):
    server = start_server()
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    length = int(conn.response_head()["Content-Length"])
    old = set(begin_reload(server, 1))
    assert old & set(server.workers())

    got = len(conn.take(len(conn.unread)))
    while got < length:
        assert conn.receive()
        got += len(conn.take(len(conn.unread)))
    conn.close()
    wait_for(lambda: not old & set(server.workers()), "the old to leave")


def test_many_reloads_leave_nothing_behind(start_server):
    server = start_server(server={"workers": 2})
    reload(server, 2)
    before = open_files(server.pid)
    for _ in range(5):
        reload(server, 2)

    assert open_files(server.pid) == before
    assert server.request("GET", "/hello.txt").status == 200


def test_generations_do_not_pile_up(start_server):
    """Each reload finds somebody who reads slowly; none outlives the drain."""
    server = start_server(timeouts={"drain": "1s", "drain_grace": "500ms",
                                    "send": "60s"})
    server.expect_log("timeouts.drain")
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    generations = []
    for number in range(1, 11):
        conn = server.connect(rcvbuf=16384)
        conn.send(head("GET", "/large.bin"))
        assert conn.response_head().status == 200
        generations.append(set(server.workers()))
        server.send_signal(signal.SIGHUP)
        server.wait_log(f"reloaded, generation {number + 1},")
    seen = set().union(*generations)

    assert len(seen) >= 10
    wait_for(lambda: len(server.workers()) == 1, "the last of the old", 5)
    assert not seen & set(server.workers())
    assert server.request("GET", "/hello.txt").status == 200


def test_an_old_worker_that_is_stuck_is_killed(start_server):
    server = start_server(timeouts={"drain": "500ms", "drain_grace": "0"})
    server.expect_log("does not leave in time")
    stuck, = server.workers()
    os.kill(stuck, signal.SIGSTOP)
    begin = time.monotonic()
    begin_reload(server, 1)

    assert server.request("GET", "/hello.txt").status == 200
    wait_for(lambda: len(server.workers()) == 1, "the stuck one to be killed")
    assert time.monotonic() - begin >= 1.5
    assert server.wait_log(
        rf"worker 0\[{stuck}\] does not leave in time: killed")


def test_two_signals_at_once_are_no_harm(start_server):
    server = start_server(server={"workers": 2})
    old = set(server.workers())
    for _ in range(5):
        server.send_signal(signal.SIGHUP)

    wait_for(lambda: len(server.workers()) == 2
             and not old & set(server.workers()), "a new generation", 20)
    assert server.request("GET", "/hello.txt").status == 200
