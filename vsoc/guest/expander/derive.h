/* Derived values, numbered as the host's. Targets leave out those that only encodings of the others need. */
#ifndef FIREBALL_DERIVE_H
#define FIREBALL_DERIVE_H

#include <stdbool.h>
#include <stdint.h>

_Static_assert(DERIVED_FUNCTIONS == 9, "a derived function that the expander does not know");

/* Outside the range of every derived value. */
#define NOT_ENCODABLE INT32_MIN

#ifdef __thumb__
/* Arm ARM A5.3.2. */
static inline int32_t derive_t32ModifiedImmediate(uint32_t value) {
  uint32_t low = value & 0xff;
  uint32_t high = (value >> 8) & 0xff;
  if (value == low) return (int32_t)low;
  if (value == (low << 16 | low)) return (int32_t)(0x100 | low);
  if (value == (high << 24 | high << 8)) return (int32_t)(0x200 | high);
  if (value == low * 0x01010101u) return (int32_t)(0x300 | low);
  uint32_t top = (uint32_t)__builtin_clz(value);
  if (top >= 24 || value << (top + 8) != 0) return NOT_ENCODABLE;
  return (int32_t)((top + 8) << 7 | ((value << top) >> 24 & 0x7f));
}

/* Arm ARM A6.4.1. */
static inline int32_t derive_vfpImmediate(uint32_t bits) {
  uint32_t exponent = (bits >> 25) & 0x3f;
  if ((bits & 0x7ffff) != 0 || (exponent != 0x20 && exponent != 0x1f)) return NOT_ENCODABLE;
  return (int32_t)((bits >> 24 & 0x80) | (bits >> 19 & 0x7f));
}

static inline int32_t derive_upDown(uint32_t value) { return (int32_t)value < 0 ? (int32_t)(0u - value) : (int32_t)(value | 0x1000); }
#else
static inline int32_t derive_hi20(uint32_t value) { return (int32_t)((value + 0x800) >> 12); }

static inline int32_t derive_lo12(uint32_t value) { return (int32_t)value; }
#endif

static inline bool takes_two(uint32_t function) { return function == DERIVE_MSB || function == DERIVE_FIELD; }

static inline int32_t derive_neg32(uint32_t value) { return (int32_t)(0u - value); }

static inline int32_t derive_minus1(uint32_t value) { return (int32_t)(value - 1); }

static inline int32_t derive_msb(uint32_t width, uint32_t lsb) {
  int32_t end = (int32_t)(width + lsb);
  return end > 32 ? NOT_ENCODABLE : end - 1;
}

static inline int32_t derive_field(uint32_t width, uint32_t lsb) { return width + lsb > 32 ? NOT_ENCODABLE : (int32_t)(width - 1); }

#endif
