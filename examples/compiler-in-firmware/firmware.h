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

/* main.c */

/* Of the instruction that faulted: where to go on. */
uint32_t fault_at(uint32_t pc);
void firmware_main(void);

#endif
