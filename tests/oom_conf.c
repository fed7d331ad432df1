/* SPDX-License-Identifier: ISC */
/* The configuration, its changes at run time, keys, and --import. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_main.h"
#include "conf.h"
#include "conf_import.h"
#include "err.h"
#include "oom_cases.h"
#include "tsig_key.h"

static char dir[] = "/tmp/check_oom.XXXXXX";
static char path[64];
static struct conf *conf, *old;
static struct conf_changes changes;
static struct conf_report report;
static char said[512];

static void
hear(void *arg, bool warning, const char *file, int line, const char *text)
{
	(void)arg;
	(void)file;
	(void)line;
	if (!warning)
		snprintf(said, sizeof said, "%s", text);
}

/* A file with everything that takes memory, and changes over it. */
static void
prepare_file(void)
{
	static const char change[] = "{\"fqdn\":\"new.example.org\","
	    "\"zone\":\"example.org\",\"healthcheck\":\"tcp://{}:22\","
	    "\"ipaddrs\":[\"192.0.2.9\"]}";
	size_t size;
	char *sample = oom_corpus("conf/complete", &size);
	FILE *file;

	strcpy(dir + sizeof dir - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/rrdnsd.conf", dir);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%sstate_dir = \"%s\";\n", sample, dir);
	fprintf(file, "webhooks = ( { url = \"http://127.0.0.1/\"; "
	    "secret = \"x\"; events = ( \"service_up\" ); } );\n");
	fclose(file);
	free(sample);
	report = (struct conf_report){ .line = hear };
	conf = NULL;
	changes = (struct conf_changes){ 0 };
	ck_assert_int_eq(conf_changes_add(&changes, CONF_CHANGE_SERVICE,
			     "new.example.org", "", change), 0);
	ck_assert_int_eq(conf_changes_save(dir, &changes), 0);
}

static void
prepare_amendment(void)
{
	prepare_file();
	old = conf_load_file(path, &report);
	ck_assert_msg(old != NULL, "%s", said);
}

static void
remove_files(void)
{
	char name[64];

	conf_changes_fini(&changes);
	unlink(path);
	snprintf(name, sizeof name, "%s/" CONF_CHANGES_FILE, dir);
	ck_assert_int_eq(unlink(name), 0); /* it was never set aside */
	ck_assert_int_eq(rmdir(dir), 0);
}

/* What the configuration was refused for. */
static int
err_said(void)
{
	if (strstr(said, err_text(ERR_NOMEM)) != NULL)
		return ERR_NOMEM;
	return strcmp(said, err_text(ERR_CRYPTO)) == 0 ? ERR_CRYPTO
						       : ERR_SYNTAX;
}

/* Refused with the reason; the file and what was changed are as they were. */
static int
result(void)
{
	if (conf != NULL)
		return report.errors == 0 ? 0 : ERR_EXISTS;
	return err_said();
}

static int
load(void)
{
	conf = conf_load(path, &report);
	return result();
}

static void
judge_conf(int err)
{
	ck_assert_int_eq(conf != NULL, err == 0);
	if (err != 0) {
		report.errors = 0;
		conf = conf_load(path, &report);
	}
	ck_assert_uint_eq(report.errors, 0);
	ck_assert_uint_eq(conf->n_services, 2);
	ck_assert_uint_eq(conf->n_webhooks, 1);
	conf_free(conf);
	remove_files();
}

static int
amend(void)
{
	conf = conf_amend(old, &changes, &report);
	return result();
}

/* The old one goes on as it was. */
static void
judge_amended(int err)
{
	if (err == 0)
		ck_assert_uint_eq(conf->n_services, 2);
	conf_free(conf);
	ck_assert_uint_eq(old->n_services, 1);
	ck_assert_ptr_nonnull(conf_find_service(old, "www.example.org"));
	conf_free(old);
	remove_files();
}

static struct conf_changes loaded;
static char why[256];

static int
load_changes(void)
{
	return conf_changes_load(dir, &loaded, why, sizeof why);
}

static void
judge_changes(int err)
{
	ck_assert_uint_eq(loaded.len, err == 0);
	conf_changes_fini(&loaded);
	ck_assert_int_eq(load_changes(), 0);
	ck_assert_uint_eq(loaded.len, 1);
	conf_changes_fini(&loaded);
	remove_files();
}

static int
save_changes(void)
{
	int err = conf_changes_add(&changes, CONF_CHANGE_NODE,
	    "192.0.2.11:3333", "", "{}");

	return err != 0 ? err : conf_changes_save(dir, &changes);
}

/* The old file, or the new one. */
static void
judge_saved(int err)
{
	ck_assert_int_eq(load_changes(), 0);
	ck_assert_uint_eq(loaded.len, err == 0 ? 2 : 1);
	conf_changes_fini(&loaded);
	remove_files();
}

static char *text;
static size_t len;
static struct tsig_key key;

static void
prepare_key_file(void)
{
	text = oom_corpus("tsig_key/tsig-keygen", &len);
}

static void
prepare_key_line(void)
{
	text = oom_corpus("tsig_key/line", &len);
}

static int
parse_key(void)
{
	return tsig_key_parse(text, &key, why, sizeof why);
}

static void
judge_key(int err)
{
	if (err != 0)
		ck_assert_msg(strstr(why, "memory") != NULL, "%s", why);
	ck_assert_int_eq(key.secret.data != NULL, err == 0);
	tsig_key_fini(&key);
	free(text);
}

static FILE *out;

static void
prepare_import(void)
{
	text = oom_corpus("import/readme.json", &len);
	report = (struct conf_report){ .line = hear };
	out = tmpfile();
	ck_assert_ptr_nonnull(out);
}

static int
import(void)
{
	int err = conf_import_text(text, len, "readme.json", out, &report);

	return err == 0 ? 0 : err_said();
}

static void
judge_import(int err)
{
	ck_assert_int_eq(err == 0, report.errors == 0);
	fclose(out);
	free(text);
}

const struct oom_case oom_conf_cases[] = {
	{ "configuration", prepare_file, load, judge_conf },
	{ "change at run time", prepare_amendment, amend, judge_amended },
	{ "changes read", prepare_file, load_changes, judge_changes },
	{ "changes written", prepare_file, save_changes, judge_saved },
	{ "BIND key file", prepare_key_file, parse_key, judge_key },
	{ "key in a line", prepare_key_line, parse_key, judge_key },
	{ "import", prepare_import, import, judge_import },
};
const size_t oom_n_conf_cases = COUNT(oom_conf_cases);
