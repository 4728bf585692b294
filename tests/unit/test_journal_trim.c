/* SPDX-License-Identifier: Apache-2.0 */
/* The journal stays short, and nobody who writes or reads it meanwhile notices. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#define ONE_MIB (1u << 20)
#define NOTE "\"unit\":\"journal\""
#define NOISE "{\"t\":9,\"kind\":\"step-end\",\"unit\":\"noise\",\"code\":0,\"text\":\"%u\"}\n"

static void add_line(struct buf *b, const char *kind, const char *unit, const char *text)
{
	buf_fmt(b, "{\"t\":1,\"kind\":\"%s\",\"unit\":\"%s\",\"code\":0,\"text\":\"%s\"}\n",
		kind, unit, text);
}

/* Lines of one unit up to that length; each has its number. */
static void add_noise(struct buf *b, size_t up_to)
{
	for (unsigned i = 0; b->len < up_to; i++)
		buf_fmt(b, NOISE, i);
}

static int make_root(const struct scratch *s)
{
	struct error err = { 0 };
	int root = -1;

	assert_ok(file_root_open(s->path, &root, &err), &err);
	assert_ok(file_mkdir(root, "/run/ros", 0755, &err), &err);
	return root;
}

static void write_journal(int root, const struct buf *b)
{
	struct error err = { 0 };

	assert_ok(buf_check(b, &err), &err);
	assert_ok(file_append(root, JOURNAL_PATH, b->data, b->len, 0644, &err), &err);
}

/* Without a last line that is just being written. */
static char *read_journal(int root, struct buf *b)
{
	struct error err = { 0 };

	buf_reset(b);
	assert_ok(file_read(root, JOURNAL_PATH, b, &err), &err);
	assert_non_null(strrchr(buf_text(b), '\n'));
	strrchr(b->data, '\n')[1] = '\0';
	return b->data;
}

static size_t journal_size(int root)
{
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };
	struct stat st;

	assert_ok(file_open(root, JOURNAL_PATH, O_RDONLY, 0, &fd, &err), &err);
	assert_int_equal(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

static void trim(int root)
{
	struct error err = { 0 };

	assert_ok(journal_trim(root, &err), &err);
}

static void assert_whole_lines(const char *text)
{
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		assert_non_null(end);
		assert_memory_equal(text, "{\"t\":", 5);
		assert_memory_equal(end - 1, "}", 1);
	}
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void short_one_stays_as_it_is(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf before = { 0 };
	AUTO_BUF struct buf after = { 0 };
	AUTO_CLOSE int root = make_root(&s);

	(void)state;
	add_noise(&before, ONE_MIB - 200);
	write_journal(root, &before);
	trim(root);
	assert_string_equal(read_journal(root, &after), buf_text(&before));
}

/* What a boot is told by, and what the state of a unit follows from. */
static void beginning_last_words_and_end_are_kept(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf all = { 0 };
	AUTO_BUF struct buf after = { 0 };
	AUTO_CLOSE int root = make_root(&s);
	const char *text;
	char last[128];

	(void)state;
	add_line(&all, "boot", "init", "v0 an-id");
	add_noise(&all, 600 << 10);
	add_line(&all, "service-fail", "web", "first");
	add_line(&all, "service-fail", "web", "second");
	add_line(&all, "fail", "web", "of another kind");
	add_line(&all, "service-fail", "db", "also");
	add_noise(&all, 3 * ONE_MIB / 2);
	(void)snprintf(last, sizeof(last), "%s", strrchr(buf_text(&all), '{'));
	write_journal(root, &all);
	trim(root);
	text = read_journal(root, &after);
	assert_true(after.len < ONE_MIB);
	assert_memory_equal(text, buf_text(&all), 500 << 10);
	assert_string_equal(text + after.len - (250 << 10), buf_text(&all) + all.len - (250 << 10));
	assert_whole_lines(text);
	assert_null(strstr(text, "first"));
	assert_int_equal(count(text, "\"second\""), 1);
	assert_int_equal(count(text, "of another kind"), 1);
	assert_int_equal(count(text, "\"also\""), 1);
	assert_true(strstr(text, NOTE) < strstr(text, "second"));
	assert_true(strstr(text, "second") < strstr(text, "of another kind"));
}

static void same_again_and_again(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf noise = { 0 };
	AUTO_BUF struct buf words = { 0 };
	AUTO_BUF struct buf after = { 0 };
	AUTO_CLOSE int root = make_root(&s);

	(void)state;
	add_line(&words, "service-fail", "web", "in the middle");
	add_noise(&noise, 700 << 10);
	write_journal(root, &noise);
	write_journal(root, &words);
	for (int i = 0; i < 10; i++) {
		write_journal(root, &noise);
		trim(root);
		assert_true(journal_size(root) < ONE_MIB);
	}
	assert_int_equal(count(read_journal(root, &after), "in the middle"), 1);
	assert_true(count(buf_text(&after), NOTE) <= 2);
	assert_whole_lines(buf_text(&after));
}

/* Longer than any reader takes, its lines each of another unit, and one that is not yet whole. */
static void monstrous_one_is_cut_too(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf all = { 0 };
	AUTO_BUF struct buf after = { 0 };
	AUTO_CLOSE int root = make_root(&s);
	char unit[16];

	(void)state;
	for (unsigned i = 0; all.len < 2 * JOURNAL_MAX; i++) {
		(void)snprintf(unit, sizeof(unit), "u%u", i);
		add_line(&all, "fail", unit, "no");
	}
	buf_str(&all, "{\"t\":7,\"kind");
	write_journal(root, &all);
	trim(root);
	assert_whole_lines(read_journal(root, &after));
	assert_true(after.len < ONE_MIB);
	assert_non_null(strstr(buf_text(&after), unit));
}

#define WRITERS 4
#define ROUNDS 6
#define ROUND_LINES 400
#define LINES (ROUNDS * ROUND_LINES)

/* More than the note and everybody's last words take. */
#define WORDS_BYTES 8192

static void numbers_in(const char *text, const char *end, bool seen[WRITERS][LINES])
{
	for (; (text = strstr(text, "\"text\":\"w ")) && text < end; text++) {
		int w = -1, i = -1;

		assert_int_equal(sscanf(text, "\"text\":\"w %d %d ", &w, &i), 2);
		assert_true(w >= 0 && w < WRITERS && i >= 0 && i < LINES);
		seen[w][i] = true;
	}
}

static int last_of(const bool seen[LINES])
{
	int i = LINES - 1;

	while (i >= 0 && !seen[i])
		i--;
	return i;
}

/* Of each writer, every line of the round behind the mark that was set right before the trim is
 * there; in which order is left open. When so much was written between the two that the mark is no
 * more in the part that is kept whole, there is nothing to say. */
static void assert_nothing_is_missing(const char *text, int round)
{
	static bool before[WRITERS][LINES], after[WRITERS][LINES];
	const char *note = strstr(text, NOTE), *mark;
	char want[64];

	memset(before, 0, sizeof(before));
	memset(after, 0, sizeof(after));
	(void)snprintf(want, sizeof(want), "\"mark %d\"", round);
	mark = strstr(text, want);
	assert_true(note && mark);
	if (mark - note < WORDS_BYTES)
		return;
	numbers_in(text, mark, before);
	numbers_in(mark, text + strlen(text), after);
	for (int w = 0; w < WRITERS; w++) {
		int last = last_of(before[w]), first = round * ROUND_LINES;
		int i = last < first ? first : last + 1;

		for (; i < first + ROUND_LINES; i++)
			assert_true(after[w][i]);
	}
}

static void start_writer(int w, int round)
{
	pid_t pid = fork();
	char unit[16];

	assert_true(pid >= 0);
	if (pid > 0)
		return;
	(void)snprintf(unit, sizeof(unit), "w%d", w);
	for (int i = round * ROUND_LINES; i < (round + 1) * ROUND_LINES; i++)
		journal_say(JOURNAL_CONFIG, unit, "w %d %d %0800d", w, i, 0);
	_exit(0);
}

static void writers_go_on_while_it_is_replaced(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf text = { 0 };
	AUTO_CLOSE int root = make_root(&s);
	int status;

	(void)state;
	journal_root(root);
	journal_say(JOURNAL_BOOT, "init", "v0");
	for (int round = 0; round < ROUNDS; round++) {
		for (int w = 0; w < WRITERS; w++)
			start_writer(w, round);
		/* Together they write more than that. */
		while (journal_size(root) <= ONE_MIB)
			;
		journal_say(JOURNAL_CONFIG, "mark", "mark %d", round);
		trim(root);
		for (int w = 0; w < WRITERS; w++)
			assert_true(wait(&status) > 0 && status == 0);
		assert_whole_lines(read_journal(root, &text));
		assert_nothing_is_missing(buf_text(&text), round);
	}
	journal_root(FILE_ROOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_one_stays_as_it_is),
		cmocka_unit_test(beginning_last_words_and_end_are_kept),
		cmocka_unit_test(same_again_and_again),
		cmocka_unit_test(monstrous_one_is_cut_too),
		cmocka_unit_test(writers_go_on_while_it_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
