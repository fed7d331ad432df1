/* SPDX-License-Identifier: ISC */
/* The codec: what goes through it unchanged, and what it refuses. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "err.h"
#include "vote/gossip.h"

#define HASH "0100000000000000000000000000000000000000000000000000000000000000"
#define UPPER "A100000000000000000000000000000000000000000000000000000000000000"
#define HEAD_OF(ms)                                                            \
	"\"from\":\"192.0.2.2:3333\",\"boot\":2,\"to\":\"192.0.2.1:3333\","    \
	"\"to_boot\":1,\"seq\":3,\"ms\":" ms ",\"to_ms\":5,\"to_held\":6"
#define HEAD HEAD_OF("4")
#define EMPTY_ROW "{\"base\":0,\"upto\":0,\"votes\":{}}"
#define CAUSED(cause)                                                          \
	"\"rows\":{\"192.0.2.2:3333\":{\"base\":0,\"upto\":9,\"votes\":{\""       \
	HASH "\":[9,\"d\"]},\"causes\":{\"" HASH "\":\"" cause "\"}}}"
#define ENTRY                                                                  \
	"{\"boot\":2,\"heartbeat\":7,\"version\":9,"                           \
	"\"intents_hash\":\"" HASH "\",\"age\":10}"
#define DIGEST "\"digest\":{\"192.0.2.2:3333\":" ENTRY "}"
#define ROWS(base, upto, votes)                                                \
	"\"rows\":{\"192.0.2.2:3333\":{\"base\":" base ",\"upto\":" upto       \
	",\"votes\":{" votes "}}}"
#define INTENT                                                                 \
	"{\"op\":\"drain\",\"stamp\":1,\"by\":\"a\",\"until\":0,"              \
	"\"reason\":\"r\",\"new\":[1]}"

static const struct {
	const char *text;
	int err;
} texts[] = {
	{ "{" HEAD "," DIGEST ",\"rows\":{}}", 0 },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"" HASH "\":[9,\"uda\"]")
	  "}", 0 },
	{ "{" HEAD "," DIGEST "," ROWS("8", "9", "\"" HASH "\":[9,\"\"]") "}",
	    0 },
	{ "{" HEAD "," DIGEST ",\"rows\":{},\"intents\":{\"*\":" INTENT "}}",
	    0 },
	{ "{" HEAD "," DIGEST ",\"rows\":{},\"later\":{\"a\":[null]}}", 0 },
	{ "{" HEAD ",\"known_boot\":7,\"known_seq\":8}", 0 },
	{ "{" HEAD ",\"digest\":{},\"rows\":{}}", 0 },
	{ "{" HEAD ",\"digest\":{\"192.0.2.2:333\":" ENTRY
	  ",\"192.0.2.2:0333\":" ENTRY "},\"rows\":{}}", ERR_SYNTAX },
	{ "", ERR_SYNTAX },
	{ "[]", ERR_SYNTAX },
	{ "null", ERR_SYNTAX },
	{ "{}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST ",\"rows\":{}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST ",\"rows\":{}} x", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST ",\"rows\":{},\"seq\":3}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "}", ERR_SYNTAX },
	{ "{" HEAD ",\"rows\":{}}", ERR_SYNTAX },
	{ "{" HEAD ",\"digest\":[],\"rows\":{}}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST ",\"rows\":[]}", ERR_SYNTAX },
	{ "{" HEAD ",\"digest\":{\"nobody\":" ENTRY "},\"rows\":{}}",
	    ERR_SYNTAX },
	{ "{" HEAD ",\"digest\":{\"192.0.2.2:3333\":{}},\"rows\":{}}",
	    ERR_SYNTAX },
	{ "{" HEAD ",\"known_boot\":7}", ERR_SYNTAX },
	{ "{" HEAD ",\"known_boot\":-7,\"known_seq\":8}", ERR_SYNTAX },
	{ "{" HEAD ",\"known_boot\":4611686018427387904,\"known_seq\":8}",
	    ERR_SYNTAX },
	{ "{" HEAD ",\"known_boot\":4611686018427387903,\"known_seq\":8}", 0 },
	{ "{" HEAD ",\"known_boot\":1.5,\"known_seq\":8}", ERR_SYNTAX },
	{ "{" HEAD ",\"known_boot\":\"1\",\"known_seq\":8}", ERR_SYNTAX },
	{ "{" HEAD ",\"known_boot\":99999999999999999999,\"known_seq\":8}",
	    ERR_SYNTAX },
	/* A ballot lies between base and upto, in letters u, d and a. */
	{ "{" HEAD "," DIGEST "," ROWS("9", "8", "") "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("9", "9", "\"" HASH "\":[9,\"u\"]")
	  "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "8", "\"" HASH "\":[9,\"u\"]")
	  "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"" HASH "\":[9,\"x\"]")
	  "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"" HASH "\":[9,7]") "}",
	    ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"" HASH "\":[9]") "}",
	    ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"" HASH "\":[-1,\"u\"]")
	  "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"abc\":[9,\"u\"]") "}",
	    ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9", "\"" UPPER
	      "\":[9,\"u\"]") "}", ERR_SYNTAX },
	/* A node has one row, whatever its name looks like. */
	{ "{" HEAD "," DIGEST ",\"rows\":{\"192.0.2.2:333\":" EMPTY_ROW
	  ",\"192.0.2.2:0333\":" EMPTY_ROW "}}", ERR_SYNTAX },
	/* Causes are printable. */
	{ "{" HEAD "," DIGEST "," CAUSED("C") "}", 0 },
	{ "{" HEAD "," DIGEST "," CAUSED(" ") "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," CAUSED("\\u00e9") "}", ERR_SYNTAX },
	{ "{" HEAD_OF("\"4\"") "," DIGEST ",\"rows\":{}}", ERR_SYNTAX },
	{ "{" HEAD_OF("-1") "," DIGEST ",\"rows\":{}}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST "," ROWS("0", "9",
	      "\"" HASH "\":[9,\"u\\u0000\"]") "}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST ",\"rows\":{},\"intents\":[]}", ERR_SYNTAX },
	{ "{" HEAD "," DIGEST ",\"rows\":{},\"intents\":{\"*\":7}}",
	    ERR_SYNTAX },
	/* One level too deep, wherever it is. */
	{ "{" HEAD ",\"x\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]," DIGEST
	  ",\"rows\":{}}", 0 },
	{ "{" HEAD ",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]," DIGEST
	  ",\"rows\":{}}", ERR_TOOBIG },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[", ERR_TOOBIG },
	{ "{" HEAD ",\"x\":\"[[[[[[[[[[[[[[[[[[[[\\\"[\"," DIGEST
	  ",\"rows\":{}}", 0 },
};

START_TEST(takes_and_refuses)
{
	struct vote_message message;

	ck_assert_msg(vote_gossip_decode(texts[_i].text,
			  strlen(texts[_i].text), &message) == texts[_i].err,
	    "not %d: %s", texts[_i].err, texts[_i].text);
	vote_message_fini(&message);
}
END_TEST

static void
add(char **at, const char *end, const char *format, unsigned i)
{
	for (; *format != '\0'; format++)
		if (*format == '#')
			*at += snprintf(*at, (size_t)(end - *at), "%u", i);
		else
			*(*at)++ = *format;
	**at = '\0';
}

/* n times `each`, in which # is a number, between head and tail. */
static int
decode_many(const char *head, const char *each, unsigned n, const char *tail)
{
	size_t size = strlen(head) + n * (strlen(each) + 6) + strlen(tail) + 1;
	char *text = malloc(size), *at = text;
	struct vote_message message;
	int err;

	ck_assert_ptr_nonnull(text);
	add(&at, text + size, head, 0);
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			*at++ = ',';
		add(&at, text + size, each, i);
	}
	add(&at, text + size, tail, 0);
	err = vote_gossip_decode(text, (size_t)(at - text), &message);
	vote_message_fini(&message);
	free(text);
	return err;
}

START_TEST(counts_are_bounded)
{
	static const char entry[] = "\"192.0.2.1:1#\":" ENTRY;
	static const char row[] = "\"192.0.2.1:1#\":" EMPTY_ROW;
	static const char ballots[] = "{" HEAD "," DIGEST
	    ",\"rows\":{\"192.0.2.2:3333\":{\"base\":0,\"upto\":9,\"votes\":{";
	static const char intent[] = "\"s#\":{\"op\":\"drain\",\"stamp\":1,"
				     "\"by\":\"a\",\"until\":0}";

	ck_assert_int_eq(decode_many("{" HEAD ",\"digest\":{", entry,
	    VOTE_NODES_MAX, "},\"rows\":{}}"), 0);
	ck_assert_int_eq(decode_many("{" HEAD ",\"digest\":{", entry,
	    VOTE_NODES_MAX + 1, "},\"rows\":{}}"), ERR_TOOBIG);
	ck_assert_int_eq(decode_many("{" HEAD "," DIGEST ",\"rows\":{", row,
	    VOTE_NODES_MAX, "}}"), 0);
	ck_assert_int_eq(decode_many("{" HEAD "," DIGEST ",\"rows\":{", row,
	    VOTE_NODES_MAX + 1, "}}"), ERR_TOOBIG);
	/* They are counted before they are looked at. */
	ck_assert_int_eq(decode_many(ballots, "\"#\":7", VOTE_BALLOTS_MAX,
	    "}}}}"), ERR_SYNTAX);
	ck_assert_int_eq(decode_many(ballots, "\"#\":7", VOTE_BALLOTS_MAX + 1,
	    "}}}}"), ERR_TOOBIG);
	ck_assert_int_eq(decode_many("{" HEAD "," DIGEST
	    ",\"rows\":{},\"intents\":{", intent, VOTE_INTENTS_MAX, "}}"), 0);
	ck_assert_int_eq(decode_many("{" HEAD "," DIGEST
	    ",\"rows\":{},\"intents\":{", intent, VOTE_INTENTS_MAX + 1, "}}"),
	    ERR_TOOBIG);
}
END_TEST

START_TEST(size_is_bounded)
{
	size_t size = VOTE_BODY_MAX + 1;
	char *text = malloc(size);
	struct vote_message message;

	ck_assert_ptr_nonnull(text);
	memset(text, ' ', size);
	ck_assert_int_eq(vote_gossip_decode(text, size, &message),
	    ERR_TOOBIG);
	vote_message_fini(&message);
	free(text);
}
END_TEST

/* What was decoded is encoded to the same bytes as what it came from. */
START_TEST(goes_through_unchanged)
{
	static const char text[] = "{" HEAD "," DIGEST ",\"rows\":{"
	    "\"192.0.2.2:3333\":{\"base\":3,\"upto\":9,\"votes\":{\"" HASH
	    "\":[9,\"uda\"]},\"causes\":{\"" HASH "\":\"-C-\"}}},"
	    "\"intents\":{\"*\":" INTENT "}}";
	struct vote_message message;
	char *again;
	size_t len;

	ck_assert_int_eq(vote_gossip_decode(text, strlen(text), &message), 0);
	ck_assert_uint_eq(message.seq, 3);
	ck_assert_int_eq(message.to_held, 6);
	ck_assert_uint_eq(message.n_digest, 1);
	ck_assert_int_eq(message.digest[0].age_ms, 10);
	ck_assert_uint_eq(message.n_deltas, 1);
	ck_assert_uint_eq(message.deltas[0].base, 3);
	ck_assert_str_eq(message.deltas[0].ballots[0].votes, "uda");
	ck_assert_str_eq(message.deltas[0].ballots[0].causes, "-C-");
	ck_assert_int_eq(vote_gossip_encode(&message, &again, &len), 0);
	ck_assert_str_eq(again, text);
	free(again);
	vote_message_fini(&message);
}
END_TEST

START_TEST(an_unknown_age_is_left_out)
{
	struct vote_digest entry = { .boot = 1, .age_ms = VOTE_AGE_UNKNOWN };
	struct vote_message message = { .digest = &entry, .n_digest = 1 };
	struct vote_message back;
	char *text;
	size_t len;

	ck_assert_int_eq(addr_parse("192.0.2.1:1", 0, &entry.node), 0);
	message.from = message.to = entry.node;
	ck_assert_int_eq(vote_gossip_encode(&message, &text, &len), 0);
	ck_assert_ptr_null(strstr(text, "\"age\""));
	ck_assert_int_eq(vote_gossip_decode(text, len, &back), 0);
	ck_assert_int_eq(back.digest[0].age_ms, VOTE_AGE_UNKNOWN);
	vote_message_fini(&back);
	free(text);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, takes_and_refuses, 0, COUNT(texts));
	tcase_add_test(tcase, counts_are_bounded);
	tcase_add_test(tcase, size_is_bounded);
	tcase_add_test(tcase, goes_through_unchanged);
	tcase_add_test(tcase, an_unknown_age_is_left_out);
}

int
main(void)
{
	return check_main("vote_gossip", fill);
}
