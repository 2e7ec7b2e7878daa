# SPDX-License-Identifier: BSD-2-Clause
"""HAProxy in front, with what man tined.ini shows of it."""

import shutil
import socket
import subprocess

import pytest
from client import Connection, cases, head
from server import wait_for
from test_proxies import counts

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(HAPROXY is None, reason="needs haproxy")

TEMPLATE = """
global
    log stderr local0 emerg
defaults
    mode {mode}
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    {options}
frontend web
    bind fd@{fd}
    default_backend tined
backend tined
    {backend}
    server one {host}:{port} {server}
"""


@pytest.fixture(name="start_haproxy")
def fixture_start_haproxy(scratch):
    """Starts HAProxy before a server; returns its address."""
    running = []

    def start(server, mode, how, options="", backend=""):
        sock = socket.create_server(("127.0.0.2", 0))
        conf = scratch / "haproxy.cfg"
        conf.write_text(TEMPLATE.format(
            mode=mode, options=options, backend=backend, fd=sock.fileno(),
            host=server.address[0], port=server.port, server=how))
        running.append((subprocess.Popen(
            [HAPROXY, "-db", "-f", conf], pass_fds=[sock.fileno()],
            cwd=scratch, stdin=subprocess.DEVNULL,
            stdout=open(scratch / "haproxy.log", "wb"),
            stderr=subprocess.STDOUT), sock))
        return sock.getsockname()

    yield start
    for process, sock in running:
        process.terminate()
        process.wait(10)
        sock.close()


def connect_from(address, source):
    sock = socket.create_connection(address, source_address=(source, 0))
    conn = Connection.__new__(Connection)
    conn.sock, conn.unread = sock, b""
    sock.settimeout(10)
    return conn


# How HAProxy connects, its mode, and what the server has to be told.
@cases(
    "mode, how, options, proxy_protocol",
    ("version 1", "tcp", "send-proxy", "", "require"),
    ("version 2", "tcp", "send-proxy-v2", "", "require"),
    ("version 2 with a checksum and more", "tcp",
     "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority", "",
     "require"),
    ("version 2 before HTTP", "http", "send-proxy-v2", "", "require"),
    ("X-Forwarded-For", "http", "", "option forwardfor", "off"),
)
def test_the_client_is_whom_haproxy_names(
        start_server, start_haproxy, mode, how, options, proxy_protocol):
    server = start_server(
        server={"trusted_proxies": "127.0.0.1"},
        listen={"proxy_protocol": proxy_protocol},
        access_log={"format": "%a %{c}a %s"},
        **{"match:*": {"allow": "127.0.0.3"}})
    address = start_haproxy(server, mode, how, options)
    for source, status in (("127.0.0.3", 200), ("127.0.0.4", 403)):
        with connect_from(address, source) as conn:
            assert conn.request("GET", "/hello.txt").status == status
            # One that the client brings itself is not believed.
            conn.send(head("GET", "/hello.txt",
                           "X-Forwarded-For: 127.0.0.3") * 2)
            assert [conn.response().status
                    for _ in range(2)] == [status] * 2
    assert server.access_lines(6) == (["127.0.0.3 127.0.0.1 200"] * 3
                                      + ["127.0.0.4 127.0.0.1 403"] * 3)


@cases("how", ("version 1", "send-proxy"), ("version 2", "send-proxy-v2"))
def test_its_health_checks_are_answered(start_server, start_haproxy, scratch,
                                        how):
    server = start_server(
        server={"trusted_proxies": "127.0.0.1"},
        listen={"proxy_protocol": "require"},
        access_log={"format": "%a %U %s"},
        admin={"address": f"unix:{scratch}/admin"})
    start_haproxy(server, "tcp", f"{how} check check-send-proxy inter 50ms",
                  backend="option httpchk GET /hello.txt")
    wait_for(lambda: "127.0.0.1 /hello.txt 200" in server.access_lines(1),
             "a check")
    assert set(counts(server).values()) == {0}
