#!/bin/sh
# SPDX-License-Identifier: ISC
# docs/openapi.yaml describes every route of the API, and no other; pages for
# people are none of it.
set -u
cd "${srcdir:-.}" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
tr -d '\n' <src/agent_api.c |
	grep -oE '\{ "(GET|POST|DELETE)",[[:space:]]*"[^"]+"' |
	sed -E 's/\{ "([A-Z]+)",[[:space:]]*"([^"]+)"/\1 \2/' |
	grep -vE '^GET /(dash)?$' | sort >"$work/served"
awk '
	/^components:/ { exit }
	/^  \/.*:$/ { path = $1; sub(/:$/, "", path); gsub(/\{[a-z]+\}/, "*", path) }
	/^    (get|post|delete):$/ { m = $1; sub(/:$/, "", m); print toupper(m), path }
' docs/openapi.yaml | sort >"$work/described"
[ -s "$work/served" ] || { echo "no route found in src/agent_api.c"; exit 1; }
diff "$work/served" "$work/described" && exit 0
echo "^ < served by src/agent_api.c, > described in docs/openapi.yaml"
exit 1
