/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's length. It lies in memory, and its readers take JOURNAL_MAX: a long one is replaced
 * by its beginning (the boot, which is what is analyzed), what each unit last said (which is what
 * its state follows from), and its end.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

/* A journal is trimmed when it is longer than this, and is shorter then. */
#define TRIM_ABOVE (1l << 20)
#define HEAD_MAX (512u << 10)
#define TAIL_MAX (256u << 10)
/* Last words that are kept of what lies between, and how many bytes of them. */
#define WORDS_MAX 512
#define WORDS_BYTES (128u << 10)
/* Of what follows the beginning, only so much of the end is read. */
#define REST_MAX (3l << 20)

struct line {
	const char *text;
	size_t len; /* with its newline */
	const char *key;
	size_t key_len;
};

/* Up to `max` bytes from `at` on, without what follows the last newline: it is being written. */
static int read_lines(int fd, off_t at, size_t max, struct buf *b, struct error *err)
{
	char chunk[16384];
	const char *end;
	ssize_t n;
	int r;

	*b = BUF_WITH_LIMIT(max);
	while (b->len < max) {
		size_t room = max - b->len;

		n = pread(fd, chunk, room < sizeof(chunk) ? room : sizeof(chunk),
			  at + (off_t)b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "read " JOURNAL_PATH);
		if (n == 0)
			break;
		buf_add(b, chunk, (size_t)n);
		r = buf_check(b, err);
		if (r < 0)
			return r;
	}
	end = b->len ? memrchr(b->data, '\n', b->len) : NULL;
	b->len = end ? (size_t)(end + 1 - b->data) : 0;
	return 0;
}

/* What a later line of the same kind and unit makes superfluous, as journal_format() writes it. */
static bool find_key(struct line *l)
{
	static const char begin[] = "\"kind\":", end[] = ",\"code\":";
	const char *from = memmem(l->text, l->len, begin, strlen(begin));
	const char *to = from ? memmem(from, l->len - (size_t)(from - l->text), end, strlen(end)) :
				NULL;

	if (!to)
		return false;
	l->key = from;
	l->key_len = (size_t)(to - from);
	return true;
}

static bool is_said(const struct line *words, size_t n, const struct line *l)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].key_len == l->key_len && !memcmp(words[i].key, l->key, l->key_len))
			return true;
	}
	return false;
}

/* The last line of each kind and unit in `text`, in their order. */
static void add_last_words(struct buf *to, const char *text, size_t len)
{
	struct line words[WORDS_MAX];
	size_t n = 0, bytes = 0;

	while (len > 0 && n < WORDS_MAX) {
		const char *nl = len > 1 ? memrchr(text, '\n', len - 1) : NULL;
		const char *from = nl ? nl + 1 : text;
		struct line l = { .text = from, .len = len - (size_t)(from - text) };

		len -= l.len;
		if (!find_key(&l) || is_said(words, n, &l))
			continue;
		bytes += l.len;
		if (bytes > WORDS_BYTES)
			break;
		words[n++] = l;
	}
	while (n-- > 0)
		buf_add(to, words[n].text, words[n].len);
}

static void add_note(struct buf *to)
{
	static const struct journal_event ev = {
		.kind = JOURNAL_WARNING, .unit = "journal", .ms = -1,
		.text = "grew too long: of what was here, only each unit's last words are left",
	};
	char line[JOURNAL_LINE];

	buf_add(to, line, journal_format(line, clock_boot_usec(), &ev));
}

/* Where the first line begins at or behind `at`. */
static size_t line_from(const struct buf *b, size_t at)
{
	while (at > 0 && at < b->len && b->data[at - 1] != '\n')
		at++;
	return at;
}

/* The new text, and up to where of the old one it reaches. */
static int shorten(int fd, off_t size, struct buf *to, off_t *ret_end, struct error *err)
{
	AUTO_BUF struct buf head = { 0 };
	AUTO_BUF struct buf rest = { 0 };
	size_t first, tail;
	off_t at;
	int r;

	r = read_lines(fd, 0, HEAD_MAX, &head, err);
	if (r < 0)
		return r;
	at = (off_t)head.len > size - REST_MAX ? (off_t)head.len : size - REST_MAX;
	r = read_lines(fd, at, REST_MAX, &rest, err);
	if (r < 0)
		return r;
	first = line_from(&rest, at > (off_t)head.len);
	tail = line_from(&rest, rest.len > first + TAIL_MAX ? rest.len - TAIL_MAX : first);
	buf_add(to, head.data, head.len);
	add_note(to);
	add_last_words(to, rest.data + first, tail - first);
	buf_add(to, rest.data + tail, rest.len - tail);
	*ret_end = at + (off_t)rest.len;
	return buf_check(to, err);
}

/* What was appended to the old journal before the new one was in its place. Who appends to it after
 * that sees that it was replaced, and appends again (file_append()). */
static int add_late(int root, int fd, off_t at, struct error *err)
{
	int r;

	for (;;) {
		AUTO_BUF struct buf late = { 0 };

		r = read_lines(fd, at, TAIL_MAX, &late, err);
		if (r < 0 || !late.len)
			return r;
		r = file_append(root, JOURNAL_PATH, late.data, late.len, 0644, err);
		if (r < 0)
			return r;
		at += (off_t)late.len;
	}
}

int journal_trim(int root, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(TRIM_ABOVE);
	AUTO_CLOSE int fd = -1;
	struct file_attr attr;
	struct stat st;
	off_t end;
	int r;

	r = file_open(root, JOURNAL_PATH, O_RDONLY, 0, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "stat " JOURNAL_PATH);
	if (st.st_size <= TRIM_ABOVE)
		return 0;
	r = shorten(fd, st.st_size, &text, &end, err);
	if (r < 0)
		return r;
	attr = (struct file_attr){
		.mode = 0644, .uid = st.st_uid, .gid = st.st_gid, .relaxed = true
	};
	r = file_publish(root, JOURNAL_PATH, text.data, text.len, &attr, NULL, err);
	if (r < 0)
		return r;
	return add_late(root, fd, end, err);
}
