/* Programs that judge themselves: what differs from the manual is printed, and main returns how much of it there is. */
#pragma once
#include <stdint.h>
#include <stdio.h>

static int checks, failures;

static inline void check_range(const char *what, uint32_t actual, uint32_t least, uint32_t most)
{
    checks++;
    if (actual >= least && actual <= most)
        return;
    failures++;
    printf("  %s: %lu (0x%lx), not %lu", what, (unsigned long)actual, (unsigned long)actual, (unsigned long)least);
    if (most != least)
        printf(" to %lu", (unsigned long)most);
    printf("\n");
}
static inline void check(const char *what, uint32_t actual, uint32_t expected) { check_range(what, actual, expected, expected); }

static inline void section(const char *name)
{
    static int before;
    printf("%s: %d checks\n", name, checks - before);
    before = checks;
}
