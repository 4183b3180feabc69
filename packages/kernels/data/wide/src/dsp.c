/* Fixed-point signal processing: a FIR filter and an FFT in Q15, biquads in Q30 with 64-bit sums. */
#include "bench.h"

#define LEN 512
#define TAPS 24
#define POINTS 128

static i16 input[LEN + TAPS], filtered[LEN], taps[TAPS];
static i16 cosine[POINTS / 2], sine[POINTS / 2];
static i16 re[POINTS], im[POINTS];

static i16 saturate(i32 x) { return (i16)(x > 32767 ? 32767 : x < -32768 ? -32768 : x); }

static NOINLINE void fir(i16 *to, const i16 *from, const i16 *coefficients, i32 count)
{
    for (i32 i = 0; i < count; i++) {
        i32 sum = 1 << 14;
        for (i32 k = 0; k < TAPS; k++)
            sum += from[i + k] * coefficients[k];
        to[i] = saturate(sum >> 15);
    }
}

typedef struct { i32 b0, b1, b2, a1, a2, x1, x2, y1, y2; } Biquad;

static NOINLINE void biquad(Biquad *f, i16 *samples, i32 count)
{
    for (i32 i = 0; i < count; i++) {
        i32 x = samples[i] * 256;
        i64 sum = (i64)f->b0 * x + (i64)f->b1 * f->x1 + (i64)f->b2 * f->x2 - (i64)f->a1 * f->y1 - (i64)f->a2 * f->y2;
        i32 y = (i32)(sum >> 30);
        f->x2 = f->x1;
        f->x1 = x;
        f->y2 = f->y1;
        f->y1 = y;
        samples[i] = saturate(y >> 8);
    }
}

/* Radix 2, in place, halved in every stage. */
static NOINLINE void fft(void)
{
    for (u32 i = 1, j = 0; i < POINTS; i++) {
        u32 bit = POINTS / 2;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            i16 t = re[i]; re[i] = re[j]; re[j] = t;
            t = im[i]; im[i] = im[j]; im[j] = t;
        }
    }
    for (i32 half = 1, step = POINTS / 2; half < POINTS; half *= 2, step /= 2)
        for (i32 group = 0; group < POINTS; group += 2 * half)
            for (i32 k = 0; k < half; k++) {
                i32 a = group + k, b = a + half;
                i32 c = cosine[k * step], s = sine[k * step];
                i32 x = (re[b] * c + im[b] * s) >> 15, y = (im[b] * c - re[b] * s) >> 15;
                i32 u = re[a], v = im[a];
                re[a] = (i16)((u + x) >> 1);
                im[a] = (i16)((v + y) >> 1);
                re[b] = (i16)((u - x) >> 1);
                im[b] = (i16)((v - y) >> 1);
            }
}

i32 run(void)
{
    u32 seed = 31, sum = 0;
    Biquad low;

    low.b0 = low.b2 = 0x0a000000;
    low.b1 = 0x14000000;
    low.a1 = -0x50000000;
    low.a2 = 0x1c000000;
    low.x1 = low.x2 = low.y1 = low.y2 = 0;
    for (i32 i = 0; i < LEN + TAPS; i++)
        input[i] = (i16)((i32)lcg(&seed) >> 17);
    for (i32 i = 0; i < TAPS; i++)
        taps[i] = (i16)((i + 1) * (TAPS - i) * 16);
    /* Rotation by 2 pi / 128 in Q30. */
    i32 c = 1 << 30, s = 0;
    for (i32 i = 0; i < POINTS / 2; i++) {
        cosine[i] = saturate(c >> 15);
        sine[i] = saturate(s >> 15);
        i32 turned = (i32)(((i64)c * 1072448455 - (i64)s * 52686014) >> 30);
        s = (i32)(((i64)s * 1072448455 + (i64)c * 52686014) >> 30);
        c = turned;
    }
    fir(filtered, input, taps, LEN);
    for (i32 round = 0; round < 4; round++)
        biquad(&low, filtered, LEN);
    for (i32 block = 0; block < LEN; block += POINTS) {
        for (i32 i = 0; i < POINTS; i++) {
            re[i] = filtered[block + i];
            im[i] = 0;
        }
        fft();
        for (i32 i = 0; i < POINTS; i++)
            sum = sum * 31 + (u32)(re[i] * re[i] + im[i] * im[i]);
    }
    return (i32)sum;
}
