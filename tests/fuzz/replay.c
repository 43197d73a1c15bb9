/* SPDX-License-Identifier: GPL-2.0 */
/*
 * replay.c - run a harness without a fuzzer: each file of a corpus as it is,
 * then with a few thousand changes that are the same in every run.
 * usage: replay-NAME FOLDER
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "unit.h"

#define MAX_SIZE (1u << 16)
#define CHANGES  400

static uint8_t original[MAX_SIZE];

/* Hand the harness its own copy of exactly this size. */
static void run_on(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_changed(size_t size, uint64_t *seed)
{
    static uint8_t data[MAX_SIZE];
    int changes = 1 + (int)(unit_random(seed) % 4);

    memcpy(data, original, size);
    while (size && changes--)
        data[unit_random(seed) % size] = (uint8_t)unit_random(seed);
    if (size && unit_random(seed) % 4 == 0)
        size = unit_random(seed) % size;
    run_on(data, size);
}

static int run_file(const char *folder, const char *name)
{
    uint64_t seed = 1;
    char path[512];
    size_t size;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "r");
    if (!f)
        return 0;
    size = fread(original, 1, sizeof(original), f);
    fclose(f);

    run_on(original, size);
    for (int i = 0; i < CHANGES; i++)
        run_changed(size, &seed);
    return 1;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    const char *folder = argc > 1 ? argv[1] : CORPUS;
    DIR *dir = opendir(folder);
    struct dirent *e;
    int files = 0;

    name = name ? name + 1 : argv[0];
    while (dir && (e = readdir(dir)))
        if (e->d_name[0] != '.')
            files += run_file(folder, e->d_name);
    if (dir)
        closedir(dir);
    if (!files) {
        printf("ERROR %s: nothing to replay in %s\n", name, folder);
        return 1;
    }
    printf("PASS %s: %d inputs and %d changes of each\n", name, files, CHANGES);
    return 0;
}
