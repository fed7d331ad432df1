/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_json.h"

#include "ctl_duration.h"

const char *
ctl_json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* What C leaves undefined is made the nearest there is. */
static int64_t
real_to_int(double real)
{
	if (real >= 0x1p63)
		return INT64_MAX;
	if (real < -0x1p63)
		return INT64_MIN;
	return (int64_t)real;
}

int64_t
ctl_json_int(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_real(value) ? real_to_int(json_real_value(value))
				   : (int64_t)json_integer_value(value);
}

bool
ctl_json_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

int64_t
ctl_json_time(const json_t *object, const char *key)
{
	int64_t ms;

	return ctl_time_parse(ctl_json_text(object, key), &ms) == 0 ? ms : 0;
}
