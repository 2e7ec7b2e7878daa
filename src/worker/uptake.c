/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/uptake.h"

#include "os/socket.h"

void
uptake_begin(struct uptake *uptake, int fd, int64_t now_ms)
{
	*uptake = (struct uptake){
		.since_ms = now_ms,
		.unconfirmed = sock_unconfirmed(fd),
	};
}

bool
uptake_judge(const struct uptake *uptake, long unconfirmed, uint64_t rate,
    int64_t now_ms)
{
	int64_t taken = (int64_t)uptake->handed + uptake->unconfirmed -
			(int64_t)unconfirmed;
	int64_t least = (int64_t)rate * (now_ms - uptake->since_ms) / 1000;

	/* Then it is we who are slow. */
	if (unconfirmed == 0)
		return true;
	if (unconfirmed < 0 || uptake->unconfirmed < 0)
		return false;
	return taken >= (least > 0 ? least : 1);
}

bool
uptake_is_enough(
    const struct uptake *uptake, int fd, uint64_t rate, int64_t now_ms)
{
	return uptake_judge(uptake, sock_unconfirmed(fd), rate, now_ms);
}
