/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay [-runs=N] DIRECTORY: hands every file of a corpus to the harness it is linked with, then N
 * inputs that are made from them by a few random changes; always the same ones, so that a failure
 * can be repeated. The input being tried is left in ./crash-input when the harness dies.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536
#define INPUTS_MAX 4096

struct input {
	uint8_t *data;
	size_t size;
};

struct corpus {
	struct input inputs[INPUTS_MAX];
	size_t n;
	uint64_t random;
};

/* xorshift64* */
static size_t any(struct corpus *c, size_t below)
{
	c->random ^= c->random >> 12;
	c->random ^= c->random << 25;
	c->random ^= c->random >> 27;
	return below ? (size_t)((c->random * 0x2545f4914f6cdd1dULL) >> 33) % below : 0;
}

static void load(struct corpus *c, const char *dir, const char *name)
{
	char path[1024];
	uint8_t *data = malloc(INPUT_MAX);
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 || !data ? -1 : read(fd, data, INPUT_MAX);
	if (n < 0) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
	c->inputs[c->n++] = (struct input){ data, (size_t)n };
}

static int is_input(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void load_all(struct corpus *c, const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_input, alphasort);

	if (n <= 0) {
		(void)fprintf(stderr, "%s: no inputs\n", dir);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		if (c->n < INPUTS_MAX)
			load(c, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* The harness gets memory of exactly the right size, so that reading past it is seen. */
static void try_one(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		exit(1);
	if (size)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static size_t change(struct corpus *c, uint8_t *data, size_t size)
{
	static const char *const bits[] = { "\n", "  ", "[", "]", "{", "}", ": ", "- ", "&a ",
					    "*a", "\"", "'", "<<: ", "!!", "\\", "%", "#", "|",
					    ",", "=" };
	const char *bit = bits[any(c, sizeof(bits) / sizeof(bits[0]))];
	const struct input *other = &c->inputs[any(c, c->n)];
	size_t at = any(c, size + 1), len = strlen(bit), from;

	switch (any(c, 5)) {
	case 0: /* a byte becomes another */
		if (at < size)
			data[at] = (uint8_t)any(c, 256);
		return size;
	case 1: /* something goes away */
		from = at + any(c, size - at + 1);
		memmove(data + at, data + from, size - from);
		return size - (from - at);
	case 2: /* a token comes in */
		if (size + len > INPUT_MAX)
			return size;
		memmove(data + at + len, data + at, size - at);
		memcpy(data + at, bit, len);
		return size + len;
	case 3: /* the rest is another input's */
		from = any(c, other->size + 1);
		len = other->size - from;
		if (at + len > INPUT_MAX)
			return size;
		memcpy(data + at, other->data + from, len);
		return at + len;
	default: /* a piece is doubled */
		len = any(c, size - at + 1);
		if (size + len > INPUT_MAX)
			return size;
		memmove(data + at + len, data + at, size - at);
		return size + len;
	}
}

static void keep(const uint8_t *data, size_t size)
{
	int fd = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) < 0)
		perror("crash-input");
	(void)close(fd);
}

static void try_changed(struct corpus *c, long runs)
{
	static uint8_t data[INPUT_MAX];

	for (long i = 0; i < runs; i++) {
		const struct input *in = &c->inputs[any(c, c->n)];
		size_t size = in->size;

		memcpy(data, in->data, size);
		for (size_t k = 1 + any(c, 6); k > 0; k--)
			size = change(c, data, size);
		/* Written only where it matters: looking for the input of a known crash. */
		if (getenv("FUZZ_KEEP"))
			keep(data, size);
		try_one(data, size);
	}
}

int main(int argc, char **argv)
{
	static struct corpus c = { .random = 0x9e3779b97f4a7c15ULL };
	long runs = 0;
	size_t kept;

	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "-runs=", 6))
			runs = strtol(argv[i] + 6, NULL, 10);
		else
			load_all(&c, argv[i]);
	}
	if (c.n == 0) {
		(void)fprintf(stderr, "usage: %s [-runs=N] DIRECTORY\n", argv[0]);
		return 2;
	}
	kept = c.n;
	for (size_t i = 0; i < c.n; i++)
		try_one(c.inputs[i].data, c.inputs[i].size);
	try_changed(&c, runs);
	for (size_t i = 0; i < c.n; i++)
		free(c.inputs[i].data);
	printf("%zu inputs, %ld made from them\n", kept, runs);
	return 0;
}
