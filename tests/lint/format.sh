#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every C file is what clang-format 14 makes of it; other releases differ.
set -eu
cd "$(dirname "$0")/../.."

tool=
for candidate in clang-format-14 clang-format; do
	case $($candidate --version 2>/dev/null) in
	*"version 14."*) tool=$candidate && break ;;
	esac
done
if [ -z "$tool" ]; then
	echo "clang-format 14 is missing"
	exit 77
fi
find src tests bench -name '*.[ch]' -exec "$tool" --dry-run -Werror {} +
