#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every file that SECURITY.md names exists, and each row of its tables names a
# test.
set -eu
cd "$(dirname "$0")/../.."

status=0
for file in $(grep -oE '`[A-Za-z_.]+/[^` ]*`' SECURITY.md | tr -d '`' | sort -u)
do
	[ -e "$file" ] || {
		echo "SECURITY.md: no such file: $file"
		status=1
	}
done
if grep -E '^\|' SECURITY.md | grep -vE '^\|(-|.*\| Proof \|)' |
    grep -vE '\|[^|]*`(tests|scripts|bench)/[^|]*\|$'; then
	echo "SECURITY.md: ^ no proof"
	status=1
fi
exit $status
