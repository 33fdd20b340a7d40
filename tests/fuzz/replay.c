/* replay: runs a fuzz target without a fuzzer, as a test: over every seed, its beginnings, and a number of mutations
 * that are the same each time.
 *
 *     fuzz_NAME [-n MUTATIONS] SEED…
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* CUTS: beginnings of each seed that are tried. GROWTH: bytes that a mutation may add. */
enum { MUTATIONS = 1000, CUTS = 100, GROWTH = 64 };

/* xorshift64*: Marsaglia, "Xorshift RNGs", 2003. The state is never 0. */
static uint64_t chance(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

/* Runs on a copy of exactly that size, so that reading past it is seen. */
static void try(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* One to eight changes of single bytes, bits, runs or the length. Returns the new size; room for GROWTH more. */
static size_t mutate(uint8_t *bytes, size_t size, uint64_t *state)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, 0xc1, '<', '>', '"', '0', '9', ' '};
    for (uint64_t changes = chance(state) % 8 + 1; changes && size; changes--) {
        size_t at = chance(state) % size, run = chance(state) % 16;
        switch (chance(state) % 5) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << chance(state) % 8);
            break;
        case 1:
            bytes[at] = telling[chance(state) % sizeof telling];
            break;
        case 2: /* a run is left out */
            run = run < size - at ? run : size - at;
            memmove(bytes + at, bytes + at + run, size - at - run);
            size -= run;
            break;
        case 3: /* a run comes twice */
            run = run < size - at ? run : size - at;
            if (run > GROWTH / 8)
                run = GROWTH / 8;
            memmove(bytes + at + run, bytes + at, size - at);
            size += run;
            break;
        default:
            bytes[at] = (uint8_t)chance(state);
        }
    }
    return size;
}

static int replay(const char *path, int mutations)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        return -1;
    }
    size_t size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(size + 1), *changed = malloc(size + GROWTH + 1);
    if (!bytes || !changed)
        abort();
    int whole = fread(bytes, 1, size, file) == size;
    fclose(file);
    try(bytes, size);
    for (size_t i = 0; i < CUTS; i++)
        try(bytes, size * i / CUTS);
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < mutations; i++) {
        memcpy(changed, bytes, size);
        try(changed, mutate(changed, size, &state));
    }
    free(bytes);
    free(changed);
    return whole ? 0 : -1;
}

int main(int argc, char **argv)
{
    int mutations = MUTATIONS, failed = 0, c;
    while ((c = getopt(argc, argv, "n:")) != -1)
        mutations = c == 'n' ? atoi(optarg) : mutations;
    for (int i = optind; i < argc; i++)
        failed |= replay(argv[i], mutations);
    printf("%d seeds, %d mutations each\n", argc - optind, mutations);
    return failed || optind == argc;
}
