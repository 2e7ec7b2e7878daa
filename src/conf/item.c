/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/item.h"

#include "conf/cores.h"
#include "conf/logskip.h"
#include "conf/value.h"
#include "core/cidr.h"
#include "core/number.h"
#include "http/mime.h"
#include "http/uri.h"

bool
item_next_word(struct span *text, struct span *word)
{
	struct span rest = span_trim(*text);
	size_t len = 0;

	while (len < rest.len && rest.ptr[len] != ' ' && rest.ptr[len] != '\t')
		len++;
	*word = (struct span){ rest.ptr, len };
	*text = (struct span){ rest.ptr + len, rest.len - len };
	return len > 0;
}

bool
item_next(const struct key *key, struct span *text, struct span *item)
{
	if (key->type != KEY_FIELDS) {
		bool more = item_next_word(text, item);

		/* A try never ends in a comma, with which people part them. */
		if (key->type == KEY_TRIES && item->len > 1 &&
		    item->ptr[item->len - 1] == ',')
			item->len--;
		return more;
	}
	*item = span_trim(*text);
	*text = (struct span){ text->ptr + text->len, 0 };
	return item->len > 0;
}

static char
item_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True when span is bytes of this set, letters and digits, and not empty. */
static bool
item_is_made_of(struct span span, const char *others)
{
	for (size_t i = 0; i < span.len; i++) {
		char c = item_lower(span.ptr[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return span.len > 0;
}

/* A name or IPv4 address; IPv6 in brackets, as in the Host field. */
static const char *
item_check_host_name(struct span host)
{
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		return item_is_made_of(
			   (struct span){ host.ptr + 1, host.len - 2 }, ":.")
			   ? NULL
			   : "not an IPv6 address";
	if (memchr(host.ptr, ',', host.len) != NULL)
		return "host names are separated by spaces alone";
	if (memmem(host.ptr, host.len, "://", 3) != NULL)
		return "a host name alone, not a URL";
	if (memchr(host.ptr, ':', host.len) != NULL)
		return "a host name has no port; take it away";
	if (!item_is_made_of(host, "-_.") ||
	    memmem(host.ptr, host.len, "..", 2) != NULL)
		return "not a host name";
	if (host.ptr[0] == '.' || host.ptr[host.len - 1] == '.')
		return "a host name does not begin or end with a dot";
	return NULL;
}

/* The same, or a star for all before its first dot. */
static const char *
item_check_host(struct span host)
{
	if (host.len > 2 && host.ptr[0] == '*' && host.ptr[1] == '.')
		host = (struct span){ host.ptr + 2, host.len - 2 };
	if (memchr(host.ptr, '*', host.len) != NULL)
		return "a star stands for all before the first dot, as in "
		       "*.example.com, and nowhere else";
	return item_check_host_name(host);
}

/* The characters of a token beside letters and digits (RFC 9110 5.6.2). */
#define ITEM_TOKEN "!#$%&'*+-.^_`|~"

/* Takes bytes up to one of stops off *text. */
static struct span
item_take_until(struct span *text, const char *stops)
{
	struct span taken = { text->ptr, 0 };

	while (taken.len < text->len &&
	       strchr(stops, text->ptr[taken.len]) == NULL)
		taken.len++;
	text->ptr += taken.len;
	text->len -= taken.len;
	return taken;
}

static bool
item_take_byte(struct span *text, char c)
{
	if (text->len == 0 || *text->ptr != c)
		return false;
	text->ptr++;
	text->len--;
	return true;
}

/* Takes `name=token` or `name="..."` without a backslash off *text. */
static bool
item_take_parameter(struct span *text)
{
	*text = span_trim(*text);
	if (!item_is_made_of(item_take_until(text, "= ;"), ITEM_TOKEN) ||
	    !item_take_byte(text, '='))
		return false;
	if (!item_take_byte(text, '"'))
		return item_is_made_of(item_take_until(text, "; "), ITEM_TOKEN);
	(void)item_take_until(text, "\"\\");
	return item_take_byte(text, '"');
}

/* type/subtype and parameters (RFC 9110 8.3.1), in visible ASCII. */
static const char *
item_check_media_type(struct span text)
{
	if (text.len > MIME_TYPE_BYTES)
		return "longer than 196 bytes";
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < ' ' || text.ptr[i] > '~')
			return "not in ASCII";
	if (!item_is_made_of(item_take_until(&text, "/"), ITEM_TOKEN) ||
	    !item_take_byte(&text, '/') ||
	    !item_is_made_of(item_take_until(&text, "; "), ITEM_TOKEN))
		return "not a media type";
	while (item_take_byte(&text, ';'))
		if (!item_take_parameter(&text))
			return "a parameter that is not NAME=VALUE";
	return text.len == 0 ? NULL : "text behind the media type";
}

static const char *
item_check_word(const struct key *key, struct span word)
{
	for (unsigned i = 0; key->words[i] != NULL; i++)
		if (span_equal(word, span_of(key->words[i])))
			return NULL;
	return "not one of the words";
}

/* The longest that a cache may keep an answer; what never changes, too. */
#define ITEM_CACHE_MS (365 * 24 * UINT64_C(3600000))

/* A time that a cache may keep an answer is in seconds (RFC 9111 1.2.2). */
static const char *
item_check_cache(const struct key *key, struct span text)
{
	uint64_t ms;

	if (item_check_word(key, text) == NULL)
		return NULL;
	if (number_parse_duration(text, &ms) == -1)
		return "neither one of the words nor a duration";
	if (ms > ITEM_CACHE_MS)
		return "out of range; the most is 365d";
	return ms % 1000 == 0 ? NULL : "not whole seconds";
}

static const char *
item_check_rate(const struct key *key, struct span text)
{
	uint64_t bytes;

	if (item_check_word(key, text) == NULL)
		return NULL;
	if (number_parse_bytes(text, &bytes) == -1)
		return "neither one of the words nor a number of bytes";
	return bytes < key->min || bytes > key->max ? "out of range" : NULL;
}

/* What is wrong with a host and port behind the scheme of an origin. */
static const char *
item_check_origin_host(struct span text, struct span scheme)
{
	struct span host, port;
	uint64_t number = 0;

	if (memchr(text.ptr, '/', text.len) != NULL)
		return "an origin ends with its host or port; take away what "
		       "begins with the slash";
	if (!uri_split_host(text, &host, &port) || host.len == 0)
		return "not SCHEME://HOST or SCHEME://HOST:PORT";
	if (item_check_host_name(host) != NULL)
		return item_check_host_name(host);
	if (port.ptr == NULL)
		return NULL;
	if (number_parse_u64(port, &number) == -1 || number == 0 ||
	    *port.ptr == '0')
		return "not a port";
	if ((number == 443 && span_equal_nocase(scheme, SPAN("https"))) ||
	    (number == 80 && span_equal_nocase(scheme, SPAN("http"))))
		return "browsers leave the usual port out; take it away";
	return NULL;
}

/* An origin as browsers write it (RFC 6454 6.1), in any case; or a word. */
static const char *
item_check_origin(struct span word)
{
	struct span scheme;

	if (span_equal(word, SPAN("off")) || span_equal(word, SPAN("*")))
		return NULL;
	scheme = item_take_until(&word, ":");
	if (!item_is_made_of(scheme, "+-.") ||
	    !span_starts_with(word, SPAN("://")))
		return "not SCHEME://HOST or SCHEME://HOST:PORT";
	return item_check_origin_host(
	    (struct span){ word.ptr + 3, word.len - 3 }, scheme);
}

static const char *
item_check_cores(const struct key *key, struct span word)
{
	unsigned first, last;

	if (item_check_word(key, word) == NULL ||
	    cores_parse(word, &first, &last) == 0)
		return NULL;
	return "neither a core nor a range of cores";
}

static const char *
item_check_skip(struct span word)
{
	unsigned number;

	return logskip_parse(word, &number) == LOGSKIP_NONE
		   ? "neither a status, nor a class, nor a path"
		   : NULL;
}

/* What a glob of paths begins with, so that it can match one. */
static const char *
item_check_glob(struct span word)
{
	return *word.ptr == '/' || *word.ptr == '*' || *word.ptr == '?'
		   ? NULL
		   : "no path is like that; begin it with a slash or a star";
}

/* The name of a field (RFC 9110 5.1). */
static const char *
item_check_field_name(struct span name)
{
	return item_is_made_of(name, ITEM_TOKEN) ? NULL
						 : "not the name of a field";
}

/* A field line; its value is visible ASCII, blanks and tabs (RFC 9110 5.5). */
static const char *
item_check_field(struct span line)
{
	struct span name = item_take_until(&line, ":");

	if (!item_is_made_of(name, ITEM_TOKEN) || line.len == 0)
		return "not NAME: VALUE";
	line = span_trim((struct span){ line.ptr + 1, line.len - 1 });
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] != '\t' &&
		    (line.ptr[i] < ' ' || line.ptr[i] > '~'))
			return "not in ASCII";
	return line.len == 0 ? "a field without a value" : NULL;
}

/* $uri, then what is put behind a path: it leads to no hidden name. */
static const char *
item_check_try(struct span word)
{
	if (!span_starts_with(word, SPAN(CONF_URI)))
		return "does not begin with $uri";
	word.ptr += sizeof(CONF_URI) - 1;
	word.len -= sizeof(CONF_URI) - 1;
	if (memmem(word.ptr, word.len, "//", 2) != NULL)
		return "two slashes together";
	if (memmem(word.ptr, word.len, "/.", 2) != NULL)
		return "a name that begins with a dot is never served";
	if (memchr(word.ptr, '$', word.len) != NULL)
		return "only one $uri, at its beginning";
	if (memchr(word.ptr, '\\', word.len) != NULL)
		return "a backslash, which no path has";
	if (word.len > 1 && word.ptr[word.len - 1] == '/')
		return "ends in a slash; of folders only $uri/ is tried";
	return NULL;
}

/* The path of a file below a root, as it is looked up. */
static const char *
item_check_page(struct span word)
{
	if (span_equal(word, SPAN("built-in")))
		return NULL;
	if (word.len == 0 || *word.ptr != '/')
		return "not a path; begin it with a slash, which is the root "
		       "of the site";
	if (word.ptr[word.len - 1] == '/')
		return "a folder, not a file";
	if (memmem(word.ptr, word.len, "//", 2) != NULL ||
	    memmem(word.ptr, word.len, "/../", 4) != NULL ||
	    memmem(word.ptr, word.len, "/./", 3) != NULL)
		return "a path with empty names or dots; write it straight";
	return NULL;
}

const char *
item_check(const struct key *key, struct span word)
{
	struct sock_addr addr;
	struct cidr cidr;

	switch (key->type) {
	case KEY_ADDRESSES: return sock_addr_parse(&addr, word);
	case KEY_HOSTS: return item_check_host(word);
	case KEY_NAMES:
		if (word.ptr[word.len - 1] == ',')
			return "a comma at its end; blanks stand between names";
		return memchr(word.ptr, '/', word.len) != NULL
			   ? "a path, not the name of a file"
			   : NULL;
	case KEY_WORDS: return item_check_word(key, word);
	case KEY_CORES: return item_check_cores(key, word);
	case KEY_TYPE:
	case KEY_MEDIA_TYPE: return item_check_media_type(word);
	/* Judged with their path, by conf/pathset.c. */
	case KEY_REDIRECT:
	case KEY_REWRITE: return NULL;
	case KEY_ERROR_PAGE: return item_check_page(word);
	case KEY_CACHE: return item_check_cache(key, word);
	case KEY_BANDWIDTH: return item_check_rate(key, word);
	case KEY_ORIGINS: return item_check_origin(word);
	case KEY_SKIP: return item_check_skip(word);
	case KEY_GLOBS: return item_check_glob(word);
	case KEY_FIELDS: return item_check_field(word);
	case KEY_FIELD_NAMES: return item_check_field_name(word);
	case KEY_BLOCKS: return cidr_parse(&cidr, word);
	case KEY_TRIES: return item_check_try(word);
	case KEY_SUBJECTS:
		return memchr(word.ptr, ':', word.len) != NULL
			   ? "a name has no colon"
			   : NULL;
	case KEY_STRING:
	case KEY_PATH:
	case KEY_FORMAT:
	case KEY_DURATION:
	case KEY_BYTES:
	case KEY_COUNT:
	case KEY_MODE:
	case KEY_RATE:
	case KEY_BOOL:
	case KEY_ENUM: break;
	}
	return "not an item of a list";
}

char *
item_copy_lower(struct store *store, struct span text)
{
	char *copy = store_copy(store, text);

	for (char *c = copy; c != NULL && *c != '\0'; c++)
		*c = item_lower(*c);
	return copy;
}

void
item_append(const struct key *key, void *values, struct span word,
    struct conf_origin origin, struct store *store)
{
	struct conf_list *list = value_field(key, values);
	const char **items;
	struct conf_origin *origins;
	bool lower = key->type == KEY_HOSTS || key->type == KEY_ORIGINS;
	const char *item =
	    lower ? item_copy_lower(store, word) : store_copy(store, word);

	items = store_grow(store, list->items, list->nitems, sizeof(items[0]));
	origins =
	    store_grow(store, list->origins, list->nitems, sizeof(origins[0]));
	if (item == NULL || items == NULL || origins == NULL)
		return;
	items[list->nitems] = item;
	origins[list->nitems] = origin;
	list->items = items;
	list->origins = origins;
	list->nitems++;
}

void
item_clear(const struct key *key, void *values)
{
	struct conf_list *list = value_field(key, values);

	*list = (struct conf_list){ 0 };
}
