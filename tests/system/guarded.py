# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of [auth] have in common: files of secrets, credentials."""

import base64
import subprocess

API_KEY = "robot-0123456789abcdef"


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True,
                          timeout=60).stdout.strip()


def bcrypt(name, password):
    """A line, as htpasswd prints it; the cheapest cost."""
    return run("htpasswd", "-nbB", "-C", "4", name, password)


def slow(name, password):
    """A line whose hash takes a quarter of a second or more."""
    return f"{name}:" + run("mkpasswd", "-m", "sha-512", "-R", "400000",
                            password)


def basic(name, password):
    text = f"{name}:{password}".encode()
    return "Authorization: Basic " + base64.b64encode(text).decode()


def write_secrets(scratch, name, *lines):
    """A file that only its owner can read."""
    path = scratch / name
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(0o600)
    return path


def sections(scratch, **more):
    """Sections that protect /docs/, with users and keys in scratch."""
    if not (scratch / "users").exists():
        write_secrets(scratch, "users", bcrypt("alice", "wonder"),
                      bcrypt("bob", "builder"))
    write_secrets(scratch, "keys", f"robot:{API_KEY}")
    return {
        "auth:staff": {"htpasswd": scratch / "users",
                       "api_keys": scratch / "keys", "realm": "Staff"},
        "match:/docs/*": {"auth": "staff"},
        **more,
    }
