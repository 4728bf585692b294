/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the options of the power commands.
 */
#include "agent/cmd/power.h"

#include <errno.h>
#include <string.h>

const char *power_kind_name(enum power_kind kind)
{
	static const char *const names[] = {
		[POWER_HALT] = "halt",
		[POWER_POWEROFF] = "poweroff",
		[POWER_REBOOT] = "reboot",
	};

	return names[kind];
}

static enum power_kind kind_of_name(const char *name)
{
	if (!strcmp(name, "halt"))
		return POWER_HALT;
	return !strcmp(name, "reboot") ? POWER_REBOOT : POWER_POWEROFF;
}

/* One letter, alone or among others ("-fr"). */
static bool letter(struct power_request *ret, char c, bool shutdown)
{
	switch (c) {
	case 'f':
		ret->force = true;
		return true;
	case 'H':
		ret->kind = POWER_HALT;
		return true;
	case 'P':
		ret->kind = POWER_POWEROFF;
		return true;
	case 'r':
		ret->kind = POWER_REBOOT;
		return true;
	case 'h': /* as everywhere: shutdown -h powers off, unless -H says halt */
		if (shutdown && ret->kind != POWER_HALT)
			ret->kind = POWER_POWEROFF;
		return shutdown;
	default:
		return false;
	}
}

static bool long_option(struct power_request *ret, const char *name)
{
	static const struct {
		const char *name;
		char letter;
	} names[] = { { "force", 'f' }, { "halt", 'H' }, { "poweroff", 'P' }, { "reboot", 'r' } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i].name, name))
			return letter(ret, names[i].letter, false);
	return false;
}

static bool letters(struct power_request *ret, const char *word, bool shutdown)
{
	for (const char *c = word; *c; c++)
		if (!letter(ret, *c, shutdown))
			return false;
	return *word != '\0';
}

int power_parse(struct power_request *ret, int argc, char **argv, struct error *err)
{
	bool shutdown = !strcmp(argv[0], "shutdown");

	*ret = (struct power_request){ .kind = kind_of_name(argv[0]) };
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		/* RancherOS' reboot had it, and --kexec-previous, --kexec-append. */
		if (!strncmp(word, "--kexec", 7))
			return error_set(err, EINVAL, "%s: this system does not start again by "
					 "kexec (leave it out: the firmware does it)", word);
		if (shutdown && (!strcmp(word, "now") || !strcmp(word, "+0")))
			continue;
		if (!strncmp(word, "--", 2) ? long_option(ret, word + 2) :
		    word[0] == '-' && letters(ret, word + 1, shutdown))
			continue;
		if (shutdown && word[0] != '-')
			return error_set(err, EINVAL, "%s: only \"now\" and \"+0\" are understood",
					 word);
		return error_set(err, EINVAL, "unknown option %s", word);
	}
	return 0;
}
