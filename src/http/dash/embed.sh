#!/bin/sh
# SPDX-License-Identifier: ISC
# usage: embed.sh DIRECTORY >FILE.c
#
# The dashboard as one C array: dash.html of the directory, each of its lines
# "@include FILE" replaced by the file.
set -eu
cd "$1"
sed -n 's/^@include //p' dash.html | while read -r file; do
	[ -r "$file" ] || {
		echo "embed.sh: $1/$file: not there, but dash.html includes it" >&2
		exit 1
	}
done
cat <<'END'
/* SPDX-License-Identifier: ISC */
/* Made by src/http/dash/embed.sh; do not edit. */
#include "config.h"

#include "http/dash.h"

const unsigned char dash_page[] = {
END
awk '
	/^@include / {
		while ((getline line < $2) > 0)
			print line
		close($2)
		next
	}
	{ print }' dash.html |
	od -An -v -tx1 |
	sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
cat <<'END'
};
const size_t dash_page_len = sizeof dash_page;
END
