/*
 * What the builder of a bare ELF file hands to the driver (vsoc/src/export/descriptor.ts writes it): words,
 * little-endian, addresses of the system that the file is for. The assembly sources use the first words.
 */
#ifndef FIREBALL_BOARD_H
#define FIREBALL_BOARD_H

#include <stdint.h>

/* In RAM. `enter` and the fault handler write it. */
struct state {
  uint32_t sp;
  uint32_t results[4];
  /* Of the instruction that trapped. */
  uint32_t pc;
  /* Arm: CFSR. RISC-V: mcause. */
  uint32_t cause;
  /* RISC-V: a7, by which routines in ROM tell the kind of their trap. */
  uint32_t number;
};

struct copy {
  uint32_t *to;
  const uint32_t *from;
  uint32_t words;
};

struct zero {
  uint32_t *from;
  uint32_t words;
};

struct call {
  /* `name(arguments)`, as it is printed. */
  const char *label;
  /* The function's slot, whose first word is the address of its code. */
  const uint32_t *slot;
  /* One word per argument register, then those of the stack. */
  const uint32_t *arguments;
  uint32_t stack_words;
  /* Words of each result: bytes 1 or 2, 0 behind the last. */
  const uint8_t *results;
};

/* An address at which generated code traps, for instruction sets whose trap instruction carries no number. */
struct trap_site {
  uint32_t pc;
  uint32_t kind;
};

struct board {
  struct state *state;
  uint32_t stack_top;
  /* 1: the core has floating-point registers, which must be switched on. */
  uint32_t fpu;
  const struct copy *copies;
  uint32_t copy_count;
  const struct zero *zeros;
  uint32_t zero_count;
  const struct call *calls;
  uint32_t call_count;
  const uint32_t *result_buffer;
  const char *const *trap_names;
  uint32_t trap_count;
  const struct trap_site *trap_sites;
  uint32_t trap_site_count;
  uint32_t rom_begin;
  uint32_t rom_end;
};

/* Calls code. 0: it returned; 1: a fault ended it. */
uint32_t enter(uint32_t code, const uint32_t *arguments, uint32_t stack_words, struct state *state);

uint32_t semihost(uint32_t operation, const void *parameter);

#endif
