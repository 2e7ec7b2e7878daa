/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/record.h"
#include "conf/workers.h"
#include "master/state.h"

static void
values_write_fact(FILE *out, const char *key, const char *value)
{
	record_write(out, &(struct record){ "", "", key, value, "" });
}

static void
values_write_number(FILE *out, const char *key, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	values_write_fact(out, key, text);
}

/* The file by its full name, as the client may be in another folder. */
static void
values_write_file(FILE *out, const char *path)
{
	char *full = realpath(path, NULL);

	values_write_fact(out, VALUES_FILE, full == NULL ? path : full);
	free(full);
}

static void
values_write(FILE *out, const struct master *master)
{
	const struct conf_overrides *overrides = master->opts.overrides;
	const struct workers_room room = workers_find_room();

	values_write_fact(out, VALUES_VERSION, PACKAGE_VERSION);
	values_write_number(out, VALUES_WORKERS, master->current->nworkers);
	values_write_number(out, VALUES_CORES, room.cores);
	values_write_number(out, VALUES_MEMORY, room.memory_bytes);
	if (master->conf_path != NULL)
		values_write_file(out, master->conf_path);
	for (unsigned i = 0; i < overrides->noptions; i++)
		values_write_fact(out, VALUES_OPTION, overrides->options[i]);
	for (const char *const *variable = overrides->environment;
	     *variable != NULL; variable++)
		/* Others may be secrets, and mean nothing to a reload. */
		if (strncmp(*variable, "TINED_", strlen("TINED_")) == 0)
			values_write_fact(out, VALUES_VARIABLE, *variable);
	records_write_conf(out, master->current->conf);
}

/* A file in memory with the snapshot; NULL with errno. */
static FILE *
values_make(const struct master *master)
{
	int fd = memfd_create("tined values", MFD_CLOEXEC);
	FILE *out = fd == -1 ? NULL : fdopen(fd, "w");

	if (out == NULL) {
		if (fd != -1)
			(void)close(fd); /* nothing is in it */
		return NULL;
	}
	values_write(out, master);
	if (fflush(out) == 0 && ferror(out) == 0)
		return out;
	(void)fclose(out); /* it failed already */
	return NULL;
}

void
values_send(struct master *master, struct command_client *client)
{
	FILE *out;

	if (master->current == NULL) {
		command_answer(client, "failed: it is starting\n", true);
		return;
	}
	out = values_make(master);
	if (out == NULL) {
		command_answer(client, "failed: no memory\n", true);
		return;
	}
	command_answer_file(client, "ok: see the file\n", fileno(out));
	(void)fclose(out); /* all is flushed */
}
