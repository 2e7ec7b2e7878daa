/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_json.h"

/* Of a line, beside its name. */
#define LISTING_JSON_LINE_BYTES 128

/* {"name":"a.txt","type":"file","size":12,"mtime":"2026-11-26T03:52:57Z"} */
static void
listing_json_entry(const struct listing *listing,
    const struct listing_entry *entry, struct listing_text *text)
{
	listing_text_put(text, SPAN("{\"name\":\""));
	listing_text_put_json(text, listing_order_name(&listing->heap, entry));
	if (entry->folder) {
		listing_text_put(
		    text, SPAN("\",\"type\":\"directory\",\"size\":null"));
	} else {
		listing_text_put(text, SPAN("\",\"type\":\"file\",\"size\":"));
		listing_text_put_number(text, entry->size);
	}
	listing_text_put(text, SPAN(",\"mtime\":\""));
	listing_text_put_time(text, entry->mtime_ns, 'T');
	listing_text_put(text, SPAN("Z\"}"));
}

static bool
listing_json_entries(struct listing *listing, struct listing_text *text)
{
	while (listing->heap.n > 0) {
		bool first = listing->nfolders + listing->nfiles == 0;
		struct listing_entry entry = listing->heap.entries[0];

		if (listing_text_room(text) <
		    LISTING_JSON_LINE_BYTES +
			LISTING_TEXT_GROWTH * (size_t)entry.name_len)
			return false;
		entry = listing_take(listing);
		listing_text_put(text, first ? SPAN("\n") : SPAN(",\n"));
		listing_json_entry(listing, &entry, text);
	}
	return listing->whole;
}

bool
listing_json_step(struct listing *listing, struct listing_text *text)
{
	if (listing_text_room(text) < LISTING_JSON_LINE_BYTES)
		return false;
	switch (listing->step) {
	case 0: listing_text_put(text, SPAN("[")); return true;
	case 1: return listing_json_entries(listing, text);
	default: listing_text_put(text, SPAN("\n]\n")); return true;
	}
}
