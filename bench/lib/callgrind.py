# SPDX-License-Identifier: BSD-2-Clause
"""User-space instructions of a server, by `valgrind --tool=callgrind`."""

import re
from collections import Counter
from pathlib import Path

from lib import servers
from lib.client import Client

NAME = re.compile(r"(c?)(ob|fl|fi|fe|fn)=\((\d+)\)(?: (.+))?$")
COST = re.compile(r"(?:\+\d+|-\d+|\*|\d+) (\d+)$")


def _count(path):
    """Instructions by (program or library, function), without its callees.

    The file's format is callgrind's: a name is spelled out once and then
    called by its number; the line behind "calls=" is what a callee cost.
    """
    counts, names, now = Counter(), {}, {"ob": "?", "fl": "?", "fn": "?"}
    total, callee = 0, False
    for line in path.read_text("utf-8").splitlines():
        if match := NAME.match(line):
            of_callee, kind, number, name = match.groups()
            space = kind if kind in ("ob", "fn") else "fl"
            if name:
                names[space, number] = name
            if not of_callee and kind in now:
                now[kind] = names[space, number]
        elif line.startswith("calls="):
            callee = True
        elif match := COST.match(line):
            if not callee:
                program = Path(now["ob"]).name
                counts[program, f"{now['fn']} ({Path(now['fl']).name})"] += \
                    int(match[1])
            callee = False
        elif line.startswith("totals: "):
            total = int(line.split()[1])
    if not total or sum(counts.values()) != total:
        raise RuntimeError(f"{path} has {sum(counts.values())} of {total}")
    return counts


def _run(server, program, root, scratch, message, count, log):
    path = scratch.parent / f"{scratch.name}.callgrind"
    with servers.start(server, program, root, scratch, log, valgrind=(
            "--tool=callgrind", f"--callgrind-out-file={path}")) as process:
        with Client(process.port) as client:
            for number in range(count):
                answer = client.ask(
                    message.replace(b"NNNNN", f"{number:05d}".encode()))
                if answer.status != 200:
                    raise RuntimeError(f"another answer: {answer.head!r}")
    if process.popen.returncode != 0 or not path.stat().st_size:
        raise RuntimeError(f"{server.name} ended with status "
                           f"{process.popen.returncode}: "
                           f"{process.output.read_text()[-2000:]}")
    return _count(path)


def instructions(server, program, root, scratch, message, counts,
                 log=False):
    """A request's instructions by function: the difference of two runs."""
    first, longer = (
        _run(server, program, root, scratch / str(number), message, count,
             log)
        for number, count in enumerate(counts))
    longer.subtract(first)
    requests = counts[1] - counts[0]
    return Counter({name: count / requests
                    for name, count in longer.items() if count})
