# SPDX-License-Identifier: BSD-2-Clause
"""server.profile: other defaults, which a file and options still override."""

import re
from pathlib import Path

import pytest

from server import SOURCE

WANTED = {
    "prod": {"server.workers": "auto", "cache.valid": "1s"},
    "staging": {"server.watch_config": "yes", "error_log.level": "info",
                "server.workers": "auto"},
    "dev": {"server.workers": "1", "server.watch_config": "yes",
            "error_log.level": "info", "access_log.path": "stdout",
            "access_log.flush": "0", "cache.valid": "0",
            "timeouts.drain_grace": "0", "timeouts.drain": "1s"},
}


@pytest.fixture(name="values")
def fixture_values(make_server):
    """What -T prints: the value and the origin of each key."""
    def values(*options, **sections):
        server = make_server()
        bare = {name: None for name in server.sections}
        bare.update({"site": {"root": server.root},
                     "listen": {"address": "127.0.0.1:0"}}, **sections)
        server.sections = {name: keys for name, keys in bare.items() if keys}
        server.configure()
        result = server.command("-T", "-c", "tined.ini", *options)
        assert result.returncode == 0, result.stderr
        found, section = {}, ""
        for line in result.stdout.splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif match := re.match(r"(\w+) =\s*(.*?) ; (.+)$", line):
                found[f"{section}.{match[1]}"] = (match[2], match[3])
        return found
    return values


@pytest.mark.parametrize("profile", WANTED)
def test_a_profile_changes_defaults(values, profile):
    found = values(server={"profile": profile})

    for key, value in WANTED[profile].items():
        assert found[key][0] == value, key
    changed = {key for key, (_, origin) in found.items()
               if origin == found["server.profile"][1]}
    assert changed == {"server.profile"} | {
        key for key in WANTED[profile] if found[key][1] != "default"}


def test_what_is_said_stands(values):
    found = values("-o", "access_log.flush=2s",
                   server={"profile": "dev", "workers": 3})

    assert found["server.workers"][0] == "3"
    assert found["access_log.flush"] == ("2s", "-o")
    assert found["cache.valid"][0] == "0"


def test_an_option_can_choose_the_profile(values):
    assert values("-o", "server.profile=dev")["cache.valid"] == ("0", "-o")


def test_the_manual_lists_every_default_of_a_profile():
    text = Path(SOURCE / "man/tined.ini.5").read_text(encoding="utf-8")
    section = text.partition(".Sh PROFILES")[2].partition(".Sh ")[0]
    source = Path(SOURCE / "src/conf/profile.c").read_text(encoding="utf-8")
    rows = re.findall(r'CONF_PROFILE_(\w+), "(\w+)", "(\w+)", "(\w+)"', source)

    assert len(rows) > 5
    for profile, name, key, value in rows:
        part = re.search(rf"\.It Cm {profile.lower()}\n(.*?)(?=\n\.It|\n\.El)",
                         section, re.S)[1]
        assert f"{name}.{key} = {value}" in part, (profile, name, key)
