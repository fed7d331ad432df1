#!/bin/sh
# SPDX-License-Identifier: ISC
# Makes ./configure from configure.ac; nothing that this writes is committed.
set -eu
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all,no-obsolete
