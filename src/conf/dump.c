/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/dump.h"

#include <limits.h>
#include <string.h>

#include "conf/item.h"
#include "conf/reader.h"
#include "conf/record.h"
#include "conf/value.h"
#include "core/escape.h"

/* Columns of a line of text. */
#define DUMP_COLUMNS 78

/*
 * Values in force
 */

/* Writes bytes that may not disturb the line they are in. */
static void
dump_escaped(FILE *out, const char *text)
{
	char escaped[4 * PATH_MAX];
	size_t len = escape_log(escaped, sizeof(escaped), span_of(text));

	(void)fwrite(escaped, 1, len, out);
}

/* True when a file can say this value: see conf/reader.h. */
static bool
dump_is_plain(const char *name, const char *value)
{
	size_t len = strlen(value);

	if (strlen(name) + 1 + len > READER_LINE_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];
		bool blank = c == ' ' || c == '\t';

		if ((c < 0x20 && !blank) || c == 0x7f)
			return false;
		if (blank && (i == 0 || i + 1 == len || value[i + 1] == ';'))
			return false;
	}
	return true;
}

/* A key, its value and its origin, behind it or in the line above. */
static void
dump_value(FILE *out, const struct record *record)
{
	const char *name = record->key, *value = record->value;
	size_t len = strlen(name) + 3 + strlen(value);
	const char *equals = value[0] == '\0' ? " =" : " = ";

	/* Tight where the blanks do not fit, or would begin a comment. */
	if (len > READER_LINE_MAX || value[0] == ';')
		equals = "=";

	if (!dump_is_plain(name, value)) {
		(void)fprintf(out, "; %s = ", name);
		dump_escaped(out, value);
		(void)fprintf(
		    out, " (no file can say this) ; %s\n", record->origin);
	} else if (len + strlen(" ; ") + strlen(record->origin) >
		   READER_LINE_MAX) {
		(void)fprintf(out, "; %s\n", record->origin);
		(void)fprintf(out, "%s%s%s\n", name, equals, value);
	} else {
		(void)fprintf(
		    out, "%s%s%s ; %s\n", name, equals, value, record->origin);
	}
}

static void
dump_record(FILE *out, const struct record *record)
{
	const char *colon = record->name[0] == '\0' ? "" : ":";

	if (record->key[0] == '\0')
		(void)fprintf(
		    out, "\n[%s%s%s]\n", record->section, colon, record->name);
	else if (record->value[0] == '\0' && record_is_list(record))
		(void)fprintf(out, "; %s: none\n", record->key);
	else
		dump_value(out, record);
}

int
dump_values(const struct conf *conf, FILE *out)
{
	struct records records;

	if (records_of_conf(&records, conf) == -1)
		return -1;
	(void)fputs("; The values in force, each with its origin.\n", out);
	for (unsigned i = 0; i < records.n; i++)
		dump_record(out, &records.items[i]);
	records_fini(&records);
	return fflush(out) == 0 ? 0 : -1;
}

/*
 * The sample file
 */

/* Writes words as lines that all begin with prefix. */
static void
dump_wrapped(FILE *out, const char *prefix, struct span text)
{
	size_t column = 0;
	struct span word;

	while (item_next_word(&text, &word)) {
		if (column > 0 && column + 1 + word.len > DUMP_COLUMNS) {
			(void)fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s",
		    column == 0 ? prefix : " ", (int)word.len, word.ptr);
	}
	(void)fputc('\n', out);
}

static void
dump_comment(FILE *out, const char *text)
{
	dump_wrapped(out, "; ", span_of(text));
}

static const char *
dump_default(const struct key *key)
{
	if (key->def == NULL)
		return "none, it is required";
	return key->def[0] == '\0' ? "none" : key->def;
}

static void
dump_sample_key(FILE *out, const struct key *key)
{
	char allowed[VALUE_TEXT], line[2 * VALUE_TEXT];
	const char *value = key->example != NULL ? key->example : key->def;

	(void)fputc('\n', out);
	dump_comment(out, key->text);
	(void)snprintf(line, sizeof(line), "Allowed: %s. Default: %s.",
	    value_allowed(key, allowed), dump_default(key));
	dump_comment(out, line);
	if (keys_is_pairs(key))
		(void)fprintf(out, ";%s\n", value);
	else
		(void)fprintf(out, "%s%s = %s\n", key->def == NULL ? "" : ";",
		    key->name, value);
}

/* True for a section that need not be there, not even empty. */
static bool
dump_is_absent(const struct key_section *section)
{
	return section->many && !section->required && !section->per_site;
}

void
dump_sample(FILE *out)
{
	(void)fputs("; The configuration of tined(8): every key with its "
		    "default, or an example.\n"
		    "; The format is described in tined.ini(5).  "
		    "Made from src/conf/keys.c.\n"
		    "\n"
		    ";include = conf.d/*.ini\n",
	    out);
	for (unsigned i = 0; i < keys_nsections; i++) {
		const struct key_section *section = &keys_sections[i];

		(void)fputc('\n', out);
		dump_comment(out, section->text);
		if (section->per_site)
			dump_comment(out,
			    "Can be there again for a site, with its name "
			    "behind a colon, and then takes from here what it "
			    "does not say.");
		else if (section->many)
			dump_comment(out,
			    "Can be there several times, each time with "
			    "another name behind a colon.");
		if (section->instance == NULL)
			(void)fprintf(out, "%s[%s]\n",
			    dump_is_absent(section) ? ";" : "", section->name);
		else
			(void)fprintf(out, ";[%s:%s]\n", section->name,
			    section->instance_example);
		for (unsigned j = 0; j < section->nkeys; j++)
			dump_sample_key(out, &section->keys[j]);
	}
}

/*
 * The manual
 */

/* Each sentence begins a line, as mdoc wants it. */
static void
dump_sentences(FILE *out, const char *text)
{
	const char *end;

	while ((end = strstr(text, ". ")) != NULL) {
		dump_wrapped(
		    out, "", (struct span){ text, (size_t)(end + 1 - text) });
		text = end + 2;
	}
	dump_wrapped(out, "", span_of(text));
}

/* What stands for the value in the manual, beside the key's words. */
static const char *const dump_arguments[] = {
	[KEY_STRING] = "Ar name",
	[KEY_PATH] = "Ar path",
	[KEY_FORMAT] = "Ar text",
	[KEY_TYPE] = "Ar type",
	[KEY_CACHE] = "Ar duration",
	[KEY_BANDWIDTH] = "Ar bytes",
	[KEY_DURATION] = "Ar duration",
	[KEY_BYTES] = "Ar bytes",
	[KEY_COUNT] = "Ar number",
	[KEY_MODE] = "Ar octal",
	[KEY_RATE] = "Ar rate",
	[KEY_BOOL] = "Cm yes | no",
	[KEY_ENUM] = "",
	[KEY_ADDRESSES] = "Ar address ...",
	[KEY_HOSTS] = "Ar host ...",
	[KEY_NAMES] = "Ar file ...",
	[KEY_WORDS] = "",
	[KEY_CORES] = "Ar core ...",
	[KEY_SKIP] = "Ar rule ...",
	[KEY_GLOBS] = "Ar glob ...",
	[KEY_FIELDS] = "Ar name : value",
	[KEY_FIELD_NAMES] = "Ar name ...",
	[KEY_TRIES] = "Ar try ...",
	[KEY_ORIGINS] = "Cm off | * | Ar origin ...",
	[KEY_BLOCKS] = "Ar block ...",
	[KEY_SUBJECTS] = "Ar name ...",
	[KEY_MEDIA_TYPE] = "Ar type",
	[KEY_REDIRECT] = "Ar target Op Ar status Op Cm noquery",
	[KEY_REWRITE] = "Ar path",
	[KEY_ERROR_PAGE] = "Cm built-in | Ar /path",
};

static void
dump_mdoc_head(FILE *out, const struct key *key)
{
	const char *argument = dump_arguments[key->type];

	(void)fprintf(
	    out, ".It %s %s No =", keys_is_pairs(key) ? "Ar" : "Ic", key->name);
	for (unsigned i = 0; key->words != NULL && key->words[i] != NULL; i++)
		(void)fprintf(
		    out, " %s%s", i == 0 ? "Cm " : "| ", key->words[i]);
	if (key->words != NULL && argument[0] != '\0')
		(void)fputs(" |", out);
	(void)fprintf(out, "%s%s\n", argument[0] == '\0' ? "" : " ", argument);
}

static void
dump_mdoc_key(FILE *out, const struct key *key)
{
	char allowed[VALUE_TEXT];

	dump_mdoc_head(out, key);
	dump_sentences(out, key->text);
	if (key->max > 0)
		(void)fprintf(
		    out, "Allowed: %s.\n", value_allowed(key, allowed));
	(void)fprintf(out, "Default: %s.\n", dump_default(key));
}

/* What works still, but should be written another way. */
static void
dump_mdoc_moved(FILE *out)
{
	(void)fputs(".Ss Old names\n"
		    "These keys have another place now.\n"
		    "They still work, with a warning that says where.\n"
		    ".Bl -tag -width Ds\n",
	    out);
	for (unsigned i = 0; i < keys_nmoved; i++)
		(void)fprintf(out, ".It Ic %s.%s\nis now\n.Ic %s.%s .\n",
		    keys_moved[i].section, keys_moved[i].name,
		    keys_moved[i].new_section, keys_moved[i].new_name);
	(void)fputs(".El\n", out);
}

void
dump_mdoc(FILE *out)
{
	for (unsigned i = 0; i < keys_nsections; i++) {
		const struct key_section *section = &keys_sections[i];

		if (section->instance != NULL)
			(void)fprintf(out, ".Ss [%s:%s]", section->name,
			    section->instance);
		else
			(void)fprintf(out, ".Ss [%s]", section->name);
		if (section->many && section->instance == NULL)
			(void)fprintf(out, " or [%s:%s]", section->name,
			    section->required ? "NAME" : "SITE");
		(void)fputc('\n', out);
		dump_sentences(out, section->text);
		(void)fputs(".Bl -tag -width Ds\n", out);
		for (unsigned j = 0; j < section->nkeys; j++)
			dump_mdoc_key(out, &section->keys[j]);
		(void)fputs(".El\n", out);
	}
	dump_mdoc_moved(out);
}
