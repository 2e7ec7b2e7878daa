# SPDX-License-Identifier: BSD-2-Clause
"""[admin]: the status in all its forms, metrics, health; who may ask."""

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

import prometheus
from client import Connection, cases, head
from server import SOURCE, Orphan, is_alive, wait_for

LOCAL = "127.0.0.1:0"
CSP = re.compile(r"(style|script)-src '(sha256-[^']+)'")


@pytest.fixture(name="admin_server")
def fixture_admin_server(start_server):
    """A server with [admin] on TCP; server.admin is its address."""
    def start(address=LOCAL, admin=None, **sections):
        server = start_server(admin={"address": address, **(admin or {})},
                              **sections)
        server.admin = wait_for_admin(server)
        return server
    return start


def wait_for_admin(server, count=1):
    """The address of [admin] that the log named last."""
    lines = server.wait_log(r"listening on \S+ \(\[admin\]\)", count)
    text = lines[-1].split("listening on ")[1].split()[0]
    if text.startswith("unix:"):
        return text.removeprefix("unix:")
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def ask(server, target, *lines, method="GET", **kwargs):
    with Connection(server.admin) as conn:
        return conn.request(method, target, *lines, **kwargs)


def status(server):
    response = ask(server, "/status.json")
    assert response["Content-Type"] == "application/json"
    return json.loads(response.body)


def metrics(server):
    response = ask(server, "/metrics")
    assert (response["Content-Type"] ==
            "text/plain; version=0.0.4; charset=utf-8")
    return prometheus.parse(response.body.decode())


def settled(server, requests):
    """The totals once that many requests are counted."""
    def totals():
        found = status(server)["totals"]
        return found if found["requests"] >= requests else None
    found = wait_for(totals, f"{requests} requests")
    assert found["requests"] == requests
    return found


@cases(
    "target, content_type, begin",
    ("page", "/", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
    ("text", "/status", "text/plain; charset=utf-8", b"tined "),
    ("JSON", "/status.json", "application/json", b'{"name":"tined"'),
    ("JSON by query", "/status?format=json", "application/json", b"{"),
    ("metrics", "/metrics",
     "text/plain; version=0.0.4; charset=utf-8", b"# HELP tined_"),
    ("alive", "/healthz", "text/plain; charset=utf-8", b"alive\n"),
    ("ready", "/readyz", "text/plain; charset=utf-8", b"ready\n"),
)
def test_every_form_on_unix_and_tcp(admin_server, target, content_type, begin,
                                    scratch):
    server = admin_server([f"unix:{scratch}/admin.sock", LOCAL])
    for address in (f"{scratch}/admin.sock", wait_for_admin(server, 2)):
        server.admin = address
        response = ask(server, target)
        assert response.status == 200
        assert response["Content-Type"] == content_type
        assert response.body.startswith(begin)
        assert response["Cache-Control"] == "no-store"
        assert response["X-Content-Type-Options"] == "nosniff"
        hollow = ask(server, target, method="HEAD")
        assert (hollow.status, hollow.body) == (200, b"")
        assert abs(int(hollow["Content-Length"]) - len(response.body)) < 100


def test_json_and_text_by_accept(admin_server):
    server = admin_server()
    response = ask(server, "/status", "Accept: application/json")
    assert response["Content-Type"] == "application/json"
    response = ask(server, "/status", "Accept: text/html,*/*;q=0.8")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Vary"] == "Accept"


def test_the_page_brings_all_and_may_do_nothing_else(admin_server):
    response = ask(admin_server(), "/")
    html = response.body.decode()
    policy = response["Content-Security-Policy"]
    hashes = dict(CSP.findall(policy))
    for tag in ("style", "script"):
        parts = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert len(parts) == 1
        digest = base64.b64encode(hashlib.sha256(parts[0].encode()).digest())
        assert hashes[tag] == "sha256-" + digest.decode()
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r"<[^>]*\sstyle=", html)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:|//)""", html)
    assert "@import" not in html and "url(http" not in html


@cases(
    "host, want",
    ("localhost", "localhost", 200),
    ("localhost and port", "localhost:1", 200),
    ("IPv4", "127.0.0.1", 200),
    ("IPv6", "[::1]:80", 200),
    ("a name", "evil.example", 421),
    ("a name that ends in localhost", "evil.localhost", 421),
)
def test_names_of_others_are_refused_on_tcp_alone(
        admin_server, scratch, host, want):
    server = admin_server([LOCAL, f"unix:{scratch}/admin.sock"])
    server.admin = server.addresses[1]
    for target in ("/status", "/healthz"):
        assert ask(server, target, host=host).status == want
    server.admin = f"{scratch}/admin.sock"
    assert ask(server, "/status", host=host).status == 200


@cases(
    "method, target",
    ("POST", "POST", "/status"),
    ("DELETE", "DELETE", "/metrics"),
    ("OPTIONS", "OPTIONS", "/"),
    ("OPTIONS of all", "OPTIONS", "*"),
    ("TRACE", "TRACE", "/"),
)
def test_reading_is_all_that_is_allowed(admin_server, method, target):
    response = ask(admin_server(), target, method=method)
    assert response.status == 405
    assert response["Allow"] == "GET, HEAD"


def test_what_is_not_there_is_named(admin_server):
    server = admin_server()
    response = ask(server, "/hello.txt")
    assert response.status == 404
    assert b"/metrics" in response.body
    assert ask(server, "/status?format=xml").status == 404


def test_the_public_has_none_of_it(admin_server):
    server = admin_server()
    for target in ("/status", "/status.json", "/metrics", "/healthz",
                   "/readyz"):
        assert server.request("GET", target).status == 404


def test_a_malformed_request_is_refused_and_not_counted(admin_server):
    server = admin_server()
    with Connection(server.admin) as conn:
        conn.send(b"GET / HTTP/1.1\r\n\r\n")
        assert conn.response().status == 400
        assert conn.rest() == b""
    totals = status(server)["totals"]
    assert totals["refusals"]["missing_host"] == 0
    assert totals["requests"] == 0


def test_counts_agree_with_what_was_done(admin_server):
    server = admin_server()
    with server.connect() as conn:
        assert conn.request("GET", "/hello.txt").status == 200
        assert conn.request("GET", "/hello.txt").status == 200
        assert conn.request("HEAD", "/hello.txt").status == 200
        assert conn.request("GET", "/nix").status == 404
        assert conn.request("GET", "/docs").status == 301
        assert conn.request("DELETE", "/").status == 405
        assert conn.request("GET", "/digits.bin",
                            "Range: bytes=0-9").status == 206
        conn.send(b"GET / HTTP/1.1\r\n\r\n")
        assert conn.response().status == 400

    totals = settled(server, 8)
    answers = totals["answers"]
    assert answers["GET"] == {"1xx": 0, "2xx": 3, "3xx": 1, "4xx": 1,
                              "5xx": 0}
    assert answers["HEAD"]["2xx"] == 1
    assert answers["other"] == {"1xx": 0, "2xx": 0, "3xx": 0, "4xx": 2,
                                "5xx": 0}
    assert totals["accepted"] == 1
    assert totals["codings"]["identity"] == 4
    assert totals["refusals"]["missing_host"] == 1
    assert totals["latency"]["count"] == totals["first_byte"]["count"] == 8
    assert sum(totals["latency"]["buckets"]) == 8
    assert totals["cache"]["hits"] >= 2

    found = metrics(server)
    assert prometheus.total(found, "tined_requests_total") == 8
    assert prometheus.value(found, "tined_requests_total",
                            **{"method": "GET", "class": "2xx"}) == 3
    assert prometheus.value(found, "tined_refusals_total",
                            reason="missing_host") == 1
    assert prometheus.value(
        found, "tined_request_duration_seconds_count") == 8
    assert (prometheus.value(found, "tined_sent_bytes_total")
            == totals["sent_bytes"] > 0)
    text = ask(server, "/status").body.decode()
    assert "Requests      8: 1xx 0, 2xx 4, 3xx 1, 4xx 3, 5xx 0\n" in text
    assert "Refused       1: missing_host 1\n" in text
    lines = server.access_lines(8)
    assert len(lines) == 8 and not any("/status" in line for line in lines)


def test_connections_are_told_by_what_they_wait_for(admin_server):
    server = admin_server()
    fresh, idle, heading, posting = (server.connect() for _ in range(4))
    assert idle.request("GET", "/hello.txt").status == 200
    heading.send(b"GET / HTTP/1.1\r\n")
    posting.send(head("POST", "/", "Content-Length: 9"))
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    reading = server.connect(rcvbuf=16384)
    reading.send(head("GET", "/large.bin"))
    reading.response_head()

    want = {"open": 5, "new": 1, "idle": 1, "head": 1, "body": 1, "send": 1,
            "linger": 0, "verify": 0, "pace": 0, "disk": 0}
    wait_for(lambda: status(server)["totals"]["connections"] == want,
             "five connections, each in its state")
    totals = status(server)["totals"]
    # Only who waits for a request has no buffers; we that ask have two.
    assert totals["lent_buffers"] == 3 * 2 + 2
    assert totals["sendfile_calls"] > 0
    for conn in (fresh, idle, heading, posting, reading):
        conn.close()
    wait_for(lambda: status(server)["totals"]["connections"]["open"] == 0,
             "closed connections")
    assert status(server)["totals"]["aborted"] == 1


def test_nothing_falls_over_reloads_and_killed_workers(admin_server):
    server = admin_server(server={"workers": 2})
    server.expect_log(r"was killed by signal 9")
    before = {}

    def assert_risen(requests):
        found = metrics(server)
        for name, family in found.items():
            if family.type == "gauge":
                continue
            for key, number in family.samples.items():
                assert number >= before.get(key, 0), (name, key)
                before[key] = number
        assert prometheus.total(found, "tined_requests_total") == requests

    for i in range(1, 6):
        assert server.request("GET", "/hello.txt").status == 200
        settled(server, i)
        assert_risen(i)
        if i == 2:
            old = set(server.workers())
            server.send_signal(signal.SIGHUP)
            wait_for(lambda: status(server)["reloads"]["ok"] == 1
                     and not old & set(server.workers()), "a reload")
        elif i % 2 == 1:
            victim = server.workers()[0]
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: not is_alive(victim)
                     and len(server.workers()) == 2, "another worker")
        assert_risen(i)
    found = status(server)
    assert (found["generation"], found["respawns"]) == (2, 3)
    assert prometheus.total(metrics(server),
                            "tined_worker_respawns_total") == 3


def test_processes_say_who_they_are(admin_server):
    server = admin_server(server={"workers": 2})
    begin = int(time.time())
    wait_for(lambda: [p["state"] for p in status(server)["processes"]]
             == ["serving"] * 2, "two workers")
    found = status(server)
    assert found["master"] == server.pid
    assert sorted(p["pid"] for p in found["processes"]) == server.workers()
    assert [p["slot"] for p in found["processes"]] == [0, 1]
    assert [s["slot"] for s in found["slots"]] == [0, 1]
    for process in found["processes"]:
        assert process["generation"] == 1
        assert begin - 20 <= process["started_s"] <= begin + 1
    for _ in range(20):
        assert server.request("GET", "/hello.txt").status == 200
    settled(server, 20)
    requests = [p["requests"] for p in status(server)["processes"]]
    assert sum(requests) == 20


def test_an_old_generation_is_seen_to_drain(admin_server):
    server = admin_server(timeouts={"drain_grace": "0"})
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    conn.response_head()
    server.send_signal(signal.SIGHUP)

    def generations():
        return [(p["generation"], p["state"])
                for p in status(server)["processes"]]
    wait_for(lambda: generations() == [(2, "serving"), (1, "draining")],
             "the old worker beside the new one")
    assert ask(server, "/readyz").status == 200
    conn.close()
    wait_for(lambda: generations() == [(2, "serving")], "its end")


def test_the_last_reload_is_told_in_a_sentence(admin_server):
    server = admin_server()
    assert status(server)["last_change"] is None
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: status(server)["reloads"]["ok"] == 1, "a reload")
    last = status(server)["last_change"]
    assert last["ok"] and last["text"] == "reloaded, generation 2, 1 workers"
    good = server.ini.read_text()
    server.ini.write_text(good.replace("workers", "wrokers"))
    server.expect_log(r"wrokers", r"reload failed")
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: status(server)["reloads"]["failed"] == 1, "a reload")
    last = status(server)["last_change"]
    assert not last["ok"] and "server.wrokers: unknown key" in last["text"]
    assert prometheus.value(metrics(server), "tined_last_change_success") == 0
    assert "failed, " in ask(server, "/status").body.decode()


def test_ready_until_the_stop_and_asked_while_it_lasts(admin_server, scratch):
    server = admin_server([LOCAL, f"unix:{scratch}/admin.sock"])
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    conn.response_head()
    assert ask(server, "/readyz").status == 200
    server.send_signal(signal.SIGTERM)
    for address in (server.addresses[1], f"{scratch}/admin.sock"):
        server.admin = address
        wait_for(lambda: ask(server, "/readyz").status == 503, "not ready")
        response = ask(server, "/readyz")
        assert (response.body, response["Retry-After"]) == (b"stopping\n", "1")
        assert ask(server, "/healthz").status == 200
        assert status(server)["phase"] == "stopping"
    # The public sockets are closed, and the download goes on.
    with pytest.raises(ConnectionRefusedError):
        Connection(server.address)
    assert conn.receive()
    conn.close()
    assert server.wait_end() == 0
    assert not os.path.exists(f"{scratch}/admin.sock")


def test_all_pages_lent_puts_off_and_a_slow_reader_holds_nobody(
        admin_server, scratch):
    server = admin_server(f"unix:{scratch}/admin.sock",
                          server={"workers": 1})
    length = len(ask(server, "/metrics").body)
    # More answers in a row than a socket takes: the last one stays behind.  A
    # buffer holds one of these and a part of the next, however long they get.
    many = head("GET", "/metrics") * (400_000 // length + 200)
    slow = []
    for _ in range(4):
        conn = Connection(server.admin)
        conn.sock.settimeout(None)
        slow.append(conn)
        # It blocks once the server reads no more, which is what we want.
        threading.Thread(target=send_until_reset, args=(conn, many),
                         daemon=True).start()
    response = wait_for(
        lambda: (r := ask(server, "/metrics")).status == 503 and r,
        "no page left")
    assert response["Retry-After"] == "1"
    # What needs no page, and the public, is answered at once.
    assert ask(server, "/readyz").status == 200
    assert server.request("GET", "/hello.txt").status == 200
    for conn in slow:
        conn.close()
    wait_for(lambda: ask(server, "/metrics").status == 200, "a page")


def send_until_reset(conn, data):
    with contextlib.suppress(OSError):
        conn.send(data)


def test_many_scrapers_at_a_time_each_get_a_whole_answer(admin_server):
    server = admin_server(server={"workers": 2})
    bodies, failures = [], []

    def scrape():
        try:
            for _ in range(20):
                response = ask(server, "/metrics")
                bodies.append(response)
        except (OSError, AssertionError) as err:
            failures.append(err)
    threads = [threading.Thread(target=scrape) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert {response.status for response in bodies} <= {200, 503}
    for response in bodies:
        if response.status == 200:
            prometheus.parse(response.body.decode())


def test_the_operator_gets_in_when_the_public_is_full(admin_server):
    server = admin_server(limits={"connections": 2})
    server.expect_log(r"accepting pauses")
    for _ in range(2):
        server.connect().send(b"GET / HTTP/1.1\r\n")
    wait_for(lambda: status(server)["totals"]["connections"]["head"] == 2,
             "a full server")
    server.connect().send(head("GET", "/hello.txt"))
    assert ask(server, "/readyz").status == 200


def test_connections_of_admin_have_a_limit_of_their_own(admin_server):
    server = admin_server(server={"workers": 1},
                          limits={"connections": 5})
    held = [server.connect(server.admin) for _ in range(32)]
    for conn in held:
        assert conn.request("GET", "/healthz").status == 200
    waiting = server.connect(server.admin)
    waiting.send(head("GET", "/healthz"))
    # The public has nothing to do with that.
    assert server.request("GET", "/hello.txt").status == 200
    waiting.sock.settimeout(0.2)
    with pytest.raises(socket.timeout):
        waiting.receive()
    waiting.sock.settimeout(10)
    held[0].close()
    assert waiting.response().status == 200


def test_the_queue_of_a_slot_is_sampled(admin_server):
    server = admin_server(limits={"connections": 1})
    server.expect_log(r"accepting pauses")
    for _ in range(4):
        server.connect().send(b"GET / HTTP/1.1\r\n")
    wait_for(lambda: status(server)["slots"][0]["queue"] == 3,
             "three who wait")
    assert prometheus.value(metrics(server), "tined_accept_queue",
                            slot="0") == 3


def test_admin_comes_goes_and_moves_with_reloads(start_server, scratch):
    server = start_server()
    path = f"{scratch}/admin.sock"

    def reload(address):
        count = server.log().count("reloaded, generation")
        server.configure(admin={"address": address})
        server.send_signal(signal.SIGHUP)
        server.wait_log(r"reloaded, generation", count + 1)

    reload(f"unix:{path}")
    server.admin = wait_for_admin(server)
    assert ask(server, "/readyz").status == 200
    reload([f"unix:{path}", LOCAL])
    tcp = wait_for_admin(server, 2)
    for address in (path, tcp):
        server.admin = address
        assert ask(server, "/readyz").status == 200
    reload(None)
    assert not os.path.exists(path)
    with pytest.raises(ConnectionRefusedError):
        Connection(tcp)
    assert server.request("GET", "/hello.txt").status == 200


def test_an_upgrade_hands_admin_on(admin_server, scratch):
    Orphan.expect()
    pid_file = scratch / "tined.pid"
    server = admin_server([LOCAL, f"unix:{scratch}/admin.sock"],
                          server={"pid_file": pid_file})
    assert server.request("GET", "/hello.txt").status == 200
    settled(server, 1)
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 0, done.stderr
    old = server.follow(int(pid_file.read_text()))
    for address in (server.addresses[1], f"{scratch}/admin.sock"):
        server.admin = address
        assert ask(server, "/readyz").status == 200
    found = status(server)
    assert found["upgrades"] == {"ok": 1, "failed": 0}
    assert found["totals"]["requests"] == 1
    assert found["master"] == server.pid
    assert old.wait(20) == 0


def test_the_mode_of_the_socket(admin_server, scratch):
    path = f"{scratch}/admin.sock"
    server = admin_server(f"unix:{path}")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    server.configure(admin={"mode": "0660"})
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: stat.S_IMODE(os.stat(path).st_mode) == 0o660,
             "another mode")


@cases(
    "address",
    ("every IPv4 address", "*:9000"),
    ("another address", "192.0.2.1:9000"),
    ("every IPv6 address", "[::]:9000"),
)
def test_an_address_that_others_reach_is_refused(make_server, address):
    server = make_server(admin={"address": address})
    line = server.ini.read_text().splitlines().index(f"address = {address}")
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 1
    assert (f'{server.ini}:{line + 1}: admin.address: "{address}": other '
            "machines can reach it; name unix:PATH or a port of 127.0.0.1, "
            "or set admin.public = yes\n" in result.stderr)
    server.configure(admin={"public": "yes"})
    assert server.command("-t", "-c", server.ini).returncode == 0


def test_one_process_has_a_status_too(make_server):
    server = make_server(admin={"address": LOCAL})
    server.start("-X", "-c", server.ini)
    server.admin = wait_for_admin(server)
    assert server.request("GET", "/hello.txt").status == 200
    found = status(server)
    assert found["master"] == found["processes"][0]["pid"] == server.pid
    assert found["totals"]["requests"] == 1
    assert ask(server, "/readyz").status == 200


def test_probes_on_every_site_when_they_are_asked_for(admin_server):
    server = admin_server(server={"health": "yes"})
    for target, body in (("/healthz", b"alive\n"), ("/readyz", b"ready\n")):
        for host in ("localhost", "www.example.com"):
            with server.connect() as conn:
                response = conn.request("GET", target, host=host)
                assert (response.status, response.body) == (200, body)
                assert conn.request("HEAD", target).status == 200
                assert conn.request("POST", target).status == 405
    for target in ("/status", "/metrics"):
        assert server.request("GET", target).status == 404
    totals = settled(server, 6)
    assert totals["answers"]["GET"]["2xx"] == 0
    assert not any("GET /healthz" in line for line in server.access_lines(6))


def test_a_probe_among_pipelined_requests(admin_server):
    server = admin_server(server={"health": "yes"})
    with server.connect() as conn:
        conn.send(head("GET", "/hello.txt") + head("GET", "/readyz")
                  + head("GET", "/hello.txt"))
        bodies = [conn.response().body for _ in range(3)]
    assert bodies == [b"hello, world\n", b"ready\n", b"hello, world\n"]
    settled(server, 2)


def test_the_manual_names_every_metric(admin_server):
    manual = (SOURCE / "man/tined.8").read_text()
    named = {name for line in re.findall(r"^\.It Ic (tined_.*)$", manual, re.M)
             for name in line.split(" , ")}
    found = set(metrics(admin_server()))
    # A sanitized build does not count the heap.
    heap = {"tined_worker_heap_calls", "tined_worker_heap_bytes"}
    assert found | heap == named


def test_promtool_finds_nothing_to_say(admin_server):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    server = admin_server(server={"workers": 2})
    assert server.request("GET", "/hello.txt").status == 200
    done = subprocess.run(
        ["promtool", "check", "metrics"], capture_output=True, text=True,
        input=ask(server, "/metrics").body.decode(), timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
