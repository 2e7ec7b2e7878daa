/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/errorpages.h"

#include <assert.h>
#include <stdio.h>

#include "conf/error_status.h"
#include "conf/logskip.h"
#include "core/span.h"

/* Gives a status the page at place, if it can have one and has none. */
static void
errorpages_set(struct errorpages *pages, unsigned status, unsigned place)
{
	unsigned char *page = &pages->page[status - 400];

	if (*page == 0 && error_status_has_page(status))
		*page = (unsigned char)(place + 1);
}

void
errorpages_init(struct errorpages *pages, const struct conf_error_pages *conf)
{
	unsigned number;

	*pages = (struct errorpages){ 0 };
	if (conf == NULL || (conf->pages.nitems == 0 && !conf->folders))
		return;
	pages->conf = conf;
	for (unsigned i = 0; i < conf->pages.nitems; i++)
		if (logskip_parse(span_of(conf->pages.items[i].name),
			&number) == LOGSKIP_STATUS)
			errorpages_set(pages, number, i);
	/* A class gets those that are left. */
	for (unsigned i = 0; i < conf->pages.nitems; i++) {
		if (logskip_parse(span_of(conf->pages.items[i].name),
			&number) != LOGSKIP_CLASS)
			continue;
		for (unsigned j = 0; j < 100; j++)
			errorpages_set(pages, number * 100 + j, i);
	}
}

const struct conf_pair *
errorpages_find(const struct errorpages *pages, int status)
{
	unsigned page;

	assert(status >= 400 && status < 600);
	page = pages->page[status - 400];
	return page == 0 ? NULL : &pages->conf->pages.items[page - 1];
}

const char *
errorpages_path(const struct errorpages *pages, int status,
    char folder[ERRORPAGES_FOLDER_BYTES])
{
	const struct conf_pair *pair = errorpages_find(pages, status);

	if (pair != NULL)
		return *pair->value == '/' ? pair->value : NULL;
	if (!pages->conf->folders || !error_status_has_page((unsigned)status))
		return NULL;
	(void)snprintf(
	    folder, ERRORPAGES_FOLDER_BYTES, "/%d/index.html", status);
	return folder;
}
