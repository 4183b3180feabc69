/* Reading the binary format: the first thing that is wrong stays, and nothing is read behind it. */
#ifndef FIREBALL_READER_H
#define FIREBALL_READER_H

#include "core.h"
#include "fireball-interpreter.h"

struct reader {
  const uint8_t *begin;
  const uint8_t *at;
  const uint8_t *end;
  /* FIREBALL_DONE as long as nothing is wrong; otherwise where it is. */
  int32_t outcome;
  uint32_t offset;
};

static inline uint32_t position_of(const struct reader *reader) { return (uint32_t)(reader->at - reader->begin); }

void reader_fail(struct reader *reader, int32_t outcome);
uint32_t reader_byte(struct reader *reader);
/* LEB128 of so many bits (core spec 5.2.2), without sign or with one. */
uint64_t reader_number(struct reader *reader, uint32_t bits, int32_t is_signed);
uint32_t reader_u32(struct reader *reader);
/* Passes over so many bytes, and returns where they begin. */
const uint8_t *reader_skip(struct reader *reader, uint32_t bytes);
/* UTF-8. */
const uint8_t *reader_name(struct reader *reader, uint32_t *length);
/* A type of values, or of references only. */
uint32_t reader_type(struct reader *reader, int32_t is_reference);

#endif
