/*
 * Firmware that carries a wasm module: runs a function of it in the interpreter, has it made native in the background, asks until that
 * is done, runs it again, and prints what each took.
 */
#include "fireball.h"

extern const uint8_t wasm_begin[], wasm_end[];

static const char function_name[] = "primes";
enum { LIMIT = 2000 };

static void print(const char *text) {
  uint32_t length = 0;
  while (text[length] != 0) length++;
  fb_console_write(text, length);
}

static void print_number(uint32_t value) {
  char digits[10];
  uint32_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  fb_console_write(digits + first, sizeof digits - first);
}

static const char *state_name(int32_t state) {
  switch (state) {
    case FB_INTERPRETED: return "interpreted";
    case FB_QUEUED: return "queued";
    case FB_COMPILING: return "compiling";
    case FB_NATIVE: return "native";
    case FB_COOLING: return "cooling";
    case FB_BLACKLISTED: return "blacklisted";
    default: return "unavailable";
  }
}

/* How many instructions the call took; 0 where it failed. */
static uint32_t timed_call(int32_t module, int32_t function, uint32_t *result) {
  const uint64_t arguments[] = {LIMIT};
  uint64_t results[1];
  const uint64_t start = fb_clock();
  const int32_t trap = fb_wasm_call(module, function, arguments, results);
  const uint32_t taken = (uint32_t)(fb_clock() - start);
  if (trap != 0) {
    print("the call failed\n");
    return 0;
  }
  *result = (uint32_t)results[0];
  print("  primes below 2000: ");
  print_number(*result);
  print(" in ");
  print_number(taken);
  print(" instructions\n");
  return taken;
}

int main(void) {
  const int32_t module = fb_wasm_load(wasm_begin, (uint32_t)(wasm_end - wasm_begin));
  const int32_t function = module < 0 ? module : fb_wasm_export(module, function_name, sizeof function_name - 1);
  if (function < 0) {
    print("the module cannot be used\n");
    return 2;
  }
  uint32_t before = 0, after = 0;
  /* Its loops would ask for native code in the middle of the call. */
  fb_jit_disable();
  print("interpreted\n");
  const uint32_t interpreted = timed_call(module, function, &before);
  fb_jit_enable();

  int32_t state = fb_jit_hint(module, function);
  print("hint: ");
  print(state_name(state));
  print("\n");
  const uint64_t start = fb_clock();
  uint32_t looks = 0;
  for (; state == FB_QUEUED || state == FB_COMPILING; looks++) state = fb_jit_lookup(module, function);
  print(state_name(state));
  print(" after ");
  print_number((uint32_t)(fb_clock() - start));
  print(" instructions and ");
  print_number(looks);
  print(" looks\n");
  if (state != FB_NATIVE) return 1;

  const uint32_t native = timed_call(module, function, &after);
  if (native == 0 || before != after) return 1;
  print("faster by ");
  print_number(interpreted / native);
  print(".");
  print_number(interpreted % native * 10 / native);
  print(" x\n");
  return 0;
}
