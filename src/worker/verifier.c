/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/verifier.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/secrets.h"
#include "core/log.h"
#include "os/fdpass.h"
#include "status/board.h"
#include "worker/calls.h"
#include "worker/worker.h"

struct verifier {
	const struct conf *conf;
	/* The master's, -1 when it hung up, and behind it those of workers. */
	struct pollfd *fds;
	nfds_t nfds;
};

bool
verifier_judge(const struct conf *conf, const struct auth_question *question)
{
	const struct conf_secrets *users = &conf->auths[question->auth].users;
	const struct conf_secret *user = secrets_find(
	    users, (struct span){ question->text, question->user_len });
	const char *password = question->text + question->user_len + 1;

	/* The hash of the first one, so that no time tells who there is. */
	if (user == NULL) {
		if (users->nitems > 0)
			(void)passhash_matches(
			    password, users->items[0].value.ptr);
		return false;
	}
	return passhash_matches(password, user->value.ptr);
}

/* Whatever a worker may have become: what it sends is text of that form. */
static bool
verifier_is_sound(
    const struct verifier *verifier, const struct verifier_question *question)
{
	const struct auth_question *auth = &question->auth;

	return auth->auth < verifier->conf->nauths &&
	       auth->user_len <= CONF_SUBJECT_BYTES &&
	       auth->password_len <= PASSHASH_PASSWORD_BYTES &&
	       auth->text[auth->user_len] == '\0' &&
	       auth->text[auth->user_len + 1 + auth->password_len] == '\0';
}

/* Takes one question of a worker; false when it hung up. */
static bool
verifier_serve(const struct verifier *verifier, int fd)
{
	struct verifier_question question;
	struct verifier_answer answer = { 0 };
	ssize_t n = recv(fd, &question, sizeof(question), MSG_DONTWAIT);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	if (n != (ssize_t)sizeof(question))
		return false;
	answer.entry = question.entry;
	answer.serial = question.serial;
	answer.good = verifier_is_sound(verifier, &question) &&
		      verifier_judge(verifier->conf, &question.auth);
	explicit_bzero(&question, sizeof(question));
	/* Who does not take its answers has long stopped to wait for them. */
	return send(fd, &answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT) !=
		   -1 ||
	       errno == EAGAIN;
}

static void
verifier_add(struct verifier *verifier, int fd)
{
	if (verifier->nfds > BOARD_PLACES) {
		(void)close(fd);
		return;
	}
	verifier->fds[verifier->nfds++] = (struct pollfd){ fd, POLLIN, 0 };
}

static void
verifier_set_log(int fd)
{
	int old = log_fd();

	log_set_fd(fd);
	if (old > STDERR_FILENO)
		(void)close(old);
}

static void
verifier_obey(struct verifier *verifier)
{
	int fds[FDPASS_MAX], rc;
	unsigned nfds;
	char message;

	rc = fdpass_recv(verifier->fds[0].fd, &message, fds, &nfds);
	if (rc == -1 && (errno == EAGAIN || errno == EINTR || errno == ENOMEM))
		return;
	if (rc != 1) {
		(void)close(verifier->fds[0].fd);
		verifier->fds[0].fd = -1; /* which poll(2) passes over */
		return;
	}
	for (unsigned i = 0; i < nfds; i++) {
		if (message == VERIFIER_CLIENT)
			verifier_add(verifier, fds[i]);
		else if (message == WORKER_REOPEN && i == 0)
			verifier_set_log(fds[i]);
		else
			(void)close(fds[i]);
	}
}

/* One question of each that has some: none waits for all of another's. */
static void
verifier_serve_all(struct verifier *verifier)
{
	for (nfds_t i = verifier->nfds; i-- > 1;) {
		if (verifier->fds[i].revents == 0 ||
		    verifier_serve(verifier, verifier->fds[i].fd))
			continue;
		(void)close(verifier->fds[i].fd);
		verifier->fds[i] = verifier->fds[--verifier->nfds];
	}
}

int
verifier_run(const struct conf *conf, int control_fd, int client_fd)
{
	struct verifier verifier = { .conf = conf, .nfds = 1 };
	uint32_t parts = 0; /* nobody asks what keeps this one in */

	if (calls_limit(conf, SANDBOX_CALLS_VERIFIER, &parts) == -1)
		return EXIT_FAILURE;
	verifier.fds = calloc(BOARD_PLACES + 2, sizeof(*verifier.fds));
	if (verifier.fds == NULL) {
		log_error("%s", strerror(errno));
		return EXIT_FAILURE;
	}
	verifier.fds[0] = (struct pollfd){ control_fd, POLLIN, 0 };
	if (client_fd != -1)
		verifier_add(&verifier, client_fd);
	while (verifier.fds[0].fd != -1 || verifier.nfds > 1) {
		if (poll(verifier.fds, verifier.nfds, -1) == -1) {
			if (errno == EINTR)
				continue;
			log_error("cannot wait: %s", strerror(errno));
			free(verifier.fds);
			return EXIT_FAILURE;
		}
		verifier_serve_all(&verifier);
		if (verifier.fds[0].revents != 0)
			verifier_obey(&verifier);
	}
	free(verifier.fds);
	return EXIT_SUCCESS;
}
