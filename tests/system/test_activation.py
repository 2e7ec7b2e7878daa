# SPDX-License-Identifier: BSD-2-Clause
"""Sockets that a service manager opened (LISTEN_FDS, sd_listen_fds(3))."""

import os
import socket

import pytest
from server import Orphan

LAUNCHER = """#!/bin/sh
LISTEN_PID=$$ LISTEN_FDS={n} LISTEN_FDNAMES=web
export LISTEN_PID LISTEN_FDS LISTEN_FDNAMES
exec {binary} "$@"
"""


class Manager:
    """Holds sockets, as systemd does, and starts servers on them."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.sockets = []

    def listen(self, address, family=socket.AF_INET, kind=socket.SOCK_STREAM,
               listening=True):
        sock = socket.socket(family, kind)
        sock.bind(address)
        if listening and kind == socket.SOCK_STREAM:
            sock.listen(64)
        self.sockets.append(sock)
        return sock.getsockname()

    def prepare(self, server):
        """The server's program becomes a launcher that sets variables."""
        launcher = self.scratch / "launcher"
        launcher.write_text(LAUNCHER.format(
            n=len(self.sockets), binary=server.binary))
        launcher.chmod(0o755)
        server.binary = launcher

    def pass_sockets(self):
        """For preexec_fn: the sockets become descriptors 3 and up."""
        copies = [os.dup(sock.fileno()) for sock in self.sockets]
        spare = [os.dup2(fd, 100 + i) for i, fd in enumerate(copies)]
        for i, fd in enumerate(spare):
            os.dup2(fd, 3 + i, inheritable=True)

    def start(self, server, ports=None):
        self.prepare(server)
        # Popen closes what is not named, but not before preexec_fn.
        return server.start("-c", server.ini, ports=ports,
                            preexec_fn=self.pass_sockets,
                            pass_fds=range(3, 3 + len(self.sockets)))


@pytest.fixture(name="manager")
def fixture_manager(scratch):
    manager = Manager(scratch)
    yield manager
    for sock in manager.sockets:
        sock.close()


def fail_to_start(manager, server):
    with pytest.raises(AssertionError, match="tined ended"):
        manager.start(server)
    assert server.wait_end() == 1
    server.process = None


def text_of(address):
    return f"{address[0]}:{address[1]}"


@pytest.mark.parametrize("workers", [1, 3])
def test_a_passed_socket_is_served(make_server, manager, workers):
    address = manager.listen(("127.0.0.1", 0))
    server = make_server(server={"workers": workers},
                         listen={"address": text_of(address)})
    manager.start(server)

    assert server.address == address
    for conn in [server.connect() for _ in range(30)]:
        assert conn.request("GET", "/hello.txt").status == 200


def test_clients_that_waited_for_the_start_are_served(make_server, manager):
    address = manager.listen(("127.0.0.1", 0))
    server = make_server(server={"workers": 2},
                         listen={"address": text_of(address)})
    conns = [server.connect(address) for _ in range(20)]
    manager.start(server)

    for conn in conns:
        assert conn.request("GET", "/hello.txt").status == 200


def test_a_unix_socket_stays_when_the_server_ends(
        make_server, manager, scratch):
    path = str(scratch / "web.sock")
    manager.listen(path, socket.AF_UNIX)
    server = make_server(listen={"address": f"unix:{path}"})
    manager.start(server)
    with server.connect(path) as conn:
        assert conn.request("GET", "/hello.txt").status == 200
    server.stop()

    assert os.path.exists(path)
    conn = server.connect(path)
    again = make_server(listen={"address": f"unix:{path}"})
    manager.start(again)
    assert conn.request("GET", "/hello.txt").status == 200


def test_others_are_opened_beside_it(make_server, manager):
    address = manager.listen(("127.0.0.1", 0))
    server = make_server(
        listen={"address": [text_of(address), "127.0.0.1:0"]})
    manager.start(server)

    for address in server.addresses:
        with server.connect(address) as conn:
            assert conn.request("GET", "/hello.txt").status == 200


def test_reloads_change_the_number_of_workers(make_server, manager):
    address = manager.listen(("127.0.0.1", 0))
    server = make_server(server={"workers": 1, "pid_file": manager.scratch /
                                 "pid"}, listen={"address": text_of(address)})
    manager.start(server)
    for workers in (3, 2):
        server.configure(server={"workers": workers})
        done = server.command("-c", server.ini, "-s", "reload")
        assert done.returncode == 0, done
        for conn in [server.connect() for _ in range(30)]:
            assert conn.request("GET", "/hello.txt").status == 200


def test_a_socket_that_nobody_asks_for_is_an_error(make_server, manager):
    address = manager.listen(("127.0.0.1", 0))
    server = make_server()
    fail_to_start(manager, server)

    assert (f"passed a socket for {text_of(address)}, which no address of "
            f"[listen] or [admin] names; add address = {text_of(address)}"
            in server.log())


@pytest.mark.parametrize("kind, listening", [
    (socket.SOCK_DGRAM, False), (socket.SOCK_STREAM, False)])
def test_what_does_not_listen_is_an_error(
        make_server, manager, kind, listening):
    manager.listen(("127.0.0.1", 0), kind=kind, listening=listening)
    server = make_server()
    fail_to_start(manager, server)

    assert "descriptor 3, passed by LISTEN_FDS, is no stream socket that " \
        "listens" in server.log()


def test_what_is_meant_for_another_process_is_left_alone(
        make_server, monkeypatch):
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    server = make_server().start()

    assert server.request("GET", "/hello.txt").status == 200


def test_a_dual_socket_is_taken_as_it_is(make_server, manager):
    sock = socket.socket(socket.AF_INET6)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", 0))
    sock.listen(64)
    manager.sockets.append(sock)
    port = sock.getsockname()[1]
    server = make_server(listen={"address": f"[::]:{port}"})
    manager.start(server)

    for host in ("127.0.0.1", "::1"):
        with server.connect((host, port)) as conn:
            assert conn.request("GET", "/hello.txt").status == 200


def test_an_upgrade_hands_it_on(make_server, manager, scratch):
    """The launcher is the program here: it must not pass sockets again."""
    Orphan.expect()
    path = str(scratch / "web.sock")
    manager.listen(path, socket.AF_UNIX)
    address = manager.listen(("127.0.0.1", 0))
    server = make_server(
        server={"workers": 2, "pid_file": scratch / "pid"},
        listen={"address": [f"unix:{path}", text_of(address)]})
    binary = server.binary
    manager.start(server)
    server.binary.write_text(f"#!/bin/sh\nexec {binary} \"$@\"\n")
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 0, done
    assert server.follow(int((scratch / "pid").read_text())).wait() == 0

    for one in (path, address):
        with server.connect(one) as conn:
            assert conn.request("GET", "/hello.txt").status == 200
    server.stop()
    assert os.path.exists(path)
