/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/verdict.h"

#include <assert.h>

static const struct {
	const char *name;
	const char *text;
	int status;
} verdict_rows[VERDICT_COUNT] = {
#define VERDICT_ROW(member, name, status, text)                                \
	[VERDICT_##member] = { name, text, status },
	VERDICT_MAP(VERDICT_ROW)
#undef VERDICT_ROW
};

const char *
verdict_name(enum verdict verdict)
{
	assert(verdict < VERDICT_COUNT);
	return verdict_rows[verdict].name;
}

int
verdict_status(enum verdict verdict)
{
	assert(verdict < VERDICT_COUNT);
	return verdict_rows[verdict].status;
}

const char *
verdict_text(enum verdict verdict)
{
	assert(verdict < VERDICT_COUNT);
	return verdict_rows[verdict].text;
}
