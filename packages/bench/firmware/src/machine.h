/* What the images share: no library, so that the same sources make an image for every core. */
#pragma once
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REG8(address) (*(volatile uint8_t *)(uintptr_t)(address))

/* Ends the machine by semihosting: SYS_EXIT_EXTENDED. */
__attribute__((noreturn)) void leave(int status);
/* Called by the timer of `start_ticks`. */
void tick(void);
/* From now on `tick` is called after so many instructions, again and again. */
void start_ticks(uint32_t instructions);
void stop_ticks(void);

/* The work of mixed.c, once; the same number every time for the same `seed`. */
uint32_t work(uint32_t seed);
