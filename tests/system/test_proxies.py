# SPDX-License-Identifier: BSD-2-Clause
"""Whose a request is: trusted proxies, X-Forwarded-For, the PROXY protocol."""

import json
import os
import re
import signal
import socket
import struct

import pytest
from client import Connection, cases, head
from server import Orphan, children, open_files, wait_for

V2 = b"\r\n\r\n\0\r\nQUIT\n"
OFF = {"address": "127.0.0.1:0"}
REQUIRE = {**OFF, "proxy_protocol": "require"}
TRUSTING = {"trusted_proxies": "127.0.0.1 10.0.0.0/8 unix:"}
SAYING = {"format": "%a %h %{c}a %s"}


def v1(source="192.0.2.7", protocol="TCP4"):
    return (f"PROXY {protocol} {source} {source} 12345 80\r\n").encode()


def v2(source="192.0.2.7", command=0x21, tlvs=b""):
    """A header for an address, None for one without."""
    if source is None:
        family, block = 0, b""
    elif ":" in source:
        family = 0x21
        block = socket.inet_pton(socket.AF_INET6, source) * 2
    else:
        family, block = 0x11, socket.inet_aton(source) * 2
    if block:
        block += struct.pack("!HH", 12345, 80)
    block += tlvs
    return V2 + struct.pack("!BBH", command, family, len(block)) + block


def clients_of(server, n=1):
    """The words of the last n lines of the access log."""
    return [line.split() for line in server.access_lines(n)][-n:]


def totals(server):
    path = server.sections["admin"]["address"].removeprefix("unix:")
    with Connection(path) as conn:
        return json.loads(conn.request("GET", "/status.json").body)["totals"]


def counts(server):
    return totals(server)["proxies"]


def is_closed(conn):
    """True when the server ended the connection without a word."""
    try:
        return conn.rest() == b""
    except ConnectionResetError:
        return conn.unread == b""


@pytest.fixture(name="proxied")
def fixture_proxied(start_server, scratch):
    """A server that only proxies connect to, and a socket of [admin]."""
    return start_server(server=TRUSTING, listen=REQUIRE, access_log=SAYING,
                        admin={"address": f"unix:{scratch}/admin"})


# X-Forwarded-For: lines, who it is then, and how many could not be read.
@cases(
    "lines, client",
    ("none", [], "127.0.0.1"),
    ("one", ["192.0.2.7"], "192.0.2.7"),
    ("IPv6", ["2001:DB8:0::7"], "2001:db8::7"),
    ("IPv4-mapped", ["::ffff:192.0.2.7"], "192.0.2.7"),
    ("a port", ["192.0.2.7:5678"], "192.0.2.7"),
    ("brackets and a port", ["[2001:db8::7]:80"], "2001:db8::7"),
    ("brackets", ["[2001:db8::7]"], "2001:db8::7"),
    ("forged before", ["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
    ("forged as a trusted one", ["10.0.0.1, 192.0.2.7"], "192.0.2.7"),
    ("behind another trusted proxy", ["6.6.6.6, 192.0.2.7, 10.0.0.1"],
     "192.0.2.7"),
    ("all of them trusted", ["10.0.0.9, 10.0.0.1"], "10.0.0.9"),
    ("on several lines", ["6.6.6.6", "192.0.2.7", "10.0.0.1"], "192.0.2.7"),
    ("empty elements", [",, 192.0.2.7 , ,", ""], "192.0.2.7"),
    ("a quote that never ends", ['"6.6.6.6, 192.0.2.7'], "192.0.2.7"),
    ("many commas", ["," * 8000, "192.0.2.7" + "," * 4000], "192.0.2.7"),
    ("many lines", ["10.0.0.1"] * 80 + ["192.0.2.7"], "192.0.2.7"),
    ("many proxies", ["10.0.0.2"] + ["10.0.0.1"] * 80, "10.0.0.1"),
)
def test_x_forwarded_for_is_read_from_its_end(start_server, lines, client):
    server = start_server(server=TRUSTING, access_log=SAYING)
    with server.connect() as conn:
        conn.request("GET", "/empty.txt",
                     *(f"X-Forwarded-For: {line}" for line in lines))
    assert clients_of(server) == [[client, client, "127.0.0.1", "200"]]


@cases(
    "last",
    ("unknown", "unknown"), ("obfuscated", "_hidden"), ("a word", "x" * 8000),
    ("a zone", "fe80::1%eth0"), ("an escape", "1.2.3.4\\\"\\x1b"),
    ("two in one", "192.0.2.7 192.0.2.8"), ("a bad port", "192.0.2.7:99999"),
    ("no port", "192.0.2.7:"), ("a name", "localhost"),
    ("Forwarded", "for=192.0.2.7"), ("zeros", "192.0.2.007"),
)
def test_what_cannot_be_read_is_the_proxys_own_and_counted(
        start_server, scratch, last):
    server = start_server(server=TRUSTING, access_log=SAYING,
                          admin={"address": f"unix:{scratch}/admin"})
    with server.connect() as conn:
        conn.request("GET", "/empty.txt", f"X-Forwarded-For: 1.1.1.1, {last}")
        conn.request("GET", "/empty.txt",
                     f"X-Forwarded-For: {last}, 192.0.2.7")
    assert [line[0] for line in clients_of(server, 2)] == [
        "127.0.0.1", "192.0.2.7"]
    assert counts(server) == {
        "untrusted": 0, "refused": 0, "unknown_clients": 1}


@cases(
    "settings",
    ("nobody is trusted", {}),
    ("somebody else is trusted", {"trusted_proxies": "10.0.0.0/8 unix:"}),
    ("the field is not to be read", {"trusted_proxies": "127.0.0.1",
                                     "client_address": "peer"}),
)
def test_who_is_not_trusted_cannot_be_somebody_else(start_server, settings):
    server = start_server(server=settings, access_log=SAYING, **{
        "match:/hello.txt": {"allow": "192.0.2.7"}})
    with server.connect() as conn:
        assert conn.request("GET", "/hello.txt",
                            "X-Forwarded-For: 192.0.2.7",
                            "Forwarded: for=192.0.2.7",
                            "X-Real-IP: 192.0.2.7").status == 403
    assert clients_of(server)[0][0] == "127.0.0.1"


def test_a_refused_request_is_logged_as_the_proxys(start_server):
    server = start_server(server=TRUSTING, access_log=SAYING,
                          error_log={"level": "info"})
    with server.connect() as conn:
        conn.request("GET", "/empty.txt", "X-Forwarded-For: 192.0.2.7")
        conn.send(head("GET", "/", "X-Forwarded-For: 192.0.2.7", "X : y"))
        assert conn.response().status == 400
    assert clients_of(server, 2)[1][0] == "127.0.0.1"
    server.wait_log(r"refused space_before_colon from 127\.0\.0\.1: ")


def test_a_path_that_is_refused_is_logged_as_the_clients(start_server):
    server = start_server(server=TRUSTING, error_log={"level": "info"})
    with server.connect() as conn:
        conn.request("GET", "/a%2fb", "X-Forwarded-For: 192.0.2.7")
    server.wait_log(r"refused bad_path from 192\.0\.2\.7: ")


# Headers of the PROXY protocol, and who it is then.
HEADERS = cases(
    "header, client",
    ("v1", v1(), "192.0.2.7"),
    ("v1 IPv6", v1("2001:db8::7", "TCP6"), "2001:db8::7"),
    ("v1 unknown", b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    ("v1 unknown, long", b"PROXY UNKNOWN 1 2 3 4\r\n", "127.0.0.1"),
    ("v2", v2(), "192.0.2.7"),
    ("v2 IPv6", v2("2001:db8::7"), "2001:db8::7"),
    ("v2 local", v2(None, 0x20), "127.0.0.1"),
    ("v2 local with addresses", v2("192.0.2.7", 0x20), "127.0.0.1"),
    ("v2 unspecified", v2(None), "127.0.0.1"),
    ("v2 TLVs", v2(tlvs=b"\x04\x0f\x00" + bytes(0xf00)), "192.0.2.7"),
    ("v2 unix", V2 + b"\x21\x31\x00\xd8" + bytes(216), "unix:"),
)


@HEADERS
def test_a_header_says_whose_the_connection_is(proxied, header, client):
    """In one segment with requests, and byte by byte."""
    with proxied.connect() as conn:
        conn.send(header + head("GET", "/hello.txt") + head("GET", "/"))
        assert [conn.response().status for _ in range(2)] == [200, 200]
        assert conn.request("GET", "/empty.txt").status == 200
    with proxied.connect() as conn:
        conn.send_bytewise(header + head("GET", "/empty.txt"))
        assert conn.response().status == 200
    assert clients_of(proxied, 4) == [[client, client, "127.0.0.1", "200"]] * 4
    assert set(counts(proxied).values()) == {0}


@HEADERS
def test_a_header_may_come_long_before_its_request(proxied, header, client):
    def waits():
        now = totals(proxied)
        return now["accepted"] == 1 and now["connections"]["new"] == 1
    with proxied.connect() as conn:
        conn.send(header)
        wait_for(waits, "the header")
        conn.send(head("GET", "/empty.txt"))
        assert conn.response().status == 200
    assert clients_of(proxied)[0][0] == client


@cases(
    "sent, said",
    ("a request", head(), "no header of the PROXY protocol"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01", "no header"),
    ("a bad version 1", b"PROXY TCP4 x y 1 2\r\n" + head(), "bad address"),
    ("a long version 1", b"PROXY UNKNOWN " + b"x" * 200, "longer than 107"),
    ("a bare LF", b"PROXY UNKNOWN\n" + head(), "CR LF"),
    ("a bad version 2", V2 + b"\x31\x11\0\0" + head(), "neither LOCAL"),
    ("a long version 2", V2 + b"\x21\x11\xff\xff", "longer than 4096"),
    ("a short version 2", V2 + b"\x21\x21\0\x0c" + bytes(12), "shorter"),
    ("a wrong checksum", v2(tlvs=b"\x03\0\x04" + bytes(4)), "checksum"),
    ("in lower case", v1().lower(), "no header"),
    ("bytes for a terminal", b"\x1b[31m", "no header"),
)
def test_what_is_no_header_ends_the_connection(proxied, sent, said):
    with proxied.connect() as conn:
        conn.send(sent)
        assert is_closed(conn)
    line = proxied.wait_log("PROXY protocol: ")[0]
    assert said in line and "from 127.0.0.1: " in line and "\x1b" not in line
    assert counts(proxied) == {
        "untrusted": 0, "refused": 1, "unknown_clients": 0}
    with proxied.connect() as conn:
        conn.send(v1() + head("GET", "/empty.txt"))
        assert conn.response().status == 200


def test_a_second_header_is_no_request(proxied):
    with proxied.connect() as conn:
        conn.send(v1() + v1("6.6.6.6") + head())
        assert conn.response().status == 400
    with proxied.connect() as conn:
        conn.send(v1() + head("GET", "/empty.txt"))
        assert conn.response().status == 200
        conn.send(v1("6.6.6.6") + head("GET", "/empty.txt"))
        assert conn.response().status == 400
    assert {line[0] for line in clients_of(proxied, 3)} == {"192.0.2.7"}


@cases("sent", ("nothing", b""), ("a part", b"PROXY TCP"),
       ("a part of version 2", V2))
def test_a_header_that_is_late_ends_the_connection(
        start_server, scratch, sent):
    server = start_server(
        server=TRUSTING, listen={**REQUIRE, "defer_accept": "no"},
        timeouts={"first_byte": "100ms", "head": "100ms"},
        admin={"address": f"unix:{scratch}/admin"})
    with server.connect() as conn:
        conn.send(sent)
        assert is_closed(conn)
    assert counts(server)["refused"] == (1 if sent else 0)
    if sent:
        server.wait_log("PROXY protocol: not in time")


def test_a_client_that_leaves_within_its_header_is_no_news(proxied):
    with proxied.connect() as conn:
        conn.send(v1()[:10])
        conn.half_close()
        assert is_closed(conn)
    with proxied.connect():
        pass
    assert set(counts(proxied).values()) == {0}


def test_who_is_no_trusted_proxy_is_not_let_in(start_server, scratch):
    server = start_server(
        server={"trusted_proxies": "10.0.0.0/8"}, listen=REQUIRE,
        admin={"address": f"unix:{scratch}/admin"})
    for _ in range(3):
        with server.connect() as conn:
            try:
                conn.send(v1() + head())
            except OSError:
                pass
            assert is_closed(conn)
    assert counts(server) == {
        "untrusted": 3, "refused": 0, "unknown_clients": 0}
    server.wait_log(r"closed a connection from 127\.0\.0\.1: it is none of "
                    r"server\.trusted_proxies", 3)
    assert open_files(server.workers()[0]) < 40


def test_a_log_is_not_filled_by_strangers(start_server):
    server = start_server(server={"trusted_proxies": "10.0.0.0/8"},
                          listen={**REQUIRE, "defer_accept": "no"})
    for _ in range(50):
        with server.connect() as conn:
            assert is_closed(conn)
    server.wait_log("more lines like these .* without their proxy")
    assert len(server.wait_log("closed a connection")) < 50


def test_a_unix_socket_of_a_proxy(make_server, scratch):
    server = make_server(server=TRUSTING, access_log=SAYING, listen={
        **REQUIRE, "address": f"unix:{scratch}/sock"}).start()
    with server.connect() as conn:
        conn.send(v2() + head("GET", "/empty.txt"))
        assert conn.response().status == 200
    assert clients_of(server) == [["192.0.2.7", "192.0.2.7", "unix:", "200"]]


def test_both_ways_together(proxied):
    """A trusted address of the header may speak for another by a field."""
    with proxied.connect() as conn:
        conn.send(v1("10.0.0.9") + head(
            "GET", "/empty.txt", "X-Forwarded-For: 6.6.6.6, 192.0.2.8"))
        assert conn.response().status == 200
        conn.request("GET", "/empty.txt", "X-Forwarded-For: 192.0.2.9")
        conn.request("GET", "/empty.txt")
    with proxied.connect() as conn:
        conn.send(v1("192.0.2.7") + head(
            "GET", "/empty.txt", "X-Forwarded-For: 10.0.0.1"))
        assert conn.response().status == 200
    assert [line[0] for line in clients_of(proxied, 4)] == [
        "192.0.2.8", "192.0.2.9", "10.0.0.9", "192.0.2.7"]


def test_nothing_of_it_touches_the_heap(start_server, scratch):
    server = start_server(
        server=TRUSTING, listen=REQUIRE, access_log=SAYING,
        admin={"address": f"unix:{scratch}/admin"},
        **{"match:*": {"allow": "10.0.0.0/8 192.0.2.7"}})
    sent = [v1(), v2(), v1("10.0.0.1"), b"PROXY UNKNOWN\r\n", b"PROXY x\r\n",
            V2 + b"\x31\x11\0\0", b"GET"]
    for header in sent * 20:
        with server.connect() as conn:
            conn.send(header + head(
                "GET", "/hello.txt", "X-Forwarded-For: 1.1.1.1, unknown"))
            assert conn.sock.recv(1 << 16) or header in sent[4:]
    # Not every build can count.
    assert totals(server).get("heap", {"calls": 0})["calls"] == 0


def test_access_is_by_the_address_of_the_header(start_server):
    server = start_server(server=TRUSTING, listen=REQUIRE,
                          **{"match:*": {"allow": "192.0.2.0/24"}})
    for source, status in (("192.0.2.7", 200), ("192.0.3.7", 403)):
        for header in (v1, v2):
            with server.connect() as conn:
                conn.send(header(source) + head("GET", "/hello.txt"))
                assert conn.response().status == status


def test_each_listen_has_its_own_setting(make_server):
    server = make_server(server={**TRUSTING, "workers": 2}, listen=None, **{
        "listen:plain": OFF, "listen:proxied": REQUIRE,
        "listen:other": {**REQUIRE, "accept": "shared"}}).start()
    plain, proxied, other = server.addresses
    for _ in range(8):
        with server.connect(plain) as conn:
            assert conn.request("GET", "/hello.txt").status == 200
        for address in (proxied, other):
            with server.connect(address) as conn:
                conn.send(v1() + head("GET", "/hello.txt"))
                assert conn.response().status == 200
    with server.connect(plain) as conn:
        conn.send(v1() + head())
        assert conn.response().status == 400


def test_a_reload_changes_the_setting(start_server):
    server = start_server(server=TRUSTING, listen=REQUIRE)
    with server.connect() as kept:
        kept.send(v1() + head("GET", "/hello.txt"))
        assert kept.response().status == 200
        server.configure(listen={"proxy_protocol": "off"})
        server.send_signal(signal.SIGHUP)
        server.wait_log("reloaded, generation 2")
        with server.connect() as conn:
            assert conn.request("GET", "/hello.txt").status == 200
        # The connection that was proxied stays so until it ends.
        assert kept.request("GET", "/hello.txt").status == 200
    server.configure(listen={"proxy_protocol": "require"})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 3")
    with server.connect() as conn:
        conn.send(head())
        assert is_closed(conn)


def test_a_reload_that_fails_changes_nothing(start_server):
    server = start_server(server={**TRUSTING, "workers": 2}, listen=REQUIRE)
    server.expect_log("cannot listen on 192.0.2.1:80", "reload failed",
                      "worker")
    server.configure(listen={"proxy_protocol": "off"}, **{
        "listen:none": {"address": "192.0.2.1:80"}})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reload failed")
    worker = server.workers()[0]
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: len(server.workers()) == 2
             and worker not in server.workers(), "another worker")
    for _ in range(8):
        with server.connect() as conn:
            conn.send(v1() + head("GET", "/hello.txt"))
            assert conn.response().status == 200


def test_the_sockets_of_a_dead_worker_keep_their_setting(make_server):
    """A sibling accepts from them while there is no successor."""
    server = make_server(server={**TRUSTING, "workers": 2}, listen=None, **{
        "listen:plain": OFF, "listen:proxied": REQUIRE})
    server.expect_log("worker")
    server.start()
    for _ in range(4):
        for pid in server.workers()[:1]:
            os.kill(pid, signal.SIGKILL)
        for address in server.addresses * 4:
            with server.connect(address) as conn:
                conn.send((v1() if address == server.addresses[1] else b"")
                          + head("GET", "/hello.txt"))
                assert conn.response().status == 200
        wait_for(lambda: len(server.workers()) == 2, "two workers")


def test_another_program_goes_on_with_it(start_server):
    Orphan.expect()
    server = start_server(server=TRUSTING, listen={**REQUIRE})
    server.send_signal(signal.SIGUSR2)
    old = server.pid
    server.wait_log("tined .* started: ", 2)
    pid = int(re.findall(r"started: process (\d+)", server.log())[-1])
    assert pid != old
    server.follow(pid)
    wait_for(lambda: children(pid), "workers")
    with server.connect() as conn:
        conn.send(v1() + head("GET", "/hello.txt"))
        assert conn.response().status == 200
    with server.connect() as conn:
        conn.send(head())
        assert is_closed(conn)


def test_without_a_master(make_server):
    server = make_server(server=TRUSTING, listen=REQUIRE, access_log=SAYING)
    server.start("-X", "-c", server.ini)
    with server.connect() as conn:
        conn.send(v2() + head("GET", "/hello.txt"))
        assert conn.response().status == 200
    assert clients_of(server)[0][0] == "192.0.2.7"


def test_the_status_is_for_who_connects_to_it(start_server, scratch):
    """[admin] neither wants a header nor believes a field."""
    server = start_server(
        server={"trusted_proxies": "unix:"}, listen=REQUIRE,
        admin={"address": f"unix:{scratch}/admin"})
    assert counts(server)["refused"] == 0


def test_no_credentials_are_logged_where_a_header_is_missing(start_server):
    server = start_server(listen={"proxy_protocol": "require"},
                          server={"trusted_proxies": "127.0.0.1"})
    server.expect_log("closed a connection")
    with server.connect() as conn:
        conn.send(b"GET / HTTP/1.1\r\nHost: a\r\n"
                  b"authorization : Basic c2VjcmV0\r\n\r\n")
        assert conn.rest() == b""
    server.wait_log(r"closed a connection from 127\.0\.0\.1: PROXY protocol")
    assert "c2Vj" not in server.log()
