/* What debuggers look at: calls, locals, a global that changes. Built by build.mjs, with all of its debug information. */
volatile int counter;
int history[8];

static void leave(int status) {
  static unsigned long block[2];
  block[0] = 0x20026; /* ADP_Stopped_ApplicationExit */
  block[1] = status;
#ifdef __arm__
  register int operation __asm__("r0") = 0x20; /* SYS_EXIT_EXTENDED */
  register unsigned long *parameter __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(parameter) : "memory");
#else
  register int operation __asm__("a0") = 0x20;
  register unsigned long *parameter __asm__("a1") = block;
  __asm__ volatile(".option push\n.option norvc\n.balign 16\nslli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop" : : "r"(operation), "r"(parameter) : "memory");
#endif
}

__attribute__((noinline)) int square(int number) {
  int product = number * number;
  return product;
}

__attribute__((noinline)) int sum(int count) {
  int total = 0;
  for (int index = 0; index < count; index++) {
    total += square(index);
    history[index & 7] = total;
    counter++;
  }
  return total;
}

int main(void) {
  int first = sum(10);
  int second = sum(5);
  return first - second == 255 ? 7 : 1;
}

void start(void) {
  leave(main());
  for (;;) {
  }
}

#ifdef __arm__
extern char stack_top[];
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {stack_top, start};
#else
__attribute__((section(".vectors"), naked, used)) void reset(void) { __asm__("la sp, stack_top\nj start"); }
#endif
