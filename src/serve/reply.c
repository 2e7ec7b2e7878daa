/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/reply.h"

#include <errno.h>

/* What a want of descriptors or memory takes to pass. */
#define REPLY_RETRY_S 1

void
reply_begin(struct reply *reply, int status)
{
	reply->response = (struct response){ .status = status };
	reply->page = (struct span){ 0 };
	reply->file = NULL;
	reply->listing = NULL;
	reply->offset = 0;
	reply->length = 0;
	reply->error = 0;
	reply->lost_page = NULL;
	reply->verdict = VERDICT_OK;
	reply->site = NULL;
	reply->lookup = FILECACHE_UNASKED;
	reply->pace = NULL;
	reply->nranges = 0;
}

void
reply_set_page(
    struct reply *reply, int status, struct span type, struct span page)
{
	reply_begin(reply, status);
	reply->page = page;
	reply->response.type = type;
	reply->length = page.len;
	reply->response.has_length = true;
	reply->response.length = page.len;
}

void
reply_set_status(struct reply *reply, int status)
{
	reply_set_page(
	    reply, status, RESPONSE_PAGE_TYPE, response_page(status));
	/* RFC 9110 15.5.6: a 405 names what is allowed. */
	if (status == 405)
		reply->response.allow = REPLY_ALLOW;
}

int
reply_error_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case EISDIR:
	case ENXIO:
	case ELOOP: /* the policy on symbolic links refuses it: as if absent */
	case EXDEV: return 404;
	case EACCES:
	case EPERM: return 403;
	case EBUSY:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ETIMEDOUT: return 503;
	default: return 500;
	}
}

void
reply_set_error(struct reply *reply, int error)
{
	int status = reply_error_status(error);

	reply_set_status(reply, status);
	if (status == 503)
		reply->response.retry_after_s =
		    error == ETIMEDOUT ? REPLY_DISK_RETRY_S : REPLY_RETRY_S;
	if (status != 404)
		reply->error = error;
}
