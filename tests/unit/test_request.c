/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/memo.h"

#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

#define HEAD_MAX   600
#define TARGET_MAX 40
#define FIELD_MAX  200
#define FIELDS_MAX 24

static const struct request_limits limits = { HEAD_MAX, TARGET_MAX, FIELD_MAX,
	FIELDS_MAX, NULL };

#define IN(literal)                                                            \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
/* A request of one line, of one target, of some field lines. */
#define LINE(line)     IN(line "\r\nHost: a\r\n\r\n")
#define TARGET(target) LINE("GET " target " HTTP/1.1")
#define FIELDS(fields) IN("GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n")
#define ONLY(fields)   IN("GET / HTTP/1.1\r\n" fields "\r\n")
#define OLD(fields)    IN("GET / HTTP/1.0\r\n" fields "\r\n")

#define TEN     "0123456789"
#define FORTY   TEN TEN TEN TEN
#define HUNDRED FORTY FORTY TEN TEN

struct refused_row {
	const char *name;
	struct span in;
	enum verdict verdict;
};

static const struct refused_row refused[] = {
	/* What is no HTTP/1 at all. */
	{ "a TLS ClientHello", IN("\x16\x03\x01\x02\0\x01"),
	    VERDICT_TLS_HELLO },
	{ "the first byte of TLS", IN("\x16"), VERDICT_TLS_HELLO },
	{ "RFC 9113 3.4 the preface", IN("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	    VERDICT_HTTP2_PREFACE },
	{ "RFC 9113 3.4 the first line of the preface",
	    IN("PRI * HTTP/2.0\r\n"), VERDICT_HTTP2_PREFACE },
	{ "another protocol", IN("SSH-2.0-OpenSSH_9.2\r\n"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "zeros", IN("\0\0\0\0"), VERDICT_BAD_REQUEST_LINE },
	{ "TLS after a line end", IN("\r\n\x16\x03"),
	    VERDICT_BAD_REQUEST_LINE },

	/* Line ends. */
	{ "RFC 9112 2.2 a line feed ends the request line",
	    IN("GET / HTTP/1.1\nHost: a\r\n\r\n"), VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 a line feed ends a field line",
	    FIELDS("A: b\nC: d\r\n"), VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 a line feed ends the head",
	    IN("GET / HTTP/1.1\r\nHost: a\r\n\n"), VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 a carriage return in the request line",
	    IN("GET /\r HTTP/1.1\r\n"), VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 a carriage return in a value", FIELDS("A: b\rc\r\n"),
	    VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 a carriage return before the line end",
	    FIELDS("A: b\r\r\n"), VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 only carriage returns",
	    IN("GET / HTTP/1.1\rHost: a\r\r"), VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 a line feed first", IN("\nGET / HTTP/1.1\r\n"),
	    VERDICT_BAD_LINE_ENDING },
	{ "RFC 9112 2.2 two empty lines first",
	    IN("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 2.2 smuggled by a line feed",
	    FIELDS("A: b\nTransfer-Encoding: chunked\r\n"),
	    VERDICT_BAD_LINE_ENDING },

	/* The request line. */
	{ "RFC 9112 3 only a method", LINE("GET"), VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 no target", LINE("GET HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 an empty target", LINE("GET  HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 1945 4.1 HTTP/0.9", IN("GET /\r\n"), VERDICT_BAD_REQUEST_LINE },
	{ "RFC 1945 4.1 HTTP/0.9 with fields", LINE("GET /"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 two spaces before the target", LINE("GET  / HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 two spaces before the version", LINE("GET /  HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 a space at the end", LINE("GET / HTTP/1.1 "),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 a space first", LINE(" GET / HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 only spaces", IN("   \r\n"), VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 a tab between", LINE("GET\t/ HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 a tab at the end", LINE("GET / HTTP/1.1\t"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3 a form feed between", LINE("GET /\fHTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3.2 a space in the target", LINE("GET /a b HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3.2 NUL in the target", LINE("GET /\0 HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3.2 DEL in the target", LINE("GET /\x7f HTTP/1.1"),
	    VERDICT_BAD_REQUEST_LINE },
	{ "RFC 9112 3.1 a method that is no token", LINE("G@T / HTTP/1.1"),
	    VERDICT_BAD_METHOD },
	{ "RFC 9112 3.1 a method with a colon", LINE("GET: / HTTP/1.1"),
	    VERDICT_BAD_METHOD },
	{ "RFC 9112 3.1 a byte above ASCII in the method",
	    LINE("G\xc3\x84T / HTTP/1.1"), VERDICT_BAD_METHOD },
	{ "RFC 9112 3.1 a quote first", LINE("\"GET / HTTP/1.1\""),
	    VERDICT_BAD_METHOD },
	{ "RFC 9110 9.1 a method nobody knows", LINE("FOOBAR / HTTP/1.1"),
	    VERDICT_UNKNOWN_METHOD },
	{ "RFC 9110 9.1 case matters", LINE("get / HTTP/1.1"),
	    VERDICT_UNKNOWN_METHOD },
	{ "RFC 9110 9.1 longer than a known one", LINE("GETX / HTTP/1.1"),
	    VERDICT_UNKNOWN_METHOD },
	{ "RFC 9110 9.1 shorter than a known one", LINE("GE / HTTP/1.1"),
	    VERDICT_UNKNOWN_METHOD },
	{ "RFC 9110 9.1 PRI as a method", LINE("PRI / HTTP/1.1"),
	    VERDICT_UNKNOWN_METHOD },
	{ "RFC 9112 3 a method longer than any", IN(FORTY),
	    VERDICT_UNKNOWN_METHOD },
	{ "RFC 9112 3 that is no token either", IN("@" FORTY),
	    VERDICT_BAD_METHOD },

	/* The version. */
	{ "RFC 9112 2.3 lower case", LINE("GET / http/1.1"),
	    VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 another name", LINE("GET / HTTQ/1.1"),
	    VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 ICE/1.0", LINE("GET / ICE/1.0"), VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 no minor", LINE("GET / HTTP/1"), VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 no digits", LINE("GET / HTTP/"), VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 two digits", LINE("GET / HTTP/1.10"),
	    VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 leading zeros", LINE("GET / HTTP/01.1"),
	    VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 a comma", LINE("GET / HTTP/1,1"), VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 a letter", LINE("GET / HTTP/1.x"),
	    VERDICT_BAD_VERSION },
	{ "RFC 9112 2.3 a letter first", LINE("GET / HTTP/x.1"),
	    VERDICT_BAD_VERSION },
	{ "RFC 9110 15.6.6 HTTP/2.0", LINE("GET / HTTP/2.0"),
	    VERDICT_UNSUPPORTED_VERSION },
	{ "RFC 9110 15.6.6 HTTP/3.0", LINE("GET / HTTP/3.0"),
	    VERDICT_UNSUPPORTED_VERSION },
	{ "RFC 9110 15.6.6 HTTP/0.9 by name", LINE("GET / HTTP/0.9"),
	    VERDICT_UNSUPPORTED_VERSION },
	{ "RFC 9110 15.6.6 HTTP/9.9", LINE("GET / HTTP/9.9"),
	    VERDICT_UNSUPPORTED_VERSION },

	/* The target. */
	{ "RFC 9112 3.2 a fragment", TARGET("/a#b"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2 a byte above ASCII", TARGET("/\xc3\xa4"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2 overlong UTF-8", TARGET("/\xc0\xaf"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2 no slash first", TARGET("a/b"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2 a query first", TARGET("?a"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2 a backslash first", TARGET("\\a"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.2 another scheme", TARGET("ftp://a/"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.2 a scheme that begins alike", TARGET("httpx://a/"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.2 one slash", TARGET("http:/a/"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.2 no slash", TARGET("http:a"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.2 only a scheme", TARGET("http:"), VERDICT_BAD_TARGET },
	{ "RFC 9110 4.2.1 no host", TARGET("http:///a"), VERDICT_BAD_TARGET },
	{ "RFC 9110 4.2.1 no host, nothing else", TARGET("http://"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9110 4.2.1 no host but a port", TARGET("http://:80/"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9110 4.2.4 userinfo", TARGET("http://u@a/"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9110 4.2.4 userinfo with a password", TARGET("http://u:p@a/"),
	    VERDICT_BAD_TARGET },
	{ "RFC 3986 3.2.3 a port of letters", TARGET("http://a:b/"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.3 authority without CONNECT", TARGET("a:80"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.3 CONNECT of a path", LINE("CONNECT / HTTP/1.1"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.3 CONNECT of a URI",
	    LINE("CONNECT http://a:80/ HTTP/1.1"), VERDICT_BAD_TARGET },
	{ "RFC 9110 9.3.6 CONNECT without a port", LINE("CONNECT a HTTP/1.1"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9110 9.3.6 CONNECT with an empty port",
	    LINE("CONNECT a: HTTP/1.1"), VERDICT_BAD_TARGET },
	{ "RFC 9110 9.3.6 CONNECT without a host", LINE("CONNECT :80 HTTP/1.1"),
	    VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.4 GET of everything", TARGET("*"), VERDICT_BAD_TARGET },
	{ "RFC 9112 3.2.4 two asterisks", LINE("OPTIONS ** HTTP/1.1"),
	    VERDICT_BAD_TARGET },

	/* The limits. */
	{ "RFC 9110 15.5.15 a target one byte too long", TARGET("/" FORTY),
	    VERDICT_TARGET_TOO_LONG },
	{ "RFC 9110 15.5.15 before its end has come", IN("GET /" FORTY),
	    VERDICT_TARGET_TOO_LONG },
	{ "RFC 9110 15.5.15 whatever comes then", IN("GET /" FORTY "\0"),
	    VERDICT_TARGET_TOO_LONG },
	{ "RFC 9110 15.5.15 whatever came before", IN("G@T /" FORTY),
	    VERDICT_TARGET_TOO_LONG },
	{ "RFC 6585 5 a field line one byte too long",
	    FIELDS("A:" HUNDRED FORTY FORTY TEN "012345678\r\n"),
	    VERDICT_FIELD_TOO_LARGE },
	{ "RFC 6585 5 a field line before its end has come",
	    IN("GET / HTTP/1.1\r\nA:" HUNDRED FORTY FORTY TEN TEN),
	    VERDICT_FIELD_TOO_LARGE },
	{ "RFC 6585 5 a field name without end",
	    IN("GET / HTTP/1.1\r\n" HUNDRED FORTY FORTY TEN TEN TEN),
	    VERDICT_FIELD_TOO_LARGE },
	{ "RFC 6585 5 the whole head",
	    FIELDS("A:" HUNDRED "\r\nB:" HUNDRED "\r\nC:" HUNDRED "\r\n"
		   "D:" HUNDRED "\r\nE:" HUNDRED "\r\nF:" HUNDRED "\r\n"),
	    VERDICT_HEAD_TOO_LARGE },
	{ "RFC 6585 5 one field line too many",
	    FIELDS("A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:"
		   "\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:"
		   "\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n"),
	    VERDICT_TOO_MANY_FIELDS },
	{ "more list values than are remembered",
	    FIELDS("TE: x\r\nConnection: a\r\nConnection: a\r\nConnection: a"
		   "\r\nConnection: a\r\nConnection: a\r\nConnection: a\r\n"
		   "Connection: a\r\nConnection: a\r\nConnection: a\r\n"
		   "Connection: a\r\nConnection: a\r\nConnection: a\r\n"
		   "Connection: a\r\nConnection: a\r\nConnection: a\r\n"
		   "Connection: a\r\nConnection: a\r\nConnection: a\r\n"),
	    VERDICT_TOO_MANY_FIELDS },

	/* Field lines. */
	{ "RFC 9112 5.2 a folded value", FIELDS("A: b\r\n c\r\n"),
	    VERDICT_OBS_FOLD },
	{ "RFC 9112 5.2 a value folded with a tab", FIELDS("A: b\r\n\tc\r\n"),
	    VERDICT_OBS_FOLD },
	{ "RFC 9112 5.2 an empty first line",
	    FIELDS("Transfer-Encoding:\r\n chunked\r\n"), VERDICT_OBS_FOLD },
	{ "RFC 9112 2.2 white space before the first field",
	    ONLY(" Host: a\r\n"), VERDICT_OBS_FOLD },
	{ "RFC 9112 2.2 a line of white space", FIELDS(" \r\n"),
	    VERDICT_OBS_FOLD },
	{ "RFC 9112 5.1 a space before the colon", FIELDS("A : b\r\n"),
	    VERDICT_SPACE_BEFORE_COLON },
	{ "RFC 9112 5.1 a tab before the colon", FIELDS("A\t: b\r\n"),
	    VERDICT_SPACE_BEFORE_COLON },
	{ "RFC 9112 5.1 a space before the colon of a length",
	    FIELDS("Content-Length : 5\r\n"), VERDICT_SPACE_BEFORE_COLON },
	{ "RFC 9112 5.1 a space before the colon of Host", ONLY("Host : a\r\n"),
	    VERDICT_SPACE_BEFORE_COLON },
	{ "RFC 9112 5 no name", FIELDS(": b\r\n"), VERDICT_BAD_FIELD_NAME },
	{ "RFC 9112 5 no colon", FIELDS("A\r\n"), VERDICT_BAD_FIELD_NAME },
	{ "RFC 9112 5 no colon but a space", FIELDS("A b\r\n"),
	    VERDICT_BAD_FIELD_NAME },
	{ "RFC 9112 5 a space in the name", FIELDS("A b: c\r\n"),
	    VERDICT_BAD_FIELD_NAME },
	{ "RFC 9110 5.1 a name that is no token", FIELDS("A@: b\r\n"),
	    VERDICT_BAD_FIELD_NAME },
	{ "RFC 9110 5.1 brackets in a name", FIELDS("A[b]: c\r\n"),
	    VERDICT_BAD_FIELD_NAME },
	{ "RFC 9110 5.1 a byte above ASCII in a name",
	    FIELDS("\xc3\x84: b\r\n"), VERDICT_BAD_FIELD_NAME },
	{ "RFC 9110 5.1 a second request line", FIELDS("GET / HTTP/1.1\r\n"),
	    VERDICT_BAD_FIELD_NAME },
	{ "RFC 9110 5.1 NUL in a name", FIELDS("A\0B: c\r\n"),
	    VERDICT_BAD_FIELD_NAME },
	{ "RFC 9110 5.5 NUL in a value", FIELDS("A: b\0c\r\n"),
	    VERDICT_BAD_FIELD_VALUE },
	{ "RFC 9110 5.5 a bell in a value", FIELDS("A: b\ac\r\n"),
	    VERDICT_BAD_FIELD_VALUE },
	{ "RFC 9110 5.5 a vertical tab in a value",
	    FIELDS("Transfer-Encoding: \vchunked\r\n"),
	    VERDICT_BAD_FIELD_VALUE },
	{ "RFC 9110 5.5 a form feed in a value",
	    FIELDS("Transfer-Encoding: \fchunked\r\n"),
	    VERDICT_BAD_FIELD_VALUE },
	{ "RFC 9110 5.5 an escape in a value", FIELDS("A: \x1b[2J\r\n"),
	    VERDICT_BAD_FIELD_VALUE },
	{ "RFC 9110 5.5 DEL in a value", FIELDS("A: b\x7f\r\n"),
	    VERDICT_BAD_FIELD_VALUE },

	/* Host. */
	{ "RFC 9112 3.2 no Host", ONLY(""), VERDICT_MISSING_HOST },
	{ "RFC 9112 3.2 no Host, other fields", ONLY("A: b\r\n"),
	    VERDICT_MISSING_HOST },
	{ "RFC 9112 3.2.2 no Host, absolute target",
	    IN("GET http://a/ HTTP/1.1\r\n\r\n"), VERDICT_MISSING_HOST },
	{ "RFC 9112 3.2 two Hosts", FIELDS("Host: b\r\n"),
	    VERDICT_DUPLICATE_HOST },
	{ "RFC 9112 3.2 the same Host twice", FIELDS("Host: a\r\n"),
	    VERDICT_DUPLICATE_HOST },
	{ "RFC 9112 3.2 two Hosts, in other case", FIELDS("hOsT: a\r\n"),
	    VERDICT_DUPLICATE_HOST },
	{ "RFC 9112 3.2 two Hosts in HTTP/1.0", OLD("Host: a\r\nHost: a\r\n"),
	    VERDICT_DUPLICATE_HOST },
	{ "RFC 9112 3.2 two Hosts, absolute target",
	    IN("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
	    VERDICT_DUPLICATE_HOST },
	{ "RFC 9110 4.2.1 an empty Host", ONLY("Host:\r\n"), VERDICT_BAD_HOST },
	{ "RFC 9110 4.2.1 a Host of white space", ONLY("Host: \t \r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 4.2.1 a port and no host", ONLY("Host: :80\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host with a path", ONLY("Host: a/b\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host with userinfo", ONLY("Host: u@a\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host with a scheme", ONLY("Host: http://a\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a list of Hosts", ONLY("Host: a, b\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host with a space", ONLY("Host: a b\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host with a bad port", ONLY("Host: a:b\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host with a port that cannot be",
	    ONLY("Host: a:99999\r\n"), VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a Host that is half IPv6", ONLY("Host: [::1\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9112 3.2.2 a bad Host, absolute target",
	    IN("GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n"),
	    VERDICT_BAD_HOST },
	{ "RFC 9110 7.2 a bad Host in HTTP/1.0", OLD("Host: a b\r\n"),
	    VERDICT_BAD_HOST },

	/* Content-Length. */
	{ "RFC 9110 8.6 empty", FIELDS("Content-Length:\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 letters", FIELDS("Content-Length: abc\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a plus", FIELDS("Content-Length: +5\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a minus", FIELDS("Content-Length: -5\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 minus zero", FIELDS("Content-Length: -0\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 hexadecimal", FIELDS("Content-Length: 0x5\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 octal", FIELDS("Content-Length: 0o5\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a leading zero", FIELDS("Content-Length: 05\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 two zeros", FIELDS("Content-Length: 00\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a decimal", FIELDS("Content-Length: 5.0\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 an exponent", FIELDS("Content-Length: 1e1\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 an underscore", FIELDS("Content-Length: 1_0\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a space inside", FIELDS("Content-Length: 1 0\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a list", FIELDS("Content-Length: 5, 5\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a list of two lengths",
	    FIELDS("Content-Length: 5,6\r\n"), VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 a comma behind", FIELDS("Content-Length: 5,\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 quoted", FIELDS("Content-Length: \"5\"\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 twice the same",
	    FIELDS("Content-Length: 5\r\nContent-Length: 5\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 two lengths",
	    FIELDS("Content-Length: 5\r\nContent-Length: 6\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 beyond 63 bits",
	    FIELDS("Content-Length: 9223372036854775808\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "RFC 9110 8.6 beyond 64 bits",
	    FIELDS("Content-Length: 18446744073709551621\r\n"),
	    VERDICT_BAD_CONTENT_LENGTH },
	{ "http-parser knows no tab behind a length",
	    FIELDS("Content-Length: 5\t\r\n"), VERDICT_BAD_CONTENT_LENGTH },

	/* Transfer-Encoding. */
	{ "RFC 9112 6.1 with a length",
	    FIELDS("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
	    VERDICT_LENGTH_AND_CHUNKED },
	{ "RFC 9112 6.1 before a length",
	    FIELDS("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
	    VERDICT_LENGTH_AND_CHUNKED },
	{ "RFC 9112 6.1 with a length of nothing",
	    FIELDS("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
	    VERDICT_LENGTH_AND_CHUNKED },
	{ "RFC 9112 6.1 a bad one with a length",
	    FIELDS("Transfer-Encoding: x\r\nContent-Length: 5\r\n"),
	    VERDICT_LENGTH_AND_CHUNKED },
	{ "http-parser knows no other name that begins so",
	    FIELDS("Transfer-Encodings: x\r\nContent-Length: 5\r\n"),
	    VERDICT_LENGTH_AND_CHUNKED },
	{ "RFC 9112 6.1 in HTTP/1.0", OLD("Transfer-Encoding: chunked\r\n"),
	    VERDICT_CHUNKED_ON_HTTP10 },
	{ "RFC 9112 6.1 in HTTP/1.0 with a length",
	    OLD("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
	    VERDICT_CHUNKED_ON_HTTP10 },
	{ "RFC 9112 6.3 empty", FIELDS("Transfer-Encoding:\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.3 identity", FIELDS("Transfer-Encoding: identity\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.3 gzip alone", FIELDS("Transfer-Encoding: gzip\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.3 chunked is not last",
	    FIELDS("Transfer-Encoding: chunked, gzip\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.3 chunked is not last, two lines",
	    FIELDS("Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: identity\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.1 chunked twice",
	    FIELDS("Transfer-Encoding: chunked, chunked\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.1 chunked twice, two lines",
	    FIELDS("Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: chunked\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 7.1 chunked with a parameter",
	    FIELDS("Transfer-Encoding: chunked;a=b\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "a name that ends alike", FIELDS("Transfer-Encoding: xchunked\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "a name that begins alike", FIELDS("Transfer-Encoding: chunkedx\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "quoted", FIELDS("Transfer-Encoding: \"chunked\"\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "a comma first", FIELDS("Transfer-Encoding: , chunked\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "a comma last", FIELDS("Transfer-Encoding: chunked,\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "an empty line and chunked",
	    FIELDS("Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n"),
	    VERDICT_BAD_TRANSFER_ENCODING },
	{ "RFC 9112 6.1 gzip, then chunked",
	    FIELDS("Transfer-Encoding: gzip, chunked\r\n"),
	    VERDICT_UNKNOWN_CODING },
	{ "RFC 9112 6.1 gzip, then chunked, two lines",
	    FIELDS("Transfer-Encoding: gzip\r\n"
		   "Transfer-Encoding: chunked\r\n"),
	    VERDICT_UNKNOWN_CODING },
	{ "RFC 9112 6.1 identity, then chunked",
	    FIELDS("Transfer-Encoding: identity, chunked\r\n"),
	    VERDICT_UNKNOWN_CODING },

	/* The rest. */
	{ "RFC 9110 10.1.1 an expectation nobody knows",
	    FIELDS("Expect: 200-ok\r\n"), VERDICT_BAD_EXPECT },
	{ "RFC 9110 10.1.1 one of two", FIELDS("Expect: 100-continue, a=b\r\n"),
	    VERDICT_BAD_EXPECT },
	{ "RFC 9110 10.1.1 one of two lines",
	    FIELDS("Expect: 100-continue\r\nExpect: x\r\n"),
	    VERDICT_BAD_EXPECT },
	{ "RFC 9110 14.2 two Ranges",
	    FIELDS("Range: bytes=0-1\r\nRange: bytes=2-3\r\n"),
	    VERDICT_DUPLICATE_FIELD },
	{ "RFC 9110 13.1.5 two If-Ranges",
	    FIELDS("If-Range: \"a\"\r\nIf-Range: \"a\"\r\n"),
	    VERDICT_DUPLICATE_FIELD },
};

struct accepted_row {
	const char *name;
	struct span in;
	enum method method;
	enum target_form form;
	const char *path;
	const char *query;
	const char *host;
	/* Left out where the row is not about them. */
	unsigned old; /* HTTP/1.0 */
	bool close;
	bool chunked;
	bool expect;
	uint64_t length;
};

#define AS(m, f, p, q, h)                                                      \
	.method = METHOD_##m, .form = TARGET_##f, .path = p, .query = q,       \
	.host = h
#define PLAIN AS(GET, ORIGIN, "/", NULL, "a")

static const struct accepted_row accepted[] = {
	{ "RFC 9112 3 the least", FIELDS(""), PLAIN },
	{ "RFC 9112 2.2 an empty line first",
	    IN("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), PLAIN },
	{ "RFC 9110 9.3.2 HEAD", LINE("HEAD / HTTP/1.1"),
	    AS(HEAD, ORIGIN, "/", NULL, "a") },
	{ "RFC 9110 9.3.7 OPTIONS", LINE("OPTIONS /a HTTP/1.1"),
	    AS(OPTIONS, ORIGIN, "/a", NULL, "a") },
	{ "RFC 9112 3.2.4 OPTIONS of everything", LINE("OPTIONS * HTTP/1.1"),
	    AS(OPTIONS, ASTERISK, NULL, NULL, "a") },
	{ "RFC 9110 9.3.8 TRACE", LINE("TRACE / HTTP/1.1"),
	    AS(TRACE, ORIGIN, "/", NULL, "a") },
	{ "RFC 9112 3.2.3 CONNECT", LINE("CONNECT b:443 HTTP/1.1"),
	    AS(CONNECT, AUTHORITY, NULL, NULL, "b") },
	{ "RFC 9112 3.2.3 CONNECT of IPv6", LINE("CONNECT [::1]:443 HTTP/1.1"),
	    AS(CONNECT, AUTHORITY, NULL, NULL, "[::1]") },
	{ "RFC 9110 9.3.3 POST", LINE("POST / HTTP/1.1"),
	    AS(OTHER, ORIGIN, "/", NULL, "a") },
	{ "RFC 9110 9.3.4 PUT", LINE("PUT / HTTP/1.1"),
	    AS(OTHER, ORIGIN, "/", NULL, "a") },
	{ "RFC 9110 9.3.5 DELETE", LINE("DELETE / HTTP/1.1"),
	    AS(OTHER, ORIGIN, "/", NULL, "a") },
	{ "RFC 5789 PATCH", LINE("PATCH / HTTP/1.1"),
	    AS(OTHER, ORIGIN, "/", NULL, "a") },
	{ "RFC 4918 PROPFIND", LINE("PROPFIND / HTTP/1.1"),
	    AS(OTHER, ORIGIN, "/", NULL, "a") },

	{ "RFC 9112 3.2.1 a path", TARGET("/a/b.html"),
	    AS(GET, ORIGIN, "/a/b.html", NULL, "a") },
	{ "RFC 9112 3.2.1 a query", TARGET("/a?b=c"),
	    AS(GET, ORIGIN, "/a", "?b=c", "a") },
	{ "RFC 9112 3.2.1 an empty query", TARGET("/a?"),
	    AS(GET, ORIGIN, "/a", "?", "a") },
	{ "RFC 9112 3.2.1 two question marks", TARGET("/a?b?c"),
	    AS(GET, ORIGIN, "/a", "?b?c", "a") },
	{ "RFC 9112 3.2.1 a path as it was sent", TARGET("/%41/../b//"),
	    AS(GET, ORIGIN, "/%41/../b//", NULL, "a") },
	{ "RFC 9112 3.2.1 two slashes first", TARGET("//b/c"),
	    AS(GET, ORIGIN, "//b/c", NULL, "a") },
	{ "RFC 9112 3.2.1 what browsers do not encode", TARGET("/a|b?[c]{d}^"),
	    AS(GET, ORIGIN, "/a|b", "?[c]{d}^", "a") },
	{ "RFC 9110 15.5.15 a target as long as allowed",
	    TARGET("/" TEN TEN TEN "012345678"),
	    AS(GET, ORIGIN, "/" TEN TEN TEN "012345678", NULL, "a") },
	{ "RFC 9112 3.2.2 an absolute target", TARGET("http://b/c?d"),
	    AS(GET, ABSOLUTE, "/c", "?d", "b") },
	{ "RFC 9112 3.2.2 https", TARGET("https://b/c"),
	    AS(GET, ABSOLUTE, "/c", NULL, "b") },
	{ "RFC 3986 3.1 a scheme in any case", TARGET("HtTp://b/c"),
	    AS(GET, ABSOLUTE, "/c", NULL, "b") },
	{ "RFC 9112 3.2.2 with a port", TARGET("http://b:8080/c"),
	    AS(GET, ABSOLUTE, "/c", NULL, "b") },
	{ "RFC 9112 3.2.2 no path", TARGET("http://b"),
	    AS(GET, ABSOLUTE, "/", NULL, "b") },
	{ "RFC 9112 3.2.2 no path but a query", TARGET("http://b?c"),
	    AS(GET, ABSOLUTE, "/", "?c", "b") },
	{ "RFC 9112 3.2.2 IPv6", TARGET("http://[::1]:80/c"),
	    AS(GET, ABSOLUTE, "/c", NULL, "[::1]") },
	{ "RFC 9112 3.2.2 OPTIONS of a server",
	    LINE("OPTIONS http://b HTTP/1.1"),
	    AS(OPTIONS, ABSOLUTE, "/", NULL, "b") },

	{ "RFC 9110 7.2 a Host with a port", ONLY("Host: b:8080\r\n"),
	    AS(GET, ORIGIN, "/", NULL, "b") },
	{ "RFC 9110 7.2 a Host of IPv6", ONLY("Host: [::1]:80\r\n"),
	    AS(GET, ORIGIN, "/", NULL, "[::1]") },
	{ "RFC 9110 5.5 a Host without space", ONLY("Host:b\r\n"),
	    AS(GET, ORIGIN, "/", NULL, "b") },
	{ "RFC 9110 5.5 a Host with white space", ONLY("Host: \tb \t\r\n"),
	    AS(GET, ORIGIN, "/", NULL, "b") },
	{ "RFC 9110 5.1 a Host in any case", ONLY("hOST: b\r\n"),
	    AS(GET, ORIGIN, "/", NULL, "b") },

	{ "RFC 9110 2.5 HTTP/1.2", LINE("GET / HTTP/1.2"), PLAIN },
	{ "RFC 9110 2.5 HTTP/1.9", LINE("GET / HTTP/1.9"), PLAIN },
	{ "RFC 9112 2.3 HTTP/1.0", OLD("Host: a\r\n"), PLAIN, .old = 1,
	    .close = true },
	{ "RFC 9112 3.2 HTTP/1.0 without Host", OLD(""),
	    AS(GET, ORIGIN, "/", NULL, NULL), .old = 1, .close = true },
	{ "RFC 9112 9.3 HTTP/1.0, keep-alive",
	    OLD("Host: a\r\nConnection: Keep-Alive\r\n"), PLAIN, .old = 1 },
	{ "RFC 9112 9.3 HTTP/1.0, keep-alive and close",
	    OLD("Host: a\r\nConnection: keep-alive, close\r\n"), PLAIN,
	    .old = 1, .close = true },
	{ "RFC 9112 9.3 HTTP/1.0, another option",
	    OLD("Host: a\r\nConnection: x\r\n"), PLAIN, .old = 1,
	    .close = true },
	{ "RFC 9112 9.6 close", FIELDS("Connection: close\r\n"), PLAIN,
	    .close = true },
	{ "RFC 9110 7.6.1 close in any case", FIELDS("Connection: CLOSE\r\n"),
	    PLAIN, .close = true },
	{ "RFC 9110 7.6.1 close in a list", FIELDS("Connection: TE, close\r\n"),
	    PLAIN, .close = true },
	{ "RFC 9110 5.3 close on a second line",
	    FIELDS("Connection: TE\r\nConnection: close\r\n"), PLAIN,
	    .close = true },
	{ "RFC 9110 7.6.1 what begins with close",
	    FIELDS("Connection: closed\r\n"), PLAIN },
	{ "RFC 9112 9.3 keep-alive", FIELDS("Connection: keep-alive\r\n"),
	    PLAIN },
	{ "RFC 9110 7.6.1 an empty option", FIELDS("Connection:\r\n"), PLAIN },
	{ "RFC 9110 7.8 an upgrade is ignored",
	    FIELDS("Connection: Upgrade\r\nUpgrade: h2c\r\n"), PLAIN },

	{ "RFC 9110 8.6 a length", FIELDS("Content-Length: 5\r\n"), PLAIN,
	    .length = 5 },
	{ "RFC 9110 8.6 a length of nothing", FIELDS("Content-Length: 0\r\n"),
	    PLAIN },
	{ "RFC 9110 8.6 the greatest length",
	    FIELDS("Content-Length: 9223372036854775807\r\n"), PLAIN,
	    .length = INT64_MAX },
	{ "RFC 9110 5.5 a length with spaces",
	    FIELDS("Content-Length:  \t 5  \r\n"), PLAIN, .length = 5 },
	{ "RFC 9110 8.6 a length in HTTP/1.0",
	    OLD("Host: a\r\nContent-Length: 5\r\n"), PLAIN, .old = 1,
	    .close = true, .length = 5 },
	{ "RFC 9112 7.1 chunked", FIELDS("Transfer-Encoding: chunked\r\n"),
	    PLAIN, .chunked = true },
	{ "RFC 9112 7 chunked in any case",
	    FIELDS("transfer-encoding: Chunked\r\n"), PLAIN, .chunked = true },
	{ "RFC 9110 5.5 chunked with a space",
	    FIELDS("Transfer-Encoding:chunked \r\n"), PLAIN, .chunked = true },
	{ "RFC 9110 5.5 chunked with a tab",
	    FIELDS("Transfer-Encoding:\tchunked\r\n"), PLAIN, .chunked = true },
	{ "an underscore is another field",
	    FIELDS("Content_Length: 5\r\nTransfer_Encoding: chunked\r\n"),
	    PLAIN },
	{ "RFC 9110 10.1.1 Expect",
	    FIELDS("Expect: 100-continue\r\nContent-Length: 5\r\n"), PLAIN,
	    .expect = true, .length = 5 },
	{ "RFC 9110 10.1.1 Expect in any case",
	    FIELDS("Expect: 100-Continue\r\n"), PLAIN, .expect = true },
	{ "RFC 9110 10.1.1 Expect in HTTP/1.0",
	    OLD("Host: a\r\nExpect: 100-continue\r\n"), PLAIN, .old = 1,
	    .close = true },
	{ "RFC 9110 10.1.1 an unknown one in HTTP/1.0",
	    OLD("Host: a\r\nExpect: x\r\n"), PLAIN, .old = 1, .close = true },
	{ "RFC 9110 10.1.1 an empty Expect", FIELDS("Expect:\r\n"), PLAIN },

	{ "RFC 9110 5.6.2 a name of every tchar",
	    FIELDS("!#$%&'*+-.^_`|~09azAZ: b\r\n"), PLAIN },
	{ "RFC 9110 5.5 a value of every sort",
	    FIELDS("A: \"b\"\t(c) \\ d; e=f, :\xc3\xa4\xff\r\n"), PLAIN },
	{ "RFC 9110 5.5 an empty value", FIELDS("A:\r\n"), PLAIN },
	{ "RFC 9112 5.1 no white space", FIELDS("A:b\r\n"), PLAIN },
	{ "RFC 6585 5 a field line as long as allowed",
	    FIELDS("A:" HUNDRED FORTY FORTY TEN "01234567\r\n"), PLAIN },
	{ "RFC 6585 5 as many fields as allowed",
	    FIELDS("A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:"
		   "\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:"
		   "\r\nA:\r\nA:\r\nA:\r\nA:\r\n"),
	    PLAIN },
	{ "RFC 6585 5 a head as large as allowed",
	    FIELDS("A:" HUNDRED "\r\nB:" HUNDRED "\r\nC:" HUNDRED "\r\n"
		   "D:" HUNDRED "\r\nE:" HUNDRED "\r\n"
		   "F:" FORTY "012345678\r\n"),
	    PLAIN },
};

/*
 * Feeds the first len bytes, in memory of their own: it is as large as they
 * are, so that a sanitizer sees a read past them, and new with every call.
 */
static enum request_result
feed(struct request *request, struct span in, size_t len, char **copy)
{
	free(*copy);
	*copy = malloc(len + 1);
	assert_non_null(*copy);
	memcpy(*copy, in.ptr, len);
	return request_feed(request, &limits, *copy, len);
}

/* Compares all that the bytes alone must decide. */
static void
assert_same(const struct request *a, const struct request *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->line.len, b->line.len);
	assert_true(span_equal(a->line, b->line));
	assert_int_equal(a->method, b->method);
	assert_int_equal(a->form, b->form);
	assert_int_equal(a->minor, b->minor);
	assert_true(span_equal(a->path, b->path));
	assert_true(span_equal(a->query, b->query));
	assert_true(span_equal(a->host, b->host));
	for (int i = 0; i < FIELD_COUNT; i++)
		assert_true(span_equal(a->value[i], b->value[i]));
	assert_int_equal(a->nmore, b->nmore);
	for (unsigned i = 0; i < a->nmore; i++)
		assert_true(span_equal(a->more[i].value, b->more[i].value));
	assert_int_equal(a->content_length, b->content_length);
	assert_int_equal(a->chunked, b->chunked);
	assert_int_equal(a->keep_alive, b->keep_alive);
	assert_int_equal(a->expect_continue, b->expect_continue);
	assert_int_equal(a->head_len, b->head_len);
}

/* Whole, in two pieces at every place, and byte by byte: all the same. */
static void
check_splits(
    struct span in, const struct request *whole, enum request_result want)
{
	struct request request;
	enum request_result result;
	char *copy = NULL;

	for (size_t split = 0; split < in.len; split++) {
		request_init(&request);
		result = feed(&request, in, split, &copy);
		if (result == REQUEST_MORE)
			result = feed(&request, in, in.len, &copy);
		assert_int_equal(result, want);
		assert_same(&request, whole);
	}
	request_init(&request);
	result = REQUEST_MORE;
	for (size_t n = 1; n <= in.len && result == REQUEST_MORE; n++)
		result = feed(&request, in, n, &copy);
	assert_int_equal(result, want);
	assert_same(&request, whole);
	free(copy);
}

/*
 * With a memo: the first time it learns, the second time it may know.  The
 * bytes lie elsewhere then, and others follow them.
 */
static void
check_memo(
    struct span in, const struct request *whole, enum request_result want)
{
	struct request_limits remembering = limits;
	struct request request;
	struct memo memo;

	assert_int_equal(memo_init(&memo, 4), 0);
	remembering.memo = &memo;
	for (int i = 0; i < 2; i++) {
		char *copy = malloc(in.len + 1);

		assert_non_null(copy);
		memcpy(copy, in.ptr, in.len);
		request_init(&request);
		assert_int_equal(
		    request_feed(&request, &remembering, copy, in.len), want);
		assert_same(&request, whole);
		free(copy);
	}
	memo_fini(&memo);
}

static void
check_refused(void **state)
{
	const struct refused_row *row = *state;
	struct request request;

	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, row->in.ptr, row->in.len),
	    REQUEST_REFUSED);
	assert_string_equal(
	    verdict_name(request.verdict), verdict_name(row->verdict));
	check_splits(row->in, &request, REQUEST_REFUSED);
	check_memo(row->in, &request, REQUEST_REFUSED);
}

static void
check_accepted(void **state)
{
	const struct accepted_row *row = *state;
	struct request request;
	enum request_result result;

	request_init(&request);
	result = request_feed(&request, &limits, row->in.ptr, row->in.len);
	assert_string_equal(verdict_name(request.verdict), "ok");
	assert_int_equal(result, REQUEST_DONE);
	assert_int_equal(request.method, row->method);
	assert_int_equal(request.form, row->form);
	assert_int_equal(request.minor, row->old ? 0 : 1);
	assert_span(request.path, row->path);
	assert_span(request.query, row->query);
	assert_span(request.host, row->host);
	assert_int_equal(request.content_length, row->length);
	assert_int_equal(request.chunked, row->chunked);
	assert_int_equal(request.expect_continue, row->expect);
	assert_int_equal(request.keep_alive, !row->close);
	assert_int_equal(request.head_len, row->in.len);
	check_splits(row->in, &request, REQUEST_DONE);
	check_memo(row->in, &request, REQUEST_DONE);
}

/* What begins a good request is no request yet, and nothing bad either. */
static void
check_prefixes(void **state)
{
	const struct accepted_row *row = *state;
	struct request request;

	for (size_t len = 0; len < row->in.len; len++) {
		request_init(&request);
		assert_int_equal(
		    request_feed(&request, &limits, row->in.ptr, len),
		    REQUEST_MORE);
	}
}

static void
test_every_field_has_its_place(void **state)
{
	static const char in[] = "GET / HTTP/1.1\r\n"
				 "Accept: v\r\n"
				 "accept-encoding: v0\r\n"
				 "x-api-key: k\r\n"
				 "Authorization: a b\r\n"
				 "CONNECTION: v1\r\n"
				 "Content-Length: 2\r\n"
				 "Expect: 100-continue\r\n"
				 "Host: v4\r\n"
				 "If-Match: v5\r\n"
				 "If-Modified-Since: v6\r\n"
				 "If-None-Match: v7\r\n"
				 "If-Range: v8\r\n"
				 "If-Unmodified-Since: v9\r\n"
				 "Origin: o\r\n"
				 "Range: v10\r\n"
				 "Referer: v11\r\n"
				 "User-Agent: v13\r\n"
				 "\r\n";
	static const char *const want[FIELD_COUNT] = { "v", "v0", "k", "a b",
		"v1", "2", "100-continue", "v4", "v5", "v6", "v7", "v8", "v9",
		"o", "v10", "v11", NULL, "v13" };
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in, sizeof(in) - 1), REQUEST_DONE);
	for (int i = 0; i < FIELD_COUNT; i++)
		assert_span(request.value[i], want[i]);
	assert_int_equal(request.nmore, 0);
}

static void
test_other_fields_leave_no_trace(void **state)
{
	static const struct span in =
	    FIELDS("Hos: b\r\nHost-: b\r\nXost: b\r\nRangf: b\r\n"
		   "Content-Lengt\x68s: 5\r\nIf-Match-: b\r\nE: b\r\n"
		   "Accept-Language: b\r\nCookie: b\r\n"
		   "If-Unmodified-Since-The-Beginning: b\r\n");
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in.ptr, in.len), REQUEST_DONE);
	for (int i = 0; i < FIELD_COUNT; i++)
		assert_span(request.value[i], i == FIELD_HOST ? "a" : NULL);
}

static void
test_other_fields_can_be_looked_for(void **state)
{
	static const struct span in = FIELDS("Traceparent:  00-1-2 \r\n"
					     "X-Empty:\r\n"
					     "X-Long-Name: b\r\n"
					     "traceparent: second\r\n");
	static const struct span cut = FIELDS("A: b\r\n\x01");
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in.ptr, in.len), REQUEST_DONE);
	assert_span(
	    request_find_value(&request, SPAN("TRACEPARENT")), "00-1-2");
	assert_span(request_find_value(&request, SPAN("x-empty")), "");
	assert_span(request_find_value(&request, SPAN("X-Long-Name")), "b");
	assert_span(request_find_value(&request, SPAN("X-Long")), NULL);
	assert_span(request_find_value(&request, SPAN("Host")), "a");
	assert_span(request_find_value(&request, SPAN("GET / HTTP/1.1")), NULL);
	request_init(&request);
	assert_span(request_find_value(&request, SPAN("Host")), NULL);
	assert_int_equal(
	    request_feed(&request, &limits, cut.ptr, cut.len), REQUEST_REFUSED);
	assert_span(request_find_value(&request, SPAN("A")), NULL);
}

static void
test_list_fields_come_with_all_their_values(void **state)
{
	static const struct span in =
	    FIELDS("If-None-Match: \"1\"\r\nConnection: x\r\n"
		   "If-None-Match: \"2\"\r\nConnection:\r\n"
		   "If-None-Match: \"3\"\r\n");
	struct request request;
	struct span value;
	unsigned iter = 0;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in.ptr, in.len), REQUEST_DONE);
	assert_true(
	    request_next_value(&request, FIELD_IF_NONE_MATCH, &iter, &value));
	assert_span(value, "\"1\"");
	assert_true(
	    request_next_value(&request, FIELD_IF_NONE_MATCH, &iter, &value));
	assert_span(value, "\"2\"");
	assert_true(
	    request_next_value(&request, FIELD_IF_NONE_MATCH, &iter, &value));
	assert_span(value, "\"3\"");
	assert_false(
	    request_next_value(&request, FIELD_IF_NONE_MATCH, &iter, &value));
	assert_false(
	    request_next_value(&request, FIELD_IF_NONE_MATCH, &iter, &value));
	iter = 0;
	assert_true(
	    request_next_value(&request, FIELD_CONNECTION, &iter, &value));
	assert_true(
	    request_next_value(&request, FIELD_CONNECTION, &iter, &value));
	assert_span(value, "");
	iter = 0;
	assert_false(request_next_value(&request, FIELD_RANGE, &iter, &value));
}

static void
test_of_two_user_agents_the_first_counts(void **state)
{
	static const struct span in =
	    FIELDS("User-Agent: 1\r\nUser-Agent: 2\r\nReferer: 1\r\n"
		   "Referer: 2\r\n");
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in.ptr, in.len), REQUEST_DONE);
	assert_span(request.value[FIELD_USER_AGENT], "1");
	assert_span(request.value[FIELD_REFERER], "1");
}

/* RFC 9110 13.1.3: a date with more than one member is to be ignored. */
static void
test_two_dates_are_none(void **state)
{
	static const struct span in =
	    FIELDS("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		   "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in.ptr, in.len), REQUEST_DONE);
	assert_span(request.value[FIELD_IF_MODIFIED_SINCE], "");
}

static void
test_what_follows_the_head_is_left(void **state)
{
	static const char in[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n\x16\0\n";
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in, sizeof(in) - 1), REQUEST_DONE);
	assert_int_equal(request.head_len, sizeof(in) - 1 - 3);
}

static const struct {
	const char *name;
	struct span in;
	const char *line;
} lines[] = {
	{ "a good line", FIELDS(""), "GET / HTTP/1.1" },
	{ "a good line after an empty one",
	    IN("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / HTTP/1.1" },
	{ "a good line and a bad field", FIELDS("A\r\n"), "GET / HTTP/1.1" },
	{ "a bad method", LINE("G@T / HTTP/1.1"), "G@T / HTTP/1.1" },
	{ "a bad version", LINE("GET / HTTP/9"), "GET / HTTP/9" },
	{ "no version", LINE("GET /"), "GET /" },
	{ "a byte that ends it", IN("GET /\x01 HTTP/1.1\r\n"), "GET /" },
	{ "a line feed that ends it", IN("GET / HTTP/1.1\n"),
	    "GET / HTTP/1.1" },
	{ "a target that is too long", TARGET("/" FORTY FORTY), "GET /" FORTY },
	{ "a method that is too long", IN(FORTY), TEN TEN TEN "012" },
	{ "TLS", IN("\x16\x03\x01"), NULL },
	{ "only line ends", IN("\r\n\r\n"), NULL },
};

/* The log wants the request line, of a refused request as well. */
static void
check_line(void **state)
{
	const __typeof__(*lines) *row = *state;
	struct request request;

	request_init(&request);
	(void)request_feed(&request, &limits, row->in.ptr, row->in.len);
	assert_span(request.line, row->line);
}

static void
test_the_line_is_known_before_the_head_is_complete(void **state)
{
	static const char in[] = "GET / HTTP/1.1\r\nHo";
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, in, sizeof(in) - 1), REQUEST_MORE);
	assert_span(request.line, "GET / HTTP/1.1");
}

static void
test_a_head_without_end_is_refused_at_the_limit(void **state)
{
	struct request_limits small = limits;
	struct request request;
	static const struct span in = FIELDS("");

	(void)state;
	small.head_bytes = in.len;
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &small, in.ptr, in.len), REQUEST_DONE);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &small, in.ptr, in.len - 1), REQUEST_MORE);
	small.head_bytes--;
	request_init(&request);
	assert_int_equal(request_feed(&request, &small, in.ptr, in.len - 1),
	    REQUEST_REFUSED);
	assert_int_equal(request.verdict, VERDICT_HEAD_TOO_LARGE);
}

/* Its own limit is 80 KiB; ours may be set above it. */
static void
test_a_head_that_http_parser_finds_too_large(void **state)
{
	const struct request_limits large = { 1 << 20, 1024, 1 << 20, 10,
		NULL };
	static const struct span start = IN("GET / HTTP/1.1\r\nHost: a\r\nA: ");
	const size_t len = 200000;
	char *in = test_malloc(len);
	struct request request;

	(void)state;
	memset(in, 'x', len);
	memcpy(in, start.ptr, start.len);
	memcpy(in + len - 4, "\r\n\r\n", 4);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &large, in, len), REQUEST_REFUSED);
	assert_int_equal(request.verdict, VERDICT_HEAD_TOO_LARGE);
	test_free(in);
}

/* Every byte, at every kind of place: no crash, and the same when split. */
static void
test_any_byte_anywhere_gives_one_answer(void **state)
{
	static const char good[] = "GET /a?b HTTP/1.1\r\nHost: a:1\r\n"
				   "Content-Length: 10\r\n\r\n";
	char in[sizeof(good)];
	struct request whole, bytes;

	(void)state;
	for (size_t at = 0; at < sizeof(good) - 1; at++) {
		for (int c = 0; c < 256; c++) {
			enum request_result want, result = REQUEST_MORE;

			memcpy(in, good, sizeof(good));
			in[at] = (char)c;
			request_init(&whole);
			want =
			    request_feed(&whole, &limits, in, sizeof(good) - 1);
			request_init(&bytes);
			for (size_t n = 1; n < sizeof(good); n++) {
				result = request_feed(&bytes, &limits, in, n);
				if (result != REQUEST_MORE)
					break;
			}
			assert_int_equal(result, want);
			assert_same(&bytes, &whole);
			assert_int_not_equal(whole.verdict, VERDICT_PARSER);
		}
	}
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, refused, check_refused);
	ROWS_ADD(&rows, accepted, check_accepted);
	ROWS_ADD(&rows, accepted, check_prefixes);
	ROWS_ADD(&rows, lines, check_line);
	ROWS_TEST(&rows, test_every_field_has_its_place);
	ROWS_TEST(&rows, test_other_fields_leave_no_trace);
	ROWS_TEST(&rows, test_other_fields_can_be_looked_for);
	ROWS_TEST(&rows, test_list_fields_come_with_all_their_values);
	ROWS_TEST(&rows, test_of_two_user_agents_the_first_counts);
	ROWS_TEST(&rows, test_two_dates_are_none);
	ROWS_TEST(&rows, test_what_follows_the_head_is_left);
	ROWS_TEST(&rows, test_the_line_is_known_before_the_head_is_complete);
	ROWS_TEST(&rows, test_a_head_without_end_is_refused_at_the_limit);
	ROWS_TEST(&rows, test_a_head_that_http_parser_finds_too_large);
	ROWS_TEST(&rows, test_any_byte_anywhere_gives_one_answer);
	return rows_run(&rows, "request");
}
