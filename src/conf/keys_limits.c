/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/keys_limits.h"

#include "conf/keys_rows.h"

/* A rate is one an hour. */
#define KEYS_HOUR_S UINT64_C(3600)

static const char *const auto_words[] = { "auto", NULL };

static const char *const off_words[] = { "off", NULL };

const struct key limits_keys[] = {
	COUNT(limits, connections, "10000", 1, 1000000, NULL,
	    "Open connections of one worker."),
	COUNT(limits, requests, "1000", 0, UINT64_C(1000000000), NULL,
	    "Requests on one connection, which is closed after the last. "
	    "0 sets no limit."),
	BYTES(limits, head, "16k", KIB, 64 * KIB,
	    "The head of a request: its request line and its fields. "
	    "More is answered with 431."),
	BYTES(limits, target, "8k", 64, 64 * KIB,
	    "The target of a request, which must be smaller than the head. "
	    "More is answered with 414."),
	COUNT(limits, fields, "100", 1, 1000, NULL,
	    "Fields in the head of a request. "
	    "More are answered with 431."),
	BYTES(limits, field, "8k", 64, 64 * KIB,
	    "One field of a request. "
	    "More is answered with 431."),
	BYTES(limits, body, "64k", 0, GIB,
	    "The body of a request that is read and thrown away "
	    "to keep the connection. "
	    "After more the connection is closed."),
	NUMBER(limits, buffers, buffers_bytes, KEY_BYTES, "auto", MIB,
	    1024 * GIB, auto_words,
	    "What a worker may take for the buffers of requests in flight. "
	    "Beyond that a connection is cut whose request or answer gets no "
	    "further, or if there is none the new request is answered with "
	    "503: see MEMORY. "
	    "auto is a quarter of the memory, divided among the workers."),
	NUMBER(limits, send_rate, send_rate, KEY_BYTES, "1k", 0, GIB, off_words,
	    "Bytes a second that a client has to take of an answer, "
	    "on average over each timeouts.send. "
	    "With off it has to take something. "
	    "See SLOW AND GREEDY CLIENTS."),
	BYTES(limits, listing, "8m", 256 * KIB, GIB,
	    "The memory in which a worker lists one folder, and it lists at "
	    "most 8 at a time. "
	    "A folder that does not fit comes in parts, each sorted by "
	    "itself."),
	RATE(limits, client_rate, "off", 1000000 * KEYS_HOUR_S, off_words,
	    "How often one client may ask, over all workers: "
	    "see LIMITS FOR CLIENTS. "
	    "What is too much is answered with 429."),
	COUNT(limits, client_burst, "40", 1, 1000000, NULL,
	    "How many requests of a client may come at once, "
	    "before client_rate slows it down."),
	COUNT(limits, client_connections, "0", 0, 65000, NULL,
	    "Open connections of one client, over all workers. "
	    "More are answered with 503 and closed. "
	    "0 sets no limit."),
	COUNT(limits, total_connections, "0", 0, UINT64_C(1000000000), NULL,
	    "Open connections of all workers together. "
	    "More take the place of the one that has been idle longest. "
	    "If none is, they are answered with 503 and closed. "
	    "0 sets no limit."),
	LIST(limits, client_exempt, client_exempt, KEY_BLOCKS, "",
	    "127.0.0.1 10.0.0.0/8",
	    "Clients for whom no limit of a client counts."),
	COUNT(limits, clients, "16384", 64, 4194304, NULL,
	    "How many clients are remembered at a time, for these limits. "
	    "A change needs a restart."),
	BOOL(limits, dry_run, "no",
	    "Counts and logs what the limits for clients and "
	    "total_connections would refuse, and refuses nothing."),
};
