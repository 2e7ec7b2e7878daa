# SPDX-License-Identifier: BSD-2-Clause
"""tined healthcheck: what it asks, what it says, how it ends."""

import signal
import socket
import threading
import time

import pytest

from client import cases, head
from server import wait_for


def healthcheck(server):
    return server.command("healthcheck", "-c", server.ini)


def free_port():
    """A port that nobody has at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture(name="answering")
def fixture_answering(scratch):
    """Listens where [admin] should be, and says what it is told to."""
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(f"{scratch}/admin.sock")
    sock.listen()
    sock.settimeout(10)

    def answer(data):
        def run():
            conn, _ = sock.accept()
            with conn:
                if data is None:
                    time.sleep(4)
                else:
                    conn.recv(4096)
                    conn.sendall(data)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    yield answer
    sock.close()


@pytest.mark.parametrize("kind", ["unix", "tcp", "wildcard"])
def test_a_ready_server_by_its_admin_address(make_server, scratch, kind):
    address = {"unix": f"unix:{scratch}/admin.sock",
               "tcp": f"127.0.0.1:{free_port()}",
               "wildcard": f"*:{free_port()}"}[kind]
    server = make_server(admin={"address": address, "public": "yes"}).start()
    wait_for(lambda: "([admin])" in server.log(), "the address of [admin]")
    result = healthcheck(server)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith(": ready\n")


def test_a_ready_server_by_its_public_address(make_server):
    server = make_server(server={"health": "yes"},
                         listen={"address": f"127.0.0.1:{free_port()}"})
    server.start()
    result = healthcheck(server)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"127.0.0.1:{server.port}: ready\n"


def test_an_address_that_needs_a_proxy_is_passed_over(make_server):
    port = free_port()
    server = make_server(
        server={"health": "yes", "trusted_proxies": "127.0.0.1"}, listen=None,
        **{"listen:proxied": {"address": "127.0.0.1:0",
                              "proxy_protocol": "require"},
           "listen:plain": {"address": f"127.0.0.1:{port}"}})
    server.start()
    assert healthcheck(server).stdout == f"127.0.0.1:{port}: ready\n"
    server.configure(**{"listen:plain": None})
    result = healthcheck(server)
    assert result.returncode == 2
    assert "an address that needs no proxy" in result.stderr


def test_a_server_that_stops_is_not_ready(make_server, scratch):
    server = make_server(
        admin={"address": f"unix:{scratch}/admin.sock"}).start()
    conn = server.connect()
    conn.send(b"GET / HTTP/1.1\r\n")
    assert server.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGTERM)
    result = wait_for(lambda: (r := healthcheck(server)).returncode and r,
                      "another answer")
    assert result.returncode == 1
    assert (f"tined: healthcheck: unix:{scratch}/admin.sock: not ready: "
            "stopping\n" == result.stderr)
    conn.send(b"Host: a\r\n\r\n")
    assert conn.response().closes
    assert server.wait_end() == 0


def test_nobody_there(make_server, scratch):
    server = make_server(admin={"address": f"unix:{scratch}/admin.sock"})
    result = healthcheck(server)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "No such file or directory" in result.stderr


def test_somebody_who_says_nothing(make_server, scratch, answering):
    answering(None)
    server = make_server(admin={"address": f"unix:{scratch}/admin.sock"})
    begin = time.monotonic()
    result = healthcheck(server)
    assert result.returncode == 1
    assert "no answer within two seconds" in result.stderr
    assert 1.5 < time.monotonic() - begin < 3.9


@cases(
    "answer, says",
    ("another server", b"HTTP/1.1 404 Not Found\r\n\r\nx",
     "HTTP/1.1 404 Not Found\n"),
    ("503 without an end", b"HTTP/1.1 503 X\r\n", "HTTP/1.1 503 X\n"),
    ("no HTTP", b"SSH-2.0-OpenSSH\r\n", "SSH-2.0-OpenSSH\n"),
    ("a terminal's sequence", b"\x1b[2J\r\n", r"\x1B[2J"),
    ("nothing", b"", "\n"),
    ("too much", b"HTTP/1.1 500 No\r\n" + b"x" * 100_000,
     "HTTP/1.1 500 No\n"),
)
def test_somebody_else_is_there(make_server, scratch, answering, answer, says):
    thread = answering(answer)
    server = make_server(admin={"address": f"unix:{scratch}/admin.sock"})
    result = healthcheck(server)
    thread.join()
    assert result.returncode == 1
    assert ("does not say whether it is ready, but: " + says
            in result.stderr)


@cases(
    "sections, says",
    ("nowhere to ask", {}, "set admin.address, or server.health = yes"),
    ("any port", {"admin": {"address": "127.0.0.1:0"}}, "port 0"),
    ("any public port", {"server": {"health": "yes"}}, "port 0"),
    ("a mistake", {"server": {"workers": "x"}}, "server.workers"),
)
def test_trouble_with_the_configuration_is_another_status(
        make_server, sections, says):
    server = make_server(**sections)
    result = healthcheck(server)
    assert result.returncode == 2
    assert says in result.stderr


@cases(
    "args",
    ("an option of the server", ("-d",)),
    ("another command", ("-s", "stop")),
    ("a test", ("-t",)),
    ("two words", ("x",)),
)
def test_it_takes_no_other_option(make_server, args):
    server = make_server()
    result = server.command("healthcheck", "-c", server.ini, *args)
    assert result.returncode == 2
    assert "usage:" in result.stderr


def test_the_log_and_the_counts_know_nothing_of_it(make_server):
    server = make_server(server={"health": "yes"},
                         listen={"address": f"127.0.0.1:{free_port()}"})
    server.start()
    assert healthcheck(server).returncode == 0
    with server.connect() as conn:
        conn.send(head("GET", "/hello.txt"))
        assert conn.response().status == 200
    assert len(server.access_lines(1)) == 1
