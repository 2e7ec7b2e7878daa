/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/name.h"

#include <assert.h>

#include "core/sandbox.h"
#include "http/request.h"

static const char *const name_states[BOARD_STATES] = {
	[BOARD_STARTING] = "starting",
	[BOARD_READY] = "ready",
	[BOARD_SERVING] = "serving",
	[BOARD_DRAINING] = "draining",
};

static const char *const name_waits[COUNTERS_WAITS] = { "new", "idle", "head",
	"body", "send", "linger", "verify", "pace", "disk" };

static const char *const name_methods[COUNTERS_METHODS] = {
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_OPTIONS] = "OPTIONS",
	[METHOD_TRACE] = "TRACE",
	[METHOD_CONNECT] = "CONNECT",
	[METHOD_OTHER] = "other",
};

static const char *const name_classes[COUNTERS_CLASSES] = { "0xx", "1xx", "2xx",
	"3xx", "4xx", "5xx" };

/* Numbered as the bits of enum sandbox_part. */
static const char *const name_sandbox[SANDBOX_PARTS] = { "no_new_privs",
	"no_capabilities", "landlock_files", "landlock_net", "landlock_scope",
	"seccomp", "chroot", "reads_all" };

const char *
name_of_state(enum board_state state)
{
	return state < BOARD_STATES ? name_states[state] : "unknown";
}

const char *
name_of_wait(unsigned wait)
{
	assert(wait < COUNTERS_WAITS);
	return name_waits[wait];
}

const char *
name_of_method(unsigned method)
{
	assert(method < COUNTERS_METHODS);
	return name_methods[method];
}

const char *
name_of_class(unsigned class)
{
	assert(class < COUNTERS_CLASSES);
	return name_classes[class];
}

const char *
name_of_sandbox(unsigned bit)
{
	assert(bit < SANDBOX_PARTS);
	return name_sandbox[bit];
}
