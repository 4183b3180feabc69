/* The f32 instructions. */
#include "rom.h"

/* Arithmetic is what routines spend their time on: a third more code, a fifth fewer instructions. */
#pragma GCC optimize("O2")

static uint32_t multiply_high(uint32_t x, uint32_t y) {
  const uint64_t product = (uint64_t)x * y;
  return (uint32_t)(product >> 32) | ((uint32_t)product != 0);
}

#define BITS uint32_t
#define NAME(op) f32_##op
#define LEADING_ZEROS(x) __builtin_clz(x)
#define MULTIPLY_HIGH(x, y) multiply_high(x, y)
#define LEADING_WORD(x) ((x) << 6)
#define MANTISSA 23
#define BIAS 127
#include "float.h"

static f32 from_i32(uint32_t magnitude) {
  if (magnitude == 0) return 0;
  const int lift = __builtin_clz(magnitude);
  magnitude <<= lift;
  return pack(0, BIAS + 31 - lift, (magnitude >> 5) | ((magnitude & 31) != 0));
}

f32 f32_demote_f64(f64 x) {
  const f32 sign = (f32)(x >> 32) & F32_SIGN;
  const int field = (int)(x >> 52) & 0x7ff;
  if (field == 0x7ff) return f64_is_nan(x) ? F32_NAN : sign | F32_INFINITY;
  /* A subnormal f64 is far below half of the least f32, however its hidden bit reads. */
  const uint64_t mantissa = (x & ((1ull << 52) - 1)) | (1ull << 52);
  const f32 fraction = (f32)(mantissa >> 26) | ((mantissa & ((1u << 26) - 1)) != 0);
  if ((x & ~F64_SIGN) == 0) return sign;
  return pack(sign, field - 1023 + BIAS, fraction);
}
