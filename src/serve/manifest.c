/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/number.h"
#include "http/chars.h"
#include "os/beneath.h"

/* Each worker holds one for each site: more is a mistake. */
#define MANIFEST_BYTES_MAX (256 * 1024 * 1024)

/* Takes a word up to the next blank off a line; false when there is none. */
static bool
manifest_take_word(struct span *line, struct span *word)
{
	const char *blank = memchr(line->ptr, ' ', line->len);

	if (blank == NULL)
		return false;
	*word = (struct span){ line->ptr, (size_t)(blank - line->ptr) };
	line->ptr += word->len + 1;
	line->len -= word->len + 1;
	return true;
}

/* Takes a line off *at, without its end; false when it has none. */
static bool
manifest_take_line(struct span *at, struct span *line)
{
	const char *end = memchr(at->ptr, '\n', at->len);

	if (end == NULL)
		return false;
	*line = (struct span){ at->ptr, (size_t)(end - at->ptr) };
	at->ptr += line->len + 1;
	at->len -= line->len + 1;
	return true;
}

static bool
manifest_is_hash(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!(word.ptr[i] >= '0' && word.ptr[i] <= '9') &&
		    !(word.ptr[i] >= 'a' && word.ptr[i] <= 'f'))
			return false;
	return word.len == MANIFEST_HASH_DIGITS;
}

static bool
manifest_parse(struct span line, struct manifest_entry *entry)
{
	struct span hash, size, mtime;

	if (!manifest_take_word(&line, &hash) || !manifest_is_hash(hash) ||
	    !manifest_take_word(&line, &size) ||
	    number_parse_u64(size, &entry->size) == -1 ||
	    !manifest_take_word(&line, &mtime) ||
	    number_parse_u64(mtime, &entry->mtime_ns) == -1 || line.len == 0)
		return false;
	entry->hash = hash.ptr;
	entry->path = line;
	return true;
}

/* Checks all; afterwards no line can be a surprise. */
static bool
manifest_check(struct manifest *manifest, struct span at, unsigned *nline)
{
	struct manifest_entry entry;
	struct span line, before = { 0 };
	uint64_t n = 0;

	*nline = 1;
	if (!manifest_take_line(&at, &line) ||
	    !span_starts_with(line, SPAN(MANIFEST_HEAD)))
		return false;
	line.ptr += sizeof(MANIFEST_HEAD) - 1;
	line.len -= sizeof(MANIFEST_HEAD) - 1;
	if (number_parse_u64(line, &manifest->nfiles) == -1)
		return false;
	manifest->lines = at;
	while (at.len > 0) {
		(*nline)++;
		if (!manifest_take_line(&at, &line) ||
		    !manifest_parse(line, &entry) ||
		    (n > 0 && span_compare(before, entry.path) >= 0))
			return false;
		before = entry.path;
		n++;
	}
	(*nline)++;
	return n == manifest->nfiles;
}

int
manifest_of_text(struct manifest *manifest, struct span text, unsigned *line)
{
	*manifest = (struct manifest){ 0 };
	if (manifest_check(manifest, text, line))
		return 0;
	*manifest = (struct manifest){ 0 };
	errno = EBADMSG;
	return -1;
}

/* Reads a file of size bytes into memory of the caller's; NULL with errno. */
static char *
manifest_read(int fd, size_t size)
{
	/* One more, to see the end; and not of size 0. */
	char *text = malloc(size + 1);
	size_t len = 0;
	ssize_t n = 0;

	if (text == NULL)
		return NULL;
	while (len <= size && (n = read(fd, text + len, size + 1 - len)) > 0)
		len += (size_t)n;
	if (n == 0 && len == size)
		return text;
	/* Somebody writes to it, instead of putting another in its place. */
	if (n != -1)
		errno = EAGAIN;
	free(text);
	return NULL;
}

static char *
manifest_open(int root_fd, const char *name, size_t *size)
{
	struct stat st;
	int fd = beneath_open(root_fd, name, BENEATH_DENY, &st);
	char *text = NULL;

	if (fd == -1)
		return NULL;
	*size = (size_t)st.st_size;
	if (!S_ISREG(st.st_mode))
		errno = EBADMSG;
	else if (st.st_size > MANIFEST_BYTES_MAX)
		errno = EFBIG;
	else
		text = manifest_read(fd, *size);
	/* Only read from, so that errno is what it was. */
	(void)close(fd);
	return text;
}

int
manifest_load(
    struct manifest *manifest, int root_fd, const char *name, unsigned *line)
{
	size_t size = 0;
	char *text = manifest_open(root_fd, name, &size);

	*manifest = (struct manifest){ 0 };
	*line = 0;
	if (text == NULL)
		return -1;
	if (manifest_of_text(manifest, (struct span){ text, size }, line) ==
	    -1) {
		free(text);
		errno = EBADMSG;
		return -1;
	}
	manifest->text = text;
	return 0;
}

void
manifest_fini(struct manifest *manifest)
{
	free(manifest->text);
	*manifest = (struct manifest){ 0 };
}

bool
manifest_next(struct span *at, struct manifest_entry *entry)
{
	struct span line;

	return at->len > 0 && manifest_take_line(at, &line) &&
	       manifest_parse(line, entry);
}

bool
manifest_find(const struct manifest *manifest, struct span path,
    struct manifest_entry *entry)
{
	/* Between these, each at the beginning of a line, it is, or nowhere. */
	const char *low = manifest->lines.ptr;
	const char *high = low == NULL ? NULL : low + manifest->lines.len;

	while (low < high) {
		const char *middle = low + (high - low) / 2;
		const char *end = memrchr(low, '\n', (size_t)(middle - low));
		struct span at;
		int order;

		at.ptr = end == NULL ? low : end + 1;
		at.len = (size_t)(high - at.ptr);
		middle = at.ptr;
		if (!manifest_next(&at, entry))
			return false;
		order = span_compare(path, entry->path);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = at.ptr;
	}
	return false;
}

void
manifest_format_digest(
    const struct manifest_entry *entry, char out[MANIFEST_DIGEST_LEN])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	const char *hash = entry->hash;

	/* Three digits are twelve bits, which are two letters. */
	for (int i = 0; i < MANIFEST_HASH_DIGITS / 3; i++, hash += 3) {
		unsigned bits = chars_hex_value(hash[0]) << 8 |
				chars_hex_value(hash[1]) << 4 |
				chars_hex_value(hash[2]);

		*out++ = letters[bits >> 6];
		*out++ = letters[bits & 63];
	}
	/* The one that is left is four bits of six (RFC 4648 4). */
	*out++ = letters[chars_hex_value(hash[0]) << 2];
	*out = '=';
}
