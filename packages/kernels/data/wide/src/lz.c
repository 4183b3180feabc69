/* An LZ77 compressor with a hash table, in the manner of LZ4, and its decompressor. */
#include "bench.h"

#define LEN 12000
#define HASHES 1024

static u8 plain[LEN], packed[LEN + LEN / 200 + 16], unpacked[LEN];
static u16 heads[HASHES];

static u32 word(const u8 *p) { return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24; }

static NOINLINE u8 *length(u8 *to, u32 rest)
{
    for (; rest >= 255; rest -= 255)
        *to++ = 255;
    *to++ = (u8)rest;
    return to;
}

static NOINLINE u32 compress(u8 *out, const u8 *from, u32 count)
{
    u8 *to = out;
    u32 at = 0, anchor = 0;
    for (u32 i = 0; i < HASHES; i++)
        heads[i] = 0xffff;
    while (at + 4 <= count) {
        u32 four = word(from + at), slot = (four * 2654435761u) >> 22, candidate = heads[slot];
        heads[slot] = (u16)at;
        if (candidate == 0xffff || word(from + candidate) != four) {
            at++;
            continue;
        }
        u32 matched = 4;
        while (at + matched < count && from[candidate + matched] == from[at + matched])
            matched++;
        u32 literals = at - anchor, extra = matched - 4;
        *to++ = (u8)((literals < 15 ? literals : 15) << 4 | (extra < 15 ? extra : 15));
        if (literals >= 15)
            to = length(to, literals - 15);
        for (u32 i = 0; i < literals; i++)
            *to++ = from[anchor + i];
        u32 distance = at - candidate;
        *to++ = (u8)distance;
        *to++ = (u8)(distance >> 8);
        if (extra >= 15)
            to = length(to, extra - 15);
        at += matched;
        anchor = at;
    }
    u32 literals = count - anchor;
    *to++ = (u8)((literals < 15 ? literals : 15) << 4);
    if (literals >= 15)
        to = length(to, literals - 15);
    for (u32 i = 0; i < literals; i++)
        *to++ = from[anchor + i];
    return (u32)(to - out);
}

static NOINLINE u32 decompress(u8 *to, const u8 *from, u32 count)
{
    const u8 *end = from + count;
    u8 *out = to;
    while (from < end) {
        u32 token = *from++, literals = token >> 4, matched = (token & 15) + 4;
        if (literals == 15) {
            u8 more;
            do
                literals += more = *from++;
            while (more == 255);
        }
        while (literals--)
            *to++ = *from++;
        if (from >= end)
            break;
        u32 distance = (u32)from[0] | (u32)from[1] << 8;
        from += 2;
        if (matched == 19) {
            u8 more;
            do
                matched += more = *from++;
            while (more == 255);
        }
        const u8 *source = to - distance;
        while (matched--)
            *to++ = *source++;
    }
    return (u32)(to - out);
}

i32 run(void)
{
    u32 seed = 41, at = 0, sum = 0;

    /* Text of few letters with repetitions of what came before. */
    while (at < LEN) {
        u32 size = 3 + (lcg(&seed) >> 28);
        if (at > 64 && lcg(&seed) >> 31) {
            u32 back = 1 + (lcg(&seed) >> 16) % (at - 1);
            for (; size && at < LEN; size--, at++)
                plain[at] = plain[at - back];
        } else {
            for (; size && at < LEN; size--)
                plain[at++] = (u8)('a' + (lcg(&seed) >> 28));
        }
    }
    u32 count = compress(packed, plain, LEN);
    if (decompress(unpacked, packed, count) != LEN)
        return -1;
    for (i32 i = 0; i < LEN; i++)
        if (plain[i] != unpacked[i])
            return -2;
    for (u32 i = 0; i < count; i++)
        sum = sum * 31 + packed[i];
    return (i32)(sum + count);
}
