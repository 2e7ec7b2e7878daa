# SPDX-License-Identifier: BSD-2-Clause
"""
Faults on demand: what can fail, how, and the page that says what is to.

tests/fault/fault.c makes the calls fail.  A point is one call that fails in
one way, at one moment; HACKING.md says how to add some.
"""

import errno
import mmap
import struct
from typing import NamedTuple

from server import find_binary

NAME_BYTES, CALLS_MAX = 24, 96
SHORT, END = 0x10000, 0x10001  # not an errno: one byte moves; 0 is returned
ALWAYS = 0xffffffff
ANYBODY, MASTER, OTHERS = range(3)
POINT_S = 10


def find_library():
    path = find_binary().parent / "tests/fault/fault.so"
    assert path.is_file(), f"no {path}: make tests/fault/fault.so"
    return path


class Point(NamedTuple):
    """What fails: a call, in which way, the how-manieth, how many times."""

    call: str
    error: int
    first: int = 1
    count: int = 1
    who: int = ANYBODY

    def __str__(self):
        error = {SHORT: "SHORT", END: "END"}.get(
            self.error) or errno.errorcode[self.error]
        more = " and all that follow" if self.count == ALWAYS else ""
        who = ("", " of the master", " of a worker")[self.who]
        return f"{self.call}{who}: {error} at {self.first}{more}"


NEVER = Point("", 0)


class FaultPage:
    """The memory that the library and this program share; see fault.c."""

    ARMS = struct.Struct(f"{NAME_BYTES}s7I")
    COUNTS = struct.Struct(f"{CALLS_MAX}I")

    def __init__(self, path):
        self.path = path
        self.bytes = (self.ARMS.size + 2 * self.COUNTS.size
                      + CALLS_MAX * NAME_BYTES)
        path.write_bytes(bytes(self.bytes))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), self.bytes)

    def environment(self):
        return {"LD_PRELOAD": str(find_library()),
                "FAULT_PAGE": str(self.path),
                "ASAN_OPTIONS": "verify_asan_link_order=0:"
                                "allocator_may_return_null=1"}

    def reset(self):
        """As for a server that is yet to start."""
        self.map[:] = bytes(self.bytes)

    def arm(self, point):
        """From now on the point counts, and fails when its turn comes."""
        self.disarm()
        at = NAME_BYTES
        self.map[at:at + 16] = struct.pack(
            "4I", point.error, point.first, point.count, point.who)
        self.map[at + 20:at + 28] = bytes(8)
        # The name last, and its first byte at the end: it is what counts.
        name = point.call.encode().ljust(NAME_BYTES, b"\0")
        self.map[1:NAME_BYTES] = name[1:]
        self.map[0:1] = name[:1]

    def disarm(self):
        self.map[0:NAME_BYTES] = bytes(NAME_BYTES)

    @property
    def failed(self):
        """How many calls failed since it was armed."""
        return self.ARMS.unpack_from(self.map)[7]

    def seen(self, who):
        """The calls so far, of the master or of others, by name."""
        at = self.ARMS.size + (who == OTHERS) * self.COUNTS.size
        counts = self.COUNTS.unpack_from(self.map, at)
        names = self.ARMS.size + 2 * self.COUNTS.size
        return {self.map[names + i * NAME_BYTES:names + (i + 1) * NAME_BYTES]
                .rstrip(b"\0").decode(): n for i, n in enumerate(counts) if n}


# What each call can fail with, where its manual page says so, and whether it
# can move less than it was asked to.
ERRORS = {
    "alloc": ["ENOMEM"],
    "accept4": ["ECONNABORTED", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM",
                "EPROTO", "EPERM", "EINTR", "EAGAIN"],
    "bind": ["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOMEM"],
    "close": ["EIO", "EINTR"],
    "dup": ["EMFILE"],
    "dup2": ["EBUSY", "EINTR", "EMFILE"],
    "epoll_create1": ["EMFILE", "ENFILE", "ENOMEM"],
    "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "epoll_wait": ["EINTR"],
    "eventfd": ["EMFILE", "ENFILE", "ENODEV", "ENOMEM"],
    "fcntl": ["EMFILE", "ENOLCK"],
    "flock": ["EINTR", "ENOLCK", "EWOULDBLOCK"],
    "fopen": ["EACCES", "EMFILE", "ENOMEM", "EIO"],
    "fork": ["EAGAIN", "ENOMEM"],
    "fstat": ["EIO", "ENOMEM"],
    "fstatat": ["EIO", "ENOMEM"],
    "fstatfs": ["EINTR", "EIO", "ENOSYS"],
    "ftruncate": ["EIO", "EINTR", "EFBIG"],
    "getdents64": ["EIO"],
    "getrandom": ["EINTR"],
    "getrlimit": ["EPERM"],
    "getsockname": ["ENOBUFS"],
    "getsockopt": ["ENOPROTOOPT"],
    "inotify_add_watch": ["ENOSPC", "ENOMEM", "EACCES"],
    "inotify_init1": ["EMFILE", "ENFILE", "ENOMEM"],
    "kill": ["EPERM"],
    "listen": ["EADDRINUSE", "EOPNOTSUPP"],
    "lstat": ["EACCES", "EIO", "ENOMEM"],
    "memfd_create": ["EMFILE", "ENFILE", "ENOMEM"],
    "mmap": ["ENOMEM", "EAGAIN", "EPERM"],
    "open": ["EACCES", "EMFILE", "ENFILE", "ENOMEM", "EIO", "EINTR"],
    "openat": ["EACCES", "EMFILE", "ENFILE", "ENOMEM", "EIO", "EINTR"],
    "openat2": ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "EIO", "EINTR"],
    "pipe2": ["EMFILE", "ENFILE"],
    "ppoll": ["EINTR", "ENOMEM"],
    "prctl": ["EPERM", "EINVAL"],
    "pread": ["EIO", "EINTR", "SHORT", "END"],
    "pwrite": ["EIO", "ENOSPC", "SHORT"],
    "read": ["EIO", "EINTR"],
    "recv": ["ECONNRESET", "EAGAIN", "EINTR", "ENOMEM", "ETIMEDOUT", "SHORT"],
    "recvmsg": ["EAGAIN", "EINTR", "ENOMEM"],
    "send": ["EPIPE", "ECONNRESET", "EAGAIN", "EINTR", "ENOBUFS", "ENOMEM",
             "SHORT"],
    "sendfile": ["EIO", "EAGAIN", "EINTR", "EPIPE", "ENOMEM", "EOVERFLOW",
                 "SHORT", "END"],
    "sendmsg": ["EPIPE", "ECONNRESET", "EAGAIN", "EINTR", "ENOBUFS", "ENOMEM",
                "SHORT"],
    "sendto": ["EAGAIN", "ECONNREFUSED", "ENOBUFS"],
    "setresgid": ["EAGAIN", "EPERM"],
    "setresuid": ["EAGAIN", "EPERM"],
    "setrlimit": ["EPERM", "EINVAL"],
    "setsockopt": ["ENOPROTOOPT", "ENOMEM", "EPERM"],
    "signalfd": ["EMFILE", "ENFILE", "ENOMEM"],
    "socket": ["EMFILE", "ENFILE", "ENOBUFS", "EAFNOSUPPORT"],
    "socketpair": ["EMFILE", "ENFILE", "ENOMEM"],
    "stat": ["EACCES", "EIO", "ENOMEM"],
    "statx": ["EIO", "ENOMEM"],
    "unlink": ["EACCES", "EBUSY", "EROFS"],
    "waitpid": ["EINTR"],
    "write": ["ENOSPC", "EIO", "EINTR", "EAGAIN", "EPIPE", "SHORT"],
    "writev": ["ENOSPC", "EIO", "EINTR", "EAGAIN", "EPIPE", "SHORT"],
}


def error_number(name):
    return {"SHORT": SHORT, "END": END}.get(name) or getattr(errno, name)


def points(seen, who, count=1, calls=None):
    """All of them, for the calls that were seen."""
    return [Point(call, error_number(error), first, count, who)
            for call, n in sorted(seen.items())
            if calls is None or call in calls
            for error in ERRORS[call]
            for first in range(1, n + 1)]


def difference(after, before):
    return {call: n - before.get(call, 0) for call, n in after.items()
            if n > before.get(call, 0)}


def spread(all_points, most):
    """That many of them, from all over, the same ones each time."""
    step = max(1, len(all_points) // most)
    return all_points[::step]
