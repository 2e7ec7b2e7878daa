# SPDX-License-Identifier: BSD-2-Clause
"""The ready-made configurations of conf/examples, on this machine."""

import re
from pathlib import Path

from client import Connection
from server import SOURCE, Server

FOLDER = SOURCE / "conf/examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ini"))


def adapt(text, scratch, roots):
    """
    The same with ports that the kernel chooses, the user that we are, and
    files in a scratch folder; roots are by name of the site.
    """
    site = ""
    lines = []
    for line in text.splitlines():
        if section := re.match(r"\[(\w+)(?::(.*))?\]$", line):
            site = section[2] or "" if section[1] == "site" else None
        key, _, value = (part.strip() for part in line.partition("="))
        if key == "address":
            line = "address = 127.0.0.1:0"
        elif key == "user":
            line = "allow_root = yes"
        elif key == "root" and site is not None:
            line = f"root = {roots[site]}"
        elif re.match(r"/(run|var/log|etc)/tined/", value):
            line = f"{key} = {scratch}/{Path(value).name}"
        lines.append(line)
    return "\n".join(lines) + "\n"


class Example:
    """A server with one of them; root is for the sites without a name."""

    def __init__(self, name, scratch, root=None, **roots):
        roots = {"": root, **roots}
        self.server = Server(scratch, name=name)
        text = (FOLDER / f"{name}.ini").read_text("utf-8")
        self.server.ini.write_text(adapt(text, scratch, roots))
        self.binary = self.server.binary
        self.ports = len(re.findall(r"^address =", text, re.M))

    def __enter__(self):
        self.server.start("-c", self.server.ini, ports=self.ports)
        return self

    def __exit__(self, kind, *rest):
        if kind is None:
            self.server.stop()
        else:
            self.server.kill()

    @property
    def origin(self):
        host, port = self.server.address
        return f"http://{host}:{port}"

    def get(self, target, *lines, before=b"", **kwargs):
        """One answer; before is sent in front, as a proxy does."""
        with Connection(self.server.address) as conn:
            conn.send(before)
            return conn.request("GET", target, *lines, **kwargs)
