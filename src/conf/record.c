/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/record.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/internal.h"
#include "conf/report.h"
#include "conf/value.h"
#include "core/stream.h"

/* The strings of a record, each with its NUL behind it. */
#define RECORD_STRINGS 5

void
record_write(FILE *out, const struct record *record)
{
	const char *strings[RECORD_STRINGS] = { record->section, record->name,
		record->key, record->value, record->origin };

	/* Errors are for whoever closes out. */
	for (int i = 0; i < RECORD_STRINGS; i++)
		(void)fwrite(strings[i], 1, strlen(strings[i]) + 1, out);
}

static void
record_write_value(FILE *out, const struct conf_instance *instance,
    const char *key, const char *value, struct conf_origin origin)
{
	char place[REPORT_PLACE] = "default";

	if (origin.file != NULL)
		(void)report_place(place, origin);
	record_write(out, &(struct record){ instance->section->name,
			      instance->name, key, value, place });
}

static void
record_write_list(FILE *out, const struct conf_instance *instance,
    const struct key *key, const struct conf_list *list)
{
	if (list->nitems == 0)
		record_write_value(
		    out, instance, key->name, "", (struct conf_origin){ 0 });
	for (unsigned i = 0; i < list->nitems; i++)
		record_write_value(
		    out, instance, key->name, list->items[i], list->origins[i]);
}

static void
record_write_pairs(FILE *out, const struct conf_instance *instance,
    const struct conf_pairs *pairs)
{
	for (unsigned i = 0; i < pairs->nitems; i++)
		record_write_value(out, instance, pairs->items[i].name,
		    pairs->items[i].value, pairs->items[i].origin);
}

static void
record_write_instance(FILE *out, const struct conf_instance *instance)
{
	const struct key_section *section = instance->section;
	char scratch[VALUE_TEXT];

	record_write_value(out, instance, "", "", instance->origin);
	for (unsigned i = 0; i < section->nkeys; i++) {
		const struct key *key = &section->keys[i];

		if (keys_is_list(key))
			record_write_list(out, instance, key,
			    value_field(key, instance->values));
		else if (keys_is_pairs(key))
			record_write_pairs(
			    out, instance, value_field(key, instance->values));
		else
			record_write_value(out, instance, key->name,
			    value_text(key, instance->values, scratch),
			    instance->origins[i]);
	}
}

void
records_write_conf(FILE *out, const struct conf *conf)
{
	const struct conf_internal *internal = conf->internal;

	for (unsigned i = 0; i < keys_nsections; i++)
		for (unsigned j = 0; j < internal->ninstances; j++)
			if (internal->instances[j]->section ==
			    &keys_sections[i])
				record_write_instance(
				    out, internal->instances[j]);
}

/* Takes a string and its NUL off *text; NULL when there is none. */
static const char *
record_take_string(struct span *text)
{
	const char *string = text->ptr;
	const char *nul = memchr(string, '\0', text->len);

	if (nul == NULL)
		return NULL;
	text->len -= (size_t)(nul + 1 - string);
	text->ptr = nul + 1;
	return string;
}

static int
records_parse(struct records *records, struct span text)
{
	while (text.len > 0) {
		const char *strings[RECORD_STRINGS];
		struct record *items = store_grow(&records->store,
		    records->items, records->n, sizeof(*items));

		if (items == NULL)
			return -1;
		for (int i = 0; i < RECORD_STRINGS; i++) {
			strings[i] = record_take_string(&text);
			if (strings[i] == NULL) {
				errno = EBADMSG;
				return -1;
			}
		}
		items[records->n++] = (struct record){ strings[0], strings[1],
			strings[2], strings[3], strings[4] };
		records->items = items;
	}
	return 0;
}

/* Reads len bytes from the beginning of a file.  0, or -1 with errno. */
static int
record_read_bytes(int fd, char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = pread(fd, bytes + done, len - done, (off_t)done);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EBADMSG;
		if (got <= 0)
			return -1;
		done += (size_t)got;
	}
	return 0;
}

int
records_read(struct records *records, int fd)
{
	struct stat st;
	char *bytes;

	*records = (struct records){ 0 };
	if (fstat(fd, &st) == -1)
		return -1;
	bytes = store_alloc(&records->store, (size_t)st.st_size);
	if (bytes != NULL &&
	    record_read_bytes(fd, bytes, (size_t)st.st_size) == 0 &&
	    records_parse(
		records, (struct span){ bytes, (size_t)st.st_size }) == 0)
		return 0;
	records_fini(records);
	return -1;
}

int
records_of_conf(struct records *records, const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int rc = -1;

	*records = (struct records){ 0 };
	if (out == NULL)
		return -1;
	records_write_conf(out, conf);
	if (stream_close(out, &text) == 0) {
		char *copy = store_alloc(&records->store, len);

		if (copy != NULL)
			rc = records_parse(records,
			    (struct span){ memcpy(copy, text, len), len });
	}
	free(text);
	if (rc == -1)
		records_fini(records);
	return rc;
}

void
records_fini(struct records *records)
{
	int error = errno;

	store_fini(&records->store);
	*records = (struct records){ 0 };
	errno = error;
}

bool
record_is_same_key(const struct record *a, const struct record *b)
{
	return strcmp(a->section, b->section) == 0 &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->key, b->key) == 0;
}

bool
record_is_list(const struct record *record)
{
	const struct key_section *section =
	    keys_section(span_of(record->section));
	const struct key *key =
	    section == NULL ? NULL : keys_find(section, span_of(record->key));

	return key != NULL && keys_is_list(key);
}
