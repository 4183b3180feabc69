/* AES-128 (FIPS 197), byte by byte as small devices have it: the tables are computed, key expansion, CBC, and back again. */
#include "bench.h"

#define BLOCKS 20

static u8 sbox[256], inverse[256];
static u8 keys[176];
static u8 data[BLOCKS * 16], sealed[BLOCKS * 16];

static u8 twice(u8 x) { return (u8)(x << 1 ^ (x >> 7) * 0x1b); }

static NOINLINE void makeTables(void)
{
    u8 p = 1, q = 1;
    do {
        p ^= twice(p);
        q ^= (u8)(q << 1);
        q ^= (u8)(q << 2);
        q ^= (u8)(q << 4);
        if (q & 0x80)
            q ^= 0x09;
        u8 x = (u8)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4) ^ 0x63);
        sbox[p] = x;
        inverse[x] = p;
    } while (p != 1);
    sbox[0] = 0x63;
    inverse[0x63] = 0;
}

static NOINLINE void expandKey(const u8 *key)
{
    u8 round = 1;
    for (i32 i = 0; i < 16; i++)
        keys[i] = key[i];
    for (i32 i = 16; i < 176; i += 4) {
        u8 t[4];
        for (i32 k = 0; k < 4; k++)
            t[k] = keys[i - 4 + k];
        if (i % 16 == 0) {
            u8 first = t[0];
            t[0] = (u8)(sbox[t[1]] ^ round);
            t[1] = sbox[t[2]];
            t[2] = sbox[t[3]];
            t[3] = sbox[first];
            round = twice(round);
        }
        for (i32 k = 0; k < 4; k++)
            keys[i + k] = keys[i - 16 + k] ^ t[k];
    }
}

static NOINLINE void addKey(u8 *s, const u8 *key)
{
    for (i32 i = 0; i < 16; i++)
        s[i] ^= key[i];
}

/* SubBytes and ShiftRows; the inverse with the other table and direction. */
static NOINLINE void substitute(u8 *s, const u8 *box, u32 step)
{
    u8 t[16];
    for (u32 i = 0; i < 16; i++)
        t[i] = box[s[(i * step) & 15]];
    for (u32 i = 0; i < 16; i++)
        s[i] = t[i];
}

static NOINLINE void mix(u8 *s)
{
    for (i32 i = 0; i < 4; i++, s += 4) {
        u8 a = s[0], all = s[0] ^ s[1] ^ s[2] ^ s[3];
        s[0] ^= all ^ twice(s[0] ^ s[1]);
        s[1] ^= all ^ twice(s[1] ^ s[2]);
        s[2] ^= all ^ twice(s[2] ^ s[3]);
        s[3] ^= all ^ twice(s[3] ^ a);
    }
}

static NOINLINE void unmix(u8 *s)
{
    for (i32 i = 0; i < 16; i += 4) {
        u8 u = twice(twice(s[i] ^ s[i + 2])), v = twice(twice(s[i + 1] ^ s[i + 3]));
        s[i] ^= u;
        s[i + 1] ^= v;
        s[i + 2] ^= u;
        s[i + 3] ^= v;
    }
    mix(s);
}

static NOINLINE void encrypt(u8 *s)
{
    addKey(s, keys);
    for (i32 round = 1;; round++) {
        substitute(s, sbox, 5);
        if (round < 10)
            mix(s);
        addKey(s, keys + 16 * round);
        if (round == 10)
            return;
    }
}

static NOINLINE void decrypt(u8 *s)
{
    for (i32 round = 10;; round--) {
        addKey(s, keys + 16 * round);
        if (round < 10)
            unmix(s);
        substitute(s, inverse, 13);
        if (round == 1)
            break;
    }
    addKey(s, keys);
}

i32 run(void)
{
    static const u8 key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
    u32 seed = 43, sum = 0;
    u8 chain[16], held[16];

    makeTables();
    expandKey(key);
    for (i32 i = 0; i < BLOCKS * 16; i++)
        data[i] = (u8)(lcg(&seed) >> 24);
    for (i32 i = 0; i < 16; i++)
        chain[i] = 0;
    for (i32 b = 0; b < BLOCKS; b++) {
        for (i32 i = 0; i < 16; i++)
            chain[i] ^= data[b * 16 + i];
        encrypt(chain);
        for (i32 i = 0; i < 16; i++)
            sealed[b * 16 + i] = chain[i];
    }
    for (i32 i = 0; i < BLOCKS * 16; i++)
        sum = sum * 31 + sealed[i];
    for (i32 b = BLOCKS; b--;) {
        for (i32 i = 0; i < 16; i++)
            held[i] = sealed[b * 16 + i];
        decrypt(held);
        for (i32 i = 0; i < 16; i++)
            if ((u8)(held[i] ^ (b ? sealed[(b - 1) * 16 + i] : 0)) != data[b * 16 + i])
                return -1;
    }
    return (i32)sum;
}
