/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/inventory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/manifest.h"
#include "os/beneath.h"
#include "os/digest.h"
#include "os/newfile.h"
#include "serve/manifest.h"
#include "tools/crew.h"
#include "tools/format.h"
#include "tools/progress.h"
#include "tools/tree.h"

/* What is known of a file, from the worker that read it. */
struct inventory_look {
	bool done;
	int error;    /* errno, or 0 */
	bool changed; /* while it was read */
	uint64_t size;
	uint64_t mtime_ns;
	char hash[MANIFEST_HASH_DIGITS];
};

struct inventory {
	const struct inventory_opts *opts;
	struct problems problems;
	struct tree tree;
	struct manifest manifest; /* to check */
	struct crew crew;
	struct progress progress;
	unsigned long ndifferent;
};

static void
inventory_hash(int fd, const struct stat *before, struct inventory_look *look)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[DIGEST_BYTES];
	struct stat after;

	if (digest_sha256_file(fd, hash, &look->size) == -1 ||
	    fstat(fd, &after) == -1) {
		look->error = errno;
		return;
	}
	look->mtime_ns = tree_mtime_ns(&after);
	look->changed = look->size != (uint64_t)before->st_size ||
			look->size != (uint64_t)after.st_size ||
			look->mtime_ns != tree_mtime_ns(before);
	for (size_t i = 0; i < sizeof(hash); i++) {
		look->hash[2 * i] = digits[hash[i] >> 4];
		look->hash[2 * i + 1] = digits[hash[i] & 15];
	}
}

/* The life of a worker. */
static void
inventory_work(struct inventory *inventory)
{
	size_t i;

	while (crew_take(&inventory->crew, &i)) {
		const struct tree_file *file = &inventory->tree.files[i];
		struct inventory_look *look = crew_result(&inventory->crew, i);
		struct stat st;
		int fd = beneath_open(
		    inventory->tree.root_fd, file->path.ptr, BENEATH_DENY, &st);

		if (fd == -1) {
			look->error = errno;
		} else {
			inventory_hash(fd, &st, look);
			(void)close(fd); /* only read from */
		}
		look->done = true;
		crew_advance(&inventory->crew, file->size);
	}
}

/* Complains of a file that could not be read; false when there is none. */
static bool
inventory_failed(struct inventory *inventory, unsigned i)
{
	const struct inventory_look *look = crew_result(&inventory->crew, i);
	struct span path = inventory->tree.files[i].path;

	if (!look->done)
		problem_add(&inventory->problems, path,
		    "not read: a process %s", inventory->crew.end);
	else if (look->error != 0)
		problem_add(&inventory->problems, path, "cannot be read: %s",
		    problem_of_errno(look->error));
	else if (look->changed)
		problem_add(&inventory->problems, path,
		    "changed while it was read; run again when nobody writes "
		    "to it");
	else
		return false;
	return true;
}

/* Writes all lines.  0, or -1 with errno. */
static int
inventory_print(const struct inventory *inventory, FILE *out)
{
	const struct tree *tree = &inventory->tree;

	(void)fprintf(out, MANIFEST_HEAD "%u\n", tree->nfiles);
	for (unsigned i = 0; i < tree->nfiles; i++) {
		const struct inventory_look *look =
		    crew_result(&inventory->crew, i);

		(void)fprintf(out, "%.*s %" PRIu64 " %" PRIu64 " %s\n",
		    MANIFEST_HASH_DIGITS, look->hash, look->size,
		    look->mtime_ns, tree->files[i].path.ptr);
	}
	return fflush(out) == 0 && ferror(out) == 0 ? 0 : -1;
}

/* Through a stream of its own, so that newfile keeps the descriptor. */
static int
inventory_write_to(const struct inventory *inventory, int fd)
{
	int copy = dup(fd), rc;
	FILE *out = copy == -1 ? NULL : fdopen(copy, "w");

	if (out == NULL) {
		if (copy != -1)
			(void)close(copy);
		return -1;
	}
	rc = inventory_print(inventory, out);
	/* On some file systems only this tells of a full disk. */
	return fclose(out) == 0 ? rc : -1;
}

/* Puts the manifest into the root.  0, or -1 with errno. */
static int
inventory_write(const struct inventory *inventory)
{
	int root_fd = inventory->tree.root_fd;
	struct newfile newfile;
	struct stat st;
	int error;

	if (fstat(root_fd, &st) == -1 || newfile_open(&newfile, root_fd) == -1)
		return -1;
	if (inventory_write_to(inventory, newfile.fd) == 0 &&
	    fchmod(newfile.fd, 0644) == 0) {
		/* That of the folder, if we may: its files are for it. */
		(void)!fchown(newfile.fd, st.st_uid, st.st_gid);
		return newfile_put(&newfile, CONF_MANIFEST_NAME);
	}
	error = errno;
	newfile_drop(&newfile);
	errno = error;
	return -1;
}

static void
inventory_finish(struct inventory *inventory)
{
	char size[FORMAT_BYTES], time[FORMAT_BYTES];
	uint64_t bytes = 0;

	for (unsigned i = 0; i < inventory->tree.nfiles; i++) {
		bytes += inventory->tree.files[i].size;
		(void)inventory_failed(inventory, i);
	}
	if (inventory->problems.n > 0) {
		problems_tell(&inventory->problems);
		(void)fprintf(stderr,
		    "tined: %s/%s was not written; it is as it was\n",
		    inventory->opts->folder, CONF_MANIFEST_NAME);
	} else if (inventory_write(inventory) == -1) {
		problem_add(&inventory->problems, (struct span){ 0 },
		    "%s/%s cannot be written: %s", inventory->opts->folder,
		    CONF_MANIFEST_NAME, problem_of_errno(errno));
	} else if (!inventory->opts->quiet) {
		(void)printf("%u files, %s, %s\n", inventory->tree.nfiles,
		    format_size(size, bytes),
		    format_duration(time, progress_ms(&inventory->progress)));
	}
}

static void
inventory_differ(
    struct inventory *inventory, struct span path, const char *text)
{
	inventory->ndifferent++;
	if (inventory->opts->quiet)
		return;
	problem_put_path(stdout, path);
	(void)printf(": %s\n", text);
}

/* Compares one file with its entry.  True when there is one. */
static bool
inventory_compare(struct inventory *inventory, unsigned i)
{
	const struct inventory_look *look = crew_result(&inventory->crew, i);
	struct span path = inventory->tree.files[i].path;
	struct manifest_entry entry;

	if (!manifest_find(&inventory->manifest, path, &entry)) {
		inventory_differ(inventory, path, "new: not in the manifest");
		return false;
	}
	if (inventory_failed(inventory, i))
		return true;
	if (look->size != entry.size ||
	    memcmp(look->hash, entry.hash, MANIFEST_HASH_DIGITS) != 0)
		inventory_differ(inventory, path, "changed: its content");
	/* A time that says nothing is not looked at when it is served either.
	 */
	else if (look->mtime_ns != entry.mtime_ns &&
		 tree_mtime_is_real(look->mtime_ns))
		inventory_differ(inventory, path,
		    "time: its content is right, but not its time of change");
	return true;
}

static void
inventory_check(struct inventory *inventory)
{
	struct span at = inventory->manifest.lines;
	struct manifest_entry entry;
	unsigned nfound = 0;

	for (unsigned i = 0; i < inventory->tree.nfiles; i++)
		nfound += inventory_compare(inventory, i);
	while (
	    nfound < inventory->manifest.nfiles && manifest_next(&at, &entry))
		if (tree_find(&inventory->tree, entry.path) == NULL)
			inventory_differ(inventory, entry.path,
			    "gone: in the manifest, but not there");
	problems_tell(&inventory->problems);
	if (!inventory->opts->quiet)
		(void)printf("%u files, %lu different\n",
		    inventory->tree.nfiles, inventory->ndifferent);
}

/* Reads what is to be checked.  0, or -1 after a message. */
static int
inventory_load(struct inventory *inventory)
{
	const char *folder = inventory->opts->folder;
	unsigned line;

	if (manifest_load(&inventory->manifest, inventory->tree.root_fd,
		CONF_MANIFEST_NAME, &line) == 0)
		return 0;
	if (errno == ENOENT)
		(void)fprintf(stderr,
		    "tined: %s has no %s; tined manifest %s writes it\n",
		    folder, CONF_MANIFEST_NAME, folder);
	else if (errno == EBADMSG)
		(void)fprintf(stderr,
		    "tined: %s/%s:%u: no manifest, or damaged; tined manifest "
		    "%s writes it anew\n",
		    folder, CONF_MANIFEST_NAME, line, folder);
	else
		(void)fprintf(stderr, "tined: %s/%s: %s\n", folder,
		    CONF_MANIFEST_NAME, problem_of_errno(errno));
	return -1;
}

/* Reads all files.  0, or -1 after a message or a signal. */
static int
inventory_read(struct inventory *inventory)
{
	uint64_t total = 0;
	int rc;

	for (unsigned i = 0; i < inventory->tree.nfiles; i++)
		total += inventory->tree.files[i].size;
	progress_init(&inventory->progress, "manifest", total);
	rc = crew_init(&inventory->crew, inventory->tree.nfiles,
	    sizeof(struct inventory_look));
	if (rc == 0)
		rc = crew_start(&inventory->crew, inventory->opts->jobs);
	if (rc == 1) {
		inventory_work(inventory);
		_exit(EXIT_SUCCESS);
	}
	if (rc == -1) {
		problem_add(&inventory->problems, (struct span){ 0 },
		    "cannot start a process: %s", strerror(errno));
		return -1;
	}
	progress_follow(&inventory->progress, &inventory->crew);
	return inventory->crew.signum == 0 ? 0 : -1;
}

static enum inventory_status
inventory_do(struct inventory *inventory)
{
	const struct inventory_opts *opts = inventory->opts;

	if (tree_open(&inventory->tree, opts->folder, &inventory->problems) ==
		-1 ||
	    (opts->check && inventory_load(inventory) == -1) ||
	    inventory_read(inventory) == -1)
		return INVENTORY_TROUBLE;
	if (opts->check)
		inventory_check(inventory);
	else
		inventory_finish(inventory);
	if (fflush(stdout) != 0 || inventory->problems.n > 0)
		return INVENTORY_TROUBLE;
	return inventory->ndifferent == 0 ? INVENTORY_GOOD : INVENTORY_DIFFERS;
}

enum inventory_status
inventory_run(const struct inventory_opts *opts)
{
	struct inventory inventory = { .opts = opts, .tree.root_fd = -1 };
	enum inventory_status status;

	if (!digest_is_there()) {
		(void)fputs("tined: this build has no SHA-256: nettle was not "
			    "there when it was configured\n",
		    stderr);
		return INVENTORY_TROUBLE;
	}
	status = inventory_do(&inventory);
	tree_close(&inventory.tree);
	manifest_fini(&inventory.manifest);
	crew_fini(&inventory.crew);
	return status;
}
