# SPDX-License-Identifier: BSD-2-Clause
"""The table of servers: their programs, packages and configurations."""

import grp
import os
import pwd
import re
from dataclasses import dataclass, field
from pathlib import Path

from lib.process import Process, find_program, free_port

BENCH = Path(__file__).resolve().parents[1]
OURS = "tined"
NULL = "null"
FULL = "full"  # in place of True for a log


@dataclass(frozen=True)
class Server:
    name: str
    argv: tuple
    template: str
    packages: dict = field(default_factory=dict)  # what each one brings
    values: dict = field(default_factory=dict)
    version: tuple = ("-v",)
    log: dict = field(default_factory=dict)     # the values with a log
    no_log: dict = field(default_factory=dict)  # and without
    full_log: dict = field(default_factory=dict)  # with all that it can do
    single: tuple = ()  # arguments for a single process, for valgrind
    small: dict = field(default_factory=dict)  # values for a heap's profile
    plain: dict = field(default_factory=dict)  # for what the seed's server did
    large_only: bool = False  # another way to send files, and nothing else


# Files that only profiles of a heap have: see lib/site.py.
GUARD = """[auth:bench]
htpasswd = @ROOT@.secrets/htpasswd
api_keys = @ROOT@.secrets/api_keys
url_keys = @ROOT@.secrets/url_keys

[match:bench /guarded/*]
auth = bench"""


def _nginx(name, sendfile, nopush, large_only=False):
    return Server(
        name, ("nginx", "-c", "@CONF@"), "nginx.conf.in",
        {"nginx-light": "nginx"},
        values={"SENDFILE": sendfile, "NOPUSH": nopush},
        large_only=large_only,
        log={"ACCESS_LOG": "@SCRATCH@/access.log combined "
             "buffer=64k flush=1s"},
        no_log={"ACCESS_LOG": "off"},
        single=("-g", "master_process off;"))


ALL = (
    Server(
        OURS, ("tined", "-c", "@CONF@"), "tined.ini.in", version=("-V",),
        log={"ACCESS_LOG": "@SCRATCH@/access.log\nformat = combined"},
        no_log={"ACCESS_LOG": "off"},
        full_log={"ACCESS_LOG": "@SCRATCH@/access.log\nformat = json\n"
                  "skip = 304 /nowhere/*\nsample = 2\n\n"
                  "[server]\nrequest_id = accept\n\n"
                  "[site:own]\nroot = @ROOT@\nhosts = own *.own\n"
                  "[error_pages:own]\n404 = /1k.html\n"
                  "[access_log:own]\npath = @SCRATCH@/own.log\n"
                  "[site:shut]\nroot = @ROOT@\nhosts = shut\n"
                  "maintenance = on\n"
                  "[site:paths]\nroot = @ROOT@\nhosts = paths\n"
                  "redirect_hosts = www.paths\nfallback = /1k.html\n"
                  "try = $uri $uri.html $uri/\ncanonical = extensionless\n"
                  "[redirect:paths]\n/old/* = /new/*\n"
                  "[rewrite:paths]\n/x/* = /*\n"
                  "[match:*]\ncache = hashed\nsecurity = strict\n"
                  "cors = https://a.example\n\n"
                  "[match:*.html]\ntype = text/html\nset = X-A: b"},
        single=("-X",),
        values={"CONNECTIONS": 16384, "FILES": 20_000, "MISSING": 512,
                "MEMORY": "64m", "HEADS": 64, "GUARD": "", "LISTING": "on"},
        small={"CONNECTIONS": 80, "FILES": 16, "MISSING": 8,
               "MEMORY": "128k", "HEADS": 4, "GUARD": GUARD},
        plain={"GUARD": "", "LISTING": "off"}),
    _nginx("nginx", "on", "on"),
    _nginx("nginx-nosendfile", "off", "off"),
    _nginx("nginx-nopush-off", "on", "off", large_only=True),
    Server(
        "lighttpd", ("lighttpd", "-D", "-f", "@CONF@"), "lighttpd.conf.in",
        {"lighttpd": "lighttpd",
         "lighttpd-mod-deflate": "/usr/lib/lighttpd/mod_deflate.so"},
        log={"LOG_MODULE": ', "mod_accesslog"',
             "ACCESS_LOG": 'accesslog.filename = "@SCRATCH@/access.log"'},
        no_log={"LOG_MODULE": "", "ACCESS_LOG": ""}),
    Server(
        "h2o", ("h2o", "-c", "@CONF@"), "h2o.conf.in", {"h2o": "h2o"},
        log={"ACCESS_LOG": "access-log: @SCRATCH@/access.log"},
        no_log={"ACCESS_LOG": ""}),
)


def find(name):
    return next(server for server in ALL if server.name == name)


def missing_packages(servers):
    """Debian packages that are not installed; wrk is always needed."""
    packages = {"wrk": "wrk"}
    for server in servers:
        packages |= server.packages
    return [package for package, brings in packages.items()
            if not find_program(brings) and not os.path.exists(brings)]


def _fill(text, values):
    """@NAME@ by its value, which may have @NAME@ in it too."""
    while (filled := re.sub("@([A-Z_]+)@", lambda match: str(
            values[match[1]]), text)) != text:
        text = filled
    return text


def _write_conf(server, root, scratch, port, values):
    """The argv of a server whose configuration is written."""
    values = {
        "ROOT": root, "SCRATCH": scratch, "PORT": port,
        "CONF": scratch / "conf",
        "USER": pwd.getpwuid(os.geteuid()).pw_name,
        "GROUP": grp.getgrgid(os.getegid()).gr_name,
        **server.values, **values,
    }
    template = (BENCH / "conf" / server.template).read_text("utf-8")
    values["CONF"].write_text(_fill(template, values), "utf-8")
    return [_fill(word, values) for word in server.argv]


def start(server, program, root, scratch, log=False, small=False,
          plain=False, valgrind=()):
    """The running server, whose files are in scratch.

    With options for valgrind it runs under it, as a single process.
    """
    scratch.mkdir(parents=True)
    port = free_port()
    argv = _write_conf(server, root, scratch, port, {
        **(server.full_log if log == FULL else
           server.log if log else server.no_log),
        **(server.small if small else {}),
        **(server.plain if plain else {})})
    if not valgrind:
        return Process([program, *argv[1:]], port, scratch)
    return Process(["valgrind", "-q", *valgrind, "--", program,
                    *server.single, *argv[1:]],
                   port, scratch, core=None, patience_s=60)


def start_null(program, workload, scratch, answer, body_file=None):
    """The null server with an answer of bytes, in front of a body's file."""
    scratch.mkdir(parents=True)
    (scratch / "answer").write_bytes(answer)
    port = free_port()
    argv = [program, "-p", str(port), "-a", "answer"]
    if body_file:
        argv += ["-b", str(body_file)]
    if workload.batch > 1:
        argv += ["-n", str(workload.batch)]
    if workload.close:
        argv += ["-c"]
    return Process(argv, port, scratch)
