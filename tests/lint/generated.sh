#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The committed sample configuration and manual are what the table of keys
# gives, the hashes in the manual those of the page that lists a folder, and the
# figures in README.md those of bench/result.json.
# $CONFDOC (else ./confdoc) is the program that prints the table;
# `generated.sh update` writes the files anew.
set -eu
confdoc=$(realpath "${CONFDOC:-./confdoc}")
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$confdoc" sample >"$scratch/tined.ini"
"$confdoc" mdoc >"$scratch/keys"
sh src/status/page.sh src/serve/listing_page.html >"$scratch/page.inc"
hash() {
	sed -n "s/^#define PAGE_$1_HASH \"\(.*\)\"/\1/p" "$scratch/page.inc"
}
sed -e "/^@KEYS@\$/{r $scratch/keys" -e 'd;}' \
    -e "s|@LISTING_STYLE@|$(hash STYLE)|" \
    -e "s|@LISTING_SCRIPT@|$(hash SCRIPT)|" man/tined.ini.5.in \
    >"$scratch/tined.ini.5"
bench/bench --report bench/result.json --markdown >"$scratch/figures"
sed -e "/^<!-- figures/,/^<!-- end of figures/{/^<!-- figures/{p;r $scratch/figures" \
    -e '};/^<!-- end of figures/!d;}' README.md >"$scratch/README.md"

if [ "${1:-}" = update ]; then
	cp "$scratch/README.md" README.md
	cp "$scratch/tined.ini" conf/tined.ini
	cp "$scratch/tined.ini.5" man/tined.ini.5
	exit
fi

status=0
for file in README.md conf/tined.ini man/tined.ini.5; do
	diff -u "$file" "$scratch/${file##*/}" || status=1
done
if [ $status -ne 0 ]; then
	echo "run: make generated"
fi
exit $status
