/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/glob.h"

/*
 * Only the last star can have to take more bytes: what the stars before it
 * took as few of as they could leaves the most for it.
 */
bool
glob_match(struct span pattern, struct span text)
{
	size_t p = 0, t = 0;
	size_t after_star = 0; /* in pattern; 0: no star yet */
	size_t star_end = 0;   /* in text, of what the star stands for */

	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			after_star = ++p;
			star_end = t;
		} else if (p < pattern.len &&
			   (pattern.ptr[p] == '?' ||
			       pattern.ptr[p] == text.ptr[t])) {
			p++;
			t++;
		} else if (after_star > 0) {
			p = after_star;
			t = ++star_end;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}
