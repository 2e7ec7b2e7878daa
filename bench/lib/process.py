# SPDX-License-Identifier: BSD-2-Clause
"""Server processes: started pinned, counted with their children, stopped."""

import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import time

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


def find_program(name):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which(name, path=path)


def free_port():
    """Below those that the kernel gives to clients, of which we have many."""
    while True:
        port = random.randrange(20000, 32768)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def pin(core):
    """Something for preexec_fn; on a single core there is no choice."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    return lambda: os.sched_setaffinity(0, {cores[core]})


def children_us():
    """User and system time of our children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1e6


def _stat(pid):
    """The fields of /proc/PID/stat behind the name, from state on."""
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        return file.read().rpartition(")")[2].split()


def _children():
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            children.setdefault(int(_stat(pid)[1]), []).append(int(pid))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return children


def wait_end(pid, patience_s=60):
    """Waits until there is no such process, for so long at most."""
    deadline = time.monotonic() + patience_s
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.02)


class Process:
    """A server on a port, its output in SCRATCH/output."""

    def __init__(self, argv, port, scratch, core=0, patience_s=10):
        self.port = port
        self.patience_s = patience_s  # for its start and for its end
        self.output = scratch / "output"
        with open(self.output, "ab") as output:
            self.popen = subprocess.Popen(
                argv, cwd=scratch, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=None if core is None else pin(core))
        try:
            self._wait_ready(argv[0])
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_ready(self, name):
        deadline = time.monotonic() + self.patience_s
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        said = self.output.read_text("utf-8", "replace").strip()[-2000:]
        raise RuntimeError(f"{name} does not start: {said or 'no message'}")

    def pids(self):
        """The process and all below it."""
        children = _children()
        pids = [self.popen.pid]
        for pid in pids:
            pids += children.get(pid, [])
        return pids

    def cpu_us(self):
        """User and system time of all of them."""
        total = 0
        for pid in self.pids():
            fields = _stat(pid)
            total += int(fields[11]) + int(fields[12])
        return total * TICK_US

    def memory_bytes(self):
        """Proportional set size of all of them."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                for line in file:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        return total

    def _poke(self):
        """nginx as a single process can miss a signal until it is busy."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            pass

    def stop(self):
        """SIGTERM, then SIGKILL to what is left; the exit status."""
        if self.popen.poll() is not None:
            return self.popen.returncode
        self.popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.patience_s
        while time.monotonic() < deadline:
            try:
                return self.popen.wait(1)
            except subprocess.TimeoutExpired:
                self._poke()
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        return self.popen.wait()
