# SPDX-License-Identifier: BSD-2-Clause
"""match.security: fields that tell browsers to be careful."""

import base64
import hashlib
import re

import pytest

from client import cases

BASIC = {
    "X-Content-Type-Options": ["nosniff"],
    "Referrer-Policy": ["strict-origin-when-cross-origin"],
    "X-Frame-Options": ["SAMEORIGIN"],
    "Content-Security-Policy": ["frame-ancestors 'self'"],
}
NAMES = [*BASIC, "Cross-Origin-Opener-Policy", "Permissions-Policy",
         "Strict-Transport-Security"]


def said(answer):
    return {name: answer.values(name) for name in NAMES
            if answer.values(name)}


@pytest.mark.parametrize("level", ["basic", "strict"])
def test_the_fields_are_in_all_answers(start_server, level):
    server = start_server(**{"match:*": {"security": level}})
    with server.connect() as conn:
        whole = conn.request("GET", "/hello.txt")
        tag = whole["ETag"]
        answers = [whole] + [conn.request(*args) for args in (
            ("HEAD", "/hello.txt"),
            ("GET", "/hello.txt", "Range: bytes=0-1"),
            ("GET", "/hello.txt", f"If-None-Match: {tag}"),
            ("GET", "/hello.txt", 'If-Match: "x"'),
            ("GET", "/hello.txt", "Range: bytes=100-"),
            ("GET", "/docs"), ("GET", "/nowhere"), ("GET", "/.git"),
            ("OPTIONS", "/"), ("POST", "/"))]
    assert [answer.status for answer in answers] == [
        200, 200, 206, 304, 412, 416, 301, 404, 404, 204, 405]
    for answer in answers:
        assert said(answer) == said(whole)
    if level == "basic":
        assert said(whole) == BASIC
    else:
        assert set(said(whole)) == set(NAMES) - {"Strict-Transport-Security"}
        assert whole["X-Frame-Options"] == "DENY"


def test_nothing_is_said_by_default(start_server):
    server = start_server(**{"match:*": {"cache": "1h"}})
    assert not said(server.request("GET", "/hello.txt"))


def test_the_policy_allows_the_style_of_our_own_pages(start_server):
    server = start_server(**{"match:*": {"security": "strict"}})
    answer = server.request("GET", "/nowhere")
    style = re.search(rb"<style>(.*?)</style>", answer.body, re.S)[1]
    hashed = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert f"'sha256-{hashed}'" in answer["Content-Security-Policy"]
    # Nothing else of it would need to be allowed.
    assert not re.search(rb"<script|<img|<link|\bstyle=|\bon\w+=",
                         answer.body)


@cases(
    "keys, target, status, name, values",
    ("a field of one's own", {"set": "X-Frame-Options: ALLOW"},
     "/hello.txt", 200, "X-Frame-Options", ["ALLOW"]),
    ("on an error for which it is not", {"set": "X-Frame-Options: ALLOW"},
     "/nowhere", 404, "X-Frame-Options", ["SAMEORIGIN"]),
    ("on an error", {"set": "X-Frame-Options: ALLOW", "errors": "yes"},
     "/nowhere", 404, "X-Frame-Options", ["ALLOW"]),
    ("an appended one", {"append": "Referrer-Policy: origin"},
     "/hello.txt", 200, "Referrer-Policy",
     ["strict-origin-when-cross-origin", "origin"]),
)
def test_fields_that_are_set_go_before(
        start_server, keys, target, status, name, values):
    server = start_server(**{"match:*": {"security": "basic", **keys}})
    answer = server.request("GET", target)
    assert answer.status == status and answer.values(name) == values


def test_a_later_section_lowers_it(start_server):
    server = start_server(**{
        "match:*": {"security": "strict"},
        "match:/docs/*": {"security": "basic"},
        "match:/docs/page.html": {"security": "off"},
    })
    assert said(server.request("GET", "/docs/")) == BASIC
    assert not said(server.request("GET", "/docs/page.html"))


def test_it_is_explained(start_server):
    server = start_server(**{"match:*": {"security": "basic"}})
    result = server.command("explain", "-c", "tined.ini", "/nowhere")
    assert re.search(r"^X-Frame-Options: SAMEORIGIN  \(tined\.ini:\d+\)$",
                     result.stdout, re.M)


@cases(
    "keys, said",
    ("by default", {}, ["tined"]),
    ("the name", {"server_header": "name"}, ["tined"]),
    ("nothing", {"server_header": "off"}, []),
)
def test_the_server_field(start_server, keys, said):
    server = start_server(server=keys)
    for target in "/hello.txt", "/nowhere", "/%zz":
        assert server.request("GET", target).values("Server") == said


def test_the_server_field_with_the_version(start_server):
    server = start_server(server={"server_header": "full"})
    version = server.command("-V").stdout.split()[1]
    assert server.request("GET", "/").values("Server") == [f"tined/{version}"]
    result = server.command("explain", "-c", "tined.ini", "/")
    assert re.search(rf"^Server: tined/{re.escape(version)}  "
                     r"\(tined\.ini:\d+\)$", result.stdout, re.M)


def test_the_policy_allows_what_the_page_of_a_folder_has(start_server):
    server = start_server(**{"match:*": {"security": "strict"},
                             "site": {"listing": "on"}})
    answer = server.request("GET", "/bare/")
    for policy in answer.values("Content-Security-Policy"):
        for tag in (b"style", b"script"):
            text = re.search(rb"<%b>(.*?)</%b>" % (tag, tag), answer.body,
                             re.S)[1]
            hashed = base64.b64encode(hashlib.sha256(text).digest()).decode()
            assert f"'sha256-{hashed}'" in policy, tag
    assert len(answer.values("Content-Security-Policy")) == 2
