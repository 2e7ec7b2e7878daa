/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints what the table of keys says, while the server is built: `sample` is
 * conf/tined.ini, `mdoc` the list of keys in man/tined.ini.5.
 */
#include <stdio.h>
#include <string.h>

#include "conf/dump.h"

int
main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "sample") == 0)
		dump_sample(stdout);
	else if (strcmp(what, "mdoc") == 0)
		dump_mdoc(stdout);
	else {
		(void)fputs("usage: confdoc sample | mdoc\n", stderr);
		return 2;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
