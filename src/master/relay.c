/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/relay.h"

#include <fcntl.h>
#include <unistd.h>

/* Together as much as a pipe holds. */
#define RELAY_READS      16
#define RELAY_READ_BYTES 4096

void
relay_init(struct relay *relay)
{
	*relay = (struct relay){ .fd = -1 };
}

void
relay_open(struct relay *relay, int fd)
{
	*relay = (struct relay){ .fd = fd };
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void
relay_end_line(struct relay *relay, struct outcome *outcome)
{
	relay->line[relay->len] = '\0';
	relay->len = 0;
	if (relay->nlines > RELAY_LINES)
		return;
	if (relay->nlines++ < RELAY_LINES)
		outcome_warn(outcome, "the new program: %s", relay->line);
	else
		outcome_warn(outcome,
		    "the new program says more, which is left out; start it by "
		    "hand to see all of it");
}

void
relay_read(struct relay *relay, struct outcome *outcome)
{
	char bytes[RELAY_READ_BYTES];
	ssize_t n = 1;

	for (int i = 0; i < RELAY_READS && n > 0; i++) {
		n = read(relay->fd, bytes, sizeof(bytes));
		for (ssize_t j = 0; j < n; j++) {
			if (bytes[j] == '\n')
				relay_end_line(relay, outcome);
			else if (relay->len < sizeof(relay->line) - 1)
				relay->line[relay->len++] = bytes[j];
		}
	}
	if (n == 0)
		relay_close(relay, outcome);
}

void
relay_close(struct relay *relay, struct outcome *outcome)
{
	if (relay->len > 0)
		relay_end_line(relay, outcome);
	if (relay->fd != -1)
		(void)close(relay->fd);
	relay->fd = -1;
}
