# SPDX-License-Identifier: BSD-2-Clause
"""The figures of a run as text and as tables for a README."""

import os
import platform
import subprocess
import time

from lib.servers import NULL, OURS

BUSY = 0.5  # load average at the start


def _first_line(argv):
    run = subprocess.run(argv, capture_output=True, text=True, check=False)
    lines = (run.stdout + run.stderr).strip().splitlines()
    return lines[0].strip() if lines else "?"


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def start(arguments, chosen, programs):
    """What is known before the first measurement."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{len(os.sched_getaffinity(0))} cores, {_processor()}, "
                   f"Linux {platform.release()}",
        "load": os.getloadavg()[0],
        "rounds": arguments.rounds, "seconds": arguments.seconds,
        "versions": {server.name: _first_line(
            [programs[server.name], *server.version]) for server in chosen},
        "workloads": {},
    }


def ratio(rows, name, to):
    """CPU of one row in times another's; None where one is missing."""
    a, b = rows.get(name, {}).get("cpu_us"), rows.get(to, {}).get("cpu_us")
    return a / b if a and b else None


def _number(row, key, form, scale=1):
    return format(row[key] / scale, form) if key in row else ""


def _ratio(rows, name, to):
    value = ratio(rows, name, to)
    return "" if value is None else f"{value:.2f}"


LOAD = (
    ("requests/s", lambda rows, n: _number(rows[n], "requests_per_s", ",.0f")),
    ("CPU us", lambda rows, n: _number(rows[n], "cpu_us", ".2f")),
    ("to null", lambda rows, n: _ratio(rows, n, NULL)),
    (f"{OURS} to it", lambda rows, n: _ratio(rows, OURS, n)),
    ("CPU s/GB", lambda rows, n: _number(rows[n], "cpu_s_per_gb", ".3f")),
    ("both s/GB", lambda rows, n: _number(rows[n], "both_s_per_gb", ".3f")),
    ("p50 ms", lambda rows, n: _number(rows[n], "p50_us", ".2f", 1000)),
    ("p99 ms", lambda rows, n: _number(rows[n], "p99_us", ".2f", 1000)),
    ("PSS MiB", lambda rows, n: _number(
        rows[n], "memory_bytes", ".1f", 1 << 20)),
)
LOG = (*LOAD, ("to log off", lambda rows, n: _ratio(
    rows, n, n.removesuffix("+log")) if n.endswith("+log") else ""))
IDLE = (
    ("PSS MiB", LOAD[-1][1]),
    ("bytes a connection", lambda rows, n: _number(
        rows[n], "bytes_per_connection", ",.0f")),
)


def _failure(row):
    for word in ("invalid", "not supported"):
        if word in row:
            return f"{word}: {row[word]}"
    return None


def _columns(rows):
    if any("bytes_per_connection" in row for row in rows.values()):
        return IDLE
    return LOG if has_log(rows) else LOAD


def has_log(rows):
    return any(name.endswith("+log") for name in rows)


def _verdict(workload):
    """Whether the ratio to reach is reached: to null, or to log off."""
    rows = workload["rows"]
    value = (ratio(rows, f"{OURS}+log", OURS) if has_log(rows) else
             ratio(rows, OURS, NULL))
    if not workload["goal"] or value is None:
        return ""
    word = "reached" if round(value, 2) <= workload["goal"] else "missed"
    return f"to reach {workload['goal']:.2f}: {word} with {value:.2f}"


def _preamble(result):
    busy = (f"; others used the machine (load {result['load']:.1f})"
            if result["load"] > BUSY else "")
    return (f"{result['date']}, {result['machine']}; medians of "
            f"{result['rounds']} rounds of {result['seconds']} s{busy}")


def text(result):
    lines = [_preamble(result)]
    lines += [f"  {name}: {version}"
              for name, version in result["versions"].items()]
    for name, workload in result["workloads"].items():
        rows = workload["rows"]
        columns = _columns(rows)
        verdict = _verdict(workload)
        lines += ["", f"{name}: {workload['text']}"
                  + (f" ({verdict})" if verdict else ""),
                  f"  {'':17}" + "".join(
                      f"{title:>{max(11, len(title) + 2)}}"
                      for title, _ in columns)]
        for server, row in rows.items():
            cells = _failure(row) or "".join(
                f"{cell(rows, server):>{max(11, len(title) + 2)}}"
                for title, cell in columns)
            lines.append(f"  {server:17}{cells}")
    return "\n".join(lines) + "\n"


def _cells(rows, names):
    """Of a workload, what stands in its row of the table for a README."""
    if has_log(rows):
        return [_ratio(rows, f"{name}+log", name) for name in names]
    if any("bytes_per_connection" in row for row in rows.values()):
        return [_number(rows.get(name, {}), "bytes_per_connection", ",.0f")
                for name in names]
    return [f"{rows[NULL]['cpu_us']:.2f} us" if name == NULL else
            _failure(rows.get(name, {})) or _ratio(rows, name, NULL)
            for name in names]


def markdown(result):
    """CPU a request in times null's, and bytes of an idle connection."""
    names = [NULL, *(name for name in result["versions"]
                     if name != "nginx-nopush-off")]
    lines = [_preamble(result) + ".", "",
             "| | " + " | ".join(names) + " |",
             "|---" * (len(names) + 1) + "|"]
    for workload in result["workloads"].values():
        rows, text = workload["rows"], workload["text"]
        if has_log(rows):
            text += ": the ratio of on to off"
        elif _columns(rows) is IDLE:
            text += ": bytes each"
        lines.append(f"| {text} | " + " | ".join(_cells(rows, names)) + " |")
    return "\n".join(lines) + "\n"


def listing(all_workloads, all_servers):
    lines = [f"{one.name:14} {one.text}" for one in all_workloads]
    return "\n".join([*lines, "", "servers: " + " ".join(
        server.name for server in all_servers)])
