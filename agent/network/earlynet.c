/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs dhcpcd for a while.
 */
#include "agent/network/earlynet.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/network/earlynet_static.h"
#include "agent/network/gateway.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define DOWN_MS 3000
#define ADDRESS_MS 2000
#define LEASES "/var/lib/dhcpcd"
#define CARDS "/sys/class/net"
#define OTHERS_SIZE 4096

/* A card that is up for so long and has no carrier has no cable: the slow ones take 5 s. */
#define CARRIER_MS 10000
#define NO_CABLE "no network: no card has a cable"

/* One that is not up yet may have one: its file cannot be read. */
static bool may_have_cable(const char *card)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(16);
	char path[300];

	(void)snprintf(path, sizeof(path), CARDS "/%s/carrier", card);
	return file_read(FILE_ROOT, path, &text, NULL) < 0 || buf_text(&text)[0] == '1';
}

/* Whether `names` ("NAME NAME") has it. */
static bool is_among(const char *names, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += len)
		if ((at == names || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* The first card by its name, as the kernel numbers them, that is none of `others`; with a cable,
 * if so asked. */
static bool first_card(bool with_cable, const char *others, char *to, size_t size)
{
	AUTO_CLOSEDIR DIR *dir = opendir(CARDS);
	struct dirent *entry;

	to[0] = '\0';
	while (dir && (entry = readdir(dir))) {
		char path[300];

		(void)snprintf(path, sizeof(path), CARDS "/%s/device", entry->d_name);
		if (access(path, F_OK) == 0 && !is_among(others, entry->d_name) &&
		    (!with_cable || may_have_cable(entry->d_name)) &&
		    (!to[0] || strcmp(entry->d_name, to) < 0))
			(void)snprintf(to, size, "%.15s", entry->d_name);
	}
	return to[0] != '\0';
}

static int run_ip(const char *const argv[], const struct earlynet *n)
{
	struct error err = { 0 };
	int r = proc_run(argv, NULL, ADDRESS_MS, NULL, &err);

	if (r < 0)
		journal_say(JOURNAL_WARNING, "early-network", "%s on %s: %s", n->address, n->card,
			    err.msg);
	return r;
}

/* The last two bytes from the card's own address: two machines on a link do not meet. */
static void add_link_local(struct earlynet *n)
{
	const char *const up[] = { "ip", "link", "set", n->card, "up", NULL };
	const char *const add[] = { "ip",    "address", "add",	 n->address, "dev",
				    n->card, "scope",	"link", NULL };
	char path[64];
	unsigned a = 1, b = 1;
	AUTO_BUF struct buf mac = BUF_WITH_LIMIT(64);

	if (!first_card(false, "", n->card, sizeof(n->card)))
		return;
	(void)snprintf(path, sizeof(path), CARDS "/%s/address", n->card);
	if (file_read(FILE_ROOT, path, &mac, NULL) == 0)
		(void)sscanf(buf_text(&mac), "%*x:%*x:%*x:%*x:%x:%x", &a, &b);
	(void)snprintf(n->address, sizeof(n->address), "169.254.%u.%u/16", a % 168 + 1,
		       b % 254 + 1);
	if (run_ip(up, n) < 0 || run_ip(add, n) < 0)
		n->address[0] = '\0';
}

/* dhcpcd would hold it for one that it chose itself, for want of a lease. */
static void remove_link_local(struct earlynet *n)
{
	const char *const del[] = { "ip", "address", "del", n->address, "dev", n->card, NULL };

	if (n->address[0])
		(void)run_ip(del, n);
	n->address[0] = '\0';
}

/* Without a configuration: what the last boot's was may be what is to be replaced. */
static int start(struct earlynet *n, const char *others, struct error *err)
{
	const char *const argv[] = { "dhcpcd", "--nobackground", "--quiet", "--noarp",
				     "--nodelay", "--config", "/dev/null", "--option",
				     "domain_name_servers,domain_name,domain_search,"
				     "routers,classless_static_routes,interface_mtu",
				     "--denyinterfaces", others, NULL };
	const struct proc_spec spec = { .argv = argv, .in = -1, .out = -1, .err = -1 };
	int r = file_mkdir(FILE_ROOT, LEASES, 0755, err);

	return r == 0 ? proc_spawn(&spec, &n->pid, &n->pidfd, err) : r;
}

/* Nobody waits for an address on a card without a cable. */
static int wait_for_way_out(const struct earlynet *n, struct error *err)
{
	int first = n->wait_ms < CARRIER_MS ? n->wait_ms : CARRIER_MS;
	char card[16];

	if (gateway_wait(first, err) == 0)
		return 0;
	if (!first_card(true, "", card, sizeof(card)))
		return error_set(err, ENETDOWN, NO_CABLE);
	if (gateway_wait(n->wait_ms - first, err) == 0)
		return 0;
	return gateway_on_link() ? -err->code :
		error_set(err, ENETUNREACH, "no network: no lease after %d s", n->wait_ms / 1000);
}

static int find_way_out(struct earlynet *n, struct error *err)
{
	struct error why = { 0 };
	int64_t began = clock_ms();
	int r = 0;

	if (!n->link_local)
		r = wait_for_way_out(n, &why);
	if (r == 0)
		journal_say(JOURNAL_CONFIG, "early-network", "up after %lld ms",
			    (long long)(clock_ms() - began));
	else
		journal_say(JOURNAL_WARNING, "early-network", "%s", why.msg);
	return r == 0 || r == -ETIMEDOUT ? 0 : error_set(err, why.code, "%s", why.msg);
}

static bool has_cable(void *arg)
{
	char card[16];

	(void)arg;
	return first_card(true, "", card, sizeof(card));
}

/* A static card may be just coming up; the kernel makes routes when a carrier comes. */
static int find_cable(struct error *err)
{
	int r = gateway_wait_until(has_cable, NULL, CARRIER_MS, err);

	return r == -ETIMEDOUT ? error_set(err, ENETDOWN, NO_CABLE) : r;
}

static int try(struct earlynet *n, struct error *err)
{
	AUTO_BUF struct buf others = BUF_WITH_LIMIT(OTHERS_SIZE);
	struct error why = { 0 };
	bool is_static;
	char card[16];
	int r;

	buf_str(&others, "lo docker* veth* br-*");
	if (gateway_wait(0, NULL) == 0)
		return 0;
	r = earlynet_static(&others, &why);
	if (r < 0)
		journal_say(JOURNAL_WARNING, "early-network", "%s", why.msg);
	if (n->link_local)
		add_link_local(n);
	/* DHCP may find a way out by a card that nothing is said of. */
	is_static = r > 0 && !first_card(false, buf_text(&others), card, sizeof(card));
	if (is_static || gateway_wait(0, NULL) == 0)
		return find_cable(err);
	r = start(n, buf_text(&others), err);
	return r < 0 ? error_wrap(err, r, "network for the datasource") : find_way_out(n, err);
}

int earlynet_up(struct earlynet *n, struct error *err)
{
	char card[16];

	if (!n->is_allowed)
		return 0;
	/* The cold plug is over: a card that is not here does not come. */
	if (!first_card(false, "", card, sizeof(card)))
		return error_set(err, ENODEV, "no network: this machine has no card");
	if (!n->was_tried)
		(void)!try(n, &n->failed);
	n->was_tried = true;
	return n->failed.code ? error_set(err, n->failed.code, "%s", n->failed.msg) : 0;
}

void earlynet_down(struct earlynet *n)
{
	int status;

	remove_link_local(n);
	if (n->pidfd < 0)
		return;
	/* It takes back its addresses and routes when it ends. */
	(void)kill(n->pid, SIGTERM);
	if (proc_wait(n->pid, n->pidfd, DOWN_MS, &status, NULL) < 0) {
		(void)kill(n->pid, SIGKILL);
		(void)!proc_wait(n->pid, n->pidfd, DOWN_MS, &status, NULL);
	}
	(void)close(n->pidfd);
	n->pidfd = -1;
}
