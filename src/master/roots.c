/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/roots.h"

#include "core/log.h"
#include "master/change.h"

#define ROOTS_EVERY_MS 1000

static bool
roots_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* True when the path of a root leads to another folder than the last time. */
static bool
roots_has_moved(struct generation *generation, unsigned index)
{
	struct stat *last = &generation->root_stats[index];
	const char *root = generation->conf->sites[index].root;
	struct stat st;

	if (stat(root, &st) == -1 || !S_ISDIR(st.st_mode)) {
		/* Said once, until there is a folder again. */
		if (last->st_ino != 0)
			log_warn("site.root %s is no folder any more; still "
				 "serving the one that was there",
			    root);
		*last = (struct stat){ 0 };
		return false;
	}
	if (roots_is_same(&st, last))
		return false;
	*last = st;
	if (fstat(generation->root_fds[index], &st) == -1 ||
	    !roots_is_same(&st, last))
		return true;
	log_notice("site.root %s is back", root);
	return false;
}

static bool
roots_is_free(const struct master *master)
{
	return change_may_begin(master) &&
	       master->current->conf->server.watch_roots;
}

int64_t
roots_deadline(const struct master *master)
{
	return roots_is_free(master) ? master->roots_look_ms : INT64_MAX;
}

void
roots_time(struct master *master)
{
	struct generation *current = master->current;
	bool moved = false;

	if (!roots_is_free(master) ||
	    master->clock.mono_ms < master->roots_look_ms)
		return;
	master->roots_look_ms = master->clock.mono_ms + ROOTS_EVERY_MS;
	for (unsigned i = 0; i < current->nroots; i++) {
		if (!roots_has_moved(current, i))
			continue;
		log_notice("site.root %s leads to another folder now",
		    current->conf->sites[i].root);
		moved = true;
	}
	if (moved)
		change_again(master);
}
