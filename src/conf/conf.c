/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files into a configuration: inih takes lines apart, conf/reader.h decides
 * which lines it sees, conf/build.h gets the sections, conf/assign.h the keys.
 */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <ini.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conf/assign.h"
#include "conf/build.h"
#include "conf/machine.h"
#include "conf/override.h"
#include "conf/reader.h"
#include "conf/secrets.h"

/* Files that include each other: how deep, and how many in all. */
#define CONF_DEPTH_MAX 8
#define CONF_FILES_MAX 1000

/* One file while it is read. */
struct conf_source {
	const struct conf_source *parent; /* the file that includes it */
	struct build *build;
	unsigned *nfiles; /* opened so far, this one included */
	unsigned depth;
	struct reader reader;
	struct conf_origin origin; /* of the line read last */
	struct stat st;
	bool in_section;                /* some section began */
	struct conf_instance *instance; /* NULL: keys cannot be judged */
};

static void conf_read(struct build *build, const char *path,
    const struct conf_source *parent, unsigned *nfiles);

/* An error about a file: at the line that includes it, if one does. */
static void
conf_refuse_file(struct build *build, const struct conf_source *parent,
    const char *path, const char *what, const char *advice)
{
	char quoted[REPORT_QUOTED];

	/* What is missing now may be in that file. */
	build->nunknown++;
	if (parent == NULL)
		report_add(&build->report, (struct conf_origin){ .file = path },
		    "%s; %s", what, advice);
	else
		report_add(&build->report, parent->origin,
		    "include: %s: %s; %s", report_quote(quoted, span_of(path)),
		    what, advice);
}

/* Puts a backslash before what glob(3) would take for a pattern. */
static size_t
conf_escape_folder(char *out, struct span folder)
{
	size_t len = 0;

	for (size_t i = 0; i < folder.len; i++) {
		if (strchr("*?[]\\", folder.ptr[i]) != NULL)
			out[len++] = '\\';
		out[len++] = folder.ptr[i];
	}
	return len;
}

/*
 * The pattern of an include, seen from the including file's folder; with
 * escape for glob(3).  NULL when there is no memory.
 */
static const char *
conf_resolve(const struct conf_source *source, const char *value, bool escape)
{
	const char *path = source->origin.file;
	const char *slash = strrchr(path, '/');
	struct span folder = { path,
		slash == NULL ? 0 : (size_t)(slash - path) + 1 };
	size_t room = 2 * folder.len + strlen(value) + 1;
	char *out;

	if (value[0] == '/')
		folder.len = 0;
	out = store_alloc(&source->build->conf->internal->store, room);
	if (out == NULL)
		return NULL;
	if (escape)
		folder.len = conf_escape_folder(out, folder);
	else if (folder.len > 0)
		memcpy(out, folder.ptr, folder.len);
	(void)snprintf(out + folder.len, room - folder.len, "%s", value);
	return out;
}

/* A pattern that matches nothing is fine, a folder nobody may read is not. */
static int
on_glob_error(const char *path, int error)
{
	(void)path;
	return error != ENOENT;
}

static void
conf_include_pattern(struct conf_source *source, const char *value)
{
	const char *pattern = conf_resolve(source, value, true);
	glob_t found = { 0 };
	int error;

	if (pattern == NULL)
		return;
	/* Before it is read, so that what comes in between is new. */
	if (source->build->sources != NULL)
		sources_add_pattern(source->build->sources, pattern);
	error = glob(pattern, 0, on_glob_error, &found);
	for (size_t i = 0; error == 0 && i < found.gl_pathc; i++)
		conf_read(
		    source->build, found.gl_pathv[i], source, source->nfiles);
	if (error == GLOB_NOSPACE)
		report_no_memory(&source->build->report);
	if (error == GLOB_ABORTED)
		conf_refuse_file(source->build, source, value,
		    "its folder cannot be read", "look at its permissions");
	globfree(&found);
}

static void
conf_include(struct conf_source *source, const char *value)
{
	const char *path;

	if (value[0] == '\0') {
		conf_refuse_file(source->build, source, value, "empty",
		    "write the path of a file or a pattern");
		return;
	}
	if (strpbrk(value, "*?[") != NULL) {
		conf_include_pattern(source, value);
		return;
	}
	path = conf_resolve(source, value, false);
	if (path != NULL)
		conf_read(source->build, path, source, source->nfiles);
}

/* A key that inih has taken apart. */
static void
conf_set(struct conf_source *source, const char *name, const char *value)
{
	struct build *build = source->build;

	if (!source->in_section && strcmp(name, "include") == 0)
		conf_include(source, value);
	else if (!source->in_section)
		build_refuse(build, NULL, (struct span){ 0 },
		    "a key before the first section; write [SECTION] above "
		    "it (only include stands before all sections)",
		    source->origin);
	else if (source->instance != NULL && strcmp(name, "include") == 0 &&
		 keys_find(source->instance->section, span_of(name)) == NULL)
		build_refuse(build, NULL, (struct span){ 0 },
		    "include: not in a section; move it above the first one",
		    source->origin);
	else if (source->instance != NULL)
		assign_key(build, source->instance, span_of(name),
		    span_of(value), source->origin);
}

/* The section is ours to know: inih would tell nothing of an empty one. */
static int
on_key(void *arg, const char *section, const char *name, const char *value)
{
	(void)section;
	conf_set(arg, name, value);
	return 1;
}

/* Reads a line for inih: the line itself, or an empty one in its place. */
static bool
conf_read_line(struct conf_source *source, char *line, size_t cap)
{
	struct reader *reader = &source->reader;

	if (!reader_next(reader, line, cap))
		return false;
	source->origin.line = reader->line;
	switch (reader->kind) {
	case READER_KEY:
		if (reader->comment)
			assign_warn_of_comment(source->build, source->instance,
			    reader->name, source->origin);
		return true;
	case READER_BLANK: break;
	case READER_SECTION:
		source->in_section = true;
		source->instance =
		    build_enter(source->build, reader->name, source->origin);
		break;
	case READER_BAD_SECTION:
		source->in_section = true;
		source->instance = NULL;
		source->build->nunknown++;
		build_refuse(source->build, NULL, (struct span){ 0 },
		    reader->problem, source->origin);
		break;
	case READER_BAD_KEY:
		build_refuse(source->build, source->instance, reader->name,
		    reader->problem, source->origin);
		break;
	}
	line[0] = '\0';
	return true;
}

static char *
on_line(char *line, int cap, void *arg)
{
	return conf_read_line(arg, line, (size_t)cap) ? line : NULL;
}

static bool
conf_is_open(const struct conf_source *source)
{
	const struct conf_source *above;

	for (above = source->parent; above != NULL; above = above->parent)
		if (above->st.st_dev == source->st.st_dev &&
		    above->st.st_ino == source->st.st_ino)
			return true;
	return false;
}

/* A file, or for the first one a pipe or /dev/null. */
static bool
conf_is_readable(const struct conf_source *source)
{
	mode_t mode = source->st.st_mode;

	if (source->parent != NULL)
		return S_ISREG(mode);
	return S_ISREG(mode) || S_ISFIFO(mode) ||
	       (S_ISCHR(mode) && source->st.st_rdev == makedev(1, 3));
}

/* What speaks against reading an open file; NULL when nothing does. */
static const char *
conf_judge_file(const struct conf_source *source)
{
	if (S_ISDIR(source->st.st_mode))
		return strerror(EISDIR);
	if (!conf_is_readable(source))
		return "not a regular file";
	if (conf_is_open(source))
		return "includes itself";
	if (source->depth > CONF_DEPTH_MAX)
		return "includes are nested more than 8 deep";
	if (*source->nfiles > CONF_FILES_MAX)
		return "more than 1000 files are included";
	return NULL;
}

/* Opens a file for reading; a FIFO that is included does not make us wait. */
static FILE *
conf_open(const char *path, bool included, struct stat *st)
{
	int flags = O_RDONLY | O_CLOEXEC | (included ? O_NONBLOCK : 0);
	int fd = open(path, flags);
	FILE *file;

	if (fd == -1)
		return NULL;
	file = fstat(fd, st) == -1 ? NULL : fdopen(fd, "r");
	if (file == NULL) {
		int error = errno;

		(void)close(fd); /* only read from */
		errno = error;
	}
	return file;
}

static void
conf_read_stream(struct conf_source *source, const char *path)
{
	const char *advice = "take this include out";
	const char *problem = conf_judge_file(source);
	int bad_line;

	if (source->parent == NULL || S_ISDIR(source->st.st_mode))
		advice = "name a file";
	if (problem != NULL) {
		conf_refuse_file(
		    source->build, source->parent, path, problem, advice);
		return;
	}
	bad_line = ini_parse_stream(on_line, source, on_key, source);
	if (ferror(source->reader.file))
		conf_refuse_file(source->build, source->parent, path,
		    strerror(errno), "it was not read to its end");
	else if (bad_line != 0)
		/* The reader lets no such line pass. */
		conf_refuse_file(source->build, source->parent, path,
		    "a line that cannot be read", "write KEY = VALUE");
}

/* A pipe cannot be read again, and /dev/null does not change. */
static void
conf_remember_file(struct build *build, const char *path, const struct stat *st)
{
	if (build->sources != NULL && (st == NULL || S_ISREG(st->st_mode)))
		sources_add_file(build->sources, path, st);
}

static void
conf_read(struct build *build, const char *path,
    const struct conf_source *parent, unsigned *nfiles)
{
	struct conf_source source = { .parent = parent,
		.build = build,
		.nfiles = nfiles,
		.depth = parent ? parent->depth + 1 : 0 };
	FILE *file = conf_open(path, parent != NULL, &source.st);
	int error = errno;

	conf_remember_file(build, path, file == NULL ? NULL : &source.st);
	errno = error;
	if (file == NULL) {
		conf_refuse_file(build, parent, path, strerror(errno),
		    "name a file that can be read");
		return;
	}
	(*nfiles)++;
	reader_init(&source.reader, file);
	source.origin.file =
	    store_copy(&build->conf->internal->store, span_of(path));
	if (source.origin.file != NULL)
		conf_read_stream(&source, path);
	(void)fclose(file); /* only read from */
}

/* sources may be NULL; with broken, mistakes do not end it. */
static struct conf *
conf_load_any(const char *path, const struct conf_overrides *overrides,
    struct sources *sources, bool broken, struct conf_errors *errors)
{
	struct build build;
	unsigned nfiles = 0;

	if (build_init(&build, (struct conf_origin){ .file = path, .line = 1 },
		errors) == -1)
		return NULL;
	build.sources = sources;
	build.broken = broken;
	conf_read(&build, path, NULL, &nfiles);
	if (sources != NULL && sources->store.failed)
		report_no_memory(&build.report);
	override_environment(&build, overrides);
	override_options(&build, overrides);
	return build_fini(&build);
}

struct conf *
conf_load_watched(const char *path, const struct conf_overrides *overrides,
    struct sources *sources, struct conf_errors *errors)
{
	return conf_load_any(path, overrides, sources, false, errors);
}

struct conf *
conf_load_broken(const char *path, const struct conf_overrides *overrides,
    struct conf_errors *errors)
{
	return conf_load_any(path, overrides, NULL, true, errors);
}

struct conf *
conf_load(const char *path, const struct conf_overrides *overrides,
    struct conf_errors *errors)
{
	return conf_load_any(path, overrides, NULL, false, errors);
}

int
conf_check_system(struct conf *conf, struct conf_errors *errors)
{
	struct report report;

	if (report_init(&report, errors) == -1)
		return -1;
	machine_check(conf, &report);
	secrets_read(conf, &report);
	return report_fini(&report);
}

const struct conf_access_log *
conf_log(const struct conf *conf, unsigned i)
{
	return i == 0 ? &conf->access_log : &conf->site_logs[i - 1];
}

bool
conf_log_is_on(const struct conf_access_log *log)
{
	return strcmp(log->path, "off") != 0;
}

struct conf *
conf_share(struct conf *conf)
{
	conf->internal->nsharers++;
	return conf;
}

void
conf_free(struct conf **confp)
{
	struct conf *conf = *confp;

	*confp = NULL;
	if (conf == NULL || conf->internal->nsharers-- > 0)
		return;
	secrets_close(conf);
	store_fini(&conf->internal->store);
	free(conf->internal);
	free(conf);
}

void
conf_errors_fini(struct conf_errors *errors)
{
	/* The last one is not on the heap. */
	if (errors->lines == errors->last)
		errors->lines = NULL;
	for (unsigned i = 0; errors->lines != NULL && i < errors->nlines; i++)
		free(errors->lines[i]);
	for (unsigned i = 0; i < errors->nwarnings; i++)
		free(errors->warnings[i]);
	free(errors->lines);
	free(errors->warnings);
	*errors = (struct conf_errors){ 0 };
}
