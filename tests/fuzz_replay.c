/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Stands in for libFuzzer where it isn't there: runs each file given, or each
 * file of tests/corpus/NAME for tests/fuzz_NAME, and a few seeded mutations
 * and prefixes of it, so that "make check" replays what fuzzing has found.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX (1 << 20)

static unsigned mutations = 100;
static uint64_t seed = 1;
static unsigned files;

/* xorshift64 (Marsaglia 2003): the same bytes on every machine. */
static uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* On the heap in its exact size, so that an overread is seen. */
static void
run_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
run_mutations(uint8_t *data, size_t size)
{
	if (size == 0)
		return;
	for (unsigned i = 0; i < mutations; i++) {
		size_t at = next_random() % size;
		uint8_t was = data[at];

		run_copy(data, at);
		data[at] = (uint8_t)next_random();
		run_copy(data, size);
		if (i % 2 == 0)
			data[at] = was;
	}
}

static void
run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(FILE_MAX);
	size_t size;

	if (file == NULL || data == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	size = fread(data, 1, FILE_MAX, file);
	fclose(file);
	run_copy(data, size);
	run_mutations(data, size);
	free(data);
	files++;
}

static void
run_dir(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char name[4096];

	if (dir == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		run_file(name);
	}
	closedir(dir);
}

static void
run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		run_dir(path);
	else
		run_file(path);
}

static void
run_own_corpus(const char *argv0)
{
	const char *base = strrchr(argv0, '/');
	const char *srcdir = getenv("srcdir");
	char path[4096];

	base = base == NULL ? argv0 : base + 1;
	if (strncmp(base, "fuzz_", 5) == 0)
		base += 5;
	snprintf(path, sizeof path, "%s/tests/corpus/%s",
	    srcdir == NULL ? "." : srcdir, base);
	run_dir(path);
}

int
main(int argc, char **argv)
{
	const char *text = getenv("FUZZ_MUTATIONS");

	if (text != NULL)
		mutations = (unsigned)strtoul(text, NULL, 10);
	text = getenv("FUZZ_SEED");
	if (text != NULL && strtoull(text, NULL, 10) != 0)
		seed = strtoull(text, NULL, 10);
	printf("FUZZ_SEED=%llu FUZZ_MUTATIONS=%u\n", (unsigned long long)seed,
	    mutations);
	if (argc < 2)
		run_own_corpus(argv[0]);
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%u files\n", files);
	return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
