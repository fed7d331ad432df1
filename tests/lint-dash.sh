#!/bin/sh
# SPDX-License-Identifier: ISC
# The dashboard's sources: nothing is parsed as HTML, nothing comes from elsewhere,
# nothing is kept, and the build knows each file.
set -u
cd "${srcdir:-.}/src/http/dash" || exit 99
bad=0
complain() {
	echo "$1"
	bad=1
}
sinks='innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function|srcdoc'
grep -nE "$sinks" ./*.js ./*.html && complain "^ parses what may come from outside"
grep -nE '\son[a-z]+=|\sstyle=' dash.html && complain "^ the page's policy refuses it"
grep -nE 'localStorage|sessionStorage|indexedDB|cookie' ./*.js && complain "^ the page keeps nothing"
grep -nE '(src|href)="?[a-z]*:|url\(|@import|https?://' ./*.js ./*.css dash.html |
	grep -v 'http://www.w3.org/2000/svg' && complain "^ comes from elsewhere"
# Names of two words are the API's, or set by the page itself.
for name in $(grep -ohE '\.[a-z]+(_[a-z0-9]+)+' ./*.js | tr -d . | sort -u); do
	grep -qE "(^| )$name:" ../../../docs/openapi.yaml ||
		grep -qE "(const|let|[{,]) $name\b" ./*.js ||
		complain "$name: docs/openapi.yaml has no such field"
done
for file in *.js *.css; do
	# REUSE-IgnoreStart
	head -n 1 "$file" | grep -qE '^(//|/\*) SPDX-License-Identifier: ISC( \*/)?$' ||
		complain "$file: the first line is no SPDX line"
	# REUSE-IgnoreEnd
	grep -qxF "@include $file" dash.html || complain "$file: dash.html does not include it"
	grep -qF "src/http/dash/$file" ../../../Makefile.am || complain "$file: Makefile.am does not name it"
	[ "$(wc -l <"$file")" -le 300 ] || complain "$file: longer than 300 lines"
done
awk 'length > 100 { print FILENAME ":" FNR ": longer than 100"; bad = 1 }
	/[ \t]$/ { print FILENAME ":" FNR ": white space at the end"; bad = 1 }
	END { exit bad }' ./*.js ./*.css dash.html || bad=1
exit $bad
