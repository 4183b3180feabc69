/*
 * Timers of STM32 as the examples of their makers use them. On the board, TIM3's CH1 leads to TIM2's CH1, and pins 0 and 1 of port B to TIM4's CH1 and CH2.
 * RM0041 12 to 15, RM0033 13 to 17, RM0090 17 to 20.
 */
#include "check.h"
#include "stm32.h"

/* TIM2 to TIM4 and TIM6 run at APB1's clock, twice that where it is divided. */
#ifdef STM32F1
#define TIMER_HZ CORE_HZ
#define TIM1_HZ CORE_HZ
#define TIM1_UP_IRQ 25
#else
#define TIMER_HZ (CORE_HZ / 2)
#define TIM1_HZ CORE_HZ
#define TIM1_UP_IRQ 25
#endif

static void port_b_outputs(unsigned pins)
{
    for (unsigned pin = 0; pin < 8; pin++) {
        if (!(pins >> pin & 1))
            continue;
#ifdef STM32F1
        GPIOB->CRL = (GPIOB->CRL & ~(0xfu << 4 * pin)) | 1u << 4 * pin;
#else
        GPIOB->MODER = (GPIOB->MODER & ~(3u << 2 * pin)) | 1u << 2 * pin;
#endif
    }
}

/* TIM_TimeBase: an interrupt every millisecond. */
static volatile uint32_t updates;
static void tim6_handler(void)
{
    TIM6->SR = ~1u;
    updates++;
}
static void time_base(void)
{
    TIM6->PSC = TIMER_HZ / 1000000 - 1;
    TIM6->ARR = 999;
    TIM6->EGR = 1;
    check("UG sets UIF", TIM6->SR, 1);
    TIM6->SR = 0;
    TIM6->DIER = 1;
    on_irq(TIM6_IRQ, tim6_handler);
    TIM6->CR1 |= 1;
    uint32_t start = ticks;
    while (ticks - start < 4) { }
    check_range("TIM6 updates in 4 ms", updates, 3, 5);
    TIM6->CR1 &= ~1u;
    TIM6->DIER = 0;
    /* One pulse: stops by itself. */
    TIM6->CR1 = 8;
    TIM6->CNT = 0;
    TIM6->SR = 0;
    TIM6->CR1 |= 1;
    check("a single update", WAIT(TIM6->SR & 1, 5), 1);
    check("CEN after one pulse", TIM6->CR1 & 1, 0);
    TIM6->CR1 = 0;
    /* LL_TIM_SetUpdateSource: with URS, UG is silent. */
    TIM6->SR = 0;
    TIM6->CR1 = 4;
    TIM6->EGR = 1;
    check("UIF with URS", TIM6->SR & 1, 0);
    section("time base");
}

/* TIM_PWMInput: period and duty cycle of TIM3's output, by two captures of TIM2 that the first resets. */
static volatile uint32_t period, duty, captures;
static void tim2_capture(void)
{
    if (TIM2->SR & 2) {
        period = TIM2->CCR1;
        duty = TIM2->CCR2;
        captures++;
        TIM2->SR = ~2u;
    }
}
static void pwm_and_capture(void)
{
    TIM3->PSC = 0;
    TIM3->ARR = 2399;
    TIM3->CCR1 = 600;
    TIM3->CCMR1 = 6 << 4 | 8; /* PWM mode 1 with preload */
    TIM3->CCER = 1;
    TIM3->CR1 = 0x80;
    TIM3->EGR = 1;
    TIM2->CCMR1 = 1 | 2 << 8; /* IC1 on TI1, IC2 on TI1 */
    TIM2->CCER = 1 | (1 << 4 | 1 << 5); /* rising; falling */
    TIM2->SMCR = 5 << 4 | 4; /* TI1FP1 resets */
    TIM2->SR = 0;
    TIM2->DIER = 2;
    on_irq(TIM2_IRQ, tim2_capture);
    TIM2->CR1 = 1;
    TIM3->CR1 |= 1;
    check("captures come", WAIT(captures >= 4, 20), 1);
    check("period", period, 2400 - 1 + 1);
    check("high for", duty, 600);
    TIM3->CCR1 = 1800;
    uint32_t before = captures;
    check("more captures", WAIT(captures >= before + 3, 20), 1);
    check("high for, after the change", duty, 1800);
    irq_off(TIM2_IRQ);
    /* TIM_InputCapture: two captures measure the frequency, counter running freely. */
    TIM2->SMCR = 0;
    TIM2->DIER = 0;
    TIM2->CCER = 1;
    TIM2->SR = 0;
    check("first edge", WAIT(TIM2->SR & 2, 5), 1);
    uint32_t first = TIM2->CCR1;
    check("reading CCR1 clears CC1IF", TIM2->SR & 2, 0);
    check("second edge", WAIT(TIM2->SR & 2, 5), 1);
    check("ticks between edges", (TIM2->CCR1 - first) & 0xffff, 2400);
    WAIT(TIM2->SR & 0x200, 5);
    check("overcapture", TIM2->SR & 0x200, 0x200);
    TIM2->SR = 0;
    TIM2->CR1 = TIM2->CCER = TIM2->CCMR1 = 0;
    TIM3->CR1 = 0;
    section("PWM and input capture");
}

/* TIM_OCToggle, TIM_OCActive, TIM_OCInactive: interrupts of three channels, each at its own rate. */
static volatile uint32_t compares[4];
static void tim4_compare(void)
{
    for (unsigned channel = 1; channel < 4; channel++) {
        if (!(TIM4->SR & TIM4->DIER & 1u << channel))
            continue;
        TIM4->SR = ~(1u << channel);
        compares[channel]++;
        (&TIM4->CCR1)[channel - 1] += channel * 100;
    }
}
static void output_compare(void)
{
    TIM4->PSC = TIMER_HZ / 1000000 - 1;
    TIM4->ARR = 0xffff;
    TIM4->CCMR1 = 3 << 4 | 3 << 12;
    TIM4->CCMR2 = 3 << 4;
    TIM4->CCR1 = 100;
    TIM4->CCR2 = 200;
    TIM4->CCR3 = 300;
    TIM4->CCER = 0x111;
    TIM4->EGR = 1;
    TIM4->SR = 0;
    TIM4->DIER = 0xe;
    on_irq(TIM4_IRQ, tim4_compare);
    TIM4->CR1 = 1;
    while (TIM4->CNT < 1250) { }
    TIM4->CR1 = 0;
    irq_off(TIM4_IRQ);
    check("compares of channel 1", compares[1], 12);
    check("of channel 2", compares[2], 6);
    check("of channel 3", compares[3], 4);
    TIM4->DIER = TIM4->CCER = TIM4->CCMR1 = TIM4->CCMR2 = 0;
    section("output compare");
}

/* TIM_Encoder: four edges a step, up and down. */
static void turn(int steps)
{
    static const uint8_t phases[] = { 0, 1, 3, 2 };
    static unsigned phase;
    for (; steps != 0; steps -= steps > 0 ? 1 : -1) {
        phase = (phase + (steps > 0 ? 1 : 3)) & 3;
        GPIOB->BSRR = phases[phase] | 3 << 16; /* sets go before resets */
    }
}
static void encoder(void)
{
    GPIOB->BSRR = 3 << 16;
    port_b_outputs(3);
    TIM4->PSC = 0;
    TIM4->ARR = 0xffff;
    TIM4->EGR = 1;
    TIM4->CCMR1 = 1 | 1 << 8;
    TIM4->SMCR = 3;
    TIM4->CNT = 0;
    TIM4->CR1 = 1;
    turn(40);
    check("forwards", TIM4->CNT, 40);
    check("DIR forwards", TIM4->CR1 >> 4 & 1, 0);
    turn(-50);
    check("back", TIM4->CNT, 0xfff6);
    check("DIR back", TIM4->CR1 >> 4 & 1, 1);
    TIM4->CNT = 0;
    TIM4->SMCR = 1; /* edges of TI1 alone */
    turn(40);
    check("one input's edges", TIM4->CNT, 20);
    TIM4->SMCR = 0;
    TIM4->CR1 = 0;
    TIM4->CCMR1 = 0;
    section("encoder");
}

/* TIM_Synchronization: TIM2's update clocks TIM3, which opens TIM4 for its first half (ITR1 and ITR2). */
static void cascade(void)
{
    TIM2->CR1 = TIM3->CR1 = TIM4->CR1 = 0;
    TIM2->PSC = 0;
    TIM2->ARR = TIMER_HZ / 1000000 - 1;
    TIM2->EGR = 1;
    TIM2->CR2 = 2 << 4;
    TIM3->PSC = 0;
    TIM3->ARR = 99;
    TIM3->CCR1 = 50;
    TIM3->CCMR1 = 6 << 4;
    TIM3->CCER = 1;
    TIM3->EGR = 1;
    TIM3->SMCR = 1 << 4 | 7; /* ITR1: TIM2 */
    TIM3->CR2 = 4 << 4; /* OC1REF */
    TIM4->PSC = TIMER_HZ / 1000000 - 1;
    TIM4->ARR = 0xffff;
    TIM4->EGR = 1;
    TIM4->CNT = 0;
    TIM4->SMCR = 2 << 4 | 5; /* ITR2: TIM3, gated */
    TIM2->SR = TIM3->SR = TIM4->SR = 0;
    TIM4->CR1 = TIM3->CR1 = 1;
    TIM2->CR1 = 1;
    for (unsigned count = 0; count < 3; count++) {
        check("TIM3 wraps", WAIT(TIM3->SR & 1, 5), 1);
        TIM3->SR = 0;
    }
    TIM2->CR1 = 0;
    check_range("microseconds of open gate", TIM4->CNT, 150, 153);
    check_range("TIM3 has wrapped", TIM3->CNT, 0, 3);
    TIM3->SMCR = TIM4->SMCR = TIM2->CR2 = TIM3->CR2 = TIM3->CCER = TIM3->CCMR1 = 0;
    TIM3->CR1 = TIM4->CR1 = 0;
    section("cascade");
}

/* TIM_DMA and TIM_DMABurst: TIM1's compare values come by DMA with every update; ARR, RCR and CCR1 as a burst from TIM3. */
static const uint16_t duties[] = { 1000, 500, 250, 125 };
static void dma(void)
{
    static uint32_t seen[8];
    const unsigned channel = DMA_CHANNEL(5, 2, 5, 6); /* TIM1_UP */
    TIM1->PSC = 0;
    TIM1->ARR = 1999;
    TIM1->RCR = 0;
    TIM1->CCMR1 = 6 << 4 | 8;
    TIM1->CCER = 1;
    TIM1->BDTR = 1 << 15;
    TIM1->EGR = 1;
    dma_start(channel, &TIM1->CCR1, duties, 4, FROM_MEMORY | CIRCULAR | HALFWORDS);
    TIM1->SR = 0;
    TIM1->DIER = 1 << 8;
    TIM1->CR1 = 1;
    for (unsigned index = 0; index < 8; index++) {
        WAIT(TIM1->SR & 1, 5);
        TIM1->SR = 0;
        seen[index] = TIM1->CCR1;
    }
    for (unsigned index = 0; index < 8; index++)
        check("CCR1 by DMA", seen[index], duties[index & 3]);
    check("half and complete", dma_flags(channel), 3);
    TIM1->DIER = 0;
    dma_stop(channel);
    /* The repetition counter: every fourth overflow is an update. */
    TIM1->RCR = 3;
    TIM1->EGR = 1;
    TIM1->SR = 0;
    TIM6->PSC = 0;
    TIM6->ARR = 0xffff;
    TIM6->CR1 = 0;
    TIM6->EGR = 1;
    TIM6->CR1 = 1;
    TIM1->CNT = 0;
    WAIT(TIM1->SR & 1, 5);
    check_range("TIM6 ticks of four periods", TIM6->CNT, 8000 / (TIM1_HZ / TIMER_HZ), 8000 / (TIM1_HZ / TIMER_HZ) + 60);
    TIM1->CR1 = TIM6->CR1 = 0;
    /* A burst: three registers from ARR on with each update of TIM3. */
    static const uint32_t burst[] = { 499, 1, 100, 899, 2, 300 };
    const unsigned three = DMA_CHANNEL(3, 1, 2, 5); /* TIM3_UP */
    TIM3->PSC = 0;
    TIM3->ARR = 499;
    TIM3->CR1 = 0;
    TIM3->DCR = 2 << 8 | 11; /* three transfers, from ARR on */
    TIM3->EGR = 1;
    TIM3->SR = 0;
    dma_start(three, &TIM3->DMAR, burst, 6, FROM_MEMORY | WORDS);
    TIM3->DIER = 1 << 8;
    TIM3->CR1 = 1;
    check("burst complete", WAIT(dma_flags(three) & 2, 5), 1);
    TIM3->CR1 = TIM3->DIER = 0;
    check("ARR of the burst", TIM3->ARR, 899);
    check("CCR1 of the burst", TIM3->CCR1, 300);
    dma_stop(three);
    section("DMA");
}

/* TIM_ComplementarySignals and TIM_6Steps: a software break takes MOE away, AOE gives it back with the next update; COM loads what is preloaded. */
static void advanced(void)
{
    TIM1->RCR = 0;
    TIM1->ARR = 999;
    TIM1->CCER = 0x5;
    TIM1->EGR = 1;
    TIM1->BDTR = 1 << 15 | 1 << 12 | 0x20; /* MOE, BKE, dead time */
    TIM1->CR1 = 1;
    TIM1->SR = 0;
    TIM1->EGR = 0x80;
    check("BIF", TIM1->SR & 0x80, 0x80);
    check("MOE after a break", TIM1->BDTR >> 15, 0);
    TIM1->SR = 0;
    TIM1->BDTR |= 1 << 14;
    TIM1->EGR = 1;
    WAIT(TIM1->BDTR >> 15, 2);
    check("AOE sets MOE", TIM1->BDTR >> 15, 1);
    TIM1->CR2 = 1; /* CCPC */
    TIM1->CCER = 0x1;
    TIM1->EGR = 0x20;
    check("COMIF", TIM1->SR & 0x20, 0x20);
    TIM1->CR2 = 0;
    TIM1->CR1 = 0;
    /* LOCK: level 3 keeps output modes, BDTR's lower bits too. */
    TIM1->BDTR = 3 << 8 | 1 << 15;
    TIM1->BDTR = 1 << 15 | 0x55;
    check("locked dead time", TIM1->BDTR & 0xff, 0);
    /* Center-aligned: up and down, two matches a period. */
    TIM4->PSC = 0;
    TIM4->ARR = 1000;
    TIM4->EGR = 1;
    TIM4->SR = 0;
    TIM4->CR1 = 1 | 3 << 5;
    while (!(TIM4->CR1 & 0x10)) { }
    check_range("turns at ARR", TIM4->CNT, 900, 1000);
    while (TIM4->CR1 & 0x10) { }
    check_range("turns at 0", TIM4->CNT, 0, 100);
    TIM4->CR1 = 0;
    section("advanced");
}

int main(void)
{
    clocks_on();
    check("the clock tree is ready", system_clock(), 1);
    tick_init();
    time_base();
    pwm_and_capture();
    output_compare();
    encoder();
    cascade();
    dma();
    advanced();
    return failures;
}
