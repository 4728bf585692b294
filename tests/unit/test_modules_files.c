/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that end in one file: names, time, certificates, logs, random numbers. */
#include "tests/unit/agentroot.h"

#include "agent/account/hostkeys.h"

#define CERT                                                                 \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBOjCB7aADAgECAhQSEgNpqFjhiGNEwMZWlOBQTHC7njAFBgMrZXAwEjEQMA4G\n" \
	"A1UEAwwHdGVzdC1jYTAgFw0yNjExMjYxNzU1NTVaGA8yMTI2MTEwMjE3NTU1NVow\n" \
	"EjEQMA4GA1UEAwwHdGVzdC1jYTAqMAUGAytlcAMhAGmBS2jqJf+1AcNw+JWL7pFZ\n" \
	"YW1FpA1w+eugSZlFCZePo1MwUTAdBgNVHQ4EFgQUAsVTRlswC8tVqaZG4WAMNnmu\n" \
	"UzcwHwYDVR0jBBgwFoAUAsVTRlswC8tVqaZG4WAMNnmuUzcwDwYDVR0TAQH/BAUw\n" \
	"AwEB/zAFBgMrZXADQQDHWVeJBeWyjq2nY0NPk0dN/0VFzr/PCA+bMf/0HDDKvQJQ\n" \
	"2kXP9r7fER/38/wTNVN+zt9xAZF7t46zn35Jn+sG\n"                         \
	"-----END CERTIFICATE-----\n"
/* The same inside a YAML double-quoted text. */
#define CERT_YAML                                                             \
	"-----BEGIN CERTIFICATE-----\\n"                                      \
	"MIIBOjCB7aADAgECAhQSEgNpqFjhiGNEwMZWlOBQTHC7njAFBgMrZXAwEjEQMA4G\\n" \
	"A1UEAwwHdGVzdC1jYTAgFw0yNjExMjYxNzU1NTVaGA8yMTI2MTEwMjE3NTU1NVow\\n" \
	"EjEQMA4GA1UEAwwHdGVzdC1jYTAqMAUGAytlcAMhAGmBS2jqJf+1AcNw+JWL7pFZ\\n" \
	"YW1FpA1w+eugSZlFCZePo1MwUTAdBgNVHQ4EFgQUAsVTRlswC8tVqaZG4WAMNnmu\\n" \
	"UzcwHwYDVR0jBBgwFoAUAsVTRlswC8tVqaZG4WAMNnmuUzcwDwYDVR0TAQH/BAUw\\n" \
	"AwEB/zAFBgMrZXADQQDHWVeJBeWyjq2nY0NPk0dN/0VFzr/PCA+bMf/0HDDKvQJQ\\n" \
	"2kXP9r7fER/38/wTNVN+zt9xAZF7t46zn35Jn+sG\\n"                         \
	"-----END CERTIFICATE-----\\n"

static void test_names(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "fqdn: box.example.com\n");
	agentroot_text(f, "/etc/hostname", "box\n");
	agentroot_has(f, "/etc/hosts", "\n127.0.1.1 box.example.com box\n");
	agentroot_idempotent(f);
	agentroot_apply(f, "fqdn: box.example.com\nprefer_fqdn_over_hostname: true\n");
	agentroot_text(f, "/etc/hostname", "box.example.com\n");
	agentroot_has(f, "/etc/hosts", "\n127.0.1.1 box.example.com box\n");
	agentroot_apply(f, "fqdn: a.example.com\nhostname: b\n");
	agentroot_text(f, "/etc/hostname", "b\n");
	agentroot_has(f, "/etc/hosts", "\n127.0.1.1 a.example.com b\n");
	agentroot_apply(f, "preserve_hostname: true\nhostname: c\n");
	agentroot_text(f, "/etc/hostname", "b\n");
	agentroot_has(f, "/etc/hosts", "\n127.0.1.1 b\n");
	assert_string_equal(agentroot_result(f, "etc_hostname"), "skipped");
	agentroot_apply(f, "preserve_hostname: true\nfqdn: b.example.com\n");
	agentroot_has(f, "/etc/hosts", "\n127.0.1.1 b.example.com b\n");
	agentroot_apply(f, "preserve_hostname: true\nfqdn: c.example.com\n"
			   "manage_etc_hosts: localhost\n");
	agentroot_has(f, "/etc/hosts", "\n127.0.1.1 b\n");
	agentroot_apply(f, "create_hostname_file: false\nhostname: d\n");
	agentroot_text(f, "/etc/hostname", "b\n");
	agentroot_has(f, "/etc/hosts", " d\n");
	agentroot_idempotent(f);
}

static void test_own_hosts_file(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 old\n10.0.0.1 mine\n");
	agentroot_apply(f, "hostname: new\nmanage_etc_hosts: localhost\n");
	agentroot_text(f, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 new\n10.0.0.1 mine\n");
	assert_string_equal(agentroot_result(f, "etc_hosts"), "skipped");
	agentroot_idempotent(f);
	agentroot_apply(f, "hostname: other\nmanage_etc_hosts: false\n");
	agentroot_has(f, "/etc/hosts", "127.0.1.1 new\n");
	agentroot_apply(f, "hostname: other\nmanage_etc_hosts: true\n");
	agentroot_has(f, "/etc/hosts", "127.0.1.1 other\n");
}

static void test_timezone(void **state)
{
	struct agentroot *f = *state;
	char target[128] = "";
	char path[128];

	agentroot_put(f, "/usr/share/zoneinfo/Europe/Berlin", "TZif2...");
	agentroot_put(f, "/usr/share/zoneinfo/tzdata.txt", "text");
	agentroot_apply(f, "timezone: Europe/Berlin\n");
	agentroot_text(f, "/etc/timezone", "Europe/Berlin\n");
	(void)snprintf(path, sizeof(path), "%s/etc/localtime", f->s.path);
	assert_int_equal(readlink(path, target, sizeof(target) - 1), 33);
	assert_string_equal(target, "/usr/share/zoneinfo/Europe/Berlin");
	agentroot_idempotent(f);
	agentroot_apply(f, "timezone: Europe/Nowhere\n");
	assert_string_equal(agentroot_result(f, "timezone"), "failed");
	agentroot_apply(f, "timezone: ../zoneinfo/Europe/Berlin\n");
	assert_string_equal(agentroot_result(f, "timezone"), "failed");
	agentroot_apply(f, "timezone: tzdata.txt\n");
	assert_string_equal(agentroot_result(f, "timezone"), "failed");
	agentroot_text(f, "/etc/timezone", "Europe/Berlin\n");
}

static void test_locale(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "locale: de_DE.UTF-8\n");
	agentroot_text(f, "/etc/default/locale", "LANG=de_DE.UTF-8\n");
	agentroot_idempotent(f);
	agentroot_apply(f, "locale: C.UTF-8\nlocale_configfile: /etc/other\n");
	agentroot_text(f, "/etc/other", "LANG=C.UTF-8\n");
	agentroot_apply(f, "locale: false\n");
	assert_string_equal(agentroot_result(f, "locale"), "skipped");
	agentroot_apply(f, "locale: \"x\\nPATH=/tmp\"\n");
	assert_string_equal(agentroot_result(f, "locale"), "failed");
	agentroot_apply(f, "locale: \"$(reboot)\"\n");
	assert_string_equal(agentroot_result(f, "locale"), "failed");
	agentroot_text(f, "/etc/default/locale", "LANG=de_DE.UTF-8\n");
}

static void test_ntp(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(
		f, "ntp: {servers: [a.example, 10.0.0.1], pools: [p.example], peers: [q.example], "
		   "allow: [10.0.0.0/8]}\n");
	agentroot_has(f, "/etc/chrony/chrony.conf",
		      "\nserver a.example iburst\nserver 10.0.0.1 iburst\n"
		      "pool p.example iburst\npeer q.example\nsourcedir");
	agentroot_has(f, "/etc/chrony/chrony.conf", "\nallow 10.0.0.0/8\n");
	agentroot_idempotent(f);
	agentroot_apply(f, "ntp: {enabled: false, servers: [a.example]}\n");
	{
		AUTO_BUF struct buf b = { 0 };

		agentroot_read(f, "/etc/chrony/chrony.conf", &b);
		assert_null(strstr(buf_text(&b), "iburst"));
		assert_null(strstr(buf_text(&b), "sourcedir"));
		assert_non_null(strstr(buf_text(&b), "\nport 0\n"));
	}
	/* As RancherOS' users wrote it. */
	agentroot_apply(f, "write_files:\n- container: ntp\n  path: /etc/ntp.conf\n  content: |\n"
			   "    # mine\n    server 0.pool.example iburst\n    server -4 b.example\n"
			   "    server 127.127.1.0\n    pool c.example\n    server $(x)\n"
			   "    restrict default nomodify nopeer noquery limited kod\n");
	agentroot_has(f, "/etc/chrony/chrony.conf",
		      "\nserver 0.pool.example iburst\nserver b.example iburst\n"
		      "pool c.example iburst\nsourcedir");
	/* A container of somebody's own has a file of its own. */
	agentroot_apply(f, "rancher: {services: {web: {image: i}}}\nwrite_files:\n"
			   "- {container: web, path: /etc/ntp.conf, content: server x}\n");
	agentroot_has(f, "/etc/chrony/chrony.conf",
		      "\npool 2.debian.pool.ntp.org iburst\nsourcedir");
	agentroot_apply(f, "ntp: {servers: [\"a\\nallow all\"]}\n");
	assert_string_equal(agentroot_result(f, "chrony"), "failed");
}

static void test_resolv_conf(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(
		f, "manage_resolv_conf: true\nresolv_conf: {nameservers: [1.1.1.1, 9.9.9.9], "
		   "searchdomains: [a.example, b.example], options: {rotate: true, timeout: 1}}\n");
	agentroot_has(f, "/etc/resolv.conf",
		      "\nsearch a.example b.example\nnameserver 1.1.1.1\n"
		      "nameserver 9.9.9.9\noptions rotate timeout:1\n");
	agentroot_idempotent(f);
	agentroot_apply(f, "rancher: {network: {dns: {nameservers: [8.8.8.8]}}}\n"
			   "resolv_conf: {nameservers: [1.1.1.1]}\n");
	agentroot_has(f, "/etc/resolv.conf", "\nnameserver 8.8.8.8\n");
}

static void test_ca_certs(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/usr/etc/ssl/certs/ca-certificates.crt", "the image's\n");
	agentroot_put(f, "/etc/ssl/certs/ca-certificates.crt", "the image's\n");
	agentroot_apply(f, "ca-certs: {trusted: [\"" CERT_YAML "\"]}\n");
	agentroot_text(f, "/etc/ssl/certs/ca-certificates.crt",
		       "the image's\n# ca_certs of the cloud-config:\n" CERT);
	agentroot_mode(f, "/etc/ssl/certs/ca-certificates.crt", 0644);
	agentroot_silent(f);
	agentroot_idempotent(f);
	/* A newer image's authorities. */
	agentroot_put(f, "/usr/etc/ssl/certs/ca-certificates.crt", "newer\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/ssl/certs/ca-certificates.crt",
		       "newer\n# ca_certs of the cloud-config:\n" CERT);
	agentroot_apply(f, "ca_certs: {remove_defaults: true, trusted: [\"" CERT_YAML "\", x]}\n");
	agentroot_text(f, "/etc/ssl/certs/ca-certificates.crt",
		       "# ca_certs of the cloud-config:\n" CERT);
	agentroot_said(f, "this is no certificate in PEM form");
	/* What is no longer trusted is gone. */
	agentroot_apply(f, "hostname: a\n");
	agentroot_text(f, "/etc/ssl/certs/ca-certificates.crt", "newer\n");
	agentroot_idempotent(f);
}

/* A bundle with one broken certificate is of no use to OpenSSL. */
static void test_broken_certificates(void **state)
{
	static const char *const bad[] = {
		"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n",
		"-----BEGIN CERTIFICATE-----\\n%%%%\\n-----END CERTIFICATE-----\\n",
		"-----BEGIN CERTIFICATE-----\\nMIIB\\n",
		"text before " CERT_YAML,
		CERT_YAML "-----BEGIN PRIVATE KEY-----\\nx\\n-----END PRIVATE KEY-----\\n",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO_BUF struct buf yaml = { 0 };

		buf_fmt(&yaml, "ca_certs: {trusted: [\"%s\"]}\n", bad[i]);
		agentroot_apply(f, buf_text(&yaml));
		assert_string_equal(agentroot_result(f, "ca_certs"), "failed");
		agentroot_text(f, "/etc/ssl/certs/ca-certificates.crt",
			       "# ca_certs of the cloud-config:\n");
	}
}

static void test_rsyslog(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f,
			"rsyslog:\n  remotes: {main: '@@logs.example:514', old: '*.err 10.0.0.9', "
			"six: '@[fd00::1]:514', all: '*.* @@logs.example:514', mail: 'mail.* "
			"logs.example:10514', plain: '*.* logs.example', v6: '*.* "
			"@[fd00::1]:514'}\n"
			"  configs: ['$Umask 0022', {content: 'mail.* /var/log/m', filename: "
			"10-m.conf}]\n");
	agentroot_text(
		f, "/etc/rsyslog.d/20-cloud-config.conf",
		"# Made by ros agent from rsyslog.\n$Umask 0022\n*.* @@logs.example:514 # main\n"
		"*.err @10.0.0.9 # old\n*.* @[fd00::1]:514 # six\n"
		"*.* @@logs.example:514 # all\nmail.* @logs.example:10514 # mail\n"
		"*.* @logs.example # plain\n*.* @[fd00::1]:514 # v6\n");
	agentroot_text(f, "/etc/rsyslog.d/10-m.conf", "mail.* /var/log/m\n");
	agentroot_silent(f);
	agentroot_idempotent(f);
}

static void test_rsyslog_hostile(void **state)
{
	static const char *const bad[] = {
		"rsyslog: {remotes: {a: \"h\\n*.* /etc/x\"}}",
		"rsyslog: {remotes: {a: /etc/passwd}}",
		"rsyslog: {remotes: {a: '*.* :omprog:x'}}",
		"rsyslog: {remotes: {a: ':omprog:x'}}",
		"rsyslog: {remotes: {a: ':msg,contains,x h'}}",
		"rsyslog: {remotes: {a: '$Umask h'}}",
		"rsyslog: {remotes: {\"a\\nb\": h}}",
		"rsyslog: {configs: [{content: x, filename: ../../x}]}",
		"rsyslog: {configs: [[x]]}",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		agentroot_apply(f, bad[i]);
		if (strcmp(agentroot_result(f, "rsyslog_d"), "failed"))
			fail_msg("%s: %s", bad[i], agentroot_result(f, "rsyslog_d"));
		assert_false(file_exists(f->root, "/etc/x"));
		assert_false(file_exists(f->root, "/x"));
	}
}

static void test_random_seed(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "random_seed: {file: /var/lib/seed, data: aGVsbG8=, encoding: b64}\n");
	agentroot_text(f, "/var/lib/seed", "hello");
	agentroot_mode(f, "/var/lib/seed", 0600);
	agentroot_idempotent(f);
	agentroot_apply(f, "random_seed: {data: x}\n");
	assert_string_equal(agentroot_result(f, "random_seed"), "skipped");
	agentroot_apply(f, "random_seed: {data: '%%', encoding: b64}\n");
	assert_string_equal(agentroot_result(f, "random_seed"), "failed");
}

static void test_host_keys(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/ssh/ssh_host_rsa_key", "old");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: first\n");
	agentroot_apply(
		f, "ssh_keys: {ed25519_private: \"-----BEGIN OPENSSH PRIVATE KEY-----\\nx\\n\", "
		   "ed25519_public: ssh-ed25519 AAAA, ecdsa_certificate: c}\n");
	agentroot_text(f, "/etc/ssh/ssh_host_ed25519_key",
		       "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n");
	agentroot_mode(f, "/etc/ssh/ssh_host_ed25519_key", 0600);
	agentroot_text(f, "/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA\n");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf",
		      "\nHostCertificate /etc/ssh/ssh_host_ecdsa_key-cert.pub\n");
	agentroot_text(f, "/etc/ssh/ssh_host_rsa_key", "old");
	agentroot_idempotent(f);
	/* The disk is another instance's now. */
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: copy\n");
	agentroot_again(f);
	assert_false(file_exists(f->root, "/etc/ssh/ssh_host_rsa_key"));
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: copy2\n");
	agentroot_put(f, "/etc/ssh/ssh_host_rsa_key", "old");
	agentroot_apply(f, "ssh_deletekeys: false\n");
	agentroot_text(f, "/etc/ssh/ssh_host_rsa_key", "old");
	agentroot_apply(f, "ssh_keys: {rsa_private: hello}\n");
	assert_string_equal(agentroot_result(f, "ssh_keys"), "failed");
	agentroot_text(f, "/etc/ssh/ssh_host_rsa_key", "old");
}

/* Keys that write_files gave just now are this instance's; what it could not give is not. */
static void test_host_keys_of_write_files(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/ssh/ssh_host_rsa_key", "old");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: first\n");
	agentroot_apply(f, "hostname: a\n");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: copy\n");
	agentroot_put(f, "/etc/ssh/ssh_host_ed25519_key.pub", "old");
	agentroot_apply(f, "write_files:\n"
			   "- {path: /etc/ssh/ssh_host_ed25519_key, content: given}\n"
			   "- {path: /etc/ssh/ssh_host_rsa_key, content: x, encoding: rot13}\n");
	assert_string_equal(agentroot_result(f, "ssh_keys"), "changed");
	agentroot_text(f, "/etc/ssh/ssh_host_ed25519_key", "given");
	assert_false(file_exists(f->root, "/etc/ssh/ssh_host_ed25519_key.pub"));
	assert_false(file_exists(f->root, "/etc/ssh/ssh_host_rsa_key"));
}

static void test_types_of_host_keys(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "ssh_genkeytypes: [ed25519, ecdsa]\n");
	assert_true(hostkeys_wanted(HOSTKEYS_ED25519, f->a.config));
	assert_false(hostkeys_wanted(HOSTKEYS_RSA, f->a.config));
	assert_true(hostkeys_wanted(HOSTKEYS_RSA, NULL));
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf",
		      "\nHostKey /etc/ssh/ssh_host_ecdsa_key\n");
}

/* ssh-keygen's file after a power cut: as if there were none. What the configuration gives takes
 * its place. */
static void test_empty_host_key(void **state)
{
	struct agentroot *f = *state;
	const char *path = "/etc/ssh/ssh_host_ed25519_key";

	agentroot_put(f, path, "");
	assert_false(hostkeys_have(f->root, HOSTKEYS_ED25519, NULL));
	assert_false(file_exists(f->root, path));
	agentroot_put(f, path, "key");
	assert_true(hostkeys_have(f->root, HOSTKEYS_ED25519, NULL));
	agentroot_text(f, path, "key");
	agentroot_put(f, path, "");
	agentroot_apply(f, "rancher: {ssh: {keys: {ed25519: given, ed25519-pub: half}}}\n");
	assert_true(hostkeys_have(f->root, HOSTKEYS_ED25519, f->a.config));
	agentroot_text(f, path, "given\n");
	agentroot_text(f, "/etc/ssh/ssh_host_ed25519_key.pub", "half\n");
	agentroot_put(f, "/etc/ssh/ssh_host_ecdsa_key", "");
	agentroot_apply(f, "ssh_genkeytypes: [ecdsa]\n");
	assert_false(file_exists(f->root, "/etc/ssh/ssh_host_ecdsa_key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_names),	  agentroot_test(test_own_hosts_file),
		agentroot_test(test_timezone),	  agentroot_test(test_locale),
		agentroot_test(test_ntp),	  agentroot_test(test_resolv_conf),
		agentroot_test(test_ca_certs),	  agentroot_test(test_broken_certificates),
		agentroot_test(test_rsyslog),	  agentroot_test(test_rsyslog_hostile),
		agentroot_test(test_random_seed), agentroot_test(test_host_keys),
		agentroot_test(test_host_keys_of_write_files),
		agentroot_test(test_types_of_host_keys),
		agentroot_test(test_empty_host_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
