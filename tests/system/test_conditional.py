# SPDX-License-Identifier: BSD-2-Clause
"""Preconditions (RFC 9110 13), by the validators of hello.txt."""

import os
from email.utils import formatdate

import pytest

from client import cases

MTIME = 1_700_000_000
EQUAL = formatdate(MTIME, usegmt=True)
OLDER = formatdate(MTIME - 1, usegmt=True)
NEWER = formatdate(MTIME + 1, usegmt=True)
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"
INM, IMS = "If-None-Match: ", "If-Modified-Since: "
IM, IUS = "If-Match: ", "If-Unmodified-Since: "


@pytest.fixture(name="etag", scope="module")
def fixture_etag(server):
    os.utime(server.root / "hello.txt", (MTIME, MTIME))
    return server.request("GET", "/hello.txt")["ETag"]


# {tag} stands for the ETag of the file, {bare} for it without its quotes.
@cases(
    "lines, status",
    ("9110-13.1.2 the tag", [INM + "{tag}"], 304),
    ("9110-13.1.2 weak comparison", [INM + "W/{tag}"], 304),
    ("9110-13.1.2 another tag", [INM + '"other"'], 200),
    ("9110-13.1.2 any", [INM + "*"], 304),
    ("9110-13.1.2 in a list", [INM + '"a", {tag}, "b"'], 304),
    ("9110-13.1.2 last in a list", [INM + '"a",W/"b",{tag}'], 304),
    ("9110-13.1.2 not in a list", [INM + '"a", "b"'], 200),
    ("9110-5.6.1 empty elements", [INM + ",, {tag} ,"], 304),
    ("9110-5.3 on two lines", [INM + '"a"', INM + "{tag}"], 304),
    ("9110-8.8.3 a comma inside a tag", [INM + '"a,b", {tag}'], 304),
    ("9110-8.8.3 without quotes", [INM + "{bare}"], 200),
    ("9110-8.8.3 the W is case-sensitive", [INM + "w/{tag}"], 200),
    ("9110-8.8.3 the tag as a part of another", [INM + '"x{bare}"'], 200),
    ("9110-13.1.2 empty", [INM], 200),
    ("9110-13.1.3 the same date", [IMS + EQUAL], 304),
    ("9110-13.1.3 a later date", [IMS + NEWER], 304),
    ("9110-13.1.3 an earlier date", [IMS + OLDER], 200),
    ("9110-13.1.3 no date", [IMS + "yesterday"], 200),
    ("9110-13.1.3 empty", [IMS], 200),
    ("9110-5.6.7 RFC 850 date",
     [IMS + "Tuesday, 14-Nov-23 22:13:20 GMT"], 304),
    ("9110-5.6.7 RFC 850 date, earlier",
     [IMS + "Tuesday, 14-Nov-23 22:13:19 GMT"], 200),
    ("9110-5.6.7 asctime date", [IMS + "Tue Nov 14 22:13:20 2023"], 304),
    ("9110-5.6.7 asctime date, earlier",
     [IMS + "Tue Nov 14 22:13:19 2023"], 200),
    ("9110-5.6.7 wrong zone", [IMS + "Tue, 14 Nov 2023 22:13:20 CET"], 200),
    ("9110-5.6.7 wrong case", [IMS + "tue, 14 nov 2023 22:13:20 gmt"], 200),
    ("9110-5.6.7 impossible day", [IMS + "Thu, 31 Nov 2023 22:13:20 GMT"],
     200),
    ("9110-13.1.1 the tag", [IM + "{tag}"], 200),
    ("9110-13.1.1 any", [IM + "*"], 200),
    ("9110-13.1.1 another tag", [IM + '"other"'], 412),
    ("9110-13.1.1 in a list", [IM + '"a", {tag}'], 200),
    ("9110-13.1.1 strong comparison", [IM + "W/{tag}"], 412),
    ("9110-13.1.4 the same date", [IUS + EQUAL], 200),
    ("9110-13.1.4 a later date", [IUS + NEWER], 200),
    ("9110-13.1.4 an earlier date", [IUS + OLDER], 412),
    ("9110-13.1.4 no date", [IUS + "yesterday"], 200),
    ("9110-13.2.2 None-Match false, Modified-Since ignored",
     [INM + '"other"', IMS + NEWER], 200),
    ("9110-13.2.2 None-Match true, Modified-Since ignored",
     [INM + "{tag}", IMS + OLDER], 304),
    ("9110-13.2.2 Match true, Unmodified-Since ignored",
     [IM + "{tag}", IUS + OLDER], 200),
    ("9110-13.2.2 Match false comes first",
     [IM + '"other"', INM + "{tag}"], 412),
    ("9110-13.2.2 Match true, then None-Match",
     [IM + "{tag}", INM + "{tag}"], 304),
    ("9110-13.2.2 Unmodified-Since false comes first",
     [IUS + OLDER, INM + "{tag}"], 412),
    ("9110-13.2.2 Range last, None-Match true",
     [INM + "{tag}", "Range: bytes=0-1"], 304),
    ("9110-13.2.2 Range last, None-Match false",
     [INM + '"other"', "Range: bytes=0-1"], 206),
    ("9110-13.2.2 Range last, Match true",
     [IM + "{tag}", "Range: bytes=0-1"], 206),
    ("9110-13.2.2 Range last, Match false",
     [IM + '"other"', "Range: bytes=0-1"], 412),
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_precondition(conn, etag, method, lines, status):
    lines = [line.format(tag=etag, bare=etag.strip('"')) for line in lines]
    if method == "HEAD" and status == 206:
        status = 200  # RFC 9110 14.2: Range is for GET

    response = conn.request(method, "/hello.txt", *lines)

    assert response.status == status
    assert conn.request("GET", "/hello.txt").status == 200


def test_a_304_has_the_tag_and_no_field_of_a_body(conn, etag):
    """RFC 9110 15.4.5."""
    response = conn.request("GET", "/hello.txt", INM + etag)

    assert response.status == 304
    assert response["ETag"] == etag
    assert response["Content-Type"] is None
    assert response["Content-Length"] in (None, "13")
    assert response["Accept-Ranges"] is None


def test_a_date_in_the_future_proves_nothing(conn, etag):
    """RFC 9110 13.1.3 leaves it open; nobody knows what will change."""
    assert etag
    assert conn.request("GET", "/hello.txt", IMS + FUTURE).status == 200


@cases(
    "target, status",
    ("9110-13.2.1 a 404 stays one", "/nowhere", 404),
    ("9110-13.2.1 a redirect stays one", "/docs", 301),
)
def test_a_precondition_is_for_what_would_be_200(conn, target, status):
    assert conn.request("GET", target, INM + "*").status == status
    assert conn.request("GET", target, IM + '"x"').status == status


def test_a_stale_copy_is_renewed(server):
    path = server.root / "renewed.txt"
    path.write_bytes(b"old\n")
    os.utime(path, (MTIME, MTIME))
    old = server.request("GET", "/renewed.txt")
    path.write_bytes(b"new\n")
    os.utime(path, (MTIME + 1, MTIME + 1))

    response = server.request("GET", "/renewed.txt", INM + old["ETag"])

    assert (response.status, response.body) == (200, b"new\n")
    response = server.request("GET", "/renewed.txt",
                              IMS + old["Last-Modified"])
    assert response.status == 200
