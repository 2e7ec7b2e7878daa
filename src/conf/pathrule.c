/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pathrule.h"

#include "conf/item.h"
#include "conf/pathname.h"
#include "http/chars.h"
#include "http/uri.h"

/* What a target may hold as it is; beyond ASCII it is encoded here. */
#define PATHRULE_REFUSED "\"<>\\^`{|}"

/* A rule whose text is being taken apart. */
struct pathrule_parser {
	struct pathrule *rule;
	struct store *store;
	char text[3 * PATHNAME_BYTES_MAX];
};

static struct span
pathrule_keep(struct pathrule_parser *parser, struct span text)
{
	return (struct span){ store_copy(parser->store, text), text.len };
}

/*
 * Cuts text at its star.  Without one rest is the zero span; a second star is
 * left in it.
 */
static struct span
pathrule_cut(struct span text, struct span *rest)
{
	const char *star = memchr(text.ptr, '*', text.len);
	size_t len;

	*rest = (struct span){ 0 };
	if (star == NULL)
		return text;
	len = (size_t)(star - text.ptr);
	*rest = (struct span){ star + 1, text.len - len - 1 };
	return (struct span){ text.ptr, len };
}

/* Decodes the two sides of the star of a path and judges the whole of it. */
static const char *
pathrule_parse_path(struct pathrule_parser *parser, struct span path,
    struct span *head, struct span *tail, bool *has_star)
{
	struct span rest, first = pathrule_cut(path, &rest);
	const char *wrong;
	size_t len, more = 0;

	*has_star = rest.ptr != NULL;
	if (path.len > PATHNAME_BYTES_MAX)
		return "too long";
	if (rest.len > 0 && memchr(rest.ptr, '*', rest.len) != NULL)
		return "more than one star; write %2A for a star itself";
	if (memchr(path.ptr, '?', path.len) != NULL ||
	    memchr(path.ptr, '#', path.len) != NULL)
		return "more than a path; queries and fragments are not looked "
		       "at";
	wrong = pathname_decode(first, parser->text, &len);
	if (wrong == NULL && *has_star) {
		/* The star is no name: what begins behind it has no dot. */
		parser->text[len] = '*';
		wrong = pathname_decode(rest, parser->text + len + 1, &more);
	}
	if (wrong == NULL)
		wrong = pathname_judge((struct span){
		    parser->text, len + (*has_star ? 1 + more : 0) });
	if (wrong != NULL)
		return wrong;
	*head = pathrule_keep(parser, (struct span){ parser->text, len });
	*tail = pathrule_keep(
	    parser, (struct span){ parser->text + len + 1, more });
	return NULL;
}

/* Writes target with all bytes encoded that must be; NULL, or what is wrong. */
static const char *
pathrule_encode_target(
    struct pathrule_parser *parser, struct span target, struct span *out)
{
	size_t len = 0;

	if (target.len > PATHNAME_BYTES_MAX)
		return "too long";
	for (size_t i = 0; i < target.len; i++) {
		const char *c = target.ptr + i;

		if (*c == '%' &&
		    (target.len - i < 3 || !chars_is(c[1], CHARS_HEX) ||
			!chars_is(c[2], CHARS_HEX)))
			return "a percent sign without two hexadecimal digits; "
			       "write %25 for the sign itself";
		if (strchr(PATHRULE_REFUSED, *c) != NULL)
			return "a character that no URL has; percent-encode it";
		if ((unsigned char)*c < 0x80)
			parser->text[len++] = *c;
		else
			len += uri_encode_path(
			    (struct span){ c, 1 }, parser->text + len, 3);
	}
	*out = (struct span){ parser->text, len };
	return NULL;
}

/* What keeps a target from being a path, or a scheme, a host and a path. */
static const char *
pathrule_judge_place(struct pathrule *rule, struct span target)
{
	struct span host, port, rest;
	size_t len = 0;

	rule->is_local = span_starts_with(target, SPAN("/"));
	if (span_starts_with(target, SPAN("//")))
		return "two slashes, which name a host; begin with https://";
	if (rule->is_local)
		return NULL;
	if (span_starts_with(target, SPAN("https://")))
		len = 8;
	else if (span_starts_with(target, SPAN("http://")))
		len = 7;
	else
		return "neither a path nor a URL with http:// or https://";
	rest = (struct span){ target.ptr + len, target.len - len };
	for (len = 0; len < rest.len && strchr("/?#", rest.ptr[len]) == NULL;
	     len++)
		if (rest.ptr[len] == '*')
			return "a star in the host, which clients could choose";
	rest.len = len;
	if (!uri_split_host(rest, &host, &port) || host.len == 0)
		return "not a host behind the scheme";
	return NULL;
}

/* Takes the fragment off *target. */
static struct span
pathrule_take_fragment(struct span *target)
{
	const char *hash = memchr(target->ptr, '#', target->len);
	size_t len;

	if (hash == NULL)
		return (struct span){ 0 };
	len = target->len - (size_t)(hash - target->ptr);
	target->len -= len;
	return (struct span){ hash, len };
}

static const char *
pathrule_parse_url(struct pathrule_parser *parser, struct span target)
{
	struct pathrule *rule = parser->rule;
	struct span fragment, before, after;
	const char *wrong = pathrule_encode_target(parser, target, &target);

	if (wrong == NULL)
		wrong = pathrule_judge_place(rule, target);
	if (wrong != NULL)
		return wrong;
	target = pathrule_keep(parser, target);
	if (target.ptr == NULL)
		return NULL;
	fragment = pathrule_take_fragment(&target);
	before = pathrule_cut(target, &after);
	if (fragment.len > 0 && memchr(fragment.ptr, '*', fragment.len) != NULL)
		return "a star in the fragment; put it before the #";
	if (after.len > 0 && memchr(after.ptr, '*', after.len) != NULL)
		return "more than one star; write %2A for a star itself";
	rule->puts_text = after.ptr != NULL;
	rule->text_in_query = memchr(before.ptr, '?', before.len) != NULL;
	rule->has_query = memchr(target.ptr, '?', target.len) != NULL;
	rule->before = before;
	rule->after = after;
	rule->fragment = fragment;
	return NULL;
}

/* The statuses that send a client elsewhere. */
static bool
pathrule_is_status(struct span word, unsigned *status)
{
	static const struct {
		struct span word;
		unsigned status;
	} rows[] = {
		{ { "301", 3 }, 301 },
		{ { "302", 3 }, 302 },
		{ { "303", 3 }, 303 },
		{ { "307", 3 }, 307 },
		{ { "308", 3 }, 308 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!span_equal(rows[i].word, word))
			continue;
		*status = rows[i].status;
		return true;
	}
	return false;
}

/* The words behind a target: a status, noquery. */
static const char *
pathrule_parse_words(struct pathrule *rule, struct span words)
{
	struct span word;

	while (item_next_word(&words, &word)) {
		unsigned status;

		if (pathrule_is_status(word, &status)) {
			if (rule->status != 0)
				return "two statuses";
			rule->status = status;
		} else if (span_equal(word, SPAN("noquery"))) {
			rule->drops_query = true;
		} else {
			return "behind the target a word that is neither a "
			       "status nor noquery";
		}
	}
	if (rule->status == 0)
		rule->status = 301;
	return NULL;
}

static const char *
pathrule_parse_target(struct pathrule_parser *parser, struct span value)
{
	struct span word, words = value;
	const char *wrong;

	if (!item_next_word(&words, &word))
		return "empty";
	if (span_equal(word, SPAN("410"))) {
		parser->rule->status = 410;
		return item_next_word(&words, &word)
			   ? "text behind 410, which leads nowhere"
			   : NULL;
	}
	wrong = pathrule_parse_url(parser, word);
	return wrong != NULL ? wrong
			     : pathrule_parse_words(parser->rule, words);
}

static const char *
pathrule_parse_rewrite(struct pathrule_parser *parser, struct span value)
{
	struct pathrule *rule = parser->rule;
	struct span word, words = value;

	if (!item_next_word(&words, &word))
		return "empty";
	if (item_next_word(&words, &value))
		return "text behind the path, where a rewrite has none";
	rule->is_local = true;
	return pathrule_parse_path(
	    parser, word, &rule->before, &rule->after, &rule->puts_text);
}

const char *
pathrule_parse(struct pathrule *rule, enum pathrule_kind kind,
    const struct conf_pair *pair, bool *in_path, struct store *store)
{
	struct pathrule_parser parser = { .rule = rule, .store = store };
	const char *wrong;

	*rule = (struct pathrule){ .pair = pair };
	*in_path = true;
	wrong = pathrule_parse_path(&parser, span_of(pair->name), &rule->head,
	    &rule->tail, &rule->has_star);
	if (wrong != NULL)
		return wrong;
	*in_path = false;
	wrong = kind == PATHRULE_REDIRECT
		    ? pathrule_parse_target(&parser, span_of(pair->value))
		    : pathrule_parse_rewrite(&parser, span_of(pair->value));
	if (wrong == NULL && rule->puts_text && !rule->has_star)
		wrong = "a star, where the path has none";
	return wrong;
}

/* What is being written; full: it did not fit. */
struct pathrule_writer {
	char *out;
	size_t cap;
	size_t len;
	bool full;
};

static void
pathrule_put(struct pathrule_writer *writer, struct span text)
{
	if (text.len > writer->cap - writer->len) {
		writer->full = true;
		return;
	}
	if (text.len > 0)
		memcpy(writer->out + writer->len, text.ptr, text.len);
	writer->len += text.len;
}

/* The same, but no slash follows another one. */
static void
pathrule_put_names(struct pathrule_writer *writer, struct span text)
{
	if (text.len > 0 && *text.ptr == '/' && writer->len > 0 &&
	    writer->out[writer->len - 1] == '/') {
		text.ptr++;
		text.len--;
	}
	pathrule_put(writer, text);
}

/* Puts text encoded; in a query a plus would mean a blank. */
static void
pathrule_put_encoded(
    struct pathrule_writer *writer, struct span text, bool in_query)
{
	for (size_t i = 0; i < text.len; i++) {
		char code[3];
		struct span byte = { text.ptr + i, 1 };

		if (in_query && *byte.ptr == '+')
			byte = SPAN("%2B");
		else
			byte = (struct span){ code,
				uri_encode_path(byte, code, sizeof(code)) };
		if (in_query)
			pathrule_put(writer, byte);
		else
			pathrule_put_names(writer, byte);
	}
}

/* The query of a request, behind that of the target if there is one. */
static void
pathrule_put_query(struct pathrule_writer *writer, const struct pathrule *rule,
    struct span query)
{
	if (rule->drops_query || query.len == 0)
		return;
	if (rule->has_query) {
		query.ptr++;
		query.len--;
		if (query.len > 0 && writer->len > 0 &&
		    writer->out[writer->len - 1] != '?')
			pathrule_put(writer, SPAN("&"));
	}
	pathrule_put(writer, query);
}

size_t
pathrule_write_location(const struct pathrule *rule, struct span text,
    struct span query, char *out, size_t cap)
{
	struct pathrule_writer writer = { .out = out, .cap = cap };

	pathrule_put(&writer, rule->before);
	if (rule->puts_text)
		pathrule_put_encoded(&writer, text, rule->text_in_query);
	if (rule->text_in_query)
		pathrule_put(&writer, rule->after);
	else
		pathrule_put_names(&writer, rule->after);
	pathrule_put_query(&writer, rule, query);
	pathrule_put(&writer, rule->fragment);
	return writer.full ? 0 : writer.len;
}

size_t
pathrule_write_path(
    const struct pathrule *rule, struct span text, char *out, size_t cap)
{
	struct pathrule_writer writer = { .out = out, .cap = cap - 1 };

	pathrule_put(&writer, rule->before);
	if (rule->puts_text)
		pathrule_put_names(&writer, text);
	pathrule_put_names(&writer, rule->after);
	if (writer.full)
		return 0;
	out[writer.len] = '\0';
	return writer.len;
}
