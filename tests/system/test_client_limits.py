# SPDX-License-Identifier: BSD-2-Clause
"""Limits for clients, over all workers: requests, connections, and who is who."""

import json
import os
import signal
import socket
import time

import pytest
from client import Connection, cases, head
from server import Orphan, children, proc_status, wait_for

WORKERS = 4
PROXIED = {"address": "127.0.0.1:0", "proxy_protocol": "require"}
TRUSTING = {"workers": WORKERS, "trusted_proxies": "127.0.0.1"}
# A second of pause that no test of a burst can last into.
SLOW = {"client_rate": "1/m"}


def admin_of(scratch):
    return {"address": f"unix:{scratch}/admin.sock"}


def totals(server):
    path = server.sections["admin"]["address"].removeprefix("unix:")
    with Connection(path) as conn:
        return json.loads(conn.request("GET", "/status.json").body)["totals"]


def proxied(source):
    """The header of a proxy that names this client."""
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {source} 1 2\r\n".encode()


def get(server, source=None, target="/hello.txt", fields=()):
    """One request, of the client that a proxy names."""
    with Connection(server.address) as conn:
        if source is not None:
            conn.send(proxied(source))
        return conn.request("GET", target, *fields)


def statuses(server, n, *args, **kwargs):
    return [get(server, *args, **kwargs).status for _ in range(n)]


@pytest.fixture(name="limited")
def fixture_limited(start_server, scratch):
    """Starts a server with limits that believes a proxy."""
    def start(limits, **sections):
        return start_server(
            **{"server": TRUSTING, "listen": PROXIED, "limits": limits,
               "admin": admin_of(scratch), **sections})
    return start


def settle(server, n):
    """Waits until the server has n connections open."""
    wait_for(lambda: totals(server)["connections"]["open"] == n,
             f"{n} open connections")


def reload(server):
    n = server.log().count("reloaded, generation")
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation", n + 1)


def kill_workers(server):
    """Kills all, and waits until others are there."""
    before = server.workers()
    server.expect_log("signal 9", "cannot accept for worker")
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(set(server.workers()) - set(before)) == WORKERS,
             "other workers")


def held(server, source=None):
    """A connection that is open and idle at the server."""
    conn = server.connect()
    if source is not None:
        conn.send(proxied(source))
    assert conn.request("GET", "/hello.txt").status == 200
    return conn


def is_closed(conn):
    conn.sock.setblocking(False)
    try:
        return conn.sock.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    finally:
        conn.sock.settimeout(10)


# Requests.

def test_a_burst_is_exact_over_all_workers(limited):
    server = limited({**SLOW, "client_burst": 25})
    assert sorted(statuses(server, 40, "192.0.2.1")) == [200] * 25 + [429] * 15
    assert get(server, "192.0.2.2").status == 200
    assert totals(server)["refusals"]["client_rate"] == 15


def test_retry_after_is_true(limited):
    server = limited({"client_rate": "30/m", "client_burst": 1})
    assert get(server, "192.0.2.1").status == 200
    response = get(server, "192.0.2.1")
    assert response.status == 429
    assert response["Retry-After"] == "2"
    deadline = time.monotonic() + int(response["Retry-After"])
    while time.monotonic() < deadline:
        time.sleep(deadline - time.monotonic())
    assert get(server, "192.0.2.1").status == 200


def test_a_kept_connection_is_kept(limited):
    server = limited({**SLOW, "client_burst": 2})
    conn = held(server, "192.0.2.1")
    assert conn.request("GET", "/").status == 200
    response = conn.request("GET", "/")
    assert response.status == 429 and not response.closes
    conn.send(head("HEAD", "/") + head("OPTIONS", "*") + head("PUT", "/"))
    assert [conn.response(method).status
            for method in ("HEAD", "OPTIONS", "PUT")] == [429] * 3


@cases(
    "one, other, same",
    ("4291 a /64 is one client", "2001:db8:1:2::1", "2001:db8:1:2:ff::9", True),
    ("4291 its neighbour is another", "2001:db8:1:2::1", "2001:db8:1:3::1",
     False),
    ("4291 a mapped address is of IPv4", "192.0.2.1", "::ffff:192.0.2.1", True),
    ("two addresses of IPv4", "192.0.2.1", "192.0.2.3", False))
def test_who_is_one_client(limited, one, other, same):
    server = limited({**SLOW, "client_burst": 1})
    assert get(server, one).status == 200
    assert get(server, other).status == (429 if same else 200)


def test_who_is_exempt(limited):
    server = limited({**SLOW, "client_burst": 1, "client_connections": 2,
                      "client_exempt": ["10.0.0.0/8", "2001:db8::/32"]})
    for source in ("10.1.2.3", "2001:db8::7"):
        conns = [held(server, source) for _ in range(5)]
        assert conns[0].request("GET", "/").status == 200
    conn = held(server, "11.0.0.1")
    assert conn.request("GET", "/").status == 429
    # The proxy speaks for many.
    with Connection(server.address) as conn:
        conn.send(b"PROXY UNKNOWN\r\n")
        assert [conn.request("GET", "/").status for _ in range(5)] == [200] * 5


def test_whom_a_field_names_is_the_client(start_server):
    server = start_server(server=TRUSTING,
                          limits={**SLOW, "client_burst": 2})
    for source in ("192.0.2.1", "192.0.2.2"):
        fields = [f"X-Forwarded-For: {source}"]
        assert statuses(server, 3, fields=fields) == [200, 200, 429]
    assert statuses(server, 5) == [200] * 5


def test_a_dry_run_refuses_nobody(limited):
    server = limited({**SLOW, "client_burst": 1, "client_connections": 1,
                      "total_connections": 2, "dry_run": "yes"})
    conns = [held(server, "192.0.2.1") for _ in range(3)]
    assert not any(is_closed(conn) for conn in conns)
    # Two requests, two connections of one client, one of all.
    assert totals(server)["limits"]["dry_runs"] == 5
    assert sum(totals(server)["refusals"].values()) == 0
    server.wait_log("limits.dry_run: would have refused client_rate from 192.0.2.1: ")
    server.wait_log("would have refused client_connections from 192.0.2.1: ", 2)
    server.wait_log("would have refused total_connections from 127.0.0.1: ")


def test_the_log_says_who_and_what_helps_and_is_rationed(limited):
    server = limited({**SLOW, "client_burst": 1})
    statuses(server, 3, "192.0.2.1")
    line = server.wait_log("refused client_rate from 192.0.2.1: ")[0]
    assert "limits.client_rate" in line and "limits.client_exempt" in line
    conn = server.connect()
    conn.send(proxied("192.0.2.1") + head() * 200)
    assert [conn.response().status for _ in range(200)] == [429] * 200
    server.wait_log("more lines like these .*: clients over a limit")


def test_a_page_and_the_access_log_of_a_site(limited, scratch):
    (scratch / "root" / "slow.html").write_text("slowly, please\n")
    server = limited(
        {**SLOW, "client_burst": 1}, error_pages={"429": "/slow.html"},
        access_log={"format": "%a %s %{verdict}x"},
        **{"match:/*": {"set": "X-Set: yes", "errors": "yes"}})
    statuses(server, 1, "192.0.2.1")
    response = get(server, "192.0.2.1")
    assert response.status == 429 and response.body == b"slowly, please\n"
    assert response["Retry-After"] == "60" and response["X-Set"] == "yes"
    assert sorted(server.access_lines(2)) == [
        "192.0.2.1 200 ok", "192.0.2.1 429 client_rate"]


def test_what_health_checks_ask_is_not_counted(limited):
    server = limited({**SLOW, "client_burst": 1},
                     server={**TRUSTING, "health": "yes"})
    assert statuses(server, 5, "192.0.2.1", "/healthz") == [200] * 5
    assert get(server, "192.0.2.1").status == 200


def test_a_section_has_a_limit_of_its_own(limited):
    server = limited(
        {**SLOW, "client_burst": 10},
        **{"match:/docs/*": {**SLOW, "client_burst": 2},
           "match:*.html": {**SLOW, "client_burst": 3}})
    one, two, other = "/docs/page.html", "/index.html", "/hello.txt"
    assert statuses(server, 3, "192.0.2.1", one) == [200, 200, 429]
    server.wait_log("more requests than match.client_rate of .match:/docs/")
    # What the first section refused counts for none behind it.
    assert statuses(server, 2, "192.0.2.1", two) == [200, 429]
    assert statuses(server, 6, "192.0.2.1", other) == [200] * 5 + [429]
    assert get(server, "192.0.2.2", one).status == 200
    assert totals(server)["refusals"]["match_rate"] == 2


def test_a_section_counts_for_the_file_that_is_found(limited, scratch):
    (scratch / "root" / "login.html").write_text("who are you?\n")
    server = limited({}, **{"match:/login.html": {**SLOW, "client_burst": 2},
                            "site": {"try": "$uri $uri.html"}})
    paths = ["/login.html", "/login", "/login", "/hello.txt"]
    assert [get(server, "192.0.2.1", path).status for path in paths] == [
        200, 200, 429, 200]
    # For one who may not have it yet it counts as well, before the hash is made.
    response = get(server, "192.0.2.1", "/login.html")
    assert response.status == 429 and int(response["Retry-After"]) > 50


def test_a_password_is_one_request(limited, scratch):
    (scratch / "users").write_text(
        "alice:$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/"
        "jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/\n")
    server = limited(
        {**SLOW, "client_burst": 2},
        **{"auth:members": {"htpasswd": scratch / "users"},
           "match:/*": {"auth": "members"}})
    fields = ["Authorization: Basic YWxpY2U6d3Jvbmc="]
    assert statuses(server, 3, "192.0.2.1", fields=fields) == [401, 401, 429]


# What outlives what.

def test_a_reload_keeps_what_was_asked_for_and_takes_new_limits(limited):
    server = limited({**SLOW, "client_burst": 3})
    assert statuses(server, 4, "192.0.2.1") == [200, 200, 200, 429]
    reload(server)
    assert get(server, "192.0.2.1").status == 429
    # A minute each was asked for: a faster limit forgives that.
    server.configure(limits={"client_rate": "1000/s", "client_burst": 5})
    reload(server)
    wait_for(lambda: get(server, "192.0.2.1").status == 200, "a request")
    server.configure(limits={"client_rate": "off"})
    reload(server)
    assert statuses(server, 20, "192.0.2.1") == [200] * 20


def upgrade(server, scratch):
    """Another program takes over; returns when it serves alone."""
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 0, done
    server.follow(int((scratch / "pid").read_text())).wait()


def test_an_upgrade_hands_on_who_asked_for_what(limited, scratch):
    Orphan.expect()
    server = limited({**SLOW, "client_burst": 2, "client_connections": 2},
                     server={**TRUSTING, "pid_file": scratch / "pid"},
                     timeouts={"drain": "1s", "drain_grace": 0})
    assert statuses(server, 3, "192.0.2.1") == [200, 200, 429]
    upgrade(server, scratch)
    assert get(server, "192.0.2.1").status == 429
    assert statuses(server, 3, "192.0.2.2") == [200, 200, 429]
    # A table of another size is another table.
    server.configure(limits={"clients": 1000})
    upgrade(server, scratch)
    server.wait_log("the limits for clients begin anew: ")
    assert statuses(server, 3, "192.0.2.1") == [200, 200, 429]


def test_another_number_of_clients_needs_a_restart(limited):
    server = limited({**SLOW, "client_burst": 1})
    server.configure(limits={"clients": 100})
    server.expect_log("limits.clients")
    reload(server)
    server.wait_log("limits.clients.*restart")
    assert statuses(server, 2, "192.0.2.1") == [200, 429]


def test_what_was_asked_for_outlives_a_worker(limited):
    server = limited({**SLOW, "client_burst": 1})
    assert get(server, "192.0.2.1").status == 200
    kill_workers(server)
    assert get(server, "192.0.2.1").status == 429


# Connections.

def test_a_client_has_so_many_connections_over_all_workers(limited):
    server = limited({"client_connections": 6})
    conns = [held(server, "192.0.2.1") for _ in range(6)]
    for _ in range(4):
        response = get(server, "192.0.2.1")
        assert response.status == 503 and response.closes
        assert response["Retry-After"] == "1"
    assert get(server, "192.0.2.2").status == 200
    assert totals(server)["refusals"]["client_connections"] == 4
    line = server.wait_log("refused client_connections from 192.0.2.1: ")[0]
    assert "limits.client_connections" in line
    conns.pop().close()
    wait_for(lambda: get(server, "192.0.2.1").status == 200, "room for one")


def test_what_a_worker_had_open_is_given_back_when_it_dies(limited):
    server = limited({"client_connections": 8})
    conns = [held(server, "192.0.2.1") for _ in range(8)]
    assert get(server, "192.0.2.1").status == 503
    kill_workers(server)
    assert all(is_closed(conn) for conn in conns)
    conns = [held(server, "192.0.2.1") for _ in range(8)]
    assert get(server, "192.0.2.1").status == 503


def test_a_reload_keeps_count_of_what_drains(limited):
    server = limited({"client_connections": 4},
                     timeouts={"drain_grace": "10s"})
    conns = [held(server, "192.0.2.1") for _ in range(4)]
    reload(server)
    assert get(server, "192.0.2.1").status == 503
    conns[0].close()
    wait_for(lambda: get(server, "192.0.2.1").status == 200, "room for one")


def test_a_connection_without_a_proxy_is_its_peers(start_server, scratch):
    server = start_server(server={"workers": WORKERS},
                          limits={"client_connections": 2},
                          admin=admin_of(scratch))
    conns = [held(server), held(server)]
    response = get(server)
    assert response.status == 503 and response.closes
    assert b"503" in response.body
    # Who says nothing is told as well.
    with Connection(server.address) as conn:
        assert conn.response().status == 503
    # Those of [admin] are not counted: this is one.
    settle(server, 2)
    conns[0].close()
    settle(server, 1)
    assert get(server).status == 200


def test_over_the_total_the_longest_idle_one_is_shed(start_server, scratch):
    server = start_server(server={"workers": 1},
                          limits={"total_connections": 3},
                          admin=admin_of(scratch))
    conns = [held(server) for _ in range(3)]
    assert conns[0].request("GET", "/hello.txt").status == 200
    conns.append(held(server))
    assert [is_closed(conn) for conn in conns] == [False, True, False, False]
    assert totals(server)["limits"]["connections_shed"] == 1


def busy(server):
    """A connection that is in the middle of a request."""
    conn = server.connect()
    conn.send(b"GET / HTTP/1.1\r\nHost: ")
    return conn


def test_another_workers_idle_connection_makes_room(start_server, scratch):
    server = start_server(server={"workers": 2},
                          limits={"total_connections": 8},
                          admin=admin_of(scratch))

    def opens():
        """Of each worker."""
        path = server.sections["admin"]["address"].removeprefix("unix:")
        with Connection(path) as conn:
            status = json.loads(conn.request("GET", "/status.json").body)
        return [process["connections"]["open"]
                for process in status["processes"]]
    idle = [held(server) for _ in range(8)]
    assert sum(opens()) == 8
    # Whichever worker takes them: one has none of its own left at some time.
    fresh = [busy(server) for _ in range(8)]
    wait_for(lambda: all(is_closed(conn) for conn in idle), "idle ones closed")
    settle(server, 8)
    assert not any(is_closed(conn) for conn in fresh)
    assert totals(server)["limits"]["connections_shed"] == 8
    # Now nobody idles.
    for _ in range(3):
        response = get(server)
        assert response.status == 503 and response.closes
        assert response["Retry-After"] == "1"
    server.wait_log("refused total_connections from .*limits.total_connections")
    assert totals(server)["refusals"]["total_connections"] == 3
    fresh[0].close()
    wait_for(lambda: get(server).status == 200, "room for one")


def test_limits_touch_no_heap_and_lose_nothing(limited):
    server = limited({"client_rate": "50/s", "client_burst": 2, "clients": 64,
                      "client_connections": 1, "total_connections": 5})
    for i in range(300):
        get(server, f"192.0.{i % 97}.{i % 7}", fields=["Connection: close"])
    held(server, "192.0.2.1")
    assert get(server, "192.0.2.1").status == 503
    status = totals(server)
    assert status["limits"]["clients_untracked"] == 0
    if "heap" in status:
        assert status["heap"]["calls"] == 0
    for pid in server.workers():
        assert proc_status(pid, "State")[0] != "Z"
    assert children(server.pid)


def test_alone_it_keeps_limits_too(make_server):
    server = make_server(limits={**SLOW, "client_burst": 3,
                                 "client_connections": 2})
    server.start("-X", "-c", server.ini)
    conns = [held(server) for _ in range(2)]
    assert get(server).status == 503
    assert conns[0].request("GET", "/").status == 200
    assert conns[0].request("GET", "/").status == 429


# The configuration.

@cases(
    "key, value, said",
    ("a number alone", "client_rate", "20",
     "not a rate, as in 20/s, 100/m or 5/h; allowed: off, 1/h to 1000000/s"),
    ("another unit", "client_rate", "20/d", "not a rate"),
    ("too fast", "client_rate", "1000001/s", "out of range"),
    ("none", "client_rate", "0/s", "out of range"),
    ("a negative one", "client_rate", "-1/s", "not a rate"),
    ("too large for 64 bits", "client_rate", "99999999999999999/s",
     "out of range"),
    ("no burst", "client_burst", "0", "out of range"),
    ("bits behind a prefix", "client_exempt", "10.0.0.1/8",
     "bits are set behind the first 8; write 10.0.0.0/8"),
    ("no block", "client_exempt", "friends", "friends"),
    ("too many connections", "client_connections", "65001", "out of range"),
    ("too few clients", "clients", "63", "out of range"),
    ("neither yes nor no", "dry_run", "perhaps", "neither yes nor no"))
def test_mistakes_are_told(make_server, key, value, said):
    server = make_server(limits={key: value})
    done = server.command("-t", "-c", server.ini)
    line = [text for text in server.ini.read_text().splitlines()].index(
        f"{key} = {value}") + 1
    assert done.returncode == 1
    assert f"{server.ini}:{line}: limits.{key}: " in done.stderr
    assert said in done.stderr


def test_values_are_shown_in_their_shortest_form(make_server):
    server = make_server(limits={"client_rate": "120/m"},
                         **{"match:/x": {"client_rate": "90/m"}})
    output = server.command("-T", "-c", server.ini).stdout
    assert "client_rate = 2/s" in output and "client_rate = 90/m" in output


def test_explain_says_which_limits_count(make_server):
    server = make_server(
        limits={"client_rate": "20/s", "client_exempt": "10.0.0.0/8"},
        **{"match:*.txt": {"client_rate": "5/m"}})

    def explain(*args):
        return server.command("explain", "-c", server.ini, *args,
                              "/hello.txt").stdout
    output = explain("-a", "192.0.2.1")
    assert "limits.client_rate = 20/s, 40 at once (" in output
    assert "match.client_rate = 5/m, 5 at once (" in output
    assert "exempt" not in output and "200 OK" in output
    assert "exempt " in explain("-a", "10.0.0.1")
    assert "exempt " in explain("-a", "unix:")
