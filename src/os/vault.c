/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Maps pages for a file of that size, and room for a NUL. */
static int
vault_map(struct vault *vault, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *pages;

	vault->mapped = (size / page + 1) * page;
	pages = mmap(NULL, vault->mapped, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return -1;
	vault->data = pages;
	/* Not in a core file either; where it is unknown there it is. */
	(void)madvise(pages, vault->mapped, MADV_DONTDUMP);
	return 0;
}

static int
vault_read(struct vault *vault, int fd, size_t size)
{
	while (vault->len < size) {
		ssize_t n =
		    read(fd, vault->data + vault->len, size - vault->len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		vault->len += (size_t)n;
	}
	return 0;
}

static int
vault_fill(struct vault *vault, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	if (st.st_size > VAULT_BYTES_MAX) {
		errno = EFBIG;
		return -1;
	}
	vault->public = (st.st_mode & S_IROTH) != 0;
	if (vault_map(vault, (size_t)st.st_size) == -1)
		return -1;
	return vault_read(vault, fd, (size_t)st.st_size);
}

int
vault_open(struct vault *vault, const char *path)
{
	/* A FIFO would keep us waiting for somebody to write. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;

	*vault = (struct vault){ 0 };
	if (fd == -1)
		return -1;
	if (vault_fill(vault, fd) == -1) {
		error = errno;
		vault_close(vault);
		(void)close(fd);
		errno = error;
		return -1;
	}
	(void)close(fd); /* only read from */
	return 0;
}

void
vault_hide(struct vault *vault)
{
	if (vault->data == NULL || vault->hidden_by != 0)
		return;
	/* Fails for no mapping of our own. */
	if (madvise(vault->data, vault->mapped, MADV_DONTFORK) == 0)
		vault->hidden_by = getpid();
}

void
vault_lend(const struct vault *vault, bool lent)
{
	if (vault->hidden_by != 0)
		(void)madvise(vault->data, vault->mapped,
		    lent ? MADV_DOFORK : MADV_DONTFORK);
}

void
vault_close(struct vault *vault)
{
	/* In a child something else may be at that address by now. */
	if (vault->data != NULL &&
	    (vault->hidden_by == 0 || vault->hidden_by == getpid())) {
		explicit_bzero(vault->data, vault->mapped);
		(void)munmap(vault->data, vault->mapped);
	}
	*vault = (struct vault){ 0 };
}
