/* Loops that wait for a register as drivers write them. The name says for what; `unsure` ones wait for nothing that a bit says. */
#include <stdint.h>

#define R (*(volatile uint32_t *)0x40001000)
#define H (*(volatile uint16_t *)0x40001000)
#define B (*(volatile uint8_t *)0x40001000)
#define OTHER (*(volatile uint32_t *)0x40001008)

struct device {
    volatile uint32_t control, status;
};

volatile uint32_t ticks;
__attribute__((noinline)) uint32_t tick(void) { return ++ticks; }

void bit_17_set(void) { while ((R & (1u << 17)) == 0); }
void bit_0_set(void) { while (!(R & 1)); }
void bit_31_set(void) { while (!(R & 0x80000000u)); }
void bit_31_clear(void) { while (R & 0x80000000u); }
void bit_7_clear(void) { while ((R & 0x80) != 0); }
void bit_12_not_1(void) { while (((R >> 12) & 1) != 1); }
void byte_bit_5_set(void) { while (!(B & 0x20)); }
void half_bit_9_set(void) { while (!(H & 0x200)); }
void field_of_two_bits(void) { while ((R & 0xc) != 0x8); }
void any_of_three_bits(void) { while (!(R & 0x70000)); }
void all_clear(void) { while (R != 0); }
void masked(struct device *device, uint32_t mask) { while (!(device->status & mask)); }
void with_a_counter(void) { for (uint32_t n = 0xffffff; n != 0; n--) if (R & 4) return; }
void with_a_call(void)
{
    uint32_t start = tick();
    while (!(R & 0x400)) if (tick() - start > 0xfffffff) return;
}
void before_another(void)
{
    for (;;) {
        while (!(R & 0x40));
        OTHER = 1;
    }
}
void in_a_variable(void)
{
    uint32_t value;
    do value = R; while ((value & 0x100) == 0);
}
void unsure_product(void) { while (R * R != 9); }
void unsure_order(void) { while (R < 10); }
void unsure_sum(void)
{
    uint32_t sum = 0;
    for (;;) sum += R, ticks = sum;
}
