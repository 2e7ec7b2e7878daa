# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures: scratch folders, a sample site, servers."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True

from server import Server  # noqa: E402

FILES = {
    "index.html": b"<!doctype html><title>home</title><p>home</p>\n",
    "hello.txt": b"hello, world\n",
    "empty.txt": b"",
    "digits.bin": b"0123456789" * 100,
    "docs/index.html": b"<!doctype html><title>docs</title>\n",
    "docs/page.html": b"<!doctype html><title>page</title>\n",
    "bare/file.txt": b"a folder without an index\n",
    "with space.txt": b"space\n",
    "100%.txt": b"percent\n",
    "what?.txt": b"question\n",
    "a+b.txt": b"plus\n",
    "\u00fcml\u00e4ut.txt": b"utf-8\n",
    "sp ace \u00fc/index.html": b"<!doctype html><title>ue</title>\n",
    ".hidden": b"SECRET dotfile\n",
    ".git/config": b"SECRET in a dot folder\n",
    "docs/.hidden": b"SECRET deep dotfile\n",
    ".well-known/security.txt": b"Contact: mailto:root@localhost\n",
    "...": b"SECRET three dots\n",
}


def make_site(root):
    """The sample site; a file that says SECRET must never be served."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root.parent / "outside.txt").write_bytes(b"SECRET outside of the root\n")
    (root / "link-inside.txt").symlink_to("hello.txt")
    (root / "link-docs").symlink_to("docs")
    (root / "link-up.txt").symlink_to("../outside.txt")
    (root / "link-absolute.txt").symlink_to(root.parent / "outside.txt")
    (root / "link-loop").symlink_to("link-loop")
    (root / "link-broken").symlink_to("nowhere")
    os.mkfifo(root / "fifo")


class Scratch:
    """A folder that outlives its test only if something in it failed."""

    def __init__(self, name):
        name = re.sub(r"\W+", "-", name)[:30].strip("-")
        self.path = Path(tempfile.mkdtemp(prefix=f"tined-{name}-"))
        self.path.chmod(0o755)
        self.failed = False
        make_site(self.path / "root")

    def release(self):
        if self.failed:
            print(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        for scratch in vars(item).get("funcargs", {}).values():
            if isinstance(scratch, Scratch):
                scratch.failed = True


@pytest.fixture(name="folder")
def fixture_folder(request):
    """The scratch folder of a test, with the sample site in root/."""
    folder = Scratch(request.node.name)
    yield folder
    folder.release()


@pytest.fixture(name="scratch")
def fixture_scratch(folder):
    return folder.path


@pytest.fixture(name="make_server")
def fixture_make_server(folder):
    """Makes servers that are not started; stops what the test started."""
    servers = []

    def make(**sections):
        name = f"tined{len(servers) or ''}"
        servers.append(Server(folder.path, name, **sections))
        return servers[-1]

    yield make
    try:
        for server in servers:
            if server.process is not None and not folder.failed:
                server.stop()
    except BaseException:
        folder.failed = True
        raise
    finally:
        for server in servers:
            server.kill()


@pytest.fixture(name="start_server")
def fixture_start_server(make_server):
    """Starts servers: start_server(timeouts={"head": "100ms"})."""
    return lambda **sections: make_server(**sections).start()


@pytest.fixture(name="module_folder", scope="module")
def fixture_module_folder(request):
    folder = Scratch(request.node.name)
    yield folder
    folder.release()


@pytest.fixture(name="server", scope="module")
def fixture_server(module_folder):
    """One server for all the tables of a file."""
    server = Server(module_folder.path).start()
    yield server
    try:
        server.stop()
    except BaseException:
        module_folder.failed = True
        raise
    finally:
        server.kill()


@pytest.fixture(name="conn")
def fixture_conn(server):
    """A fresh connection to the server of the file."""
    with server.connect() as conn:
        yield conn
