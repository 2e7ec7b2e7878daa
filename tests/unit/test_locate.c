/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/locate.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/uri.h"

#define LIST(...)                                                              \
	{                                                                      \
		.items = (const char *[]){ __VA_ARGS__ },                      \
		.nitems = sizeof((const char *[]){ __VA_ARGS__ }) /            \
			  sizeof(const char *),                                \
	}

static const struct conf_list index_names = LIST("index.html");
static const struct conf_list by_default = LIST("$uri", "$uri/");
static const struct conf_list pages_first = LIST("$uri", "$uri.html", "$uri/");
static const struct conf_list folders_first =
    LIST("$uri", "$uri/", "$uri.html");
static const struct conf_list folders_alone = LIST("$uri/");
static const struct conf_list index_in_place = LIST("$uri", "$uri/index.html");
static const struct conf_list endings_alone = LIST("$uri.html");
static const struct conf_list many =
    LIST("$uri", "$uri.html", "$uri.", "$uri/index.html", "$uri-x");
static const struct filecache_opts opts = {
	.nfiles = 16,
	.nmissing = 16,
	.memory_bytes = 65536,
	.small_bytes = 1024,
	.valid_ms = 1000,
	.keep = 8,
};
static const struct clock now = { .wall_s = 2000000000 };

static const char *dir_names[] = { "a", "b", "locked" };
static const char *file_names[] = { "a.html", "b/index.html", "c", "c.html",
	"locked.html", ".hidden.html" };

struct fixture {
	char dir[40];
	struct conf_site conf;
	struct site site;
	struct mime_map mime;
	struct counters counters;
	struct filecache cache;
	char path[RESOURCE_PATH_BYTES];
	char other[RESOURCE_PATH_BYTES];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-locate-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->conf = (struct conf_site){
		.symlinks = BENEATH_WITHIN,
		.index = index_names,
		.tries = by_default,
	};
	assert_int_equal(
	    site_init(&f->site, &f->conf, beneath_open_root(f->dir)), 0);
	for (size_t i = 0; i < sizeof(dir_names) / sizeof(dir_names[0]); i++)
		assert_int_equal(
		    mkdirat(f->site.root_fd, dir_names[i], 0755), 0);
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]);
	     i++) {
		int fd = openat(
		    f->site.root_fd, file_names[i], O_WRONLY | O_CREAT, 0644);

		assert_int_not_equal(fd, -1);
		(void)close(fd);
	}
	*state = f;
	return filecache_init(&f->cache, &opts, &f->mime, &f->counters);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	filecache_fini(&f->cache);
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++)
		(void)unlinkat(f->site.root_fd, file_names[i], 0);
	for (size_t i = 0; i < sizeof(dir_names) / sizeof(dir_names[0]); i++)
		(void)unlinkat(f->site.root_fd, dir_names[i], AT_REMOVEDIR);
	(void)close(f->site.root_fd);
	(void)rmdir(f->dir);
	site_fini(&f->site);
	free(f);
	return 0;
}

static struct locate
search_for(struct fixture *f, const char *path, const struct conf_list *tries)
{
	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	return (struct locate){
		.cache = &f->cache,
		.clock = &now,
		.site = &f->site,
		.tries = tries,
		.path = f->path,
		.other = f->other,
		.len = strlen(path),
		.uri_error = -1,
	};
}

static void
test_words_are_tried_in_their_order(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *path;
		const struct conf_list *tries;
		enum locate_outcome outcome;
		const char *found; /* NULL: does not matter */
		enum conf_canonical canonical;
	} rows[] = {
		{ "/a", &pages_first, LOCATE_FILE, "/a.html", 0 },
		{ "/a", &folders_first, LOCATE_FOLDER, NULL, 0 },
		{ "/a", &folders_alone, LOCATE_FOLDER, NULL, 0 },
		{ "/a/", &folders_first, LOCATE_NOTHING, NULL, 0 },
		{ "/a/", &folders_first, LOCATE_FILE, "/a.html",
		    CONF_CANONICAL_SLASH },
		{ "/b", &pages_first, LOCATE_FOLDER, NULL, 0 },
		{ "/b/", &pages_first, LOCATE_FILE, "/b/index.html", 0 },
		{ "/b", &index_in_place, LOCATE_FILE, "/b/index.html", 0 },
		{ "/b/", &index_in_place, LOCATE_FILE, "/b/index.html", 0 },
		{ "/b/", &endings_alone, LOCATE_NOTHING, NULL, 0 },
		{ "/c", &pages_first, LOCATE_FILE, "/c", 0 },
		{ "/c", &endings_alone, LOCATE_FILE, "/c.html", 0 },
		{ "/c/", &pages_first, LOCATE_NOTHING, NULL, 0 },
		{ "/c/d", &pages_first, LOCATE_NOTHING, NULL, 0 },
		{ "/", &pages_first, LOCATE_NOTHING, NULL, 0 },
		{ "/", &pages_first, LOCATE_NOTHING, NULL,
		    CONF_CANONICAL_SLASH },
		{ "/.well-known/", &endings_alone, LOCATE_NOTHING, NULL,
		    CONF_CANONICAL_SLASH },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct locate search =
		    search_for(f, rows[i].path, rows[i].tries);
		enum locate_outcome outcome;

		f->conf.canonical = rows[i].canonical;
		outcome = locate_find(&search);
		if (outcome != rows[i].outcome ||
		    (rows[i].found != NULL &&
			!span_equal(search.found, span_of(rows[i].found))))
			fail_msg("row %zu, %s: %d \"%.*s\"", i, rows[i].path,
			    (int)outcome, (int)search.found.len,
			    search.found.ptr);
		if (outcome == LOCATE_NOTHING)
			assert_string_equal(f->path, rows[i].path);
	}
}

static void
test_a_path_is_looked_at_once(void **state)
{
	struct fixture *f = *state;
	struct locate search = search_for(f, "/none", &f->conf.tries);

	assert_int_equal(locate_find(&search), LOCATE_NOTHING);
	assert_int_equal(f->counters.cache_misses + f->counters.cache_hits, 1);
	search = search_for(f, "/none", &pages_first);
	assert_int_equal(locate_find(&search), LOCATE_NOTHING);
	/* What is not there is remembered as well. */
	assert_int_equal(f->counters.cache_misses, 2);
	assert_int_equal(f->counters.cache_hits, 1);
	search = search_for(f, "/none", &pages_first);
	search.uri_error = ENOENT;
	assert_int_equal(locate_find(&search), LOCATE_NOTHING);
	assert_int_equal(f->counters.cache_hits, 2);
}

static void
test_what_does_not_fit_is_not_there(void **state)
{
	struct fixture *f = *state;
	char path[RESOURCE_PATH_BYTES];

	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	for (size_t cut = 0; cut < 14; cut++) {
		struct locate search;

		path[sizeof(path) - 1 - cut] = '\0';
		search = search_for(f, path, &pages_first);
		assert_int_equal(locate_find(&search), LOCATE_NOTHING);
		path[sizeof(path) - 2 - cut] = '/';
		search = search_for(f, path, &pages_first);
		assert_int_equal(locate_find(&search), LOCATE_NOTHING);
	}
}

static void
test_trouble_ends_the_search(void **state)
{
	(void)state;
	assert_int_equal(locate_outcome(0), LOCATE_FILE);
	assert_int_equal(locate_outcome(ENOENT), LOCATE_NOTHING);
	assert_int_equal(locate_outcome(ELOOP), LOCATE_NOTHING);
	assert_int_equal(locate_outcome(EXDEV), LOCATE_NOTHING);
	assert_int_equal(locate_outcome(EACCES), LOCATE_TROUBLE);
	assert_int_equal(locate_outcome(EMFILE), LOCATE_TROUBLE);
	assert_int_equal(locate_outcome(EIO), LOCATE_TROUBLE);
}

/* Whatever is asked, what is tried is shown and below the root. */
static void
test_nothing_hidden_is_ever_tried(void **state)
{
	struct fixture *f = *state;
	static const char *pieces[] = { "/", "a", ".", "b", "/a", ".well-known",
		"html" };
	unsigned random = 1;

	f->conf.canonical = CONF_CANONICAL_SLASH;
	for (unsigned i = 0; i < 20000; i++) {
		char raw[64] = "/", path[64];
		struct locate search;
		size_t len;

		for (unsigned j = 0; j < 5; j++) {
			random = random * 1664525 + 1013904223;
			(void)strcat(raw, pieces[random >> 24 & 3]);
			(void)strcat(raw, pieces[(random >> 16) % 7]);
			raw[40] = '\0';
		}
		if (uri_decode_path(span_of(raw), path, sizeof(path), &len) !=
			VERDICT_OK ||
		    site_path_hidden((struct span){ path, len }))
			continue;
		search = search_for(f, path, &many);
		for (unsigned j = 0; j < many.nitems; j++) {
			struct span name;

			if (!locate_compose(&search, many.items[j], &name))
				continue;
			assert_false(site_path_hidden(name));
			assert_true(name.ptr[name.len] == '\0');
			assert_null(memmem(name.ptr, name.len, "//", 2));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_words_are_tried_in_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_path_is_looked_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_does_not_fit_is_not_there, setup, teardown),
		cmocka_unit_test(test_trouble_ends_the_search),
		cmocka_unit_test_setup_teardown(
		    test_nothing_hidden_is_ever_tried, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
