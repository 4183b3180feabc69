/* The floating-point functions of RP2040's boot ROM (data sheet, 2.8.3.2), as the SDK calls them, against those of the compiler's library. */
#include <string.h>
#include "arm.h"
#include "check.h"

typedef uint32_t u32;
typedef uint64_t u64;
enum {
    ADD, SUB, MUL, DIV, CMP_FAST, CMP_FLAGS, SQRT, TO_INT, TO_FIX, TO_UINT, TO_UFIX, FROM_INT, FROM_FIX, FROM_UINT, FROM_UFIX, COS, SIN, TAN, SINCOS, EXP, LN,
    CMP_BASIC, ATAN2, FROM_INT64, FROM_FIX64, FROM_UINT64, FROM_UFIX64, TO_INT64, TO_FIX64, TO_UINT64, TO_UFIX64, CONVERT
};
static const void *const *floats, *const *doubles;
#define CALL(table, index, result, ...) ((result(*)(__VA_ARGS__))table[index])

static const void *data(char a, char b)
{
    typedef void *(*lookup)(const uint16_t *table, u32 code);
    return ((lookup)(uintptr_t)*(volatile uint16_t *)0x18)((const uint16_t *)(uintptr_t)*(volatile uint16_t *)0x16, (u32)a | (u32)b << 8);
}
static u32 bits(float value)
{
    u32 word;
    memcpy(&word, &value, 4);
    return word;
}
static float single(u32 word)
{
    float value;
    memcpy(&value, &word, 4);
    return value;
}
static u64 bits64(double value)
{
    u64 word;
    memcpy(&word, &value, 8);
    return word;
}
static double wide(u64 word)
{
    double value;
    memcpy(&value, &word, 8);
    return value;
}
static u32 seed = 1;
static u32 next(void) { return seed = seed * 1664525 + 1013904223; }
static void same64(const char *what, u64 actual, u64 expected)
{
    check(what, (u32)actual, (u32)expected);
    check(what, (u32)(actual >> 32), (u32)(expected >> 32));
}
/* Z in bit 1, C in bit 0, as after CMP; 4 where a register was changed. */
static u32 flags(const void *compare, u32 x, u32 y)
{
    register u32 r0 __asm("r0") = x, r1 __asm("r1") = y, r2 __asm("r2") = 5, r3 __asm("r3") = 7;
    register const void *target __asm("r4") = compare;
    u32 psr;
    __asm volatile("blx %5\n mrs %4, apsr" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "=&r"(psr) : "r"(target) : "lr", "cc", "memory");
    return ((psr >> 29) & 3) | (r0 == x && r1 == y && r2 == 5 && r3 == 7 ? 0 : 4);
}

static double random_double(void)
{
    u64 high = (next() & 0x80ffffff) | 0x3f800000;
    return wide(high << 32 | next());
}

/* Numbers of ordinary size: what library and ROM do with very small ones differs. */
static void random_operands(void)
{
    for (int round = 0; round < 40; round++) {
        float x = single((next() & 0x87ffffff) | 0x38000000), y = single((next() & 0x87ffffff) | 0x38000000);
        check("fadd", bits(CALL(floats, ADD, float, float, float)(x, y)), bits(x + y));
        check("fsub", bits(CALL(floats, SUB, float, float, float)(x, y)), bits(x - y));
        check("fmul", bits(CALL(floats, MUL, float, float, float)(x, y)), bits(x * y));
        check("fdiv", bits(CALL(floats, DIV, float, float, float)(x, y)), bits(x / y));
        check("fcmp", (u32)CALL(floats, CMP_BASIC, int, float, float)(x, y), (u32)((x > y) - (x < y)));
        check("fcmp flags", flags(floats[CMP_FLAGS], bits(x), bits(y)), x < y ? 0 : x == y ? 3 : 1);
        same64("float2double", bits64(CALL(floats, CONVERT, double, float)(x)), bits64(x));
        double p = random_double(), q = random_double();
        same64("dadd", bits64(CALL(doubles, ADD, double, double, double)(p, q)), bits64(p + q));
        same64("dsub", bits64(CALL(doubles, SUB, double, double, double)(p, q)), bits64(p - q));
        same64("dmul", bits64(CALL(doubles, MUL, double, double, double)(p, q)), bits64(p * q));
        same64("ddiv", bits64(CALL(doubles, DIV, double, double, double)(p, q)), bits64(p / q));
        check("dcmp", (u32)CALL(doubles, CMP_FAST, int, double, double)(p, q), (u32)((p > q) - (p < q)));
        check("double2float", bits(CALL(doubles, CONVERT, float, double)(p)), bits((float)p));
        int64_t whole = (int64_t)((u64)next() << 32 | next()) >> (next() & 63);
        check("int642float", bits(CALL(floats, FROM_INT64, float, int64_t)(whole)), bits((float)whole));
        check("uint642float", bits(CALL(floats, FROM_UINT64, float, u64)((u64)whole)), bits((float)(u64)whole));
        same64("int642double", bits64(CALL(doubles, FROM_INT64, double, int64_t)(whole)), bits64((double)whole));
        check("uint2float", bits(CALL(floats, FROM_UINT, float, u32)((u32)whole)), bits((float)(u32)whole));
        check("int2float", bits(CALL(floats, FROM_INT, float, int)((int)whole)), bits((float)(int)whole));
        same64("int2double", bits64(CALL(doubles, FROM_INT, double, int)((int)whole)), bits64((int)whole));
    }
    section("random operands");
}

static void conversions(void)
{
    check("down", (u32)CALL(floats, TO_INT, int, float)(-1.25f), (u32)-2);
    check("most", (u32)CALL(floats, TO_INT, int, float)(3e9f), 0x7fffffff);
    check("least", (u32)CALL(doubles, TO_INT, int, double)(-3e9), 0x80000000);
    check("unsigned", CALL(floats, TO_UINT, u32, float)(3e9f), 3000000000u);
    check("not negative", CALL(doubles, TO_UINT, u32, double)(-1), 0);
    check("fixed", (u32)CALL(floats, TO_FIX, int, float, int)(2.75f, 8), 0x2c0);
    check("fixed, too large", CALL(doubles, TO_UFIX, u32, double, int)(2.75, 31), 0xffffffff);
    same64("to 64", (u64)CALL(floats, TO_INT64, int64_t, float)(-3.5f), (u64)-4);
    same64("to 64, fixed", (u64)CALL(doubles, TO_FIX64, int64_t, double, int)(1.5, 40), 3ull << 39);
    same64("to 64, largest", CALL(doubles, TO_UINT64, u64, double)(1e30), ~0ull);
    same64("to 64, unsigned", CALL(floats, TO_UFIX64, u64, float, int)(0.75f, 64), 3ull << 62);
    check("from fixed", bits(CALL(floats, FROM_FIX, float, int, int)(-3, 2)), bits(-0.75f));
    same64("from fixed", bits64(CALL(doubles, FROM_UFIX, double, u32, int)(0xc0000000, 32)), bits64(0.75));
    same64("from fixed 64", bits64(CALL(doubles, FROM_FIX64, double, int64_t, int)(-3ll * (1ll << 40), 42)), bits64(-0.75));
    check("from fixed 64", bits(CALL(floats, FROM_UFIX64, float, u64, int)(3ull << 62, 64)), bits(0.75f));
    section("conversions");
}

static void special(void)
{
    const u32 infinity = 0x7f800000, nothing = 0x7fc00000;
    check("division by zero", bits(CALL(floats, DIV, float, float, float)(-1, 0)), 0xff800000);
    check("overflow", bits(CALL(floats, MUL, float, float, float)(3e38f, 10)), infinity);
    check("no denormals", bits(CALL(floats, MUL, float, float, float)(-1e-30f, 1e-10f)), 0x80000000);
    check("no denormal operands", bits(CALL(floats, ADD, float, float, float)(single(1), single(1))), 0);
    check("not a number is infinity", bits(CALL(floats, ADD, float, float, float)(single(nothing), 1)), infinity);
    check("never not a number", bits(CALL(floats, SUB, float, float, float)(single(infinity), single(infinity))), infinity);
    check("zeros are equal", flags(floats[CMP_FLAGS], 0x80000000, 0), 3);
    check("square root", bits(CALL(floats, SQRT, float, float)(2)), 0x3fb504f3);
    check("of less than zero", bits(CALL(floats, SQRT, float, float)(-2)), 0xff800000);
    same64("square root", bits64(CALL(doubles, SQRT, double, double)(2)), 0x3ff6a09e667f3bcd);
    check_range("sine", bits(CALL(floats, SIN, float, float)(1)), 0x3f576aa3, 0x3f576aa5);
    check_range("cosine", bits(CALL(floats, COS, float, float)(1)), 0x3f0a5140, 0x3f0a5141);
    check_range("tangent", bits(CALL(floats, TAN, float, float)(1)), 0x3fc75922, 0x3fc75924);
    check_range("arc tangent", bits(CALL(floats, ATAN2, float, float, float)(1, -1)), 0x4016cbe3, 0x4016cbe5);
    check_range("exponential", bits(CALL(floats, EXP, float, float)(1)), 0x402df854, 0x402df855);
    check_range("logarithm", bits(CALL(floats, LN, float, float)(10)), 0x40135d8d, 0x40135d8f);
    check("of zero", bits(CALL(floats, LN, float, float)(0)), 0xff800000);
    check("sine of 1, upper half", (u32)(bits64(CALL(doubles, SIN, double, double)(1)) >> 32), 0x3feaed54);
    check("how many functions", ((const uint8_t *)floats)[-2], 32);
    section("special operands and functions");
}

int main(void)
{
    floats = data('S', 'F');
    doubles = data('S', 'D');
    random_operands();
    conversions();
    special();
    return failures;
}
