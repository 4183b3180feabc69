/*
 * The guest ROM: WebAssembly instructions that generated code does not carry out inline.
 *
 * A function is named like its instruction with the first `.` as `_`; the builder makes an entry of
 * every external symbol. Values are raw bits: a C floating type never appears, so that no NaN passes
 * through a helper unseen and the same sources serve cores with and without an FPU. Words arrive in
 * r0-r3 / a0-a7, low word first, and results leave in the first ones (jit/ABI.md): for these
 * signatures that is what AAPCS and ilp32 say anyway.
 */
#ifndef FIREBALL_ROM_H
#define FIREBALL_ROM_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t f32;
typedef uint64_t f64;

/*
 * A trap names its kind: in the instruction on Arm, in a7 on RISC-V. The numbers (TRAP_*) come from
 * the builder, which takes them from the code generator's table.
 */
#ifdef __thumb__
#define TRAP(kind)                            \
  do {                                        \
    __asm__ volatile("udf %0" ::"i"(kind));   \
    __builtin_unreachable();                  \
  } while (0)
#else
#define TRAP(kind)                                  \
  do {                                              \
    register uint32_t number __asm__("a7") = (kind); \
    __asm__ volatile("ebreak" ::"r"(number));       \
    __builtin_unreachable();                        \
  } while (0)
#endif

/* NaN results are canonical and positive (the deterministic profile). */
#define F32_NAN 0x7fc00000u
#define F64_NAN 0x7ff8000000000000ull
#define F32_SIGN 0x80000000u
#define F64_SIGN 0x8000000000000000ull
#define F32_INFINITY 0x7f800000u
#define F64_INFINITY 0x7ff0000000000000ull

static inline bool f32_is_nan(f32 x) { return (x << 1) > (F32_INFINITY << 1); }

static inline bool f64_is_nan(f64 x) { return (x << 1) > (F64_INFINITY << 1); }

#endif
