/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/listing_page.h"

/* Room for about 2,000 entries. */
#define ARENA_BYTES (128 * 1024)

#define MANY 5000

#define PAGE_BYTES (4 * 1024 * 1024)

static const char *codings[] = { "br", "zst", "gz" };
static const struct conf_site conf = {
	.symlinks = BENEATH_WITHIN,
	.precompressed = { .items = codings, .nitems = 3 },
	.listing = CONF_LISTING_ON,
};

static const struct address nobody = { .family = AF_UNIX };

struct fixture {
	char dir[32];
	struct site site;
	struct mime_map mime;
	struct listings listings;
	struct listing_ask ask;
	size_t len;
	char page[PAGE_BYTES];
	struct listing last; /* as it was when it was over */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-list-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	assert_int_equal(
	    site_init(&f->site, &conf, beneath_open_root(f->dir)), 0);
	f->ask = (struct listing_ask){
		.client = &nobody,
		.site = &f->site,
		.mime = &f->mime,
		.path = SPAN("/"),
		.format = LISTING_JSON,
	};
	*state = f;
	return f->site.root_fd == -1
		   ? -1
		   : listings_init(&f->listings, ARENA_BYTES, 16);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[64];

	listings_fini(&f->listings);
	(void)close(f->site.root_fd);
	site_fini(&f->site);
	(void)snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void
make_file(const struct fixture *f, const char *name, mode_t mode)
{
	int fd = openat(f->site.root_fd, name, O_WRONLY | O_CREAT, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

/* Writes a listing into a room of so many bytes at a time; counts the calls. */
static unsigned
write_all(struct fixture *f, struct listing *listing, size_t room)
{
	unsigned ncalls = 0;

	f->len = 0;
	while (!listing_is_done(listing)) {
		assert_int_equal(listing->error, 0);
		assert_true(f->len + room < PAGE_BYTES);
		f->len += listing_write(listing, f->page + f->len, room);
		assert_true(++ncalls < 100000);
	}
	f->page[f->len] = '\0';
	return ncalls;
}

/* The whole listing of what is asked. */
static const char *
list(struct fixture *f)
{
	struct listing *listing = listing_open(&f->listings, &f->ask);

	assert_non_null(listing);
	(void)write_all(f, listing, 2 * LISTING_ROOM_BYTES);
	f->last = *listing;
	listing_close(&listing);
	assert_null(listing);
	return f->page;
}

static bool
shows(struct fixture *f, const char *name)
{
	char wanted[64];

	(void)snprintf(wanted, sizeof(wanted), "{\"name\":\"%s\",", name);
	return strstr(list(f), wanted) != NULL;
}

static void
test_an_empty_folder_is_an_empty_array(void **state)
{
	assert_string_equal(list(*state), "[\n]\n");
}

static void
test_folders_come_first_and_then_files_in_natural_order(void **state)
{
	struct fixture *f = *state;
	const char *page, *at;

	make_file(f, "a10", 0644);
	make_file(f, "a9", 0644);
	assert_int_equal(mkdirat(f->site.root_fd, "z", 0755), 0);
	page = list(f);
	at = strstr(page, "{\"name\":\"z\",\"type\":\"directory\","
			  "\"size\":null,\"mtime\":\"");
	assert_ptr_equal(at, page + 2);
	at =
	    strstr(at, "Z\"},\n{\"name\":\"a9\",\"type\":\"file\",\"size\":0,");
	assert_non_null(at);
	assert_non_null(strstr(at, "},\n{\"name\":\"a10\""));
	assert_string_equal(page + f->len - 5, "\"}\n]\n");
}

static void
test_what_a_request_would_not_get_is_hidden(void **state)
{
	struct fixture *f = *state;
	int fd = f->site.root_fd;

	make_file(f, "file", 0644);
	make_file(f, ".dot", 0644);
	make_file(f, "back\\slash", 0644);
	make_file(f, "line\nend", 0644);
	assert_int_equal(mkfifoat(fd, "fifo", 0644), 0);
	assert_int_equal(mkdirat(fd, ".well-known", 0755), 0);
	assert_int_equal(mkdirat(fd, ".git", 0755), 0);
	assert_int_equal(symlinkat("file", fd, "inside"), 0);
	assert_int_equal(symlinkat("/etc/passwd", fd, "outside"), 0);
	assert_int_equal(symlinkat("..", fd, "up"), 0);
	assert_int_equal(symlinkat("nowhere", fd, "broken"), 0);
	assert_int_equal(symlinkat("circle", fd, "circle"), 0);
	assert_int_equal(symlinkat("fifo", fd, "to-fifo"), 0);

	assert_true(shows(f, "file"));
	assert_true(shows(f, ".well-known"));
	assert_true(shows(f, "inside"));
	assert_false(shows(f, ".dot"));
	assert_false(shows(f, ".git"));
	assert_int_equal(f->last.nfiles, 2);
	assert_int_equal(f->last.nfolders, 1);
}

static void
test_links_are_hidden_where_none_is_followed(void **state)
{
	struct fixture *f = *state;
	struct conf_site strict = conf;

	strict.symlinks = BENEATH_DENY;
	f->site.conf = &strict;
	make_file(f, "file", 0644);
	assert_int_equal(symlinkat("file", f->site.root_fd, "link"), 0);
	assert_true(shows(f, "file"));
	assert_false(shows(f, "link"));
}

/* In a folder further down, links are followed from there. */
static void
test_links_are_followed_from_where_they_are(void **state)
{
	struct fixture *f = *state;
	int fd = f->site.root_fd;

	assert_int_equal(mkdirat(fd, "sub", 0755), 0);
	make_file(f, "file", 0644);
	assert_int_equal(symlinkat("../file", fd, "sub/inside"), 0);
	assert_int_equal(symlinkat("../../etc", fd, "sub/outside"), 0);
	f->ask.path = SPAN("/sub/");
	assert_true(shows(f, "inside"));
	assert_false(shows(f, "outside"));
}

static void
test_a_compressed_form_is_hidden_beside_its_file(void **state)
{
	struct fixture *f = *state;

	make_file(f, "a.js", 0644);
	make_file(f, "a.js.gz", 0644);
	make_file(f, "a.js.br", 0644);
	make_file(f, "b.tar.gz", 0644);
	make_file(f, ".gz", 0644);
	make_file(f, "c.zip", 0644);
	make_file(f, "c.zip.xz", 0644);
	assert_true(shows(f, "a.js"));
	assert_false(shows(f, "a.js.gz"));
	assert_false(shows(f, "a.js.br"));
	assert_true(shows(f, "b.tar.gz"));
	assert_true(shows(f, "c.zip.xz"));
}

static void
test_it_is_hidden_beside_a_link_but_not_beside_a_folder(void **state)
{
	struct fixture *f = *state;
	int fd = f->site.root_fd;

	make_file(f, "a.js", 0644);
	assert_int_equal(symlinkat("a.js", fd, "link.js"), 0);
	make_file(f, "link.js.gz", 0644);
	assert_int_equal(mkdirat(fd, "folder", 0755), 0);
	make_file(f, "folder.gz", 0644);
	make_file(f, "alone.gz", 0644);
	assert_false(shows(f, "link.js.gz"));
	assert_true(shows(f, "folder.gz"));
	assert_true(shows(f, "alone.gz"));
}

static void
test_it_is_shown_where_the_site_has_no_such_coding(void **state)
{
	struct fixture *f = *state;
	struct conf_site gzip_alone = conf;

	gzip_alone.precompressed.items = &codings[2];
	gzip_alone.precompressed.nitems = 1;
	site_fini(&f->site);
	assert_int_equal(site_init(&f->site, &gzip_alone, f->site.root_fd), 0);
	make_file(f, "a.js", 0644);
	make_file(f, "a.js.gz", 0644);
	make_file(f, "a.js.br", 0644);
	assert_false(shows(f, "a.js.gz"));
	assert_true(shows(f, "a.js.br"));
}

/* What is counted below the list says nothing of what there is none of. */
static void
test_a_page_counts_folders_and_files(void **state)
{
	struct fixture *f = *state;

	f->ask.format = LISTING_HTML;
	assert_non_null(strstr(list(f), "This folder is empty."));
	assert_int_equal(mkdirat(f->site.root_fd, "a", 0755), 0);
	assert_non_null(strstr(list(f), "1 folder"));
	assert_null(strstr(list(f), "1 folder, "));
	make_file(f, "b", 0644);
	assert_non_null(strstr(list(f), "1 folder, 1 file with 0 B"));
	make_file(f, "c", 0644);
	assert_int_equal(unlinkat(f->site.root_fd, "a", AT_REMOVEDIR), 0);
	assert_non_null(strstr(list(f), "2 files with 0 B"));
}

static void
test_what_the_worker_may_not_read_is_hidden(void **state)
{
	struct fixture *f = *state;

	make_file(f, "secret", 0000);
	make_file(f, "ours", 0400);
	assert_int_equal(mkdirat(f->site.root_fd, "closed", 0600), 0);
	/* Root may read everything, and is told so. */
	assert_int_equal(shows(f, "secret"), geteuid() == 0);
	assert_int_equal(shows(f, "closed"), geteuid() == 0);
	assert_true(shows(f, "ours"));
}

static void
make_many(const struct fixture *f)
{
	char name[32];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "file-%d.txt", i);
		make_file(f, name, 0644);
	}
}

static unsigned
count(const char *page, const char *what)
{
	unsigned n = 0;

	while ((page = strstr(page, what)) != NULL) {
		page += strlen(what);
		n++;
	}
	return n;
}

static void
test_what_does_not_fit_comes_in_parts_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct listing *listing;

	make_many(f);
	f->ask.format = LISTING_HTML;
	listing = listing_open(&f->listings, &f->ask);
	assert_non_null(listing);
	assert_false(listing->whole);
	(void)write_all(f, listing, 2 * LISTING_ROOM_BYTES);
	assert_true(listing->parted);
	assert_int_equal(listing->nfiles, MANY);
	assert_true(listing->used <= ARENA_BYTES);
	listing_close(&listing);
	assert_int_equal(count(f->page, "<tr class=t>"), MANY);
	assert_non_null(strstr(f->page, "<p class=\"note\">"));
	for (int i = 0; i < MANY; i += 499) {
		char link[48];

		(void)snprintf(
		    link, sizeof(link), "<a href=\"file-%d.txt\">", i);
		assert_int_equal(count(f->page, link), 1);
	}
}

static void
test_a_large_folder_is_read_in_slices(void **state)
{
	struct fixture *f = *state;
	struct listing *listing;
	unsigned nslices = 1;

	listings_fini(&f->listings);
	assert_int_equal(listings_init(&f->listings, 1024 * 1024, 16), 0);
	make_many(f);
	listing = listing_open(&f->listings, &f->ask);
	assert_non_null(listing);
	while (listing_write(listing, f->page, PAGE_BYTES) == 0)
		assert_true(++nslices < MANY);
	assert_true(listing_is_done(listing));
	assert_false(listing->parted);
	assert_in_range(nslices, MANY / 512, MANY / 512 + 2);
	assert_int_equal(listing->folder.fd, -1);
	listing_close(&listing);
}

static void
test_the_bytes_do_not_depend_on_the_room(void **state)
{
	struct fixture *f = *state;
	struct listing *listing;
	char *first;
	size_t len;

	make_file(f, "a", 0644);
	make_file(f, "<b>", 0644);
	assert_int_equal(mkdirat(f->site.root_fd, "c", 0755), 0);
	f->ask.format = LISTING_HTML;
	(void)list(f);
	first = strdup(f->page);
	len = f->len;
	for (size_t room = 600; room < 12000; room += 571) {
		listing = listing_open(&f->listings, &f->ask);
		(void)write_all(f, listing, room);
		listing_close(&listing);
		assert_int_equal(f->len, len);
		assert_memory_equal(f->page, first, len);
	}
	free(first);
}

/* The longest path and names there can be fit into the room that is said. */
static void
test_the_deepest_folder_fits(void **state)
{
	struct fixture *f = *state;
	char path[4096] = "/", name[256];
	struct listing *listing;
	int fd = dup(f->site.root_fd), next;

	memset(name, '"', 255);
	name[255] = '\0';
	while (strlen(path) < 4000) {
		const char *sub = strlen(path) < 3600 ? "&" : name;

		if (strlen(path) + strlen(sub) + 1 >= sizeof(path))
			break;
		assert_int_equal(mkdirat(fd, sub, 0755), 0);
		next = openat(fd, sub, O_PATH | O_DIRECTORY);
		assert_int_not_equal(next, -1);
		(void)close(fd);
		fd = next;
		(void)strcat(strcat(path, sub), "/");
	}
	next = openat(fd, name, O_CREAT | O_WRONLY, 0644);
	assert_int_not_equal(next, -1);
	(void)close(next);
	(void)close(fd);
	f->ask.format = LISTING_HTML;
	f->ask.path = span_of(path);
	listing = listing_open(&f->listings, &f->ask);
	assert_non_null(listing);
	(void)write_all(f, listing, LISTING_ROOM_BYTES);
	listing_close(&listing);
	assert_int_equal(count(f->page, "<tr class=f>"), 1);
}

static void
test_all_listings_can_be_under_way_and_no_more(void **state)
{
	struct fixture *f = *state;
	struct listing *all[LISTING_COUNT];

	for (unsigned i = 0; i < LISTING_COUNT; i++) {
		all[i] = listing_open(&f->listings, &f->ask);
		assert_non_null(all[i]);
	}
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, EBUSY);
	listing_close(&all[3]);
	all[3] = listing_open(&f->listings, &f->ask);
	assert_non_null(all[3]);
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		listing_close(&all[i]);
}

/* Opens as many as there are arenas. */
static void
open_all(struct fixture *f, struct listing *all[LISTING_COUNT])
{
	f->listings.now_ms = 1000;
	for (unsigned i = 0; i < LISTING_COUNT; i++) {
		all[i] = listing_open(&f->listings, &f->ask);
		assert_non_null(all[i]);
	}
}

static void
test_the_slowest_makes_room_after_its_turn(void **state)
{
	struct fixture *f = *state;
	struct listing *all[LISTING_COUNT], *next;

	open_all(f, all);
	all[6]->kept_ms--;
	f->listings.now_ms += LISTING_TURN_MS - 2;
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, EBUSY);
	f->listings.now_ms++;
	next = listing_open(&f->listings, &f->ask);
	assert_non_null(next);
	assert_int_equal(all[6]->error, EBUSY);
	assert_false(listing_is_done(all[6]));
	assert_int_equal(listing_write(all[6], f->page, PAGE_BYTES), 0);
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		assert_int_equal(all[i]->error, i == 6 ? EBUSY : 0);
	(void)write_all(f, next, LISTING_ROOM_BYTES);
	listing_close(&next);
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		listing_close(&all[i]);
}

/* What is taken at once is no credit for later. */
static void
test_who_goes_on_keeps_its_arena(void **state)
{
	struct fixture *f = *state;
	struct listing *all[LISTING_COUNT];

	make_many(f);
	open_all(f, all);
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		while (listing_write(all[i], f->page, LISTING_ROOM_BYTES) == 0)
			assert_int_equal(all[i]->error, 0);
	f->listings.now_ms += LISTING_TURN_MS;
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		assert_in_range(
		    listing_write(all[i], f->page, LISTING_ROOM_BYTES),
		    LISTING_ROOM_BYTES / 2, LISTING_ROOM_BYTES);
	f->listings.now_ms += LISTING_ROOM_BYTES / 2 * 1000 / LISTING_FAST_RATE;
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, EBUSY);
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		listing_close(&all[i]);
}

static void
test_what_is_written_whole_needs_no_arena(void **state)
{
	struct fixture *f = *state;
	struct listing *all[LISTING_COUNT], *next;

	open_all(f, all);
	(void)write_all(f, all[1], LISTING_ROOM_BYTES);
	next = listing_open(&f->listings, &f->ask);
	assert_non_null(next);
	assert_true(listing_is_done(all[1]));
	assert_int_equal(all[1]->error, 0);
	listing_close(&next);
	for (unsigned i = 0; i < LISTING_COUNT; i++)
		listing_close(&all[i]);
}

static void
test_what_cannot_be_opened_has_its_errno(void **state)
{
	struct fixture *f = *state;

	make_file(f, "file", 0644);
	assert_int_equal(symlinkat("/etc", f->site.root_fd, "out"), 0);
	f->ask.path = SPAN("/none/");
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, ENOENT);
	f->ask.path = SPAN("/file/");
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, ENOTDIR);
	f->ask.path = SPAN("/out/");
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, EXDEV);
}

static void
test_without_memory_there_is_no_listing(void **state)
{
	struct fixture *f = *state;

	listings_fini(&f->listings);
	assert_int_equal(listings_init(&f->listings, 0, 0), 0);
	assert_null(listing_open(&f->listings, &f->ask));
	assert_int_equal(errno, EBUSY);
}

/* A descriptor that fails when it is read stands for a disk that does. */
static void
test_an_error_of_reading_ends_the_listing(void **state)
{
	struct fixture *f = *state;
	struct listing *listing;

	make_many(f);
	listing = listing_open(&f->listings, &f->ask);
	assert_non_null(listing);
	(void)close(listing->folder.fd);
	listing->folder.fd = open("/dev/null", O_RDONLY);
	while (listing->error == 0)
		assert_int_equal(
		    listing_write(listing, f->page, PAGE_BYTES), 0);
	assert_int_equal(listing->error, ENOTDIR);
	assert_false(listing_is_done(listing));
	assert_int_equal(listing_write(listing, f->page, PAGE_BYTES), 0);
	listing_close(&listing);
}

/* A link that cannot be looked at is not said to be absent. */
static void
test_without_descriptors_a_listing_fails(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;

	make_file(f, "file", 0644);
	assert_int_equal(symlinkat("file", f->site.root_fd, "link"), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)dup(f->site.root_fd);
	(void)close((int)none.rlim_cur);
	for (int more = 0; more < 2; more++) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		assert_null(listing_open(&f->listings, &f->ask));
		assert_int_equal(errno, EMFILE);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		none.rlim_cur++; /* enough for the folder, not for the link */
	}
	assert_true(shows(f, "link"));
}

static void
test_the_hash_is_of_what_is_shown(void **state)
{
	struct fixture *f = *state;
	uint64_t before[2];
	int fd;

	make_file(f, "a", 0644);
	make_file(f, "b", 0644);
	(void)list(f);
	memcpy(before, f->last.hash, sizeof(before));
	make_file(f, ".hidden", 0644);
	(void)list(f);
	assert_memory_equal(before, f->last.hash, sizeof(before));
	fd = openat(f->site.root_fd, "a", O_WRONLY);
	assert_int_equal(write(fd, "x", 1), 1);
	(void)close(fd);
	(void)list(f);
	assert_memory_not_equal(before, f->last.hash, sizeof(before));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_folder_is_an_empty_array),
		TEST(test_folders_come_first_and_then_files_in_natural_order),
		TEST(test_what_a_request_would_not_get_is_hidden),
		TEST(test_links_are_hidden_where_none_is_followed),
		TEST(test_links_are_followed_from_where_they_are),
		TEST(test_a_compressed_form_is_hidden_beside_its_file),
		TEST(test_it_is_hidden_beside_a_link_but_not_beside_a_folder),
		TEST(test_it_is_shown_where_the_site_has_no_such_coding),
		TEST(test_a_page_counts_folders_and_files),
		TEST(test_what_the_worker_may_not_read_is_hidden),
		TEST(test_what_does_not_fit_comes_in_parts_and_says_so),
		TEST(test_a_large_folder_is_read_in_slices),
		TEST(test_the_bytes_do_not_depend_on_the_room),
		TEST(test_the_deepest_folder_fits),
		TEST(test_all_listings_can_be_under_way_and_no_more),
		TEST(test_the_slowest_makes_room_after_its_turn),
		TEST(test_who_goes_on_keeps_its_arena),
		TEST(test_what_is_written_whole_needs_no_arena),
		TEST(test_what_cannot_be_opened_has_its_errno),
		TEST(test_without_memory_there_is_no_listing),
		TEST(test_an_error_of_reading_ends_the_listing),
		TEST(test_without_descriptors_a_listing_fails),
		TEST(test_the_hash_is_of_what_is_shown),
	};

	return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
