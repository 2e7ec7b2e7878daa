/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/stream.h"

int
stream_close(FILE *stream, char *const *text)
{
	/* Before the close, which writes what is left and may fail too. */
	int failed = fflush(stream) == EOF || ferror(stream) != 0;

	if (fclose(stream) == EOF || failed)
		return -1;
	return *text == NULL ? -1 : 0;
}
