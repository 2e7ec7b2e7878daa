/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/compare.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>

#include "conf/keys.h"
#include "conf/value.h"
#include "core/escape.h"

/* Two lists of records, and how much was printed. */
struct compare {
	FILE *out;
	const struct records *old;
	const struct records *new;
	unsigned nlines;
};

/* The records of a key: one, or the items of a list. */
struct compare_run {
	const struct record *items;
	unsigned n;
};

/* What makes a socket another one for the master. */
struct compare_socket {
	struct sock_addr addr;
	bool v6only;
};

static void __attribute__((format(printf, 2, 3)))
compare_say(struct compare *compare, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(compare->out, fmt, ap);
	va_end(ap);
}

static void
compare_end_line(struct compare *compare)
{
	(void)fputc('\n', compare->out);
	compare->nlines++;
}

/* The records from the first on that have its key. */
static struct compare_run
compare_run_at(const struct records *records, unsigned first)
{
	struct compare_run run = { &records->items[first], 1 };

	while (first + run.n < records->n &&
	       record_is_same_key(run.items, &run.items[run.n]))
		run.n++;
	return run;
}

/* The records with the key of wanted; none when it is not there. */
static struct compare_run
compare_find(const struct records *records, const struct record *wanted)
{
	for (unsigned i = 0; i < records->n; i++)
		if (record_is_same_key(&records->items[i], wanted))
			return compare_run_at(records, i);
	return (struct compare_run){ 0 };
}

static bool
compare_has_section(const struct records *records, const struct record *record)
{
	const struct record section = { record->section, record->name, "", "",
		"" };

	return compare_find(records, &section).n > 0;
}

static bool
compare_runs_equal(struct compare_run a, struct compare_run b)
{
	if (a.n != b.n)
		return false;
	for (unsigned i = 0; i < a.n; i++)
		if (strcmp(a.items[i].value, b.items[i].value) != 0)
			return false;
	return true;
}

static void
compare_say_values(struct compare *compare, struct compare_run run)
{
	char escaped[4 * PATH_MAX];

	if (run.n == 0 || (run.n == 1 && run.items[0].value[0] == '\0'))
		compare_say(compare, "none");
	for (unsigned i = 0; i < run.n; i++) {
		size_t len = escape_log(
		    escaped, sizeof(escaped), span_of(run.items[i].value));

		compare_say(
		    compare, "%s%.*s", i == 0 ? "" : " ", (int)len, escaped);
	}
}

static const char *
compare_colon(const struct record *record)
{
	return record->name[0] == '\0' ? "" : ":";
}

static void
compare_say_change(
    struct compare *compare, struct compare_run old, struct compare_run new)
{
	const struct record *record = new.n > 0 ? new.items : old.items;

	assert(record != NULL); /* something changed, so one has it */
	compare_say(compare, "%s%s%s.%s: ", record->section,
	    compare_colon(record), record->name, record->key);
	compare_say_values(compare, old);
	compare_say(compare, " -> ");
	compare_say_values(compare, new);
	if (new.n > 0)
		compare_say(compare, " (%s)", record->origin);
	compare_end_line(compare);
}

/* A section that is in one of the two alone. */
static void
compare_say_section(
    struct compare *compare, const struct record *record, const char *what)
{
	compare_say(compare, "[%s%s%s] %s (%s)", record->section,
	    compare_colon(record), record->name, what, record->origin);
	compare_end_line(compare);
}

/* A key of a section that comes, if it is not the default. */
static void
compare_say_new_key(struct compare *compare, struct compare_run run)
{
	if (strcmp(run.items->origin, "default") == 0)
		return;
	compare_say(compare, "    %s = ", run.items->key);
	compare_say_values(compare, run);
	compare_say(compare, " (%s)", run.items->origin);
	compare_end_line(compare);
}

static void
compare_new_run(struct compare *compare, struct compare_run new)
{
	struct compare_run old = compare_find(compare->old, new.items);

	if (compare_has_section(compare->old, new.items)) {
		if (!compare_runs_equal(old, new))
			compare_say_change(compare, old, new);
	} else if (new.items->key[0] == '\0') {
		compare_say_section(compare, new.items, "comes");
	} else {
		compare_say_new_key(compare, new);
	}
}

/* What is old and has nothing new in its place. */
static void
compare_old_run(struct compare *compare, struct compare_run old)
{
	struct compare_run new = compare_find(compare->new, old.items);

	if (new.n > 0)
		return;
	if (old.items->key[0] == '\0')
		compare_say_section(compare, old.items, "goes");
	else if (compare_has_section(compare->new, old.items))
		compare_say_change(compare, old, new);
}

/* The socket that a record asks for; false when it asks for none. */
static bool
compare_read_socket(const struct records *records, const struct record *record,
    struct compare_socket *socket)
{
	const struct record v6only = { record->section, record->name, "v6only",
		"", "" };
	struct compare_run run;

	if (strcmp(record->section, "listen") != 0 ||
	    strcmp(record->key, "address") != 0 ||
	    sock_addr_parse(&socket->addr, span_of(record->value)) != NULL)
		return false;
	run = compare_find(records, &v6only);
	socket->v6only = run.n == 0 || strcmp(run.items->value, "yes") == 0;
	return true;
}

/* How many of the first n records ask for such a socket: port 0 may repeat. */
static unsigned
compare_count_sockets(const struct records *records, unsigned n,
    const struct compare_socket *wanted)
{
	struct compare_socket socket;
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count +=
		    compare_read_socket(records, &records->items[i], &socket) &&
		    sock_addr_equal(&socket.addr, &wanted->addr) &&
		    socket.v6only == wanted->v6only;
	return count;
}

/* The sockets of one side that the other does not have. */
static void
compare_sockets(struct compare *compare, const struct records *side,
    const struct records *other, const char *what)
{
	char text[SOCK_ADDR_TEXT];
	struct compare_socket socket;

	for (unsigned i = 0; i < side->n; i++) {
		if (!compare_read_socket(side, &side->items[i], &socket) ||
		    compare_count_sockets(side, i + 1, &socket) <=
			compare_count_sockets(other, other->n, &socket))
			continue;
		sock_addr_format(&socket.addr, text);
		compare_say(compare, "socket %s %s", text, what);
		compare_end_line(compare);
	}
}

static void
compare_restart(struct compare *compare)
{
	for (unsigned i = 0; i < keys_nfixed; i++) {
		const struct record key = { keys_fixed[i].section, "",
			keys_fixed[i].name, "", "" };

		if (compare_runs_equal(compare_find(compare->old, &key),
			compare_find(compare->new, &key)))
			continue;
		compare_say(
		    compare, "%s.%s needs a restart", key.section, key.key);
		compare_end_line(compare);
	}
}

/* The next section of a kind behind *at that both have; NULL: none. */
static const struct record *
compare_next_common(const struct records *records, const struct records *other,
    const char *kind, unsigned *at)
{
	while (*at < records->n) {
		const struct record *record = &records->items[(*at)++];

		if (record->key[0] == '\0' &&
		    strcmp(record->section, kind) == 0 &&
		    compare_has_section(other, record))
			return record;
	}
	return NULL;
}

/* Sections of which the later ones win, or the first one is the default. */
static void
compare_order(struct compare *compare, const char *kind, const char *why)
{
	unsigned i = 0, j = 0;
	const struct record *old, *new;

	do {
		old = compare_next_common(compare->old, compare->new, kind, &i);
		new = compare_next_common(compare->new, compare->old, kind, &j);
	} while (old != NULL && new != NULL && record_is_same_key(old, new));
	if (old == NULL || new == NULL)
		return;
	compare_say(compare, "[%s:%s] comes before [%s:%s] now (%s): %s", kind,
	    new->name, kind, old->name, new->origin, why);
	compare_end_line(compare);
}

unsigned
compare_print(
    FILE *out, const struct compare_side *old, const struct compare_side *new)
{
	struct compare compare = { out, &old->records, &new->records, 0 };
	struct compare_run run;

	for (unsigned i = 0; i < compare.new->n; i += run.n) {
		run = compare_run_at(compare.new, i);
		compare_new_run(&compare, run);
	}
	for (unsigned i = 0; i < compare.old->n; i += run.n) {
		run = compare_run_at(compare.old, i);
		compare_old_run(&compare, run);
	}
	compare_order(&compare, "match", "later ones win");
	compare_order(&compare, "site", "the first one may be the default");
	compare_sockets(&compare, compare.new, compare.old, "opens");
	compare_sockets(&compare, compare.old, compare.new, "closes");
	if (old->nworkers != new->nworkers) {
		compare_say(&compare, "workers: %u -> %u", old->nworkers,
		    new->nworkers);
		compare_end_line(&compare);
	}
	compare_restart(&compare);
	return compare.nlines;
}

bool
compare_is_same(const struct conf *a, const struct conf *b, const char *section,
    const char *key)
{
	const struct key_section *where = keys_section(span_of(section));
	const struct key *what = keys_find(where, span_of(key));
	char text_a[VALUE_TEXT], text_b[VALUE_TEXT];

	return strcmp(value_text(what, (const char *)a + where->offset, text_a),
		   value_text(what, (const char *)b + where->offset, text_b)) ==
	       0;
}
