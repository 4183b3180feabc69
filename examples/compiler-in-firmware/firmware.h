/* What the parts of the example share. */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include <stdint.h>

/* start-thumb2.S, start-rv32.S */

/* Calls machine code with four argument words. What it returned; `*trapped` is 1 where a fault ended it. */
uint64_t enter(uint32_t code, const uint32_t arguments[4], uint32_t *trapped);
/* Where a fault of such a call goes on. */
uint32_t landing(void);
uint32_t semihost(uint32_t operation, const void *parameter);
/* The core fetches instructions anew. */
void fetch_anew(void);

/* console.c */

void print(const char *text);
/* Eight hexadecimal digits; the same behind 0x. */
void print_digits(uint32_t value);
void print_hex(uint32_t value);
/* What a call returned, the first of these types as the binary format has them, behind its name, and the end of the line. */
void print_result(uint64_t result, const uint8_t *types, uint32_t trapped);
/* Since the start, in ticks of whoever listens. */
uint64_t ticks(void);
void leave(uint32_t status);

/* main.c, mixed.c */

/* Of the instruction that faulted: where to go on. */
uint32_t fault_at(uint32_t pc);
void firmware_main(void);

#endif
