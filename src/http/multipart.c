/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/multipart.h"

#include <string.h>
#include <sys/random.h>

#include "core/number.h"

void
multipart_draw_boundary(char boundary[MULTIPART_BOUNDARY_LEN])
{
	/* 32 of the characters that RFC 2046 5.1.1 allows. */
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char bytes[MULTIPART_BOUNDARY_LEN] = { 0 };

	/* Without entropy this early a fixed one still is a boundary. */
	(void)!getrandom(bytes, sizeof(bytes), GRND_NONBLOCK);
	for (size_t i = 0; i < sizeof(bytes); i++)
		boundary[i] = digits[bytes[i] % 32];
}

static char *
multipart_put(char *end, struct span span)
{
	memcpy(end, span.ptr, span.len);
	return end + span.len;
}

/* The piece in front of a range, into out, which has room. */
static char *
multipart_put_part(char *end, const struct multipart *multipart,
    const struct range *range, bool is_first)
{
	end = multipart_put(end, is_first ? SPAN("--") : SPAN("\r\n--"));
	end = multipart_put(end, multipart->boundary);
	end = multipart_put(end, SPAN("\r\nContent-Type: "));
	end = multipart_put(end, multipart->type);
	end = multipart_put(end, SPAN("\r\nContent-Range: bytes "));
	end += number_format_u64(end, range->first);
	*end++ = '-';
	end += number_format_u64(end, range->last);
	*end++ = '/';
	end += number_format_u64(end, multipart->total);
	return multipart_put(end, SPAN("\r\n\r\n"));
}

static char *
multipart_put_end(char *end, const struct multipart *multipart)
{
	end = multipart_put(end, SPAN("\r\n--"));
	end = multipart_put(end, multipart->boundary);
	return multipart_put(end, SPAN("--\r\n"));
}

static size_t
multipart_digits(uint64_t number)
{
	char digits[NUMBER_U64_DIGITS];

	return number_format_u64(digits, number);
}

uint64_t
multipart_length(const struct multipart *multipart, const struct range *ranges,
    unsigned nranges)
{
	/* The first part lacks the CR LF that the end has too much. */
	const size_t part = sizeof("\r\n--"
				   "\r\nContent-Type: "
				   "\r\nContent-Range: bytes -/"
				   "\r\n\r\n") -
			    1 + multipart->boundary.len + multipart->type.len +
			    multipart_digits(multipart->total);
	uint64_t length = sizeof("----\r\n") - 1 + multipart->boundary.len;

	for (unsigned i = 0; i < nranges; i++)
		length += part + multipart_digits(ranges[i].first) +
			  multipart_digits(ranges[i].last) +
			  (ranges[i].last - ranges[i].first + 1);
	return length;
}

int
multipart_write(struct buf *buf, const struct multipart *multipart,
    const struct range *ranges, unsigned nranges, unsigned at)
{
	char *end = buf->data + buf->len;

	if (buf->cap - buf->len < MULTIPART_TEXT_BYTES + multipart->type.len)
		return -1;
	if (at < nranges)
		end = multipart_put_part(end, multipart, &ranges[at], at == 0);
	else
		end = multipart_put_end(end, multipart);
	buf->len = (size_t)(end - buf->data);
	return 0;
}
