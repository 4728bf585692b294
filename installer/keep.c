/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the line that was there with the one that this version would write.
 */
#include "installer/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "installer/loader.h"
#include "installer/statedir.h"
#include "lib/cmdline.h"
#include "lib/scope.h"

#define DIRECTORY "rancher.state.directory"
#define DEVICE    "rancher.state.dev"
#define SERIAL    "console=ttyS0,115200"
#define SCREEN    "console=tty0"

/* --- words --- */

struct words {
	const char *line;
	struct cmdline split;
	bool gone[CMDLINE_WORDS];
};

static int split(struct words *w, const char *line, struct error *err)
{
	w->line = line;
	if (!cmdline_parse(&w->split, line))
		return error_set(err, E2BIG, "the kernel line that is there: more than %d words",
				 CMDLINE_WORDS);
	return 0;
}

/* A word as it is written. */
static const char *word_at(const struct words *w, size_t i, size_t *ret_len)
{
	size_t from = w->split.words[i].column - 1;
	size_t end = i + 1 < w->split.n_words ? w->split.words[i + 1].column - 1 : strlen(w->line);

	while (end > from && strchr(" \t\r\n", w->line[end - 1]))
		end--;
	*ret_len = end - from;
	return w->line + from;
}

static bool is_word(const struct words *w, size_t i, const char *text, size_t len)
{
	size_t n;
	const char *word = word_at(w, i, &n);

	return n == len && !memcmp(word, text, len);
}

/* Each word of `what` takes one that is the same away, the first or the last. */
static void take(struct words *from, const struct words *what, bool last)
{
	size_t n = from->split.n_words;

	for (size_t i = 0; i < what->split.n_words; i++) {
		size_t len;
		const char *text = word_at(what, i, &len);

		for (size_t k = 0; k < n; k++) {
			size_t at = last ? n - 1 - k : k;

			if (from->gone[at] || !is_word(from, at, text, len))
				continue;
			from->gone[at] = true;
			break;
		}
	}
}

static void take_key(struct words *from, const char *key)
{
	for (size_t i = 0; i < from->split.n_words; i++) {
		if (!strcmp(from->split.words[i].key, key))
			from->gone[i] = true;
	}
}

/* Where a word first stands; behind all others when it does not. */
static size_t place_of(const struct words *w, const char *text)
{
	size_t i = 0;

	while (i < w->split.n_words && !is_word(w, i, text, strlen(text)))
		i++;
	return i;
}

/* What this version writes by itself, on any console. */
static int take_own(struct words *from, struct words *own, struct error *err)
{
	const struct loader_line bare = { .state = "" };
	char line[INSTALL_LINE_MAX + 1];
	int r = loader_line(&bare, line, sizeof(line), err);

	if (r == 0)
		r = split(own, line, err);
	if (r == 0)
		take(from, own, false);
	return r;
}

static int take_append(struct words *from, struct words *append, const char *text,
		       struct error *err)
{
	int r = split(append, text, err);

	if (r == 0)
		take(from, append, true);
	return r;
}

static int take_statedir(const struct install_request *q, struct words *w,
			 struct install_plan *plan, struct error *err)
{
	const char *was = cmdline_get(&w->split, DIRECTORY);
	int r = 0;

	if (q->statedir)
		(void)snprintf(plan->statedir, sizeof(plan->statedir), "%s", q->statedir);
	else if (was)
		r = statedir_clean(was, plan->statedir, err);
	take_key(w, DIRECTORY);
	return error_wrap(err, r, "global.cfg: " DIRECTORY);
}

static void add(struct buf *b, const char *text, size_t len)
{
	if (b->len)
		buf_char(b, ' ');
	buf_add(b, text, len);
}

static int join(const struct words *w, char *to, size_t size, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(2 * INSTALL_LINE_MAX);

	for (size_t i = 0; i < w->split.n_words; i++) {
		size_t len;
		const char *text = word_at(w, i, &len);

		if (!w->gone[i])
			add(&b, text, len);
	}
	(void)snprintf(to, size, "%s", buf_text(&b));
	return buf_check(&b, err);
}

static int tell(const struct install_request *q, const struct keep_line *l,
		struct install_plan *plan, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(2 * INSTALL_LINE_MAX);

	if (!q->statedir && *plan->statedir)
		buf_fmt(&b, DIRECTORY "=%s", plan->statedir);
	if (l->serial)
		add(&b, SERIAL, strlen(SERIAL));
	if (*l->words)
		add(&b, l->words, strlen(l->words));
	(void)snprintf(plan->kept, sizeof(plan->kept), "%s", buf_text(&b));
	return buf_check(&b, err);
}

int keep_line(const struct install_request *q, const struct install_found *f,
	      struct install_plan *plan, struct keep_line *ret, struct error *err)
{
	AUTO_FREE struct words *w = calloc(1, sizeof(*w)), *other = calloc(2, sizeof(*other));
	int r;

	*ret = (struct keep_line){ 0 };
	if (!w || !other)
		return error_sys(err, ENOMEM, "kernel line");
	/* Without a line there are the user's words. */
	r = split(w, *f->line ? f->line : f->append, err);
	if (r == 0)
		r = take_statedir(q, w, plan, err);
	if (r < 0)
		return r;
	take_key(w, DEVICE);
	ret->serial = place_of(w, SCREEN) < place_of(w, SERIAL) &&
		      place_of(w, SERIAL) < w->split.n_words;
	if (*f->line)
		r = take_own(w, &other[0], err);
	if (r == 0 && q->append)
		r = take_append(w, &other[1], f->append, err);
	if (r == 0)
		r = join(w, ret->words, sizeof(ret->words), err);
	return r < 0 ? r : tell(q, ret, plan, err);
}

/* --- slots --- */

/* NULL when the partition has no such slot. */
static const char *find_slot(const struct install_found *f, const char *name, bool *ret_sealed)
{
	for (size_t i = 0; i < f->n_slots; i++) {
		*ret_sealed = f->slots[i].sealed;
		if (!strcasecmp(f->slots[i].name, name))
			return f->slots[i].name;
	}
	return NULL;
}

static bool can_return_to(const struct install_found *f, const struct install_entry *e,
			  const char *slot)
{
	bool sealed;

	return strcasecmp(e->slot, slot) != 0 && find_slot(f, e->slot, &sealed) && sealed;
}

int keep_slots(const struct install_found *f, const char *slot, uint64_t need,
	       struct install_plan *plan, struct error *err)
{
	uint64_t room = f->room;

	if (can_return_to(f, &f->current, slot))
		plan->previous = f->current;
	else if (can_return_to(f, &f->previous, slot))
		plan->previous = f->previous;
	for (size_t i = 0; i < f->n_slots; i++) {
		const char *name = f->slots[i].name;
		bool again = !strcasecmp(name, slot);

		if (!again && (f->slots[i].named || !strcasecmp(name, plan->previous.slot)))
			continue;
		/* Its files are written over. */
		if (room != UINT64_MAX)
			room += f->slots[i].size;
		if (!again)
			(void)snprintf(plan->removed[plan->n_removed++],
				       sizeof(plan->removed[0]), "%s", name);
	}
	if (room >= need)
		return 0;
	return error_set(err, ECANCELED,
			 "the boot partition is full: %llu MiB are free, or hold old versions, "
			 "%llu are needed (it wants to be larger)",
			 (unsigned long long)(room / INSTALL_MIB),
			 (unsigned long long)((need + INSTALL_MIB - 1) / INSTALL_MIB));
}
