# SPDX-License-Identifier: BSD-2-Clause
"""A root that leads to another folder: that one is served, whole."""

import os
import threading

from server import wait_for


def release(scratch, name, files=50):
    """A folder of files that all name their release."""
    folder = scratch / name
    folder.mkdir()
    for i in range(files):
        (folder / f"{i}.txt").write_text(f"{name}\n")
    return folder


def switch(link, target):
    """As deployments do it: another link takes the name at once."""
    new = link.with_name("new-link")
    new.symlink_to(target)
    new.replace(link)


def body(server, name="0.txt"):
    response = server.request("GET", f"/{name}")
    assert response.status == 200, response
    return response.body.decode().strip()


def test_a_link_that_was_switched_is_followed(start_server, scratch):
    link = scratch / "current"
    link.symlink_to(release(scratch, "one"))
    server = start_server(site={"root": link})
    assert body(server) == "one"
    switch(link, release(scratch, "two"))

    wait_for(lambda: body(server) == "two", "the new release")
    assert server.wait_log(f"site.root {link} leads to another folder now")
    switch(link, "one")
    wait_for(lambda: body(server) == "one", "the release before")


def test_a_folder_in_the_place_of_another_is_served(start_server, scratch):
    root = release(scratch, "live")
    server = start_server(site={"root": root})
    server.expect_log("still serving the one that was there")
    assert body(server) == "live"
    root.rename(scratch / "gone")
    server.wait_log("still serving the one that was there")
    assert body(server) == "live"
    release(scratch, "next").rename(root)

    wait_for(lambda: body(server) == "next", "the new folder")


def test_the_folder_that_comes_back_changes_nothing(start_server, scratch):
    root = release(scratch, "live")
    server = start_server(site={"root": root})
    server.expect_log("still serving the one that was there")
    before = server.workers()
    root.rename(scratch / "away")
    server.wait_log("still serving the one that was there")
    (scratch / "away").rename(root)
    server.wait_log(f"site.root {root} is back")

    assert body(server) == "live"
    assert server.workers() == before


def test_switching_under_load_loses_nothing(start_server, scratch):
    """Every answer is whole, and a client never goes back in time."""
    link = scratch / "current"
    names = [f"r{i}" for i in range(4)]
    releases = [release(scratch, name) for name in names]
    link.symlink_to(releases[0])
    server = start_server(server={"workers": 2}, site={"root": link})
    stop, failures, seen = threading.Event(), [], set()

    def client():
        last = 0
        try:
            while not stop.is_set():
                for i in range(50):
                    now = names.index(body(server, f"{i}.txt"))
                    assert now in (last, last + 1), (last, now)
                    last = max(now, last)
                    seen.add(now)
        except (OSError, AssertionError, ValueError) as err:
            failures.append(repr(err))

    threads = [threading.Thread(target=client) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(1, 4):
        wait_for(lambda i=i: i - 1 in seen, "traffic")
        switch(link, releases[i])
        wait_for(lambda i=i: i in seen or failures, "the next release", 20)
        wait_for(lambda: len(server.workers()) == 2, "one generation", 20)
    stop.set()
    for thread in threads:
        thread.join()

    assert failures == []


def test_it_can_be_left_to_reloads(start_server, scratch):
    link = scratch / "current"
    link.symlink_to(release(scratch, "one"))
    server = start_server(server={"watch_roots": "no"}, site={"root": link})
    slow = start_server(site={"root": link})
    switch(link, release(scratch, "two"))
    wait_for(lambda: body(slow) == "two", "the server that looks")

    assert body(server) == "one"
    os.kill(server.pid, 1)
    wait_for(lambda: body(server) == "two", "the reload")


def test_a_root_that_cannot_be_entered_is_tried_once(start_server, scratch):
    link = scratch / "current"
    link.symlink_to(release(scratch, "one"))
    server = start_server(site={"root": link})
    server.expect_log("site.root", "reload failed")
    bad = release(scratch, "bad")
    server.configure(server={"workers": 1})
    switch(link, bad / "0.txt")
    server.wait_log("still serving the one that was there")

    assert body(server) == "one"
    switch(link, "one")
    switch(link, bad)
    wait_for(lambda: body(server) == "bad", "the folder")
