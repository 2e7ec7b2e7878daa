# SPDX-License-Identifier: BSD-2-Clause
"""One byte range (RFC 9110 14); digits.bin has 1,000 bytes."""

from client import cases

DIGITS = b"0123456789" * 100


@cases(
    "value, first, last",
    ("9110-14.1.2 first bytes", "bytes=0-9", 0, 9),
    ("9110-14.1.2 one byte", "bytes=0-0", 0, 0),
    ("9110-14.1.2 in the middle", "bytes=500-599", 500, 599),
    ("9110-14.1.2 last byte", "bytes=999-999", 999, 999),
    ("9110-14.1.2 the whole file", "bytes=0-999", 0, 999),
    ("9110-14.1.2 open", "bytes=900-", 900, 999),
    ("9110-14.1.2 open from zero", "bytes=0-", 0, 999),
    ("9110-14.1.2 suffix", "bytes=-10", 990, 999),
    ("9110-14.1.2 suffix of one", "bytes=-1", 999, 999),
    ("9110-14.1.2 suffix of all", "bytes=-1000", 0, 999),
    ("9110-14.1.2 suffix longer than the file", "bytes=-5000", 0, 999),
    ("9110-14.1.2 end past the file", "bytes=990-2000", 990, 999),
    ("9110-14.1.2 end far past the file",
     "bytes=990-18446744073709551615", 990, 999),
    ("9110-14.1.1 leading zeros", "bytes=0000-0009", 0, 9),
    ("9110-14.1 unit in any case", "BYTES=0-9", 0, 9),
    ("9110-5.6.1 empty list elements", "bytes=,0-9,", 0, 9),
    ("9110-5.6.1 white space in the list", "bytes=0-9 ,\t2000-", 0, 9),
    ("9110-14.2 ranges that touch are one", "bytes=0-4,5-9", 0, 9),
    ("9110-14.2 ranges that overlap are one", "bytes=0-5,3-9", 0, 9),
    ("9110-14.1.2 one satisfiable of two", "bytes=0-9,2000-", 0, 9),
)
def test_a_part_of_the_file(conn, value, first, last):
    response = conn.request("GET", "/digits.bin", f"Range: {value}")

    assert response.status == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1000"
    assert response.body == DIGITS[first:last + 1]
    assert response["ETag"] and response["Last-Modified"]
    assert response["Content-Type"] == "application/octet-stream"


@cases(
    "target, value, size",
    ("9110-15.5.17 starts at the end", "/digits.bin", "bytes=1000-", 1000),
    ("9110-15.5.17 past the end", "/digits.bin", "bytes=1000-1001", 1000),
    ("9110-15.5.17 far past the end", "/digits.bin",
     "bytes=18446744073709551614-18446744073709551615", 1000),
    ("9110-14.1.2 suffix of nothing", "/digits.bin", "bytes=-0", 1000),
    ("9110-15.5.17 empty file", "/empty.txt", "bytes=0-", 0),
    ("9110-15.5.17 empty file, one byte", "/empty.txt", "bytes=0-0", 0),
    ("9110-15.5.17 none of two", "/digits.bin", "bytes=1000-,2000-", 1000),
)
def test_an_unsatisfiable_range(conn, target, value, size):
    response = conn.request("GET", target, f"Range: {value}")

    assert response.status == 416
    assert response["Content-Range"] == f"bytes */{size}"
    assert conn.request("GET", "/hello.txt").status == 200


@cases(
    "value",
    ("9110-14.2 another unit", "lines=0-9"),
    ("9110-14.2 no unit", "0-9"),
    ("9110-14.2 no equals sign", "bytes 0-9"),
    ("9110-14.2 colon", "bytes:0-9"),
    ("9110-14.2 nothing", "bytes="),
    ("9110-14.2 only commas", "bytes=,,"),
    ("9110-14.2 only a hyphen", "bytes=-"),
    ("9110-14.2 one number", "bytes=5"),
    ("9110-14.1.2 last before first", "bytes=9-0"),
    ("9110-14.1.2 one of two is malformed", "bytes=0-9,20-10"),
    ("9110-14.2 letters", "bytes=a-b"),
    ("9110-14.2 hex", "bytes=0x0-0x9"),
    ("9110-14.2 sign", "bytes=+0-9"),
    ("9110-14.2 two hyphens", "bytes=0--9"),
    ("9110-14.2 negative first", "bytes=-1-9"),
    ("9110-14.2 white space inside", "bytes=0 - 9"),
    ("9110-14.2 fraction", "bytes=0.5-9"),
    ("9110-14.2 trailing garbage", "bytes=0-9x"),
    ("9110-14.2 semicolon", "bytes=0-9;10-19"),
    ("9110-14.2 unit with a space", "bytes =0-9"),
)
def test_a_malformed_range_is_ignored(conn, value):
    response = conn.request("GET", "/digits.bin", f"Range: {value}")

    assert response.status == 200
    assert response["Content-Range"] is None
    assert response.body == DIGITS


def validator(conn, kind):
    """A value for If-Range, by what it is."""
    response = conn.request("GET", "/digits.bin")
    return {
        "tag": response["ETag"],
        "weak tag": "W/" + response["ETag"],
        "other tag": '"other"',
        "date": response["Last-Modified"],
        "older date": "Sun, 06 Nov 1994 08:49:37 GMT",
        "garbage": "garbage",
        "tag without quotes": response["ETag"].strip('"'),
    }[kind]


@cases(
    "kind, status",
    ("9110-13.1.5 the tag", "tag", 206),
    ("9110-13.1.5 weak tags never match", "weak tag", 200),
    ("9110-13.1.5 another tag", "other tag", 200),
    ("9110-13.1.5 an older date", "older date", 200),
    ("9110-13.1.5 garbage", "garbage", 200),
    ("9110-13.1.5 tag without quotes", "tag without quotes", 200),
)
def test_if_range(conn, kind, status):
    response = conn.request("GET", "/digits.bin", "Range: bytes=0-9",
                            "If-Range: " + validator(conn, kind))

    assert response.status == status
    assert response.body == (DIGITS[:10] if status == 206 else DIGITS)


def test_if_range_does_not_hide_a_416_when_it_matches(conn):
    response = conn.request("GET", "/digits.bin", "Range: bytes=1000-",
                            "If-Range: " + validator(conn, "tag"))

    assert response.status == 416


def test_if_range_without_range_is_ignored(conn):
    response = conn.request("GET", "/digits.bin", 'If-Range: "other"')

    assert response.status == 200


def test_a_range_that_is_sent_twice_is_not_honoured(conn):
    """Range is no list across lines: which one would be meant?"""
    response = conn.request("GET", "/digits.bin", "Range: bytes=0-9",
                            "Range: bytes=10-19")

    assert response.status in (200, 400)


def test_ranges_in_a_pipeline(server, conn):
    requests = [f"Range: bytes={n}-{n + 4}" for n in range(0, 50, 5)]
    for line in requests:
        conn.send(f"GET /digits.bin HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n"
                  .encode())

    parts = [conn.response().body for _ in requests]

    assert b"".join(parts) == DIGITS[:50]


def test_a_range_of_a_large_file(server, conn):
    with open(server.root / "huge.bin", "wb") as file:
        file.truncate(5 << 30)
        file.seek((4 << 30) + 7)
        file.write(b"beyond 32 bits")

    response = conn.request("GET", "/huge.bin",
                            "Range: bytes=4294967303-4294967316")

    assert response.status == 206
    assert response.body == b"beyond 32 bits"
    assert response["Content-Range"].endswith("/5368709120")
