# SPDX-License-Identifier: BSD-2-Clause
"""Prometheus' text format 0.0.4, read as strictly as its promtool does."""

import re

METRIC = re.compile(r"[a-z][a-z0-9_]*")
SAMPLE = re.compile(r"([a-z][a-z0-9_]*)(?:\{(.*)\})? (-?[0-9]+(?:\.[0-9]+)?)")
LABEL = re.compile(r'([a-z_][a-z0-9_]*)="([^"\\\n]*)"(?:,|$)')
TYPES = ("counter", "gauge", "histogram")
UNITS = re.compile(r"_(ms|us|milliseconds|minutes|hours|kilobytes|kb)(_|$)")


def labels_of(text):
    labels, at = {}, 0
    while at < len(text or ""):
        match = LABEL.match(text, at)
        assert match, f"labels {text!r}"
        assert match[1] not in labels, f"label twice: {text!r}"
        labels[match[1]] = match[2]
        at = match.end()
    return labels


class Family:
    """A metric with all its series."""

    def __init__(self, name, text):
        self.name, self.help, self.type = name, text, None
        self.samples = {}  # (name, labels) to value

    def add(self, name, labels, value):
        suffixes = (("_bucket", "_sum", "_count")
                    if self.type == "histogram" else ("",))
        assert name in [self.name + end for end in suffixes], name
        assert ("le" in labels) == name.endswith("_bucket"), labels
        key = name, tuple(sorted(labels.items()))
        assert key not in self.samples, f"twice: {key}"
        self.samples[key] = value

    def check(self):
        assert self.type in TYPES, self.name
        assert self.samples, f"no sample: {self.name}"
        assert self.help.endswith("."), self.help
        assert not UNITS.search(self.name), f"base units: {self.name}"
        assert (self.type == "counter") == self.name.endswith("_total")
        assert all(value >= 0 for value in self.samples.values()), self.name
        if self.type == "histogram":
            self.check_histogram()

    def check_histogram(self):
        before, ends = 0, []
        for (name, labels), value in self.samples.items():
            if not name.endswith("_bucket"):
                continue
            ends.append(float(dict(labels)["le"].replace("+Inf", "inf")))
            assert value >= before, f"not cumulative: {name} {labels}"
            before = value
        assert ends == sorted(set(ends)) and ends[-1] == float("inf")
        assert self.samples[self.name + "_count", ()] == before
        assert (self.name + "_sum", ()) in self.samples


def parse(text):
    """All families by name; anything out of order is an error."""
    families, family = {}, None
    assert text.endswith("\n") and "\n\n" not in text
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert METRIC.fullmatch(name) and name not in families, line
            family = families[name] = Family(name, words)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == family.name and family.type is None, line
            assert not family.samples, line
            family.type = kind
        else:
            match = SAMPLE.fullmatch(line)
            assert match, f"line {line!r}"
            family.add(match[1], labels_of(match[2]), float(match[3]))
    for family in families.values():
        family.check()
    return families


def value(families, name, **labels):
    """The value of one series."""
    suffix = re.search(r"_(sum|count)$", name)
    family = families.get(name) or families[name[:suffix.start()]]
    return family.samples[name, tuple(sorted(labels.items()))]


def total(families, name):
    """The sum of all series of a metric."""
    return sum(families[name].samples.values())
