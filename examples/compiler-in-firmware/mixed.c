/*
 * Firmware that carries a wasm module, the interpreter and the compiler (compile-core --interpreter): validates the module on the device, runs every function by the interpreter, counts calls, makes machine
 * code of functions that are called often, and goes on with that, in the middle of what runs. It prints what functions return, by semihosting.
 */
#include "core.h"
#include "firmware.h"

enum { CODE_WORDS = 0x1000, ROOM_BYTES = 0x8000, MEMORY_BYTES = 3 * 0x10000 };
enum { CALLS = 50, ARRIVALS = 300 };

extern const uint8_t wasm_begin[], wasm_end[];
/* Of the linker script. */
extern char stack_limit[];

static uint8_t room[ROOM_BYTES] __attribute__((aligned(16)));
static uint8_t memory[MEMORY_BYTES] __attribute__((aligned(16)));
static uint32_t code[CODE_WORDS];
static uint32_t code_used;
static struct fireball_program program;
/* Ticks that the compiler took. */
static uint64_t compiling;
static uint32_t noted;

uint32_t fault_at(uint32_t pc) {
  const uint32_t behind = fireball_core_fault(pc);
  return behind != 0 ? behind : landing();
}

static const char *problem_of(int32_t outcome) {
  static const char *const problems[] = {"done", "too large", "unsupported", "too much code", "failed", "not verified", "unnamed", "trapped", "not ready", "invalid", "out of bounds", "not found", "incompatible"};
  return problems[outcome];
}

static void leave_if(int32_t outcome, const char *what) {
  if (outcome == FIREBALL_DONE) return;
  print(what);
  print(problem_of(outcome));
  print("\n");
  leave(1);
}

/*
 * A function has been called often, or its loop has come round often: the compiler makes its code, in the middle of that call. The next call finds it, and so does the next arrival at such a loop. A function
 * that has code already is compiled anew where an older call of it is in a loop that the code cannot be entered at.
 */
static void make_native(struct fireball_program *hot, uint32_t function) {
  const uint64_t before = ticks();
  struct fireball_code made;
  uint32_t *into = &code[code_used];
  int32_t outcome = fireball_program_compile(hot, function, &made);
  const uint32_t words = (made.bytes + 3) / 4;
  if (outcome == FIREBALL_DONE && words > CODE_WORDS - code_used) outcome = FIREBALL_TOO_LARGE;
  if (outcome == FIREBALL_DONE) outcome = fireball_core_place(into, &made);
  print("function ");
  print_hex(function);
  print(": ");
  if (outcome == FIREBALL_DONE) {
    code_used += words;
    fetch_anew();
    fireball_program_install(hot, function, into);
    print_hex(made.bytes);
    print(" bytes at ");
    print_hex((uint32_t)(uintptr_t)into);
    print(", CRC-32 ");
    print_hex(made.crc);
    if (made.entries > 0) print(", to be entered at loops: ");
    if (made.entries > 0) print_hex(made.entries);
  } else {
    /* It stays in the interpreter. */
    print(problem_of(outcome));
    print(", instruction at ");
    print_hex(made.offset);
  }
  print("\n");
  compiling += ticks() - before;
}

/* Imported by the module. */
static void note(uint32_t value) { noted += value; }

static uint32_t import(const struct fireball_import *wanted) {
  static const char name[] = "note";
  if (wanted->name_length != sizeof name - 1 || wanted->type->parameter_count != 1 || wanted->type->result_count != 0) return 0;
  for (uint32_t index = 0; index < wanted->name_length; index++)
    if (wanted->name[index] != (uint8_t)name[index]) return 0;
  return (uint32_t)(uintptr_t)note;
}

static struct fireball_setup setup;

static uint64_t call(uint32_t function, uint32_t low, uint32_t high, uint32_t *trapped) {
  const uint32_t arguments[4] = {low, high, 0, 0};
  const uint32_t *slot = (const uint32_t *)(uintptr_t)(program.module.slots + 8 * function);
  return enter(slot[0], arguments, trapped);
}

/* Calls a function with one argument, of one word or two. */
static void show(const char *name, uint32_t low, uint32_t high) {
  const uint32_t function = fireball_program_export(&program, name);
  uint32_t trapped;
  if (function == FIREBALL_NO_FUNCTION) leave(2);
  const uint64_t result = call(function, low, high, &trapped);
  const struct fireball_type *type = &program.module.types[program.module.functions[function]];
  print(name);
  print_result(result, type->results, trapped);
}

static void print_place(const char *what, uint32_t address) {
  print(what);
  print_hex(address);
}

void firmware_main(void) {
  uint32_t trapped = 0;
  setup.room = room;
  setup.room_bytes = ROOM_BYTES;
  setup.memory = memory;
  setup.memory_bytes = MEMORY_BYTES;
  setup.stack_limit = (uint32_t)(uintptr_t)stack_limit;
  setup.calls = CALLS;
  setup.arrivals = ARRIVALS;
  setup.hot = make_native;
  setup.import = import;
  /* A module that breaks a rule of validation is refused, whatever it breaks. This one's function wants a result of nothing. */
  static const uint8_t broken[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b};
  setup.wasm = broken;
  setup.wasm_bytes = sizeof broken;
  print("a broken module: ");
  print(problem_of(fireball_program_load(&program, &setup)));
  print_place(" at ", program.offset);
  print("\n");
  setup.wasm = wasm_begin;
  setup.wasm_bytes = (uint32_t)(wasm_end - wasm_begin);
  const uint64_t start = ticks();
  const int32_t outcome = fireball_program_load(&program, &setup);
  if (outcome != FIREBALL_DONE) print_place("the module is refused at ", program.offset);
  leave_if(outcome, ": ");
  const uint64_t loaded = ticks();
  leave_if(fireball_core_init(), "the compiler: ");
  leave_if(fireball_core_module(&program.module), "the compiler: ");
  fetch_anew();
  const uint64_t ready = ticks();
  const struct fireball_module *module = &program.module;
  print_place("instance: slots ", module->slots);
  print_place(", globals ", module->globals[0].address);
  print_place(", table ", module->tables[0].record);
  print_place(", elements ", module->tables[0].elements);
  print_place(", memory ", module->memory_record);
  print_place(", bounds ", module->bounds);
  print_place(", results ", module->result_buffer);
  print("\n");
  if (program.start != FIREBALL_NO_FUNCTION) call(program.start, 0, 0, &trapped);
  show("sort", 8, 0);
  show("run", 16, 0);
  show("run", 28, 0);
  show("calls", 0, 0);
  for (uint32_t which = 0; which < 5; which++) show("choose", which, 0);
  show("sort", 100, 0);
  show("spread", 100, 0);
  show("sort", 100, 0);
  show("spread", 100, 0);
  show("pairs", 100, 0);
  show("divide", 0xfffffff9, 0xffffffff);
  show("divide", 0, 0);
  show("half", 0x40490fdb, 0);
  show("is_even", 61, 0);
  show("is_even", 62, 0);
  show("is_even", 1000000, 0);
  show("last", 0x80, 0);
  show("beyond", 0xfffd, 0);
  show("grow", 1, 0);
  show("last", 0x81, 0);
  show("beyond", 0xfffd, 0);
  show("grow", 1, 0);
  show("grow", 1, 0);
  show("beyond", 0x2fffd, 0);
  for (uint32_t time = 0; time < 5; time++) show("run", 16, 0);
  static const char *const often[] = {"beyond", "last", "grow"};
  for (uint32_t index = 0; index < 3; index++)
    for (uint32_t time = 0; time <= CALLS; time++) call(fireball_program_export(&program, often[index]), 0, 0, &trapped);
  show("beyond", 0x2fffd, 0);
  show("beyond", 0x1fffc, 0);
  show("last", 0x82, 0);
  show("grow", 0, 0);
  show("calls", 0, 0);
  print_place("noted ", noted);
  print_place("; room ", program.room_used);
  print_place(" bytes, code ", 4 * code_used);
  print(" bytes\n");
  print_place("ticks: to load the module ", (uint32_t)(loaded - start));
  print_place(", to make the compiler ready ", (uint32_t)(ready - loaded));
  print_place(", compiling ", (uint32_t)compiling);
  print_place(", all ", (uint32_t)(ticks() - start));
  print("\n");
  leave(0);
}
