# SPDX-License-Identifier: BSD-2-Clause
"""A site, requests to it, and what their answers must be."""

import random
import re

from client import head

FILES = {name: random.Random(name).randbytes(size) for name, size in (
    ("empty.txt", 0), ("small.txt", 100), ("page.html", 5000),
    ("page.html.gz", 700), ("memory.bin", 30_000), ("open.bin", 40_000),
    ("large.bin", 2_500_000), ("dir/index.html", 900), ("dir/a b", 300))}
PATHS = {**{"/" + name.replace(" ", "%20"): data
            for name, data in FILES.items()},
         "/dir/": FILES["dir/index.html"], "/./dir/../small%2Etxt":
         FILES["small.txt"]}
SMUGGLED = head("GET", "/smuggled")


class Ask:
    """A request and what its answer must be."""

    def __init__(self, rng, method, target, status, body, *lines, content=b"",
                 **fields):
        noise = ["User-Agent: attack", "Accept: */*", "Connection: keep-alive",
                 "X: " + "x" * rng.randrange(600), "Cookie: a=b"]
        lines += tuple(rng.sample(noise, rng.randrange(len(noise))))
        self.data = head(method, target, *rng.sample(lines, len(lines)))
        self.data += content
        self.method, self.status, self.fields = method, status, fields
        self.body = body  # bytes, or a function that checks the response

    def check(self, response):
        assert response.status == self.status, f"{self.data} {response}"
        for name, value in self.fields.items():
            name = name.replace("_", "-")
            assert response[name] == value, f"{self.data} {response}"
        if callable(self.body):
            self.body(response)
        elif self.body is not None:
            if response.status not in (204, 304):
                assert response["Content-Length"] == str(len(self.body)), (
                    f"{self.data} {response}")
            want = self.body if response.has_body(self.method) else b""
            assert response.body == want, f"{self.data} {response}"


def ask_file(rng):
    target = rng.choice(list(PATHS))
    if rng.random() < 0.7 and target == "/large.bin":
        target = "/small.txt"
    return Ask(rng, rng.choice(("GET", "GET", "HEAD")), target, 200,
               PATHS[target])


def ask_coded(rng):
    return Ask(rng, rng.choice(("GET", "HEAD")), "/page.html", 200,
               FILES["page.html.gz"], "Accept-Encoding: br, gzip;q=0.5",
               Content_Encoding="gzip", Vary="Accept-Encoding")


def merge_ranges(ranges):
    """As range_parse() says: in the order of their first appearance."""
    out = []
    for first, last in ranges:
        touched = [r for r in out if first <= r[1] + 1 and r[0] <= last + 1]
        merged = (min([first] + [r[0] for r in touched]),
                  max([last] + [r[1] for r in touched]))
        place = out.index(touched[0]) if touched else len(out)
        out[place:place + 1] = [merged]
        out = [r for r in out if r == merged or r not in touched]
    return out


def check_parts(data, ranges, response):
    """A multipart body, parsed and compared with the file."""
    boundary = re.fullmatch(r"multipart/byteranges; boundary=(\w+)",
                            response["Content-Type"])[1].encode()
    rest = b"\r\n" + response.body
    for first, last in ranges:
        part = data[first:last + 1]
        fields, _, rest = rest.removeprefix(
            b"\r\n--" + boundary + b"\r\n").partition(b"\r\n\r\n")
        assert (f"Content-Range: bytes {first}-{last}/{len(data)}".encode()
                in fields.split(b"\r\n")), fields
        assert rest.startswith(part), "another part than asked for"
        rest = rest[len(part):]
    assert rest == b"\r\n--" + boundary + b"--\r\n", rest[:80]


def ask_range(rng):
    target = rng.choice(("/small.txt", "/page.html", "/memory.bin",
                         "/open.bin", "/large.bin"))
    data = PATHS[target]
    ranges = []
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        first = rng.randrange(len(data))
        ranges.append((first, min(len(data) - 1, first + rng.choice(
            (0, 1, 10, 1000, len(data) // 9)))))
    line = "Range: bytes=" + ", ".join(f"{a}-{b}" for a, b in ranges)
    if sum(b - a + 1 for a, b in ranges) > len(data):
        return Ask(rng, "GET", target, 200, data, line)
    ranges = merge_ranges(ranges)
    if len(ranges) > 1:
        return Ask(rng, "GET", target, 206,
                   lambda response: check_parts(data, ranges, response), line)
    first, last = ranges[0]
    return Ask(rng, "GET", target, 206, data[first:last + 1], line,
               Content_Range=f"bytes {first}-{last}/{len(data)}")


def ask_past(rng):
    return Ask(rng, "GET", "/small.txt", 416, None, "Range: bytes=100-",
               Content_Range="bytes */100")


def ask_condition(rng):
    method = rng.choice(("GET", "HEAD"))
    if rng.random() < 0.5:
        return Ask(rng, method, "/small.txt", 412, None, 'If-Match: "no"')
    return Ask(rng, method, "/small.txt", 304, b"", "If-None-Match: *")


def ask_missing(rng):
    if rng.random() < 0.5:
        return Ask(rng, rng.choice(("GET", "HEAD")), "/dir?q", 301, None,
                   Location="/dir/?q")
    return Ask(rng, "GET", f"/missing{rng.randrange(50)}", 404, None)


def ask_body(rng):
    """A body full of requests, of which none may be answered."""
    size = rng.choice((0, 1, len(SMUGGLED), 1000, 20_000, 60_000))
    content = (SMUGGLED * (size // len(SMUGGLED) + 1))[:size]
    line = f"Content-Length: {size}"
    if rng.random() < 0.5:
        line = "Transfer-Encoding: chunked"
        chunks = []
        while content:
            n = rng.randint(1, len(content))
            chunks.append(f"{n:x};a=\"b\"\r\n".encode() + content[:n] + b"\r\n")
            content = content[n:]
        content = b"".join(chunks) + rng.choice(
            (b"0\r\n\r\n", b"000\r\nTrailer: x\r\n\r\n"))
    if rng.random() < 0.5:
        return Ask(rng, "GET", "/small.txt", 200, FILES["small.txt"], line,
                   content=content)
    return Ask(rng, "POST", "/small.txt", 405, None, line, content=content,
               Allow="GET, HEAD, OPTIONS")


def check_moving(response):
    assert response.body == moving(response.body[:1]), "two versions in one"


def ask_moving(rng):
    return Ask(rng, "GET", "/moving.bin", 200, check_moving)


def ask_options(rng):
    return Ask(rng, "OPTIONS", rng.choice(("*", "/small.txt")), 204, b"")


def ask_last(rng):
    """After these the client has nothing more to say."""
    if rng.random() < 0.5:
        return Ask(rng, "GET", "/large.bin", 200, FILES["large.bin"],
                   "Connection: close", Connection="close")
    return Ask(rng, "POST", "/small.txt", 405, None, "Content-Length: 9",
               "Expect: 100-continue", Connection="close")


ASKS = (ask_file, ask_file, ask_coded, ask_range, ask_range, ask_past,
        ask_condition, ask_missing, ask_body, ask_moving, ask_options)


def moving(letter):
    """The version of moving.bin that is called by a letter."""
    return letter * (1000 + (letter[0] - ord("A")) * 5000)
