/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a stanza of /etc/network/interfaces, which form_eni.c reads: the lines between one
 * "iface" and the next. Pure.
 */
#pragma once

#include "agent/network/model.h"

/* The bytes of a line with its end, and the words of it that are looked at. */
#define ENI_LINE_MAX 4096
#define ENI_WORDS    32

/* How far the reading has come: the place, the stanza that is open there, and what of it waits for
 * its end. All texts are those of net's pool. */
struct eni_reader {
	struct network *net;
	struct network_if *nic; /* of the stanza that is open; NULL: options are skipped */
	bool v6, skip;          /* skip: options of a stanza that means nothing here */
	const char *address_mask;
	struct doc_node address; /* kept until the stanza ends: its mask may follow */
	struct doc_origin at;
};

/* Put an option into the open stanza's interface (r->nic, which is not NULL here), or keep it in
 * `r` until the stanza ends. `value` is the pool's, and "" for none. What is not known, or wrong,
 * is a message. */
void eni_option_put(struct eni_reader *r, const char *name, const char *value);
/* Cut `text` into words, in place: up to `max` of them. Returns how many there are. */
size_t eni_option_split(char *text, char **word, size_t max);
