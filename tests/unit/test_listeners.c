/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/listeners.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct listeners listeners;
static struct outcome outcome;

/* A configuration with up to four addresses. */
struct fixture {
	struct sock_addr addrs[4];
	struct conf_listen listen;
	struct conf conf;
	struct sock_addr admin_addr;
};

static int
setup(void **state)
{
	(void)state;
	listeners = (struct listeners){ 0 };
	outcome_clear(&outcome);
	log_set_fd(-1); /* what it says is in outcome as well */
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	listeners_close(&listeners);
	log_set_fd(STDERR_FILENO);
	return 0;
}

static void
fill(struct fixture *fixture, const char *const *texts, unsigned n)
{
	*fixture = (struct fixture){ 0 };
	for (unsigned i = 0; i < n; i++)
		assert_null(
		    sock_addr_parse(&fixture->addrs[i], span_of(texts[i])));
	fixture->listen.name = "";
	fixture->listen.addrs = fixture->addrs;
	fixture->listen.addresses.nitems = n;
	fixture->listen.v6only = true;
	fixture->conf.listens = &fixture->listen;
	fixture->conf.nlistens = 1;
}

/* The same with an address of [admin]. */
static int
prepare_admin(const char *const *texts, unsigned n, const char *admin_text)
{
	struct fixture fixture;

	fill(&fixture, texts, n);
	assert_null(sock_addr_parse(&fixture.admin_addr, span_of(admin_text)));
	fixture.conf.admin.addrs = &fixture.admin_addr;
	fixture.conf.admin.addresses.nitems = 1;
	return listeners_prepare(&listeners, &fixture.conf, 3, false, &outcome);
}

static int
prepare(const char *const *texts, unsigned n, unsigned nslots)
{
	struct fixture fixture;

	fill(&fixture, texts, n);
	return listeners_prepare(
	    &listeners, &fixture.conf, nslots, false, &outcome);
}

static const char *const one[] = { "127.0.0.1:0" };
static const char *const two[] = { "127.0.0.1:0", "127.0.0.1:0" };

static int
connect_to(const struct listener_group *group)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(connect(fd, &group->addr.sa.any, group->addr.len), 0);
	return fd;
}

static void
test_an_address_is_held_over_a_reload(void **state)
{
	in_port_t port;
	int fd;

	(void)state;
	assert_int_equal(prepare(one, 1, 2), 0);
	listeners_commit(&listeners);
	port = listeners.groups[0].addr.sa.in.sin_port;
	fd = listeners.groups[0].fds[1];
	assert_int_equal(prepare(two, 2, 3), 0);
	listeners_commit(&listeners);
	assert_int_equal(listeners.ngroups, 2);
	assert_int_equal(listeners.groups[0].addr.sa.in.sin_port, port);
	assert_int_equal(listeners.groups[0].fds[1], fd);
	assert_int_equal(listeners.groups[0].nfds, 3);
	assert_int_not_equal(listeners.groups[1].addr.sa.in.sin_port, port);
}

static void
test_a_rollback_leaves_what_was_there(void **state)
{
	(void)state;
	assert_int_equal(prepare(one, 1, 2), 0);
	listeners_commit(&listeners);
	assert_int_equal(prepare(two, 2, 4), 0);
	listeners_rollback(&listeners);
	assert_int_equal(listeners.ngroups, 1);
	assert_int_equal(listeners.groups[0].nfds, 2);
	(void)close(connect_to(&listeners.groups[0]));
}

static void
test_after_a_rollback_workers_get_what_was_there(void **state)
{
	unsigned n;
	int *fds;

	(void)state;
	assert_int_equal(prepare(two, 2, 1), 0);
	listeners_commit(&listeners);
	assert_int_equal(prepare(one, 1, 1), 0);
	listeners_rollback(&listeners);
	fds = listeners_of_slot(&listeners, 0, 1, &n);
	assert_int_equal(n, 2);
	free(fds);
}

static void
test_an_address_that_goes_is_closed_with_the_commit(void **state)
{
	struct listener_group gone;
	int fd;

	(void)state;
	assert_int_equal(prepare(two, 2, 1), 0);
	listeners_commit(&listeners);
	gone = listeners.groups[1];
	assert_int_equal(prepare(one, 1, 1), 0);
	(void)close(connect_to(&gone));
	listeners_commit(&listeners);
	assert_int_equal(listeners.ngroups, 1);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, &gone.addr.sa.any, gone.addr.len), -1);
	assert_int_equal(errno, ECONNREFUSED);
	(void)close(fd);
}

static void
test_fewer_workers_share_all_sockets(void **state)
{
	unsigned n;
	int *fds;

	(void)state;
	assert_int_equal(prepare(one, 1, 5), 0);
	listeners_commit(&listeners);
	assert_int_equal(prepare(one, 1, 2), 0);
	listeners_commit(&listeners);
	assert_int_equal(listeners.groups[0].nfds, 5);
	fds = listeners_of_slot(&listeners, 0, 2, &n);
	assert_int_equal(n, 3);
	assert_int_equal(fds[0], listeners.groups[0].fds[0]);
	assert_int_equal(fds[1], listeners.groups[0].fds[2]);
	assert_int_equal(fds[2], listeners.groups[0].fds[4]);
	free(fds);
	fds = listeners_of_slot(&listeners, 1, 2, &n);
	assert_int_equal(n, 2);
	free(fds);
}

static void
test_new_slots_get_nothing_before_they_are_steered_to(void **state)
{
	struct address peer;
	int client;

	(void)state;
	assert_int_equal(prepare(one, 1, 1), 0);
	listeners_commit(&listeners);
	listeners_steer(&listeners, (unsigned[]){ 0 }, 1);
	assert_int_equal(prepare(one, 1, 4), 0);
	for (int i = 0; i < 40; i++) {
		client = connect_to(&listeners.groups[0]);
		for (int j = 1; j < 4; j++)
			assert_int_equal(
			    sock_accept(listeners.groups[0].fds[j], &peer), -1);
		(void)close(sock_accept(listeners.groups[0].fds[0], &peer));
		(void)close(client);
	}
	listeners_commit(&listeners);
}

static void
test_one_of_our_ports_can_have_a_second_address(void **state)
{
	struct fixture fixture;
	char wild[32];

	(void)state;
	assert_int_equal(prepare(one, 1, 2), 0);
	listeners_commit(&listeners);
	(void)snprintf(wild, sizeof(wild), "*:%u",
	    (unsigned)ntohs(listeners.groups[0].addr.sa.in.sin_port));
	fill(&fixture, (const char *const[]){ "127.0.0.1:0", wild }, 2);
	assert_int_equal(
	    listeners_prepare(&listeners, &fixture.conf, 2, false, &outcome),
	    0);
	listeners_commit(&listeners);
	assert_int_equal(listeners.ngroups, 2);
}

static void
test_a_taken_port_is_explained_or_passed_over(void **state)
{
	struct listeners others = { 0 };
	struct fixture fixture;
	char taken[32];
	unsigned port;

	(void)state;
	fill(&fixture, one, 1);
	assert_int_equal(
	    listeners_prepare(&others, &fixture.conf, 1, false, &outcome), 0);
	listeners_commit(&others);
	port = ntohs(others.groups[0].addr.sa.in.sin_port);
	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%u", port);
	fill(&fixture, (const char *const[]){ taken }, 1);
	assert_int_equal(
	    listeners_prepare(&listeners, &fixture.conf, 1, false, &outcome),
	    -1);
	assert_non_null(strstr(outcome.text, "another process listens there"));
	assert_non_null(strstr(outcome.text, taken));
	listeners_rollback(&listeners);
	assert_int_equal(listeners.ngroups, 0);
	assert_int_equal(
	    listeners_prepare(&listeners, &fixture.conf, 1, true, &outcome), 0);
	assert_int_not_equal(
	    ntohs(listeners.groups[0].addr.sa.in.sin_port), port);
	listeners_close(&others);
}

/* Without descriptors for all of a group the address is free again. */
static void
test_what_cannot_be_opened_whole_is_closed(void **state)
{
	char text[64];
	const char *const texts[] = { text };
	struct rlimit limit, low;
	int fd = dup(STDERR_FILENO);

	(void)state;
	(void)snprintf(
	    text, sizeof(text), "unix:/tmp/tined-group-%ld", (long)getpid());
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = (struct rlimit){ (rlim_t)fd + 2, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(prepare(texts, 1, 3), -1);
	listeners_rollback(&listeners);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_non_null(strstr(outcome.text, "Too many open files"));
	assert_int_equal(access(text + strlen("unix:"), F_OK), -1);
	assert_int_equal(fcntl(fd + 1, F_GETFD), -1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(prepare(texts, 1, 3), 0);
	listeners_commit(&listeners);
}

/* How many a socket lets wait, 0: any number, after an upgrade. */
static unsigned
backlog_after(enum listener_origin origin, int backlog)
{
	const struct sock_listen_opts opts = { .backlog = 7 };
	struct listener_group group = { .origin = origin };
	struct fixture fixture;
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int fd;

	fill(&fixture, one, 1);
	assert_int_equal(sock_listen(&fixture.addrs[0], &opts, &fd, 1), 0);
	assert_int_equal(listener_group_adopt(&group, &fd, 1), 0);
	fixture.listen.backlog = (uint64_t)backlog;
	assert_int_equal(listeners_take(&listeners, &group), 0);
	assert_int_equal(
	    listeners_prepare(&listeners, &fixture.conf, 1, false, &outcome),
	    0);
	listeners_commit(&listeners);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	listeners_close(&listeners);
	return info.tcpi_sacked; /* of a socket that listens it is this */
}

static void
test_the_backlog_follows_the_configuration_over_an_upgrade(void **state)
{
	(void)state;
	assert_int_equal(backlog_after(LISTENER_LENT, 9), 9);
	assert_true(backlog_after(LISTENER_LENT, 0) > 7);
	/* Who opened it may have asked for another one: that is enough. */
	assert_int_equal(backlog_after(LISTENER_FOREIGN, 0), 7);
}

static void
test_admin_has_one_socket_that_every_worker_gets(void **state)
{
	unsigned n, nadmin;
	int *fds, *admin_fds;

	(void)state;
	assert_int_equal(prepare_admin(one, 1, "127.0.0.1:0"), 0);
	listeners_commit(&listeners);
	assert_int_equal(listeners.ngroups, 2);
	assert_int_equal(listeners.groups[0].nfds, 3);
	assert_int_equal(listeners.groups[1].nfds, 1);
	for (unsigned slot = 0; slot < 3; slot++) {
		fds = listeners_of_slot(&listeners, slot, 3, &n);
		admin_fds = listeners_of_admin(&listeners, &nadmin);
		assert_int_equal(n, 1);
		assert_int_equal(fds[0], listeners.groups[0].fds[slot]);
		assert_int_equal(nadmin, 1);
		assert_int_equal(admin_fds[0], listeners.groups[1].fds[0]);
		free(fds);
		free(admin_fds);
	}
	/* Steering has nothing to say to it. */
	listeners_steer(&listeners, (unsigned[]){ 1 }, 1);
	(void)close(connect_to(&listeners.groups[1]));
}

static void
test_admin_comes_and_goes_with_a_reload(void **state)
{
	unsigned n;
	int *fds;

	(void)state;
	assert_int_equal(prepare(one, 1, 3), 0);
	listeners_commit(&listeners);
	assert_int_equal(prepare_admin(one, 1, "127.0.0.1:0"), 0);
	listeners_rollback(&listeners);
	assert_int_equal(listeners.ngroups, 1);
	assert_int_equal(prepare_admin(one, 1, "127.0.0.1:0"), 0);
	listeners_commit(&listeners);
	assert_int_equal(listeners.ngroups, 2);
	assert_int_equal(prepare(one, 1, 3), 0);
	fds = listeners_of_admin(&listeners, &n);
	assert_int_equal(n, 0);
	free(fds);
	listeners_commit(&listeners);
	assert_int_equal(listeners.ngroups, 1);
}

static void
test_a_public_address_does_not_become_admin(void **state)
{
	char text[SOCK_ADDR_TEXT];

	(void)state;
	assert_int_equal(prepare(two, 2, 3), 0);
	listeners_commit(&listeners);
	sock_addr_format(&listeners.groups[1].addr, text);
	listeners.groups[1].asked = listeners.groups[1].addr;
	assert_int_equal(prepare_admin(one, 1, text), -1);
	assert_non_null(strstr(outcome.text, "([admin])"));
	assert_non_null(strstr(outcome.text, "another address of this server"));
	listeners_rollback(&listeners);
	assert_int_equal(listeners.ngroups, 2);
}

static void
test_an_admin_address_does_not_become_public(void **state)
{
	char text[SOCK_ADDR_TEXT], *texts[] = { text };
	const char *const *listens = (const char *const *)texts;

	(void)state;
	assert_int_equal(prepare_admin(one, 1, "127.0.0.1:0"), 0);
	listeners_commit(&listeners);
	sock_addr_format(&listeners.groups[1].addr, text);
	listeners.groups[1].asked = listeners.groups[1].addr;
	assert_int_equal(prepare(listens, 1, 3), -1);
	assert_non_null(strstr(outcome.text, "another address of this server"));
	listeners_rollback(&listeners);
}

static void
test_admin_is_open_after_the_public_is_closed(void **state)
{
	(void)state;
	assert_int_equal(prepare_admin(one, 1, "127.0.0.1:0"), 0);
	listeners_commit(&listeners);
	listeners_close_public(&listeners);
	assert_int_equal(listeners.ngroups, 1);
	(void)close(connect_to(&listeners.groups[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_an_address_is_held_over_a_reload, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_rollback_leaves_what_was_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_after_a_rollback_workers_get_what_was_there, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_an_address_that_goes_is_closed_with_the_commit, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_fewer_workers_share_all_sockets, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_new_slots_get_nothing_before_they_are_steered_to,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_one_of_our_ports_can_have_a_second_address, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_taken_port_is_explained_or_passed_over, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_cannot_be_opened_whole_is_closed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_backlog_follows_the_configuration_over_an_upgrade,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_admin_has_one_socket_that_every_worker_gets, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_admin_comes_and_goes_with_a_reload, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_public_address_does_not_become_admin, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_an_admin_address_does_not_become_public, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_admin_is_open_after_the_public_is_closed, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
