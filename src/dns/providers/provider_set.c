/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "dns/providers/provider_set.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

void
provider_set_init(struct provider_set *set, enum addr_family family)
{
	*set = (struct provider_set){ .family = family };
}

void
provider_set_fini(struct provider_set *set)
{
	free(set->list);
	set->list = NULL;
	set->len = 0;
}

int
provider_set_put(struct provider_set *set, const struct provider_record *record)
{
	struct provider_record *list;
	size_t place = 0;

	while (place < set->len && set->list[place].id < record->id)
		place++;
	if (place < set->len && set->list[place].id == record->id) {
		set->list[place] = *record;
		return 0;
	}
	if (set->len >= RRSET_MAX)
		return ERR_TOOBIG;
	list = realloc(set->list, (set->len + 1) * sizeof *list);
	if (list == NULL)
		return ERR_NOMEM;
	memmove(list + place + 1, list + place,
	    (set->len - place) * sizeof *list);
	list[place] = *record;
	set->list = list;
	set->len++;
	return 0;
}
