/* Integer instructions that the instruction set has not. */
#include "rom.h"

static uint32_t count_ones(uint32_t x) {
  x -= (x >> 1) & 0x55555555u;
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  return (((x + (x >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
}

static uint32_t leading_zeros(uint32_t x) { return x == 0 ? 32 : (uint32_t)__builtin_clz(x); }

static uint32_t trailing_zeros(uint32_t x) { return x == 0 ? 32 : 31 - (uint32_t)__builtin_clz(x & -x); }

uint32_t i32_popcnt(uint32_t x) { return count_ones(x); }

#ifndef __thumb__
uint32_t i32_clz(uint32_t x) { return leading_zeros(x); }

uint32_t i32_ctz(uint32_t x) { return trailing_zeros(x); }
#endif

uint64_t i64_popcnt(uint64_t x) { return count_ones((uint32_t)x) + count_ones((uint32_t)(x >> 32)); }

uint64_t i64_clz(uint64_t x) {
  const uint32_t high = (uint32_t)(x >> 32);
  return high == 0 ? 32 + leading_zeros((uint32_t)x) : leading_zeros(high);
}

uint64_t i64_ctz(uint64_t x) {
  const uint32_t low = (uint32_t)x;
  return low == 0 ? 32 + trailing_zeros((uint32_t)(x >> 32)) : trailing_zeros(low);
}

/* Two shifts of at most 63: neither amount may be 64. */
uint64_t i64_rotl(uint64_t x, uint64_t count) { return (x << (count & 63)) | (x >> (-count & 63)); }

uint64_t i64_rotr(uint64_t x, uint64_t count) { return (x >> (count & 63)) | (x << (-count & 63)); }

static void require_divisor(uint64_t y) {
  if (y == 0) TRAP(TRAP_INTEGER_DIVIDE_BY_ZERO);
}

/*
 * One divider for all four, on magnitudes. A remainder is what the quotient leaves; the compiler must not
 * see that, or it would call its library's second divider, which is as large as the first.
 */
__attribute__((noinline)) static uint64_t divide(uint64_t x, uint64_t y) { return x / y; }

static uint64_t remainder(uint64_t x, uint64_t y) { return x - divide(x, y) * y; }

static uint64_t magnitude(uint64_t x) { return (int64_t)x < 0 ? -x : x; }

uint64_t i64_div_u(uint64_t x, uint64_t y) {
  require_divisor(y);
  return divide(x, y);
}

uint64_t i64_rem_u(uint64_t x, uint64_t y) {
  require_divisor(y);
  return remainder(x, y);
}

uint64_t i64_div_s(uint64_t x, uint64_t y) {
  require_divisor(y);
  if (y == UINT64_MAX && x == (1ull << 63)) TRAP(TRAP_INTEGER_OVERFLOW);
  const uint64_t quotient = divide(magnitude(x), magnitude(y));
  return (int64_t)(x ^ y) < 0 ? -quotient : quotient;
}

/* The remainder has the dividend's sign. */
uint64_t i64_rem_s(uint64_t x, uint64_t y) {
  require_divisor(y);
  const uint64_t rest = remainder(magnitude(x), magnitude(y));
  return (int64_t)x < 0 ? -rest : rest;
}
