#!/bin/sh
# SPDX-License-Identifier: ISC
set -u
command -v mandoc >/dev/null || exit 77
cd "${srcdir:-.}" || exit 99
# Whether other manuals are installed here is not the question.
found=$(mandoc -T lint man/*.[1-9] 2>/dev/null |
	grep -v 'referenced manual not found')
[ -z "$found" ] && exit 0
echo "$found"
exit 1
