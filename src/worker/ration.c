/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/ration.h"

/* Ends the second of a kind. */
static void
ration_end(struct ration *ration, enum ration_kind kind)
{
	static const char *const names[] = {
		[RATION_REFUSED] = "refused requests",
		[RATION_FILES] = "files that could not be served",
		[RATION_ABORTED] = "answers broken off",
		[RATION_CLOSED] = "connections closed",
		[RATION_ACCEPT] = "accepting connections",
		[RATION_PROXY] = "connections without their proxy",
		[RATION_VERIFY] = "passwords that could not be judged",
		[RATION_LIMITS] = "clients over a limit",
		[RATION_DISK] = "files that the disk was slow with",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == RATION_KINDS,
	    "a kind without a name");

	unsigned nlines = ration->kinds[kind].nlines;

	if (nlines > RATION_LINES)
		log_at(ration->kinds[kind].level,
		    "%u more lines like these in that second: %s",
		    nlines - RATION_LINES, names[kind]);
	ration->kinds[kind].nlines = 0;
	ration->kinds[kind].level = LOG_LEVEL_DEBUG;
}

bool
ration_take(struct ration *ration, enum ration_kind kind, enum log_level level,
    int64_t second)
{
	if (ration->kinds[kind].second != second) {
		ration_end(ration, kind);
		ration->kinds[kind].second = second;
	}
	if (++ration->kinds[kind].nlines <= RATION_LINES)
		return true;
	if (level < ration->kinds[kind].level)
		ration->kinds[kind].level = level;
	return false;
}

void
ration_tell(struct ration *ration, int64_t second)
{
	for (int kind = 0; kind < RATION_KINDS; kind++)
		if (ration->kinds[kind].second != second)
			ration_end(ration, (enum ration_kind)kind);
}

bool
ration_is_due(int64_t *last_ms, int64_t now_ms)
{
	if (*last_ms != 0 && now_ms - *last_ms < RATION_EVERY_MS)
		return false;
	*last_ms = now_ms;
	return true;
}
