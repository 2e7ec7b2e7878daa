/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/metrics.h"

#include "core/sandbox.h"
#include "http/coding.h"
#include "http/verdict.h"
#include "status/name.h"

/* Buckets end at powers of two, from 2^0 us to 2^26 us (67 s). */
#define METRICS_POWERS 27

/* Begins a metric; its help ends without a full stop. */
static void
metrics_begin(
    struct writer *writer, const char *name, const char *type, const char *help)
{
	writer_put(writer, SPAN("# HELP tined_"));
	writer_put_text(writer, name);
	writer_put(writer, SPAN(" "));
	writer_put_text(writer, help);
	writer_put(writer, SPAN(".\n# TYPE tined_"));
	writer_put_text(writer, name);
	writer_put(writer, SPAN(" "));
	writer_put_text(writer, type);
	writer_put(writer, SPAN("\n"));
}

/* The name, and before its labels the brace. */
static void
metrics_name(struct writer *writer, const char *name)
{
	writer_put(writer, SPAN("tined_"));
	writer_put_text(writer, name);
}

static void
metrics_label(
    struct writer *writer, bool first, const char *label, const char *value)
{
	writer_put_text(writer, first ? "{" : ",");
	writer_put_text(writer, label);
	writer_put(writer, SPAN("=\""));
	writer_put_text(writer, value);
	writer_put(writer, SPAN("\""));
}

/* Ends a line; labelled: and its labels. */
static void
metrics_value(struct writer *writer, bool labelled, uint64_t value)
{
	writer_put_text(writer, labelled ? "} " : " ");
	writer_put_number(writer, value);
	writer_put(writer, SPAN("\n"));
}

/* A metric that is one number. */
static void
metrics_number(struct writer *writer, const char *name, const char *type,
    const char *help, uint64_t value)
{
	metrics_begin(writer, name, type, help);
	metrics_name(writer, name);
	metrics_value(writer, false, value);
}

static void
metrics_counter(
    struct writer *writer, const char *name, const char *help, uint64_t value)
{
	metrics_number(writer, name, "counter", help, value);
}

static void
metrics_gauge(
    struct writer *writer, const char *name, const char *help, uint64_t value)
{
	metrics_number(writer, name, "gauge", help, value);
}

/* A line with one label. */
static void
metrics_line(struct writer *writer, const char *name, const char *label,
    const char *word, uint64_t value)
{
	metrics_name(writer, name);
	metrics_label(writer, true, label, word);
	metrics_value(writer, true, value);
}

/* The same for a slot. */
static void
metrics_slot(
    struct writer *writer, const char *name, unsigned slot, uint64_t value)
{
	metrics_name(writer, name);
	writer_put(writer, SPAN("{slot=\""));
	writer_put_number(writer, slot);
	writer_put(writer, SPAN("\""));
	metrics_value(writer, true, value);
}

static void
metrics_write_server(struct writer *writer, const struct snapshot *snapshot)
{
	const struct board *board = snapshot->board;

	metrics_begin(writer, "build_info", "gauge", "The program that runs");
	metrics_line(writer, "build_info", "version", board->version, 1);
	metrics_gauge(writer, "start_time_seconds",
	    "When the server was started, since 1970",
	    (uint64_t)board->started_s);
	metrics_gauge(writer, "ready",
	    "1: the server serves; 0: it starts or stops",
	    snapshot->phase == SNAPSHOT_READY);
	metrics_gauge(writer, "generation",
	    "The number of the configuration that serves", board->generation);
	metrics_gauge(writer, "generation_start_time_seconds",
	    "When it began to serve, since 1970", (uint64_t)board->loaded_s);
	metrics_gauge(writer, "workers",
	    "Workers that the configuration asks for", board->nworkers);
	metrics_begin(writer, "processes", "gauge", "Worker processes");
	for (unsigned i = 0; i < BOARD_STATES; i++)
		metrics_line(writer, "processes", "state",
		    name_of_state((enum board_state)i), snapshot->nin_state[i]);
	metrics_begin(writer, "sandbox", "gauge",
	    "1: this part is in force for all workers that serve");
	for (unsigned i = 0; i < SANDBOX_PARTS; i++)
		metrics_line(writer, "sandbox", "part", name_of_sandbox(i),
		    (snapshot->sandbox & 1u << i) != 0);
}

static void
metrics_write_pair(struct writer *writer, const char *name, const char *help,
    uint64_t ok, uint64_t failed)
{
	metrics_begin(writer, name, "counter", help);
	metrics_line(writer, name, "result", "ok", ok);
	metrics_line(writer, name, "result", "failed", failed);
}

static void
metrics_write_changes(struct writer *writer, const struct snapshot *snapshot)
{
	const struct board *board = snapshot->board;

	metrics_write_pair(writer, "reloads_total",
	    "Reloads of the configuration", board->reloads_ok,
	    board->reloads_failed);
	metrics_write_pair(writer, "upgrades_total", "Upgrades of the program",
	    board->upgrades_ok, board->upgrades_failed);
	metrics_gauge(writer, "last_change_success",
	    "1: the last reload or upgrade worked, or there was none; 0: the "
	    "server goes on as it was",
	    !snapshot->has_last || snapshot->last_ok);
	metrics_gauge(writer, "last_change_timestamp_seconds",
	    "When the last reload or upgrade ended, or the server was started",
	    (uint64_t)(snapshot->has_last ? snapshot->last_s
					  : board->started_s));
}

static void
metrics_write_requests(struct writer *writer, const struct counters *counters)
{
	const char *name = "requests_total";

	metrics_begin(writer, name, "counter",
	    "Requests that were answered, refused ones included");
	for (unsigned i = 0; i < COUNTERS_METHODS; i++)
		for (unsigned j = 1; j < COUNTERS_CLASSES; j++) {
			metrics_name(writer, name);
			metrics_label(
			    writer, true, "method", name_of_method(i));
			metrics_label(writer, false, "class", name_of_class(j));
			metrics_value(writer, true, counters->answers[i][j]);
		}
	name = "refusals_total";
	metrics_begin(writer, name, "counter",
	    "Requests that were refused, by the reason that the log names");
	for (unsigned i = VERDICT_OK + 1; i < VERDICT_COUNT; i++)
		metrics_line(writer, name, "reason",
		    verdict_name((enum verdict)i), counters->verdicts[i]);
}

static void
metrics_write_files(struct writer *writer, const struct counters *counters)
{
	const char *name = "files_sent_total";

	metrics_counter(writer, "sent_bytes_total",
	    "Bytes of heads and bodies that were sent", counters->bytes_sent);
	metrics_begin(writer, name, "counter",
	    "Answers made from a file, by its content coding");
	for (unsigned i = 0; i < CODING_COUNT; i++)
		/* Its span is a C string. */
		metrics_line(writer, name, "coding",
		    coding_name((enum coding)i).ptr, counters->codings[i]);
	metrics_counter(writer, "sendfile_calls_total",
	    "Calls of sendfile(2), for files too large for memory",
	    counters->sendfiles);
	metrics_counter(writer, "short_files_total",
	    "Files that became shorter while they were sent",
	    counters->short_files);
	metrics_counter(writer, "read_errors_total",
	    "Files that could not be read on while they were sent",
	    counters->read_errors);
	metrics_counter(writer, "disk_waits_total",
	    "Times that a request had to wait for a disk",
	    counters->disk_waits);
	metrics_counter(writer, "disk_late_total",
	    "Of these, those that waited in vain", counters->disk_late);
	metrics_counter(writer, "cache_hits_total",
	    "Lookups that the cache of files answered", counters->cache_hits);
	metrics_counter(writer, "cache_misses_total",
	    "Lookups that opened a file", counters->cache_misses);
	metrics_counter(writer, "cache_evictions_total",
	    "Files that made room for others", counters->cache_evictions);
}

static void
metrics_write_connections(
    struct writer *writer, const struct counters *counters)
{
	const char *name = "connections_waiting";

	metrics_counter(writer, "connections_accepted_total",
	    "Connections that were accepted", counters->accepted);
	metrics_counter(writer, "connections_rescued_total",
	    "Of these, from the queue of a worker that had died",
	    counters->rescued);
	metrics_counter(writer, "accept_errors_total",
	    "Connections that could not be accepted", counters->accept_errors);
	metrics_counter(writer, "proxy_untrusted_total",
	    "Connections that were closed since who made them is no trusted "
	    "proxy",
	    counters->proxy_untrusted);
	metrics_counter(writer, "proxy_refused_total",
	    "Connections that were closed for want of a good header of the "
	    "PROXY protocol",
	    counters->proxy_refused);
	metrics_counter(writer, "unknown_clients_total",
	    "Requests of a trusted proxy that did not say whose they are in a "
	    "way that can be read",
	    counters->forwarded_bad);
	metrics_counter(writer, "connections_shed_total",
	    "Idle connections closed since there were more than "
	    "limits.total_connections",
	    counters->conns_shed);
	metrics_counter(writer, "limits_dry_run_total",
	    "Requests and connections that limits.dry_run let pass",
	    counters->limits_dry);
	metrics_counter(writer, "clients_forgotten_total",
	    "Clients forgotten for others before a limit was done with them",
	    counters->clients_forgotten);
	metrics_counter(writer, "clients_untracked_total",
	    "Requests and connections that no limit was kept for, for want "
	    "of room",
	    counters->clients_untracked);
	metrics_counter(writer, "crowded_out_total",
	    "Requests cut or refused for want of buffers",
	    counters->crowded_out);
	metrics_counter(writer, "timeouts_total",
	    "Connections closed because a time ran out", counters->timeouts);
	metrics_counter(writer, "aborted_answers_total",
	    "Answers that could not be sent whole", counters->aborted);
	metrics_gauge(writer, "connections_open", "Connections that are open",
	    counters->now.open);
	metrics_begin(writer, name, "gauge",
	    "Connections by what they wait for: the first request (new), the "
	    "next one (idle), the rest of a head or a body, a client that "
	    "takes the answer (send) or closes (linger), a password that is "
	    "judged (verify), a file that is opened or read (disk)");
	for (unsigned i = 0; i < COUNTERS_WAITS; i++)
		metrics_line(writer, name, "for", name_of_wait(i),
		    counters->now.waiting[i]);
}

static void
metrics_write_log(struct writer *writer, const struct counters *counters)
{
	const char *name = "access_log_lines_total";

	metrics_begin(writer, name, "counter",
	    "Lines of the access log: written, dropped because it failed, "
	    "skipped as configured");
	metrics_line(writer, name, "result", "written", counters->log_lines);
	metrics_line(writer, name, "result", "dropped", counters->log_dropped);
	metrics_line(writer, name, "result", "skipped", counters->log_skipped);
}

/* Cumulative, as Prometheus wants it; a bucket of ours ends at each power. */
static void
metrics_write_times(struct writer *writer, const char *name, const char *help,
    const struct histogram *histogram)
{
	uint64_t below = 0;
	unsigned bucket = 0;

	metrics_begin(writer, name, "histogram", help);
	for (unsigned i = 0; i < METRICS_POWERS; i++) {
		while (histogram_end_us(bucket) <= UINT64_C(1) << i)
			below += histogram->buckets[bucket++];
		metrics_name(writer, name);
		writer_put(writer, SPAN("_bucket{le=\""));
		writer_put_seconds(writer, UINT64_C(1) << i);
		writer_put(writer, SPAN("\""));
		metrics_value(writer, true, below);
	}
	while (bucket < HISTOGRAM_BUCKETS)
		below += histogram->buckets[bucket++];
	metrics_name(writer, name);
	writer_put(writer, SPAN("_bucket{le=\"+Inf\""));
	metrics_value(writer, true, below);
	metrics_name(writer, name);
	writer_put(writer, SPAN("_sum "));
	writer_put_seconds(writer, histogram->sum_us);
	writer_put(writer, SPAN("\n"));
	/* What was counted between reading count and buckets is in both. */
	metrics_name(writer, name);
	writer_put(writer, SPAN("_count"));
	metrics_value(writer, false, below);
}

/* A gauge of each slot, at an offset in struct snapshot_slot. */
static void
metrics_write_slots(struct writer *writer, const struct snapshot *snapshot,
    const char *name, const char *help, size_t offset)
{
	metrics_begin(writer, name, "gauge", help);
	for (unsigned i = 0; i < snapshot->nslots; i++) {
		const char *slot = (const char *)&snapshot->slots[i];
		uint64_t value;

		memcpy(&value, slot + offset, sizeof(value));
		metrics_slot(writer, name, i, value);
	}
}

static void
metrics_write_workers(struct writer *writer, const struct snapshot *snapshot)
{
	const struct board_slot *slots = snapshot->board->slots;

	metrics_write_slots(writer, snapshot, "worker_connections",
	    "Connections that are open, by the worker's slot",
	    offsetof(struct snapshot_slot, open));
	metrics_write_slots(writer, snapshot, "worker_lent_buffers",
	    "Buffers that are out with connections",
	    offsetof(struct snapshot_slot, lent));
	metrics_write_slots(writer, snapshot, "worker_memory_most_bytes",
	    "Memory that the worker may take at most",
	    offsetof(struct snapshot_slot, memory_most));
	if (snapshot->heap_counted) {
		metrics_write_slots(writer, snapshot, "worker_heap_calls",
		    "Calls of malloc, calloc and realloc since the worker was "
		    "ready",
		    offsetof(struct snapshot_slot, heap_calls));
		metrics_write_slots(writer, snapshot, "worker_heap_bytes",
		    "Bytes that these asked for",
		    offsetof(struct snapshot_slot, heap_bytes));
	}
	metrics_begin(writer, "worker_respawns_total", "counter",
	    "Workers that ended without being told to, by slot");
	for (unsigned i = 0; i < snapshot->nslots; i++)
		metrics_slot(
		    writer, "worker_respawns_total", i, slots[i].respawns);
	metrics_begin(writer, "accept_queue", "gauge",
	    "Connections that wait to be accepted, by slot");
	for (unsigned i = 0; i < snapshot->nslots; i++)
		metrics_slot(writer, "accept_queue", i, slots[i].queue);
}

void
metrics_write(struct writer *writer, const struct snapshot *snapshot)
{
	const struct counters *sum = &snapshot->sum;

	metrics_write_server(writer, snapshot);
	metrics_write_changes(writer, snapshot);
	metrics_write_requests(writer, sum);
	metrics_write_times(writer, "request_duration_seconds",
	    "From the first byte of a request to the last of its answer",
	    &sum->latency);
	metrics_write_times(writer, "first_byte_duration_seconds",
	    "From the first byte of a request to the first of its answer",
	    &sum->first_byte);
	metrics_write_files(writer, sum);
	metrics_write_connections(writer, sum);
	metrics_write_log(writer, sum);
	metrics_write_workers(writer, snapshot);
}
