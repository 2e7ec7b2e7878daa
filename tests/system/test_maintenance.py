# SPDX-License-Identifier: BSD-2-Clause
"""Sites that are closed for maintenance."""

import os
import signal

import pytest

from client import cases
from server import wait_for


@pytest.fixture(name="flagged")
def fixture_flagged(make_server):
    """A site with a flag, and one beside it that stays open."""
    server = make_server(server={"workers": 2})
    server.flag = server.scratch / "closed"
    server.configure(**{
        "site": {"maintenance": server.flag},
        "site:other": {"root": server.root, "hosts": "other"}})
    return server


def status(server, target="/hello.txt", **kwargs):
    return server.request("GET", target, **kwargs).status


def close_site(server):
    server.flag.write_text("")
    server.wait_log("is closed for maintenance", 1)
    assert status(server) == 503


@cases(
    "method, target, lines, expected",
    ("a file", "GET", "/hello.txt", [], 503),
    ("head", "HEAD", "/hello.txt", [], 503),
    ("a folder", "GET", "/docs", [], 503),
    ("nothing", "GET", "/none", [], 503),
    ("a range", "GET", "/digits.bin", ["Range: bytes=0-1"], 503),
    ("a condition", "GET", "/hello.txt", ["If-None-Match: *"], 503),
    ("another method", "POST", "/hello.txt", [], 405),
    ("a malformed path", "GET", "/%00", [], 400),
    ("a hidden one", "GET", "/.git/config", [], 404),
)
def test_every_path_of_a_closed_site(
        start_server, method, target, lines, expected):
    server = start_server(site={"maintenance": "on",
                                "maintenance_retry": "90s"})
    response = server.request(method, target, *lines)
    assert response.status == expected
    assert response["Retry-After"] == ("90" if expected == 503 else None)
    assert response["ETag"] is None and response["Last-Modified"] is None


def test_a_flag_closes_the_site_and_opens_it_again(flagged):
    server = flagged.start()
    with server.connect() as conn:
        assert conn.request("GET", "/hello.txt").status == 200
        server.flag.write_text("")
        wait_for(lambda: conn.request("GET", "/hello.txt").status == 503,
                 "closed")
        response = conn.request("GET", "/hello.txt")
        assert response["Retry-After"] == "300"
        assert b"try again soon" in response.body
        assert conn.request("GET", "/hello.txt", host="other").status == 200
        server.flag.unlink()
        wait_for(lambda: conn.request("GET", "/hello.txt").status == 200,
                 "open")
    closed, = server.wait_log("closed for maintenance")
    assert f"[site] is closed for maintenance: {server.flag} is there" in closed
    server.wait_log(r"\[site\] is open again")


def test_all_workers_are_told(flagged):
    server = flagged.start()
    close_site(server)
    assert {status(server) for _ in range(20)} == {503}


def test_a_reload_and_a_new_worker_find_it_closed(flagged):
    server = flagged.start()
    close_site(server)
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    assert {status(server) for _ in range(10)} == {503}
    server.flag.unlink()
    wait_for(lambda: status(server) == 200, "open")


def test_a_reload_opens_what_was_on(start_server):
    server = start_server(site={"maintenance": "on"})
    assert status(server) == 503
    server.configure(site={"maintenance": None})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    assert status(server) == 200


def test_alone_without_a_master(flagged):
    server = flagged
    server.start("-X", "-c", server.ini)
    assert status(server) == 200
    server.flag.write_text("")
    wait_for(lambda: status(server) == 503, "closed")
    server.flag.unlink()
    wait_for(lambda: status(server) == 200, "open")


def test_workers_need_no_right_to_look(flagged):
    """The master looks."""
    server = flagged
    if os.geteuid() == 0:
        server.configure(server={"user": "nobody"})
    folder = server.scratch / "private"
    folder.mkdir(mode=0o700)
    server.flag = folder / "flag"
    server.configure(site={"maintenance": server.flag})
    server.start()
    close_site(server)


def test_the_page_of_503_and_fields_for_errors(start_server):
    server = start_server(**{
        "site": {"maintenance": "on", "maintenance_retry": "0"},
        "error_pages": {"503": "/docs/page.html"},
        "match:*": {"set": "X-A: 1", "errors": "yes"}})
    response = server.request("GET", "/hello.txt")
    assert response.status == 503
    assert response.body == b"<!doctype html><title>page</title>\n"
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["X-A"] == "1"
    assert response["Retry-After"] is None


def test_health_checks_are_answered(start_server):
    server = start_server(site={"maintenance": "on"},
                          server={"health": "yes"})
    assert status(server, "/healthz") == 200
    assert status(server, "/readyz") == 200
    assert status(server, "/hello.txt") == 503


def test_the_status_names_closed_sites(flagged, scratch):
    server = flagged
    server.configure(server={"pid_file": scratch / "pid"},
                     **{"site:other": {"maintenance": "on"}})
    server.start()
    server.wait_log("notice .* 1 of 2 sites closed for maintenance")
    shown = server.command("-c", server.ini, "-s", "status").stdout
    assert "\nClosed for maintenance: [site:other]\n" in shown
    close_site(server)
    shown = server.command("-c", server.ini, "-s", "status").stdout
    assert "\nClosed for maintenance: [site], [site:other]\n" in shown


@cases(
    "keys, line, code",
    ("on", {"maintenance": "on"}, "closed: on (tined.ini:", 503),
    ("flag", {"maintenance": "{root}/hello.txt"},
     "closed: {root}/hello.txt is there (tined.ini:", 503),
    ("no flag", {"maintenance": "{root}/none"},
     "open: {root}/none is not there (tined.ini:", 200),
    ("off", {}, None, 200),
)
def test_explain_says_why(make_server, keys, line, code):
    server = make_server()
    server.configure(site={key: value.format(root=server.root)
                           for key, value in keys.items()})
    shown = server.command("explain", "-c", "tined.ini", "/hello.txt").stdout
    assert f"HTTP/1.1 {code} " in shown
    if line is None:
        assert "maintenance" not in shown
    else:
        assert f"maintenance {line.format(root=server.root)}" in shown
    if code == 503:
        assert "Retry-After: 300  (default)" in shown
        assert "symlinks" not in shown


def test_mistakes_are_told(make_server):
    server = make_server(site={"maintenance": "yes"})
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 1
    assert 'site.maintenance: "yes": not an absolute path' in result.stderr
    server.configure(site={"maintenance": "/no/such/folder/flag"})
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 0
    assert ("warning: site.maintenance: /no/such/folder/flag: its folder: No "
            "such file or directory") in result.stderr
