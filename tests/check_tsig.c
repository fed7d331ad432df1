/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "dns/tsig.h"
#include "dns/wire.h"
#include "err.h"
#include "tsig_forge.h"
#include "wire_text.h"

#define NOW 1767225600 /* 2026-01-01 00:00:00 UTC */
#define QUESTION "03 'www' 07 'example' 03 'org' 00 0001 0001 "
#define REQUEST "1234 0000 0001 0000 0000 0000" QUESTION
#define ANSWER "1234 8400 0001 0001 0000 0000" QUESTION                        \
	"c00c 0001 0001 0000001e 0004 c0000201"

/* The MACs that dnspython 2.3.0 makes of REQUEST (fudge 60) and ANSWER (fudge
 * 300) at NOW, with the key of tsig_forge_key. */
static const struct {
	enum tsig_alg alg;
	const char *request_mac;
	const char *answer_mac;
} vectors[] = {
	{ TSIG_HMAC_MD5, "ed4be38ae435d290babe7498cd6cf46c",
	  "97b007517899ec304738b418bcf7c18b" },
	{ TSIG_HMAC_SHA1, "cc3213f01dc2ee5c25597cc65c7bb70d562f24d3",
	  "a6db4f40212d1f60e8906e8166819230d0121b69" },
	{ TSIG_HMAC_SHA224,
	  "4ff5b8c97a1fdde24bbef4fff027c5f431fd5e275ec3c159c84cb752",
	  "589f7899d8b40552c3345a57ece8a895e4eabfd8a894667ed3b4f6c2" },
	{ TSIG_HMAC_SHA256,
	  "b09b2f733599db6787355a57e6099ae5cfbe1d8261185ba9c8960bd52ebee81e",
	  "5e98ca88cd611e15716985e66d6428129d3a9533b8e4aef0c5702fb5c04da6f4" },
	{ TSIG_HMAC_SHA384,
	  "8d50b4687f5067747d14f4e2d36fcf6b7c30e46cb8d4b914"
	  "723543c78a592f3051a55d2041b61acc88b26a6573e558b7",
	  "1b078c049a687545d0a9d23c8cc22ecdc6625c11443bb49e"
	  "9c61d1c5c8f1fd764f77142daa4c35fd8967d58940d39639" },
	{ TSIG_HMAC_SHA512,
	  "92dd250e41f2931a41b26dc86492c16c15105929f5751a749678cd789a6adad3"
	  "bd2fd560a13855c25a77aec4be63b8b43c58d426f5a254a9ffd7c5f57298757c",
	  "6ef222b4cd0e47a30247679e33c241b227fae679f1edc52422f0b8256b9e9f73"
	  "baa418bf1a4320abf3323d23408b57ef9b7209228e5d3edb2ad3f14cae5e552d" },
};

static struct tsig_key *key;
static struct tsig_signer *signer;
static struct tsig_mac request_mac;
static struct tsig_report report;
static uint8_t wire[DNS_MESSAGE_MAX];
static size_t len;

static struct dns_message
make_request(void)
{
	struct dns_message message = { .cap = 2048, .wire = malloc(2048) };

	message.len = wire_from_text(REQUEST, message.wire, message.cap);
	return message;
}

static void
use_key(enum tsig_alg alg)
{
	struct dns_message message = make_request();

	key = tsig_forge_key(alg);
	signer = tsig_signer_new(key);
	ck_assert_ptr_nonnull(signer);
	ck_assert_int_eq(tsig_sign(&message, signer, NOW, 60, &request_mac), 0);
	dns_message_fini(&message);
}

static void
setup(void)
{
	use_key(TSIG_HMAC_SHA256);
}

static void
teardown(void)
{
	tsig_signer_free(signer);
	tsig_key_fini(key);
	free(key);
}

/* An answer with a TSIG after `forge`. */
static void
make_answer(const struct tsig_forge *forge)
{
	len = wire_from_text(ANSWER, wire, sizeof wire);
	len = tsig_forge_append(wire, len, sizeof wire, key, forge);
}

static enum tsig_result
verify_within(uint64_t now_s, unsigned fudge_s)
{
	return tsig_verify(wire, &len, signer, &request_mac, now_s, fudge_s,
	    &report);
}

static enum tsig_result
verify(uint64_t now_s)
{
	return verify_within(now_s, 60);
}

START_TEST(signs_as_dnspython_does)
{
	struct tsig_key *this = tsig_forge_key(vectors[_i].alg);
	struct tsig_signer *its = tsig_signer_new(this);
	struct dns_message message = make_request();
	struct tsig_mac mac;

	ck_assert_int_eq(tsig_sign(&message, its, NOW, 60, &mac), 0);
	wire_assert_eq(mac.bytes, mac.len, vectors[_i].request_mac);
	ck_assert(wire_is_whole(message.wire, message.len));
	if (vectors[_i].alg == TSIG_HMAC_SHA256)
		wire_assert_eq(message.wire, message.len,
		    "1234 0000 0001 0000 0000 0001" QUESTION
		    "03 'key' 04 'test' 00 00fa 00ff 00000000 003d"
		    "0b 'hmac-sha256' 00 00006955b900 003c 0020"
		    "b09b2f733599db6787355a57e6099ae5"
		    "cfbe1d8261185ba9c8960bd52ebee81e 1234 0000 0000");
	dns_message_fini(&message);
	tsig_signer_free(its);
	tsig_key_fini(this);
	free(this);
}
END_TEST

START_TEST(verifies_what_dnspython_signed)
{
	struct tsig_forge forge;
	uint8_t mac[TSIG_MAC_MAX];
	size_t mac_len;

	teardown();
	use_key(vectors[_i].alg);
	wire_assert_eq(request_mac.bytes, request_mac.len,
	    vectors[_i].request_mac);
	forge = tsig_forge_for(key, &request_mac, NOW);
	make_answer(&forge);
	/* The MAC stands before original ID, error and other length. */
	mac_len = wire_from_text(vectors[_i].answer_mac, mac, sizeof mac);
	memcpy(wire + len - 6 - mac_len, mac, mac_len);
	ck_assert_int_eq(verify(NOW), TSIG_OK);
	wire_assert_eq(wire, len, ANSWER);
}
END_TEST

/* Any one changed bit makes it another message: the id alone is not covered,
 * because a forwarder changes it; the original ID is. Whoever sent the request
 * compares the id. */
START_TEST(every_changed_bit_is_seen)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);
	size_t full, name_at;

	make_answer(&forge);
	full = len;
	name_at = wire_from_text(ANSWER, wire, sizeof wire);
	for (size_t bit = 0; bit < full * 8; bit++) {
		enum tsig_result result;
		/* The case of the letters of a key's name or algorithm does
		 * not count. */
		bool letter = bit % 8 == 5 &&
		    ((bit / 8 >= name_at && bit / 8 < name_at + 10) ||
			(bit / 8 >= name_at + 20 && bit / 8 < name_at + 33));

		make_answer(&forge);
		wire[bit / 8] ^= (uint8_t)(1U << bit % 8);
		result = verify(NOW);
		if (bit < 16 || (letter && result == TSIG_OK))
			ck_assert_int_eq(result, TSIG_OK);
		else
			ck_assert_msg(result != TSIG_OK &&
				result != TSIG_SERVER_ERROR,
			    "byte %zu bit %zu", bit / 8, bit % 8);
	}
}
END_TEST

START_TEST(no_prefix_is_authentic)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);
	size_t full;

	make_answer(&forge);
	full = len;
	for (size_t cut = 0; cut < full; cut++) {
		make_answer(&forge);
		len = cut;
		ck_assert_int_eq(verify(NOW), TSIG_MALFORMED);
	}
}
END_TEST

START_TEST(bytes_behind_are_refused)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);

	make_answer(&forge);
	wire[len++] = 0;
	ck_assert_int_eq(verify(NOW), TSIG_MALFORMED);
}
END_TEST

START_TEST(answers_to_another_request_are_refused)
{
	struct tsig_mac other = request_mac;
	struct tsig_forge forge = tsig_forge_for(key, &other, NOW);

	other.bytes[0] ^= 1;
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_WRONG_MAC);
	forge.request_mac = NULL; /* as a request is signed */
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_WRONG_MAC);
}
END_TEST

START_TEST(other_keys_are_refused)
{
	static const struct {
		const char *name;
		const char *alg;
	} others[] = {
		{ "03 'kez' 04 'test' 00", "0b 'hmac-sha256' 00" },
		{ "03 'key' 00", "0b 'hmac-sha256' 00" },
		{ "00", "0b 'hmac-sha256' 00" },
		{ "03 'key' 04 'test' 03 'org' 00", "0b 'hmac-sha256' 00" },
		{ "03 'key' 04 'test' 00", "0b 'hmac-sha512' 00" },
		{ "03 'key' 04 'test' 00", "09 'hmac-sha1' 00" },
		{ "03 'key' 04 'test' 00", "00" },
	};

	for (size_t i = 0; i < COUNT(others); i++) {
		struct tsig_forge forge =
		    tsig_forge_for(key, &request_mac, NOW);

		forge.name = others[i].name;
		forge.alg = others[i].alg;
		make_answer(&forge);
		ck_assert_int_eq(verify(NOW), TSIG_OTHER_KEY);
	}
}
END_TEST

START_TEST(names_may_come_in_capitals_and_compressed)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);
	size_t name_at, tsig_len;
	static uint8_t copy[1024];

	forge.name = "03 'KEY' 04 'tesT' 00";
	forge.alg = "0b 'Hmac-SHA256' 00";
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_OK);

	/* A second record "key.test" in the answer that the owner of the TSIG
	 * points to. */
	forge = tsig_forge_for(key, &request_mac, NOW);
	len = wire_from_text("1234 8400 0001 0001 0000 0000" QUESTION
	    "03 'key' 04 'test' 00 0001 0001 0000001e 0004 c0000201", wire,
	    sizeof wire);
	name_at = len;
	len = tsig_forge_append(wire, len, sizeof wire, key, &forge);
	tsig_len = len - name_at - 10;
	memcpy(copy, wire + name_at + 10, tsig_len);
	wire_put16(wire + name_at, 0xc021);
	memcpy(wire + name_at + 2, copy, tsig_len);
	len = name_at + 2 + tsig_len;
	ck_assert_int_eq(verify(NOW), TSIG_OK);
}
END_TEST

START_TEST(pointers_that_lead_nowhere_are_refused)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);
	size_t name_at = wire_from_text(ANSWER, wire, sizeof wire);
	unsigned targets[] = { (unsigned)name_at, (unsigned)name_at + 2,
		(unsigned)name_at + 100, 0x3fff, 0, 11 };

	for (size_t i = 0; i < COUNT(targets); i++) {
		/* A pointer takes the place of "key.test". */
		make_answer(&forge);
		memmove(wire + name_at + 2, wire + name_at + 10,
		    len - name_at - 10);
		len -= 8;
		wire_put16(wire + name_at, 0xc000 | targets[i]);
		ck_assert_int_ne(verify(NOW), TSIG_OK);
	}
}
END_TEST

START_TEST(truncated_macs_are_refused)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);

	for (size_t mac_len = 0; mac_len < 32; mac_len++) {
		forge.mac_len = mac_len;
		make_answer(&forge);
		ck_assert_int_eq(verify(NOW), TSIG_WRONG_MAC);
	}
	forge.mac_len = 33;
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_WRONG_MAC);
}
END_TEST

START_TEST(two_tsigs_are_refused)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);

	make_answer(&forge);
	len = tsig_forge_append(wire, len, sizeof wire, key, &forge);
	ck_assert_int_eq(verify(NOW), TSIG_MALFORMED);
}
END_TEST

START_TEST(a_tsig_elsewhere_is_refused)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);

	/* Counted as a record of the answer section. */
	make_answer(&forge);
	wire_put16(wire + 6, 2);
	wire_put16(wire + 10, 0);
	ck_assert_int_eq(verify(NOW), TSIG_MALFORMED);

	/* With another record behind it. */
	make_answer(&forge);
	wire_put16(wire + 10, 2);
	len += wire_from_text("00 0029 04d0 00000000 0000", wire + len,
	    sizeof wire - len);
	ck_assert_int_eq(verify(NOW), TSIG_MALFORMED);
}
END_TEST

START_TEST(no_tsig_is_told_apart)
{
	len = wire_from_text(ANSWER, wire, sizeof wire);
	ck_assert_int_eq(verify(NOW), TSIG_MISSING);
	len = wire_from_text("1234 8405 0000 0000 0000 0000", wire,
	    sizeof wire);
	ck_assert_int_eq(verify(NOW), TSIG_MISSING);
	len = wire_from_text("1234 8405 0000 0000 0000 0001"
	    "00 0029 04d0 00000000 0000", wire, sizeof wire);
	ck_assert_int_eq(verify(NOW), TSIG_MISSING);
}
END_TEST

START_TEST(time_counts_in_both_directions)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);
	const int offsets[] = { -301, -300, 0, 300, 301 };

	for (size_t i = 0; i < COUNT(offsets); i++) {
		make_answer(&forge);
		ck_assert_int_eq(verify((uint64_t)(NOW + offsets[i])),
		    abs(offsets[i]) > 300 ? TSIG_WRONG_TIME : TSIG_OK);
	}
	forge.time_s = 0xffffffffffff;
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_WRONG_TIME);
}
END_TEST

/* What the server takes from us with our fudge we take from it, but not more
 * because its answer claims a larger one. */
START_TEST(a_larger_fudge_of_ours_counts_for_answers)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);

	make_answer(&forge);
	ck_assert_int_eq(verify_within(NOW + 600, 600), TSIG_OK);
	make_answer(&forge);
	ck_assert_int_eq(verify_within(NOW - 601, 600), TSIG_WRONG_TIME);
	forge.fudge_s = 65535;
	make_answer(&forge);
	ck_assert_int_eq(verify_within(NOW + 601, 600), TSIG_WRONG_TIME);
}
END_TEST

/* RFC 8945 section 5.2.3: signed, with the server's time as other data. */
START_TEST(badtime_tells_the_servers_time)
{
	static const uint8_t other[6] = { 0, 0, 0x69, 0x55, 0xba, 0x9c };
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);

	forge.error = TSIG_BADTIME;
	forge.other = other;
	forge.other_len = sizeof other;
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_SERVER_ERROR);
	ck_assert_uint_eq(report.error, TSIG_BADTIME);
	ck_assert_uint_eq(report.time_signed_s, NOW);
	ck_assert_uint_eq(report.server_time_s, NOW + 412);
	wire_assert_eq(wire, len, ANSWER); /* the TSIG is off */

	forge.other_len = 5;
	make_answer(&forge);
	ck_assert_int_eq(verify(NOW), TSIG_SERVER_ERROR);
	ck_assert_uint_eq(report.server_time_s, 0);
}
END_TEST

START_TEST(errors_without_a_mac_are_hints)
{
	const unsigned errors[] = { TSIG_BADSIG, TSIG_BADKEY, TSIG_BADTIME };

	for (size_t i = 0; i < COUNT(errors); i++) {
		struct tsig_forge forge =
		    tsig_forge_for(key, &request_mac, NOW);

		forge.error = errors[i];
		forge.mac_len = 0;
		make_answer(&forge);
		ck_assert_int_eq(verify(NOW), TSIG_UNSIGNED_ERROR);
		ck_assert_uint_eq(report.error, errors[i]);
	}
}
END_TEST

/* The lengths inside the record lie in every possible way. */
START_TEST(lengths_that_lie_are_refused)
{
	struct tsig_forge forge = tsig_forge_for(key, &request_mac, NOW);
	size_t rr_at = wire_from_text(ANSWER, wire, sizeof wire);
	const size_t fields[] = { rr_at + 18, rr_at + 20 + 13 + 8,
		rr_at + 20 + 13 + 10 + 32 + 4 };

	for (size_t i = 0; i < COUNT(fields); i++) {
		for (unsigned value = 0; value <= 0xffff; value++) {
			make_answer(&forge);
			if (wire_get16(wire + fields[i]) == value)
				continue;
			wire_put16(wire + fields[i], value);
			ck_assert_int_ne(verify(NOW), TSIG_OK);
			if (value == 200)
				value = 0xff00;
		}
	}
}
END_TEST

START_TEST(no_room_no_signature)
{
	struct dns_message message = make_request();
	struct tsig_mac mac;

	message.cap = message.len + DNS_TSIG_ROOM - 1;
	ck_assert_int_eq(tsig_sign(&message, signer, NOW, 60, &mac),
	    ERR_TOOBIG);
	dns_message_fini(&message);
}
END_TEST

/* No server knows such a key, and no message can carry it. */
START_TEST(what_is_no_name_signs_nothing)
{
	struct dns_message message = make_request();
	size_t before = message.len;
	struct tsig_signer *other;
	struct tsig_mac mac;

	strcpy(key->name, "key..test");
	other = tsig_signer_new(key);
	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(tsig_sign(&message, other, NOW, 60, &mac),
	    ERR_INVALID);
	ck_assert_uint_eq(message.len, before);
	tsig_signer_free(other);
	dns_message_fini(&message);
}
END_TEST

static void
fill(TCase *tcase)
{
	const int n = (int)COUNT(vectors);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, signs_as_dnspython_does, 0, n);
	tcase_add_loop_test(tcase, verifies_what_dnspython_signed, 0, n);
	tcase_add_test(tcase, every_changed_bit_is_seen);
	tcase_add_test(tcase, no_prefix_is_authentic);
	tcase_add_test(tcase, bytes_behind_are_refused);
	tcase_add_test(tcase, answers_to_another_request_are_refused);
	tcase_add_test(tcase, other_keys_are_refused);
	tcase_add_test(tcase, names_may_come_in_capitals_and_compressed);
	tcase_add_test(tcase, pointers_that_lead_nowhere_are_refused);
	tcase_add_test(tcase, truncated_macs_are_refused);
	tcase_add_test(tcase, two_tsigs_are_refused);
	tcase_add_test(tcase, a_tsig_elsewhere_is_refused);
	tcase_add_test(tcase, no_tsig_is_told_apart);
	tcase_add_test(tcase, time_counts_in_both_directions);
	tcase_add_test(tcase, a_larger_fudge_of_ours_counts_for_answers);
	tcase_add_test(tcase, badtime_tells_the_servers_time);
	tcase_add_test(tcase, errors_without_a_mac_are_hints);
	tcase_add_test(tcase, lengths_that_lie_are_refused);
	tcase_add_test(tcase, no_room_no_signature);
	tcase_add_test(tcase, what_is_no_name_signs_nothing);
}

int
main(void)
{
	return check_main("tsig", fill);
}
