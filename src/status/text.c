/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/text.h"

#include <inttypes.h>

#include "core/sandbox.h"
#include "http/coding.h"
#include "http/date.h"
#include "http/verdict.h"
#include "status/name.h"

/* No line of the table is longer. */
#define TEXT_PROCESS_BYTES 256

/* What follows the table. */
#define TEXT_TAIL_BYTES 128

/* The column where what a line says begins. */
#define TEXT_HEAD "%-14s"

static void
text_put_time(struct writer *writer, int64_t wall_s)
{
	char date[DATE_IMF_LEN];

	date_format_imf(date, wall_s);
	writer_put(writer, (struct span){ date, sizeof(date) });
}

/* Two units are enough: "3d 4h", "12m 5s". */
static void
text_format_age(char out[32], uint64_t age_s)
{
	static const struct {
		uint64_t s;
		char unit, smaller;
		uint64_t smaller_s;
	} rows[] = { { 86400, 'd', 'h', 3600 }, { 3600, 'h', 'm', 60 },
		{ 60, 'm', 's', 1 } };
	struct writer writer;

	writer_init(&writer, out, 32);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (age_s < rows[i].s)
			continue;
		writer_format(&writer, "%" PRIu64 "%c %" PRIu64 "%c",
		    age_s / rows[i].s, rows[i].unit,
		    age_s % rows[i].s / rows[i].smaller_s, rows[i].smaller);
		return;
	}
	writer_format(&writer, "%" PRIu64 "s", age_s);
}

static void
text_write_sandbox(struct writer *writer, uint32_t sandbox)
{
	const char *before = "";

	writer_format(writer, TEXT_HEAD, "Sandbox");
	for (unsigned i = 0; i < SANDBOX_PARTS; i++) {
		if ((sandbox & 1u << i) == 0)
			continue;
		writer_format(writer, "%s%s", before, name_of_sandbox(i));
		before = ", ";
	}
	if (*before == '\0')
		writer_put(writer, SPAN("none"));
	if (sandbox_abi(sandbox) != 0)
		writer_format(
		    writer, " (Landlock ABI %u)", sandbox_abi(sandbox));
	writer_put(writer, SPAN("\n"));
}

static void
text_write_server(struct writer *writer, const struct snapshot *snapshot)
{
	const struct board *board = snapshot->board;
	char age[32];

	writer_format(writer,
	    "tined %s is %s: process %" PRId32 ", generation %" PRIu32
	    ", %" PRIu32 " worker%s\n",
	    board->version, snapshot_phase_name(snapshot), board->master,
	    board->generation, board->nworkers,
	    board->nworkers == 1 ? "" : "s");
	text_format_age(age, snapshot_age_s(snapshot, board->started_s));
	writer_format(writer, TEXT_HEAD "%s, since ", "Up", age);
	text_put_time(writer, board->started_s);
	writer_format(writer,
	    "\n" TEXT_HEAD "%" PRIu64 " ok, %" PRIu64 " failed\n", "Reloads",
	    board->reloads_ok, board->reloads_failed);
	writer_format(writer, TEXT_HEAD "%" PRIu64 " ok, %" PRIu64 " failed\n",
	    "Upgrades", board->upgrades_ok, board->upgrades_failed);
	text_write_sandbox(writer, snapshot->sandbox);
	if (!snapshot->has_last)
		return;
	writer_format(writer, TEXT_HEAD "%s, ", "Last of them",
	    snapshot->last_ok ? "ok" : "failed");
	text_put_time(writer, snapshot->last_s);
	if (snapshot->last_text[0] != '\0') {
		writer_put(writer, SPAN(": "));
		writer_put_foreign(writer, snapshot->last_text, false);
	}
	writer_put(writer, SPAN("\n"));
}

/* Sums of answers: of each class, and of each method that occurred. */
static void
text_write_requests(struct writer *writer, const struct counters *counters)
{
	writer_format(
	    writer, "\n" TEXT_HEAD "%" PRIu64, "Requests", counters->requests);
	for (unsigned j = 1; j < COUNTERS_CLASSES; j++) {
		uint64_t sum = 0;

		for (unsigned i = 0; i < COUNTERS_METHODS; i++)
			sum += counters->answers[i][j];
		writer_format(writer, "%s %s %" PRIu64, j == 1 ? ":" : ",",
		    name_of_class(j), sum);
	}
	writer_format(writer, "\n" TEXT_HEAD, "Methods");
	for (unsigned i = 0; i < COUNTERS_METHODS; i++) {
		uint64_t sum = 0;

		for (unsigned j = 1; j < COUNTERS_CLASSES; j++)
			sum += counters->answers[i][j];
		writer_format(writer, "%s%s %" PRIu64, i == 0 ? "" : ", ",
		    name_of_method(i), sum);
	}
	writer_format(writer, "\n" TEXT_HEAD "%" PRIu64 " bytes\n", "Sent",
	    counters->bytes_sent);
}

static void
text_put_ms(struct writer *writer, uint64_t us)
{
	writer_format(
	    writer, "%" PRIu64 ".%03" PRIu64 " ms", us / 1000, us % 1000);
}

static void
text_write_times(
    struct writer *writer, const char *name, const struct histogram *histogram)
{
	static const struct {
		const char *name;
		double percent;
	} rows[] = { { "50 %", 50 }, { "90 %", 90 }, { "99 %", 99 },
		{ "99.9 %", 99.9 } };

	writer_format(writer, TEXT_HEAD, name);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		writer_format(
		    writer, "%s%s in ", i == 0 ? "" : ", ", rows[i].name);
		text_put_ms(writer,
		    histogram_percentile_us(histogram, rows[i].percent));
	}
	writer_put(writer, SPAN("\n"));
}

static void
text_write_connections(struct writer *writer, const struct counters *counters)
{
	writer_format(writer, TEXT_HEAD "%" PRIu64 " open:", "Connections",
	    counters->now.open);
	for (unsigned i = 0; i < COUNTERS_WAITS; i++)
		writer_format(writer, "%s %" PRIu64 " %s", i == 0 ? "" : ",",
		    counters->now.waiting[i], name_of_wait(i));
	writer_format(writer,
	    "\n" TEXT_HEAD "%" PRIu64 ", %" PRIu64 " rescued, %" PRIu64
	    " errors\n",
	    "Accepted", counters->accepted, counters->rescued,
	    counters->accept_errors);
	writer_format(writer,
	    TEXT_HEAD "%" PRIu64 " not trusted, %" PRIu64 " refused, %" PRIu64
		      " clients not known\n",
	    "Proxies", counters->proxy_untrusted, counters->proxy_refused,
	    counters->forwarded_bad);
	writer_format(writer,
	    TEXT_HEAD "%" PRIu64 " connections shed, %" PRIu64
		      " not refused (dry run), %" PRIu64
		      " clients forgotten early, %" PRIu64 " not tracked\n",
	    "Limits", counters->conns_shed, counters->limits_dry,
	    counters->clients_forgotten, counters->clients_untracked);
	writer_format(writer,
	    TEXT_HEAD "%" PRIu64 " timeouts, %" PRIu64 " answers cut short, "
		      "%" PRIu64 " files that became shorter, %" PRIu64
		      " without buffers\n",
	    "Ended early", counters->timeouts, counters->aborted,
	    counters->short_files, counters->crowded_out);
	writer_format(writer, TEXT_HEAD "at most %" PRIu64 " MiB\n", "Memory",
	    counters->now.memory_most >> 20);
}

static void
text_write_refusals(struct writer *writer, const struct counters *counters)
{
	uint64_t sum = 0;
	const char *before = ":";

	for (unsigned i = VERDICT_OK + 1; i < VERDICT_COUNT; i++)
		sum += counters->verdicts[i];
	writer_format(writer, TEXT_HEAD "%" PRIu64, "Refused", sum);
	for (unsigned i = VERDICT_OK + 1; i < VERDICT_COUNT; i++) {
		if (counters->verdicts[i] == 0)
			continue;
		writer_format(writer, "%s %s %" PRIu64, before,
		    verdict_name((enum verdict)i), counters->verdicts[i]);
		before = ",";
	}
	writer_put(writer, SPAN("\n"));
}

static void
text_write_files(struct writer *writer, const struct counters *counters)
{
	writer_format(writer, TEXT_HEAD, "Codings");
	for (unsigned i = 0; i < CODING_COUNT; i++)
		/* Its span is a C string. */
		writer_format(writer, "%s%s %" PRIu64, i == 0 ? "" : ", ",
		    coding_name((enum coding)i).ptr, counters->codings[i]);
	writer_format(writer,
	    "\n" TEXT_HEAD "%" PRIu64 " hits, %" PRIu64 " misses, %" PRIu64
	    " evictions\n",
	    "File cache", counters->cache_hits, counters->cache_misses,
	    counters->cache_evictions);
	writer_format(writer, TEXT_HEAD "%" PRIu64 " calls\n", "Sendfile",
	    counters->sendfiles);
	writer_format(writer,
	    TEXT_HEAD "%" PRIu64 " waits, %" PRIu64 " in vain, %" PRIu64
		      " read errors\n",
	    "Disk", counters->disk_waits, counters->disk_late,
	    counters->read_errors);
	writer_format(writer,
	    TEXT_HEAD "%" PRIu64 " lines, %" PRIu64 " dropped, %" PRIu64
		      " skipped\n",
	    "Access log", counters->log_lines, counters->log_dropped,
	    counters->log_skipped);
}

static void
text_write_heap(struct writer *writer, const struct snapshot *snapshot)
{
	const struct counters_now *now = &snapshot->sum.now;

	if (snapshot->heap_counted)
		writer_format(writer,
		    TEXT_HEAD "%" PRIu64 " calls, %" PRIu64
			      " bytes, since the workers were ready\n",
		    "Heap", now->heap_calls, now->heap_bytes);
	else
		writer_format(
		    writer, TEXT_HEAD "not counted by this build\n", "Heap");
}

static void
text_write_process(struct writer *writer, const struct snapshot *snapshot,
    const struct board_place *place, const struct counters *own)
{
	uint64_t p50 = histogram_percentile_us(&own->latency, 50);
	uint64_t p99 = histogram_percentile_us(&own->latency, 99);
	char age[32];

	text_format_age(age, snapshot_age_s(snapshot, place->started_s));
	writer_format(writer,
	    "%4" PRIu32 " %8" PRId32 " %4" PRIu32 " %-8s %8s %6" PRIu64
	    " %12" PRIu64 " %15" PRIu64 " %5" PRIu64 ".%03" PRIu64 " %5" PRIu64
	    ".%03" PRIu64,
	    place->slot, place->pid, place->generation,
	    name_of_state((enum board_state)place->state), age, own->now.open,
	    own->requests, own->bytes_sent, p50 / 1000, p50 % 1000, p99 / 1000,
	    p99 % 1000);
	if (snapshot->heap_counted)
		writer_format(writer, " %5" PRIu64, own->now.heap_calls);
	writer_put(writer, SPAN("\n"));
}

static void
text_write_processes(struct writer *writer, const struct snapshot *snapshot)
{
	unsigned nleft_out = 0;

	writer_format(writer,
	    "\n%4s %8s %4s %-8s %8s %6s %12s %15s %9s %9s%s\n", "SLOT", "PID",
	    "GEN", "STATE", "AGE", "OPEN", "REQUESTS", "BYTES", "50% ms",
	    "99% ms", snapshot->heap_counted ? "  HEAP" : "");
	for (unsigned i = 0; i < snapshot->nprocesses; i++) {
		struct board_place place;
		struct counters own;

		if (!snapshot_get_process(snapshot, i, &place, &own))
			continue;
		if (writer_room(writer) <
		    TEXT_PROCESS_BYTES + TEXT_TAIL_BYTES) {
			nleft_out++;
			continue;
		}
		text_write_process(writer, snapshot, &place, &own);
	}
	if (nleft_out > 0)
		writer_format(writer, "and %u more\n", nleft_out);
}

/* A sum, and the slots that have a share in it. */
static void
text_write_shares(
    struct writer *writer, const char *name, const uint64_t shares[BOARD_SLOTS])
{
	const char *before = ":";
	uint64_t sum = 0;

	for (unsigned i = 0; i < BOARD_SLOTS; i++)
		sum += shares[i];
	writer_format(writer, TEXT_HEAD "%" PRIu64, name, sum);
	for (unsigned i = 0; i < BOARD_SLOTS; i++) {
		if (shares[i] == 0)
			continue;
		writer_format(
		    writer, "%s slot %u %" PRIu64, before, i, shares[i]);
		before = ",";
	}
	writer_put(writer, SPAN("\n"));
}

static void
text_write_slots(struct writer *writer, const struct board *board)
{
	uint64_t respawns[BOARD_SLOTS], queue[BOARD_SLOTS];

	for (unsigned i = 0; i < BOARD_SLOTS; i++) {
		respawns[i] = board->slots[i].respawns;
		queue[i] = board->slots[i].queue;
	}
	text_write_shares(writer, "Respawns", respawns);
	text_write_shares(writer, "Accept queue", queue);
}

void
text_write(struct writer *writer, const struct snapshot *snapshot)
{
	const struct counters *sum = &snapshot->sum;

	text_write_server(writer, snapshot);
	text_write_slots(writer, snapshot->board);
	text_write_requests(writer, sum);
	text_write_times(writer, "Latency", &sum->latency);
	text_write_times(writer, "First byte", &sum->first_byte);
	text_write_connections(writer, sum);
	text_write_refusals(writer, sum);
	text_write_files(writer, sum);
	text_write_heap(writer, snapshot);
	text_write_processes(writer, snapshot);
}
