# SPDX-License-Identifier: BSD-2-Clause
"""What a service manager is told, in the protocol of sd_notify(3)."""

import os
import re
import shutil
import signal
import socket
import struct
import time

import pytest

from server import START_S, Orphan, is_alive, proc_status, wait_for

CREDENTIALS = struct.Struct("3i")
WATCHDOG_S = 0.4


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.sock.bind(address.replace("@", "\0", 1))
        self.address = address

    def message(self, timeout_s=START_S):
        """The next message as a dict, with its sender as "from"."""
        self.sock.settimeout(timeout_s)
        text, control, _, _ = self.sock.recvmsg(
            4096, socket.CMSG_SPACE(CREDENTIALS.size))
        pid, _, _ = CREDENTIALS.unpack(control[0][2])
        lines = text.decode().removesuffix("\n").split("\n")
        return {**dict(line.split("=", 1) for line in lines), "from": pid}

    def state(self):
        """The next message that is no sign of life."""
        while "WATCHDOG" in (message := self.message()):
            assert message["WATCHDOG"] == "1"
        return message

    def silence(self, timeout_s):
        """Asserts that nothing is said for a while."""
        with pytest.raises((TimeoutError, BlockingIOError)):
            pytest.fail(f"said {self.message(timeout_s)}")

    def drain(self):
        """Forgets all that was said."""
        self.sock.settimeout(0)
        try:
            while True:
                self.sock.recv(4096)
        except BlockingIOError:
            pass


@pytest.fixture(name="listen")
def fixture_listen(monkeypatch):
    """Becomes a service manager at an address."""
    managers = []

    def listen(address):
        managers.append(Manager(str(address)))
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        return managers[-1]

    yield listen
    for manager in managers:
        manager.sock.close()


@pytest.fixture(name="make_server")
def fixture_make_server_first(listen, make_server):
    """Servers end before the manager does."""
    del listen
    return make_server


@pytest.fixture(name="manager")
def fixture_manager(listen, scratch):
    return listen(scratch / "notify")


def launch_with(server, line):
    """The server's program becomes a script that runs line before it."""
    launcher = server.scratch / "launcher"
    launcher.write_text(f'#!/bin/sh\n{line}\nexec {server.binary} "$@"\n')
    launcher.chmod(0o755)
    server.binary = launcher


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_ready_comes_when_it_serves(make_server, listen, scratch, kind):
    manager = listen(scratch / "notify" if kind == "path"
                     else f"@tined-test-{os.getpid()}")
    pid_file = scratch / "tined.pid"
    server = make_server(server={"workers": 2, "pid_file": pid_file}).start()
    message = manager.state()

    assert message["READY"] == "1"
    assert message["from"] == int(message["MAINPID"]) == server.pid
    assert message["STATUS"] == "serving with 2 workers, generation 1"
    assert int(pid_file.read_text()) == server.pid
    assert server.request("GET", "/hello.txt").status == 200


def test_a_start_that_fails_is_never_ready(start_server, make_server, listen,
                                           scratch):
    first = start_server()
    manager = listen(scratch / "notify")
    second = make_server(listen={"address": f"127.0.0.1:{first.port}"})

    assert second.command("-c", second.ini).returncode == 1
    manager.silence(0)


def test_in_the_background_it_names_its_process(make_server, manager, scratch):
    pid_file = scratch / "tined.pid"
    server = make_server(server={"pid_file": pid_file},
                         error_log={"path": scratch / "tined.log"})
    result = server.command("-d", "-c", server.ini)
    pid = int(pid_file.read_text())
    message = manager.state()

    try:
        assert result.returncode == 0
        assert (message["READY"], message["MAINPID"]) == ("1", str(pid))
    finally:
        os.kill(pid, signal.SIGTERM)
    assert manager.state()["STOPPING"] == "1"
    wait_for(lambda: not is_alive(pid), "its end", START_S)


def test_a_reload_is_announced_and_ended(make_server, manager):
    server = make_server().start()
    assert "READY" in manager.state()
    begin_us = time.monotonic_ns() // 1000
    server.configure(server={"workers": 3})
    server.send_signal(signal.SIGHUP)
    message = manager.state()
    end_us = time.monotonic_ns() // 1000

    assert message["RELOADING"] == "1"
    assert begin_us <= int(message["MONOTONIC_USEC"]) <= end_us
    message = manager.state()
    assert message["READY"] == "1"
    assert message["STATUS"] == "serving with 3 workers, generation 2"


def test_a_reload_that_failed_says_so_and_is_ready(make_server, manager):
    server = make_server().start()
    server.expect_log(r"tined\.ini", "reload failed")
    assert "READY" in manager.state()
    server.configure(limits={"fields": "many"})
    server.send_signal(signal.SIGHUP)

    assert manager.state()["RELOADING"] == "1"
    message = manager.state()
    assert message["READY"] == "1"
    assert re.fullmatch(
        r"reload failed: .*tined\.ini:\d+: limits\.fields: .*; "
        r"still serving with 1 worker, generation 1", message["STATUS"])
    assert server.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
def test_it_is_ready_before_the_command_returns(
        make_server, manager, scratch, good):
    """So that whoever waits for the command finds the manager up to date."""
    server = make_server(server={"pid_file": scratch / "pid"}).start()
    assert "READY" in manager.state()
    if not good:
        server.expect_log(r"tined\.ini", "reload failed")
        server.configure(limits={"fields": "many"})
        # The command reads the file too, but only to find the server.
        (scratch / "only.ini").write_text(
            server.ini.read_text().replace("fields = many", ""))
    ini = server.ini if good else scratch / "only.ini"
    done = server.command("-c", ini, "-s", "reload")

    assert done.returncode == (0 if good else 1), done
    assert "RELOADING" in manager.message(0)
    assert "READY" in manager.message(0)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_announced(make_server, manager, signum):
    server = make_server(timeouts={"drain": "7s", "stop_delay": "0"}).start()
    assert "READY" in manager.state()
    server.send_signal(signum)
    message = manager.state()

    assert message["STOPPING"] == "1"
    # The manager's patience follows the configuration.
    drain_us = 7_000_000 if signum == signal.SIGTERM else 0
    assert drain_us < int(message["EXTEND_TIMEOUT_USEC"]) < 20_000_000
    assert server.wait_end() == 0


def test_a_stop_with_a_delay_is_announced_at_its_begin(make_server, manager):
    server = make_server(timeouts={"stop_delay": "60s"}).start()
    assert "READY" in manager.state()
    server.send_signal(signal.SIGTERM)
    message = manager.state()

    assert (message["STOPPING"], message["STATUS"]) == (
        "1", "stopping, still serving")
    assert int(message["EXTEND_TIMEOUT_USEC"]) > 90_000_000
    assert server.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGTERM)
    assert manager.state()["STATUS"] == "stopping, open requests may finish"
    assert server.wait_end() == 0


def test_who_stops_is_not_ready_whatever_happens(
        make_server, manager, scratch):
    """While it serves on a root is switched, which is a change."""
    link = scratch / "current"
    link.symlink_to("root")
    server = make_server(site={"root": link},
                         timeouts={"stop_delay": "60s"}).start()
    assert "READY" in manager.state()
    server.send_signal(signal.SIGTERM)
    assert manager.state()["STATUS"] == "stopping, still serving"
    (scratch / "other").mkdir()
    (scratch / "new-link").symlink_to("other")
    (scratch / "new-link").replace(link)
    server.wait_log("reloaded, generation 2")

    manager.silence(0.2)
    server.send_signal(signal.SIGTERM)
    assert manager.state()["STOPPING"] == "1"
    assert server.wait_end() == 0


def set_watchdog(monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", str(int(WATCHDOG_S * 1e6)))


@pytest.mark.parametrize("line", ["", "WATCHDOG_PID=$$; export WATCHDOG_PID"],
                         ids=["for anybody", "for us"])
def test_signs_of_life_come_in_half_the_time(
        make_server, manager, monkeypatch, line):
    set_watchdog(monkeypatch)
    server = make_server()
    launch_with(server, line)
    server.start()

    def next_sign():
        while "WATCHDOG" not in (message := manager.message()):
            continue
        assert message["from"] == server.pid

    next_sign()
    begin = time.monotonic()
    for _ in range(5):
        next_sign()
    taken_s = time.monotonic() - begin
    assert 5 * WATCHDOG_S / 2 * 0.7 < taken_s < 5 * WATCHDOG_S


def test_a_master_that_hangs_gives_no_sign_of_life(
        make_server, manager, monkeypatch):
    set_watchdog(monkeypatch)
    server = make_server().start()
    assert "READY" in manager.state()
    server.send_signal(signal.SIGSTOP)
    try:
        wait_for(lambda: proc_status(server.pid, "State")[0] == "T", "a stop")
        manager.drain()
        manager.silence(2 * WATCHDOG_S)
        # Its workers do not need it.
        assert server.request("GET", "/hello.txt").status == 200
    finally:
        server.send_signal(signal.SIGCONT)
    assert manager.message()["WATCHDOG"] == "1"


@pytest.mark.parametrize("usec, pid", [
    (100_000, 1), (0, None), ("soon", None)],
    ids=["another's", "off", "nonsense"])
def test_without_a_watchdog_there_is_no_sign_of_life(
        make_server, manager, monkeypatch, usec, pid):
    monkeypatch.setenv("WATCHDOG_USEC", str(usec))
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", str(pid))
    make_server().start()

    assert "READY" in manager.message()
    manager.silence(0.3)


def test_a_manager_that_does_not_read_stops_nothing(make_server, manager):
    """It hears how things are once it reads, and never holds us up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                sock.sendto(b"NOISE=1\n", manager.address)
    server = make_server().start()
    assert server.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    manager.drain()

    message = manager.state()
    assert (message["READY"], message["STATUS"]) == (
        "1", "serving with 1 worker, generation 2")


@pytest.mark.parametrize("address, reason", [
    ("/nowhere/notify", "No such file"),
    ("nonsense", "not supported"),
    ("/" + 200 * "x", "too long"),
], ids=["gone", "nonsense", "long"])
def test_a_manager_that_cannot_be_reached_is_a_warning(
        make_server, monkeypatch, address, reason):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    server = make_server().start()
    server.expect_log("service manager")

    assert server.request("GET", "/hello.txt").status == 200
    assert reason in server.wait_log("cannot tell the service manager")[0]


def test_an_upgrade_hands_the_manager_on(
        make_server, manager, monkeypatch, scratch):
    """Managers listen to the main process alone, so the order matters."""
    Orphan.expect()
    set_watchdog(monkeypatch)
    server = make_server(server={"pid_file": scratch / "pid"})
    shutil.copy2(server.binary, scratch / "program")
    server.binary = scratch / "program"
    server.start()
    first = server.pid
    assert "READY" in manager.state()
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 0, done
    old = server.follow(int((scratch / "pid").read_text()))

    main = first
    while "READY" not in (message := manager.message()):
        assert message["from"] == main
        main = int(message.get("MAINPID", main))
    assert message["from"] == main == server.pid
    assert message["STATUS"] == "serving with 1 worker, generation 2"
    assert old.wait() == 0
    for _ in range(3):
        message = manager.message()
        assert (message["WATCHDOG"], message["from"]) == ("1", server.pid)


def test_an_upgrade_that_failed_says_so(make_server, manager, scratch):
    server = make_server(server={"pid_file": scratch / "pid"})
    real = server.binary
    shutil.copy2(server.binary, scratch / "program")
    server.binary = scratch / "program"
    server.start()
    server.expect_log("upgrade failed", "the new program")
    assert "READY" in manager.state()
    server.binary.unlink()
    server.binary.write_text("#!/bin/sh\necho too new >&2\nexit 3\n")
    server.binary.chmod(0o755)
    server.binary = real
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 1
    message = manager.state()

    assert message["READY"] == "1"
    assert message["STATUS"] == (
        "upgrade failed: the new program: too new; "
        "still serving with 1 worker, generation 1")


def test_one_process_alone_says_nothing(make_server, manager):
    """-X is for debuggers."""
    server = make_server()
    server.start("-X", "-c", server.ini)

    assert server.request("GET", "/hello.txt").status == 200
    manager.silence(0)
