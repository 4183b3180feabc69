/*
 * What `compile-core` hands to the functions that firmware calls (vsoc/src/export/core-image.ts writes it): words, little-endian. Everything that is in the same
 * image is so many bytes behind this.
 */
#ifndef FIREBALL_CORE_IMAGE_H
#define FIREBALL_CORE_IMAGE_H

#include "fireball-core.h"

/* How far it is. */
enum { STATE_READY = 1, STATE_MODULE = 2, STATE_COMPILED = 3 };

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
  int32_t label_offset;
  /* Addresses in the compiler's memory. */
  uint32_t layout[LAYOUT_WORDS];
  /* Only where the interpreter is in the image. Functions of the core of validation, and what the memory has at first that is the compiler's otherwise. */
  int32_t bodies_reset;
  int32_t bodies_allocate;
  int32_t bodies_validate;
  int32_t bodies_contents;
  uint32_t bodies_contents_bytes;
  /* The dispatch tables, and pairs of what takes the place of entries in them where the core traps on misaligned accesses (0: it does not); the entry of descriptors, and the routine of memory.grow. */
  int32_t tables;
  int32_t split;
  int32_t entry;
  int32_t grow;
};

/* Calls a function of the compiler on its own stack. */
uint64_t core_enter(uint32_t function, const uint32_t *arguments, struct state *state, uint32_t stack_top);

/* Where a trap of it goes on. */
uint32_t core_landing(void);

/* By the word `core_descriptor`, which the builder fills in. */
const struct core *core_of(void);

/* False where the compiler trapped: it has to be made ready anew then. */
int32_t core_call(const struct core *core, int32_t function, const uint32_t arguments[4], uint32_t *result);
/* The same with one argument. */
int32_t core_call_with(const struct core *core, int32_t function, uint32_t argument, uint32_t *result);

/* fireball_core_compile, where `enter` says at which of these loops (program.h) the function can be entered, once it has been read; null: at none. */
struct loop;
int32_t core_compile(uint32_t function, const uint8_t *body, uint32_t bytes, uint32_t offset, struct fireball_code *code, struct loop *loops, int32_t (*enter)(struct loop *loops));

/* Unpacks so many bytes of the LZ4 block format. */
void core_unpack(uint8_t *into, const uint8_t *from, uint32_t bytes);

/* Where something lies that is so many bytes behind the descriptor. */
static inline uint32_t address_of(const struct core *core, int32_t offset) { return (uint32_t)(uintptr_t)core + (uint32_t)offset; }

/* Words of the compiler's linear memory, by their addresses there. */
static inline uint32_t *word_at(const struct core *core, uint32_t address) { return (uint32_t *)(core->memory + address); }

static inline uint32_t load(const struct core *core, uint32_t address) { return *word_at(core, address); }

static inline void store(const struct core *core, uint32_t address, uint32_t value) { *word_at(core, address) = value; }

static inline void copy(uint8_t *into, const uint8_t *from, uint32_t bytes) {
  for (uint32_t index = 0; index < bytes; index++) into[index] = from[index];
}

enum { I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, FUNCREF = 0x70, EXTERNREF = 0x6f };

static inline uint32_t words_of(uint32_t type) { return type == I64 || type == F64 ? 2 : 1; }

#endif
