# SPDX-License-Identifier: BSD-2-Clause
"""The files that are served, and requests for them."""

import gzip
import os
import random

KIB = 1024
MIB = 1024 * KIB
ZIPF_FILES = 10_000
MTIME = 1_700_000_000

# What a browser sends for a style sheet or an image, 14 fields with Host.
BROWSER = (
    ("Connection", "keep-alive"),
    ("sec-ch-ua", '"Chromium";v="131", "Not_A Brand";v="24", '
     '"Google Chrome";v="131"'),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", '"Linux"'),
    ("Upgrade-Insecure-Requests", "1"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
     "(KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,"
     "image/avif,image/webp,image/apng,*/*;q=0.8,"
     "application/signed-exchange;v=b3;q=0.7"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Referer", "http://localhost/documentation/index.html"),
    ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
    ("Cookie", "session=3f2a9c1b7e5d4860; theme=dark"),
)


def request(path, fields=(), method="GET"):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join([*lines, "", ""]).encode()


def _script(size):
    """Text that gzip makes about a fourth of."""
    words = random.Random(2)
    names = ["".join(words.choices("abcdefghijklmnop", k=7))
             for _ in range(900)]
    text = []
    while size > 0:
        text.append(f"var {words.choice(names)} = {words.choice(names)}"
                    f"({words.randrange(999)});\n")
        size -= len(text[-1])
    return "".join(text).encode()


def _write(path, data):
    path.write_bytes(data)
    os.utime(path, (MTIME, MTIME))


# What opens /guarded/, see servers.GUARD; the hash is of "wonder".
USER = "alice:$5$bench$ZvW5hFcjkyWu2zaaKlmX2kWPx5N0lKf62EOIThcIWR2\n"
API_KEY = "robot-0123456789abcdef"
URL_KEY = "link-0123456789abcdef0"


def make_secrets(folder):
    """The files of secrets of a server that asks who comes."""
    folder.mkdir()
    for name, text in (("htpasswd", USER), ("api_keys", f"robot:{API_KEY}\n"),
                       ("url_keys", f"link:{URL_KEY}\n")):
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o600)


def make(root, zipf_files=ZIPF_FILES):
    """All files below root, which need not exist; the same each time."""
    (root / "zipf").mkdir(parents=True)
    (root / "folder").mkdir()
    (root / "guarded").mkdir()
    data = random.Random(1)
    for name, size in (("38b.html", 38), ("1k.html", KIB),
                       ("64k.bin", 64 * KIB), ("1m.bin", MIB),
                       ("10m.bin", 10 * MIB),
                       ("guarded/1k.html", KIB)):
        _write(root / name, data.randbytes(size))
    for number in range(zipf_files):
        _write(root / "zipf" / f"{number:05d}.html", data.randbytes(4 * KIB))
    for number in range(100):
        _write(root / "folder" / f"page-{number}.txt", b"text\n")
    script = _script(104 * KIB)
    _write(root / "app.js", script)
    _write(root / "app.js.gz", gzip.compress(script, 9, mtime=MTIME))
