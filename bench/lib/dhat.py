# SPDX-License-Identifier: BSD-2-Clause
"""What `valgrind --tool=dhat` writes about a heap."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field

from lib.servers import BENCH

FRAME = re.compile(r"0x[0-9A-Fa-f]+: (.+) \((?:in )?([^()]+)\)$")
DEFINITION = re.compile(r"^([a-z]\w*)\(", re.M)
SOURCE = BENCH.parent / "src"
# Takes the place of malloc(3) and counts; who called it is what matters.
WRAPPER = "heap.c"


@dataclass
class Profile:
    total_bytes: int
    calls: int
    peak_bytes: int  # t-gmax
    end_bytes: int   # t-end
    site_bytes: Counter = field(default_factory=Counter)  # by site
    site_calls: Counter = field(default_factory=Counter)
    ours: set = field(default_factory=set)  # the sites in our own code


def _function_at(files, place):
    """What a line is in; valgrind cannot tell when it was inlined by LTO."""
    name, _, line = place.partition(":")
    head = files[name].read_text("utf-8").split("\n")[:int(line)]
    found = DEFINITION.findall("\n".join(head))
    return found[-1] if found else "?"


def _frames(texts, files, program):
    """Innermost first: (function, place, whether it is ours)."""
    frames = []
    for text in texts:
        match = FRAME.match(text)
        function, place = match.groups() if match else (text, "?")
        place = place.rpartition("/")[2]
        name = place.split(":")[0]
        if name in files and ":" in place:
            function = _function_at(files, place)
        if not place.startswith(("vg_replace_", "vgpreload_", WRAPPER)):
            frames.append((function, place, name in files or name == program))
    return frames or [("?", "?", False)]


def _site(frames):
    """Who called malloc and, if a library did, for whom of us."""
    function, place, is_ours = frames[0]
    text = f"{function} ({place})"
    if not is_ours:
        for function, place, is_caller in frames[1:]:
            if is_caller:
                return f"{text} for {function} ({place})"
    return text


def load(path, program):
    """The profile of a program; ours is what is built from our sources."""
    data = json.loads(path.read_text("utf-8"))
    files = {file.name: file for file in SOURCE.rglob("*.[ch]")}
    points = data["pps"]
    profile = Profile(
        sum(point["tb"] for point in points),
        sum(point["tbk"] for point in points),
        sum(point["gb"] for point in points),
        sum(point["eb"] for point in points))
    for point in points:
        frames = _frames([data["ftbl"][i] for i in point["fs"]],
                         files, program.name)
        site = _site(frames)
        profile.site_bytes[site] += point["tb"]
        profile.site_calls[site] += point["tbk"]
        if frames[0][2]:
            profile.ours.add(site)
    return profile
