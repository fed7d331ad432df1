#!/bin/sh
# SPDX-License-Identifier: ISC
# Every option of the table stands in the manual and in the sample, and in an
# example in README unless a first look can do without it.
set -u
cd "${srcdir:-.}" || exit 99
options=$(sed -n 's/^	{ "\([a-z_0-9]*\)", [A-Z_]*, OPTION_.*/\1/p' src/conf_options.c |
	sort -u)
n=$(echo "$options" | wc -l)
# Tuning, paths, and what is as anybody expects. A new option is not among
# these: it has an example.
unshown='api_reads_need_token api_socket api_socket_mode api_token canaries connection
expect_body expect_body_regex expect_status fail_mode fail_open_percent fall
fast_interval_ms follow_redirects headers heartbeat_ms host listen log_level
max_body method nodes_ca_file nodes_protocol probe_interval_ms
probe_timeout_ms reconcile_interval_ms rise state_dir statsd statsd_prefix
takeover_ms tls_ca_file tls_cert tls_client_cert tls_client_key
tls_full_interval_ms tls_key tls_verify tsig_fudge_s update_timeout_ms
update_transport verify_resolvers vote_ttl_ms'
examples=$(grep '^    ' README.md)
bad=0
if [ "$n" -lt 50 ]; then
	echo "only $n options found in src/conf_options.c: is the table another?"
	bad=1
fi
for option in $options; do
	grep -qE "(^\.|[ ,])I[tc] .*\b$option\b|^\.It Ic .*\b$option\b|Ic $option\b" \
		man/rrdnsd.conf.5 || {
		echo "man/rrdnsd.conf.5: $option is missing"
		bad=1
	}
	grep -qwE "$option" conf/rrdnsd.conf.sample || {
		echo "conf/rrdnsd.conf.sample: $option is missing"
		bad=1
	}
	if ! echo "$examples" | grep -qE "(^|[^a-z_])$option = " &&
		! echo "$unshown" | grep -qw "$option"; then
		echo "README.md: no example has $option"
		bad=1
	fi
done
exit $bad
