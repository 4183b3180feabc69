/*
 * What `compile-core` hands to the functions that firmware calls (vsoc/src/export/core-image.ts writes it): words, little-endian. Everything that is in the same
 * image is so many bytes behind this.
 */
#ifndef FIREBALL_CORE_IMAGE_H
#define FIREBALL_CORE_IMAGE_H

#include "fireball-core.h"

/* In RAM. */
struct state {
  /* While the compiler runs: where the caller's frame is; 0 otherwise. The assembly sources use it. */
  uint32_t sp;
  /* STATE_READY and more. */
  uint32_t progress;
  /* The module. */
  const struct fireball_module *module;
};

struct core {
  int32_t image_begin;
  int32_t image_end;
  struct state *state;
  uint32_t stack_top;
  /* The compiler's linear memory: its address, its contents at first, packed, and how many bytes these are unpacked: where tables that stay end. */
  uint8_t *memory;
  int32_t contents;
  uint32_t contents_bytes;
  /* The record of that memory. */
  uint32_t *record;
  uint32_t memory_bytes;
  /* Pairs: number of an operation, and entry of the routine that carries it out. */
  int32_t routines;
  uint32_t routine_count;
  /* What code may branch to outside. */
  int32_t routines_begin;
  int32_t routines_end;
  /* The exact bounds check of a memory; where the halves of its record's address are in that: instructions. */
  int32_t bounds;
  uint32_t bounds_bytes;
  uint32_t bounds_low;
  uint32_t bounds_high;
  /* Functions of the compiler. */
  int32_t make_room;
  int32_t reset;
  int32_t allocate;
  int32_t read_function;
  int32_t compile_function;
  int32_t place_function;
  int32_t crc32;
  /* Addresses in the compiler's memory. */
  uint32_t layout[LAYOUT_WORDS];
};

/* Calls a function of the compiler on its own stack. */
uint64_t core_enter(uint32_t function, const uint32_t *arguments, struct state *state, uint32_t stack_top);

/* Where a trap of it goes on. */
uint32_t core_landing(void);

/* By the word `core_descriptor`, which the builder fills in. */
const struct core *core_of(void);

#endif
