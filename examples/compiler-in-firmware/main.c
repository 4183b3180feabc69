/*
 * Firmware that carries a wasm module and Fireball's compiler: makes machine code of every function on the device, says where and what it is, calls those that are
 * exported, and prints what they return, by semihosting.
 */
#include "firmware.h"
#include "module.h"

enum { CODE_WORDS = 0x1000 };

extern const uint8_t wasm_begin[], wasm_end[];
/* Of the linker script. */
extern char stack_limit[];

/* Where compiled code lies. */
uint32_t wasm_code[CODE_WORDS];
uint32_t wasm_bounds[FIREBALL_CORE_BOUNDS_BYTES / 4 + 1];
static uint32_t code_used;

uint32_t wasm_results[16];

static const char *problem_of(int32_t outcome) {
  static const char *const problems[] = {"done", "too large", "unsupported", "too much code", "failed", "not verified", "unnamed", "trapped", "not ready"};
  return problems[outcome];
}

uint32_t fault_at(uint32_t pc) {
  const uint32_t behind = fireball_core_fault(pc);
  return behind != 0 ? behind : landing();
}

/* Compiles a function, and lets its slot lead to the code. */
static void make_native(uint32_t function) {
  const struct body *body = &wasm_bodies[function];
  struct fireball_code code;
  int32_t outcome = fireball_core_compile(function, body->bytes, body->length, body->offset, &code);
  const uint32_t words = (code.bytes + 3) / 4;
  if (outcome == FIREBALL_DONE && words > CODE_WORDS - code_used) outcome = FIREBALL_TOO_LARGE;
  uint32_t *into = &wasm_code[code_used];
  if (outcome == FIREBALL_DONE) outcome = fireball_core_place(into, &code);
  print("function ");
  print_hex(function);
  if (outcome != FIREBALL_DONE) {
    print(": ");
    print(problem_of(outcome));
    print(", instruction at ");
    print_hex(code.offset);
    print("\n");
    return;
  }
  code_used += words;
#ifdef __thumb__
  wasm_slots[function][0] = (uint32_t)(uintptr_t)into | 1;
#else
  wasm_slots[function][0] = (uint32_t)(uintptr_t)into;
#endif
  print(": ");
  print_hex(code.bytes);
  print(" bytes at ");
  print_hex((uint32_t)(uintptr_t)into);
  print(", CRC-32 ");
  print_hex(code.crc);
  print("\n");
}

static int is_named(const struct export *export, const char *name) {
  for (uint32_t index = 0; index < export->length; index++)
    if (name[index] != export->name[index]) return 0;
  return name[export->length] == 0;
}

static uint32_t function_of(const char *name) {
  for (uint32_t index = 0; index < wasm_export_count; index++)
    if (is_named(&wasm_exports[index], name)) return wasm_exports[index].function;
  leave(2);
  return 0;
}

/* Calls a function with one argument, of one word or two. */
static void show(const char *name, uint32_t low, uint32_t high) {
  const uint32_t arguments[4] = {low, high, 0, 0};
  const uint32_t function = function_of(name);
  uint32_t trapped;
  print(name);
  if (wasm_slots[function][0] == 0) {
    print(" has no code\n");
    return;
  }
  const uint64_t result = enter(wasm_slots[function][0], arguments, &trapped);
  const struct fireball_type *type = &wasm_module.types[wasm_module.functions[function]];
  print_result(result, type->results, trapped);
}

void firmware_main(void) {
  const char *problem = wasm_read(wasm_begin, (uint32_t)(wasm_end - wasm_begin));
  if (problem != 0) {
    print("this firmware is not made for ");
    print(problem);
    leave(1);
  }
  wasm_module.result_buffer = (uint32_t)(uintptr_t)wasm_results;
  wasm_module.stack_limit = (uint32_t)(uintptr_t)stack_limit;
  int32_t outcome = fireball_core_init();
  /* Its memory may grow. */
  if (outcome == FIREBALL_DONE) outcome = fireball_core_bounds(wasm_bounds, wasm_module.memory_record);
  wasm_module.bounds = (uint32_t)(uintptr_t)wasm_bounds;
  if (outcome == FIREBALL_DONE) outcome = fireball_core_module(&wasm_module);
#if FIREBALL_CORE_BOUNDS_CHECKS
  /* What was not validated may make the compiler trap; it is made ready anew then. Here: a call of function 0x0fffffff. */
  static const uint8_t broken[] = {0, 0x10, 0xff, 0xff, 0xff, 0x7f, 0x0b};
  struct fireball_code code;
  print("a broken body: ");
  print(problem_of(fireball_core_compile(0, broken, sizeof broken, 0, &code)));
  print(", then ");
  print(problem_of(fireball_core_compile(0, broken, sizeof broken, 0, &code)));
  print("\n");
  if (outcome == FIREBALL_DONE) outcome = fireball_core_init();
  if (outcome == FIREBALL_DONE) outcome = fireball_core_module(&wasm_module);
#endif
  if (outcome != FIREBALL_DONE) {
    print(problem_of(outcome));
    leave(1);
  }
  for (uint32_t function = 0; function < wasm_module.function_count; function++) make_native(function);
  fetch_anew();
  show("fib", 15, 0);
  show("sum", 5, 0);
  show("gcd", 0x00120000, 0x6);
  show("root", 0, 0x40000000);
  show("half", 0x40490fdb, 0);
  show("choose", 1, 0);
  show("choose", 2, 0);
  show("calls", 100, 0);
  show("beyond", 0xfffd, 0);
  show("grow", 1, 0);
  show("beyond", 0xfffd, 0);
  show("beyond", 0x1fffd, 0);
  show("grow", 2, 0);
  leave(0);
}
