# SPDX-License-Identifier: BSD-2-Clause
"""The table of workloads: what is asked, how, and the ratio to reach."""

from dataclasses import dataclass

from lib.site import BROWSER, ZIPF_FILES, request


@dataclass(frozen=True)
class Workload:
    name: str
    text: str
    path: str = "/1k.html"
    fields: tuple = ()
    connections: int = 64
    batch: int = 1          # requests in one write
    close: bool = False
    validate: bool = False  # with the ETag that the server gives
    zipf: bool = False
    coded: bool = False     # the .gz beside the file must be sent
    sendfile: bool = False  # large: the null server takes sendfile, and
                            # CPU seconds a GB say more than a request's
    status: int = 200
    log: bool = False       # each server a second time, with a log
    idle: int = 0           # connections that do nothing, instead of load
    goal: float = 0         # most CPU of tined, in times the null server's,
                            # or with log, in times that without

    def message(self, etag=None):
        """What a client writes; NNNNN stands for the number of a file."""
        fields = self.fields
        if self.close:
            fields += (("Connection", "close"),)
        if self.coded:
            fields += (("Accept-Encoding", "gzip"),)
        if self.validate:
            fields += (("If-None-Match", etag),)
        return request(self.path, fields) * self.batch


ALL = (
    Workload("1k_kept_64", "1 KiB, kept, 64 connections", goal=1.12),
    Workload("38b_256", "38 B, kept, 256 connections", path="/38b.html",
             connections=256, goal=1.12),
    Workload("1k_browser", "1 KiB, a browser's 14 fields", fields=BROWSER,
             goal=1.15),
    Workload("pipelined_16", "1 KiB, 16 requests a write", batch=16, goal=3),
    Workload("close", "1 KiB, Connection: close", close=True, goal=1.15),
    Workload("304", "If-None-Match of the file's ETag", validate=True,
             status=304, goal=1.10),
    Workload("404", "a file that does not exist", path="/missing.html",
             status=404, goal=1.10),
    Workload("zipf_10000", f"{ZIPF_FILES:,} files of 4 KiB by Zipf's law",
             path="/zipf/NNNNN.html", zipf=True, goal=1.20),
    Workload("precompressed", "26 KiB, compressed beforehand", coded=True,
             path="/app.js", goal=1.12),
    Workload("64k", "64 KiB", path="/64k.bin", sendfile=True, goal=1.15),
    Workload("1m", "1 MiB, 16 connections", path="/1m.bin", sendfile=True,
             connections=16),
    Workload("10m", "10 MiB, 4 connections", path="/10m.bin", sendfile=True,
             connections=4),
    Workload("access_log", "1 KiB, kept, access log off and on", log=True,
             goal=1.05),
    Workload("idle_10000", "10,000 idle kept connections", idle=10_000),
)
