#!/bin/sh
# SPDX-License-Identifier: ISC
# What a reviewer should not have to look for.
# shellcheck disable=SC2044 # no name here has a space
set -u
cd "${srcdir:-.}" || exit 99
bad=0
complain() {
	echo "$1"
	bad=1
}
for file in $(find src tests -name '*.[ch]' -not -path '*/corpus/*'); do
	# REUSE-IgnoreStart
	head -n 1 "$file" | grep -q '^/\* SPDX-License-Identifier: ISC \*/$' ||
		complain "$file: the first line is no SPDX line"
	# REUSE-IgnoreEnd
	lines=$(wc -l <"$file")
	[ "$lines" -le 500 ] || [ "${file#tests/}" != "$file" ] ||
		complain "$file: $lines lines; 500 are a question"
	awk -v file="$file" '
		{ gsub(/\t/, "        ") }
		length > 100 { print file ":" NR ": longer than 100"; bad = 1 }
		/[ \t]$/ { print file ":" NR ": white space at the end"; bad = 1 }
		END { exit bad }' "$file" || bad=1
done
for file in $(find src -name '*.h'); do
	guard=RRDNSD_$(echo "${file#src/}" | tr 'a-z/.' 'A-Z__')
	grep -q "^#ifndef $guard\$" "$file" ||
		complain "$file: the include guard is not $guard"
done
for file in $(find src -name '*.c'); do
	grep -q '^#include "config.h"$' "$file" ||
		complain "$file: config.h is not included"
done
words='T''ODO|F''IXME|X''XX'
grep -rInwE "$words" src tests integ conf man \
	--exclude-dir=corpus --exclude='*.openapi.yaml' --exclude='*.log' --exclude='*.trs' &&
	complain "finish it, or file an issue"
grep -rnE --include='*.[ch]' '^[^*]*[^a-z_](strcpy|strcat|sprintf|gets|strtok|atoi|alloca)\(' src &&
	complain "use the bounded one"
exit $bad
