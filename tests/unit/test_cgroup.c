/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char dir[] = "/tmp/tined-cgroup-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* Writes a file below dir, its folders made first. */
static void
put(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (i = sizeof(dir); path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		(void)mkdir(path, 0755);
		path[i] = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The paths of a mount and of a file that says where in it we are. */
struct place {
	char mount[PATH_MAX];
	char membership[PATH_MAX];
};

static struct place
place(const char *mount, const char *membership)
{
	struct place place;

	(void)snprintf(place.mount, sizeof(place.mount), "%s/%s", dir, mount);
	put("membership", membership);
	(void)snprintf(
	    place.membership, sizeof(place.membership), "%s/membership", dir);
	return place;
}

static unsigned
cores(const char *mount, const char *membership)
{
	const struct place at = place(mount, membership);

	return cgroup_cores(at.mount, at.membership);
}

static uint64_t
memory(const char *mount, const char *membership)
{
	const struct place at = place(mount, membership);

	return cgroup_memory_bytes(at.mount, at.membership);
}

static void
test_cpu_max_is_rounded_up_to_cores(void **state)
{
	static const struct {
		const char *text;
		unsigned cores;
	} cases[] = {
		{ "max 100000\n", 0 },
		{ "100000 100000\n", 1 },
		{ "100001 100000\n", 2 },
		{ "150000 100000\n", 2 },
		{ "50000 100000\n", 1 },
		{ "1000 100000", 1 },
		{ "6400000 100000\n", 64 },
		{ "0 100000\n", 0 },
		{ "100000 0\n", 0 },
		{ "100000\n", 0 },
		{ "-1 100000\n", 0 },
		{ "", 0 },
		{ "\n", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cgroup_parse_max(span_of(cases[i].text)) != cases[i].cores)
			fail_msg("\"%s\"", cases[i].text);
}

static void
test_a_v1_quota_of_minus_one_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(cgroup_parse_quota(SPAN("-1\n"), SPAN("100000\n")), 0);
	assert_int_equal(
	    cgroup_parse_quota(SPAN("250000\n"), SPAN("100000\n")), 3);
	assert_int_equal(
	    cgroup_parse_quota((struct span){ 0 }, (struct span){ 0 }), 0);
}

static void
test_the_line_of_a_controller_is_found(void **state)
{
	const struct span text = SPAN("12:cpuset:/a\n"
				      "4:cpu,cpuacct:/docker/b:c\n"
				      "1:name=systemd:/d\n"
				      "0::/e\n");
	struct span controllers, path;

	(void)state;
	assert_true(cgroup_find(text, SPAN("cpu"), &controllers, &path));
	assert_true(span_equal(controllers, SPAN("cpu,cpuacct")));
	assert_true(span_equal(path, SPAN("/docker/b:c")));
	assert_true(cgroup_find(text, SPAN(""), &controllers, &path));
	assert_true(span_equal(path, SPAN("/e")));
	assert_false(cgroup_find(text, SPAN("memory"), &controllers, &path));
	assert_false(
	    cgroup_find((struct span){ 0 }, SPAN("cpu"), &controllers, &path));
}

static void
test_the_smallest_limit_on_the_way_up_counts(void **state)
{
	(void)state;
	put("v2/a/cpu.max", "200000 100000\n");
	put("v2/a/b/cpu.max", "max 100000\n");
	put("v2/a/b/c/cpu.max", "400000 100000\n");
	assert_int_equal(cores("v2", "0::/a/b/c\n"), 2);
	assert_int_equal(cores("v2", "0::/a/b\n"), 2);
	assert_int_equal(cores("v2", "0::/\n"), 0);
}

static void
test_in_a_container_the_limit_is_at_the_mount(void **state)
{
	(void)state;
	put("inside/cpu.max", "300000 100000\n");
	assert_int_equal(cores("inside", "0::/\n"), 3);
	/* The host's path, which does not exist in here. */
	assert_int_equal(cores("inside", "0::/system.slice/docker-1\n"), 3);
}

static void
test_v1_has_a_mount_for_its_controllers(void **state)
{
	(void)state;
	put("v1/cpu,cpuacct/job/cpu.cfs_quota_us", "150000\n");
	put("v1/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
	assert_int_equal(cores("v1", "3:cpu,cpuacct:/job\n0::/\n"), 2);
	assert_int_equal(cores("v1", "3:cpu,cpuacct:/\n0::/\n"), 0);
}

static void
test_the_smallest_limit_of_memory_counts(void **state)
{
	(void)state;
	put("mem/a/memory.max", "1073741824\n");
	put("mem/a/b/memory.max", "max\n");
	put("mem/a/b/memory.high", "536870912\n");
	put("old/memory/job/memory.limit_in_bytes", "268435456\n");
	assert_int_equal(memory("mem", "0::/a/b\n"), 536870912);
	assert_int_equal(memory("mem", "0::/a\n"), 1073741824);
	assert_int_equal(memory("mem", "0::/\n"), 0);
	assert_int_equal(memory("old", "9:memory:/job\n0::/\n"), 268435456);
}

static void
test_without_control_groups_there_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(cgroup_cores("/nonexistent", "/nonexistent"), 0);
	assert_int_equal(cores("nowhere", "0::/a/b\n"), 0);
	assert_int_equal(cores("nowhere", "nonsense"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpu_max_is_rounded_up_to_cores),
		cmocka_unit_test(test_a_v1_quota_of_minus_one_is_no_limit),
		cmocka_unit_test(test_the_line_of_a_controller_is_found),
		cmocka_unit_test(test_the_smallest_limit_on_the_way_up_counts),
		cmocka_unit_test(test_in_a_container_the_limit_is_at_the_mount),
		cmocka_unit_test(test_v1_has_a_mount_for_its_controllers),
		cmocka_unit_test(test_the_smallest_limit_of_memory_counts),
		cmocka_unit_test(test_without_control_groups_there_is_no_limit),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
