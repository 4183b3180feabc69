/*
 * System calls of the virtual SoC for firmware (vsoc/SYSCALLS.md). The number goes into r12 (Arm) or t2 (RISC-V), arguments into the
 * first four argument registers, the answer comes back in the first one, a 64-bit one in the first two. As behind any function call,
 * the other caller-saved registers have any contents then.
 */
#ifndef FIREBALL_H
#define FIREBALL_H

#include <stdint.h>

enum {
  FB_CONSOLE_WRITE = 0x8000,
  FB_CLOCK = 0x8001,
  FB_WASM_LOAD = 0x8002,
  FB_WASM_EXPORT = 0x8003,
  FB_WASM_CALL = 0x8004,
  FB_JIT_HINT = 0x8010,
  FB_JIT_COMPILE = 0x8011,
  FB_JIT_LOOKUP = 0x8012,
  FB_JIT_INVALIDATE = 0x8013,
  FB_JIT_STATS = 0x8014,
  FB_JIT_ENABLE = 0x8015,
  FB_JIT_DISABLE = 0x8016,
};

/* Where a function is on its way to native code; answers below 0 are errors. */
enum { FB_INTERPRETED, FB_QUEUED, FB_COMPILING, FB_NATIVE, FB_COOLING, FB_BLACKLISTED };

static inline uint64_t fb_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
#ifdef __thumb__
  register uint32_t r0 __asm__("r0") = a;
  register uint32_t r1 __asm__("r1") = b;
  register uint32_t r2 __asm__("r2") = c;
  register uint32_t r3 __asm__("r3") = d;
  register uint32_t r12 __asm__("r12") = number;
  __asm__ volatile("svc 0" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r12) : : "lr", "cc", "memory");
#else
  register uint32_t r0 __asm__("a0") = a;
  register uint32_t r1 __asm__("a1") = b;
  register uint32_t r2 __asm__("a2") = c;
  register uint32_t r3 __asm__("a3") = d;
  register uint32_t t2 __asm__("t2") = number;
  __asm__ volatile("ecall"
                   : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(t2)
                   :
                   : "ra", "t0", "t1", "t3", "t4", "t5", "t6", "a4", "a5", "a6", "a7", "memory");
#endif
  return (uint64_t)r1 << 32 | r0;
}

static inline uint32_t fb_word(const void *address) { return (uint32_t)(uintptr_t)address; }

static inline void fb_console_write(const char *text, uint32_t length) { fb_call(FB_CONSOLE_WRITE, fb_word(text), length, 0, 0); }

/* Virtual time: guest instructions executed since the virtual SoC was made. */
static inline uint64_t fb_clock(void) { return fb_call(FB_CLOCK, 0, 0, 0, 0); }

static inline int32_t fb_wasm_load(const void *module, uint32_t length) { return (int32_t)fb_call(FB_WASM_LOAD, fb_word(module), length, 0, 0); }

static inline int32_t fb_wasm_export(int32_t module, const char *name, uint32_t length) {
  return (int32_t)fb_call(FB_WASM_EXPORT, (uint32_t)module, fb_word(name), length, 0);
}

/* 0, or 1 and more: the number of a trap. Eight bytes for each argument and result. */
static inline int32_t fb_wasm_call(int32_t module, int32_t function, const uint64_t *arguments, uint64_t *results) {
  return (int32_t)fb_call(FB_WASM_CALL, (uint32_t)module, (uint32_t)function, fb_word(arguments), fb_word(results));
}

static inline int32_t fb_jit_hint(int32_t module, int32_t function) { return (int32_t)fb_call(FB_JIT_HINT, (uint32_t)module, (uint32_t)function, 0, 0); }
static inline int32_t fb_jit_compile(int32_t module, int32_t function) { return (int32_t)fb_call(FB_JIT_COMPILE, (uint32_t)module, (uint32_t)function, 0, 0); }
static inline int32_t fb_jit_lookup(int32_t module, int32_t function) { return (int32_t)fb_call(FB_JIT_LOOKUP, (uint32_t)module, (uint32_t)function, 0, 0); }
static inline int32_t fb_jit_invalidate(int32_t module, int32_t function) {
  return (int32_t)fb_call(FB_JIT_INVALIDATE, (uint32_t)module, (uint32_t)function, 0, 0);
}
static inline int64_t fb_jit_stats(uint32_t counter) { return (int64_t)fb_call(FB_JIT_STATS, counter, 0, 0, 0); }
static inline int32_t fb_jit_enable(void) { return (int32_t)fb_call(FB_JIT_ENABLE, 0, 0, 0, 0); }
static inline int32_t fb_jit_disable(void) { return (int32_t)fb_call(FB_JIT_DISABLE, 0, 0, 0, 0); }

#endif
