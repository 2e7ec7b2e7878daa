/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a request was refused: every reason has a name, a status and a text.
 *
 * The name goes into the log and the counters, the status to the client, the
 * text to the operator.  A request that is not refused is VERDICT_OK.
 */
#ifndef HTTP_VERDICT_H
#define HTTP_VERDICT_H

/* VERDICT(member, name, status, text) */
#define VERDICT_MAP(X)                                                         \
	X(OK, "ok", 0, "accepted")                                             \
	X(TLS_HELLO, "tls_hello", 0, "a TLS ClientHello on a plain port")      \
	X(HTTP2_PREFACE, "http2_preface", 0,                                   \
	    "an HTTP/2 preface on an HTTP/1.1 port")                           \
	X(BAD_REQUEST_LINE, "bad_request_line", 400,                           \
	    "the request line is not METHOD SP TARGET SP VERSION")             \
	X(BAD_METHOD, "bad_method", 400, "the method is not a token")          \
	X(UNKNOWN_METHOD, "unknown_method", 501, "a method nobody knows")      \
	X(BAD_VERSION, "bad_version", 400, "the version is not HTTP/d.d")      \
	X(UNSUPPORTED_VERSION, "unsupported_version", 505,                     \
	    "a major version other than HTTP/1")                               \
	X(BAD_TARGET, "bad_target", 400, "the request target is malformed")    \
	X(TARGET_TOO_LONG, "target_too_long", 414,                             \
	    "the request target is longer than limits.target")                 \
	X(HEAD_TOO_LARGE, "head_too_large", 431,                               \
	    "the request head is larger than limits.head")                     \
	X(FIELD_TOO_LARGE, "field_too_large", 431,                             \
	    "a field line is longer than limits.field")                        \
	X(TOO_MANY_FIELDS, "too_many_fields", 431,                             \
	    "more field lines than limits.fields")                             \
	X(BAD_LINE_ENDING, "bad_line_ending", 400,                             \
	    "a line does not end in CR LF, or a CR stands alone")              \
	X(OBS_FOLD, "obs_fold", 400, "a field line starts with white space")   \
	X(SPACE_BEFORE_COLON, "space_before_colon", 400,                       \
	    "white space between field name and colon")                        \
	X(BAD_FIELD_NAME, "bad_field_name", 400,                               \
	    "a field name is not a token")                                     \
	X(BAD_FIELD_VALUE, "bad_field_value", 400,                             \
	    "a control character in a field value")                            \
	X(MISSING_HOST, "missing_host", 400, "HTTP/1.1 without Host")          \
	X(DUPLICATE_HOST, "duplicate_host", 400, "more than one Host")         \
	X(BAD_HOST, "bad_host", 400, "Host is not host[:port]")                \
	X(DUPLICATE_FIELD, "duplicate_field", 400,                             \
	    "a field that may come once came twice")                           \
	X(BAD_CONTENT_LENGTH, "bad_content_length", 400,                       \
	    "Content-Length is not one number")                                \
	X(LENGTH_AND_CHUNKED, "length_and_chunked", 400,                       \
	    "Content-Length together with Transfer-Encoding")                  \
	X(BAD_TRANSFER_ENCODING, "bad_transfer_encoding", 400,                 \
	    "Transfer-Encoding does not end in one chunked")                   \
	X(UNKNOWN_CODING, "unknown_coding", 501,                               \
	    "a transfer coding other than chunked, and then chunked")          \
	X(CHUNKED_ON_HTTP10, "chunked_on_http10", 400,                         \
	    "Transfer-Encoding in an HTTP/1.0 request")                        \
	X(BAD_CHUNK, "bad_chunk", 400, "malformed chunked framing")            \
	X(BODY_TOO_LARGE, "body_too_large", 413,                               \
	    "the request body is larger than limits.body")                     \
	X(BAD_EXPECT, "bad_expect", 417, "an expectation nobody knows")        \
	X(BAD_PATH, "bad_path", 400,                                           \
	    "the path does not decode to a name inside the site")              \
	X(PARSER, "parser", 400, "http-parser refused it")                     \
	X(HEAD_TIMEOUT, "head_timeout", 408,                                   \
	    "the request head did not arrive in time")                         \
	X(BODY_TIMEOUT, "body_timeout", 408,                                   \
	    "the request body did not arrive in time")                         \
	X(CLIENT_RATE, "client_rate", 429,                                     \
	    "more requests than limits.client_rate")                           \
	X(MATCH_RATE, "match_rate", 429,                                       \
	    "more requests than match.client_rate")                            \
	X(CLIENT_CONNECTIONS, "client_connections", 503,                       \
	    "more connections than limits.client_connections")                 \
	X(TOTAL_CONNECTIONS, "total_connections", 503,                         \
	    "more connections than limits.total_connections")

enum verdict {
#define VERDICT_MEMBER(member, name, status, text) VERDICT_##member,
	VERDICT_MAP(VERDICT_MEMBER)
#undef VERDICT_MEMBER
	    VERDICT_COUNT
};

/* The name as it stands in logs: "bad_line_ending". */
const char *verdict_name(enum verdict verdict);

/* The status code to answer with; 0 means close without an answer. */
int verdict_status(enum verdict verdict);

/* What was wrong, for a person. */
const char *verdict_text(enum verdict verdict);

#endif
