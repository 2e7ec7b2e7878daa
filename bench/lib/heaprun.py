# SPDX-License-Identifier: BSD-2-Clause
"""Runs of a server under dhat, two at a time."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lib import dhat, servers
from lib.heapload import SEED, WARM_UP
from lib.measure import NotSupported
from lib.process import wait_end

AT_ONCE = 2


@dataclass
class Pair:
    """Two runs that differ in nothing but their number of requests."""

    first: dhat.Profile
    longer: dhat.Profile
    more: int  # requests

    def more_bytes(self):
        return self.longer.total_bytes - self.first.total_bytes

    def more_calls(self):
        return self.longer.calls - self.first.calls

    def sites(self):
        """Where the difference comes from: (calls, site)."""
        calls = dict(self.longer.site_calls)
        for site, count in self.first.site_calls.items():
            calls[site] = calls.get(site, 0) - count
        return sorted(((count, site) for site, count in calls.items()
                       if count), reverse=True)


class HeapRun:
    def __init__(self, server, program, root, scratch, output):
        self.server = server
        self.program = program
        self.root = root
        self.scratch = scratch
        self.output = output
        self.not_supported = {}  # why, by the name of a workload

    def profile(self, name, steps, log=False, plain=False):
        """One run of steps, which are workloads and their requests."""
        name = name.replace(" ", "-")
        path = (self.output / f"{name}.dhat.json").resolve()
        path.unlink(missing_ok=True)
        with servers.start(
                self.server, self.program, self.root, self.scratch / name,
                log, True, plain, ("--tool=dhat",
                                   f"--dhat-out-file={path}.%p",
                                   "--num-callers=20")) as process:
            for workload, count in steps:
                try:
                    workload.drive(process.port, count)
                except NotSupported as error:
                    self.not_supported[workload.name] = str(error)
            pids = process.pids()
        # Each process writes one at its end; that of the server is wanted.
        for pid in pids:
            wait_end(pid)
            written = path.with_name(f"{path.name}.{pid}")
            if pid == process.popen.pid and written.exists():
                written.rename(path)
            written.unlink(missing_ok=True)
        if not path.exists():
            raise RuntimeError(f"{name}: valgrind wrote nothing: "
                               f"{process.output.read_text()[-2000:]}")
        return dhat.load(path, self.program)

    def _pair(self, pool, name, steps, log):
        """steps: a workload, its requests, and those of the longer run."""
        warm_up = (WARM_UP, WARM_UP.first)
        # Names of one length: paths are in the heap too.
        first = pool.submit(
            self.profile, f"{name} 1",
            [warm_up, *((one, count) for one, count, _ in steps)], log)
        longer = pool.submit(
            self.profile, f"{name} 2",
            [warm_up, *((one, count + more) for one, count, more in steps)],
            log)
        between = sum(more for _, _, more in steps)
        return lambda: Pair(first.result(), longer.result(), between)

    def pairs(self, workloads, short=False):
        """A pair for each workload, by its name."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = {one.name: self._pair(
                pool, one.name, [(one, *one.length(short))], one.log)
                       for one in workloads}
            return {name: wait() for name, wait in waiting.items()}

    def gate_pair(self, name, workloads, log):
        """One pair for all the workloads, one behind the other."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return self._pair(pool, name, [
                (one, *one.length(True)) for one in workloads], log)()

    def seed(self):
        """The seed's workload, without anything before it."""
        return self.profile(SEED.name, [(SEED, SEED.first)], plain=True)

    def mapped(self):
        """What the server has mapped that is neither file, heap nor stack,
        and how much of it is there, after the seed's workload."""
        with servers.start(self.server, self.program, self.root,
                           self.scratch / "native", small=True,
                           plain=True) as process:
            SEED.drive(process.port, SEED.first)
            pid = process.pids()[-1]
            with open(f"/proc/{pid}/smaps", encoding="utf-8") as file:
                return _anonymous(file)


def _anonymous(smaps):
    size = resident = 0
    counted = False
    for line in smaps:
        words = line.split()
        if re.match("[0-9a-f]+-[0-9a-f]+$", words[0]):
            name = words[5] if len(words) > 5 else ""
            counted = name in ("", "/dev/zero") or name.startswith("[anon")
        elif counted and words[0] == "Size:":
            size += int(words[1]) * 1024
        elif counted and words[0] == "Rss:":
            resident += int(words[1]) * 1024
    return size, resident
