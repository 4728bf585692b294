/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order services are started. Pure: told which services there are and how each ended, it
 * says which may be started next.
 *
 * Needs between services are edges. Hard and implicit ones are laid first; where they form a circle
 * nothing in it can be started, and the reason names the circle. Labels (after, before) are laid on
 * top, one by one in the order of the file; one that would close a circle is left out. A node is
 * WAITING until all it waits for has ended; a hard need that failed makes it fail as well.
 * Of several that are ready, the one that stands first in the file goes first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/error.h"

enum order_state { ORDER_WAITING, ORDER_RUNNING, ORDER_DONE, ORDER_FAILED, ORDER_N_STATES };

enum order_next { ORDER_READY, ORDER_WAIT, ORDER_END };

struct order;

/* `missing[i]` says that the image of service i is not here (it then waits for the network), may be
 * NULL. Services with `chosen[i]` false (NULL: all are) count as done. The set must outlive it. */
int order_new(const struct service_set *set, const bool *chosen, const bool *missing,
	      struct order **ret, struct error *err) MUST_CHECK;
void order_free(struct order *o);
DEFINE_AUTO(struct order, order_free);

/* ORDER_READY: *ret is the next service, RUNNING from now on; ORDER_WAIT: something must end first;
 * ORDER_END: all have ended. */
enum order_next order_next(struct order *o, size_t *ret);
/* Service i has ended its start. */
void order_done(struct order *o, size_t i, bool ok);
enum order_state order_state(const struct order *o, size_t i);
/* Why service i FAILED without ever being READY; NULL for others. */
const char *order_reason(const struct order *o, size_t i);
/* Whether service i waits for service k, directly or through others. */
bool order_follows(const struct order *o, size_t i, size_t k);
