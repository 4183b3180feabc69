/* Conversions of floats to integers. */
#include "rom.h"

/* What `magnitude` gives for 2^64 and more. No float has this value: its low bits would not fit the mantissa. */
#define TOO_BIG UINT64_MAX

/* The whole part of |x|, for any x that is no NaN. */
static uint64_t f64_magnitude(f64 x) {
  const int exponent = (int)((x & ~F64_SIGN) >> 52) - 1023;
  if (exponent < 0) return 0;
  if (exponent > 63) return TOO_BIG;
  const uint64_t mantissa = (x & ((1ull << 52) - 1)) | (1ull << 52);
  return exponent < 52 ? mantissa >> (52 - exponent) : mantissa << (exponent - 52);
}

static uint64_t f32_magnitude(f32 x) {
  const int exponent = (int)((x & ~F32_SIGN) >> 23) - 127;
  if (exponent < 0) return 0;
  if (exponent > 63) return TOO_BIG;
  const uint32_t mantissa = (x & ((1u << 23) - 1)) | (1u << 23);
  return exponent < 23 ? mantissa >> (23 - exponent) : (uint64_t)mantissa << (exponent - 23);
}

static bool f32_is_negative(f32 x) { return (x & F32_SIGN) != 0; }

static bool f64_is_negative(f64 x) { return (x & F64_SIGN) != 0; }

/* The greatest magnitude that an integer type has on each side of zero. */
#define I32_S(negative) (0x7fffffffull + (negative))
#define I32_U(negative) ((negative) ? 0 : 0xffffffffull)
#define I64_S(negative) (0x7fffffffffffffffull + (negative))
#define I64_U(negative) ((negative) ? 0 : UINT64_MAX)

static uint64_t checked(uint64_t magnitude, uint64_t limit, bool negative) {
  if (magnitude > limit || magnitude == TOO_BIG) TRAP(TRAP_INTEGER_OVERFLOW);
  return negative ? -magnitude : magnitude;
}

static uint64_t saturated(uint64_t magnitude, uint64_t limit, bool negative) {
  if (magnitude > limit) magnitude = limit;
  return negative ? -magnitude : magnitude;
}

#define TRUNCATION(result, integer, from, sign, LIMIT)                       \
  result integer##_trunc_##from##_##sign(from x) {                           \
    if (from##_is_nan(x)) TRAP(TRAP_INVALID_CONVERSION_TO_INTEGER);          \
    const bool negative = from##_is_negative(x);                             \
    return (result)checked(from##_magnitude(x), LIMIT(negative), negative);  \
  }                                                                          \
  result integer##_trunc_sat_##from##_##sign(from x) {                       \
    if (from##_is_nan(x)) return 0;                                          \
    const bool negative = from##_is_negative(x);                             \
    return (result)saturated(from##_magnitude(x), LIMIT(negative), negative); \
  }

TRUNCATION(uint32_t, i32, f32, s, I32_S)
TRUNCATION(uint32_t, i32, f32, u, I32_U)
TRUNCATION(uint32_t, i32, f64, s, I32_S)
TRUNCATION(uint32_t, i32, f64, u, I32_U)
TRUNCATION(uint64_t, i64, f32, s, I64_S)
TRUNCATION(uint64_t, i64, f32, u, I64_U)
TRUNCATION(uint64_t, i64, f64, s, I64_S)
TRUNCATION(uint64_t, i64, f64, u, I64_U)
