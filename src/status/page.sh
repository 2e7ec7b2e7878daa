#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Writes a page as C: its bytes, and the hashes of its style and its
# script, by which a browser knows what it may apply and run:
#	page.sh page.html [NAME] >page.inc
# The names begin with NAME, else with "page".
set -eu
page=$1
name=${2:-page}
upper=$(echo "$name" | tr a-z A-Z)

# The hash of what stands between the lines <TAG> and </TAG>, line ends
# included, as a source of a Content-Security-Policy: SHA-256 in base64.
hash() {
	{
		echo
		sed -n "/^<$1>\$/,/^<\\/$1>\$/p" "$page" | sed '1d;$d'
	} | sha256sum | awk '
	BEGIN {
		hex = "0123456789abcdef"
		alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
		    "abcdefghijklmnopqrstuvwxyz0123456789+/"
	}
	{
		# Three digits are two letters; two digits are missing at the end.
		digits = substr($1, 1, 64) "00"
		for (i = 1; i <= 66; i += 3) {
			bits = 0
			for (j = 0; j < 3; j++)
				bits = 16 * bits + \
				    index(hex, substr(digits, i + j, 1)) - 1
			text = text substr(alphabet, int(bits / 64) + 1, 1) \
			    substr(alphabet, bits % 64 + 1, 1)
		}
		print "sha256-" substr(text, 1, 43) "="
	}'
}

echo "#define ${upper}_STYLE_HASH \"$(hash style)\""
echo "#define ${upper}_SCRIPT_HASH \"$(hash script)\""
echo "static const unsigned char ${name}_bytes[] = {"
od -An -v -tu1 "$page" | sed 's/[0-9][0-9]*/&,/g'
echo '};'
