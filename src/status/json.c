/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/json.h"

#include "core/sandbox.h"
#include "http/coding.h"
#include "http/verdict.h"
#include "status/name.h"

/* No process takes more, whatever it has counted. */
#define JSON_PROCESS_BYTES 8192

/* What follows the processes. */
#define JSON_TAIL_BYTES 128

/* Begins a member of an object, or with name NULL an element of an array. */
static void
json_begin(struct writer *writer, const char *name)
{
	char last = writer->len == 0 ? '{' : writer->data[writer->len - 1];

	if (last != '{' && last != '[')
		writer_put(writer, SPAN(","));
	if (name == NULL)
		return;
	writer_put(writer, SPAN("\""));
	writer_put_text(writer, name);
	writer_put(writer, SPAN("\":"));
}

static void
json_open(struct writer *writer, const char *name, char bracket)
{
	json_begin(writer, name);
	writer_put(writer, (struct span){ &bracket, 1 });
}

static void
json_close(struct writer *writer, char bracket)
{
	writer_put(writer, (struct span){ &bracket, 1 });
}

static void
json_number(struct writer *writer, const char *name, uint64_t number)
{
	json_begin(writer, name);
	writer_put_number(writer, number);
}

/* A time on the wall clock, which is after 1970. */
static void
json_time(struct writer *writer, const char *name, int64_t wall_s)
{
	json_number(writer, name, wall_s < 0 ? 0 : (uint64_t)wall_s);
}

static void
json_bool(struct writer *writer, const char *name, bool value)
{
	json_begin(writer, name);
	writer_put_text(writer, value ? "true" : "false");
}

static void
json_string(struct writer *writer, const char *name, const char *text)
{
	json_begin(writer, name);
	writer_put_foreign(writer, text, true);
}

static void
json_write_answers(
    struct writer *writer, const struct counters *counters, bool all)
{
	json_open(writer, "answers", '{');
	for (unsigned i = 0; i < COUNTERS_METHODS; i++) {
		const uint64_t *classes = counters->answers[i];
		uint64_t sum = 0;

		for (unsigned j = 1; j < COUNTERS_CLASSES; j++)
			sum += classes[j];
		if (sum == 0 && !all)
			continue;
		json_open(writer, name_of_method(i), '{');
		for (unsigned j = 1; j < COUNTERS_CLASSES; j++)
			json_number(writer, name_of_class(j), classes[j]);
		json_close(writer, '}');
	}
	json_close(writer, '}');
}

/* Refusals by reason; what is not refused has none. */
static void
json_write_refusals(
    struct writer *writer, const struct counters *counters, bool all)
{
	json_open(writer, "refusals", '{');
	for (unsigned i = VERDICT_OK + 1; i < VERDICT_COUNT; i++)
		if (all || counters->verdicts[i] > 0)
			json_number(writer, verdict_name((enum verdict)i),
			    counters->verdicts[i]);
	json_close(writer, '}');
}

static void
json_write_codings(struct writer *writer, const struct counters *counters)
{
	json_open(writer, "codings", '{');
	for (unsigned i = 0; i < CODING_COUNT; i++)
		/* Its span is a C string. */
		json_number(writer, coding_name((enum coding)i).ptr,
		    counters->codings[i]);
	json_close(writer, '}');
}

static void
json_write_connections(struct writer *writer, const struct counters_now *now)
{
	json_open(writer, "connections", '{');
	json_number(writer, "open", now->open);
	for (unsigned i = 0; i < COUNTERS_WAITS; i++)
		json_number(writer, name_of_wait(i), now->waiting[i]);
	json_close(writer, '}');
}

static void
json_write_times(struct writer *writer, const char *name,
    const struct histogram *histogram, bool all)
{
	static const struct {
		const char *name;
		double percent;
	} rows[] = { { "p50_us", 50 }, { "p90_us", 90 }, { "p99_us", 99 },
		{ "p999_us", 99.9 } };

	json_open(writer, name, '{');
	json_number(writer, "count", histogram->count);
	json_number(writer, "sum_us", histogram->sum_us);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_number(writer, rows[i].name,
		    histogram_percentile_us(histogram, rows[i].percent));
	if (all) {
		json_open(writer, "buckets", '[');
		for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
			json_number(writer, NULL, histogram->buckets[i]);
		json_close(writer, ']');
	}
	json_close(writer, '}');
}

static void
json_write_heap(struct writer *writer, const struct snapshot *snapshot,
    const struct counters_now *now)
{
	if (!snapshot->heap_counted)
		return;
	json_open(writer, "heap", '{');
	json_number(writer, "calls", now->heap_calls);
	json_number(writer, "bytes", now->heap_bytes);
	json_close(writer, '}');
}

/* all: also what is zero, and what only sums are asked for. */
static void
json_write_counters(struct writer *writer, const struct snapshot *snapshot,
    const struct counters *counters, bool all)
{
	json_number(writer, "accepted", counters->accepted);
	json_number(writer, "rescued", counters->rescued);
	json_number(writer, "accept_errors", counters->accept_errors);
	json_open(writer, "proxies", '{');
	json_number(writer, "untrusted", counters->proxy_untrusted);
	json_number(writer, "refused", counters->proxy_refused);
	json_number(writer, "unknown_clients", counters->forwarded_bad);
	json_close(writer, '}');
	json_open(writer, "limits", '{');
	json_number(writer, "connections_shed", counters->conns_shed);
	json_number(writer, "dry_runs", counters->limits_dry);
	json_number(writer, "clients_forgotten", counters->clients_forgotten);
	json_number(writer, "clients_untracked", counters->clients_untracked);
	json_close(writer, '}');
	json_number(writer, "requests", counters->requests);
	json_write_answers(writer, counters, all);
	json_number(writer, "sent_bytes", counters->bytes_sent);
	json_write_refusals(writer, counters, all);
	json_number(writer, "timeouts", counters->timeouts);
	json_number(writer, "crowded_out", counters->crowded_out);
	json_number(writer, "aborted", counters->aborted);
	json_write_codings(writer, counters);
	json_number(writer, "sendfile_calls", counters->sendfiles);
	json_number(writer, "short_files", counters->short_files);
	json_open(writer, "disk", '{');
	json_number(writer, "waits", counters->disk_waits);
	json_number(writer, "late", counters->disk_late);
	json_number(writer, "read_errors", counters->read_errors);
	json_close(writer, '}');
	json_open(writer, "cache", '{');
	json_number(writer, "hits", counters->cache_hits);
	json_number(writer, "misses", counters->cache_misses);
	json_number(writer, "evictions", counters->cache_evictions);
	json_close(writer, '}');
	json_open(writer, "access_log", '{');
	json_number(writer, "written", counters->log_lines);
	json_number(writer, "dropped", counters->log_dropped);
	json_number(writer, "skipped", counters->log_skipped);
	json_close(writer, '}');
	json_write_times(writer, "latency", &counters->latency, all);
	json_write_times(writer, "first_byte", &counters->first_byte, all);
	json_write_connections(writer, &counters->now);
	json_number(writer, "lent_buffers", counters->now.lent);
	json_number(writer, "memory_most_bytes", counters->now.memory_most);
	json_write_heap(writer, snapshot, &counters->now);
}

/* The first time that is too long for each bucket; the last has no end. */
static void
json_write_ends(struct writer *writer)
{
	json_open(writer, "bucket_ends_us", '[');
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS - 1; i++)
		json_number(writer, NULL, histogram_end_us(i));
	json_begin(writer, NULL);
	writer_put(writer, SPAN("null"));
	json_close(writer, ']');
}

static void
json_write_pair(
    struct writer *writer, const char *name, uint64_t ok, uint64_t failed)
{
	json_open(writer, name, '{');
	json_number(writer, "ok", ok);
	json_number(writer, "failed", failed);
	json_close(writer, '}');
}

static void
json_write_last(struct writer *writer, const struct snapshot *snapshot)
{
	if (!snapshot->has_last) {
		json_begin(writer, "last_change");
		writer_put(writer, SPAN("null"));
		return;
	}
	json_open(writer, "last_change", '{');
	json_bool(writer, "ok", snapshot->last_ok);
	json_time(writer, "time_s", snapshot->last_s);
	json_string(writer, "text", snapshot->last_text);
	json_close(writer, '}');
}

static void
json_write_sandbox(struct writer *writer, uint32_t sandbox)
{
	json_open(writer, "sandbox", '{');
	for (unsigned i = 0; i < SANDBOX_PARTS; i++)
		json_bool(writer, name_of_sandbox(i), (sandbox & 1u << i) != 0);
	json_number(writer, "landlock_abi", sandbox_abi(sandbox));
	json_close(writer, '}');
}

static void
json_write_server(struct writer *writer, const struct snapshot *snapshot)
{
	const struct board *board = snapshot->board;

	json_string(writer, "name", "tined");
	json_string(writer, "version", board->version);
	json_string(writer, "phase", snapshot_phase_name(snapshot));
	json_bool(writer, "ready", snapshot->phase == SNAPSHOT_READY);
	json_number(writer, "master", (uint64_t)board->master);
	json_number(writer, "generation", board->generation);
	json_number(writer, "workers", board->nworkers);
	json_time(writer, "time_s", snapshot->wall_s);
	json_number(writer, "monotonic_ms", (uint64_t)snapshot->mono_ms);
	json_time(writer, "started_s", board->started_s);
	json_time(writer, "loaded_s", board->loaded_s);
	json_write_pair(
	    writer, "reloads", board->reloads_ok, board->reloads_failed);
	json_write_pair(
	    writer, "upgrades", board->upgrades_ok, board->upgrades_failed);
	json_write_last(writer, snapshot);
	json_number(writer, "respawns", snapshot->respawns);
	json_write_sandbox(writer, snapshot->sandbox);
}

static void
json_write_slots(struct writer *writer, const struct snapshot *snapshot)
{
	json_open(writer, "slots", '[');
	for (unsigned i = 0; i < snapshot->nslots; i++) {
		const struct board_slot *slot = &snapshot->board->slots[i];

		json_open(writer, NULL, '{');
		json_number(writer, "slot", i);
		json_number(writer, "queue", slot->queue);
		json_number(writer, "respawns", slot->respawns);
		json_close(writer, '}');
	}
	json_close(writer, ']');
}

static void
json_write_process(struct writer *writer, const struct snapshot *snapshot,
    const struct board_place *place, const struct counters *own)
{
	json_open(writer, NULL, '{');
	json_number(writer, "slot", place->slot);
	json_number(writer, "pid", (uint64_t)place->pid);
	json_number(writer, "generation", place->generation);
	json_string(
	    writer, "state", name_of_state((enum board_state)place->state));
	json_time(writer, "started_s", place->started_s);
	json_write_counters(writer, snapshot, own, false);
	json_close(writer, '}');
}

/* Returns how many had no room. */
static unsigned
json_write_processes(struct writer *writer, const struct snapshot *snapshot)
{
	unsigned nleft_out = 0;

	json_open(writer, "processes", '[');
	for (unsigned i = 0; i < snapshot->nprocesses; i++) {
		struct board_place place;
		struct counters own;

		if (!snapshot_get_process(snapshot, i, &place, &own))
			continue;
		if (writer_room(writer) <
		    JSON_PROCESS_BYTES + JSON_TAIL_BYTES) {
			nleft_out++;
			continue;
		}
		json_write_process(writer, snapshot, &place, &own);
	}
	json_close(writer, ']');
	return nleft_out;
}

void
json_write(struct writer *writer, const struct snapshot *snapshot)
{
	json_open(writer, NULL, '{');
	json_write_server(writer, snapshot);
	json_open(writer, "totals", '{');
	json_write_counters(writer, snapshot, &snapshot->sum, true);
	json_close(writer, '}');
	json_write_ends(writer);
	json_write_slots(writer, snapshot);
	json_number(writer, "left_out", json_write_processes(writer, snapshot));
	json_close(writer, '}');
	writer_put(writer, SPAN("\n"));
}
