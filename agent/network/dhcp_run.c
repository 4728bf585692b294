/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talks to the running dhcpcd.
 *
 * SIGHUP would not do: dhcpcd does not begin with interfaces that it was not to have before, and it
 * takes away the address of every interface when its file's time of change is another one. So the
 * file's time is always the same, and interfaces are named to dhcpcd ("dhcpcd -n NAME…"). Its
 * client becomes a daemon of its own when nobody listens, so the message is sent from here.
 */
#include "agent/network/dhcp_run.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/network/dhcp.h"
#include "agent/network/release.h"
#include "lib/file.h"
#include "lib/scope.h"

#define CONTROL "/run/dhcpcd/sock"
/* What dhcpcd takes of a message. */
#define MESSAGE_MAX 8192
/* No link can have this name: dhcpcd reads the file again, and leaves all that it has alone. Left
 * with the old list, it would begin anew with an interface that left it, once that leaves a bridge.
 */
#define NOBODY "no/link"

bool dhcp_run_has(const struct dhcp_names *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->name[i], name))
			return true;
	return false;
}

void dhcp_run_add(struct dhcp_names *l, const char *name)
{
	if (l->n < DHCP_RUN_MAX && !dhcp_run_has(l, name))
		(void)snprintf(l->name[l->n++], NETWORK_NAME, "%.15s", name);
}

static int index_of(const char *name)
{
	return (int)if_nametoindex(name);
}

/* --- the file --- */

/* An interface's lines, up to the next one's; NULL when it has none. */
static const char *block_of(const char *conf, const char *name, size_t *ret_len)
{
	char head[NETWORK_NAME + 16];
	const char *begin, *end;

	(void)snprintf(head, sizeof(head), "\n\ninterface %s\n", name);
	begin = strstr(conf, head);
	if (!begin)
		return NULL;
	begin += strlen(head);
	end = strstr(begin, "\n\ninterface ");
	*ret_len = end ? (size_t)(end - begin) + 1 : strlen(begin);
	return begin;
}

/* What stands before all interfaces, but for the list of them. */
static const char *globals_of(const char *conf, size_t *ret_len)
{
	const char *begin = strstr(conf, "\nnodelay\n"), *end;

	if (!begin)
		begin = conf;
	end = strstr(begin, "\n\ninterface ");
	*ret_len = end ? (size_t)(end - begin) : strlen(begin);
	return begin;
}

static bool same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a && b && a_len == b_len && !memcmp(a, b, a_len);
}

/* Whoever dhcpcd is to have no longer: told of it, it would begin with it anew. */
static void drop_others(struct dhcp_names *l, const struct dhcp_names *all)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (dhcp_run_has(all, l->name[i]))
			memmove(l->name[n++], l->name[i], sizeof(l->name[i]));
	l->n = n;
}

void dhcp_run_compare(const char *old, const char *now, const struct dhcp_names *all,
		      struct dhcp_names *ret)
{
	size_t a_len, b_len;
	const char *a = globals_of(old, &a_len), *b = globals_of(now, &b_len);
	bool same_globals = same(a, a_len, b, b_len);

	drop_others(ret, all);
	for (size_t i = 0; i < all->n; i++) {
		a = block_of(old, all->name[i], &a_len);
		b = block_of(now, all->name[i], &b_len);
		if (!same_globals || !same(a, a_len, b, b_len))
			dhcp_run_add(ret, all->name[i]);
	}
}

static int publish(const char *path, const struct buf *text, struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .relaxed = true };
	const struct timespec always[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	int r = file_publish(FILE_ROOT, path, buf_text(text), text->len, &attr, NULL, err);

	if (r == 0 && utimensat(AT_FDCWD, path, always, 0) < 0)
		return error_sys(err, errno, "%s", path);
	return r;
}

int dhcp_run_write(struct dhcp_run *r, int root, struct network *net, const struct want_list *want,
		   const char *path, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DHCP_RUN_CONF);
	struct dhcp_names now = { 0 };
	int ret;

	dhcp_config(net, want, index_of, &text);
	ret = buf_check(&text, err);
	if (ret < 0 || !strcmp(buf_text(&text), buf_text(&r->conf)))
		return ret;
	for (size_t i = 0; i < want->n; i++)
		if (want->w[i].dynamic && index_of(want->w[i].name) > 0)
			dhcp_run_add(&now, want->w[i].name);
	for (size_t i = 0; i < r->has.n; i++)
		if (!dhcp_run_has(&now, r->has.name[i]))
			network_release(root, r->has.name[i],
					dhcp_run_has(&r->keeps, r->has.name[i]));
	r->keeps.n = 0;
	dhcp_run_compare(buf_text(&r->conf), buf_text(&text), &now, &r->tells);
	r->has = now;
	buf_reset(&r->conf);
	buf_str(&r->conf, buf_text(&text));
	ret = publish(path, &text, err);
	return ret < 0 ? ret : 1;
}

/* --- telling --- */

static int reach(int *ret, struct error *err)
{
	const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = CONTROL };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_sys(err, errno, "dhcpcd");
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_set(err, ENOTCONN, "dhcpcd does not listen: %s", strerror(errno));
	*ret = TAKE_FD(fd);
	return 0;
}

int dhcp_run_tell(struct dhcp_run *r, struct error *err)
{
	static const char first[] = "dhcpcd\0-n";
	AUTO_BUF struct buf message = BUF_WITH_LIMIT(MESSAGE_MAX);
	AUTO_CLOSE int fd = -1;
	int ret;

	ret = reach(&fd, err);
	if (ret < 0)
		return ret;
	buf_add(&message, first, sizeof(first));
	for (size_t i = 0; i < r->tells.n; i++)
		buf_add(&message, r->tells.name[i], strlen(r->tells.name[i]) + 1);
	if (!r->tells.n)
		buf_add(&message, NOBODY, sizeof(NOBODY));
	ret = buf_check(&message, err);
	if (ret < 0)
		return ret;
	if (send(fd, message.data, message.len, MSG_NOSIGNAL) != (ssize_t)message.len)
		return error_set(err, ENOTCONN, "dhcpcd does not listen: %s", strerror(errno));
	r->tells.n = 0;
	return 0;
}
