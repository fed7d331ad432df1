/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* One character of UTF-8 (RFC 3629): its length in bytes, 0 when it is none;
 * overlong forms, surrogates and what is beyond U+10FFFF are none. */
static size_t
decode(const char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t len = s[0] < 0x80 ? 1
	    : s[0] < 0xc2        ? 0
	    : s[0] < 0xe0        ? 2
	    : s[0] < 0xf0        ? 3
	    : s[0] < 0xf5        ? 4
				 : 0;

	*code = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (len > 1 && (*code < least[len] || *code > 0x10ffff ||
			   (*code >= 0xd800 && *code < 0xe000)))
		return 0;
	return len;
}

static bool
is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Format characters: invisible, or they change what stands around them. */
static bool
is_format(uint32_t code)
{
	return code == 0xad || code == 0x61c || code == 0x180e ||
	    (code >= 0x200b && code <= 0x200f) ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	    (code >= 0xfff9 && code <= 0xfffb) ||
	    (code >= 0xe0000 && code <= 0xe0fff);
}

/* Shows a character that is not to be written, in at most 10 bytes. */
static size_t
show(char *to, size_t size, uint32_t code, bool is_byte)
{
	int len;

	if (is_byte)
		len = snprintf(to, size, "\\x%02x", (unsigned)code);
	else if (code < 0x10000)
		len = snprintf(to, size, "\\u%04x", (unsigned)code);
	else
		len = snprintf(to, size, "\\U%08x", (unsigned)code);
	return (size_t)len;
}

char *
ctl_text_clean(const char *text, bool utf8)
{
	size_t size = 4 * strlen(text) + 1, used = 0;
	char *clean = malloc(size);

	while (clean != NULL && *text != '\0') {
		uint32_t code;
		size_t len = decode(text, &code);

		if (len == 0)
			code = (unsigned char)*text;
		if (len == 0 || is_control(code) || is_format(code) ||
		    (len > 1 && !utf8)) {
			used += show(clean + used, size - used, code,
			    len == 0 || is_control(code));
		} else {
			memcpy(clean + used, text, len);
			used += len;
		}
		text += len > 0 ? len : 1;
	}
	if (clean != NULL)
		clean[used] = '\0';
	return clean;
}

static size_t
width_of(uint32_t code)
{
	int width = wcwidth((wchar_t)code);

	return width < 0 ? 1 : (size_t)width;
}

size_t
ctl_text_width(const char *text)
{
	size_t width;

	ctl_text_fit(text, SIZE_MAX, &width);
	return width;
}

size_t
ctl_text_fit(const char *text, size_t columns, size_t *taken)
{
	const char *p = text;

	*taken = 0;
	while (*p != '\0') {
		uint32_t code;
		size_t len = decode(p, &code);
		size_t width = width_of(code);

		if (columns - *taken < width)
			break;
		*taken += width;
		p += len > 0 ? len : 1;
	}
	return (size_t)(p - text);
}

size_t
ctl_text_wrap(const char *text, size_t columns, size_t *skip)
{
	size_t taken;
	size_t fits = ctl_text_fit(text, columns, &taken), end = fits;

	if (text[fits] != '\0' && text[fits] != ' ') {
		while (end > 0 && text[end - 1] != ' ')
			end--;
		if (end == 0)
			end = fits;
	}
	fits = end;
	while (end > 0 && text[end - 1] == ' ')
		end--;
	while (text[fits] == ' ')
		fits++;
	*skip = fits - end;
	return end;
}
