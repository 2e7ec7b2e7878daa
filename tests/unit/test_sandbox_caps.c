/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sandbox_caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

#define NOBODY 65534

/* A set of /proc/self/status, "CapEff"; all bits when it is not there. */
static uint64_t
set_of(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	uint64_t bits = UINT64_MAX;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			bits = strtoull(line + strlen(name) + 1, NULL, 16);
	if (file != NULL)
		(void)fclose(file);
	return bits;
}

static int
check_sets(void)
{
	if (sandbox_caps_bound() == -1)
		return 1;
	if (sandbox_caps_drop() == -1)
		return 2;
	if ((set_of("CapInh") | set_of("CapPrm") | set_of("CapEff") |
		set_of("CapAmb")) != 0)
		return 3;
	/* Without CAP_SETPCAP it stays, and gives nothing. */
	return geteuid() == 0 && set_of("CapBnd") != 0 ? 4 : 0;
}

static void
test_no_set_has_a_capability_afterwards(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_sets), 0);
}

static int
check_rights(void)
{
	if (sandbox_caps_bound() == -1 || sandbox_caps_drop() == -1)
		return 1;
	if (setresuid(NOBODY, NOBODY, NOBODY) != -1 && geteuid() != NOBODY)
		return 2;
	if (chroot("/") != -1 || errno != EPERM)
		return 3;
	if (prctl(PR_SET_SECUREBITS, 0L, 0L, 0L, 0L) != -1)
		return 4;
	return 0;
}

static void
test_afterwards_root_may_do_what_anybody_may(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_rights), 0);
}

static int
check_becoming(void)
{
	if (geteuid() != 0)
		return 0; /* who is nobody already has none to lose */
	if (sandbox_caps_bound() == -1)
		return 1;
	if (setresuid(NOBODY, NOBODY, NOBODY) == -1)
		return 2;
	/* The secure bits must not have kept them. */
	return set_of("CapEff") == 0 && set_of("CapPrm") == 0 ? 0 : 3;
}

static void
test_to_become_a_user_still_takes_capabilities_away(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_becoming), 0);
}

static int
check_securebits(void)
{
	int bits;

	if (geteuid() != 0)
		return 0;
	if (sandbox_caps_bound() == -1)
		return 1;
	bits = prctl(PR_GET_SECUREBITS, 0L, 0L, 0L, 0L);
	return (bits & SECBIT_NOROOT) != 0 &&
		       (bits & SECBIT_NOROOT_LOCKED) != 0 &&
		       (bits & SECBIT_KEEP_CAPS_LOCKED) != 0
		   ? 0
		   : 2;
}

static void
test_the_secure_bits_are_locked(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_securebits), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_set_has_a_capability_afterwards),
		cmocka_unit_test(test_afterwards_root_may_do_what_anybody_may),
		cmocka_unit_test(
		    test_to_become_a_user_still_takes_capabilities_away),
		cmocka_unit_test(test_the_secure_bits_are_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
