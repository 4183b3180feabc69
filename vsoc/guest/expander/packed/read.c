#include "packed.h"

uint32_t read_byte(struct reader *reader) {
  if (reader->at < reader->end) return *reader->at++;
  reader->failed = true;
  return 0;
}

uint32_t width_of(uint32_t count) {
  uint32_t bits = 0;
  while ((1u << bits) < count) bits++;
  return bits;
}

uint32_t read_bits(struct bits *bits, uint32_t width) {
  while (bits->count < width) {
    bits->pending |= read_byte(bits->reader) << bits->count;
    bits->count += 8;
  }
  uint32_t value = bits->pending & ((1u << width) - 1);
  bits->pending >>= width;
  bits->count -= width;
  return value;
}

struct point read_point(const struct template_set *set, struct bits *bits, uint32_t operand_bits) {
  uint32_t all = read_bits(bits, 2 + set->map_bits + operand_bits);
  struct point point = {2 * (all & 3), all >> 2 & ((1u << set->map_bits) - 1), all >> (2 + set->map_bits)};
  if (point.distance == 6) point.distance = 2 * read_bits(bits, 8);
  return point;
}
