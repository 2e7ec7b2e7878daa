/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/represent.h"

#define REPRESENT_MULTIPART_TYPE "multipart/byteranges; boundary="

void
represent_init(struct represent *represent)
{
	const size_t at = sizeof(REPRESENT_MULTIPART_TYPE) - 1;

	multipart_draw_boundary(represent->boundary);
	memcpy(represent->multipart_type, REPRESENT_MULTIPART_TYPE, at);
	memcpy(represent->multipart_type + at, represent->boundary,
	    sizeof(represent->boundary));
}

struct multipart
represent_multipart(
    const struct represent *represent, const struct reply *reply)
{
	return (struct multipart){
		.boundary = { represent->boundary,
		    sizeof(represent->boundary) },
		.type = reply->file->type,
		.total = reply->file->size,
	};
}

static void
represent_one_range(struct reply *reply, struct range range)
{
	struct response *response = &reply->response;

	reply->offset = range.first;
	reply->length = range.last - range.first + 1;
	response->type = reply->file->type;
	response->length = reply->length;
	response->has_content_range = true;
	response->range = range;
	response->total = reply->file->size;
}

static void
represent_many_ranges(
    const struct represent *represent, struct reply *reply, unsigned nranges)
{
	const struct multipart multipart =
	    represent_multipart(represent, reply);
	struct response *response = &reply->response;

	reply->nranges = nranges;
	reply->length = 0; /* until the first range's turn */
	response->type = (struct span){ represent->multipart_type,
		sizeof(REPRESENT_MULTIPART_TYPE) - 1 +
		    sizeof(represent->boundary) };
	response->length = multipart_length(&multipart, reply->ranges, nranges);
}

/* Turns a 416 round the file that could not be cut that way. */
static void
represent_unsatisfiable(struct reply *reply)
{
	struct file *file = reply->file;

	reply_set_status(reply, 416);
	reply->file = file;
	reply->response.fields = file->vary;
	reply->response.has_content_range = true;
	reply->response.total = file->size;
}

/* Ranges of the file instead of all of it; for GET alone (RFC 9110 14.2). */
static void
represent_ranges(const struct represent *represent,
    const struct request *request, int64_t now, struct reply *reply)
{
	struct span value = request->value[FIELD_RANGE];
	struct response *response = &reply->response;
	unsigned n = 0;

	if (request->method != METHOD_GET || value.ptr == NULL ||
	    !cond_range_applies(request, &reply->file->validators, now))
		return;
	switch (range_parse(
	    value, reply->file->size, reply->ranges, REPLY_RANGES, &n)) {
	case RANGE_IGNORE: return;
	case RANGE_UNSATISFIABLE: represent_unsatisfiable(reply); return;
	case RANGE_OK: break;
	}
	response->status = 206;
	response->has_length = true;
	response->fields = reply->file->fields_206;
	if (n == 1)
		represent_one_range(reply, reply->ranges[0]);
	else
		represent_many_ranges(represent, reply, n);
}

void
represent_file(const struct represent *represent, const struct request *request,
    struct file *file, int64_t now, struct reply *reply)
{
	reply_begin(reply, 200);
	reply->response.fields = file->fields;
	reply->file = file;
	reply->length = file->size;
	switch (cond_evaluate(request, &file->validators, now)) {
	case COND_PROCEED:
		represent_ranges(represent, request, now, reply);
		break;
	case COND_NOT_MODIFIED:
		reply->response.status = 304;
		reply->response.fields = file->fields_304;
		reply->length = 0;
		break;
	case COND_FAILED:
		reply_set_status(reply, 412);
		reply->response.fields = file->vary;
		reply->file = file;
		break;
	}
}

void
represent_error_page(struct file *file, struct reply *reply)
{
	struct response *response = &reply->response;

	/* Its validators are not those of what was asked for. */
	reply->page = (struct span){ 0 };
	reply->file = file;
	reply->length = file->size;
	response->type = file->type;
	response->length = file->size;
	response->fields = file->fields_error;
}
