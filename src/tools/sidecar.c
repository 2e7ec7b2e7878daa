/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/sidecar.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "os/beneath.h"
#include "os/newfile.h"
#include "tools/coder.h"
#include "tools/verify.h"

/* A piece: what is read and compressed at a time. */
#define SIDECAR_BYTES 65536

/* What is at hand while one is made. */
struct sidecar_work {
	struct crew *crew;
	const struct sidecar_opts *opts;
	struct sidecar *sidecar;
	enum coding coding;
	char name[NAME_MAX + 8]; /* of the sidecar, in its folder */
	int original_fd;
	struct stat original;
	int dir_fd;
	struct newfile newfile; /* not when it is dry */
	uint64_t limit;         /* more bytes than this are of no use */
	uint64_t steps;         /* for a byte */
	uint64_t nread;         /* bytes that these were said for */
	unsigned char in[SIDECAR_BYTES];
	unsigned char out[SIDECAR_BYTES];
};

static void
sidecar_fail(struct sidecar_work *work, int error, bool reading)
{
	work->sidecar->outcome = SIDECAR_FAILED;
	work->sidecar->error = error;
	work->sidecar->reading = reading;
}

/* Writes all.  0, or -1 with errno. */
static int
sidecar_write(int fd, const unsigned char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Takes what the encoder gave out; false when that is the end of it. */
static bool
sidecar_take(struct sidecar_work *work, size_t len)
{
	work->sidecar->bytes += len;
	if (work->sidecar->bytes > work->limit) {
		work->sidecar->outcome = SIDECAR_USELESS;
		return false;
	}
	if (!work->opts->dry &&
	    sidecar_write(work->newfile.fd, work->out, len) == -1) {
		sidecar_fail(work, errno, false);
		return false;
	}
	return true;
}

/* Has len bytes compressed, or what is left in the encoder when len is 0. */
static bool
sidecar_encode(struct sidecar_work *work, void *encoder, size_t len)
{
	const struct codec *codec = coder_of(work->coding);
	struct codec_io io = { .in = work->in, .in_len = len };
	enum codec_result result;

	do {
		io.out = work->out;
		io.out_len = sizeof(work->out);
		result = codec->encode(encoder, &io, len == 0);
		if (result == CODEC_NO_MEMORY) {
			sidecar_fail(work, ENOMEM, true);
			return false;
		}
		if (result == CODEC_BAD) {
			work->sidecar->outcome = SIDECAR_CHANGED;
			return false;
		}
		if (!sidecar_take(work, sizeof(work->out) - io.out_len))
			return false;
	} while (io.in_len > 0 || io.out_len == 0 ||
		 (len == 0 && result != CODEC_DONE));
	return true;
}

/* Compresses all of the original.  True when it was worth it. */
static bool
sidecar_compress(struct sidecar_work *work, void *encoder)
{
	ssize_t n;

	do {
		if (crew_is_stopped(work->crew)) {
			work->sidecar->outcome = SIDECAR_STOPPED;
			return false;
		}
		n = read(work->original_fd, work->in, sizeof(work->in));
		if (n == -1) {
			sidecar_fail(work, errno, true);
			return false;
		}
		if (!sidecar_encode(work, encoder, (size_t)n))
			return false;
		work->nread += (uint64_t)n;
		crew_advance(work->crew, (uint64_t)n * work->steps);
	} while (n > 0);
	return true;
}

/* True when the original is what it was when it was opened. */
static bool
sidecar_is_fresh(const struct sidecar_work *work)
{
	const struct stat *before = &work->original;
	struct stat now;

	return fstat(work->original_fd, &now) == 0 &&
	       now.st_size == before->st_size &&
	       tree_mtime_ns(&now) == tree_mtime_ns(before);
}

/* Gives the sidecar what belongs to the original, and its name. */
static int
sidecar_finish(struct sidecar_work *work)
{
	const struct stat *original = &work->original;
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		original->st_mtim };
	int fd = work->newfile.fd;

	/* Who may not give it away keeps it; the group may still go. */
	if (fchown(fd, original->st_uid, original->st_gid) == -1)
		(void)!fchown(fd, (uid_t)-1, original->st_gid);
	if (fchmod(fd, original->st_mode & 0777) == -1 ||
	    futimens(fd, times) == -1)
		return -1;
	return newfile_put(&work->newfile, work->name);
}

/* Writes the sidecar, or finds that it is of no use. */
static void
sidecar_write_new(struct sidecar_work *work)
{
	const struct codec *codec = coder_of(work->coding);
	void *encoder = codec->open_encoder((uint64_t)work->original.st_size);

	if (encoder == NULL) {
		sidecar_fail(work, ENOMEM, true);
		return;
	}
	if (!work->opts->dry &&
	    newfile_open(&work->newfile, work->dir_fd) == -1) {
		sidecar_fail(work, errno, false);
		codec->close_encoder(encoder);
		return;
	}
	if (sidecar_compress(work, encoder)) {
		if (!sidecar_is_fresh(work))
			work->sidecar->outcome = SIDECAR_CHANGED;
		else if (!work->opts->dry && sidecar_finish(work) == -1)
			sidecar_fail(work, errno, false);
		else
			work->sidecar->outcome = SIDECAR_WRITTEN;
	}
	codec->close_encoder(encoder);
	if (!work->opts->dry)
		newfile_drop(&work->newfile);
}

/* True when an old sidecar can stay; leaves the original at its beginning. */
static bool
sidecar_is_current(struct sidecar_work *work, int fd, const struct stat *st)
{
	uint64_t mtime_ns = tree_mtime_ns(st);
	uint64_t original_ns = tree_mtime_ns(&work->original);
	bool same;

	if (mtime_ns < original_ns)
		return false;
	if (mtime_ns == original_ns && tree_mtime_is_real(mtime_ns))
		return true;
	same = verify_sidecar(work->crew, work->coding, fd,
		   work->original_fd) == VERIFY_SAME;
	if (lseek(work->original_fd, 0, SEEK_SET) == -1)
		sidecar_fail(work, errno, true);
	return same;
}

/* What there is by the name of the sidecar. */
static enum sidecar_outcome
sidecar_look(struct sidecar_work *work)
{
	enum sidecar_outcome found = SIDECAR_LEFT;
	struct stat st;
	int fd = beneath_open(work->dir_fd, work->name, BENEATH_DENY, &st);

	if (fd == -1) {
		if (errno == ENOENT)
			return SIDECAR_USELESS;
		return errno == ELOOP ? SIDECAR_BLOCKED : SIDECAR_LEFT;
	}
	if (!S_ISREG(st.st_mode)) {
		found = SIDECAR_BLOCKED;
	} else if (sidecar_is_current(work, fd, &st)) {
		work->sidecar->bytes = (uint64_t)st.st_size;
		found = SIDECAR_CURRENT;
	}
	(void)close(fd); /* only read from */
	return found;
}

/* What becomes of an old sidecar when a new one would be of no use. */
static void
sidecar_retire(struct sidecar_work *work)
{
	work->sidecar->outcome = SIDECAR_LEFT;
	if (!work->opts->remove)
		return;
	if (work->opts->dry || unlinkat(work->dir_fd, work->name, 0) == 0)
		work->sidecar->outcome = SIDECAR_REMOVED;
	else
		sidecar_fail(work, errno, false);
}

static void
sidecar_decide(struct sidecar_work *work)
{
	enum sidecar_outcome found = sidecar_look(work);

	if (work->sidecar->outcome == SIDECAR_FAILED)
		return;
	if (found == SIDECAR_CURRENT || found == SIDECAR_BLOCKED) {
		work->sidecar->outcome = found;
		return;
	}
	sidecar_write_new(work);
	if (work->sidecar->outcome == SIDECAR_USELESS && found == SIDECAR_LEFT)
		sidecar_retire(work);
}

static void
sidecar_make_opened(struct sidecar_work *work)
{
	uint64_t size = (uint64_t)work->original.st_size;

	if (!S_ISREG(work->original.st_mode)) {
		work->sidecar->outcome = SIDECAR_CHANGED;
		return;
	}
	/* In this order, which no size is too large for. */
	work->limit =
	    size / 100 * SIDECAR_WORTH + size % 100 * SIDECAR_WORTH / 100;
	if (work->dir_fd == -1)
		sidecar_fail(work, errno, false);
	else
		sidecar_decide(work);
}

void
sidecar_make(struct crew *crew, int root_fd, const struct tree_file *file,
    enum coding coding, const struct sidecar_opts *opts, uint64_t steps,
    struct sidecar *sidecar)
{
	struct sidecar_work work = { .crew = crew,
		.opts = opts,
		.sidecar = sidecar,
		.coding = coding,
		.steps = steps };
	struct span suffix = coding_suffix(coding);

	sidecar->outcome = SIDECAR_STARTED;
	(void)snprintf(work.name, sizeof(work.name), "%s%.*s",
	    tree_name(file->path), (int)suffix.len, suffix.ptr);
	work.original_fd =
	    beneath_open(root_fd, file->path.ptr, BENEATH_DENY, &work.original);
	if (work.original_fd == -1) {
		sidecar_fail(&work, errno, true);
		return;
	}
	work.dir_fd = tree_open_folder(root_fd, file->path);
	sidecar_make_opened(&work);
	if (work.nread < file->size)
		crew_advance(crew, (file->size - work.nread) * steps);
	if (work.dir_fd != -1)
		(void)close(work.dir_fd); /* only read from */
	(void)close(work.original_fd);    /* likewise */
}
