#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The rules between files: includes go down only, an outside library has one
# place, a file's own header comes first, #if is for os/ alone.
set -eu
cd "$(dirname "$0")/../../src"

find . -name '*.[ch]' | sed 's|^\./||' | sort | xargs awk '
BEGIN {
	# What each folder may include; a name with a slash is one header.
	down["core"] = "core"
	down["os"] = "core os"
	down["http"] = "core http"
	down["conf"] = "core os http conf"
	down["serve"] = "core os http conf serve"
	down["status"] = "core http status"
	down["worker"] = "core os http conf serve status worker"
	down["master"] = "core os conf serve status worker/worker.h worker/verifier.h worker/footprint.h master"
	down["tools"] = "core os http conf serve tools"
	down["cli"] = "core os conf serve worker/rehearse.h master tools cli"
	down["main"] = "core os conf worker/footprint.h master cli"

	# Where each outside library may be included: a folder or a file.
	place["event.h"] = place["event2/"] = "worker"
	place["http_parser.h"] = "http/request.c"
	place["ini.h"] = "conf/conf.c"
	place["nettle/"] = place["crypt.h"] = "os"
	place["seccomp.h"] = place["linux/seccomp.h"] = "os/sandbox_calls.c"
	place["zlib.h"] = "os/codec_zlib.c"
	place["brotli/"] = "os/codec_brotli.c"
	place["zstd.h"] = "os/codec_zstd.c"
}

function bad(text) {
	printf "src/%s:%d: %s\n", FILENAME, FNR, text
	failed = 1
}

function allowed(header, folder,    i, n, part) {
	n = split(down[folder], part, " ")
	for (i = 1; i <= n; i++)
		if (header == part[i] || index(header, part[i] "/") == 1)
			return 1
	return 0
}

FNR == 1 {
	folder = FILENAME ~ /\// ? FILENAME : "main"
	sub(/\/.*/, "", folder)
	own = FILENAME
	own = sub(/\.c$/, ".h", own) ? own : ""
	guard = toupper(FILENAME)
	gsub(/[^A-Z0-9]/, "_", guard)
	nincludes = 0
	if (!(folder in down))
		bad("a folder that is no layer")
	if ($0 != "/* SPDX-License-Identifier: BSD-2-Clause */")
		bad("no SPDX line")
}

$1 == "#include" && $2 ~ /^"/ {
	header = substr($2, 2, length($2) - 2)
	if (!allowed(header, folder))
		bad(folder " may not include " header)
	if (nincludes == 0 && own != "" && header != own &&
	    (getline line < own) >= 0)
		bad("its own header is not the first")
	close(own)
}

$1 == "#include" && $2 ~ /^</ {
	if (nincludes == 0 && own != "" && (getline line < own) >= 0)
		bad("its own header is not the first")
	close(own)
	header = substr($2, 2, length($2) - 2)
	for (library in place)
		if (index(header, library) == 1 &&
		    index(FILENAME, place[library]) != 1)
			bad(header " belongs to " place[library])
}

$1 == "#include" { nincludes++ }

/^#[ \t]*(if|ifdef|ifndef|elif)/ && folder != "os" && $2 != guard {
	bad("#if outside os/")
}

END { exit failed }
'

# Headers that include each other in a circle: tsort names the circle.
grep -H '^#include "' */*.h |
    sed 's|^\([^:]*\):#include "\(.*\)"|\1 \2|' | tsort >/dev/null
