# SPDX-License-Identifier: BSD-2-Clause
"""Checks that a server answers right, then lets wrk measure it."""

import subprocess
import time

from lib.client import Client
from lib.process import children_us, find_program, pin
from lib.servers import BENCH
from lib.site import request

TOLERANCE = 0.02  # heads of different files differ in length


class Invalid(Exception):
    """The answer is wrong, so that a measurement would say nothing."""


class NotSupported(Exception):
    """The server does not have what the workload is about."""


def null_head(workload, length):
    """In front of what the null server sends, of the usual size."""
    return "\r\n".join([
        f"HTTP/1.1 {workload.status} Prepared",
        "Server: null",
        "Date: Thu, 01 Jan 1970 00:00:00 GMT",
        "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT",
        'ETag: "0123456789abcdef-0123"',
        *["Content-Encoding: gzip"] * workload.coded,
        *["Connection: close"] * workload.close,
        *["Content-Type: application/octet-stream",
          f"Content-Length: {length}"] * (workload.status != 304),
        "", ""]).encode()


def _expected(workload, root, path):
    """The body of the answer; None: any."""
    if workload.status == 304:
        return b""
    if workload.status != 200:
        return None
    return (root / path[1:]).read_bytes()


def _check_answer(answer, workload, body):
    if answer.status != workload.status:
        raise Invalid(f"status {answer.status}")
    coding = answer.fields.get("content-encoding", "identity")
    if workload.coded:
        if coding == "identity":
            raise NotSupported("no compressed answer")
        if coding != "gzip":
            raise Invalid(f"Content-Encoding {coding}")
        body = None  # whose compression it is does not matter
    elif coding != "identity":
        raise Invalid(f"Content-Encoding {coding}")
    if body is not None and answer.body != body:
        raise Invalid(f"wrong body of {len(answer.body)} bytes")
    if workload.coded and answer.body[:2] != b"\x1f\x8b":
        raise Invalid("the body is not gzip")


def check(port, workload, root):
    """The message for wrk, and how long an answer is."""
    etag = None
    if workload.validate:
        with Client(port) as client:
            answer = client.ask(request(workload.path))
        etag = answer.fields.get("etag", '"none"')
    message = workload.message(etag)

    for number in ("00000", "00017", "09999") if workload.zipf else ("",):
        path = workload.path.replace("NNNNN", number)
        with Client(port) as client:
            client.send(message.replace(b"NNNNN", number.encode()))
            for _ in range(workload.batch):
                answer = client.read()
                _check_answer(answer, workload,
                              _expected(workload, root, path))
    return message, len(answer.head) + len(answer.body)


def _run_wrk(port, workload, message_file, seconds):
    count = ["10000"] if workload.zipf else []
    run = subprocess.run(
        [find_program("wrk"), "-t1", f"-c{workload.connections}",
         f"-d{seconds}s", "--timeout", "10s", "-s", BENCH / "load.lua",
         f"http://127.0.0.1:{port}/", "--", message_file, *count],
        preexec_fn=pin(1), capture_output=True, text=True, check=False,
        timeout=seconds + 60)
    for line in run.stdout.splitlines():
        if line.startswith("RESULT "):
            return [int(number) for number in line.split()[1:]]
    raise Invalid("wrk: " + (run.stderr or run.stdout).strip()[-200:])


def measure_round(process, workload, message_file, length, seconds):
    """One round: a dict of numbers."""
    cpu_us = process.cpu_us()
    client_us = children_us()
    requests, duration_us, received, statuses, errors, p50, p99 = _run_wrk(
        process.port, workload, message_file, seconds)
    cpu_us = process.cpu_us() - cpu_us
    client_us = children_us() - client_us
    if requests == 0:
        raise Invalid("no request was answered")
    if errors or statuses != (requests if workload.status >= 400 else 0):
        raise Invalid(f"wrk counted {errors} errors, {statuses} statuses")
    # The last answers may have been under way.
    if not (1 - TOLERANCE < received / (requests * length)
            < (1 + TOLERANCE) * (1 + workload.connections / requests)):
        raise Invalid(f"{received / requests:.0f} bytes a request "
                      f"instead of {length}")
    figures = {
        "requests_per_s": requests / duration_us * 1e6,
        "cpu_us": cpu_us / requests,
        "cpu_s_per_gb": cpu_us / received * 1e3,
        # On loopback either side may do the receiver's work in the kernel.
        "both_s_per_gb": (cpu_us + client_us) / received * 1e3,
        "memory_bytes": process.memory_bytes(),
    }
    if workload.batch == 1:  # wrk gets the time of a batch wrong
        figures |= {"p50_us": p50, "p99_us": p99}
    return figures


def measure_idle(process, workload, root):
    """Memory before and after so many connections had one request each."""
    message, _ = check(process.port, workload, root)
    before = process.memory_bytes()
    clients = []
    try:
        for _ in range(workload.idle):
            clients.append(Client(process.port))
            if clients[-1].ask(message).status != 200:
                raise Invalid("a connection had no answer")
        time.sleep(0.5)  # for what a server does when it has time
        after = process.memory_bytes()
        for client in clients[::100]:
            client.ask(message)
    except OSError as error:
        raise Invalid(f"connection {len(clients)}: {error}") from error
    finally:
        for client in clients:
            client.close()
    return {"memory_bytes": after,
            "bytes_per_connection": (after - before) / workload.idle}
