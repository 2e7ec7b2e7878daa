/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sendfile.h"

#include <errno.h>
#include <sys/sendfile.h>

ssize_t
sendfile_slice(int sock_fd, int file_fd, uint64_t *offset, size_t len)
{
	off_t position = (off_t)*offset;
	ssize_t sent;

	do
		sent = sendfile(sock_fd, file_fd, &position, len);
	while (sent == -1 && errno == EINTR);
	if (sent > 0)
		*offset += (uint64_t)sent;
	return sent;
}
