/*
 * Fireball's compiler as a part of firmware: makes machine code of WebAssembly functions on the device (docs/compile-core.md). One caller at a time; no interrupt
 * handler may call it. It needs FIREBALL_CORE_RAM_BYTES of RAM at FIREBALL_CORE_RAM for itself, and nothing of anybody's stack but a frame: it has its own.
 */
#ifndef FIREBALL_CORE_H
#define FIREBALL_CORE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What has come of a call. */
enum {
  FIREBALL_DONE = 0,
  /* The compiler has no RAM for so large a function, or module. */
  FIREBALL_TOO_LARGE = 1,
  /* An instruction that there is no routine for, such as memory.grow where `bounds` of struct fireball_module is 0; `offset` of struct fireball_code says which. */
  FIREBALL_UNSUPPORTED = 2,
  /* More than 1 MiB of code, or branches over more. */
  FIREBALL_TOO_MUCH_CODE = 3,
  /* An error of the compiler. */
  FIREBALL_FAILED = 4,
  /* The code, read back, was not what was to be placed. */
  FIREBALL_NOT_VERIFIED = 5,
  /* An instruction whose operand `operand` of struct fireball_module does not know; `offset` says which. */
  FIREBALL_UNNAMED = 6,
  /* The compiler trapped: the body was not validated, or its RAM was overwritten. `fireball_core_init` makes it usable again. Made with --bounds-checks none it may do anything then. */
  FIREBALL_TRAPPED = 7,
  /* fireball_core_init and fireball_core_module come first, and fireball_core_compile before fireball_core_place. */
  FIREBALL_NOT_READY = 8
};

/* Value types are the bytes of the binary format: 0x7f i32, 0x7e i64, 0x7d f32, 0x7c f64, 0x70 funcref, 0x6f externref. */
struct fireball_type {
  const uint8_t *parameters;
  uint32_t parameter_count;
  const uint8_t *results;
  uint32_t result_count;
  /* Never 0, and equal exactly for equal types: what indirect calls compare. */
  uint32_t number;
};

struct fireball_global {
  uint32_t type;
  /* Of 8 bytes. */
  uint32_t address;
};

/* Addresses as the ABI has them (jit/ABI.md, "Instances"). */
struct fireball_table {
  uint32_t record;
  uint32_t elements;
};

/* A module that has been validated, and where its instance lies. All of it must stay as it is until another one takes its place in the compiler. */
struct fireball_module {
  const struct fireball_type *types;
  uint32_t type_count;
  /* The type of each function, imports first. */
  const uint32_t *functions;
  uint32_t function_count;
  /* Address of 8 bytes for each function: address of its code (bit 0 set on Arm), and the number of its type. */
  uint32_t slots;
  const struct fireball_global *globals;
  uint32_t global_count;
  const struct fireball_table *tables;
  uint32_t table_count;
  /* Address of the memory's record: bytes, address, most pages, bytes of a page; 0 where there is no memory. All pages up to the most must be there, and be zero before the memory grows to them. */
  uint32_t memory_record;
  /* Address of the memory's exact bounds check, where fireball_core_bounds has put it; 0 where the memory never grows: then its size is a constant of the code, and memory.grow is not supported. */
  uint32_t bounds;
  /* Where result words beyond the fourth go. */
  uint32_t result_buffer;
  /* sp must stay at or above this in compiled code; 1 KiB below it is in use, too. */
  uint32_t stack_limit;
  /* Not 0 where code will lie so near to the compiler that direct calls reach all of it: 16 MiB on Arm, 1 MiB on RISC-V. */
  uint32_t is_near;
  /*
   * What an instruction works on that names a segment, or records of memory and tables (jit/ABI.md, "Instances"): its address, 0 where there is none. The operation is its
   * byte, or 0x100 and what is behind the prefix 0xfc. May be null.
   */
  uint32_t (*operand)(const struct fireball_module *module, uint32_t operation, uint32_t a, uint32_t b);
};

struct fireball_code {
  /* How many bytes it takes. */
  uint32_t bytes;
  /* CRC-32 as zlib has it, once it is placed. */
  uint32_t crc;
  /* Of the instruction that is not supported, or not named, in the module. */
  uint32_t offset;
  /* At how many loops the interpreter can go on in it (fireball_program_compile). */
  uint32_t entries;
};

/* Makes the compiler ready. Nothing else may have the RAM from now on. */
int32_t fireball_core_init(void);

/* Tells it of the module whose functions follow. */
int32_t fireball_core_module(const struct fireball_module *module);

/*
 * Puts the exact bounds check of a memory that may grow to `into`, a multiple of 4: FIREBALL_CORE_BOUNDS_BYTES of executable memory, which code that is made for the memory calls directly: 16 MiB
 * away at most on Arm, 1 MiB on RISC-V.
 */
int32_t fireball_core_bounds(uint32_t *into, uint32_t memory_record);

/* Compiles a function, whose body begins with the declarations of its locals, at that offset in the module. */
int32_t fireball_core_compile(uint32_t function, const uint8_t *body, uint32_t bytes, uint32_t offset, struct fireball_code *code);

/* Puts the code of the function that was compiled last to `into`, a multiple of 4, where it will run: whoever calls it makes that memory executable, and the core fetch it anew. */
int32_t fireball_core_place(uint32_t *into, struct fireball_code *code);

/*
 * To be asked by the handler of faults, with the address of the instruction that faulted: where to go on if that was the compiler's, otherwise 0. On Arm bits 10 to 15 and
 * 25, 26 of the stacked xPSR must be cleared, too.
 */
uint32_t fireball_core_fault(uint32_t pc);

#ifdef __cplusplus
}
#endif

#endif
