# SPDX-License-Identifier: BSD-2-Clause
"""A workload on all servers, in interleaved rounds."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from lib import measure, servers, site
from lib.measure import Invalid, NotSupported
from lib.process import Process

FAILURES = (Invalid, OSError, RuntimeError)


@dataclass
class Running:
    process: Process
    message: Path  # what wrk sends
    length: int    # of an answer


class Run:
    def __init__(self, chosen, programs, arguments, scratch):
        self.servers = chosen
        self.programs = programs
        self.rounds = arguments.rounds
        self.seconds = arguments.seconds
        self.scratch = scratch
        self.root = scratch / "root"
        site.make(self.root)

    def _null_answer(self, workload):
        """What is in memory, and the file that follows or None."""
        name = workload.path.replace("NNNNN", "00000")[1:]
        file = self.root / (name + ".gz" if workload.coded else name)
        body = b""
        if workload.status == 404:
            body = b"Not Found\n" * 20
        elif workload.status == 200:
            body = file.read_bytes()
        head = measure.null_head(workload, len(body))
        return (head, file) if workload.sendfile else (head + body, None)

    def _start_null(self, stack, workload):
        folder = self.scratch / workload.name / servers.NULL
        answer, file = self._null_answer(workload)
        process = stack.enter_context(servers.start_null(
            self.programs[servers.NULL], workload, folder, answer, file))
        (folder / "message").write_bytes(workload.message('"none"'))
        return Running(process, folder / "message",
                       len(answer) + (file.stat().st_size if file else 0))

    def _start(self, stack, server, workload, name, log):
        folder = self.scratch / workload.name / name
        process = stack.enter_context(servers.start(
            server, self.programs[server.name], self.root, folder, log))
        message, length = measure.check(process.port, workload, self.root)
        (folder / "message").write_bytes(message)
        return Running(process, folder / "message", length)

    def _names(self, workload):
        """The servers by the names of their rows, and whether they log."""
        return {server.name + "+log" * log: (server, log)
                for server in self.servers
                if workload.sendfile or not server.large_only
                for log in ((False, True) if workload.log else (False,))}

    def _start_all(self, stack, workload, rows):
        """What runs by the name of its row; rows gets what does not."""
        running = {servers.NULL: self._start_null(stack, workload)}
        for name, (server, log) in self._names(workload).items():
            try:
                running[name] = self._start(stack, server, workload, name, log)
            except NotSupported as error:
                rows[name] = {"not supported": str(error)}
            except FAILURES as error:
                rows[name] = {"invalid": str(error)}
        return running

    def _measure_load(self, running, workload, rows):
        rounds = {name: [] for name in running}
        for number in range(-1, self.rounds):  # the first one warms up
            for name, one in running.items():
                if name in rows:
                    continue
                try:
                    rounds[name].append(measure.measure_round(
                        one.process, workload, one.message, one.length,
                        1 if number < 0 else self.seconds))
                except FAILURES as error:
                    rows[name] = {"invalid": str(error)}
        for name, done in rounds.items():
            if name not in rows:
                rows[name] = {key: median(one[key] for one in done[1:])
                              for key in done[0]}
                rows[name]["rounds"] = done[1:]

    def _measure_idle(self, running, workload, rows):
        for name, one in running.items():
            try:
                rows[name] = measure.measure_idle(
                    one.process, workload, self.root)
            except FAILURES as error:
                rows[name] = {"invalid": str(error)}

    def measure(self, workload):
        """A row of figures by the name of each server."""
        rows = {}
        with ExitStack() as stack:
            running = self._start_all(stack, workload, rows)
            if workload.idle:
                self._measure_idle(running, workload, rows)
            else:
                self._measure_load(running, workload, rows)
        return {name: rows[name]
                for name in (servers.NULL, *self._names(workload))}
