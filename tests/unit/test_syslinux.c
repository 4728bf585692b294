/* SPDX-License-Identifier: Apache-2.0 */
/* `ros config syslinux`: the edited line reaches the entries of both boot loaders, or nothing
 * does. */
#include "tests/unit/agentroot.h"

#include "agent/command.h"
#include "installer/loader.h"

#define OLD "rancher.state.dev=LABEL=RANCHER_STATE console=tty0"
#define NEW "rancher.state.dev=LABEL=RANCHER_STATE console=ttyS0 rancher.password=x"

extern const struct command command_config_syslinux;

/* What ros install puts on the boot partition. */
static void put_boot(struct agentroot *f, const char *line)
{
	AUTO_BUF struct buf global = { 0 }, syslinux = { 0 };

	loader_global(line, &global);
	loader_syslinux_slot(line, "v1", "v1-abc", &syslinux);
	agentroot_put(f, "/boot/global.cfg", buf_text(&global));
	agentroot_put(f, "/boot/linux-current.cfg", buf_text(&syslinux));
	for (const struct loader_entry *e = loader_entries; e->suffix; e++) {
		AUTO_BUF struct buf text = { 0 };
		char path[128];

		(void)snprintf(path, sizeof(path), "/boot/loader/entries/ocicat%s.conf", e->suffix);
		loader_systemd_slot(e, line, "v1", "v1-abc", &text);
		agentroot_put(f, path, buf_text(&text));
	}
}

/* The files as they would be with this line. */
static void assert_boot(struct agentroot *f, const char *line)
{
	AUTO_BUF struct buf syslinux = { 0 };

	loader_syslinux_slot(line, "v1", "v1-abc", &syslinux);
	agentroot_text(f, "/boot/linux-current.cfg", buf_text(&syslinux));
	for (const struct loader_entry *e = loader_entries; e->suffix; e++) {
		AUTO_BUF struct buf text = { 0 };
		char path[128];

		(void)snprintf(path, sizeof(path), "/boot/loader/entries/ocicat%s.conf", e->suffix);
		loader_systemd_slot(e, line, "v1", "v1-abc", &text);
		agentroot_text(f, path, buf_text(&text));
	}
}

/* Run it with an editor that is a sed command. */
static int edit(struct agentroot *f, const char *sed, struct error *err)
{
	const struct env env = { .root = f->root };
	char name[] = "syslinux", *argv[] = { name, NULL };
	AUTO_BUF struct buf script = { 0 };
	char path[300];

	buf_fmt(&script, "#!/bin/sh\nsed -i '%s' \"$1\"\n", sed);
	agentroot_put(f, "/editor", buf_text(&script));
	(void)snprintf(path, sizeof(path), "%s/editor", f->s.path);
	assert_int_equal(chmod(path, 0755), 0);
	(void)unsetenv("VISUAL");
	assert_int_equal(setenv("EDITOR", path, 1), 0);
	error_reset(err);
	return command_config_syslinux.run(&env, 1, argv, err);
}

static void test_both_loaders(void **state)
{
	struct agentroot *f = *state;
	struct error err = { 0 };

	put_boot(f, OLD);
	assert_int_equal(edit(f, "s,^APPEND.*,APPEND " NEW ",", &err), COMMAND_OK);
	agentroot_text(f, "/boot/global.cfg", "APPEND " NEW "\n");
	assert_boot(f, NEW);
}

/* The power failed behind global.cfg: the entries get the line although the editor changes nothing.
 */
static void test_after_a_cut(void **state)
{
	struct agentroot *f = *state;
	struct error err = { 0 };

	put_boot(f, OLD);
	agentroot_put(f, "/boot/global.cfg", "APPEND " NEW "\n");
	assert_int_equal(edit(f, "", &err), COMMAND_OK);
	assert_boot(f, NEW);
}

static void test_what_could_not_boot(void **state)
{
	static const char *const seds[] = { "d", "p", "s/APPEND/KERNEL/" };
	struct agentroot *f = *state;
	struct error err = { 0 };

	put_boot(f, OLD);
	for (size_t i = 0; i < ARRAY_LEN(seds); i++) {
		assert_int_equal(edit(f, seds[i], &err), COMMAND_FAILED);
		assert_non_null(strstr(err.msg, "nothing was changed"));
		agentroot_text(f, "/boot/global.cfg", "APPEND " OLD "\n");
		assert_boot(f, OLD);
	}
}

static void test_not_installed(void **state)
{
	struct agentroot *f = *state;
	struct error err = { 0 };

	assert_int_equal(edit(f, "", &err), COMMAND_FAILED);
	assert_non_null(strstr(err.msg, "only an installed system has one"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_both_loaders),
		agentroot_test(test_after_a_cut),
		agentroot_test(test_what_could_not_boot),
		agentroot_test(test_not_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
