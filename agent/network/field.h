/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of one interface that are a single value or a list of texts, by the names that they have
 * in JSON and in `rancher.network.interfaces.NAME`: one row each, for the reader, the writer and
 * the list of known keys.
 */
#pragma once

#include <stddef.h>

#include "agent/network/model.h"

enum network_kind {
	NETWORK_IS_FLAG,
	NETWORK_IS_NUMBER,
	NETWORK_IS_TEXT,
	NETWORK_IS_ADDRESS, /* without length */
	NETWORK_IS_MAC,
	NETWORK_IS_NAME,
	NETWORK_IS_CIDRS,
	NETWORK_IS_ADDRESSES,
	NETWORK_IS_WORDS, /* list of texts without blanks */
	NETWORK_IS_TEXTS,
};

struct network_field {
	const char *key;
	enum network_kind kind;
	size_t offset;    /* in struct network_if */
	int64_t min, max; /* of numbers */
};

extern const struct network_field network_field_all[];
extern const size_t network_field_n;

const struct network_field *network_field_find(const char *key);
