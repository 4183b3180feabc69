/* The same work, interrupted after every 1,000 instructions. */
#include "machine.h"

static volatile uint32_t ticks;
static volatile uint8_t recent[64];

void tick(void)
{
    recent[ticks % sizeof recent] ^= (uint8_t)ticks;
    ticks++;
}

int main(void)
{
    const uint32_t expected = work(1);
    start_ticks(1000);
    while (ticks < 30000)
        if (work(1) != expected)
            return 1;
    stop_ticks();
    return 0;
}
