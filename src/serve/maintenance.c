/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/maintenance.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool
maintenance_has_flag(const struct conf_site *conf)
{
	return conf->maintenance[0] == '/';
}

int
maintenance_open(struct maintenance *maintenance, const struct conf *conf)
{
	void *map = mmap(NULL, conf->nsites, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*maintenance = (struct maintenance){ 0 };
	if (map == MAP_FAILED)
		return -1;
	maintenance->closed = map;
	maintenance->nsites = conf->nsites;
	for (unsigned i = 0; i < conf->nsites; i++) {
		maintenance->closed[i] =
		    strcmp(conf->sites[i].maintenance, "on") == 0;
		(void)maintenance_look(maintenance, conf, i);
	}
	return 0;
}

bool
maintenance_look(const struct maintenance *maintenance, const struct conf *conf,
    unsigned site)
{
	const struct conf_site *its = &conf->sites[site];
	unsigned char *closed = &maintenance->closed[site];
	unsigned char now = 1;
	struct stat st;

	if (!maintenance_has_flag(its))
		return false;
	if (stat(its->maintenance, &st) == -1) {
		if (errno != ENOENT && errno != ENOTDIR)
			return false;
		now = 0;
	}
	if (*closed == now)
		return false;
	__atomic_store_n(closed, now, __ATOMIC_RELAXED);
	return true;
}

bool
maintenance_has_flags(const struct conf *conf)
{
	for (unsigned i = 0; i < conf->nsites; i++)
		if (maintenance_has_flag(&conf->sites[i]))
			return true;
	return false;
}

void
maintenance_tell(const struct maintenance *maintenance, struct site *sites)
{
	for (unsigned i = 0; i < maintenance->nsites; i++)
		if (strcmp(sites[i].conf->maintenance, "off") != 0)
			sites[i].closed = &maintenance->closed[i];
}

void
maintenance_close(struct maintenance *maintenance)
{
	if (maintenance->closed != NULL)
		(void)munmap(maintenance->closed, maintenance->nsites);
	*maintenance = (struct maintenance){ 0 };
}
