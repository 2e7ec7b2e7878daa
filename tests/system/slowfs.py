# SPDX-License-Identifier: BSD-2-Clause
"""A file system of the tests: its files hang, fail or come short when told.

It speaks the protocol of /dev/fuse itself, in threads of this process, so that
nothing has to be installed.  Nothing here may look at the mount: that could
wait for ourselves.
"""

import ctypes
import errno
import os
import select
import stat
import struct
import threading

(LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR,
 READDIR, RELEASEDIR, INTERRUPT, DESTROY, BATCH_FORGET) = (
     1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29, 36, 38, 42)
NAMES = {LOOKUP: "lookup", GETATTR: "getattr", OPEN: "open", READ: "read",
         FLUSH: "flush", OPENDIR: "open", READDIR: "read"}
SILENT = (FORGET, BATCH_FORGET, INTERRUPT)

ROOT = 1
MNT_DETACH = 2
DIRECT_IO = 1
ASYNC_READ, PARALLEL_DIROPS, MAX_PAGES = 1 << 0, 1 << 18, 1 << 22
MOST_BYTES = 128 * 1024


class Node:
    """A file, or a folder when data is None."""

    def __init__(self, number, data, size=None):
        self.number = number
        self.data = data
        self.size = size if size is not None else len(data or b"")


class SlowFS:
    """A flat folder of files, mounted from the start until close()."""

    def __init__(self, mountpoint, files, cache_s=0, direct=False, path=None):
        """cache_s: how long the kernel may keep what lookups said."""
        self.mountpoint = str(mountpoint)
        self.cache_s = cache_s
        self.flags = DIRECT_IO if direct else 0
        self.nodes = {"": Node(ROOT, None)}
        self.hung = {}  # (what, name): an Event that ends it
        self.errors = {}  # (what, name): an errno
        self.seen = []  # (what, name) of every request
        self.changed = threading.Condition()
        for name, data in files.items():
            self.add(name, data)
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self.ended = os.pipe()
        libc = ctypes.CDLL(None, use_errno=True)
        options = (f"fd={self.fd},rootmode=40000,user_id=0,group_id=0,"
                   "allow_other")
        if libc.mount(b"slowfs", os.fsencode(self.mountpoint), b"fuse", 0,
                      options.encode()) == -1:
            os.close(self.fd)
            raise OSError(ctypes.get_errno(), "no FUSE can be mounted here")
        self.libc = libc
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def add(self, name, data, size=None):
        self.nodes[name] = Node(ROOT + len(self.nodes), data, size)

    def hang(self, what, name=""):
        """From now on such a request for name is not answered."""
        self.hung.setdefault((what, name), threading.Event())

    def fail(self, what, name, error):
        self.errors[what, name] = error

    def release(self, what, name=""):
        self.hung.pop((what, name)).set()

    def count(self, what, name):
        with self.changed:
            return self.seen.count((what, name))

    def wait(self, what, name, count=1, timeout_s=10):
        """Waits until count such requests have come."""
        with self.changed:
            assert self.changed.wait_for(
                lambda: self.seen.count((what, name)) >= count, timeout_s), (
                    f"no {what} of {name}: {self.seen}")

    def close(self):
        """Ends it, and with it whoever still waits for an answer."""
        if self.fd == -1:
            return
        fd, self.fd = self.fd, -1
        os.write(self.ended[1], b"x")
        self.thread.join(10)
        os.close(fd)
        self.libc.umount2(os.fsencode(self.mountpoint), MNT_DETACH)
        for event in self.hung.values():
            event.set()
        for end in self.ended:
            os.close(end)

    def serve(self):
        fd = self.fd
        while True:
            # A read that waits would keep the kernel's end open.
            if select.select([fd, self.ended[0]], [], [])[0] != [fd]:
                return
            try:
                message = os.read(fd, MOST_BYTES + 65536)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
                    continue
                return
            opcode = struct.unpack_from("=I", message, 4)[0]
            if opcode in SILENT:
                continue
            name = self.name_of(message)
            event = self.hung.get((NAMES.get(opcode), name))
            with self.changed:
                self.seen.append((NAMES.get(opcode, opcode), name))
                self.changed.notify_all()
            if event is None:
                self.answer(fd, message, opcode, name)
            else:
                threading.Thread(
                    target=self.answer_late, daemon=True,
                    args=(event, fd, message, opcode, name)).start()
            if opcode == DESTROY:
                return

    def answer_late(self, event, fd, *rest):
        event.wait()
        if self.fd != -1:
            self.answer(fd, *rest)

    def name_of(self, message):
        opcode, number = struct.unpack_from("=I8xQ", message, 4)
        if opcode == LOOKUP:
            return message[40:].split(b"\0")[0].decode()
        return next((name for name, node in self.nodes.items()
                     if node.number == number), "")

    def answer(self, fd, message, opcode, name):
        unique = struct.unpack_from("=Q", message, 8)[0]
        error = self.errors.get((NAMES.get(opcode), name), 0)
        body = b""
        if error == 0:
            try:
                body = self.act(opcode, name, message[40:])
            except OSError as failed:
                error = failed.errno
        if error != 0:
            body = b""
        try:
            os.write(fd, struct.pack("=IiQ", 16 + len(body), -error, unique)
                     + body)
        except OSError:
            pass  # it was interrupted, or all is over

    def attributes(self, node):
        folder = node.data is None
        mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
        return struct.pack("=QQQQQQIIIIIIIIII", node.number, node.size,
                           (node.size + 511) // 512, 1, 10**9, 1, 0, 0, 0,
                           mode, 1, 0, 0, 0, 4096, 0)

    def act(self, opcode, name, rest):
        if opcode == INIT:
            return struct.pack("=IIIIHHIIHHI28x", 7, 31, MOST_BYTES,
                               ASYNC_READ | PARALLEL_DIROPS | MAX_PAGES,
                               64, 48, MOST_BYTES, 1,
                               MOST_BYTES // 4096, 0, 0)
        if opcode == STATFS:
            return struct.pack("=QQQQQIIII24x", *[0] * 5, 4096, 255, 4096, 0)
        if opcode in (RELEASE, RELEASEDIR, FLUSH, DESTROY):
            return b""
        if name not in self.nodes:
            raise OSError(errno.ENOENT, name)
        node = self.nodes[name]
        if opcode == LOOKUP:
            return struct.pack("=QQQQII", node.number, 0, self.cache_s,
                               self.cache_s, 0, 0) + self.attributes(node)
        if opcode == GETATTR:
            return (struct.pack("=QII", self.cache_s, 0, 0)
                    + self.attributes(node))
        if opcode in (OPEN, OPENDIR):
            return struct.pack("=QII", 0, self.flags, 0)
        if opcode in (READ, READDIR):
            _, offset, size = struct.unpack_from("=QQI", rest)
            data = node.data if opcode == READ else self.entries()
            return data[offset:offset + size]
        raise OSError(errno.ENOSYS, str(opcode))

    def entries(self):
        """All of the folder; offsets are those of the bytes."""
        data = b""
        for name, node in self.nodes.items():
            if name == "":
                continue
            raw = name.encode()
            length = (24 + len(raw) + 7) & ~7
            data += struct.pack("=QQII", node.number, len(data) + length,
                                len(raw), stat.S_IFREG >> 12)
            data += raw.ljust(length - 24, b"\0")
        return data
