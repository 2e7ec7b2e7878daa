#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A function's name begins with the stem of its file, or its plural where it
# is about all of them, so that the debugger, the log and grep agree; a callback
# begins with on_; no name is one that a library owns.
set -eu
cd "$(dirname "$0")/../../src"

find . -path './*/*.c' | sed 's|^\./||' | sort | xargs awk '
BEGIN {
	short["socket"] = "sock" # as sockaddr and sockopt are
	owned = "^(http|event|ini|evutil)_"
}

function bad(text) {
	printf "src/%s:%d: %s\n", FILENAME, FNR, text
	failed = 1
}

FNR == 1 {
	stem = FILENAME
	gsub(/^.*\/|\.c$/, "", stem)
	sub(/s$/, "", stem)
	if (stem in short)
		stem = short[stem]
	pattern = "^main$|^(on|" stem "s?)_"
}

# A definition: its name stands in column one (clang-format sees to that).
/^[a-z_][a-z0-9_]*\(.*[^;]$/ {
	name = $0
	sub(/\(.*/, "", name)
	if (name ~ owned)
		bad(name " is a name that a library owns")
	if (name !~ pattern)
		bad(name " does not begin with " stem "_")
}

END { exit failed }
'
