#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Functions stay short and simple, files stay short.  Where a larger one is
# the better one, size.exceptions names it and says why.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../src"

if ! command -v pmccabe >/dev/null; then
	echo "pmccabe is missing"
	exit 77
fi
{
	# Its columns: complexity (a switch counts once), with every case,
	# statements, first line, lines, place, name.
	find . -name '*.c' -exec pmccabe {} + | awk '{
		sub(/\(.*/, "", $6)
		print $6 ":" $7, "complexity", $1, 15
		print $6 ":" $7, "lines", $5, 60
	}'
	find . -name '*.c' -exec wc -l {} \; | awk '{ print $2, "lines", $1, 450 }'
	find . -name '*.h' -exec wc -l {} \; | awk '{ print $2, "lines", $1, 150 }'
} | sed 's|^\./||' | awk -v exceptions="$here/size.exceptions" '
BEGIN {
	while ((getline line < exceptions) > 0)
		if (line !~ /^(#|$)/ && split(line, part, " ") > 1)
			excused[part[1]] = 1
}
$3 > $4 {
	over[$1] = 1
	if (!($1 in excused)) {
		print "src/" $1 ": " $2 " " $3 ", at most " $4
		failed = 1
	}
}
END {
	for (name in excused)
		if (!(name in over)) {
			print "size.exceptions: " name " needs none any more"
			failed = 1
		}
	exit failed
}'
