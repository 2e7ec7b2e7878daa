#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every script at least parses.
set -eu
cd "$(dirname "$0")/../.."

find .ci bench conf scripts tests -type f | sort | while read -r file; do
	case $(head -n 1 "$file" | tr -d '\000') in
	'#!/bin/sh'* | '#!/sbin/openrc-run'*) sh -n "$file" ;;
	'#!/bin/bash'* | '#!/usr/bin/env bash'*) bash -n "$file" ;;
	'#!'*python*) echo "$file" >&3 ;;
	esac
done 3>&1 | xargs -r python3 -c '
import ast, sys
for name in sys.argv[1:]:
    ast.parse(open(name, encoding="utf-8").read(), name)'
