# SPDX-License-Identifier: BSD-2-Clause
"""Where logs go: nothing that reads them may stop the server."""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import subprocess
import termios
import time
from pathlib import Path

import pytest

from client import Load, head
from server import LISTENING, parse_address, proc_status, wait_for

COMMON = re.compile(
    rb'127\.0\.0\.1 - - \[[^]]+\] "GET /hello\.txt HTTP/1\.1" 200 13')
LONG = "/hello.txt?" + "a" * 1500


class Reader:
    """The other end of a log, which reads only when it is told to."""

    def __init__(self, fd):
        self.fd = fd
        self.data = b""
        os.set_blocking(fd, False)

    def read(self):
        """Takes all that is there; false at the end."""
        while select.select([self.fd], [], [], 0)[0]:
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:  # a terminal without another end
                return False
            if not data:
                return False
            self.data += data
        return True

    def lines(self):
        self.read()
        assert self.data.endswith(b"\n") or not self.data, self.data[-200:]
        return self.data.splitlines()

    def close(self):
        os.close(self.fd)


def ask(server, n, target="/hello.txt"):
    """Requests on one connection, and how long the slowest took."""
    slowest = 0
    with server.connect() as conn:
        for _ in range(n):
            begin = time.monotonic()
            assert conn.request("GET", target).status == 200
            slowest = max(slowest, time.monotonic() - begin)
    return slowest


@pytest.fixture(name="fifo")
def fixture_fifo(scratch):
    """A FIFO with a reader that does not read yet."""
    path = scratch / "fifo"
    os.mkfifo(path)
    reader = Reader(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    reader.path = path
    yield reader
    reader.close()


def test_a_stuck_fifo_never_stops_serving_and_recovers(start_server, fifo):
    """Lines wait while there is room, then they are lost, counted, told."""
    server = start_server(
        server={"workers": 1},
        access_log={"path": fifo.path, "buffer": "4k", "flush": "20ms"})
    server.expect_log("access log")
    assert ask(server, 500, LONG) < 2
    line, = server.wait_log("access log")
    assert re.search(r"error worker 0\[\d+\]: access log \S+/fifo: Resource "
                     r"temporarily unavailable; lines lost so far: \d+; "
                     r"whoever reads it has stopped, or is too slow", line)
    ask(server, 100, LONG)

    # The reader goes on, and so does the log.
    wait_for(lambda: fifo.read() and server.wait_log(
        "access log .* is written again"), "the log")
    line, = server.wait_log("is written again")
    lost = int(re.search(r"again; lines lost: (\d+)$", line)[1])
    assert ask(server, 50) < 2
    wait_for(lambda: fifo.data.count(b'/hello.txt HTTP') == 50
             if fifo.read() else False, "50 lines more")
    for line in fifo.lines():
        assert line.startswith(b"127.0.0.1 - - [") and line.endswith(b" 13")
    assert len(fifo.lines()) == 500 + 100 + 50 - lost


def test_a_fifo_that_is_read_late_loses_nothing(start_server, fifo):
    """What does not fit into the pipe waits in the buffer."""
    server = start_server(
        access_log={"path": fifo.path, "buffer": "1m", "flush": "20ms"})
    ask(server, 300, LONG)
    size = fcntl.ioctl(fifo.fd, termios.FIONREAD, bytes(4))
    assert int.from_bytes(size, "little") < 300 * 1500
    wait_for(lambda: fifo.read() and fifo.data.count(b"\n") == 300,
             "300 lines")

    assert all(line.endswith(b" 200 13") for line in fifo.lines())


def test_a_reader_that_leaves_and_comes_back(start_server, scratch):
    path = scratch / "fifo"
    os.mkfifo(path)
    reader = Reader(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    server = start_server(access_log={"path": path, "flush": "20ms"})
    server.expect_log("access log")
    ask(server, 3)
    wait_for(lambda: reader.read() and reader.data.count(b"\n") == 3,
             "3 lines")
    reader.close()
    ask(server, 4)
    server.wait_log(r"access log .*Broken pipe; lines lost so far: 4; "
                    r"nobody reads it: start its reader again")
    reader = Reader(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    ask(server, 5)
    wait_for(lambda: reader.read() and reader.data.count(b"\n") == 5,
             "5 lines more")
    server.wait_log(r"is written again; lines lost: 4$")
    reader.close()


def start_with(server, stdout, stderr=None):
    """Starts a server with other standard streams than its log file."""
    with open(server.log_path, "ab") as log:
        server.process = subprocess.Popen(
            [server.binary, "-c", server.ini], cwd=server.scratch,
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr or log)
    server.pid = server.process.pid


@pytest.fixture(name="start_piped")
def fixture_start_piped(make_server):
    """Starts servers whose access log is a pipe on stdout that nobody reads."""
    pipes = []

    def start(**access_log):
        server = make_server(
            server={"workers": 2},
            access_log={"path": "stdout", "flush": "20ms", **access_log})
        pipes.extend(os.pipe())
        server.stdout_pipe = pipes[-1]
        start_with(server, server.stdout_pipe)
        server.learn_addresses(1)
        return server, Reader(pipes[-2])

    yield start
    for fd in pipes:
        os.close(fd)


def test_a_stuck_pipe_on_stdout_never_stops_serving(start_piped):
    server, reader = start_piped(buffer="4k")
    server.expect_log("access log")
    assert ask(server, 600, LONG) < 2
    server.wait_log("access log stdout: Resource temporarily unavailable")
    for pid in server.workers():
        assert proc_status(pid, "State")[0] in "SR"
    wait_for(lambda: reader.read() and "is written again" in server.log(),
             "the log")
    for line in reader.lines():
        assert line.startswith(b"127.0.0.1 - - [") and line.endswith(b" 13")


def test_the_pipe_of_others_still_waits(start_piped):
    """It is opened anew: a shell that shares it sees no other behaviour."""
    server, _ = start_piped()
    flags = fcntl.fcntl(server.stdout_pipe, fcntl.F_GETFL)

    assert flags & os.O_NONBLOCK == 0


def test_lines_of_several_workers_in_one_pipe_stay_whole(start_piped):
    """The buffer is large, in case the reader has no turn for a while."""
    server, reader = start_piped(buffer="16m", flush="1ms")
    with Load(server.address) as load:
        wait_for(lambda: reader.read() and load.answered > 2000, "traffic")
    wait_for(lambda: reader.read() and
             reader.data.count(b"\n") == load.answered, "all lines")

    assert load.failures == []
    assert all(COMMON.fullmatch(line) for line in reader.lines())


def test_a_terminal_gets_every_line_at_once_and_never_stops_us(make_server):
    server = make_server(
        server={"workers": 1}, access_log={"path": "stdout", "flush": "1h"})
    ours, theirs = pty.openpty()
    # A newline stays one byte.
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    start_with(server, theirs)
    server.learn_addresses(1)
    server.expect_log("access log")
    reader = Reader(ours)
    ask(server, 1)
    wait_for(lambda: reader.read() and reader.data, "a line")
    assert COMMON.fullmatch(reader.lines()[0])

    # Nobody looks: what the terminal holds is not endless.
    assert ask(server, 400, LONG) < 2
    server.wait_log("access log stdout: ")
    wait_for(lambda: reader.read() and "is written again" in server.log()
             or ask(server, 1) > 2, "the log")
    server.stop()
    reader.close()
    os.close(theirs)


def test_a_socket_on_stdout(make_server):
    """As a service manager gives it; it is stuck, and waits for nobody."""
    server = make_server(
        server={"workers": 2},
        access_log={"path": "stdout", "flush": "20ms", "buffer": "4k"})
    ours, theirs = socket.socketpair()
    start_with(server, theirs.fileno())
    server.learn_addresses(1)
    server.expect_log("access log")
    reader = Reader(os.dup(ours.fileno()))
    ours.setblocking(False)
    ask(server, 5)
    wait_for(lambda: reader.read() and reader.data.count(b"\n") == 5,
             "5 lines")
    assert ask(server, 600, LONG) < 2
    server.wait_log("access log stdout: ")
    wait_for(lambda: reader.read() and "is written again" in server.log(),
             "the log")
    for line in reader.lines():
        assert line.startswith(b"127.0.0.1 - - [") and line.endswith(b" 13")
    reader.close()
    ours.close()
    theirs.close()


def test_a_stuck_error_log_stops_nobody_and_says_what_is_missing(
        make_server, scratch):
    """stderr is a pipe that is full; refusals would all be written there."""
    server = make_server(
        server={"workers": 1, "pid_file": scratch / "tined.pid"},
        error_log={"level": "info"}, timeouts={"linger": "0"})
    ours, theirs = os.pipe()
    reader = Reader(ours)
    start_with(server, subprocess.DEVNULL, theirs)
    wait_for(lambda: reader.read() and LISTENING.search(
        reader.data.decode()), "an address")
    server.addresses = [parse_address(
        LISTENING.search(reader.data.decode())[1])]
    reader.lines()
    os.set_blocking(theirs, False)
    try:
        while os.write(theirs, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(theirs, True)

    begin = time.monotonic()
    for _ in range(8):
        assert server.request("GET", "/", host=None).status == 400
    # The master has something to say too.
    assert server.command("-c", server.ini, "-s", "reopen").returncode == 0
    assert server.request("GET", "/hello.txt").status == 200
    assert time.monotonic() - begin < 5
    reader.read()
    reader.data = b""
    server.request("GET", "/", host=None)
    wait_for(lambda: reader.read() and b"missing_host" in reader.data,
             "the log")
    said = reader.data.decode()
    assert re.search(r"warn worker 0\[\d+\]: lines of this log that are lost: "
                     r"8: Resource temporarily unavailable; whoever", said)
    server.send_signal(signal.SIGUSR1)
    wait_for(lambda: reader.read() and b"logs reopened" in reader.data,
             "the master")
    assert re.search(r"warn master\[\d+\]: lines of this log that are lost: 1",
                     reader.data.decode())
    server.send_signal(signal.SIGTERM)
    assert server.wait_end() == 0
    reader.read()
    assert "Sanitizer" not in reader.data.decode()
    reader.close()
    os.close(theirs)


def test_a_full_disk_is_told_with_what_to_do(start_server):
    server = start_server(access_log={"path": "/dev/full"})
    server.expect_log("access log")
    ask(server, 7)
    line, = server.wait_log("access log")

    assert re.search(r"access log /dev/full: No space left on device; "
                     r"lines lost so far: 7; make room where it lies",
                     line)
    # Once a minute is enough.
    ask(server, 7)
    server.stop()
    assert len(server.wait_log("access log")) == 1


def test_a_full_disk_under_the_error_log(make_server, scratch):
    """The log says nothing, not even the address: so it is one we know."""
    path = scratch / "tined.sock"
    server = make_server(
        error_log={"path": "/dev/full", "level": "debug"},
        listen={"address": f"unix:{path}"})
    start_with(server, subprocess.DEVNULL)
    server.addresses = [str(path)]

    def listens():  # the file is there a little earlier
        try:
            server.connect()
        except OSError:
            return False
        return True
    wait_for(listens, "a socket")
    for _ in range(20):
        assert server.request("GET", "/", host=None).status == 400
    assert server.request("GET", "/hello.txt").status == 200


class Syslogd:
    """A receiver of datagrams, as syslogd is one."""

    LINE = re.compile(
        r"<(\d+)>((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
        r"[ \d]\d \d\d:\d\d:\d\d) tined\[(\d+)\]: (.*)", re.S)

    def __init__(self, path):
        self.path = Path(path)
        self.messages = []
        self.open()

    def open(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(self.path))
        self.path.chmod(0o666)
        self.sock.setblocking(False)

    def close(self):
        self.sock.close()
        self.path.unlink()

    def read(self):
        """Takes all that is there: (priority, pid, text)."""
        while True:
            try:
                data = self.sock.recv(1 << 16)
            except BlockingIOError:
                return self.messages
            match = self.LINE.fullmatch(data.decode())
            assert match, data
            self.messages.append((int(match[1]), int(match[3]), match[4]))

    def texts(self, priority):
        return [text for said, _, text in self.read() if said == priority]


@pytest.fixture(name="syslogd")
def fixture_syslogd(scratch):
    syslogd = Syslogd(scratch / "log.sock")
    yield syslogd
    syslogd.sock.close()


DAEMON, LOCAL7 = 3 * 8, 23 * 8
ERROR, WARNING, NOTICE, INFO = 3, 4, 5, 6


def learn_addresses(server, syslogd):
    """As the harness does from the log file, which is not there."""
    def listening():
        found = LISTENING.search(" ".join(
            text for _, _, text in syslogd.read()))
        return found and parse_address(found[1])
    server.addresses = [wait_for(listening, "an address")]


def start_syslog(server, syslogd, **kwargs):
    server.configure(server={"syslog_socket": syslogd.path}, **kwargs)
    start_with(server, subprocess.DEVNULL)
    learn_addresses(server, syslogd)


def test_both_logs_to_syslogd(make_server, syslogd):
    server = make_server(
        server={"syslog_facility": "local7", "workers": 1},
        error_log={"path": "syslog", "level": "info"},
        access_log={"path": "syslog", "flush": "1h"})
    start_syslog(server, syslogd)
    worker, = wait_for(server.workers, "a worker")
    assert server.request("GET", "/hello.txt").status == 200
    assert server.request("GET", "/", host=None).status == 400
    wait_for(lambda: len([m for m in syslogd.read() if m[1] == worker]) >= 3,
             "lines of the worker")

    assert any(re.match(r"notice master: listening on ", text)
               for text in syslogd.texts(LOCAL7 + NOTICE))
    lines = syslogd.texts(LOCAL7 + INFO)
    assert any(COMMON.fullmatch(line.encode()) for line in lines)
    assert any(re.match(r"info worker 0: refused missing_host from", line)
               for line in lines)
    # Time and process are in the head, once.
    assert not any(re.match(r"\d{4}-", text)
                   for _, _, text in syslogd.read())
    assert "\n" not in "".join(text for _, _, text in syslogd.read())
    server.stop()


def test_no_request_can_forge_a_message(make_server, syslogd):
    server = make_server(error_log={"path": "syslog", "level": "info"},
                         access_log={"path": "syslog", "format": "combined"})
    start_syslog(server, syslogd)
    with server.connect() as conn:
        conn.send(head("GET", "/", "User-Agent: a\t<0>b \x9b",
                       "Referer: <11>Jan  1 00:00:00 sshd[1]: x"))
        conn.response_head()
    with server.connect() as conn:
        conn.send(b"GET /\n<0>Jan  1 00:00:00 sshd[1]: x\n\0\r\n\r\n")
        conn.half_close()
        conn.rest()
    wait_for(lambda: len(syslogd.texts(DAEMON + INFO)) >= 3, "three lines")

    for _, _, text in syslogd.read():
        assert all(32 <= ord(c) < 127 for c in text), text
    server.stop()


def test_syslogd_goes_away_and_comes_back(make_server, syslogd):
    """Without a storm in the error log, and without a signal to us."""
    server = make_server(access_log={"path": "syslog"},
                         server={"syslog_socket": syslogd.path})
    server.expect_log("access log syslog")
    server.start()
    ask(server, 2)
    wait_for(lambda: len(syslogd.texts(DAEMON + INFO)) == 2, "2 lines")
    syslogd.close()
    ask(server, 30)
    server.wait_log(r"error .*access log syslog: No such file or directory; "
                    r"lines lost so far: 1; is syslogd running\?")
    syslogd.open()
    wait_for(lambda: ask(server, 1) < 2 and
             len(syslogd.texts(DAEMON + INFO)) > 2, "a line", 20)
    server.wait_log(r"notice .*access log syslog is written again; lines lost: \d+")
    server.stop()

    assert len(re.findall("access log syslog", server.log())) == 2


def test_the_error_log_finds_syslogd_again(make_server, syslogd):
    server = make_server(server={"workers": 1},
                         error_log={"path": "syslog", "level": "info"})
    start_syslog(server, syslogd)
    syslogd.close()
    for _ in range(5):
        server.request("GET", "/", host=None)
    syslogd.open()
    wait_for(lambda: server.request("GET", "/", host=None) and any(
        "refused missing_host" in text
        for text in syslogd.texts(DAEMON + INFO)), "a line", 20)

    assert any(re.match(r"warn worker 0: lines of this log that are lost: \d+: ",
                        text) for text in syslogd.texts(DAEMON + WARNING))
    server.stop()


def test_a_slow_syslogd_never_stops_serving(make_server, syslogd):
    server = make_server(
        server={"workers": 1, "syslog_socket": syslogd.path},
        access_log={"path": "syslog", "buffer": "4k"})
    server.expect_log("access log")
    server.start()
    assert ask(server, 400, LONG) < 2
    server.wait_log("access log syslog: Resource temporarily unavailable")
    wait_for(lambda: syslogd.read() and "is written again" in server.log()
             or ask(server, 1) > 2, "the log", 20)
    server.stop()


def test_a_start_without_syslogd_is_a_warning(make_server, scratch):
    path = scratch / "log.sock"
    server = make_server(server={"syslog_socket": path, "workers": 2},
                         access_log={"path": "syslog"})
    server.expect_log("cannot reach syslogd", "access log")
    server.start()
    server.wait_log(rf"warn master\[\d+\]: access_log.path = syslog: cannot "
                    rf"reach syslogd at {path}: No such file or directory; "
                    rf"lines are lost until it is there")
    assert server.request("GET", "/hello.txt").status == 200
    syslogd = Syslogd(path)
    wait_for(lambda: ask(server, 1) < 2 and syslogd.read(), "a line", 20)
    syslogd.sock.close()


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_syslog_with_dropped_privileges(make_server, syslogd):
    """The socket is opened by the master; its folder is closed to others."""
    server = make_server(
        server={"user": "nobody", "allow_root": None, "workers": 1,
                "syslog_socket": syslogd.path},
        error_log={"path": "syslog"},
        access_log={"path": "syslog"})
    syslogd.path.chmod(0o600)
    start_syslog(server, syslogd)
    assert server.request("GET", "/hello.txt").status == 200
    wait_for(lambda: any(COMMON.fullmatch(text.encode()) for text in
                         syslogd.texts(DAEMON + INFO)), "a line")
    # And after logs were reopened.
    server.send_signal(signal.SIGUSR1)
    wait_for(lambda: any("logs reopened" in text for text in
                         syslogd.texts(DAEMON + NOTICE)), "the master")
    before = len(syslogd.texts(DAEMON + INFO))
    wait_for(lambda: server.request("GET", "/hello.txt") and
             len(syslogd.texts(DAEMON + INFO)) > before, "a line")
    server.stop()


def test_a_socket_path_that_is_too_long_is_refused(make_server):
    server = make_server(server={"syslog_socket": "/" + "a" * 107})
    result = server.command("-t", "-c", server.ini)

    assert result.returncode == 1
    assert re.search(r"tined\.ini:\d+: server\.syslog_socket: 108 bytes long",
                     result.stderr)
