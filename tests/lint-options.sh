#!/bin/sh
# SPDX-License-Identifier: ISC
# Every option of the table stands in the manual and in the sample.
set -u
cd "${srcdir:-.}" || exit 99
options=$(sed -n 's/^	{ "\([a-z_0-9]*\)", [A-Z_]*, OPTION_.*/\1/p' src/conf_options.c |
	sort -u)
n=$(echo "$options" | wc -l)
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
done
exit $bad
