# SPDX-License-Identifier: BSD-2-Clause
"""What an operator tells a server."""


def tell(server, word):
    """Runs `tined -s WORD`; its standard error when it failed."""
    done = server.command("-c", server.ini, "-s", word)
    return done.stderr if done.returncode else None


def upgrade(server):
    error = tell(server, "upgrade")
    if error:
        print("    ", error)
        return False
    old = server.follow(int((server.scratch / "pid").read_text()))
    return old.wait(60) == 0
