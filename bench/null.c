/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The null server: an epoll loop that reads and sends a prepared answer and
 * parses nothing.  What it costs is what the kernel costs, so it is the floor
 * that servers are measured against.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NULL_EVENTS      512
#define NULL_CONNECTIONS 65536
#define NULL_READ_BYTES  65536

struct null {
	int epoll;
	int listener;
	bool close;     /* after one answer */
	unsigned batch; /* most requests of a read; 1: nothing is counted */
	char *answers;  /* batch times the same, one behind the other */
	size_t memory_bytes; /* of an answer: what is in answers */
	size_t file_bytes;   /* of an answer: what follows from file */
	int file;
	size_t due_bytes[NULL_CONNECTIONS]; /* unsent, by descriptor */
	char in[NULL_READ_BYTES];
};

/* The ends of heads in what was read: nothing else is looked at. */
static unsigned
null_count(const struct null *null, size_t len)
{
	const char *at = null->in;
	const char *end = null->in + len;
	unsigned n = 0;

	if (null->batch == 1)
		return 1;
	while (n < null->batch) {
		at = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
		if (at == NULL)
			break;
		at += 4;
		n++;
	}
	return n;
}

/* Sends what is due; false when the connection is over. */
static bool
null_send(struct null *null, int fd)
{
	const char *end = null->answers + null->batch * null->memory_bytes;

	while (null->due_bytes[fd] > 0) {
		size_t due = null->due_bytes[fd];
		ssize_t sent;

		if (due > null->file_bytes) {
			due -= null->file_bytes;
			sent = send(fd, end - due, due,
			    null->file_bytes > 0 ? MSG_MORE : 0);
		} else {
			off_t at = (off_t)(null->file_bytes - due);

			sent = sendfile(fd, null->file, &at, due);
		}
		if (sent == -1)
			return errno == EAGAIN;
		null->due_bytes[fd] -= (size_t)sent;
	}
	return !null->close;
}

/* Reads once and answers; false when the connection is over. */
static bool
null_answer(struct null *null, int fd)
{
	ssize_t len = recv(fd, null->in, sizeof(null->in), 0);

	if (len == -1)
		return errno == EAGAIN;
	if (len == 0)
		return false;
	null->due_bytes[fd] += null_count(null, (size_t)len) *
			       (null->memory_bytes + null->file_bytes);
	return null_send(null, fd);
}

/*
 * A new connection is read at once.  It meets epoll only when it stays, and
 * both directions in one call: edge-triggered, so that neither is ever asked
 * for again.
 */
static void
null_accept(struct null *null)
{
	for (;;) {
		struct epoll_event event = { .events =
						 EPOLLIN | EPOLLOUT | EPOLLET };
		int fd = accept4(
		    null->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd == -1)
			return;
		event.data.fd = fd;
		if (fd < NULL_CONNECTIONS) {
			null->due_bytes[fd] = 0;
			if (null_answer(null, fd) &&
			    epoll_ctl(null->epoll, EPOLL_CTL_ADD, fd, &event) ==
				0)
				continue;
		}
		(void)close(fd); /* nothing can be done about a failure */
	}
}

static void
null_serve(struct null *null)
{
	static struct epoll_event events[NULL_EVENTS];

	for (;;) {
		int n = epoll_wait(null->epoll, events, NULL_EVENTS, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == null->listener)
				null_accept(null);
			else if (null->due_bytes[fd] > 0
				     ? !null_send(null, fd)
				     : !null_answer(null, fd))
				(void)close(fd);
		}
	}
}

static void
null_listen(struct null *null, unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN };
	int one = 1;

	null->epoll = epoll_create1(EPOLL_CLOEXEC);
	null->listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	event.data.fd = null->listener;
	/* TCP_NODELAY is inherited by what is accepted; one second of
	 * deferring, as the servers are told. */
	if (null->epoll == -1 || null->listener == -1 ||
	    setsockopt(null->listener, SOL_SOCKET, SO_REUSEADDR, &one,
		sizeof(one)) == -1 ||
	    setsockopt(null->listener, IPPROTO_TCP, TCP_NODELAY, &one,
		sizeof(one)) == -1 ||
	    setsockopt(null->listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &one,
		sizeof(one)) == -1 ||
	    bind(null->listener, (const struct sockaddr *)&address,
		sizeof(address)) == -1 ||
	    listen(null->listener, SOMAXCONN) == -1 ||
	    epoll_ctl(null->epoll, EPOLL_CTL_ADD, null->listener, &event) == -1)
		err(1, "port %u", port);
}

static char *
null_read_file(const char *path, size_t *len)
{
	struct stat st;
	char *bytes = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    (bytes = malloc((size_t)st.st_size + 1)) == NULL ||
	    read(fd, bytes, (size_t)st.st_size) != st.st_size)
		err(1, "%s", path);
	(void)close(fd);
	*len = (size_t)st.st_size;
	return bytes;
}

static char *
null_make_answer(size_t body_bytes, size_t *len)
{
	char head[128];
	int n = snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body_bytes);
	char *bytes = malloc((size_t)n + body_bytes);

	if (bytes == NULL)
		err(1, NULL);
	memcpy(bytes, head, (size_t)n);
	memset(bytes + n, 'x', body_bytes);
	*len = (size_t)n + body_bytes;
	return bytes;
}

/* Batch copies, so that what is due is always the end of them. */
static void
null_repeat(struct null *null, const char *answer)
{
	null->answers = calloc(null->batch, null->memory_bytes);
	if (null->answers == NULL)
		err(1, NULL);
	for (unsigned i = 0; i < null->batch; i++)
		memcpy(null->answers + i * null->memory_bytes, answer,
		    null->memory_bytes);
}

static void
null_open_file(struct null *null, const char *path)
{
	struct stat st;

	null->file = open(path, O_RDONLY | O_CLOEXEC);
	if (null->file == -1 || fstat(null->file, &st) == -1)
		err(1, "%s", path);
	null->file_bytes = (size_t)st.st_size;
}

static unsigned
null_number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || value > max)
		errx(2, "%s: not a number up to %lu", text, max);
	return (unsigned)value;
}

static void
null_usage(FILE *stream, int status)
{
	fputs("usage: null -p PORT (-a FILE | -s BYTES) [-b FILE | -n N] [-c]\n"
	      "  -p PORT   of 127.0.0.1\n"
	      "  -a FILE   the answer\n"
	      "  -s BYTES  a made-up answer with so large a body\n"
	      "  -b FILE   what follows the answer, by sendfile\n"
	      "  -n N      answers up to N requests of a read in one send\n"
	      "  -c        closes after an answer\n",
	    stream);
	exit(status);
}

int
main(int argc, char **argv)
{
	static struct null null = { .batch = 1 };
	char *answer = NULL;
	unsigned port = 0;
	int option;

	while ((option = getopt(argc, argv, "p:a:s:b:n:ch")) != -1) {
		switch (option) {
		case 'p': port = null_number(optarg, 65535); break;
		case 'a':
			answer = null_read_file(optarg, &null.memory_bytes);
			break;
		case 's':
			answer = null_make_answer(
			    null_number(optarg, 1 << 30), &null.memory_bytes);
			break;
		case 'b': null_open_file(&null, optarg); break;
		case 'n': null.batch = null_number(optarg, 1024); break;
		case 'c': null.close = true; break;
		case 'h': null_usage(stdout, 0); break;
		default: null_usage(stderr, 2);
		}
	}
	if (port == 0 || answer == NULL || null.memory_bytes == 0 ||
	    null.batch == 0 || optind < argc ||
	    (null.batch > 1 && null.file_bytes > 0))
		null_usage(stderr, 2);

	null_repeat(&null, answer);
	free(answer);
	(void)signal(SIGPIPE, SIG_IGN);
	null_listen(&null, port);
	null_serve(&null);
}
