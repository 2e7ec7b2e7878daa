#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manuals are good mdoc.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v mandoc >/dev/null; then
	echo "mandoc is missing"
	exit 77
fi
mandoc -T lint -W warning man/*.[1-9]
