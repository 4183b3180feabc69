/* The f64 instructions. */
#include "rom.h"

/* Arithmetic is what routines spend their time on: a third more code, a fifth fewer instructions. */
#pragma GCC optimize("O2")

static uint64_t multiply_high(uint64_t x, uint64_t y) {
  const uint32_t x0 = (uint32_t)x, x1 = (uint32_t)(x >> 32);
  const uint32_t y0 = (uint32_t)y, y1 = (uint32_t)(y >> 32);
  const uint64_t low = (uint64_t)x0 * y0;
  /* Neither sum overflows: (2^32 - 1)^2 + 2 * (2^32 - 1) is 2^64 - 1. */
  const uint64_t cross = (uint64_t)x0 * y1 + (low >> 32);
  const uint64_t middle = (uint64_t)x1 * y0 + (uint32_t)cross;
  const uint64_t high = (uint64_t)x1 * y1 + (cross >> 32) + (middle >> 32);
  return high | (((uint32_t)low | (uint32_t)middle) != 0);
}

#define BITS uint64_t
#define NAME(op) f64_##op
#define LEADING_ZEROS(x) __builtin_clzll(x)
#define MULTIPLY_HIGH(x, y) multiply_high(x, y)
#define LEADING_WORD(x) ((uint32_t)((x) >> 23))
#define MANTISSA 52
#define BIAS 1023
#include "float.h"

/* Exact, as every 32-bit integer is. The hidden bit adds one to the exponent field. */
static f64 from_i32(uint32_t magnitude) {
  if (magnitude == 0) return 0;
  const int lift = __builtin_clz(magnitude);
  return ((f64)(BIAS + 30 - lift) << MANTISSA) + ((f64)(magnitude << lift) << (MANTISSA - 31));
}

f64 f64_promote_f32(f32 x) {
  const f64 sign = (f64)(x & F32_SIGN) << 32;
  const f32 magnitude = x & ~F32_SIGN;
  if (magnitude >= F32_INFINITY) return f32_is_nan(x) ? F64_NAN : sign | F64_INFINITY;
  if (magnitude >> 23) return sign | (((f64)magnitude << 29) + ((f64)(BIAS - 127) << MANTISSA));
  /* A subnormal number is an integer of 23 bits times 2^-149. */
  if (magnitude == 0) return sign;
  return sign | (from_i32(magnitude) - (149ull << MANTISSA));
}
