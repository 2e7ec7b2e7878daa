/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "master/sample.h"
#include "os/heap.h"
#include "status/text.h"

/* Enough for a line of every process there can be, and all the rest. */
#define SHOW_BYTES ((size_t)BOARD_PLACES * 160 + 64 * 1024)

/* The sites that are closed, if there are some. */
static void
show_write_closed(struct writer *writer, const struct generation *generation)
{
	const struct conf *conf = generation->conf;
	const char *before = "\nClosed for maintenance: ";

	for (unsigned i = 0; i < conf->nsites; i++) {
		const char *name = conf->sites[i].name;

		if (generation->maintenance.closed[i] == 0)
			continue;
		writer_format(writer, "%s[site%s%s]", before,
		    *name == '\0' ? "" : ":", name);
		before = ", ";
	}
	if (*before == ',')
		writer_put(writer, SPAN("\n"));
}

static int
show_write(const struct master *master, int fd)
{
	struct snapshot snapshot;
	struct writer writer;
	char *map;

	if (ftruncate(fd, (off_t)SHOW_BYTES) == -1)
		return -1;
	map = mmap(NULL, SHOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	snapshot_take(
	    &snapshot, master->board, &master->clock, heap_is_counted());
	writer_init(&writer, map, SHOW_BYTES);
	text_write(&writer, &snapshot);
	if (master->current != NULL)
		show_write_closed(&writer, master->current);
	(void)munmap(map, SHOW_BYTES);
	return ftruncate(fd, (off_t)writer.len);
}

void
show_answer(struct master *master, struct command_client *client)
{
	int fd = memfd_create("tined-status", MFD_CLOEXEC);
	char text[128];

	sample_take(master);
	if (fd != -1 && show_write(master, fd) == 0) {
		command_answer_file(client, "ok: see the file\n", fd);
	} else {
		(void)snprintf(text, sizeof(text),
		    "failed: cannot write the status: %s\n", strerror(errno));
		command_answer(client, text, true);
	}
	if (fd != -1)
		(void)close(fd);
}
