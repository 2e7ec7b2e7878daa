/* SPDX-License-Identifier: BSD-2-Clause */
/* The option -j of commands that share out their work among processes. */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

/* As many as cores that we may use. */
unsigned jobs_default(void);

/* Parses the number of -j.  0, or -1 after a message. */
int jobs_parse(const char *text, unsigned *jobs);

#endif
