/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/number.h"

#include <errno.h>
#include <stdbool.h>

/* The value of a digit; more than 9 for what is none. */
static unsigned
number_digit(char c)
{
	return (unsigned)c - '0';
}

int
number_parse_u64(struct span text, uint64_t *value)
{
	uint64_t sum = 0;
	bool fits = true;

	if (text.len == 0) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = number_digit(text.ptr[i]);

		if (digit > 9) {
			errno = EINVAL;
			return -1;
		}
		/* Go on: what is no number is not a large one either. */
		fits = fits && sum <= (UINT64_MAX - digit) / 10;
		if (fits)
			sum = sum * 10 + digit;
	}
	if (!fits) {
		errno = ERANGE;
		return -1;
	}
	*value = sum;
	return 0;
}

struct unit {
	struct span suffix;
	uint64_t factor;
};

/* Digits followed by one of the units; the first unit has no suffix. */
static int
number_parse_unit(
    struct span text, const struct unit *units, size_t nunits, uint64_t *value)
{
	struct span digits = text;
	uint64_t number;

	while (digits.len > 0 && number_digit(digits.ptr[digits.len - 1]) > 9)
		digits.len--;
	if (number_parse_u64(digits, &number) == -1)
		return -1;
	for (size_t i = 0; i < nunits; i++) {
		struct span suffix = { text.ptr + digits.len,
			text.len - digits.len };

		if (!span_equal_nocase(suffix, units[i].suffix))
			continue;
		if (number > UINT64_MAX / units[i].factor) {
			errno = ERANGE;
			return -1;
		}
		*value = number * units[i].factor;
		return 0;
	}
	errno = EINVAL;
	return -1;
}

int
number_parse_bytes(struct span text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ { "", 0 }, 1 },
		{ { "k", 1 }, 1024 },
		{ { "m", 1 }, 1024 * 1024 },
		{ { "g", 1 }, 1024 * 1024 * 1024 },
	};

	return number_parse_unit(
	    text, units, sizeof(units) / sizeof(units[0]), bytes);
}

int
number_parse_duration(struct span text, uint64_t *ms)
{
	static const struct unit units[] = {
		{ { "", 0 }, 1000 },
		{ { "ms", 2 }, 1 },
		{ { "s", 1 }, 1000 },
		{ { "m", 1 }, 60 * 1000 },
		{ { "h", 1 }, 60 * 60 * 1000 },
		{ { "d", 1 }, 24 * 60 * 60 * 1000 },
	};

	return number_parse_unit(
	    text, units, sizeof(units) / sizeof(units[0]), ms);
}

int
number_parse_rate(struct span text, uint64_t *per_hour)
{
	static const struct unit units[] = {
		{ { "/s", 2 }, 60 * 60 },
		{ { "/m", 2 }, 60 },
		{ { "/h", 2 }, 1 },
	};

	return number_parse_unit(
	    text, units, sizeof(units) / sizeof(units[0]), per_hour);
}

static size_t
number_format_base(char *out, uint64_t value, unsigned base)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	char reversed[NUMBER_U64_DIGITS];
	size_t len = 0;

	do {
		reversed[len++] = digits[value % base];
		value /= base;
	} while (value > 0);
	for (size_t i = 0; i < len; i++)
		out[i] = reversed[len - 1 - i];
	return len;
}

size_t
number_format_u64(char *out, uint64_t value)
{
	return number_format_base(out, value, 10);
}

size_t
number_format_base36(char *out, uint64_t value)
{
	return number_format_base(out, value, 36);
}
