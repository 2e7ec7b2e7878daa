/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/verdict.h"

#include "core/counters.h"
#include "core/span.h"
#include "rows.h"

static void
test_every_verdict_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		const char *name = verdict_name((enum verdict)i);

		assert_true(strlen(name) > 0);
		assert_int_equal(
		    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"),
		    strlen(name));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(
			    name, verdict_name((enum verdict)j));
	}
}

static void
test_every_verdict_has_a_text(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		assert_true(strlen(verdict_text((enum verdict)i)) > 0);
}

static void
test_every_status_is_an_error_or_no_answer(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		int status = verdict_status((enum verdict)i);

		assert_true(status == 0 || (status >= 400 && status < 600));
	}
}

static void
test_verdicts_fit_into_the_counters(void **state)
{
	(void)state;
	assert_true((int)VERDICT_COUNT <= (int)COUNTERS_VERDICTS);
}

static const struct {
	const char *name;
	enum verdict verdict;
	int status;
} statuses[] = {
	{ "ok has no status", VERDICT_OK, 0 },
	{ "TLS gets no answer", VERDICT_TLS_HELLO, 0 },
	{ "an HTTP/2 preface gets no answer", VERDICT_HTTP2_PREFACE, 0 },
	{ "RFC 9110 15.5.1 bad line ending", VERDICT_BAD_LINE_ENDING, 400 },
	{ "RFC 9110 15.5.9 head timeout", VERDICT_HEAD_TIMEOUT, 408 },
	{ "RFC 9110 15.5.14 body too large", VERDICT_BODY_TOO_LARGE, 413 },
	{ "RFC 9110 15.5.15 target too long", VERDICT_TARGET_TOO_LONG, 414 },
	{ "RFC 9110 15.5.18 expectation", VERDICT_BAD_EXPECT, 417 },
	{ "RFC 6585 5 head too large", VERDICT_HEAD_TOO_LARGE, 431 },
	{ "RFC 6585 5 too many fields", VERDICT_TOO_MANY_FIELDS, 431 },
	{ "RFC 9112 6.3 no final chunked", VERDICT_BAD_TRANSFER_ENCODING, 400 },
	{ "RFC 9112 6.1 unknown coding", VERDICT_UNKNOWN_CODING, 501 },
	{ "RFC 9110 9.1 unknown method", VERDICT_UNKNOWN_METHOD, 501 },
	{ "RFC 9110 15.6.6 version", VERDICT_UNSUPPORTED_VERSION, 505 },
};

static void
check_status(void **state)
{
	const __typeof__(*statuses) *row = *state;

	assert_int_equal(verdict_status(row->verdict), row->status);
}

int
main(void)
{
	static struct rows rows;

	ROWS_TEST(&rows, test_every_verdict_has_a_name_of_its_own);
	ROWS_TEST(&rows, test_every_verdict_has_a_text);
	ROWS_TEST(&rows, test_every_status_is_an_error_or_no_answer);
	ROWS_TEST(&rows, test_verdicts_fit_into_the_counters);
	ROWS_ADD(&rows, statuses, check_status);
	return rows_run(&rows, "verdict");
}
