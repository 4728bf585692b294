/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching an address that whoever runs the machine gave (kernel line, DMI, guestinfo, meta-data of
 * a medium): plain http is accepted with a warning unless TLS is required, redirects stay within
 * the scheme, and a server that is not up yet is asked again.
 */
#pragma once

#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/error.h"
#include "lib/http/http.h"

/* Whether it may be fetched at all; sets p->warning, and p->where to the address without what may
 * be secret in it. */
int user_url_check(const struct datasource_ctx *c, const char *url, struct datasource_payload *p,
		   struct error *err) MUST_CHECK;
/* The body of a 200; `public_only` as in lib/http/http.h. -ENOENT when the server has no such file;
 * -EAGAIN, -ETIMEDOUT when it did not come to an answer in time. */
int user_url_get(struct http *h, const char *url, int64_t deadline, bool public_only,
		 struct buf *b, struct error *err) MUST_CHECK;
