/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/beneath.h"
#include "os/newfile.h"
#include "serve/site.h"

/* Folders in each other; no request has a longer path. */
#define TREE_DEPTH 512

/* Where a walk is: the path so far, with a slash in front and one behind. */
struct tree_walk {
	struct tree *tree;
	struct problems *problems;
	char path[TREE_PATH_BYTES];
	size_t len;
	unsigned depth;
	bool failed; /* no memory */
};

static void tree_walk_folder(struct tree_walk *walk, int fd);

uint64_t
tree_mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000u +
	       (uint64_t)st->st_mtim.tv_nsec;
}

bool
tree_mtime_is_real(uint64_t mtime_ns)
{
	return mtime_ns >= 2000000000u;
}

static struct span
tree_walk_path(const struct tree_walk *walk, size_t len)
{
	return (struct span){ walk->path + 1, len - 1 };
}

/* True for a name that is shown, and that a request can contain. */
static bool
tree_shows(const char *name, struct span path)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f ||
		    *name == '\\')
			return false;
	return !site_path_hidden(path);
}

static void
tree_add(struct tree_walk *walk, size_t len, const struct stat *st)
{
	struct tree *tree = walk->tree;
	struct tree_file *grown =
	    store_grow(&tree->store, tree->files, tree->nfiles, sizeof(*grown));
	struct span path = tree_walk_path(walk, len);

	path.ptr = store_copy(&tree->store, path);
	if (tree->store.failed) {
		walk->failed = true;
		return;
	}
	grown[tree->nfiles++] = (struct tree_file){ path, (uint64_t)st->st_size,
		tree_mtime_ns(st) };
	tree->files = grown;
}

static void
tree_walk_entry(struct tree_walk *walk, int fd, const char *name)
{
	size_t name_len = strlen(name), len = walk->len + name_len;
	struct stat st;

	if (strncmp(name, NEWFILE_PREFIX, sizeof(NEWFILE_PREFIX) - 1) == 0)
		walk->tree->nleft++;
	if (len + 8 > sizeof(walk->path))
		return;
	memcpy(walk->path + walk->len, name, name_len);
	/* A folder's path ends in a slash, which .well-known/ needs. */
	walk->path[len] = '/';
	if (!tree_shows(name, (struct span){ walk->path, len + 1 }))
		return;
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		/* It went meanwhile. */
		if (errno != ENOENT)
			problem_add(walk->problems, tree_walk_path(walk, len),
			    "%s", problem_of_errno(errno));
	} else if (S_ISDIR(st.st_mode)) {
		size_t before = walk->len;
		int below = openat(
		    fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		walk->len = len + 1;
		if (below == -1)
			problem_add(walk->problems, tree_walk_path(walk, len),
			    "%s", problem_of_errno(errno));
		else
			tree_walk_folder(walk, below);
		walk->len = before;
	} else if (S_ISREG(st.st_mode)) {
		tree_add(walk, len, &st);
	}
}

/* Takes fd. */
static void
tree_walk_folder(struct tree_walk *walk, int fd)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL || walk->depth == TREE_DEPTH) {
		problem_add(walk->problems, tree_walk_path(walk, walk->len),
		    "%s", strerror(dir == NULL ? errno : ENAMETOOLONG));
		if (dir == NULL)
			(void)close(fd);
		else
			(void)closedir(dir);
		return;
	}
	walk->depth++;
	while (!walk->failed && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			tree_walk_entry(walk, fd, entry->d_name);
	walk->depth--;
	(void)closedir(dir); /* only read from */
}

static int
on_compare_files(const void *a, const void *b)
{
	const struct tree_file *x = a, *y = b;

	return span_compare(x->path, y->path);
}

int
tree_open(struct tree *tree, const char *folder, struct problems *problems)
{
	struct tree_walk walk = {
		.tree = tree, .problems = problems, .path = "/", .len = 1
	};
	int fd;

	*tree = (struct tree){ .root_fd = -1 };
	tree->root_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree->root_fd != -1 &&
	    (fd = openat(tree->root_fd, ".",
		 O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1) {
		tree_walk_folder(&walk, fd);
		if (!walk.failed) {
			if (tree->nfiles > 0)
				qsort(tree->files, tree->nfiles,
				    sizeof(*tree->files), on_compare_files);
			return 0;
		}
		errno = ENOMEM;
	}
	(void)fprintf(stderr, "tined: %s: %s\n", folder, strerror(errno));
	return -1;
}

void
tree_close(struct tree *tree)
{
	if (tree->root_fd != -1)
		(void)close(tree->root_fd); /* only read from */
	store_fini(&tree->store);
	*tree = (struct tree){ .root_fd = -1 };
}

const struct tree_file *
tree_find(const struct tree *tree, struct span path)
{
	const struct tree_file key = { .path = path };

	if (tree->nfiles == 0)
		return NULL;
	return bsearch(&key, tree->files, tree->nfiles, sizeof(*tree->files),
	    on_compare_files);
}

const struct tree_file *
tree_find_sidecar(const struct tree *tree, struct span path, enum coding coding)
{
	struct span suffix = coding_suffix(coding);
	char name[TREE_PATH_BYTES + 8];

	memcpy(name, path.ptr, path.len);
	memcpy(name + path.len, suffix.ptr, suffix.len);
	return tree_find(tree, (struct span){ name, path.len + suffix.len });
}

enum coding
tree_coding(struct span path)
{
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		struct span suffix = coding_suffix((enum coding)coding);

		if (path.len > suffix.len && span_ends_with(path, suffix))
			return (enum coding)coding;
	}
	return CODING_IDENTITY;
}

const char *
tree_name(struct span path)
{
	const char *slash = memrchr(path.ptr, '/', path.len);

	return slash == NULL ? path.ptr : slash + 1;
}

int
tree_open_folder(int root_fd, struct span path)
{
	size_t len = (size_t)(tree_name(path) - path.ptr);
	char folder[TREE_PATH_BYTES];
	struct stat st;

	/* Without its slash, which the root has none of. */
	if (len > 0)
		len--;
	memcpy(folder, path.ptr, len);
	folder[len] = '\0';
	return beneath_open(root_fd, folder, BENEATH_DENY, &st);
}
