/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudStack's password server (Exoscale has it, too): port 8080 of whoever has the metadata gives
 * a new password once, and forgets it when it is told that it was set.
 */
#pragma once

#include "datasource/cloud.h"

/* The `finish` of a cloud: ask, and put what comes into the payload. No answer is no failure: most
 * machines have no password. */
int password_ask(struct cloud_answer *a, struct error *err) MUST_CHECK;
/* The `used` of a datasource: tell the server, by the way it was found, that it may forget. */
int password_used(const struct datasource_ctx *c, const struct datasource_payload *p,
		  struct error *err) MUST_CHECK;
/* The text of a reply as the password; false when there is none in it. Pure. */
bool password_read(const char *reply, char *to, size_t size);
/* "http://HOST" → "http://HOST:8080"; an address with a port stands for all of it. Pure. */
void password_server(const char *base, char *to, size_t size);
