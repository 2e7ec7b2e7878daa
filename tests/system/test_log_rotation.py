# SPDX-License-Identifier: BSD-2-Clause
"""Rotation by logrotate itself, while requests come in."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from client import Load
from server import wait_for

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root")
LINE = re.compile(
    r'127\.0\.0\.1 - - \[[^]]+\] "GET /hello\.txt HTTP/1\.1" 200 13')

# logrotate lies where only root looks for programs.
LOGROTATE = shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin")


class Rotation:
    """A logrotate configuration and its state, in the scratch folder."""

    def __init__(self, server, scratch, tell):
        self.conf = scratch / "logrotate.conf"
        self.state = scratch / "logrotate.state"
        self.conf.write_text(f"""
{server.access_path} {server.log_path} {{
    rotate 100
    size 1
    missingok
    notifempty
    create 0640
    sharedscripts
    postrotate
        {tell}
    endscript
}}
""")
        self.conf.chmod(0o644)

    def run(self):
        assert LOGROTATE, "missing: apt-get install logrotate"
        result = subprocess.run(
            [LOGROTATE, "--force", "--state", self.state, self.conf],
            text=True, capture_output=True, timeout=20, check=False)
        assert result.returncode == 0 and "error" not in result.stderr, (
            result.stderr)


def rotated_files(path):
    """The log and what became of it, the oldest first."""
    found = sorted(path.parent.glob(f"{path.name}*"), reverse=True,
                   key=lambda p: int(p.suffix[1:]) if
                   p.suffix[1:].isdecimal() else 0)
    assert found
    return found


def check_rotation(server, scratch, rounds=5):
    """Rotates under load; every request has its line, whole, in one file."""
    rotation = Rotation(server, scratch, f"kill -USR1 {server.pid}")
    with Load(server.address) as load:
        for i in range(rounds):
            goal = load.answered + 300
            wait_for(lambda g=goal: load.answered > g, "traffic")
            rotation.run()
            wait_for(lambda n=i + 1: server_log(server).count(
                "logs reopened") >= n, "the logs reopened")
    server.stop()

    assert load.failures == []
    files = rotated_files(server.access_path)
    assert len(files) == rounds + 1
    lines = [line for path in files
             for line in path.read_text().splitlines(keepends=True)]
    for line in lines:
        assert line.endswith("\n") and LINE.fullmatch(line[:-1]), line
    assert len(lines) == load.answered
    assert all(path.stat().st_size for path in files[:-1])
    return files


def server_log(server):
    """The error log, with all that was rotated away."""
    return "".join(path.read_text() for path in
                   rotated_files(server.log_path))


@pytest.fixture(name="rotating")
def fixture_rotating(make_server, scratch):
    return make_server(
        server={"workers": 2}, error_log={"path": scratch / "tined.log"},
        access_log={"buffer": "4k"})


def test_logrotate_under_load_loses_and_splits_no_line(rotating, scratch):
    rotating.start()

    check_rotation(rotating, scratch)
    log = server_log(rotating)
    assert log.count("logs reopened") == 5
    for line in log.splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\S+Z \w+ (master|worker \d)\[", line)


@needs_root
def test_logrotate_with_dropped_privileges(rotating, scratch):
    """The new files belong to root, and the workers write to them."""
    rotating.configure(server={"user": "nobody", "allow_root": None})
    rotating.start()

    files = check_rotation(rotating, scratch)
    assert {path.stat().st_uid for path in files} == {0}


def test_logrotate_and_a_reload_at_once(rotating, scratch):
    """Workers that drain write to the new files too."""
    rotating.configure(timeouts={"drain_grace": "300ms"})
    rotating.start()
    rotation = Rotation(rotating, scratch, f"kill -USR1 {rotating.pid}")
    with Load(rotating.address) as load:
        for i in range(1, 4):
            goal = load.answered + 200
            wait_for(lambda g=goal: load.answered > g, "traffic")
            rotating.send_signal(signal.SIGHUP)
            rotation.run()
            wait_for(lambda n=i: server_log(rotating).count(
                "reloaded, generation") == n, "a reload", 20)
            wait_for(lambda n=i: server_log(rotating).count(
                "logs reopened") == n, "the logs reopened")
    rotating.stop()

    assert load.failures == []
    lines = [line for path in rotated_files(rotating.access_path)
             for line in path.read_text().splitlines()]
    assert all(LINE.fullmatch(line) for line in lines)
    assert len(lines) == load.answered


def test_a_log_that_is_switched_on_and_rotated_while_workers_drain(
        make_server, scratch):
    """Those that drain began without a log, and must not begin one."""
    server = make_server(access_log={"path": "off", "flush": None},
                         timeouts={"drain_grace": "5s"})
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    server.start()
    old, = server.workers()
    conn = server.connect(rcvbuf=16384)
    conn.send(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
    conn.response_head()
    server.configure(access_log={"path": server.access_path,
                                 "flush": "20ms"})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    server.send_signal(signal.SIGUSR1)
    server.wait_log("logs reopened")
    assert server.request("GET", "/hello.txt").status == 200
    server.access_lines(1)
    conn.discard(64 << 20)
    conn.close()
    wait_for(lambda: old not in server.workers(), "the old worker's end", 20)
    server.stop()

    assert len(server.access_path.read_text().splitlines()) == 1


def test_pipes_are_reopened_too(make_server, scratch):
    """A FIFO in the place of another: the lines go there from then on."""
    path = scratch / "fifo"
    os.mkfifo(path)
    first = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    server = make_server(access_log={"path": path, "flush": "20ms"})
    server.start()
    server.request("GET", "/hello.txt")
    wait_for(lambda: readable(first), "a line")
    path.rename(scratch / "old")
    os.mkfifo(path)
    second = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    server.send_signal(signal.SIGUSR1)
    server.wait_log("logs reopened")
    server.request("GET", "/docs/")
    wait_for(lambda: b"/docs/" in readable(second), "a line")

    assert b"/docs/" not in readable(first)
    os.close(first)
    os.close(second)


def readable(fd):
    try:
        return os.read(fd, 1 << 16)
    except BlockingIOError:
        return b""


def log_numbers(pid, path):
    """The descriptors of a process that are of the file."""
    return [fd.name for fd in Path(f"/proc/{pid}/fd").iterdir()
            if os.path.realpath(fd) == str(path.resolve())]


def test_a_log_keeps_its_descriptor(start_server):
    """One that no client had before would cost libevent memory."""
    server = start_server(error_log={"path": "stderr"})
    pid, = server.workers()
    before = log_numbers(pid, server.access_path)
    assert len(before) == 1
    for i in range(3):
        server.request("GET", "/hello.txt")
        server.access_path.rename(server.access_path.with_suffix(f".{i}"))
        server.send_signal(signal.SIGUSR1)
        wait_for(lambda: server.access_path.exists() and log_numbers(
            pid, server.access_path) == before, "the new log")
