/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tsig_key_file.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"

#define WORD_MAX 4100

/* A word (quoted or not), one of { } ; or the end of the text. */
struct token {
	char punct; /* 0 for a word and for the end */
	bool end;
	char word[WORD_MAX];
};

struct lexer {
	const char *at;
	int line;
	char *why;
	size_t why_size;
	struct token token;
};

static int fail(const struct lexer *lexer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
fail(const struct lexer *lexer, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	snprintf(lexer->why, lexer->why_size, "key file, line %d: %s",
	    lexer->line, text);
	return ERR_SYNTAX;
}

static void
skip_line(struct lexer *lexer)
{
	lexer->at += strcspn(lexer->at, "\n");
}

/* After the opening of a C comment. */
static int
skip_comment(struct lexer *lexer)
{
	for (; *lexer->at != '\0'; lexer->at++) {
		if (lexer->at[0] == '*' && lexer->at[1] == '/') {
			lexer->at += 2;
			return 0;
		}
		lexer->line += *lexer->at == '\n';
	}
	return fail(lexer, "a comment that begins with /* never ends");
}

/* The three comment styles of named.conf. */
static int
skip_blanks(struct lexer *lexer)
{
	for (;;) {
		if (isspace((unsigned char)*lexer->at)) {
			lexer->line += *lexer->at == '\n';
			lexer->at++;
		} else if (*lexer->at == '#' ||
		    strncmp(lexer->at, "//", 2) == 0) {
			skip_line(lexer);
		} else if (strncmp(lexer->at, "/*", 2) == 0) {
			lexer->at += 2;
			if (skip_comment(lexer) != 0)
				return ERR_SYNTAX;
		} else {
			return 0;
		}
	}
}

static int
take_word(struct lexer *lexer, size_t len)
{
	if (len >= WORD_MAX)
		return fail(lexer, "a word is too long");
	memcpy(lexer->token.word, lexer->at, len);
	lexer->token.word[len] = '\0';
	lexer->at += len;
	return 0;
}

static int
next(struct lexer *lexer)
{
	struct token *token = &lexer->token;
	int err;

	if (skip_blanks(lexer) != 0)
		return ERR_SYNTAX;
	token->punct = 0;
	token->end = *lexer->at == '\0';
	token->word[0] = '\0';
	if (token->end)
		return 0;
	if (strchr("{};", *lexer->at) != NULL) {
		token->punct = *lexer->at++;
		return 0;
	}
	if (*lexer->at != '"')
		return take_word(lexer, strcspn(lexer->at, " \t\r\n\v\f{};\""));
	lexer->at++;
	if ((err = take_word(lexer, strcspn(lexer->at, "\"\n"))) != 0)
		return err;
	if (*lexer->at != '"')
		return fail(lexer, "a quoted string never ends");
	lexer->at++;
	return 0;
}

static bool
is_word(const struct token *token)
{
	return token->punct == 0 && !token->end;
}

static int
expect_word(struct lexer *lexer, char *out, size_t size, const char *what)
{
	int err = next(lexer);

	if (err != 0)
		return err;
	if (!is_word(&lexer->token))
		return fail(lexer, "expected %s", what);
	if (strlen(lexer->token.word) >= size)
		return fail(lexer, "%s is too long", what);
	memcpy(out, lexer->token.word, strlen(lexer->token.word) + 1);
	return 0;
}

static int
expect_punct(struct lexer *lexer, char punct)
{
	int err = next(lexer);

	if (err == 0 && lexer->token.punct != punct)
		err = fail(lexer, "expected \"%c\"", punct);
	return err;
}

struct texts {
	char name[WORD_MAX];
	char alg[WORD_MAX];
	char secret[WORD_MAX];
};

/* What stands between the braces, the closing one included. */
static int
parse_clauses(struct lexer *lexer, struct texts *texts)
{
	for (;;) {
		char *to;
		int err = next(lexer);

		if (err != 0)
			return err;
		if (lexer->token.punct == '}')
			return 0;
		if (strcasecmp(lexer->token.word, "algorithm") == 0)
			to = texts->alg;
		else if (strcasecmp(lexer->token.word, "secret") == 0)
			to = texts->secret;
		else
			return fail(lexer, "expected algorithm or secret");
		if (*to != '\0')
			return fail(lexer, "%s stands here twice",
			    to == texts->alg ? "algorithm" : "secret");
		err = expect_word(lexer, to, WORD_MAX,
		    to == texts->alg ? "the algorithm" : "the secret");
		if (err != 0 || (err = expect_punct(lexer, ';')) != 0)
			return err;
	}
}

static int
parse_key(struct lexer *lexer, struct texts *texts)
{
	int err = next(lexer);

	if (err != 0)
		return err;
	if (strcasecmp(lexer->token.word, "key") != 0)
		return fail(lexer, "expected key \"NAME\" { ... };");
	if ((err = expect_word(lexer, texts->name, WORD_MAX,
	    "the key's name")) != 0 ||
	    (err = expect_punct(lexer, '{')) != 0 ||
	    (err = parse_clauses(lexer, texts)) != 0 ||
	    (err = expect_punct(lexer, ';')) != 0 ||
	    (err = next(lexer)) != 0)
		return err;
	if (!lexer->token.end)
		return fail(lexer, "more than one key: which one is meant?");
	if (*texts->alg == '\0' || *texts->secret == '\0')
		return fail(lexer, "the key has no %s",
		    *texts->alg == '\0' ? "algorithm" : "secret");
	return 0;
}

int
tsig_key_file_parse(const char *text, struct tsig_key *out, char *why,
    size_t why_size)
{
	struct lexer *lexer = calloc(1, sizeof *lexer);
	struct texts *texts = calloc(1, sizeof *texts);
	int err = ERR_NOMEM;

	if (lexer != NULL && texts != NULL) {
		lexer->at = text;
		lexer->line = 1;
		lexer->why = why;
		lexer->why_size = why_size;
		err = parse_key(lexer, texts);
		if (err == 0)
			err = tsig_key_assemble(texts->alg, texts->name,
			    texts->secret, out, why, why_size);
	}
	if (lexer != NULL)
		OPENSSL_cleanse(lexer, sizeof *lexer);
	if (texts != NULL)
		OPENSSL_cleanse(texts, sizeof *texts);
	free(lexer);
	free(texts);
	return err;
}

bool
tsig_key_file_looks_like(const char *text)
{
	char why[1];
	struct lexer lexer = { .at = text, .line = 1, .why = why,
		.why_size = sizeof why };

	if (strchr(text, '{') != NULL || skip_blanks(&lexer) != 0)
		return true;
	return strncasecmp(lexer.at, "key", 3) == 0 &&
	    isspace((unsigned char)lexer.at[3]);
}
