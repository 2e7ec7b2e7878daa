/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/keys.h"

#include "conf/keys_auth.h"
#include "conf/keys_limits.h"
#include "conf/keys_rows.h"
#include "conf/keys_server.h"
#include "conf/keys_site.h"

static const char *const error_log_words[] = { "stderr", "syslog", NULL };
static const char *const access_log_words[] = { "off", "stdout", "syslog",
	NULL };

static const char *const level_words[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
	NULL,
};

static const char *const accept_words[] = {
	[CONF_ACCEPT_SPREAD] = "spread",
	[CONF_ACCEPT_SHARED] = "shared",
	NULL,
};

static const char *const proxy_protocol_words[] = {
	[CONF_PROXY_PROTOCOL_OFF] = "off",
	[CONF_PROXY_PROTOCOL_REQUIRE] = "require",
	NULL,
};

/* As conf/logformat.c has them. */
static const char *const format_words[] = {
	"common",
	"combined",
	"json",
	NULL,
};

static const struct key listen_keys[] = {
	LIST(listen, address, addresses, KEY_ADDRESSES, NULL, "127.0.0.1:8080",
	    "The addresses to accept connections on. "
	    "A port alone is that port of 127.0.0.1, an asterisk is every IPv4 "
	    "address."),
	ENUM(listen, accept, "spread", accept_words,
	    "spread gives each worker a queue of its own, over which the "
	    "kernel spreads connections. "
	    "With shared all workers take from one queue, "
	    "so that a busy one keeps nobody waiting, at a higher price for "
	    "each connection. "
	    "A unix socket is always shared."),
	COUNT(listen, backlog, "0", 0, 65535, NULL,
	    "How many connections the kernel queues for each worker. "
	    "0 takes the largest number that the kernel allows."),
	BOOL(listen, defer_accept, "yes",
	    "Lets the kernel keep a new connection until its first bytes are "
	    "there, for a second at most, "
	    "so that no worker is woken to wait for them."),
	BOOL(listen, v6only, "yes",
	    "Keeps an IPv6 address from accepting IPv4 connections too."),
	MODE(listen, mode, "0666", 0777,
	    "The permission bits of a unix socket."),
	ENUM(listen, proxy_protocol, "off", proxy_protocol_words,
	    "require takes connections from trusted proxies alone, "
	    "which must begin with a header of the PROXY protocol: "
	    "see BEHIND A PROXY."),
};

static const struct key timeouts_keys[] = {
	DURATION(timeouts, first_byte, "10s", 1, HOUR,
	    "From a new connection to its first byte."),
	DURATION(timeouts, head, "15s", 1, HOUR,
	    "From the first byte of a request to the end of its head."),
	DURATION(timeouts, body, "30s", 1, HOUR,
	    "From the end of a request's head to the end of its body."),
	DURATION(timeouts, send, "30s", 1, HOUR,
	    "How often it is looked whether a client takes what is sent to it: "
	    "see limits.send_rate."),
	DURATION(timeouts, keepalive, "15s", 0, DAY,
	    "How long an idle connection is kept for its next request. "
	    "0 closes it after each answer."),
	DURATION(timeouts, age, "1h", 0, 365 * DAY,
	    "How old a connection becomes: the next answer after that is its "
	    "last. "
	    "0 sets no limit."),
	DURATION(timeouts, linger, "2s", 0, HOUR,
	    "How long a refused client's bytes are still read, "
	    "so that it can read the answer."),
	DURATION(timeouts, verify, "10s", 1, HOUR,
	    "How long a password may wait to be compared with its hash, "
	    "behind others that came before. "
	    "After that the answer is 503."),
	DURATION(timeouts, disk, "30s", 1, HOUR,
	    "How long a request may wait for the disk that its file is on. "
	    "After that the answer is 503, "
	    "or the connection is reset when a part of it was sent."),
	DURATION(timeouts, start, "30s", 1, HOUR,
	    "How long new workers, or a new program, may take to be ready. "
	    "After that the reload or upgrade has failed."),
	DURATION(timeouts, stop_delay, "0", 0, HOUR,
	    "How long the server goes on as before when it is told to stop, "
	    "except that it says it is not ready, "
	    "so that load balancers send their clients elsewhere."),
	DURATION(timeouts, drain_grace, "1s", 0, HOUR,
	    "How long a worker that leaves keeps its idle connections, "
	    "in case a request is already under way."),
	DURATION(timeouts, drain, "30s", 0, DAY,
	    "How long a worker that leaves may go on with open requests."),
};

static const struct key cache_keys[] = {
	COUNT(cache, files, "2048", 0, 1000000, NULL,
	    "Files of which each worker remembers all that it needs to answer. "
	    "0 opens every file for every request."),
	COUNT(cache, missing, "512", 1, 1000000, NULL,
	    "Paths of which each worker remembers that nothing is there."),
	BYTES(cache, memory, "16m", 0, 64 * GIB,
	    "What each worker may use for the bytes of small files."),
	BYTES(cache, small, "32k", 0, 8 * MIB,
	    "A file of this size or less is small, "
	    "and is sent from memory."),
	DURATION(cache, valid, "1s", 0, DAY,
	    "How long something is taken to be unchanged where the kernel "
	    "does not tell of changes: behind a symbolic link, in a file with "
	    "a second name, on a network file system, and what is missing. "
	    "Elsewhere a change counts at once."),
	COUNT(cache, heads, "64", 0, 65536, NULL,
	    "Heads of requests of which each worker remembers the meaning. "
	    "Browsers repeat them byte for byte."),
};

static const struct key error_log_keys[] = {
	PATH(error_log, path, "stderr", error_log_words, NULL,
	    "Where the server writes what happens to it."),
	ENUM(error_log, level, "notice", level_words,
	    "The least important lines that are written. "
	    "info adds every refused request."),
};

static const struct key access_log_keys[] = {
	PATH(access_log, path, "off", access_log_words,
	    "/var/log/tined/access.log", "Where a line for each request goes."),
	{
	    .name = "format",
	    .type = KEY_FORMAT,
	    .offset = KEYS_AT(access_log, format, const char *),
	    .def = "common",
	    .words = format_words,
	    .text = "The form of a line: the Common Log Format, "
		    "combined, which adds Referer and User-Agent, "
		    "json, or what a text with codes says: "
		    "see ACCESS LOG.",
	},
	BYTES(access_log, buffer, "64k", 4 * KIB, 16 * MIB,
	    "How much each worker collects before it writes."),
	DURATION(access_log, flush, "1s", 0, HOUR,
	    "How long a line may wait in the buffer. "
	    "0 writes it as soon as there is nothing else to do."),
	LIST(access_log, skip, skip, KEY_SKIP, "", "304 /assets/* health",
	    "Which requests have no line: those with this status, "
	    "with a status of this class as in 2xx, with a path like this, "
	    "or, for health, those for /healthz and /readyz."),
	COUNT(access_log, sample, "1", 1, UINT64_C(1000000000), NULL,
	    "Writes one of so many lines, of those that are left. "
	    "A line about an error of the server, 5xx, is always written."),
	DURATION(access_log, slow, "0", 0, DAY,
	    "Writes only what took at least so long, and errors of the server. "
	    "0 writes all."),
};

static const struct key admin_keys[] = {
	LIST(admin, address, addresses, KEY_ADDRESSES, "",
	    "unix:/run/tined/admin.sock",
	    "The addresses where the server tells how it is. "
	    "Whoever can connect to one may know it."),
	MODE(
	    admin, mode, "0600", 0777, "The permission bits of a unix socket."),
	BOOL(admin, public, "no",
	    "Lets an address be one that other machines can reach."),
};

static const struct key mime_keys[] = {
	PAIRS(mime, "ENDING", types, KEY_MEDIA_TYPE,
	    "webmanifest = application/manifest+json",
	    "The media type of files whose name ends in a dot "
	    "and ENDING, which may itself contain dots, as tar.gz does. "
	    "The longest ending wins, and case does not matter."),
};

#define SECTION(section, many_, required_, offset_, text_)                     \
	{                                                                      \
		.name = #section, .keys = section##_keys,                      \
		.nkeys = KEYS_COUNT(section##_keys), .many = many_,            \
		.required = required_, .offset = offset_,                      \
		.bytes = sizeof(struct conf_##section), .text = text_          \
	}
#define ONE(section, text)                                                     \
	SECTION(section, false, false, offsetof(struct conf, section), text)
#define PER_SITE(section_, text_)                                              \
	{                                                                      \
		.name = #section_, .keys = section_##_keys,                    \
		.nkeys = KEYS_COUNT(section_##_keys), .many = true,            \
		.per_site = true, .offset = offsetof(struct conf, section_),   \
		.bytes = sizeof(struct conf_##section_), .text = text_         \
	}
#define MANY(section, text) SECTION(section, true, true, 0, text)
#define NAMED(section_, example, text_)                                        \
	{                                                                      \
		.name = #section_, .keys = section_##_keys,                    \
		.nkeys = KEYS_COUNT(section_##_keys), .many = true,            \
		.instance = "NAME", .instance_example = example,               \
		.bytes = sizeof(struct conf_##section_), .text = text_         \
	}

const struct key_section keys_sections[] = {
	ONE(server, "The processes that serve."),
	MANY(listen, "Where connections come in."),
	ONE(timeouts, "How long the server waits for a client."),
	ONE(limits, "How much a client may ask of the server."),
	MANY(site, "What is served, and to which names."),
	{
	    .name = "match",
	    .keys = match_keys,
	    .nkeys = KEYS_COUNT(match_keys),
	    .many = true,
	    .instance = "GLOB",
	    .instance_example = "/assets/*",
	    .bytes = sizeof(struct conf_match),
	    .text = "What answers for some paths get. "
		    "[match:GLOB] is for the paths of all sites that GLOB "
		    "describes, [match:SITE GLOB] for those of one; "
		    "in GLOB, * stands for any bytes and ? for one. "
		    "A path is that of the request or that of the file. "
		    "Where several match, all count, "
		    "the later ones before the earlier.",
	},
	PATHSET(redirect, "Paths that are somewhere else now, on all sites or "
			  "one: see PATHS TO FILES."),
	PATHSET(rewrite, "Paths for which another one is looked up, on all "
			 "sites or one: see PATHS TO FILES."),
	NAMED(auth, "members",
	    "By what a client can show who it is, "
	    "for the paths whose [match] section says auth = NAME."),
	NAMED(role, "editors",
	    "Several of those whom an [auth] section knows, "
	    "by one name for the key roles of [match] sections."),
	PER_SITE(error_pages,
	    "What is shown for answers of 400 and above: see ERROR PAGES."),
	ONE(cache, "What workers keep, so that they need not ask again."),
	ONE(error_log, "The log of what happens to the server."),
	PER_SITE(access_log, "The log of requests."),
	ONE(admin, "The status page, metrics and health, see STATUS in "
		   "tined(8)."),
	ONE(mime, "Media types beside those that the server knows, "
		  "or instead of them."),
};

const unsigned keys_nsections = KEYS_COUNT(keys_sections);

const struct key_moved keys_moved[] = {
	{ "server", "error_log", "error_log", "path" },
	{ "server", "log_level", "error_log", "level" },
};

const unsigned keys_nmoved = KEYS_COUNT(keys_moved);

const struct key_fixed keys_fixed[] = {
	{ "server", "daemon" },
	{ "server", "pid_file" },
	{ "limits", "clients" },
};

const unsigned keys_nfixed = KEYS_COUNT(keys_fixed);

const struct key_section *
keys_section(struct span name)
{
	for (unsigned i = 0; i < keys_nsections; i++)
		if (span_equal(span_of(keys_sections[i].name), name))
			return &keys_sections[i];
	return NULL;
}

const struct key *
keys_find(const struct key_section *section, struct span name)
{
	for (unsigned i = 0; i < section->nkeys; i++)
		if (keys_is_pairs(&section->keys[i]) ||
		    span_equal(span_of(section->keys[i].name), name))
			return &section->keys[i];
	return NULL;
}

const struct key_moved *
keys_find_moved(const struct key_section *section, struct span name)
{
	for (unsigned i = 0; i < keys_nmoved; i++)
		if (strcmp(keys_moved[i].section, section->name) == 0 &&
		    span_equal(span_of(keys_moved[i].name), name))
			return &keys_moved[i];
	return NULL;
}

const struct key_section *
keys_owner(struct span name)
{
	for (unsigned i = 0; i < keys_nsections; i++) {
		const struct key *key = keys_find(&keys_sections[i], name);

		if (key != NULL && !keys_is_pairs(key))
			return &keys_sections[i];
	}
	return NULL;
}

enum key_form
keys_form(const struct key *key)
{
	switch (key->type) {
	case KEY_STRING:
	case KEY_PATH:
	case KEY_FORMAT:
	case KEY_TYPE:
	case KEY_CACHE:
	case KEY_BANDWIDTH: break;
	case KEY_DURATION:
	case KEY_BYTES:
	case KEY_COUNT:
	case KEY_MODE:
	case KEY_RATE: return KEY_FORM_NUMBER;
	case KEY_BOOL: return KEY_FORM_BOOL;
	case KEY_ENUM: return KEY_FORM_ENUM;
	case KEY_ADDRESSES:
	case KEY_HOSTS:
	case KEY_NAMES:
	case KEY_WORDS:
	case KEY_CORES:
	case KEY_SKIP:
	case KEY_GLOBS:
	case KEY_FIELDS:
	case KEY_FIELD_NAMES:
	case KEY_TRIES:
	case KEY_ORIGINS:
	case KEY_BLOCKS:
	case KEY_SUBJECTS: return KEY_FORM_LIST;
	case KEY_MEDIA_TYPE:
	case KEY_REDIRECT:
	case KEY_REWRITE:
	case KEY_ERROR_PAGE: return KEY_FORM_PAIRS;
	}
	return KEY_FORM_STRING;
}
