/* Texts, time and the end, by semihosting. */
#include "firmware.h"

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, SYS_ELAPSED = 0x30 };
enum { APPLICATION_EXIT = 0x20026 };

void print(const char *text) { semihost(SYS_WRITE0, text); }

void print_digits(uint32_t value) {
  char text[9];
  for (int digit = 0; digit < 8; digit++) text[digit] = "0123456789abcdef"[value >> (28 - 4 * digit) & 15];
  text[8] = 0;
  print(text);
}

void print_hex(uint32_t value) {
  print("0x");
  print_digits(value);
}

void print_result(uint64_t result, const uint8_t *types, uint32_t trapped) {
  if (trapped) print(" trapped");
  else {
    print(" = 0x");
    if (*types == 0x7e || *types == 0x7c) print_digits((uint32_t)(result >> 32));
    print_digits((uint32_t)result);
  }
  print("\n");
}

uint64_t ticks(void) {
  uint64_t elapsed = 0;
  semihost(SYS_ELAPSED, &elapsed);
  return elapsed;
}

void leave(uint32_t status) {
  const uint32_t exit[2] = {APPLICATION_EXIT, status};
  semihost(SYS_EXIT_EXTENDED, exit);
  for (;;) {
  }
}
