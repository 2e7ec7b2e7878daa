/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/types_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/item.h"
#include "conf/pairs.h"

/* Far more than any such file has. */
#define TYPES_FILE_BYTES (4 * 1024 * 1024)

/* Text is UTF-8, as in the table that is built in. */
#define TYPES_FILE_CHARSET "; charset=utf-8"

struct types_file_row {
	struct mime_type type;
	unsigned order; /* in the file */
};

struct types_file {
	struct build *build;
	struct conf_origin origin; /* of the line at hand */
	struct types_file_row *rows;
	unsigned nrows;
};

static void
types_file_add(struct types_file *file, struct span ending, const char *type)
{
	struct store *store = build_store(file->build);
	struct types_file_row *grown =
	    store_grow(store, file->rows, file->nrows, sizeof(*grown));
	const char *copy = item_copy_lower(store, ending);

	if (grown == NULL || copy == NULL)
		return;
	grown[file->nrows] =
	    (struct types_file_row){ { span_of(copy), span_of(type) },
		    file->nrows };
	file->nrows++;
	file->rows = grown;
}

/* The type as answers say it; NULL when there is no memory. */
static const char *
types_file_copy_type(struct types_file *file, struct span type)
{
	bool text = span_starts_with(type, SPAN("text/")) &&
		    memchr(type.ptr, ';', type.len) == NULL;
	char full[MIME_TYPE_BYTES + sizeof(TYPES_FILE_CHARSET)];
	int len = snprintf(full, sizeof(full), "%.*s%s", (int)type.len,
	    type.ptr, text ? TYPES_FILE_CHARSET : "");

	return store_copy(
	    build_store(file->build), (struct span){ full, (size_t)len });
}

/* What is wrong with an ending; NULL when nothing is. */
static const char *
types_file_check_ending(struct span ending)
{
	static const struct key key = { .type = KEY_MEDIA_TYPE };
	const char *what = pairs_check_name(&key, ending);

	if (what != NULL)
		return what;
	return ending.len > MIME_ENDING_BYTES
		   ? "an ending of more than 64 bytes"
		   : NULL;
}

static void
types_file_refuse(struct types_file *file, struct span word, const char *what)
{
	char quoted[REPORT_QUOTED];

	report_add(&file->build->report, file->origin,
	    "%s: %s; a line is TYPE/SUBTYPE ENDING ...",
	    report_quote(quoted, word), what);
}

/* TYPE/SUBTYPE and endings with white space between them. */
static void
types_file_take_line(struct types_file *file, struct span line)
{
	static const struct key key = { .type = KEY_TYPE };
	const char *comment = memchr(line.ptr, '#', line.len);
	struct span word, type;
	const char *what, *copy;

	if (comment != NULL)
		line.len = (size_t)(comment - line.ptr);
	if (!item_next_word(&line, &type))
		return;
	what = item_check(&key, type);
	if (what != NULL) {
		types_file_refuse(file, type, what);
		return;
	}
	copy = types_file_copy_type(file, type);
	while (copy != NULL && item_next_word(&line, &word)) {
		what = types_file_check_ending(word);
		if (what != NULL)
			types_file_refuse(file, word, what);
		else
			types_file_add(file, word, copy);
	}
}

static void
types_file_read(struct types_file *file, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, in)) != -1) {
		file->origin.line++;
		if (len > 0 && line[len - 1] == '\n')
			len--;
		if (len > 0 && line[len - 1] == '\r')
			len--;
		types_file_take_line(file, (struct span){ line, (size_t)len });
	}
	if (!feof(in))
		report_add(&file->build->report, file->origin,
		    "%s; it was not read to its end", strerror(errno));
	free(line);
}

/* By ending, as mime_lookup() wants them, and in the order of the file. */
static int
on_compare_rows(const void *a, const void *b)
{
	const struct types_file_row *x = a, *y = b;
	int order = strcmp(x->type.ending.ptr, y->type.ending.ptr);

	if (order != 0)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Of several types for an ending the last in the file counts. */
static void
types_file_finish(struct types_file *file)
{
	struct mime_map *map = &file->build->conf->mime.map;
	struct mime_type *types =
	    store_alloc(build_store(file->build), file->nrows * sizeof(*types));

	if (types == NULL || file->nrows == 0)
		return;
	qsort(file->rows, file->nrows, sizeof(*file->rows), on_compare_rows);
	map->types = types;
	for (unsigned i = 0; i < file->nrows; i++) {
		const struct mime_type *type = &file->rows[i].type;

		if (map->ntypes > 0 &&
		    span_equal(types[map->ntypes - 1].ending, type->ending))
			map->ntypes--;
		types[map->ntypes++] = *type;
	}
}

/* Opens the file; NULL with what speaks against it. */
static FILE *
types_file_open(struct build *build, const char *path, const char **what)
{
	/* A FIFO does not make us wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	FILE *in;

	if (fd == -1 || fstat(fd, &st) == -1) {
		*what = strerror(errno);
		if (build->sources != NULL)
			sources_add_file(build->sources, path, NULL);
		if (fd != -1)
			(void)close(fd); /* only read from */
		return NULL;
	}
	if (build->sources != NULL && S_ISREG(st.st_mode))
		sources_add_file(build->sources, path, &st);
	if (!S_ISREG(st.st_mode))
		*what = "not a regular file";
	else if (st.st_size > TYPES_FILE_BYTES)
		*what = "larger than 4 MiB";
	in = *what == NULL ? fdopen(fd, "r") : NULL;
	if (in == NULL) {
		if (*what == NULL)
			*what = strerror(errno);
		(void)close(fd); /* only read from */
	}
	return in;
}

void
types_file_load(struct build *build)
{
	const struct conf_server *server = &build->conf->server;
	struct types_file file = { .build = build };
	const char *what = NULL;
	FILE *in;

	if (server->mime_types[0] == '\0')
		return;
	in = types_file_open(build, server->mime_types, &what);
	if (in == NULL) {
		report_add(&build->report,
		    internal_place(build->conf, server, "mime_types"),
		    "server.mime_types: %s: %s; name a file like "
		    "/etc/mime.types",
		    server->mime_types, what);
		return;
	}
	file.origin.file = server->mime_types;
	types_file_read(&file, in);
	(void)fclose(in); /* only read from */
	types_file_finish(&file);
}
