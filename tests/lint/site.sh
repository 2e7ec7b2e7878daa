#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every link of the sample site leads to one of its files or anchors, and
# nothing is loaded from elsewhere.
set -eu
cd "$(dirname "$0")/../../share/site"

exec python3 - <<'PYTHON'
import html.parser
import pathlib
import sys
import urllib.parse

MADE_ON_THE_SPOT = {"large.bin"}  # by scripts/run
ROOT = pathlib.Path().resolve()


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src"):
                self.links.append(value)
            if name == "id":
                self.anchors.add(value)


pages = {path: Page(path.read_text()) for path in ROOT.rglob("*.html")}


def complaint(page, link):
    url = urllib.parse.urlsplit(link)
    if url.scheme or url.netloc:
        return "leads out of the site"
    path = ROOT / url.path[1:] if url.path[:1] == "/" else page.parent / url.path
    path = (path if url.path else page).resolve()
    if path.is_dir():
        if not url.path.endswith("/"):
            return "a folder without its slash"
        path /= "index.html"
    if path.name in MADE_ON_THE_SPOT:
        return None
    if not path.is_file():
        return "no such file"
    if url.fragment and url.fragment not in pages[path].anchors:
        return "no such anchor"
    return None


bad = [f"{page.relative_to(ROOT)}: {link}: {what}"
       for page, parsed in sorted(pages.items()) for link in parsed.links
       if (what := complaint(page, link))]
print("\n".join(bad), end="\n" if bad else "")
sys.exit(1 if bad or not pages else 0)
PYTHON
