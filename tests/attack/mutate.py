# SPDX-License-Identifier: BSD-2-Clause
"""Mutations of requests: of bytes, of lines, of targets, of chunks."""

import re

LINES = [line.encode("latin-1") for line in (
    "Transfer-Encoding: chunked", "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding:\x0bchunked", "Transfer-Encoding: gzip, chunked",
    "transfer-encoding: xchunked", "Transfer-Encoding: ",
    "Content-Length: 0", "Content-Length: 5", "Content-Length: 5, 5",
    "Content-Length: +5", "Content-Length: -1", "Content-Length: 0x10",
    "Content-Length: 18446744073709551616", "Content-Length: 99999999999",
    "Content-Length : 5", "Host: staff", "Host: b.other.example",
    "Host: www.example", "Host: closed.example", "Host: [::1", "Host: a:b:c",
    "Host: \xff", "Host:", "Connection: close", "Connection: Host, Range",
    "Connection: " + "x," * 500, "Expect: 100-continue", "Expect: 200-ok",
    "Range: bytes=0-", "Range: bytes=" + "0-," * 400 + "0-",
    "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(0, 400, 2)),
    "Range: bytes=99999999999999999999-", "Range: chars=0-1",
    'If-Range: "x"', 'If-None-Match: ' + '"x",' * 500 + '"x"',
    'If-None-Match: "', "If-Match: *, *", 'If-Match: W/"',
    "If-Modified-Since: Thu, 31 Feb 9999 25:61:61 GMT",
    "Accept-Encoding: " + "gzip;q=0.001," * 300, "Accept-Encoding: *;q=0",
    "Accept-Encoding: br;q=1e9, gzip;q=-1", "Authorization: Basic",
    "Authorization: Basic =", "Authorization: Basic " + "QUFB" * 900,
    "Authorization: Bearer " + "x" * 900, "Authorization: Negotiate x",
    "X-Forwarded-For: " + "1," * 700, "X-Forwarded-For: 192.0.2.7:99999",
    "X-Forwarded-For: [::1]:1, unknown, _x", "X-Request-Id: a\"b\\c",
    "X-Request-Id: " + "a" * 65, "Origin: https://app.example",
    "Origin: null", "Referer: \"\\\x7f", "User-Agent: \x1b[31m\"\\",
    "Upgrade: h2c", "HTTP2-Settings: AAMA", "X: " + "y" * 9000, "X:", ":", "",
    " folded", "\tfolded", "X\0: y", "X: \0", "X: a\rb", "X: a\nb")]
PIECES = (b"", b"\r", b"\n", b"\0", b" ", b"\t", b":", b"\r\n", b"\r\n\r\n",
          b"\r\n ", b"%00", b"%0d%0a", b"%2e%2e%2f", b"/../", b"//", b"\\",
          b"?", b"#", b"%", b"\x80\xff", b"HTTP/1.1", b"\x16\x03\x01", b"*",
          b"0", b"99999999999999999999", b"-", b",", b'"')
TARGETS = (b"/..", b"/../outside/file.txt", b"/%2e%2e/%2e%2e/etc/passwd",
           b"/./", b"//evil.example/", b"//evil.example/..", b"/\\evil.example",
           b"/%5cevil.example/", b"/docs//", b"/.git/config", b"/%2egit/config",
           b"/docs/.hidden", b"/staff/file.txt", b"/st%61ff/file.txt",
           b"/docs/..%2fstaff/file.txt", b"/list/../staff/file.txt",
           b"/staff%00/file.txt", b"/denied/file.txt", b"/link-out",
           b"/link-folder-out/file.txt", b"/old/%0d%0aSet-Cookie:x",
           b"/old//evil.example", b"/away/@evil.example", b"/away/%0a",
           b"/latest/../staff/file.txt", b"/latest/%2e%2e/staff/file.txt",
           b"/old/..%2f..%2f", b"/\xff\xfe", b"/" + b"a" * 9000,
           b"/" + b"x/" * 2000, b"*", b"", b"http://", b"http:///x",
           b"http://a.example:99999/", b"http://u@b.other.example/staff/",
           b"/signed/secret.txt?expires=4000000000&signature=x",
           b"/fifo", b"/small.txt/", b"/small.txt/..", b"/docs/.",
           b"/staff/.", b"/%c0%ae%c0%ae/", b"/docs/%2f", b"/list/?C=N;O=D")
CHUNKS = (b"ffffffffffffffff\r\n", b"8000000000000000\r\n", b"-1\r\n",
          b"0x5\r\n", b"+5\r\n", b" 5\r\n", b"5 \r\n", b"5;\r\n", b"5;a=\"\r\n",
          b"5\n", b"5\r", b"00000000000000000005\r\n", b"g\r\n", b"\r\n",
          b"5;" + b"x" * 5000 + b"\r\n", b"0\r\n\r\n", b"0\r\nX\r\n\r\n",
          b"0\r\nContent-Length: 5\r\n\r\n")


def places(rng, data):
    return sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))


def flip(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[
        at + 1:]


def overwrite(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.choice((1, 1, 2, 8))) + data[at + 1:]


def insert(rng, data, _):
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(PIECES) + data[at:]


def delete(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.choice((1, 1, 2, 10)):]


def cut(rng, data, _):
    first, last = places(rng, data)
    return data[:first] + data[last:]


def duplicate(rng, data, _):
    first, last = places(rng, data)
    return data[:last] + data[first:]


def splice(rng, data, corpus):
    other = rng.choice(corpus)
    return data[:rng.randint(0, len(data))] + other[
        rng.randint(0, len(other)):]


def of_lines(change):
    """A mutation of the lines of a head, behind the first."""
    def mutation(rng, data, corpus):
        text, end, rest = data.partition(b"\r\n\r\n")
        first, *lines = text.split(b"\r\n")
        return b"\r\n".join([first, *change(rng, lines, corpus)]) + end + rest
    return mutation


def other_line(rng, corpus):
    """A line of another request, but not its Host."""
    lines = rng.choice(corpus).partition(b"\r\n\r\n")[0].split(b"\r\n")[2:]
    return rng.choice(lines or LINES)


def any_line(rng, corpus):
    return other_line(rng, corpus) if rng.random() < 0.3 else rng.choice(LINES)


def line_lent(rng, lines, corpus):
    return lines + [other_line(rng, corpus)]


def line_damaged(rng, lines, corpus):
    """The value of a field is not what it was."""
    line = other_line(rng, corpus)
    name, colon, value = line.partition(b": ")
    value = rng.choice((flip, overwrite, insert, delete, cut, duplicate))(
        rng, value or b"x", None)
    return lines + [name + colon + value]


def line_added(rng, lines, corpus):
    at = rng.randint(0, len(lines))
    return lines[:at] + [any_line(rng, corpus)] + lines[at:]


def line_again(rng, lines, _):
    return lines + rng.sample(lines, 1) if lines else lines


def line_dropped(rng, lines, _):
    at = rng.randint(0, len(lines))
    return lines[:at] + lines[at + 1:]


def lines_shuffled(rng, lines, _):
    return rng.sample(lines, len(lines))


def lines_many(rng, lines, corpus):
    return lines + [any_line(rng, corpus)] * rng.choice((2, 20, 99, 101))


def name_changed(rng, lines, _):
    if not lines:
        return lines
    at = rng.randrange(len(lines))
    change = rng.choice((bytes.upper, bytes.lower, bytes.swapcase,
                         lambda line: line.replace(b":", b" :", 1),
                         lambda line: line.replace(b": ", b":", 1),
                         lambda line: line.replace(b": ", b":\t ", 1),
                         lambda line: line + b" \t"))
    return lines[:at] + [change(lines[at])] + lines[at + 1:]


def target(rng, data, _):
    words = data.split(b" ", 2)
    if len(words) == 3:
        words[1] = rng.choice((
            rng.choice(TARGETS), words[1] + rng.choice(TARGETS),
            rng.choice(TARGETS) + words[1], encode(rng, words[1]),
            words[1] + b"?" + rng.choice(PIECES)))
    return b" ".join(words)


def encode(rng, text):
    return b"".join(b"%%%02X" % byte if rng.random() < 0.3 else bytes([byte])
                    for byte in text)


def first_line(rng, data, _):
    return re.sub(
        rb"^(\S+) (\S+) HTTP/1\.1\r\n", lambda match: rng.choice((
            b"%s %s HTTP/1.0\r\n", b"%s %s HTTP/2.0\r\n",
            b"%s  %s HTTP/1.1\r\n", b"%s %s HTTP/1.1 \r\n",
            b"%s %s HTTP/1.1\n", b"\r\n%s %s HTTP/1.1\r\n",
            b"%s %s\r\n", b"%s %s HTTP/1.2\r\n", b"%s %s http/1.1\r\n",
            b"X%s %s HTTP/1.1\r\n", b"%s\t%s HTTP/1.1\r\n",
            b"\r\n\r\n%s %s HTTP/1.1\r\n")) % match.groups(), data, count=1)


def method(rng, data, _):
    return rng.choice((
        b"HEAD", b"POST", b"OPTIONS", b"PUT", b"DELETE", b"TRACE", b"CONNECT",
        b"get", b"G", b"PRI", b"")) + data[max(data.find(b" "), 0):]


def chunk(rng, data, _):
    """A bad chunk in the body, or a body where there was none."""
    head, end, body = data.partition(b"\r\n\r\n")
    if b"chunked" not in head:
        head += b"\r\nTransfer-Encoding: chunked"
    at = rng.randint(0, len(body))
    return head + (end or b"\r\n\r\n") + body[:at] + rng.choice(
        CHUNKS) + body[at:] + rng.choice((b"", b"0\r\n\r\n"))


# What a request may survive, and what it hardly does.
GENTLE = (target, target, target, *(of_lines(change) for change in (
    line_lent, line_lent, line_damaged, line_damaged, lines_shuffled,
    name_changed)))
ROUGH = (
    flip, flip, overwrite, insert, delete, cut, duplicate, splice, target,
    target, target, first_line, method, chunk,
    *(of_lines(change) for change in (
        line_added, line_added, line_added, line_again, line_dropped,
        lines_shuffled, lines_many, name_changed)))


def mutate(rng, corpus):
    """A request with one mutation or some."""
    data = rng.choice(corpus)
    mutations = GENTLE if rng.random() < 0.6 else ROUGH
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 6))):
        data = rng.choice(mutations)(rng, data, corpus) or b"\r\n"
    return data
