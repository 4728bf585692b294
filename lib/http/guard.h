/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that a URL written by somebody must not reach: this machine itself, link-local ones,
 * and the clouds' metadata services, whose answers are secrets. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

bool guard_is_public(const struct sockaddr *sa);
/* The address in words, for a message. */
void guard_text(const struct sockaddr *sa, char *to, size_t size);
