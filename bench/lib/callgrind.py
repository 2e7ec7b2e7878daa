# SPDX-License-Identifier: BSD-2-Clause
"""User-space instructions of a server, by `valgrind --tool=callgrind`."""

import re
import subprocess
from collections import Counter

from lib import servers
from lib.client import Client

LINE = re.compile(r"\s*([\d,]+)\s+(?:\S*/)?([^/:]+):(.+) \[(?:.*/)?([^/]+)\]$")


def _annotate(path):
    """Instructions by (program or library, function), without its callees."""
    run = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--auto=no",
         "--show-percs=no", path],
        capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"callgrind_annotate: {run.stderr.strip()}")
    counts = Counter()
    for line in run.stdout.splitlines():
        if match := LINE.match(line):
            count, file, function, program = match.groups()
            place = "" if file == "???" else f" ({file})"
            counts[program, function + place] += int(count.replace(",", ""))
    return counts


def _run(server, program, root, scratch, message, count):
    path = scratch.parent / f"{scratch.name}.callgrind"
    with servers.start(server, program, root, scratch, valgrind=(
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
    return _annotate(path)


def instructions(server, program, root, scratch, message, counts):
    """A request's instructions by function: the difference of two runs."""
    first, longer = (
        _run(server, program, root, scratch / str(number), message, count)
        for number, count in enumerate(counts))
    longer.subtract(first)
    requests = counts[1] - counts[0]
    return Counter({name: count / requests
                    for name, count in longer.items() if count})
