/*
 * Makes every call that the descriptor lists and prints how it ended, through semihosting ("Semihosting
 * for AArch32 and AArch64", Arm; "RISC-V Semihosting"): SYS_WRITE0 and SYS_EXIT_EXTENDED.
 */
#include "board.h"

#include <stdbool.h>

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20 };
enum { APPLICATION_EXIT = 0x20026 };
/* As the command line reports: a trap is the guest's failure, everything else a bug. */
enum { STATUS_TRAP = 1, STATUS_CRASH = 70 };

static void print(const char *text) { semihost(SYS_WRITE0, text); }

static void print_word(uint32_t word) {
  char text[9];
  for (int digit = 7; digit >= 0; digit--, word >>= 4) {
    const uint32_t nibble = word & 15;
    text[digit] = (char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
  }
  text[8] = 0;
  print(text);
}

static uint32_t result_word(const struct board *board, uint32_t index) {
  return index < 4 ? board->state->results[index] : board->result_buffer[index - 4];
}

static void print_results(const struct board *board, const uint8_t *widths) {
  uint32_t next = 0;
  print(" =");
  if (*widths == 0) print(" ()");
  for (; *widths != 0; widths++) {
    print(" 0x");
    if (*widths == 2) print_word(result_word(board, next + 1));
    print_word(result_word(board, next));
    next += *widths;
  }
}

/* The kind of the trap; trap_count or more where the fault is none that generated code makes. */
static uint32_t trap_kind(const struct board *board) {
  const struct state *state = board->state;
#ifdef __thumb__
  /* CFSR.UNDEFINSTR, and UDF with the kind as its immediate (Armv7-M ARM, B3.2.15, A7.7.194). */
  if (state->cause != 0x10000) return UINT32_MAX;
  const uint32_t instruction = *(const uint16_t *)state->pc;
  return instruction >> 8 == 0xde ? instruction & 0xff : UINT32_MAX;
#else
  /* Breakpoint (privileged specification, table "mcause"). */
  if (state->cause != 3) return UINT32_MAX;
  if (state->pc >= board->rom_begin && state->pc < board->rom_end) return state->number;
  for (uint32_t site = 0; site < board->trap_site_count; site++) {
    if (board->trap_sites[site].pc == state->pc) return board->trap_sites[site].kind;
  }
  return UINT32_MAX;
#endif
}

static uint32_t print_trap(const struct board *board) {
  const uint32_t kind = trap_kind(board);
  const bool known = kind < board->trap_count;
  if (known) {
    print(" trap ");
    print(board->trap_names[kind]);
  } else {
    print(" crash, cause 0x");
    print_word(board->state->cause);
  }
  print(" @ 0x");
  print_word(board->state->pc);
  return known ? STATUS_TRAP : STATUS_CRASH;
}

static void initialise(const struct board *board) {
  for (uint32_t index = 0; index < board->zero_count; index++) {
    const struct zero *zero = &board->zeros[index];
    for (uint32_t word = 0; word < zero->words; word++) zero->from[word] = 0;
  }
  for (uint32_t index = 0; index < board->copy_count; index++) {
    const struct copy *copy = &board->copies[index];
    for (uint32_t word = 0; word < copy->words; word++) copy->to[word] = copy->from[word];
  }
}

void board_main(const struct board *board) {
  uint32_t status = 0;
  initialise(board);
  for (uint32_t index = 0; index < board->call_count; index++) {
    const struct call *call = &board->calls[index];
    uint32_t ended = 0;
    print(call->label);
    if (enter(*call->slot, call->arguments, call->stack_words, board->state) == 0) print_results(board, call->results);
    else ended = print_trap(board);
    print("\n");
    if (ended > status) status = ended;
  }
  const uint32_t exit[2] = {APPLICATION_EXIT, status};
  semihost(SYS_EXIT_EXTENDED, exit);
  for (;;) {
  }
}
