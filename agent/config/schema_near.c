/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distances between words: how many letters are missing, too many, wrong or swapped.
 */
#include "agent/config/schema_near.h"

#include <ctype.h>
#include <string.h>

/* Longer words are not compared. */
#define NEAR_LEN 40

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static bool same_letter(char a, char b)
{
	if (a == '-')
		a = '_';
	if (b == '-')
		b = '_';
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment, by three rows of the table. */
static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned rows[3][NEAR_LEN + 1];
	unsigned *last = rows[0], *row = rows[1], *older = rows[2];

	for (unsigned k = 0; k <= n_b; k++)
		last[k] = k;
	for (unsigned i = 1; i <= n_a; i++) {
		unsigned *spare = older;

		row[0] = i;
		for (unsigned k = 1; k <= n_b; k++) {
			unsigned cost = same_letter(a[i - 1], b[k - 1]) ? 0 : 1;

			row[k] = least(last[k] + 1, row[k - 1] + 1, last[k - 1] + cost);
			if (i > 1 && k > 1 && same_letter(a[i - 1], b[k - 2]) &&
			    same_letter(a[i - 2], b[k - 1]))
				row[k] = least(row[k], older[k - 2] + 1, row[k]);
		}
		older = last;
		last = row;
		row = spare;
	}
	return last[n_b];
}

/* How far a word may be off to be taken for another. */
static unsigned tolerance(size_t len)
{
	return len <= 3 ? 1 : len <= 6 ? 2 : len / 3;
}

struct best {
	const char *text;
	size_t len;
	unsigned distance;
};

static void consider(struct best *best, const char *meant, const char *candidate, size_t len)
{
	size_t n = strlen(meant);
	unsigned d;

	if (len > NEAR_LEN || n > NEAR_LEN || len == 0)
		return;
	d = distance(meant, n, candidate, len);
	if (d > tolerance(n) || d >= len || (best->text && d >= best->distance))
		return;
	*best = (struct best){ candidate, len, d };
}

/* Names beside the unknown one. */
static struct best find_sibling(const struct schema *s, const char *path, const char *key)
{
	size_t n, skip = *path ? strlen(path) + 1 : 0;
	const struct schema_entry *e = schema_below(s, path, &n);
	struct best best = { 0 };

	for (size_t i = 0; i < n; i++) {
		const char *name = e[i].path + skip;

		if (!strchr(name, '.') && *name != '*' && *name != '[' &&
		    !(e[i].row->flags & SCHEMA_IGNORED))
			consider(&best, key, name, strlen(name));
	}
	return best;
}

static size_t count_dots(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '.';
	return n;
}

/* The same name elsewhere, when that is a likely slip: a key of `rancher` at the root, a key of the
 * root further down. The place with the fewest steps. */
static const char *find_elsewhere(const struct schema *s, const char *path, const char *key)
{
	const char *found = NULL;
	size_t n;
	const struct schema_entry *e = schema_entries(s, &n);

	for (size_t i = 0; i < n; i++) {
		const char *name = strrchr(e[i].path, '.');

		if (strcmp(name ? name + 1 : e[i].path, key) || e[i].row->flags & SCHEMA_IGNORED)
			continue;
		if (*path ? name != NULL : strncmp(e[i].path, "rancher.", 8))
			continue;
		if (!found || count_dots(e[i].path) < count_dots(found))
			found = e[i].path;
	}
	return found;
}

bool schema_near_key(const struct schema *s, const char *path, const char *key, struct buf *out)
{
	struct best best = find_sibling(s, path, key);
	const char *elsewhere = NULL;

	if (!best.text || best.distance > 1)
		elsewhere = find_elsewhere(s, path, key);
	if (elsewhere)
		buf_fmt(out, " (did you mean %s%s?)", elsewhere,
			strchr(elsewhere, '.') ? "" : ", at the left margin");
	else if (best.text)
		buf_fmt(out, " (did you mean \"%.*s\"?)", (int)best.len, best.text);
	return elsewhere || best.text;
}

bool schema_near_word(const char *words, const char *text, struct buf *out)
{
	struct best best = { 0 };

	for (const char *w = words; *w;) {
		size_t len = strcspn(w, "|");

		consider(&best, text, w, len);
		w += len + (w[len] == '|');
	}
	if (best.text)
		buf_fmt(out, " (did you mean \"%.*s\"?)", (int)best.len, best.text);
	return best.text;
}
