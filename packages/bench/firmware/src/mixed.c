/* Work without interrupts and devices. */
#include "machine.h"

/* What the same C gives on a 64-bit computer. */
int main(void)
{
    uint32_t sum = 0;
    for (uint32_t round = 1; round <= 1000; round++)
        sum = sum * 7 + work(round);
    return sum == 0xc339df99 ? 0 : 1;
}
