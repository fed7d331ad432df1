/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_FILE_REPLACE_H
#define RRDNSD_FILE_REPLACE_H

/* Puts the text in the place of dir/name: written to another file, synced, and
 * renamed, so that there is always a whole one, whatever happens. 0, or
 * ERR_NOSPACE, ERR_PERM or ERR_IO, logged. */
int file_replace(const char *dir, const char *name, const char *text,
    unsigned mode);

/* Renames dir/name to dir/name.broken and logs why; what it held is done
 * without. */
void file_set_aside(const char *dir, const char *name, const char *why);

#endif
