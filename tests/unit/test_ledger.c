/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/ledger.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND  UINT64_C(1000000000)
#define NOW     (1000 * SECOND)
#define WORKERS 5
#define ROUNDS  1000

#define NUMBERS_BYTES ((ROUNDS + 1) * sizeof(uint64_t))

struct fixture {
	struct ledger ledger; /* with one part alone */
	int fd;
	struct counters counters;
};

static struct fixture fixture;

static int
setup(void **state)
{
	fixture = (struct fixture){ 0 };
	*state = &fixture;
	return ledger_create(&fixture.ledger, LEDGER_WAYS, &fixture.fd);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	ledger_unmap(&f->ledger);
	return close(f->fd);
}

static uint64_t
key_of(const struct ledger *ledger, const char *text)
{
	struct address address = { 0 };

	assert_int_equal(address_parse(&address, span_of(text)), 0);
	return ledger_key(ledger, &address, 0);
}

static uint64_t
take(struct fixture *f, uint64_t key, const struct gcra *limit)
{
	return ledger_take(&f->ledger, key, limit, NOW, &f->counters);
}

/* A key like those of clients. */
static uint64_t
key_number(uint64_t n)
{
	return n << 8 | 2;
}

static unsigned
entries_with(const struct ledger *ledger, uint64_t key)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LEDGER_WAYS; i++)
		n += ledger->buckets[0].entries[i].key == key;
	return n;
}

static void
test_an_ipv6_address_stands_for_its_64(void **state)
{
	struct fixture *f = *state;
	const struct ledger *ledger = &f->ledger;
	uint64_t key = key_of(ledger, "2001:db8:1:2::1");

	assert_int_equal(key, key_of(ledger, "2001:db8:1:2:ffff::9"));
	assert_int_not_equal(key, key_of(ledger, "2001:db8:1:3::1"));
	assert_int_not_equal(
	    key_of(ledger, "192.0.2.1"), key_of(ledger, "192.0.2.2"));
	/* The same first bytes, of another family. */
	assert_int_not_equal(
	    key_of(ledger, "1.2.3.4"), key_of(ledger, "102:304::"));
	assert_int_equal(
	    key_of(ledger, "1.2.3.4"), key_of(ledger, "::ffff:1.2.3.4"));
}

static void
test_a_client_is_another_to_each_limit_and_each_server(void **state)
{
	struct fixture *f = *state;
	struct address address = { 0 };
	struct ledger other;
	int fd;

	assert_int_equal(address_parse(&address, SPAN("192.0.2.1")), 0);
	assert_int_not_equal(ledger_key(&f->ledger, &address, 0),
	    ledger_key(&f->ledger, &address, 256));
	assert_int_equal(ledger_create(&other, LEDGER_WAYS, &fd), 0);
	assert_int_not_equal(ledger_key(&f->ledger, &address, 0),
	    ledger_key(&other, &address, 0));
	ledger_unmap(&other);
	assert_null(other.head);
	assert_int_equal(close(fd), 0);
}

static void
test_a_client_gets_what_the_limit_allows(void **state)
{
	struct fixture *f = *state;
	const struct gcra limit = gcra_make(3600, 3);

	for (int i = 0; i < 3; i++)
		assert_int_equal(take(f, key_number(1), &limit), 0);
	assert_int_equal(take(f, key_number(1), &limit), SECOND);
	assert_int_equal(take(f, key_number(2), &limit), 0);
	assert_int_equal(f->counters.clients_forgotten, 0);
	assert_int_equal(f->counters.clients_untracked, 0);
}

static void
test_who_asked_for_least_makes_room(void **state)
{
	struct fixture *f = *state;
	const struct gcra limit = gcra_make(3600, 100);

	for (uint64_t n = 1; n <= LEDGER_WAYS; n++)
		for (uint64_t i = 0; i < (n == 5 ? 2 : 10 + n); i++)
			assert_int_equal(take(f, key_number(n), &limit), 0);
	assert_int_equal(take(f, key_number(99), &limit), 0);
	assert_int_equal(f->counters.clients_forgotten, 1);
	for (uint64_t n = 1; n <= LEDGER_WAYS; n++)
		assert_int_equal(
		    entries_with(&f->ledger, key_number(n)), n != 5);
	/* It begins with all that the limit allows: one of 100 is taken. */
	for (int i = 1; i < 100; i++)
		assert_int_equal(take(f, key_number(99), &limit), 0);
	assert_int_not_equal(take(f, key_number(99), &limit), 0);
}

static void
test_who_is_forgotten_after_his_time_is_not_counted(void **state)
{
	struct fixture *f = *state;
	const struct gcra limit = gcra_make(3600, 100);

	for (uint64_t n = 1; n <= LEDGER_WAYS; n++)
		assert_int_equal(take(f, key_number(n), &limit), 0);
	assert_int_equal(ledger_take(&f->ledger, key_number(99), &limit,
			     NOW + SECOND, &f->counters),
	    0);
	assert_int_equal(f->counters.clients_forgotten, 0);
}

static void
test_what_a_killed_process_left_is_in_nobodys_way(void **state)
{
	struct fixture *f = *state;
	const struct gcra limit = gcra_make(3600, 2);
	struct ledger_entry *entries = f->ledger.buckets[0].entries;

	/* It had marked two entries, and was not to finish either. */
	entries[0] = (struct ledger_entry){ key_number(1) | 1, NOW + SECOND };
	entries[3] = (struct ledger_entry){ key_number(1) | 1, 0 };
	assert_int_equal(take(f, key_number(1), &limit), 0);
	assert_int_equal(entries_with(&f->ledger, key_number(1)), 1);
	assert_int_equal(entries_with(&f->ledger, key_number(1) | 1), 0);
	assert_int_equal(take(f, key_number(1), &limit), 0);
	assert_int_equal(take(f, key_number(1), &limit), SECOND);

	/* Of others they are the first to go. */
	for (unsigned i = 0; i < LEDGER_WAYS; i++)
		entries[i] = (struct ledger_entry){ key_number(50 + i) | 1, 0 };
	assert_int_equal(take(f, key_number(2), &limit), 0);
	assert_int_equal(entries_with(&f->ledger, key_number(2)), 1);
	assert_int_equal(f->counters.clients_untracked, 0);
}

/* Numbers that all processes count up: a sum, and one for each round. */
static uint64_t *
shared_numbers(void)
{
	uint64_t *numbers = mmap(NULL, NUMBERS_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(numbers != MAP_FAILED);
	return numbers;
}

/* Runs work in WORKERS processes at once, and waits for all. */
static void
run_workers(struct fixture *f, uint64_t *sum,
    void (*work)(struct fixture *f, uint64_t *sum))
{
	int gate[2], status;
	char byte;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		assert_int_not_equal(pid, -1);
		if (pid != 0)
			continue;
		(void)close(gate[1]);
		/* All begin when the parent lets go of the other end. */
		if (read(gate[0], &byte, 1) != 0)
			_exit(1);
		work(f, sum);
		_exit(f->counters.clients_untracked == 0 ? 0 : 2);
	}
	assert_int_equal(close(gate[0]), 0);
	assert_int_equal(close(gate[1]), 0);
	for (int i = 0; i < WORKERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

static void
work_on_one(struct fixture *f, uint64_t *sum)
{
	const struct gcra limit = gcra_make(3600, 5000);
	uint64_t taken = 0;

	for (int i = 0; i < 20000; i++)
		taken += take(f, key_number(1), &limit) == 0;
	(void)__atomic_add_fetch(sum, taken, __ATOMIC_SEQ_CST);
}

static void
test_many_processes_take_exactly_what_there_is(void **state)
{
	struct fixture *f = *state;
	uint64_t *sum = shared_numbers();

	run_workers(f, sum, work_on_one);
	assert_int_equal(*sum, 5000);
	assert_int_equal(munmap(sum, NUMBERS_BYTES), 0);
}

/* A new client each round, which all processes add at the same time. */
static void
work_on_new_ones(struct fixture *f, uint64_t *sum)
{
	const struct gcra limit = gcra_make(1, 1);
	uint64_t taken = 0;

	for (uint64_t n = 1; n <= ROUNDS; n++) {
		(void)__atomic_add_fetch(&sum[n], 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&sum[n], __ATOMIC_SEQ_CST) < WORKERS)
			(void)sched_yield();
		taken += ledger_take(&f->ledger, key_number(n), &limit, NOW + n,
			     &f->counters) == 0;
	}
	(void)__atomic_add_fetch(sum, taken, __ATOMIC_SEQ_CST);
}

static void
test_a_client_that_many_processes_add_is_there_once(void **state)
{
	struct fixture *f = *state;
	uint64_t *sum = shared_numbers();

	run_workers(f, sum, work_on_new_ones);
	assert_int_equal(sum[0], ROUNDS);
	for (uint64_t n = 1; n <= ROUNDS; n++)
		assert_int_equal(entries_with(&f->ledger, key_number(n)),
		    n + LEDGER_WAYS > ROUNDS);
	assert_int_equal(munmap(sum, NUMBERS_BYTES), 0);
}

/* For ever: it is killed. */
static void
work_until_killed(struct fixture *f)
{
	const struct gcra limit = gcra_make(3600, 3);

	for (uint64_t n = 0;; n++)
		(void)ledger_take(&f->ledger, key_number(1 + n * n % 13),
		    &limit, NOW + n * SECOND / 1000, &f->counters);
}

static void
test_processes_may_be_killed_at_any_instruction(void **state)
{
	struct fixture *f = *state;
	const struct gcra limit = gcra_make(3600, 3);

	for (int round = 0; round < 100; round++) {
		const struct timespec moment = { .tv_nsec = 1000 * (round * 37 %
								       400) };
		pid_t pids[2];

		for (int i = 0; i < 2; i++) {
			pids[i] = fork();
			assert_int_not_equal(pids[i], -1);
			if (pids[i] == 0)
				work_until_killed(f);
		}
		(void)nanosleep(&moment, NULL);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(kill(pids[i], SIGKILL), 0);
			assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
		}
		for (uint64_t n = 1; n <= 13; n++)
			assert_true(
			    entries_with(&f->ledger, key_number(n)) <= 1);
	}
	/* An hour later everybody has all that the limit allows. */
	for (uint64_t n = 1; n <= LEDGER_WAYS; n++)
		for (int i = 0; i < 4; i++)
			assert_int_equal(
			    ledger_take(&f->ledger, key_number(n), &limit,
				NOW + 7200 * SECOND, &f->counters) == 0,
			    i < 3);
	assert_int_equal(f->counters.clients_untracked, 0);
}

static void
test_another_process_adopts_it(void **state)
{
	struct fixture *f = *state;
	const struct gcra limit = gcra_make(3600, 1);
	struct ledger other;

	assert_int_equal(take(f, key_number(1), &limit), 0);
	assert_int_equal(ledger_adopt(&other, LEDGER_WAYS, f->fd), 0);
	assert_int_equal(
	    ledger_take(&other, key_number(1), &limit, NOW, &f->counters),
	    SECOND);
	ledger_unmap(&other);
}

static void
test_another_layout_or_size_is_not_adopted(void **state)
{
	struct fixture *f = *state;
	struct ledger other;

	assert_int_equal(ledger_adopt(&other, 2 * LEDGER_WAYS, f->fd), -1);
	assert_int_equal(errno, EPROTO);
	f->ledger.head->layout++;
	assert_int_equal(ledger_adopt(&other, LEDGER_WAYS, f->fd), -1);
	assert_int_equal(errno, EPROTO);
	assert_null(other.head);
	f->ledger.head->layout--;
	f->ledger.head->magic[0] = 'x';
	assert_int_equal(ledger_adopt(&other, LEDGER_WAYS, f->fd), -1);
	assert_int_equal(errno, EPROTO);
}

static void
test_the_number_of_clients_is_a_power_of_two(void **state)
{
	(void)state;
	assert_int_equal(ledger_clients(0), LEDGER_WAYS);
	assert_int_equal(ledger_clients(64), 64);
	assert_int_equal(ledger_clients(65), 128);
	assert_int_equal(ledger_clients(16384), 16384);
	assert_int_equal(ledger_clients(UINT64_MAX), UINT32_C(1) << 31);
}

int
main(void)
{
#define LEDGER_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(test_an_ipv6_address_stands_for_its_64),
		LEDGER_TEST(
		    test_a_client_is_another_to_each_limit_and_each_server),
		LEDGER_TEST(test_a_client_gets_what_the_limit_allows),
		LEDGER_TEST(test_who_asked_for_least_makes_room),
		LEDGER_TEST(
		    test_who_is_forgotten_after_his_time_is_not_counted),
		LEDGER_TEST(test_what_a_killed_process_left_is_in_nobodys_way),
		LEDGER_TEST(test_many_processes_take_exactly_what_there_is),
		LEDGER_TEST(
		    test_a_client_that_many_processes_add_is_there_once),
		LEDGER_TEST(test_processes_may_be_killed_at_any_instruction),
		LEDGER_TEST(test_another_process_adopts_it),
		LEDGER_TEST(test_another_layout_or_size_is_not_adopted),
		cmocka_unit_test(test_the_number_of_clients_is_a_power_of_two),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
