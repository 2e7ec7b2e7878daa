/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/mime.h"
#include "os/beneath.h"
#include "os/newfile.h"
#include "tools/coder.h"
#include "tools/precompress.h"
#include "tools/progress.h"
#include "tools/tree.h"
#include "tools/verify.h"

/* A sidecar to be looked at, and what it is one of. */
struct audit_item {
	const struct tree_file *sidecar;
	const struct tree_file *original; /* NULL: there is none */
	enum coding coding;
};

/* What came of it, from the worker that looked. */
struct audit_look {
	bool done;
	enum verify_result result;
	int error;
};

struct audit {
	const struct audit_opts *opts;
	struct problems problems;
	struct tree tree;
	struct audit_item *items;
	unsigned nitems;
	struct crew crew;
	struct progress progress;
	unsigned long ngood; /* that were looked into */
	unsigned long nwrong;
	unsigned long nmissing;
	unsigned long unread[CODING_COUNT]; /* for want of a library */
};

/* Types that are parts of a page: nobody offers them compressed. */
static const char *const audit_page_types[] = {
	"application/json",
	"application/manifest+json",
	"application/wasm",
	"application/xhtml+xml",
	"image/svg+xml",
	"text/css; charset=utf-8",
	"text/html; charset=utf-8",
	"text/javascript; charset=utf-8",
};

static struct span
audit_stem(struct span path)
{
	path.len -= coding_suffix(tree_coding(path)).len;
	return path;
}

bool
audit_is_orphan(struct span path)
{
	const size_t n = sizeof(audit_page_types) / sizeof(audit_page_types[0]);
	const struct mime_map builtin = { 0 };
	struct span type = mime_lookup(&builtin, audit_stem(path));

	for (size_t i = 0; i < n; i++)
		if (span_equal(type, span_of(audit_page_types[i])))
			return true;
	return false;
}

static bool
audit_looks_at(const struct audit *audit, enum coding coding)
{
	return coding != CODING_IDENTITY &&
	       (audit->opts->codings & 1u << coding) != 0;
}

/* Finds the sidecars, in the order of the tree.  0, or -1 with errno. */
static int
audit_plan(struct audit *audit)
{
	const struct tree *tree = &audit->tree;
	uint64_t total = 0;

	audit->items = calloc((size_t)tree->nfiles + 1, sizeof(*audit->items));
	if (audit->items == NULL)
		return -1;
	for (unsigned i = 0; i < tree->nfiles; i++) {
		const struct tree_file *file = &tree->files[i];
		enum coding coding = tree_coding(file->path);
		const struct tree_file *original;

		if (!audit_looks_at(audit, coding))
			continue;
		original = tree_find(tree, audit_stem(file->path));
		if (original == NULL && !audit_is_orphan(file->path))
			continue;
		audit->items[audit->nitems++] =
		    (struct audit_item){ file, original, coding };
		total += file->size;
	}
	progress_init(&audit->progress, "sidecars", total);
	return crew_init(
	    &audit->crew, audit->nitems, sizeof(struct audit_look));
}

/* Opens both and compares. */
static void
audit_look(
    struct audit *audit, const struct audit_item *item, struct audit_look *look)
{
	int root_fd = audit->tree.root_fd;
	struct stat st;
	int original =
	    beneath_open(root_fd, item->original->path.ptr, BENEATH_DENY, &st);
	int sidecar =
	    beneath_open(root_fd, item->sidecar->path.ptr, BENEATH_DENY, &st);

	look->result = VERIFY_ERROR;
	if (original != -1 && sidecar != -1)
		look->result = verify_sidecar(
		    &audit->crew, item->coding, sidecar, original);
	look->error = errno;
	if (original != -1)
		(void)close(original); /* only read from */
	if (sidecar != -1)
		(void)close(sidecar); /* likewise */
}

/* The life of a worker. */
static void
audit_work(struct audit *audit)
{
	size_t i;

	while (crew_take(&audit->crew, &i)) {
		const struct audit_item *item = &audit->items[i];
		struct audit_look *look = crew_result(&audit->crew, i);

		if (item->original != NULL && coder_is_there(item->coding))
			audit_look(audit, item, look);
		look->done = true;
		crew_advance(&audit->crew, item->sidecar->size);
	}
}

/* A line about a sidecar: its path, one word, and more behind it. */
static void
audit_say(
    struct audit *audit, struct span path, struct span ending, const char *text)
{
	if (audit->opts->quiet)
		return;
	problem_put_path(stdout, path);
	(void)printf("%.*s: %s\n", (int)ending.len, ending.ptr, text);
}

/* What is wrong with one that was looked at; NULL: nothing. */
static const char *
audit_judge(const struct audit_item *item, const struct audit_look *look)
{
	const struct tree_file *original = item->original;

	if (original == NULL)
		return "orphan: there is no file that it is a form of; remove "
		       "it";
	if (look->result == VERIFY_DAMAGED)
		return "corrupt: it does not decompress; remove it, then run "
		       "tined precompress";
	if (look->result == VERIFY_WINDOW)
		return "window: browsers refuse it, since it needs more than "
		       "8 MiB of memory; remove it, then run tined precompress";
	if (item->sidecar->mtime_ns < original->mtime_ns)
		return "stale: older than the file, so it is not sent; run "
		       "tined precompress";
	if (look->result == VERIFY_DIFFERS)
		return "differs: it holds something else than the file; remove "
		       "it, then run tined precompress";
	if (item->sidecar->size >= original->size)
		return "larger: not smaller than the file; remove it";
	return NULL;
}

/* One that could not be looked at. */
static void
audit_complain(struct audit *audit, const struct audit_item *item,
    const struct audit_look *look)
{
	if (!look->done && audit->crew.signum == 0)
		problem_add(&audit->problems, item->sidecar->path,
		    "not looked at: a process %s", audit->crew.end);
	else if (look->done && look->result == VERIFY_ERROR)
		problem_add(&audit->problems, item->sidecar->path, "%s",
		    problem_of_errno(look->error));
}

static void
audit_tell(struct audit *audit, unsigned i)
{
	const struct audit_item *item = &audit->items[i];
	const struct audit_look *look = crew_result(&audit->crew, i);
	const char *wrong;
	bool is_read;

	if (!look->done || look->result == VERIFY_ERROR ||
	    look->result == VERIFY_STOPPED) {
		audit_complain(audit, item, look);
		return;
	}
	is_read = item->original == NULL || coder_is_there(item->coding);
	if (!is_read)
		audit->unread[item->coding]++;
	wrong = audit_judge(item, look);
	if (wrong == NULL) {
		audit->ngood += is_read;
		return;
	}
	audit->nwrong++;
	audit_say(audit, item->sidecar->path, (struct span){ "", 0 }, wrong);
}

/* Files that precompress would look at, and that have no sidecar. */
static void
audit_find_missing(struct audit *audit)
{
	const struct mime_map builtin = { 0 };

	for (unsigned i = 0; i < audit->tree.nfiles; i++) {
		const struct tree_file *file = &audit->tree.files[i];

		if (file->size < PRECOMPRESS_MIN_BYTES ||
		    tree_coding(file->path) != CODING_IDENTITY ||
		    !precompress_wants(mime_lookup(&builtin, file->path)))
			continue;
		for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
			if (!audit_looks_at(audit, (enum coding)coding) ||
			    tree_find_sidecar(&audit->tree, file->path,
				(enum coding)coding) != NULL)
				continue;
			audit->nmissing++;
			audit_say(audit, file->path,
			    coding_suffix((enum coding)coding),
			    "missing: run tined precompress");
		}
	}
}

static void
audit_report(struct audit *audit)
{
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++)
		if (audit->unread[coding] > 0)
			problem_add(&audit->problems, (struct span){ 0 },
			    "%lu sidecars were not looked into: this build has "
			    "no %s; -f leaves them out",
			    audit->unread[coding],
			    coder_of((enum coding)coding)->library);
	problems_tell(&audit->problems);
	if (audit->opts->quiet)
		return;
	if (audit->tree.nleft > 0)
		(void)printf("%u files %s* were left behind by a command that "
			     "was killed; remove them\n",
		    audit->tree.nleft, NEWFILE_PREFIX);
	(void)printf("%u sidecars: %lu good, %lu wrong", audit->nitems,
	    audit->ngood, audit->nwrong);
	if (audit->opts->missing)
		(void)printf("; %lu missing", audit->nmissing);
	(void)putchar('\n');
}

static void
audit_do(struct audit *audit)
{
	int rc = crew_start(&audit->crew, audit->opts->jobs);

	if (rc == 1) {
		audit_work(audit);
		_exit(EXIT_SUCCESS);
	}
	if (rc == -1) {
		problem_add(&audit->problems, (struct span){ 0 },
		    "cannot start a process: %s", strerror(errno));
		return;
	}
	progress_follow(&audit->progress, &audit->crew);
	for (unsigned i = 0; i < audit->nitems; i++)
		audit_tell(audit, i);
	if (audit->opts->missing)
		audit_find_missing(audit);
	audit_report(audit);
	if (fflush(stdout) != 0)
		problem_add(&audit->problems, (struct span){ 0 }, "stdout: %s",
		    strerror(errno));
}

enum audit_status
audit_run(const struct audit_opts *opts)
{
	struct audit audit = { .opts = opts };
	enum audit_status status = AUDIT_TROUBLE;

	if (tree_open(&audit.tree, opts->folder, &audit.problems) == 0) {
		if (audit_plan(&audit) == 0)
			audit_do(&audit);
		else
			problem_add(&audit.problems, (struct span){ 0 }, "%s",
			    strerror(errno));
		if (audit.problems.n == 0)
			status =
			    audit.nwrong + audit.nmissing + audit.tree.nleft ==
				    0
				? AUDIT_GOOD
				: AUDIT_WRONG;
	}
	free(audit.items);
	tree_close(&audit.tree);
	crew_fini(&audit.crew);
	return status;
}
