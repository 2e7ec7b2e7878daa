# SPDX-License-Identifier: BSD-2-Clause
"""A heap's figures beside the seed's, the peers' and those of a baseline."""

from lib import plot
from lib.heapload import SEED

ROWS = (
    ("total bytes", "bytes"),
    ("total calls", "calls"),
    ("peak (t-gmax)", "peak"),
    ("at end (t-end)", "end"),
    ("bytes a request", "bytes_a_request"),
    ("calls a request", "calls_a_request"),
    ("marginal bytes a request", "marginal_bytes"),
    ("marginal calls a request", "marginal_calls"),
    ("mapped beside the heap", "mapped"),
    ("of that resident", "resident"),
)

# http-handle 0.0.5 by its own profile, the others of Debian 12 by valgrind.
OTHERS = {
    "http-handle": {
        "bytes": 40_130_345, "calls": 45_155, "peak": 121_164, "end": 43_996,
        "bytes_a_request": 40_130_345 / 1024, "calls_a_request": 45_155 / 1024,
        "marginal_bytes": 39_190, "marginal_calls": 44.1},
    "nginx": {
        "bytes": 10_723_275, "calls": 7_106, "peak": 638_936,
        "bytes_a_request": 10_723_275 / 1024, "calls_a_request": 7_106 / 1024,
        "marginal_bytes": 9_728, "marginal_calls": 4},
    "h2o": {
        "bytes": 2_482_504, "calls": 12_789, "peak": 405_850,
        "bytes_a_request": 2_482_504 / 1024, "calls_a_request": 12_789 / 1024,
        "marginal_bytes": 1_371, "marginal_calls": 3},
    "lighttpd": {
        "bytes": 474_759, "calls": 1_460, "peak": 422_604,
        "bytes_a_request": 474_759 / 1024, "calls_a_request": 1_460 / 1024,
        "marginal_bytes": 36, "marginal_calls": 1.04},
}


def seed_figures(profile, close, mapped):
    """Of the seed's workload; close is the pair that says what is marginal."""
    return {
        "bytes": profile.total_bytes, "calls": profile.calls,
        "peak": profile.peak_bytes, "end": profile.end_bytes,
        "bytes_a_request": profile.total_bytes / SEED.first,
        "calls_a_request": profile.calls / SEED.first,
        "marginal_bytes": close.more_bytes() / close.more,
        "marginal_calls": close.more_calls() / close.more,
        "mapped": mapped[0], "resident": mapped[1],
    }


def figures(pairs):
    """Plain numbers by workload, to be saved and compared."""
    return {name: {
        "requests_between": pair.more,
        "marginal_calls": pair.more_calls() / pair.more,
        "marginal_bytes": pair.more_bytes() / pair.more,
        "calls": pair.longer.calls, "bytes": pair.longer.total_bytes,
        "peak": pair.longer.peak_bytes, "end": pair.longer.end_bytes,
    } for name, pair in pairs.items()}


def _number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def headline(name, seed):
    """The seed's table, with a column for each server."""
    columns = {name: seed, **{other: column for other, column in
                              OTHERS.items() if other != name}}
    lines = [f"{SEED.first:,} requests, one behind the other, with "
             "Connection: close",
             " " * 26 + "".join(f"{column:>14}" for column in columns)]
    for text, key in ROWS:
        lines.append(f"  {text:24}" + "".join(
            f"{_number(column.get(key)):>14}" for column in columns.values()))
    return lines


def sites(profile, count):
    """The largest sites, and whose they are."""
    total = max(profile.total_bytes, 1)
    ours = sum(profile.site_bytes[site] for site in profile.ours)
    lines = ["", f"Top allocation sites (ours {100 * ours / total:.1f} %, "
             f"libraries {100 - 100 * ours / total:.1f} % of the bytes)"]
    for rank, (site, size) in enumerate(
            profile.site_bytes.most_common(count), 1):
        lines.append(f"  {rank:2} {100 * size / total:6.2f} % {size:>11,} B "
                     f"{profile.site_calls[site]:>7,} x  {site}")
    return lines


def marginals(pairs, not_supported):
    """The table of all workloads, and the sites of what is not 0."""
    lines = ["", f"  {'workload':16}{'requests':>10}{'calls/req':>11}"
             f"{'bytes/req':>11}{'calls':>9}{'bytes':>12}{'peak':>12}"
             f"{'at end':>10}"]
    for name, row in figures(pairs).items():
        lines.append(
            f"  {name:16}{row['requests_between']:>10,}"
            f"{_number(row['marginal_calls']):>11}"
            f"{_number(row['marginal_bytes']):>11}{row['calls']:>9,}"
            f"{row['bytes']:>12,}{row['peak']:>12,}{row['end']:>10,}")
        lines += differences(pairs[name], 3)
    lines += [f"  {name:16} not supported: {why}"
              for name, why in not_supported.items()]
    return lines


def differences(pair, most):
    return [f"  {'':16}{calls:>+10,} calls: {site}"
            for calls, site in pair.sites()[:most]]


def compare(by_name, baseline):
    """What differs from a baseline, a line each."""
    lines = ["", "Against the baseline:"]
    for name, row in by_name.items():
        for key, value in row.items():
            before = baseline.get(name, {}).get(key)
            if before is not None and before != value:
                lines.append(f"  {name}, {key}: {_number(before)} -> "
                             f"{_number(value)}")
    return lines if len(lines) > 2 else [*lines, "  no difference"]


def svg(name, seed):
    """The seed's workload in bars, on a logarithmic scale."""
    columns = {name: seed, **{other: column for other, column in
                              OTHERS.items() if other != name}}
    groups = [(text, 0, {column: values[key] for column, values in
                            columns.items() if values.get(key) is not None})
              for text, key in ROWS[:3] + ROWS[6:8]]
    return plot.bars(f"The heap in {SEED.first:,} requests with Connection: "
                     "close (logarithmic)", groups, list(columns), 1e8,
                     log=True, form=",.9g")
