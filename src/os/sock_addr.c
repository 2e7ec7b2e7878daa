/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sock_addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>

#include "core/number.h"

#define SOCK_UNIX_PREFIX "unix:"

static const char *
sock_addr_parse_unix(struct sock_addr *addr, struct span path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return "the path of a unix socket is absolute: unix:/path";
	if (path.len >= sizeof(addr->sa.un.sun_path))
		return "the path of a unix socket has at most 107 bytes";
	if (memchr(path.ptr, '\0', path.len) != NULL)
		return "a NUL in the path";
	addr->sa.un.sun_family = AF_UNIX;
	memcpy(addr->sa.un.sun_path, path.ptr, path.len);
	addr->len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
	return NULL;
}

static const char *
sock_addr_parse_port(struct span text, in_port_t *port)
{
	uint64_t number;

	if (number_parse_u64(text, &number) == -1 || number > UINT16_MAX)
		return "the port is a number from 0 to 65535";
	*port = htons((uint16_t)number);
	return NULL;
}

/* The text inside the brackets: an address and perhaps %interface. */
static const char *
sock_addr_parse_v6(struct sock_addr *addr, struct span host)
{
	struct sockaddr_in6 *in6 = &addr->sa.in6;
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	char *scope;

	if (host.len >= sizeof(text))
		return "not an IPv6 address";
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	scope = strchr(text, '%');
	if (scope != NULL) {
		*scope++ = '\0';
		in6->sin6_scope_id = if_nametoindex(scope);
		if (in6->sin6_scope_id == 0)
			return "no network interface has the name after '%'";
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1)
		return "not an IPv6 address";
	in6->sin6_family = AF_INET6;
	addr->len = sizeof(*in6);
	return NULL;
}

static const char *
sock_addr_parse_v4(struct sock_addr *addr, struct span host)
{
	struct sockaddr_in *in = &addr->sa.in;
	char text[INET_ADDRSTRLEN];

	in->sin_family = AF_INET;
	addr->len = sizeof(*in);
	if (span_equal(host, SPAN("*"))) {
		in->sin_addr.s_addr = htonl(INADDR_ANY);
		return NULL;
	}
	if (host.len >= sizeof(text))
		return "not an IPv4 address (names are not looked up)";
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
		return "not an IPv4 address (names are not looked up)";
	return NULL;
}

/* Cuts text at the colon before the port; false when there is none. */
static bool
sock_addr_split_port(struct span text, struct span *host, struct span *port)
{
	size_t at = text.len;

	while (at > 0 && text.ptr[at - 1] != ':')
		at--;
	if (at == 0)
		return false;
	*host = (struct span){ text.ptr, at - 1 };
	*port = (struct span){ text.ptr + at, text.len - at };
	return true;
}

const char *
sock_addr_parse(struct sock_addr *addr, struct span text)
{
	struct span host = SPAN("127.0.0.1"), port = text;
	const char *error;

	*addr = (struct sock_addr){ 0 };
	if (span_starts_with(text, SPAN(SOCK_UNIX_PREFIX)))
		return sock_addr_parse_unix(addr,
		    (struct span){ text.ptr + sizeof(SOCK_UNIX_PREFIX) - 1,
			text.len - (sizeof(SOCK_UNIX_PREFIX) - 1) });
	if (text.len > 0 && text.ptr[0] == '[') {
		if (!sock_addr_split_port(text, &host, &port) || host.len < 2 ||
		    host.ptr[host.len - 1] != ']')
			return "an IPv6 address is written [ADDRESS]:PORT";
		error = sock_addr_parse_v6(
		    addr, (struct span){ host.ptr + 1, host.len - 2 });
		return error != NULL ? error
				     : sock_addr_parse_port(
					   port, &addr->sa.in6.sin6_port);
	}
	if (sock_addr_split_port(text, &host, &port)) {
		if (memchr(host.ptr, ':', host.len) != NULL)
			return "an IPv6 address is written [ADDRESS]:PORT";
	} else if (memchr(text.ptr, '.', text.len) != NULL) {
		return "no port; write it behind the address, as in :8080";
	}
	error = sock_addr_parse_port(port, &addr->sa.in.sin_port);
	return error != NULL ? error : sock_addr_parse_v4(addr, host);
}

static void
sock_addr_format_v6(const struct sockaddr_in6 *in6, char out[SOCK_ADDR_TEXT])
{
	char host[INET6_ADDRSTRLEN], scope[IF_NAMESIZE] = "";

	(void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	if (in6->sin6_scope_id != 0)
		(void)if_indextoname(in6->sin6_scope_id, scope);
	(void)snprintf(out, SOCK_ADDR_TEXT, "[%s%s%s]:%u", host,
	    scope[0] == '\0' ? "" : "%", scope,
	    (unsigned)ntohs(in6->sin6_port));
}

void
sock_addr_format(const struct sock_addr *addr, char out[SOCK_ADDR_TEXT])
{
	char host[INET_ADDRSTRLEN];
	const struct sockaddr_in *in = &addr->sa.in;

	switch (addr->sa.any.sa_family) {
	case AF_UNIX:
		(void)snprintf(out, SOCK_ADDR_TEXT, SOCK_UNIX_PREFIX "%s",
		    addr->sa.un.sun_path);
		return;
	case AF_INET6: sock_addr_format_v6(&addr->sa.in6, out); return;
	default: break;
	}
	(void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
	(void)snprintf(out, SOCK_ADDR_TEXT, "%s:%u",
	    in->sin_addr.s_addr == htonl(INADDR_ANY) ? "*" : host,
	    (unsigned)ntohs(in->sin_port));
}

bool
sock_addr_equal(const struct sock_addr *a, const struct sock_addr *b)
{
	if (a->sa.any.sa_family != b->sa.any.sa_family)
		return false;
	switch (a->sa.any.sa_family) {
	case AF_UNIX: return strcmp(a->sa.un.sun_path, b->sa.un.sun_path) == 0;
	case AF_INET6:
		return memcmp(&a->sa.in6.sin6_addr, &b->sa.in6.sin6_addr,
			   sizeof(a->sa.in6.sin6_addr)) == 0 &&
		       a->sa.in6.sin6_port == b->sa.in6.sin6_port &&
		       a->sa.in6.sin6_scope_id == b->sa.in6.sin6_scope_id;
	default:
		return a->sa.in.sin_addr.s_addr == b->sa.in.sin_addr.s_addr &&
		       a->sa.in.sin_port == b->sa.in.sin_port;
	}
}

bool
sock_addr_is_local(const struct sock_addr *addr)
{
	const struct in6_addr *v6 = &addr->sa.in6.sin6_addr;
	uint32_t v4 = addr->sa.in.sin_addr.s_addr;

	switch (addr->sa.any.sa_family) {
	case AF_UNIX: return true;
	case AF_INET: break;
	default:
		if (!IN6_IS_ADDR_V4MAPPED(v6))
			return IN6_IS_ADDR_LOOPBACK(v6);
		memcpy(&v4, v6->s6_addr + 12, sizeof(v4));
	}
	return ntohl(v4) >> 24 == IN_LOOPBACKNET;
}
