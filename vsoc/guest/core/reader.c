#include "reader.h"

void reader_fail(struct reader *reader, int32_t outcome) {
  if (reader->outcome != FIREBALL_DONE) return;
  reader->outcome = outcome;
  reader->offset = position_of(reader);
  reader->end = reader->at;
}

uint32_t reader_byte(struct reader *reader) {
  if (reader->at == reader->end) {
    reader_fail(reader, FIREBALL_INVALID);
    return 0;
  }
  return *reader->at++;
}

uint64_t reader_number(struct reader *reader, uint32_t bits, int32_t is_signed) {
  uint64_t value = 0;
  for (uint32_t shift = 0;; shift += 7) {
    const uint32_t byte = reader_byte(reader);
    const uint32_t low = byte & 0x7f;
    if (shift + 7 >= bits) {
      /* The last byte: what lies above the number repeats its sign. */
      const uint32_t rest = low >> (bits - shift - (is_signed ? 1u : 0u));
      const uint32_t ones = 0x7f >> (bits - shift - (is_signed ? 1u : 0u));
      if (byte >= 0x80 || (rest != 0 && !(is_signed && rest == ones))) reader_fail(reader, FIREBALL_INVALID);
    }
    value |= (uint64_t)low << shift;
    if (byte >= 0x80 && shift + 7 < bits) continue;
    return is_signed && shift + 7 < 64 && (low & 0x40) != 0 ? value | ~(uint64_t)0 << (shift + 7) : value;
  }
}

uint32_t reader_u32(struct reader *reader) { return (uint32_t)reader_number(reader, 32, 0); }

const uint8_t *reader_skip(struct reader *reader, uint32_t bytes) {
  const uint8_t *at = reader->at;
  if (bytes > (uint32_t)(reader->end - at)) reader_fail(reader, FIREBALL_INVALID);
  else reader->at += bytes;
  return at;
}

/* Bytes of the sequence that begins here (Unicode, table 3-7); 0 where it is malformed. */
static uint32_t sequence_length(const uint8_t *at, uint32_t left) {
  if (at[0] < 0x80) return 1;
  const uint32_t length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  if (at[0] < 0xc2 || at[0] > 0xf4 || left < length) return 0;
  for (uint32_t index = 1; index < length; index++)
    if ((at[index] & 0xc0) != 0x80) return 0;
  if (at[0] == 0xe0 && at[1] < 0xa0) return 0;
  if (at[0] == 0xed && at[1] > 0x9f) return 0;
  if (at[0] == 0xf0 && at[1] < 0x90) return 0;
  return at[0] == 0xf4 && at[1] > 0x8f ? 0 : length;
}

const uint8_t *reader_name(struct reader *reader, uint32_t *length) {
  *length = reader_u32(reader);
  const uint8_t *name = reader_skip(reader, *length);
  if (reader->outcome != FIREBALL_DONE) {
    *length = 0;
    return name;
  }
  for (uint32_t index = 0; index < *length;) {
    const uint32_t step = sequence_length(name + index, *length - index);
    if (step == 0) {
      reader_fail(reader, FIREBALL_INVALID);
      break;
    }
    index += step;
  }
  return name;
}

uint32_t reader_type(struct reader *reader, int32_t is_reference) {
  const uint32_t type = reader_byte(reader);
  if (type == FUNCREF || type == EXTERNREF || (!is_reference && type >= F64 && type <= I32)) return type;
  reader_fail(reader, FIREBALL_INVALID);
  return is_reference ? FUNCREF : I32;
}
