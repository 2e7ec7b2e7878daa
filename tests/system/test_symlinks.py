# SPDX-License-Identifier: BSD-2-Clause
"""Symbolic links by policy: site.symlinks = deny, within, owner, follow.

What a policy refuses is a 404, as if nothing were there.
"""

import os
import threading

import pytest

from client import cases
from server import Server, wait_for

POLICIES = ("deny", "within", "owner", "follow")
SOMEBODY = 12345
IS_ROOT = os.geteuid() == 0
IN, OUT = b"inside of the root\n", b"outside of the root\n"
LINKS = {
    "file": "in/file.txt",
    "dots": "in/deep/../file.txt",
    "in/up": "../in/file.txt",
    "in/deep/up": "../../in/./deep/../file.txt",
    "in/self": ".",
    "chain1": "chain2", "chain2": "in/chain3",
    "in/chain3": "deep/chain4", "in/deep/chain4": "../file.txt",
    "folder": "in",
    "folder-slash": "in/",
    "folder-chain": "folder",
    "absolute": "{root}/in/file.txt",
    "absolute-folder": "{root}/in",
    "absolute-chain": "absolute",
    "out": "../outside/file.txt",
    "out-folder": "../outside",
    "out-absolute": "{root}/../outside/file.txt",
    "out-chain1": "out-chain2", "out-chain2": "out",
    "out-and-in": "../root/in/file.txt",
    "in/out": "../../outside",
    "dangling": "in/nowhere",
    "dangling-out": "../outside/nowhere",
    "dangling-chain": "dangling",
    "loop": "loop",
    "loop1": "loop2", "loop2": "loop1",
    "file-slash": "in/file.txt/",
    "to-fifo": "fifo",
    "to-device": "/dev/zero",
    "to-descriptor": "/proc/self/fd/0",
    "to-hidden": ".secret",
    "with-index/index.html": "../in/file.txt",
    "with-index-out/index.html": "../../outside/file.txt",
    ".hidden-link": "in/file.txt",
    **{f"ten{n}": f"ten{n + 1}" for n in range(10)}, "ten10": "in/file.txt",
    **{f"many{n}": f"many{n + 1}" for n in range(50)}, "many50": "in/file.txt",
}


def make_links(scratch):
    """Files inside and outside of the root, and links of every kind."""
    root, outside = scratch / "root", scratch / "outside"
    for folder in (root / "in/deep", root / "with-index",
                   root / "with-index-out", outside):
        folder.mkdir(parents=True)
    for name in ("in/file.txt", "in/deep/file.txt", ".secret"):
        (root / name).write_bytes(IN)
    for name in ("file.txt", "index.html"):
        (outside / name).write_bytes(OUT)
    for name, target in LINKS.items():
        (root / name).symlink_to(target.format(root=root))


@pytest.fixture(name="server", scope="module")
def fixture_server(module_folder):
    """A site for each policy, all of one root; the host names the policy."""
    make_links(module_folder.path)
    sites = {f"site:{policy}": {"root": module_folder.path / "root",
                                "hosts": policy, "symlinks": policy}
             for policy in POLICIES}
    server = Server(module_folder.path, site=None, **sites).start()
    yield server
    try:
        server.stop()
    finally:
        server.kill()


def answer(server, target, policy):
    """The body of a 200, or the status of anything else."""
    response = server.request("GET", target, host=policy)
    return response.body if response.status == 200 else response.status


# What each of the policies answers, in the order of POLICIES.
@cases(
    "target, want",
    ("no link", "/in/file.txt", (IN, IN, IN, IN)),
    ("a link", "/file", (404, IN, IN, IN)),
    ("a link with dots", "/dots", (404, IN, IN, IN)),
    ("a link that climbs inside", "/in/up", (404, IN, IN, IN)),
    ("a link that climbs to the root", "/in/deep/up", (404, IN, IN, IN)),
    ("a chain of four", "/chain1", (404, IN, IN, IN)),
    ("a chain of ten", "/ten0", (404, IN, IN, IN)),
    ("a chain of fifty", "/many0", (404, 404, 404, 404)),
    ("a linked folder", "/folder/file.txt", (404, IN, IN, IN)),
    ("a linked folder with a slash", "/folder-slash/file.txt",
     (404, IN, IN, IN)),
    ("a chain to a folder", "/folder-chain/deep/file.txt",
     (404, IN, IN, IN)),
    ("a link in the middle", "/in/self/file.txt", (404, IN, IN, IN)),
    ("many links in the middle", "/in/self/self/self/self/file.txt",
     (404, IN, IN, IN)),
    ("a link behind a linked folder", "/folder/up", (404, IN, IN, IN)),
    ("a folder without its slash", "/folder", (404, 301, 301, 301)),
    ("a folder without an index", "/folder/", (404, 404, 404, 404)),
    ("3986-5.2.4 dots behind a link are of the path",
     "/folder/../in/file.txt", (IN, IN, IN, IN)),
    ("3986-5.2.4 dots out of a linked folder", "/in/out/../file.txt",
     (IN, IN, IN, IN)),
    ("an absolute link inside", "/absolute", (404, 404, IN, IN)),
    ("an absolute link to a folder inside", "/absolute-folder/file.txt",
     (404, 404, IN, IN)),
    ("a chain to an absolute link", "/absolute-chain",
     (404, 404, IN, IN)),
    ("a link out of the root", "/out", (404, 404, OUT, OUT)),
    ("a linked folder outside", "/out-folder/file.txt",
     (404, 404, OUT, OUT)),
    ("the index of a folder outside", "/out-folder/",
     (404, 404, OUT, OUT)),
    ("a folder outside without its slash", "/out-folder",
     (404, 404, 301, 301)),
    ("an absolute link out of the root", "/out-absolute",
     (404, 404, OUT, OUT)),
    ("a chain that ends outside", "/out-chain1", (404, 404, OUT, OUT)),
    ("a linked folder outside, in the middle", "/in/out/file.txt",
     (404, 404, OUT, OUT)),
    ("out of the root and in again", "/out-and-in", (404, 404, IN, IN)),
    ("a link to nothing", "/dangling", (404, 404, 404, 404)),
    ("a link to nothing outside", "/dangling-out", (404, 404, 404, 404)),
    ("a chain to nothing", "/dangling-chain", (404, 404, 404, 404)),
    ("below a link to nothing", "/dangling/x", (404, 404, 404, 404)),
    ("a link to itself", "/loop", (404, 404, 404, 404)),
    ("below a link to itself", "/loop/x", (404, 404, 404, 404)),
    ("two links to each other", "/loop1", (404, 404, 404, 404)),
    ("a link to a file with a slash", "/file-slash",
     (404, 404, 404, 404)),
    ("below a link to a file", "/file/x", (404, 404, 404, 404)),
    ("a link to a file, with a slash", "/file/", (404, 404, 404, 404)),
    ("a link to a FIFO", "/to-fifo", (404, 404, 404, 404)),
    ("a link to a device", "/to-device", (404, 404, 404, 404)),
    ("a link to a descriptor of the server", "/to-descriptor",
     (404, 404, 404, 404)),
    ("a visible link to a hidden file", "/to-hidden",
     (404, IN, IN, IN)),
    ("a hidden link", "/.hidden-link", (404, 404, 404, 404)),
    ("an index that is a link", "/with-index/", (404, IN, IN, IN)),
    ("an index that is a link out of the root", "/with-index-out/",
     (404, 404, OUT, OUT)),
    ("3986-5.2.4 dots never climb, whatever the policy",
     "/../outside/file.txt", (400, 400, 400, 400)),
)
def test_policy(server, target, want):
    assert tuple(answer(server, target, policy)
                 for policy in POLICIES) == want


def test_the_policy_is_within_where_none_is_said(start_server, scratch):
    make_links(scratch)
    server = start_server()

    assert server.request("GET", "/chain1").body == IN
    assert server.request("GET", "/out").status == 404


def lchown(path):
    os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)


# Which of link, link2 -> link, the folder linked to, and the files in it
# belong to somebody else.
@cases(
    "foreign, target, found",
    ("all of one owner", [], "/link", True),
    ("a foreign link", ["root/link"], "/link", False),
    ("a foreign file", ["root/own.txt"], "/link", False),
    ("a foreign file without a link", ["root/own.txt"], "/own.txt", True),
    ("a foreign link to a foreign file", ["root/link", "root/own.txt"],
     "/link", True),
    ("the first link of a chain", ["root/link2"], "/link2", False),
    ("the second link of a chain", ["root/link"], "/link2", False),
    ("a foreign folder", ["outside"], "/linked/file.txt", False),
    ("a foreign link to a foreign folder", ["outside", "root/linked"],
     "/linked/file.txt", True),
    ("a foreign file in a folder", ["outside/file.txt"],
     "/linked/file.txt", True),
    ("a foreign link to a folder", ["root/linked"], "/linked/file.txt",
     False),
)
@pytest.mark.skipif(not IS_ROOT, reason="changing owners needs root")
def test_owner(start_server, scratch, foreign, target, found):
    """A link is followed if its owner has what it leads to, step by step."""
    (scratch / "outside").mkdir()
    (scratch / "outside/file.txt").write_bytes(OUT)
    server = start_server(site={"symlinks": "owner"})
    (server.root / "own.txt").write_bytes(IN)
    (server.root / "link").symlink_to("own.txt")
    (server.root / "link2").symlink_to("link")
    (server.root / "linked").symlink_to("../outside")
    for name in foreign:
        lchown(scratch / name)

    assert server.request("GET", target).status == (200 if found else 404)


def swap(path, target):
    """Makes path a link to target, at once."""
    fresh = path.with_name(path.name + ".new")
    fresh.symlink_to(target)
    fresh.rename(path)


@pytest.mark.parametrize("policy", ["deny", "within"])
@pytest.mark.parametrize("target, inside, outside", [
    ("/flip", "in/file.txt", "../outside/file.txt"),
    ("/flip/file.txt", "in", "../outside"),
])
@pytest.mark.parametrize("files", [0, 2048])
def test_a_link_that_is_swapped_never_leads_out(
        start_server, scratch, policy, target, inside, outside, files):
    """The check and the open are one system call: there is no between."""
    make_links(scratch)
    server = start_server(site={"symlinks": policy},
                          cache={"files": files, "valid": 0})
    path = server.root / "flip"
    stop = threading.Event()

    def flip():
        while not stop.is_set():
            swap(path, inside)
            swap(path, outside)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        with server.connect() as conn:
            got = {response.body if response.status == 200 else
                   response.status for response in
                   (conn.request("GET", target) for _ in range(150))}
    finally:
        stop.set()
        thread.join()
    assert OUT not in got
    assert got <= {IN, 404}


def test_a_file_swapped_with_a_link_out_never_leads_out(start_server, scratch):
    make_links(scratch)
    server = start_server()
    path = server.root / "swapped.txt"
    with server.connect() as conn:
        for _ in range(50):
            path.write_bytes(IN)
            assert conn.request("GET", "/swapped.txt").body == IN
            swap(path, "../outside/file.txt")
            assert conn.request("GET", "/swapped.txt").status == 404
            path.unlink()


def test_a_folder_swapped_with_a_link_out_never_leads_out(start_server,
                                                          scratch):
    """What is cached below a folder is not what its path now means."""
    make_links(scratch)
    server = start_server()
    folder, aside = server.root / "in", server.root / "aside"
    with server.connect() as conn:
        for _ in range(20):
            assert conn.request("GET", "/in/deep/file.txt").body == IN
            folder.rename(aside)
            folder.symlink_to("../outside")
            assert conn.request("GET", "/in/deep/file.txt").status == 404
            assert conn.request("GET", "/in/file.txt").status == 404
            folder.unlink()
            aside.rename(folder)


@cases(
    "change",
    ("the link leads elsewhere",
     lambda root: swap(root / "file", "other.txt")),
    ("what it leads to is replaced",
     lambda root: (root / "other.txt").rename(root / "in/file.txt")),
    ("what it leads to is written anew",
     lambda root: (root / "in/file.txt").write_bytes(b"other\n")),
    ("a file takes its place",
     lambda root: (root / "other.txt").rename(root / "file")),
)
def test_a_change_behind_a_link_is_seen_in_time(start_server, scratch,
                                                change):
    make_links(scratch)
    server = start_server(cache={"valid": "100ms"})
    (server.root / "other.txt").write_bytes(b"other\n")
    conn = server.connect()
    assert conn.request("GET", "/file").body == IN
    change(server.root)

    wait_for(lambda: conn.request("GET", "/file").body == b"other\n",
             "the change", timeout_s=2)


def test_a_link_that_begins_to_lead_out_is_refused_in_time(start_server,
                                                           scratch):
    make_links(scratch)
    server = start_server(cache={"valid": "100ms"})
    conn = server.connect()
    assert conn.request("GET", "/file").body == IN
    swap(server.root / "file", "../outside/file.txt")

    wait_for(lambda: conn.request("GET", "/file").status == 404,
             "the refusal", timeout_s=2)


def test_the_root_may_be_a_link(start_server, scratch):
    (scratch / "current").symlink_to("root")
    server = start_server(site={"root": scratch / "current",
                                "symlinks": "deny"})

    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
