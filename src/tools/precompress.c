/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/precompress.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "http/mime.h"
#include "tools/coder.h"
#include "tools/format.h"
#include "tools/progress.h"
#include "tools/sidecar.h"

/* What is to be made: a sidecar of a file. */
struct precompress_task {
	const struct tree_file *file;
	enum coding coding;
};

struct precompress {
	const struct precompress_opts *opts;
	struct problems problems;
	struct tree tree;
	/* In the order of the tree, and in the one they are done in. */
	struct precompress_task *tasks;
	const struct precompress_task **order;
	size_t ntasks;
	size_t nfiles; /* that have tasks */
	struct crew crew;
	struct progress progress;
};

/* How a coding went. */
struct precompress_sum {
	unsigned long n[SIDECAR_OUTCOMES];
	uint64_t before; /* bytes of originals that have a sidecar now */
	uint64_t after;  /* bytes of these sidecars */
};

/* Types that are no text and yet compress well. */
static const char *const precompress_types[] = {
	"application/javascript",
	"application/json",
	"application/json5",
	"application/postscript",
	"application/rtf",
	"application/sql",
	"application/toml",
	"application/vnd.apple.mpegurl",
	"application/vnd.ms-fontobject",
	"application/wasm",
	"application/x-subrip",
	"application/x-tar",
	"application/xml",
	"application/xml-dtd",
	"application/yaml",
	"font/collection",
	"font/otf",
	"font/ttf",
	"image/bmp",
	"image/vnd.microsoft.icon",
	"model/gltf-binary",
	"model/stl",
};

static bool
precompress_ends(struct span type, struct span end)
{
	return type.len > end.len && span_ends_with(type, end);
}

bool
precompress_wants(struct span type)
{
	const size_t n =
	    sizeof(precompress_types) / sizeof(precompress_types[0]);
	const char *parameter = memchr(type.ptr, ';', type.len);

	if (parameter != NULL)
		type.len = (size_t)(parameter - type.ptr);
	if (span_starts_with(type, SPAN("text/")) ||
	    precompress_ends(type, SPAN("+json")) ||
	    precompress_ends(type, SPAN("+xml")))
		return true;
	for (size_t i = 0; i < n; i++)
		if (span_equal(type, span_of(precompress_types[i])))
			return true;
	return false;
}

static bool
precompress_takes(const struct precompress *run, const struct tree_file *file)
{
	const struct mime_map builtin = { 0 };

	/* It is one, or will never have one that is found. */
	if (file->size == 0 || tree_coding(file->path) != CODING_IDENTITY)
		return false;
	return run->opts->all ||
	       (file->size >= PRECOMPRESS_MIN_BYTES &&
		   precompress_wants(mime_lookup(&builtin, file->path)));
}

/*
 * Steps for a byte: about as the time that it takes.  Also the order, since
 * what takes long should not begin last.
 */
static uint64_t
precompress_steps(enum coding coding)
{
	switch (coding) {
	case CODING_BR: return 24;
	case CODING_ZSTD: return 6;
	case CODING_GZIP: return 1;
	case CODING_IDENTITY:
	case CODING_COUNT: break;
	}
	return 0;
}

static uint64_t
precompress_cost(const struct precompress_task *task)
{
	assert(task->file != NULL);
	return task->file->size * precompress_steps(task->coding);
}

/* The longest first; equals in the order of the tree. */
static int
on_compare_tasks(const void *a, const void *b)
{
	const struct precompress_task *const *x = a, *const *y = b;
	uint64_t cost_x = precompress_cost(*x), cost_y = precompress_cost(*y);

	if (cost_x != cost_y)
		return cost_x > cost_y ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static void
precompress_add(struct precompress *run, const struct tree_file *file)
{
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		struct precompress_task *task = &run->tasks[run->ntasks];

		if ((run->opts->codings & 1u << coding) == 0)
			continue;
		*task = (struct precompress_task){ file, (enum coding)coding };
		run->order[run->ntasks++] = task;
	}
}

/* 0, or -1 with errno. */
static int
precompress_plan(struct precompress *run)
{
	size_t room = (size_t)run->tree.nfiles * CODING_COUNT + 1;
	uint64_t total = 0;

	run->tasks = calloc(room, sizeof(*run->tasks));
	run->order = calloc(room, sizeof(*run->order));
	if (run->tasks == NULL || run->order == NULL)
		return -1;
	for (unsigned i = 0; i < run->tree.nfiles; i++) {
		if (!precompress_takes(run, &run->tree.files[i]))
			continue;
		run->nfiles++;
		precompress_add(run, &run->tree.files[i]);
	}
	for (size_t i = 0; i < run->ntasks; i++)
		total += precompress_cost(&run->tasks[i]);
	qsort(run->order, run->ntasks, sizeof(*run->order), on_compare_tasks);
	progress_init(&run->progress, "precompress", total);
	return crew_init(&run->crew, run->ntasks, sizeof(struct sidecar));
}

/* The life of a worker. */
static void
precompress_work(struct precompress *run)
{
	const struct sidecar_opts opts = { .dry = run->opts->dry,
		.remove = run->opts->remove };
	size_t item;

	while (crew_take(&run->crew, &item)) {
		const struct precompress_task *task = run->order[item];
		struct sidecar *sidecar =
		    crew_result(&run->crew, (size_t)(task - run->tasks));

		sidecar_make(&run->crew, run->tree.root_fd, task->file,
		    task->coding, &opts, precompress_steps(task->coding),
		    sidecar);
		/* It would be the same for every other one. */
		if (sidecar->outcome == SIDECAR_FAILED && !sidecar->reading &&
		    (sidecar->error == ENOSPC || sidecar->error == EDQUOT ||
			sidecar->error == EROFS))
			crew_stop(&run->crew);
	}
}

/* What is to be said of one that did not become what it should. */
static void
precompress_complain(struct precompress *run,
    const struct precompress_task *task, const struct sidecar *sidecar)
{
	struct problems *problems = &run->problems;
	struct span path = task->file->path;
	struct span ending = coding_suffix(task->coding);

	switch (sidecar->outcome) {
	case SIDECAR_FAILED:
		if (sidecar->reading)
			problem_add(problems, path, "cannot be read: %s",
			    problem_of_errno(sidecar->error));
		else
			problem_add(problems, path,
			    "its %.*s cannot be written: %s", (int)ending.len,
			    ending.ptr, problem_of_errno(sidecar->error));
		break;
	case SIDECAR_CHANGED:
		problem_add(problems, path,
		    "changed while it was read; run again when nobody writes "
		    "to it");
		break;
	case SIDECAR_BLOCKED:
		problem_add(problems, path,
		    "its %.*s is a folder, a symbolic link or the like; take "
		    "it away",
		    (int)ending.len, ending.ptr);
		break;
	case SIDECAR_STARTED:
		problem_add(problems, path,
		    "its %.*s was not finished: a process %s; if memory is "
		    "short use fewer, -j 1",
		    (int)ending.len, ending.ptr, run->crew.end);
		break;
	case SIDECAR_TODO:
	case SIDECAR_WRITTEN:
	case SIDECAR_CURRENT:
	case SIDECAR_USELESS:
	case SIDECAR_LEFT:
	case SIDECAR_REMOVED:
	case SIDECAR_STOPPED:
	case SIDECAR_OUTCOMES: break;
	}
}

/* What -v says of one; NULL: nothing. */
static const char *
precompress_describe(
    const struct precompress *run, enum sidecar_outcome outcome)
{
	bool dry = run->opts->dry;

	switch (outcome) {
	case SIDECAR_WRITTEN: return dry ? "would be written" : "written";
	case SIDECAR_REMOVED: return dry ? "would be removed" : "removed";
	case SIDECAR_LEFT: return "of no use any more; -r removes it";
	case SIDECAR_USELESS: return "would not be of use";
	case SIDECAR_CURRENT: return "current";
	case SIDECAR_TODO:
	case SIDECAR_STARTED:
	case SIDECAR_FAILED:
	case SIDECAR_CHANGED:
	case SIDECAR_BLOCKED:
	case SIDECAR_STOPPED:
	case SIDECAR_OUTCOMES: break;
	}
	return NULL;
}

static void
precompress_list(const struct precompress *run,
    const struct precompress_task *task, const struct sidecar *sidecar)
{
	const char *text = precompress_describe(run, sidecar->outcome);
	struct span ending = coding_suffix(task->coding);
	char size[FORMAT_BYTES], part[FORMAT_BYTES];

	/* What is left there must be said: it is passed over from now on. */
	if (text == NULL ||
	    (!run->opts->verbose && sidecar->outcome != SIDECAR_LEFT))
		return;
	problem_put_path(stdout, task->file->path);
	(void)printf("%.*s: %s", (int)ending.len, ending.ptr, text);
	if (sidecar->outcome == SIDECAR_WRITTEN ||
	    sidecar->outcome == SIDECAR_CURRENT)
		(void)printf(", %s, %s", format_size(size, sidecar->bytes),
		    format_part(part, sidecar->bytes, task->file->size));
	(void)putchar('\n');
}

/* Tells of each in the order of the tree, and counts. */
static void
precompress_gather(
    struct precompress *run, struct precompress_sum sums[CODING_COUNT])
{
	for (size_t i = 0; i < run->ntasks; i++) {
		const struct precompress_task *task = &run->tasks[i];
		const struct sidecar *sidecar = crew_result(&run->crew, i);
		struct precompress_sum *sum = &sums[task->coding];

		sum->n[sidecar->outcome]++;
		precompress_complain(run, task, sidecar);
		precompress_list(run, task, sidecar);
		if (sidecar->outcome != SIDECAR_WRITTEN &&
		    sidecar->outcome != SIDECAR_CURRENT)
			continue;
		sum->before += task->file->size;
		sum->after += sidecar->bytes;
	}
}

static void
precompress_print_sum(enum coding coding, const struct precompress_sum *sum)
{
	const unsigned long *n = sum->n;
	struct span ending = coding_suffix(coding);
	char before[FORMAT_BYTES], after[FORMAT_BYTES], part[FORMAT_BYTES];

	(void)printf("%-5.*s %8lu %8lu %8lu %8lu %8lu %10s %10s %7s\n",
	    (int)ending.len, ending.ptr, n[SIDECAR_WRITTEN], n[SIDECAR_CURRENT],
	    n[SIDECAR_USELESS] + n[SIDECAR_LEFT] + n[SIDECAR_REMOVED],
	    n[SIDECAR_REMOVED],
	    n[SIDECAR_FAILED] + n[SIDECAR_CHANGED] + n[SIDECAR_BLOCKED] +
		n[SIDECAR_STARTED] + n[SIDECAR_STOPPED] + n[SIDECAR_TODO],
	    format_size(before, sum->before), format_size(after, sum->after),
	    format_part(part, sum->after, sum->before));
}

/* Tells how it went; returns how many sidecars were not even begun. */
static unsigned long
precompress_report(struct precompress *run)
{
	struct precompress_sum sums[CODING_COUNT] = { 0 };
	char time[FORMAT_BYTES];
	unsigned long nleft = 0;

	precompress_gather(run, sums);
	problems_tell(&run->problems);
	(void)printf("%-5s %8s %8s %8s %8s %8s %10s %10s %7s\n", "",
	    run->opts->dry ? "to write" : "written", "current", "no gain",
	    "removed", "failed", "files", "sidecars", "ratio");
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		if ((run->opts->codings & 1u << coding) == 0)
			continue;
		precompress_print_sum((enum coding)coding, &sums[coding]);
		nleft += sums[coding].n[SIDECAR_TODO] +
			 sums[coding].n[SIDECAR_STOPPED];
	}
	(void)printf("%zu of %u files, %s\n", run->nfiles, run->tree.nfiles,
	    format_duration(time, progress_ms(&run->progress)));
	if (fflush(stdout) != 0)
		problem_add(&run->problems, (struct span){ 0 },
		    "cannot write the summary: %s", strerror(errno));
	return nleft;
}

/* Does what is planned. */
static void
precompress_do(struct precompress *run)
{
	unsigned long nleft;
	int rc = crew_start(&run->crew, run->opts->jobs);

	if (rc == 1) {
		precompress_work(run);
		_exit(EXIT_SUCCESS);
	}
	if (rc == -1) {
		problem_add(&run->problems, (struct span){ 0 },
		    "cannot start a process: %s", strerror(errno));
		return;
	}
	progress_follow(&run->progress, &run->crew);
	nleft = precompress_report(run);
	if (nleft > 0)
		problem_add(&run->problems, (struct span){ 0 },
		    "stopped: %lu sidecars are still to be made; what was "
		    "written is whole, run again for the rest",
		    nleft);
}

/* Two at once would do everything twice.  0, or -1 after a message. */
static int
precompress_lock(const struct precompress *run)
{
	/* Other errors are those of file systems that have no locks. */
	if (flock(run->tree.root_fd, LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK)
		return 0;
	(void)fprintf(stderr,
	    "tined: %s: another tined precompress is at work there\n",
	    run->opts->folder);
	return -1;
}

int
precompress_run(const struct precompress_opts *opts)
{
	struct precompress run = { .opts = opts };
	int status = EXIT_FAILURE;

	if (tree_open(&run.tree, opts->folder, &run.problems) == 0 &&
	    (opts->dry || precompress_lock(&run) == 0)) {
		if (precompress_plan(&run) == 0)
			precompress_do(&run);
		else
			problem_add(&run.problems, (struct span){ 0 }, "%s",
			    strerror(errno));
		status = run.problems.n == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	free(run.tasks);
	free(run.order);
	tree_close(&run.tree);
	crew_fini(&run.crew);
	return status;
}
