#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# systemd understands our units, and finds the service well contained.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v systemd-analyze >/dev/null; then
	echo "systemd-analyze is missing"
	exit 77
fi

# The most exposure that is allowed, in tenths; 100 is a service without any
# containment.  What is left is that the master starts as root and listens.
most=30

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#!/bin/sh\n' >"$scratch/tined"
chmod +x "$scratch/tined"
sed -e "s|@bindir@|$scratch|" -e "s|@sysconfdir@|$scratch|" \
    conf/systemd/tined.service.in >"$scratch/tined.service"
cp conf/systemd/tined.socket "$scratch"

# It has no quiet success: whatever it says is a complaint.
said=$(systemd-analyze verify --man=no "$scratch/tined.service" \
    "$scratch/tined.socket" 2>&1) || :
if [ -n "$said" ]; then
	echo "$said"
	exit 1
fi
if ! systemd-analyze security --no-pager --offline=true --threshold=$most \
    "$scratch/tined.service" >"$scratch/report"; then
	cat "$scratch/report"
	exit 1
fi
grep 'exposure level' "$scratch/report"
