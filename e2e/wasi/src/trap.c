// Traps four calls deep, in the way that its argument names.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
  int value;
  struct node *next;
};

__attribute__((noinline)) static int read_node(const volatile struct node *node) {
  return node->value;
}

__attribute__((noinline)) static int divide(volatile int dividend, volatile int divisor) {
  return dividend / divisor;
}

__attribute__((noinline)) static int overflow_stack(volatile int depth) {
  return depth < INT_MAX ? overflow_stack(depth + 1) + depth : 0;
}

__attribute__((noinline)) static int dispatch(const char *how) {
  if (strcmp(how, "memory") == 0) return read_node((const struct node *)0xfffffff0u) + 1;
  if (strcmp(how, "divide") == 0) return divide(1, (int)strlen(how) - 6) + 1;
  if (strcmp(how, "overflow") == 0) return divide(INT_MIN, -1) + 1;
  if (strcmp(how, "stack") == 0) return overflow_stack(0) + 1;
  if (strcmp(how, "abort") == 0) abort();
  return 0;
}

int main(int argc, char **argv) {
  puts("before the trap");
  int result = dispatch(argc > 1 ? argv[1] : "memory");
  printf("no trap: %d\n", result);
  return 0;
}
