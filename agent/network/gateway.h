/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the machine has a way out: a default route, IPv4 or IPv6. Waiting is by the kernel's own
 * announcements of routes.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Wait until there is a default route; -ETIMEDOUT after timeout_ms. */
int gateway_wait(int timeout_ms, struct error *err) MUST_CHECK;
/* The same for another question that routes and addresses decide: it is asked at once, and whenever
 * one of them changes. */
int gateway_wait_until(bool (*is_so)(void *arg), void *arg, int timeout_ms,
		       struct error *err) MUST_CHECK;
/* Wait until any route changes, at most timeout_ms: a better moment to try again than the end of a
 * fixed time. */
void gateway_pause(int timeout_ms);

/* Whether the text of /proc/net/route or /proc/net/ipv6_route has a default route that is up.
 * Pure. */
bool gateway_in_route4(const char *text);
bool gateway_in_route6(const char *text);
/* Somebody may be reached without one: there is a route to a network other than link-local ones and
 * those of containers. */
bool gateway_on_link(void);
/* The same of those texts. Pure. */
bool gateway_on_link4(const char *text);
bool gateway_on_link6(const char *text);
