/* The string functions of a small libc, byte by byte: strlen, strcmp, strstr, memcpy, itoa, atoi. */
#include "bench.h"

#define WORDS 64

static char pool[WORDS][24];
static char text[WORDS * 24];

static NOINLINE u32 length(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return (u32)(p - s);
}

static NOINLINE i32 compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (i32)(u8)*a - (i32)(u8)*b;
}

static NOINLINE const char *search(const char *text, const char *word)
{
    if (!*word)
        return text;
    for (; *text; text++) {
        if (*text != *word)
            continue;
        const char *p = text, *q = word;
        while (*q && *p == *q) {
            p++;
            q++;
        }
        if (!*q)
            return text;
    }
    return 0;
}

static NOINLINE void copy(char *to, const char *from, u32 count)
{
    while (count--)
        *to++ = *from++;
}

static NOINLINE char *fromNumber(char *to, i32 value)
{
    char digits[12];
    i32 count = 0;
    u32 rest = value < 0 ? 0u - (u32)value : (u32)value;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *to++ = '-';
    while (count)
        *to++ = digits[--count];
    *to = 0;
    return to;
}

static NOINLINE i32 toNumber(const char *s)
{
    i32 negative = 0;
    u32 value = 0;
    while (*s == ' ')
        s++;
    if (*s == '-' || *s == '+')
        negative = *s++ == '-';
    for (; *s >= '0' && *s <= '9'; s++)
        value = value * 10 + (u32)(*s - '0');
    return (i32)(negative ? 0u - value : value);
}

i32 run(void)
{
    u32 seed = 23, sum = 0, at = 0;

    for (i32 i = 0; i < WORDS; i++) {
        char *end = fromNumber(pool[i], (i32)lcg(&seed) >> (i & 15));
        for (u32 k = lcg(&seed) >> 29; k; k--)
            *end++ = (char)('a' + (lcg(&seed) >> 30));
        *end = 0;
    }
    /* Insertion sort of the words, by copying them. */
    for (i32 i = 1; i < WORDS; i++) {
        char held[24];
        i32 k = i;
        copy(held, pool[i], length(pool[i]) + 1);
        for (; k > 0 && compare(pool[k - 1], held) > 0; k--)
            copy(pool[k], pool[k - 1], length(pool[k - 1]) + 1);
        copy(pool[k], held, length(held) + 1);
    }
    for (i32 i = 0; i < WORDS; i++) {
        u32 size = length(pool[i]);
        copy(text + at, pool[i], size);
        at += size;
        text[at++] = ' ';
    }
    text[at] = 0;
    for (i32 i = 0; i < WORDS; i++) {
        const char *found = search(text, pool[(i * 7) & (WORDS - 1)] + (i & 3));
        sum = sum * 31 + (found ? (u32)(found - text) : 1u);
        sum += (u32)toNumber(pool[i]);
    }
    for (const char *p = text; *p;) {
        sum = sum * 33 + (u32)toNumber(p);
        while (*p && *p != ' ')
            p++;
        while (*p == ' ')
            p++;
    }
    return (i32)sum;
}
