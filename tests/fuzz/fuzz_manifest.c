/* SPDX-License-Identifier: BSD-2-Clause */
/* Every path of a manifest that is taken is found in it, and no other one. */
#include "fuzz.h"

#include <assert.h>

#include "serve/manifest.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct span text = { (const char *)data, len };
	struct manifest_entry entry, found;
	struct manifest manifest;
	struct span at;
	unsigned line;
	uint64_t n = 0;

	if (manifest_of_text(&manifest, text, &line) == -1) {
		assert(line > 0 && line <= len + 2);
		return 0;
	}
	at = manifest.lines;
	while (manifest_next(&at, &entry)) {
		char digest[MANIFEST_DIGEST_LEN];

		n++;
		assert(manifest_find(&manifest, entry.path, &found));
		assert(found.hash == entry.hash && found.size == entry.size);
		assert(found.path.ptr == entry.path.ptr);
		entry.path.len--;
		assert(!manifest_find(&manifest, entry.path, &found) ||
		       found.path.ptr != entry.path.ptr);
		manifest_format_digest(&entry, digest);
		assert(digest[42] != '=' && digest[43] == '=');
	}
	assert(at.len == 0 && n == manifest.nfiles);
	manifest_fini(&manifest);
	return 0;
}
