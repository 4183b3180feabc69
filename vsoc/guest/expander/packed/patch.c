/* The patcher: copies a template and fills its holes (jit/TEMPLATES.md, "Patch rules"). */
#include "expander.h"

_Static_assert(DERIVED_FUNCTIONS == 8, "a derived function that the expander does not know");

/* Outside the range of every derived value. */
#define NOT_ENCODABLE INT32_MIN

#ifdef __thumb__
/* Arm ARM A5.3.2. */
static int32_t modified_immediate(uint32_t value) {
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
static int32_t vfp_immediate(uint32_t bits) {
  uint32_t exponent = (bits >> 25) & 0x3f;
  if ((bits & 0x7ffff) != 0 || (exponent != 0x20 && exponent != 0x1f)) return NOT_ENCODABLE;
  return (int32_t)((bits >> 24 & 0x80) | (bits >> 19 & 0x7f));
}
#endif

static int32_t derive(uint32_t function, int32_t value, int32_t second) {
  switch (function) {
#ifdef __thumb__
    case DERIVE_T32MODIFIEDIMMEDIATE:
      return modified_immediate((uint32_t)value);
    case DERIVE_VFPIMMEDIATE:
      return vfp_immediate((uint32_t)value);
    case DERIVE_UPDOWN:
      return value < 0 ? (int32_t)(0u - (uint32_t)value) : value | 0x1000;
#else
    case DERIVE_HI20:
      return (int32_t)(((uint32_t)value + 0x800) >> 12);
    case DERIVE_LO12:
      return value;
#endif
    case DERIVE_NEG32:
      return (int32_t)(0u - (uint32_t)value);
    case DERIVE_MSB:
      value = (int32_t)((uint32_t)value + (uint32_t)second);
      if (value > 32) return NOT_ENCODABLE;
  }
  return value - 1;
}

/* The set was checked: its bit strings end where they should. */
struct unchecked_bits {
  const uint8_t *at;
  uint32_t pending;
  uint32_t count;
};

/* Inline, so that its state stays in registers. */
static inline __attribute__((always_inline)) uint32_t take(struct unchecked_bits *bits, uint32_t width) {
  while (bits->count < width) {
    bits->pending |= (uint32_t)*bits->at++ << bits->count;
    bits->count += 8;
  }
  uint32_t value = bits->pending & ((1u << width) - 1);
  bits->pending >>= width;
  bits->count -= width;
  return value;
}

bool patch(const struct template_set *set, const uint8_t *template, const int32_t *values, uint16_t *code) {
  uint32_t size = template_size(template);
  uint32_t operand_bits = width_of(template_operands(template));
  const uint8_t *from = template_code(template);
  for (uint32_t at = 0; at < size; at += 2) code[at / 2] = (uint16_t)(from[at] | from[at + 1] << 8);
  struct unchecked_bits bits = {from + size, 0, 0};
  for (uint32_t left = template_points(template); left != 0; left--) {
    uint32_t point = take(&bits, 2 + set->map_bits + operand_bits);
    uint32_t distance = point & 3;
    code += distance < 3 ? distance : take(&bits, 8);
    const uint8_t *map = map_at(set, point >> 2 & ((1u << set->map_bits) - 1));
    int32_t value = values[point >> (2 + set->map_bits)];
    uint32_t head = *map++;
    uint32_t function = head >> 4;
    if (function == 0) value -= (int32_t)(head << 1 & 0x1c);
    else {
      value = derive(function, value, function == DERIVE_MSB ? values[take(&bits, operand_bits)] : 0);
      if (value == NOT_ENCODABLE) return false;
    }
    uint32_t word = 0;
    uint32_t run;
    do {
      run = map[0] | (uint32_t)map[1] << 8;
      map += 2;
      uint32_t mask = (2u << (run >> 5 & 31)) - 1;
      word ^= ((uint32_t)value >> (run & 31) & mask) << (run >> 10 & 31);
    } while (run < 0x8000);
    code[0] ^= (uint16_t)word;
    if (head & 1) code[1] ^= (uint16_t)(word >> 16);
  }
  return true;
}
