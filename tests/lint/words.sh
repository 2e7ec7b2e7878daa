#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No path of somebody's machine, no unfinished work, no white space at the end
# of a line.  (Brackets keep this file from finding itself.)
set -eu
cd "$(dirname "$0")/../.."

status=0
look() {
	what=$1
	shift
	if grep -rnIE "$@" --exclude-dir=__pycache__ --exclude-dir=corpus \
	    configure.ac Makefile.am README.md HACKING.md NEWS SECURITY.md \
	    bench conf man scripts share src tests; then
		echo "^ $what"
		status=1
	fi
}
look 'a path of one machine' -e '(^|[^A-Za-z0-9_./-])/(work|farm|root)/'
look 'unfinished' -w -e 'TOD[O]' -e 'FIXM[E]' -e 'XX[X]'
look 'white space at the end of a line' -e '[[:blank:]]+$'
exit $status
