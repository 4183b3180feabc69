/* The patcher: copies a template and fills its holes (jit/TEMPLATES.md, "Patch rules"). */
#include "../derive.h"
#include "packed.h"

static int32_t derive(uint32_t function, uint32_t value, uint32_t second) {
  switch (function) {
#ifdef __thumb__
    case DERIVE_T32MODIFIEDIMMEDIATE:
      return derive_t32ModifiedImmediate(value);
    case DERIVE_VFPIMMEDIATE:
      return derive_vfpImmediate(value);
    case DERIVE_UPDOWN:
      return derive_upDown(value);
#else
    case DERIVE_HI20:
      return derive_hi20(value);
    case DERIVE_LO12:
      return derive_lo12(value);
#endif
    case DERIVE_NEG32:
      return derive_neg32(value);
    case DERIVE_MSB:
      return derive_msb(value, second);
    case DERIVE_FIELD:
      return derive_field(value, second);
  }
  return derive_minus1(value);
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

bool patch(const struct template_set *set, template_ref template, const int32_t *values, uint16_t *code) {
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
      value = derive(function, (uint32_t)value, takes_two(function) ? (uint32_t)values[take(&bits, operand_bits)] : 0);
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
