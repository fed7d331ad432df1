#!/bin/sh
# SPDX-License-Identifier: ISC
# Includes follow the direction main -> agent -> http, vote, dns -> base, and
# libraries stay in the files that wrap them (ARCHITECTURE.md).
set -u
cd "${srcdir:-.}" || exit 99
bad=0

# forbid FILES-PATTERN INCLUDE-PATTERN WHY
forbid() {
	# shellcheck disable=SC2086
	if grep -nE "^#[[:space:]]*include[[:space:]]*[<\"]$2" $1; then
		echo "^ $3"
		bad=1
	fi
}
forbid "src/http/*.[ch]" "(vote|dns)/" "http must not include vote or dns"
forbid "src/vote/*.[ch]" "(http|dns)/" "vote must not include http or dns"
forbid "src/dns/*.[ch] src/dns/*/*.[ch]" "(http|vote)/" "dns must not include http or vote"
forbid "src/http/*.[ch] src/vote/*.[ch] src/dns/*.[ch] src/dns/*/*.[ch]" "agent" \
	"only main and the agent include the agent"
base=$(find src -maxdepth 1 -name '*.[ch]' -not -name 'main.c' \
	-not -name 'agent*' -not -name 'replay*')
forbid "$base" "(http|vote|dns|agent)[/._]" "the base includes no room"

# stay PATTERN FILES...: the header appears only in these files.
stay() {
	pattern=$1
	shift
	# shellcheck disable=SC2013 # no name here has a space
	for file in $(grep -rlE "^#[[:space:]]*include[[:space:]]*<$pattern" src); do
		ok=
		for allowed; do
			# shellcheck disable=SC2254 # it is a pattern
			case $file in
			src/$allowed) ok=1 ;;
			esac
		done
		if [ -z "$ok" ]; then
			echo "$file: must not include <$pattern...>"
			bad=1
		fi
	done
}
stay "curl/" http/curl_shard.h "http/*.c" healthcheck.c conf_check.c conf_words.c ctl_request.c
stay "ldns/" dns/message.c dns/answer.c
stay "openssl/" tls_files.c http/dash.c http/tls_client.c http/tls_conn.c http/tls_store.c dns/tsig.c "vote/*.c" conf_hash.c secret.c "tsig_key*.c"
stay "libconfig" conf_libconfig.c
stay "jansson" json_text.h replay_event.c replay_journal.c conf_json.c conf_changes.c state.c vote/intents_json.h "vote/*.c" "http/api*.c" "ctl*.[ch]" \
	dns/providers/provider_impl.h "dns/providers/*.c"
stay "microhttpd" "http/server*.c" http/server_impl.h
stay "systemd/" log.c notify.c
exit $bad
