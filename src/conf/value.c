/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "conf/item.h"
#include "core/number.h"

/* A written form of a number's unit, the largest first. */
struct value_unit {
	const char *suffix;
	uint64_t factor;
};

static const struct value_unit value_durations[] = {
	{ "d", 24 * 60 * 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "m", 60 * 1000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

static const struct value_unit value_bytes[] = {
	{ "g", 1024 * 1024 * 1024 },
	{ "m", 1024 * 1024 },
	{ "k", 1024 },
	{ "", 1 },
};

/* Of what there are so many an hour. */
static const struct value_unit value_rates[] = {
	{ "/s", 60 * 60 },
	{ "/m", 60 },
	{ "/h", 1 },
};

static const struct value_bool {
	const char *word;
	bool value;
} value_bools[] = {
	{ "yes", true },
	{ "no", false },
	{ "true", true },
	{ "false", false },
	{ "on", true },
	{ "off", false },
};

void *
value_field(const struct key *key, void *values)
{
	return (char *)values + key->offset;
}

static const void *
value_field_const(const struct key *key, const void *values)
{
	return (const char *)values + key->offset;
}

/* The position of text in words; -1 when it is none of them. */
static int
value_find_word(const char *const *words, struct span text)
{
	for (int i = 0; words != NULL && words[i] != NULL; i++)
		if (span_equal(span_of(words[i]), text))
			return i;
	return -1;
}

static int
value_parse_octal(struct span text, uint64_t *value)
{
	*value = 0;
	if (text.len == 0 || text.len > 6) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '7') {
			errno = EINVAL;
			return -1;
		}
		*value = *value * 8 + (uint64_t)(text.ptr[i] - '0');
	}
	return 0;
}

/* How a number of each type is read, and what to say of what is none. */
static const struct value_number {
	int (*parse)(struct span text, uint64_t *value);
	const char *problem;
} value_numbers[] = {
	[KEY_DURATION] = { number_parse_duration,
	    "not a duration, as in 500ms, 15s, 2m or 1h" },
	[KEY_BYTES] = { number_parse_bytes,
	    "not a number of bytes, as in 512, 16k or 1m" },
	[KEY_COUNT] = { number_parse_u64, "not a number" },
	[KEY_MODE] = { value_parse_octal, "not an octal number" },
	[KEY_RATE] = { number_parse_rate,
	    "not a rate, as in 20/s, 100/m or 5/h" },
};

static const char *
value_parse_number(const struct key *key, uint64_t *field, struct span text)
{
	const struct value_number *type = &value_numbers[key->type];
	uint64_t number;

	if (value_find_word(key->words, text) == 0) {
		*field = 0;
		return NULL;
	}
	if (type->parse(text, &number) == -1)
		return errno == ERANGE ? "out of range" : type->problem;
	if (number < key->min || number > key->max)
		return "out of range";
	*field = number;
	return NULL;
}

static const char *
value_parse_bool(bool *field, struct span text)
{
	size_t n = sizeof(value_bools) / sizeof(value_bools[0]);

	for (size_t i = 0; i < n; i++) {
		if (!span_equal(span_of(value_bools[i].word), text))
			continue;
		*field = value_bools[i].value;
		return NULL;
	}
	return "neither yes nor no";
}

static const char *
value_parse_enum(const struct key *key, unsigned *field, struct span text)
{
	int position = value_find_word(key->words, text);

	if (position == -1)
		return "unknown";
	*field = (unsigned)position;
	return NULL;
}

static const char *
value_parse_string(const struct key *key, const char **field, struct span text,
    struct store *store)
{
	bool may_be_empty = key->def != NULL && key->def[0] == '\0';
	const char *what = NULL;

	if (text.len == 0 && !may_be_empty)
		return "empty";
	if (text.len > 0 && (key->type == KEY_TYPE || key->type == KEY_CACHE ||
				key->type == KEY_BANDWIDTH))
		what = item_check(key, text);
	if (what != NULL)
		return what;
	if (key->type == KEY_PATH && text.len > 0 && text.ptr[0] != '/' &&
	    value_find_word(key->words, text) == -1)
		return text.ptr[0] == '"' || text.ptr[0] == '\''
			   ? "a value is written without quotes"
			   : "not an absolute path";
	*field = store_copy(store, text);
	return NULL;
}

const char *
value_parse(
    const struct key *key, void *values, struct span text, struct store *store)
{
	void *field = value_field(key, values);

	switch (keys_form(key)) {
	case KEY_FORM_STRING:
		return value_parse_string(key, field, text, store);
	case KEY_FORM_NUMBER: return value_parse_number(key, field, text);
	case KEY_FORM_BOOL: return value_parse_bool(field, text);
	case KEY_FORM_ENUM: return value_parse_enum(key, field, text);
	case KEY_FORM_LIST:
	case KEY_FORM_PAIRS: break;
	}
	return "not a single value";
}

/* The number with the largest unit that says it exactly. */
static void
value_format_unit(uint64_t value, const struct value_unit *unit, size_t nunits,
    char out[VALUE_TEXT])
{
	while (nunits > 1 && (value == 0 || value % unit->factor != 0)) {
		unit++;
		nunits--;
	}
	(void)snprintf(out, VALUE_TEXT, "%" PRIu64 "%s", value / unit->factor,
	    value == 0 ? "" : unit->suffix);
}

static const char *
value_format_number(const struct key *key, uint64_t value, char out[VALUE_TEXT])
{
	if (value == 0 && key->words != NULL)
		return key->words[0];
	if (key->type == KEY_DURATION)
		value_format_unit(value, value_durations,
		    sizeof(value_durations) / sizeof(value_durations[0]), out);
	else if (key->type == KEY_BYTES || key->type == KEY_BANDWIDTH)
		value_format_unit(value, value_bytes,
		    sizeof(value_bytes) / sizeof(value_bytes[0]), out);
	else if (key->type == KEY_RATE)
		value_format_unit(value, value_rates,
		    sizeof(value_rates) / sizeof(value_rates[0]), out);
	else
		(void)snprintf(out, VALUE_TEXT,
		    key->type == KEY_MODE ? "%04" PRIo64 : "%" PRIu64, value);
	return out;
}

const char *
value_text(const struct key *key, const void *values, char out[VALUE_TEXT])
{
	const void *field = value_field_const(key, values);

	switch (keys_form(key)) {
	case KEY_FORM_STRING: return *(const char *const *)field;
	case KEY_FORM_NUMBER:
		return value_format_number(key, *(const uint64_t *)field, out);
	case KEY_FORM_BOOL: return *(const bool *)field ? "yes" : "no";
	case KEY_FORM_ENUM: return key->words[*(const unsigned *)field];
	case KEY_FORM_LIST:
	case KEY_FORM_PAIRS: break;
	}
	return "";
}

void
value_copy(const struct key *key, void *to, const void *from)
{
	static const size_t bytes[] = {
		[KEY_FORM_STRING] = sizeof(const char *),
		[KEY_FORM_NUMBER] = sizeof(uint64_t),
		[KEY_FORM_BOOL] = sizeof(bool),
		[KEY_FORM_ENUM] = sizeof(unsigned),
		[KEY_FORM_LIST] = sizeof(struct conf_list),
		[KEY_FORM_PAIRS] = sizeof(struct conf_pairs),
	};

	memcpy(value_field(key, to), value_field_const(key, from),
	    bytes[keys_form(key)]);
}

/* Writes the words with a comma behind each but the last. */
static void
value_join_words(const struct key *key, const char *last, char out[VALUE_TEXT])
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; key->words != NULL && key->words[i] != NULL; i++)
		len += (size_t)snprintf(out + len, VALUE_TEXT - len, "%s%s",
		    i == 0 ? "" : ", ", key->words[i]);
	if (last[0] != '\0')
		(void)snprintf(out + len, VALUE_TEXT - len, "%s%s",
		    len == 0 ? "" : ", ", last);
}

/* "MIN to MAX", behind the word for 0 where there is one. */
static void
value_format_range(const struct key *key, char out[VALUE_TEXT])
{
	struct key bare = *key;
	char min[VALUE_TEXT], max[VALUE_TEXT], range[VALUE_TEXT];

	bare.words = NULL;
	(void)snprintf(range, sizeof(range), "%.32s to %.32s",
	    value_format_number(&bare, key->min, min),
	    value_format_number(&bare, key->max, max));
	value_join_words(key, range, out);
}

const char *
value_allowed(const struct key *key, char out[VALUE_TEXT])
{
	switch (key->type) {
	case KEY_STRING: return "a name";
	case KEY_PATH: value_join_words(key, "an absolute path", out); break;
	case KEY_FORMAT: value_join_words(key, "a text with codes", out); break;
	case KEY_CACHE: value_join_words(key, "a duration", out); break;
	case KEY_BANDWIDTH:
	case KEY_DURATION:
	case KEY_BYTES:
	case KEY_COUNT:
	case KEY_MODE:
	case KEY_RATE: value_format_range(key, out); break;
	case KEY_BOOL: return "yes, no, true, false, on, off";
	case KEY_ENUM:
	case KEY_WORDS: value_join_words(key, "", out); break;
	case KEY_CORES: value_join_words(key, "cores, as in 0 2-5", out); break;
	case KEY_ADDRESSES:
		return "ADDRESS:PORT, [ADDRESS]:PORT, *:PORT, PORT, unix:/PATH";
	case KEY_HOSTS: return "names without a port, *.NAME, [ADDRESS]";
	case KEY_NAMES: return "names of files, without a slash";
	case KEY_SKIP:
		return "a status, 2xx to 5xx, health, /PATH with * and ? in it";
	case KEY_GLOBS: return "/PATH or *ENDING, with * and ? in it";
	case KEY_FIELDS: return "NAME: VALUE";
	case KEY_FIELD_NAMES: return "names of fields";
	case KEY_BLOCKS: return "ADDRESS, ADDRESS/BITS, unix:, all";
	case KEY_SUBJECTS: return "names";
	case KEY_TRIES: return "$uri, $uri/, $uri.ENDING, $uri/NAME";
	case KEY_ORIGINS: return "off, *, SCHEME://HOST, SCHEME://HOST:PORT";
	case KEY_TYPE:
	case KEY_MEDIA_TYPE: return "TYPE/SUBTYPE, TYPE/SUBTYPE; NAME=VALUE";
	case KEY_REDIRECT:
		return "/PATH or https://HOST/PATH, 301, 302, 303, 307 or 308 "
		       "behind it, noquery; 410";
	case KEY_REWRITE: return "/PATH";
	case KEY_ERROR_PAGE: return "/PATH of a file below the root, built-in";
	}
	return out;
}
