/*
 * ADC, DAC and the DMA controllers themselves on STM32, as the examples of their makers use them. On the board, channel 1 of ADC1 reads 1000, channel 2 2000,
 * channel 3 3000. RM0041 9 to 11, RM0033 9 to 11, RM0090 10, 13, 14.
 */
#include <string.h>
#include "check.h"
#include "stm32.h"

#ifdef STM32F1
#define ADC_HZ (CORE_HZ / 6)
#define BITS 12.5
#define REFERENCE_CHANNEL 17
#else
#define ADC_HZ (CORE_HZ / 2 / 4)
#define BITS 12
#endif
static const unsigned adc_dma = DMA_CHANNEL(1, 2, 0, 0);

/* MX_ADC1_Init: 6 or 4 cycles of the bus for one of the ADC, and on F1 a calibration. */
static void adc_init(void)
{
#ifdef STM32F1
    RCC->CFGR |= 2 << 14;
    ADC1->CR2 = 1;
    ADC1->CR2 |= 8;
    check("calibration registers", WAIT(!(ADC1->CR2 & 8), 5), 1);
    ADC1->CR2 |= 4;
    check("calibrated", WAIT(!(ADC1->CR2 & 4), 5), 1);
    ADC1->CR2 |= 7 << 17 | 1 << 20; /* by software */
#else
    ADC_CCR = 1 << 16;
    ADC1->CR2 = 1;
#endif
}
static void adc_start(void)
{
#ifdef STM32F1
    ADC1->CR2 |= 1 << 22 | 1 << 20;
#else
    ADC1->CR2 |= 1 << 30;
#endif
}
static volatile uint32_t ends, alarms;
static uint32_t converted[8];
static void adc_interrupt(void)
{
    if (ADC1->SR & 1) {
        ADC1->SR = ~1u;
        alarms++;
    }
    if (ADC1->SR & 2)
        converted[ends++ & 7] = ADC1->DR;
}
static void one_by_one(void)
{
    adc_init();
    ADC1->SQR3 = 1;
    ADC1->SMPR2 = 7 << 3; /* 239.5 or 480 cycles */
    adc_start();
    uint32_t start = DWT_CYCCNT;
    check("EOC", WAIT(ADC1->SR & 2, 5), 1);
#ifdef STM32F1
    check_range("cycles of a conversion", DWT_CYCCNT - start, 252 * (CORE_HZ / ADC_HZ) - 60, 252 * (CORE_HZ / ADC_HZ) + 60);
#else
    check_range("cycles of a conversion", DWT_CYCCNT - start, 492 * (CORE_HZ / ADC_HZ) - 60, 492 * (CORE_HZ / ADC_HZ) + 60);
#endif
    check("channel 1", ADC1->DR, 1000);
    check("EOC after a read of DR", ADC1->SR & 2, 0);
    ADC1->SMPR2 = 0;
    /* HAL_ADC_Start_IT */
    on_irq(ADC_IRQ, adc_interrupt);
    ADC1->CR1 = 1 << 5;
    adc_start();
    check("interrupt", WAIT(ends == 1, 5), 1);
    check("value", converted[0], 1000);
    /* ADC_AnalogWatchdog: channel 2 is above what is allowed. */
    ADC1->HTR = 1500;
    ADC1->LTR = 100;
    ADC1->CR1 = 1 << 23 | 1 << 9 | 1 << 6 | 2; /* AWDEN, single, AWDIE, channel 2 */
    ADC1->SQR3 = 1;
    adc_start();
    WAIT(ADC1->SR & 2, 5);
    (void)ADC1->DR;
    check("channel 1 is not watched", alarms, 0);
    ADC1->SQR3 = 2;
    adc_start();
    check("channel 2 is too high", WAIT(alarms == 1, 5), 1);
    irq_off(ADC_IRQ);
    ADC1->CR1 = 0;
    (void)ADC1->DR;
    ADC1->SR = 0;
    section("ADC, one by one");
}

/* ADC_Regular_conversions_DMA: a scan of three channels goes round in memory. ADC_TriggerTimer: another one at every update of TIM3. */
static void scans(void)
{
    static uint16_t ring[6];
    ADC1->SQR1 = 2 << 20;
    ADC1->SQR3 = 1 | 2 << 5 | 3 << 10;
    ADC1->CR1 = 1 << 8;
#ifdef STM32F1
    ADC1->CR2 |= 1 << 8 | 1 << 1;
#else
    ADC1->CR2 |= 1 << 9 | 1 << 8 | 1 << 1; /* DDS: goes on behind the last one */
#endif
    dma_start(adc_dma, &ADC1->DR, ring, 6, CIRCULAR | HALFWORDS);
    adc_start();
    check("half", WAIT(dma_flags(adc_dma) & 1, 5), 1);
    check("complete", WAIT(dma_flags(adc_dma) & 2, 5), 1);
    for (unsigned index = 0; index < 6; index++)
        check("scanned", ring[index], 1000 * (index % 3 + 1));
    ADC1->CR2 &= ~2u;
    delay(1);
    dma_stop(adc_dma);
#ifdef STM32F1
    ADC1->CR2 = (ADC1->CR2 & ~(7u << 17)) | 4 << 17 | 1 << 20; /* TIM3_TRGO */
#else
    ADC1->CR2 = (ADC1->CR2 & ~0x300u) | 8 << 24 | 1 << 28;
    ADC1->SR = 0;
    ADC1->CR2 |= 0x300;
#endif
    memset(ring, 0, sizeof ring);
    dma_start(adc_dma, &ADC1->DR, ring, 6, HALFWORDS);
    TIM3->PSC = 0;
    TIM3->ARR = 999;
    TIM3->EGR = 1;
    TIM3->CR2 = 2 << 4;
    check("nothing without the timer", dma_left(adc_dma), 6);
    TIM3->CR1 = 1;
    check("two scans", WAIT(dma_flags(adc_dma) & 2, 5), 1);
    TIM3->CR1 = 0;
    for (unsigned index = 0; index < 6; index++)
        check("scanned by the timer", ring[index], 1000 * (index % 3 + 1));
    dma_stop(adc_dma);
    ADC1->CR2 = 0;
    adc_init();
    /* Discontinuous: one of the sequence at a time. */
    ADC1->CR1 = 1 << 8 | 1 << 11;
    ADC1->SR = 0;
    for (unsigned index = 0; index < 4; index++) {
        adc_start();
        if (index == 2)
            check("the end of the sequence", WAIT(ADC1->SR & 2, 5), 1);
        delay(0);
        check("in turn", ADC1->DR, 1000 * (index % 3 + 1));
    }
    ADC1->CR1 = 0;
    ADC1->SQR1 = 0;
    /* Injected: two channels, with an offset. */
    ADC1->CR1 = 1 << 8;
    ADC1->JSQR = 1 << 20 | 2 << 10 | 3 << 15;
    ADC1->JOFR[1] = 500;
#ifdef STM32F1
    ADC1->CR2 |= 7 << 12 | 1 << 15;
    ADC1->CR2 |= 1 << 21;
#else
    ADC1->CR2 |= 1 << 22;
#endif
    check("JEOC", WAIT(ADC1->SR & 4, 5), 1);
    check("JDR1", ADC1->JDR[0], 2000);
    check("JDR2", ADC1->JDR[1], 2500);
    ADC1->CR1 = ADC1->CR2 = 0;
#ifndef STM32F1
    /* ADC_DualModeRegulSimu: two at once, in CDR and by DMA in one word. */
    ADC_CCR = 1 << 16 | 6;
    ADC1->SQR3 = 1;
    ADC2->SQR3 = 3;
    ADC1->CR2 = ADC2->CR2 = 1;
    ADC1->SR = ADC2->SR = 0;
    ADC1->CR2 |= 1 << 30;
    check("both", WAIT((ADC_CSR & 0x202) == 0x202, 5), 1);
    check("CDR", ADC_CDR, 1000 | 3000 << 16);
    static uint32_t pairs[2];
    ADC_CCR = 2 << 14 | 1 << 16 | 6;
    dma_start(adc_dma, &ADC_CDR, pairs, 2, WORDS);
    ADC1->CR2 |= 1 << 30;
    check("a pair", WAIT(dma_left(adc_dma) == 1, 5), 1);
    ADC1->CR2 |= 1 << 30;
    check("another", WAIT(dma_flags(adc_dma) & 2, 5), 1);
    check("which it is", pairs[1], 1000 | 3000 << 16);
    ADC_CCR = 0;
    ADC1->CR2 = ADC2->CR2 = 0;
#endif
    section("ADC, sequences");
}

/* DAC_SimpleConversion, and DAC_SignalsGeneration: values by DMA with every update of TIM6, and a triangle. */
static void dac(void)
{
    static const uint16_t steps[] = { 100, 200, 300, 400 };
    DAC->CR = 1;
    DAC->DHR12R1 = 0x7ff;
    delay(0);
    check("DOR1", DAC->DOR1, 0x7ff);
    DAC->DHR8R1 = 0x80;
    check("8 bits", DAC->DOR1, 0x800);
    DAC->DHR12L1 = 0x1230;
    check("left", DAC->DOR1, 0x123);
    DAC->CR = 0;
    TIM6->PSC = 0;
    TIM6->ARR = 499;
    TIM6->EGR = 1;
    TIM6->CR2 = 2 << 4;
    const unsigned channel = DMA_CHANNEL(3, 1, 5, 7);
    dma_start(channel, &DAC->DHR12R1, steps, 4, FROM_MEMORY | CIRCULAR | HALFWORDS);
    DAC->CR = 1 | 1 << 2 | 1 << 12; /* EN, TEN: TIM6, DMAEN */
    TIM6->CR1 = 1;
    check("a round", WAIT(dma_flags(channel) & 2, 5), 1);
    uint32_t seen = 0, tries = 0;
    while (seen != 0xf && tries++ < 2000)
        for (unsigned index = 0; index < 4; index++)
            if (DAC->DOR1 == steps[index])
                seen |= 1u << index;
    check("all of them come out", seen, 0xf);
    DAC->CR = 0;
    dma_stop(channel);
    /* A triangle of amplitude 15 above 1000. */
    DAC->DHR12R1 = 1000;
    DAC->CR = 1 | 1 << 2 | 2 << 6 | 3 << 8;
    uint32_t least = 4095, most = 0;
    for (tries = 0; tries < 3000; tries++) {
        uint32_t now = DAC->DOR1;
        if (now >= 1000 && now < least)
            least = now;
        if (now > most)
            most = now;
    }
    check("bottom of the triangle", least, 1000);
    check("top of the triangle", most, 1015);
    TIM6->CR1 = 0;
    DAC->CR = 0;
    section("DAC");
}

/* DMA_FLASHToRAM, and on F2 and F4 the FIFO between bytes and words and a double buffer. */
static volatile uint32_t dma_done;
static const uint32_t in_flash[8] = { 0x01020304, 0x05060708, 0x090a0b0c, 0x0d0e0f10, 5, 6, 7, 8 };
#ifdef STM32F1
static void copied(void)
{
    dma_done = DMA1->ISR & 0xf;
    DMA1->IFCR = 1; /* CGIF1 clears all four */
}
static void copies(void)
{
    static uint32_t target[8];
    static uint16_t narrow[4];
    on_irq(11, copied);
    DMA1->C[0].NDTR = 8;
    DMA1->C[0].PAR = (uint32_t)in_flash;
    DMA1->C[0].MAR = (uint32_t)target;
    DMA1->C[0].CR = 1 << 14 | 2 << 10 | 2 << 8 | 0xc0 | 0xa | 1;
    check("copied", WAIT(dma_done, 5), 1);
    check("flags", dma_done & 3, 3);
    check("CGIF clears", DMA1->ISR & 0xf, 0);
    check("what is there", memcmp(target, in_flash, sizeof target), 0);
    DMA1->C[0].CR = 0;
    /* Words into half-words: the lower half of each. */
    DMA1->C[0].NDTR = 4;
    DMA1->C[0].PAR = (uint32_t)in_flash;
    DMA1->C[0].MAR = (uint32_t)narrow;
    DMA1->C[0].CR = 1 << 14 | 1 << 10 | 2 << 8 | 0xc0 | 1;
    WAIT(DMA1->ISR & 2, 5);
    check("lower halves", narrow[0] << 16 | narrow[3], 0x0304 << 16 | 0x0f10);
    DMA1->C[0].CR = 0;
    /* Nothing is there: a transfer error switches the channel off. */
    DMA1->IFCR = 0xf;
    DMA1->C[0].NDTR = 4;
    DMA1->C[0].PAR = 0x60000000;
    DMA1->C[0].CR = 1 << 14 | 1;
    check("TEIF", WAIT(DMA1->ISR & 8, 5), 1);
    check("EN after an error", DMA1->C[0].CR & 1, 0);
    section("DMA");
}
#else
static void copied(void)
{
    dma_done++;
    DMA2->IFCR[0] = 0x3d;
}
static void copies(void)
{
    static uint32_t target[8];
    on_irq(DMA2_0_IRQ, copied);
    dma_stop(0x100);
    dma_clear(0x100);
    DMA2->S[0].NDTR = 8;
    DMA2->S[0].PAR = (uint32_t)in_flash;
    DMA2->S[0].M0AR = (uint32_t)target;
    DMA2->S[0].FCR = 7;
    DMA2->S[0].CR = 2 << 13 | 2 << 11 | 3 << 9 | 2 << 6 | 1 << 4;
    DMA2->S[0].CR |= 1;
    check("copied", WAIT(dma_done, 5), 1);
    check("what is there", memcmp(target, in_flash, sizeof target), 0);
    check("EN at the end", DMA2->S[0].CR & 1, 0);
    irq_off(DMA2_0_IRQ);
    /* Bytes in, words out: NDTR counts the peripheral's. */
    memset(target, 0, sizeof target);
    dma_clear(0x100);
    DMA2->S[0].NDTR = 16;
    DMA2->S[0].CR = 2 << 13 | 0 << 11 | 3 << 9 | 2 << 6;
    DMA2->S[0].CR |= 1;
    WAIT(dma_flags(0x100) & 2, 5);
    check("16 bytes", memcmp(target, in_flash, 16), 0);
    check("and no more", target[4], 0);
    /* A double buffer: CT says which one is filled. */
    static uint16_t first[2], second[2];
    ADC_CCR = 0;
    ADC1->SQR1 = 0;
    ADC1->SQR3 = 2;
    ADC1->CR1 = 0;
    ADC1->SR = 0;
    ADC1->CR2 = 1 | 1 << 9 | 1 << 8 | 1 << 1;
    dma_clear(0x100);
    DMA2->S[0].FCR = 0x20;
    DMA2->S[0].NDTR = 2;
    DMA2->S[0].PAR = (uint32_t)&ADC1->DR;
    DMA2->S[0].M0AR = (uint32_t)first;
    DMA2->S[0].M1AR = (uint32_t)second;
    DMA2->S[0].CR = 1 << 18 | 1 << 13 | 1 << 11 | 1 << 10;
    DMA2->S[0].CR |= 1;
    ADC1->CR2 |= 1 << 30;
    check("CT changes", WAIT(DMA2->S[0].CR >> 19 & 1, 5), 1);
    check("and again", WAIT(!(DMA2->S[0].CR >> 19 & 1), 5), 1);
    check("both buffers", first[0] == 2000 && second[1] == 2000, 1);
    ADC1->CR2 = 0;
    DMA2->S[0].CR = 0;
    section("DMA");
}
#endif

int main(void)
{
    clocks_on();
    system_clock();
    tick_init();
    cycles_on();
    one_by_one();
    scans();
    dac();
    copies();
    return failures;
}
