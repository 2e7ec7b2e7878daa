# SPDX-License-Identifier: BSD-2-Clause
"""The life of one server: its folder, its configuration, its processes."""

import ctypes
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from client import Connection

START_S = STOP_S = 20
SOURCE = Path(__file__).resolve().parents[2]
LISTENING = re.compile(r"listening on (\S+)")
SANITIZER = re.compile(r"Sanitizer|runtime error:|Assertion .* failed")
COMPLAINT = re.compile(r"^\S+Z (error|warn) ", re.M)


def find_binary():
    """$TINED, or the newest build in or beside the source tree."""
    if "TINED" in os.environ:
        return Path(os.environ["TINED"]).resolve()
    found = [path for pattern in ("tined", "build*/tined", "src/tined")
             for base in (Path.cwd(), SOURCE) for path in base.glob(pattern)
             if path.is_file()]
    assert found, "no tined: build it or set TINED to its path"
    return max(found, key=lambda path: path.stat().st_mtime).resolve()


def wait_for(condition, what, timeout_s=10):
    """Waits until condition() is true and returns its value."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not in {timeout_s} s: {what}"
        time.sleep(0.01)
    return value


def children(pid):
    """The pids of the living children of a process, sorted."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(") ")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(path.parent.name))
    return sorted(found)


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_s(pid):
    """Seconds of CPU, user and system, that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def proc_status(pid, field):
    """The words of a line of /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text()
    return re.search(rf"^{field}:[ \t]*(.*)$", text, re.M)[1].split()


def is_alive(pid):
    try:
        return proc_status(pid, "State")[0] != "Z"
    except OSError:
        return False


class Orphan:
    """A process whose parent ended; this one inherits it (prctl(2))."""

    SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER

    @classmethod
    def expect(cls):
        assert ctypes.CDLL(None).prctl(cls.SUBREAPER, 1, 0, 0, 0) == 0

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # its parent is still there
                return None if is_alive(self.pid) else 0
            if pid != 0:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout_s=STOP_S):
        return wait_for(lambda: self.poll() is not None and [self.poll()],
                        f"the end of {self.pid}", timeout_s)[0]

    def send_signal(self, signum):
        os.kill(self.pid, signum)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def ini_text(sections):
    """An INI file; a list repeats its key, and None is left out."""
    lines = []
    for name, keys in sections.items():
        if keys is None:
            continue
        lines.append(f"[{name}]")
        for key, values in keys.items():
            for value in values if isinstance(values, list) else [values]:
                if value is not None:
                    lines.append(f"{key} = {value}")
        lines.append("")
    return "\n".join(lines)


class Server:
    """A server in a scratch folder; keywords are sections of its INI file."""

    def __init__(self, scratch, name="tined", **sections):
        self.scratch = Path(scratch)
        self.root = self.scratch / "root"
        self.ini = self.scratch / f"{name}.ini"
        self.log_path = self.scratch / f"{name}.log"
        self.access_path = self.scratch / f"{name}-access.log"
        self.binary = find_binary()
        self.environment = {}
        self.process = None
        self.pid = None
        self.addresses = []
        self.connections = []
        self.expected = []
        self.sections = {
            "server": {"workers": 1, "allow_root": "yes"},
            "listen": {"address": "127.0.0.1:0"},
            "limits": {"connections": 1000},
            "site": {"root": self.root},
            "access_log": {"path": self.access_path, "flush": "50ms"},
        }
        self.configure(**sections)

    def configure(self, **sections):
        """Changes sections, key by key, and writes the INI file anew."""
        for name, keys in sections.items():
            if keys is None or self.sections.get(name) is None:
                self.sections[name] = keys
            else:
                self.sections[name] = {**self.sections[name], **keys}
        self.ini.write_text(ini_text(self.sections))

    def full_environment(self):
        """None leaves it alone: what runs before the exec may change it."""
        return {**os.environ, **self.environment} if self.environment else None

    def command(self, *args):
        """Runs tined to its end; returns status, stdout and stderr."""
        return subprocess.run(
            [self.binary, *args], cwd=self.scratch, text=True,
            env=self.full_environment(),
            capture_output=True, timeout=START_S, check=False)

    def start(self, *args, preexec_fn=None, ports=None, pass_fds=()):
        """Starts tined and learns its addresses from its log."""
        args = args or ("-c", self.ini)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, *args], cwd=self.scratch, preexec_fn=preexec_fn,
                pass_fds=pass_fds,
                env=self.full_environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid
        if ports is None:
            listens = [keys for name, keys in self.sections.items()
                       if name.partition(":")[0] == "listen" and keys]
            ports = sum(len(k["address"]) if isinstance(k["address"], list)
                        else 1 for k in listens)
        self.learn_addresses(ports)
        return self

    def learn_addresses(self, n):
        def listening():
            if self.process.poll() is not None:
                raise AssertionError(f"tined ended: {self.log()}")
            found = LISTENING.findall(self.log())
            return found if len(found) >= n else None
        self.addresses = [parse_address(text) for text in
                          wait_for(listening, f"{n} addresses", START_S)]

    @property
    def address(self):
        return self.addresses[0]

    @property
    def port(self):
        return self.address[1]

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_log(self, pattern, count=1, timeout_s=10):
        """Waits until the log has count lines that match; returns them."""
        def matching():
            lines = [line for line in self.log().splitlines()
                     if re.search(pattern, line)]
            return lines if len(lines) >= count else None
        return wait_for(matching, f"log line {pattern!r}", timeout_s)

    def access_lines(self, count):
        """Waits for count lines of the access log and returns them all."""
        def text():
            return (self.access_path.read_text(errors="replace")
                    if self.access_path.exists() else "")
        wait_for(lambda: text().count("\n") >= count,
                 f"{count} access log lines")
        return text().splitlines()

    def connect(self, address=None, **kwargs):
        """A connection that is closed when the server stops, or before."""
        self.connections.append(Connection(address or self.address, **kwargs))
        return self.connections[-1]

    def request(self, method="GET", target="/", *lines, **kwargs):
        """One request on a connection of its own."""
        with Connection(self.address) as conn:
            return conn.request(method, target, *lines, **kwargs)

    def follow(self, pid):
        """Another process is the master now; returns the one that was."""
        old, self.process, self.pid = self.process, Orphan(pid), pid
        return old

    def workers(self):
        return children(self.pid)

    def send_signal(self, signum):
        self.process.send_signal(signum)

    def expect_log(self, *patterns):
        """Complaints in the log that belong to the test."""
        self.expected += patterns

    def close_connections(self):
        while self.connections:
            self.connections.pop().close()

    def wait_end(self, timeout_s=STOP_S):
        """Waits until tined has ended and returns its exit status."""
        return self.process.wait(timeout_s)

    def stop(self, signum=signal.SIGTERM):
        """Ends the server and asserts that it lived and died in good order."""
        self.close_connections()
        if self.process.poll() is None:
            self.send_signal(signum)
        assert self.wait_end() == 0, self.log()
        self.check_log()

    def check_log(self):
        log = self.log()
        assert not SANITIZER.search(log), log
        unexpected = [
            line for line in log.splitlines() if COMPLAINT.match(line)
            and not any(re.search(want, line) for want in self.expected)]
        assert not unexpected, unexpected

    def kill(self):
        """Ends whatever is left, without a question; for the harness."""
        self.close_connections()
        if self.process is not None and self.process.poll() is None:
            left = self.workers()
            self.process.kill()
            self.process.wait()
            for pid in filter(is_alive, left):
                os.kill(pid, signal.SIGKILL)


def parse_address(text):
    """An address as the log says it, as Connection() wants it."""
    if text.startswith("unix:"):
        return text.removeprefix("unix:")
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
