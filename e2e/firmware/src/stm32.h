/*
 * Registers of STM32F100 (RM0041), F205 (RM0033) and F405 (RM0090), named as there, and what start-up code and the drivers of vendors do first: clocks,
 * a tick of 1 ms, vectors.
 */
#pragma once
#include "arm.h"

typedef volatile uint32_t reg;

#ifdef STM32F1
typedef struct { reg CR, CFGR, CIR, APB2RSTR, APB1RSTR, AHBENR, APB2ENR, APB1ENR, BDCR, CSR, AHBRSTR, CFGR2; } RCC_Type;
typedef struct { reg ACR, KEYR, OPTKEYR, SR, CR, AR, reserved, OBR, WRPR; } FLASH_Type;
typedef struct { reg CRL, CRH, IDR, ODR, BSRR, BRR, LCKR; } GPIO_Type;
typedef struct { reg ISR, IFCR; struct { reg CR, NDTR, PAR, MAR, reserved; } C[7]; } DMA_Type;
typedef struct { reg EVCR, MAPR, EXTICR[4], reserved, MAPR2; } AFIO_Type;
typedef struct { reg CRH, CRL, PRLH, PRLL, DIVH, DIVL, CNTH, CNTL, ALRH, ALRL; } RTC_Type;
#define RCC ((RCC_Type *)0x40021000)
#define FLASH ((FLASH_Type *)0x40022000)
#define GPIOA ((GPIO_Type *)0x40010800)
#define GPIOB ((GPIO_Type *)0x40010c00)
#define AFIO ((AFIO_Type *)0x40010000)
#define DMA1 ((DMA_Type *)0x40020000)
#define EXTI ((EXTI_Type *)0x40010400)
#define USART1 ((USART_Type *)0x40013800)
#define ADC1 ((ADC_Type *)0x40012400)
#define TIM1 ((TIM_Type *)0x40012c00)
#define TIM15 ((TIM_Type *)0x40014000)
#define SPI1 ((SPI_Type *)0x40013000)
#define HSE_HZ 8000000u
#define CORE_HZ 24000000u
#define FLASH_PAGE 1024u
#else
typedef struct {
    reg CR, PLLCFGR, CFGR, CIR, AHB1RSTR, AHB2RSTR, AHB3RSTR, r0, APB1RSTR, APB2RSTR, r1[2], AHB1ENR, AHB2ENR, AHB3ENR, r2, APB1ENR, APB2ENR, r3[2], LPENR[3], r4,
        APBLPENR[2], r5[2], BDCR, CSR, r6[2], SSCGR, PLLI2SCFGR;
} RCC_Type;
typedef struct { reg ACR, KEYR, OPTKEYR, SR, CR, OPTCR; } FLASH_Type;
typedef struct { reg MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFR[2]; } GPIO_Type;
typedef struct { reg ISR[2], IFCR[2]; struct { reg CR, NDTR, PAR, M0AR, M1AR, FCR; } S[8]; } DMA_Type;
typedef struct { reg MEMRMP, PMC, EXTICR[4]; } SYSCFG_Type;
typedef struct {
    reg TR, DR, CR, ISR, PRER, WUTR, CALIBR, ALRMAR, ALRMBR, WPR, SSR, SHIFTR, TSTR, TSDR, TSSSR, CALR, TAFCR, ALRMASSR, ALRMBSSR, r0, BKPR[20];
} RTC_Type;
#define RCC ((RCC_Type *)0x40023800)
#define FLASH ((FLASH_Type *)0x40023c00)
#define GPIOA ((GPIO_Type *)0x40020000)
#define GPIOB ((GPIO_Type *)0x40020400)
#define SYSCFG ((SYSCFG_Type *)0x40013800)
#define DMA1 ((DMA_Type *)0x40026000)
#define DMA2 ((DMA_Type *)0x40026400)
#define EXTI ((EXTI_Type *)0x40013c00)
#define USART1 ((USART_Type *)0x40011000)
#define ADC1 ((ADC_Type *)0x40012000)
#define ADC2 ((ADC_Type *)0x40012100)
#define ADC_CCR REG(0x40012304)
#define ADC_CSR REG(0x40012300)
#define ADC_CDR REG(0x40012308)
#define TIM1 ((TIM_Type *)0x40010000)
#define TIM5 ((TIM_Type *)0x40000c00)
#define SPI1 ((SPI_Type *)0x40013000)
#define HSE_HZ 25000000u
#ifdef STM32F4
#define CORE_HZ 168000000u
#else
#define CORE_HZ 120000000u
#endif
#endif

typedef struct { reg CR1, CR2, SMCR, DIER, SR, EGR, CCMR1, CCMR2, CCER, CNT, PSC, ARR, RCR, CCR1, CCR2, CCR3, CCR4, BDTR, DCR, DMAR; } TIM_Type;
typedef struct { reg SR, DR, BRR, CR1, CR2, CR3, GTPR; } USART_Type;
typedef struct { reg CR1, CR2, SR, DR, CRCPR, RXCRCR, TXCRCR; } SPI_Type;
typedef struct { reg CR1, CR2, OAR1, OAR2, DR, SR1, SR2, CCR, TRISE; } I2C_Type;
typedef struct { reg SR, CR1, CR2, SMPR1, SMPR2, JOFR[4], HTR, LTR, SQR1, SQR2, SQR3, JSQR, JDR[4], DR; } ADC_Type;
typedef struct { reg CR, SWTRIGR, DHR12R1, DHR12L1, DHR8R1, DHR12R2, DHR12L2, DHR8R2, DHR12RD, DHR12LD, DHR8RD, DOR1, DOR2, SR; } DAC_Type;
typedef struct { reg IMR, EMR, RTSR, FTSR, SWIER, PR; } EXTI_Type;
typedef struct { reg KR, PR, RLR, SR; } IWDG_Type;
typedef struct { reg CR, CFR, SR; } WWDG_Type;
typedef struct { reg CR, CSR; } PWR_Type;
#define TIM2 ((TIM_Type *)0x40000000)
#define TIM3 ((TIM_Type *)0x40000400)
#define TIM4 ((TIM_Type *)0x40000800)
#define TIM6 ((TIM_Type *)0x40001000)
#define RTC ((RTC_Type *)0x40002800)
#define WWDG ((WWDG_Type *)0x40002c00)
#define IWDG ((IWDG_Type *)0x40003000)
#define SPI2 ((SPI_Type *)0x40003800)
#define USART2 ((USART_Type *)0x40004400)
#define I2C1 ((I2C_Type *)0x40005400)
#define I2C2 ((I2C_Type *)0x40005800)
#define PWR ((PWR_Type *)0x40007000)
#define DAC ((DAC_Type *)0x40007400)
#define DWT_CYCCNT REG(0xe0001004)
#define SCB_SCR REG(0xe000ed10)
#define SCB_AIRCR REG(0xe000ed0c)

enum {
    RTC_WKUP_IRQ = 3, RTC_F1_IRQ = 3, EXTI0_IRQ = 6, ADC_IRQ = 18, TIM2_IRQ = 28, TIM3_IRQ, TIM4_IRQ, I2C1_EV_IRQ, I2C1_ER_IRQ, SPI1_IRQ = 35, USART1_IRQ = 37, USART2_IRQ,
    RTC_ALARM_IRQ = 41, TIM6_IRQ = 54, DMA2_0_IRQ = 56, IRQS = 82,
};

static void unexpected(void);
static volatile uint32_t ticks;
static void systick(void) { ticks++; }

/* Peripherals of the programs are few: all clocks on. */
static inline void clocks_on(void)
{
#ifdef STM32F1
    RCC->AHBENR = 0x55;
    RCC->APB2ENR = ~0u;
#else
    RCC->AHB1ENR = 0x006011ff;
    RCC->AHB2ENR = 1 << 6;
    RCC->APB2ENR = ~0u;
#endif
    RCC->APB1ENR = ~0u;
}

/* Full speed from HSE and PLL, as SystemClock_Config of the vendor's examples: wait states first, then the switch. False: something never became ready. */
static inline int system_clock(void)
{
    uint32_t patience = 5000;
    RCC->CR |= 1 << 16;
    while (!(RCC->CR & (1 << 17)) && --patience) { }
#ifdef STM32F1
    FLASH->ACR |= 0x10;
    RCC->CFGR2 = 1; /* PREDIV1: 8 MHz / 2 */
    RCC->CFGR |= (1 << 16) | (4 << 18); /* PLL: from HSE, x 6 */
#else
    RCC->APB1ENR |= 1 << 28;
#ifdef STM32F4
    PWR->CR |= 1 << 14;
    RCC->PLLCFGR = 25 | (336 << 6) | (0 << 16) | (1 << 22) | (7 << 24);
    FLASH->ACR = 0x705;
#else
    RCC->PLLCFGR = 25 | (240 << 6) | (0 << 16) | (1 << 22) | (5 << 24);
    FLASH->ACR = 0x703;
#endif
    if ((FLASH->ACR & 7) < 3)
        return 0;
    RCC->CFGR |= (5 << 10) | (4 << 13); /* APB1 / 4, APB2 / 2 */
#endif
    RCC->CR |= 1 << 24;
    while (!(RCC->CR & (1 << 25)) && --patience) { }
    RCC->CFGR = (RCC->CFGR & ~3u) | 2;
    while ((RCC->CFGR & 0xc) != 8 && --patience) { }
    return patience > 0;
}

/* HAL_InitTick and HAL_Delay. */
static inline void tick_init(void)
{
    SYST_RVR = CORE_HZ / 1000 - 1;
    SYST_CVR = 0;
    SYST_CSR = 7;
}
static inline void delay(uint32_t milliseconds)
{
    uint32_t start = ticks;
    while (ticks - start < milliseconds + 1) { }
}
static inline void cycles_on(void)
{
    REG(0xe000edfc) |= 1 << 24;
    DWT_CYCCNT = 0;
    REG(0xe0001000) |= 1;
}

static inline void irq_on(unsigned irq) { REG(0xe000e100 + 4 * (irq / 32)) = 1u << (irq & 31); }
static inline void irq_off(unsigned irq) { REG(0xe000e180 + 4 * (irq / 32)) = 1u << (irq & 31); }

/* Waits for a condition up to so many milliseconds, as drivers with a timeout do. */
#define WAIT(condition, milliseconds)                                                                                                                          \
    ({                                                                                                                                                         \
        uint32_t wait_start = ticks;                                                                                                                           \
        while (!(condition) && ticks - wait_start <= (milliseconds)) { }                                                                                       \
        (condition) ? 1u : 0u;                                                                                                                                 \
    })

/* The same, asleep between interrupts: for what takes milliseconds. */
#define SLEEP_UNTIL(condition, milliseconds)                                                                                                                   \
    ({                                                                                                                                                         \
        uint32_t wait_start = ticks;                                                                                                                           \
        while (!(condition) && ticks - wait_start <= (milliseconds))                                                                                           \
            __asm volatile("wfi");                                                                                                                             \
        (condition) ? 1u : 0u;                                                                                                                                 \
    })

/* Handlers by number: programs put theirs in. */
static void (*handlers[IRQS])(void);
static void dispatch(void)
{
    unsigned irq = ipsr() - 16;
    if (handlers[irq])
        handlers[irq]();
    else
        unexpected();
}
static inline void on_irq(unsigned irq, void (*handler)(void))
{
    handlers[irq] = handler;
    irq_on(irq);
}
static void unexpected(void)
{
    static int told;
    extern int printf(const char *, ...);
    if (!told++)
        printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}

__attribute__((section(".data.init.enter"), used, aligned(512))) const void *const __interrupt_vector[16 + IRQS] = {
    __stack, (void *)_start, unexpected, unexpected, unexpected, unexpected, unexpected, 0, 0, 0, 0, unexpected, unexpected, 0, unexpected, systick,
    [16 ... 15 + IRQS] = dispatch,
};

/* One side of a DMA transfer is a peripheral's register. Channels of F1 (1 to 7), streams of F2 and F4 (controller, stream, channel). */
enum { FROM_MEMORY = 1, CIRCULAR = 2, HALFWORDS = 4, WORDS = 8, WITH_INTERRUPTS = 16 };
#ifdef STM32F1
#define DMA_CHANNEL(f1, controller, stream, channel) (f1)
static inline void dma_start(unsigned which, volatile void *peripheral, const volatile void *memory, unsigned count, unsigned how)
{
    unsigned size = how & WORDS ? 2 : how & HALFWORDS ? 1 : 0;
    DMA1->C[which - 1].CR = 0;
    DMA1->IFCR = 0xfu << (4 * (which - 1));
    DMA1->C[which - 1].NDTR = count;
    DMA1->C[which - 1].PAR = (uint32_t)(uintptr_t)peripheral;
    DMA1->C[which - 1].MAR = (uint32_t)(uintptr_t)memory;
    DMA1->C[which - 1].CR = 1 | (how & WITH_INTERRUPTS ? 0xe : 0) | (how & FROM_MEMORY ? 0x10 : 0) | (how & CIRCULAR ? 0x20 : 0) | 0x80 | size << 8 | size << 10;
}
/* Half, complete and error as bits 0 to 2. */
static inline uint32_t dma_flags(unsigned which)
{
    uint32_t flags = DMA1->ISR >> (4 * (which - 1));
    return ((flags >> 2) & 1) | (flags & 2) | ((flags >> 1) & 4);
}
static inline void dma_clear(unsigned which) { DMA1->IFCR = 0xfu << (4 * (which - 1)); }
static inline void dma_stop(unsigned which) { DMA1->C[which - 1].CR &= ~1u; }
static inline uint32_t dma_left(unsigned which) { return DMA1->C[which - 1].NDTR; }
static inline unsigned dma_irq(unsigned which) { return 10 + which; }
#else
#define DMA_CHANNEL(f1, controller, stream, channel) (((controller) - 1) << 8 | (stream) << 4 | (channel))
static inline DMA_Type *dma_of(unsigned which) { return which >> 8 ? DMA2 : DMA1; }
static inline unsigned dma_stream(unsigned which) { return (which >> 4) & 7; }
static inline unsigned dma_shift(unsigned which)
{
    static const uint8_t shifts[] = { 0, 6, 16, 22 };
    return shifts[dma_stream(which) & 3];
}
static inline void dma_clear(unsigned which) { dma_of(which)->IFCR[dma_stream(which) / 4] = 0x3du << dma_shift(which); }
static inline void dma_stop(unsigned which)
{
    dma_of(which)->S[dma_stream(which)].CR &= ~1u;
    while (dma_of(which)->S[dma_stream(which)].CR & 1) { }
}
static inline void dma_start(unsigned which, volatile void *peripheral, const volatile void *memory, unsigned count, unsigned how)
{
    unsigned size = how & WORDS ? 2 : how & HALFWORDS ? 1 : 0, stream = dma_stream(which);
    DMA_Type *dma = dma_of(which);
    dma_stop(which);
    dma_clear(which);
    dma->S[stream].NDTR = count;
    dma->S[stream].PAR = (uint32_t)(uintptr_t)peripheral;
    dma->S[stream].M0AR = (uint32_t)(uintptr_t)memory;
    dma->S[stream].CR = (which & 7) << 25 | size << 13 | size << 11 | 0x400 | (how & CIRCULAR ? 0x100 : 0) | (how & FROM_MEMORY ? 0x40 : 0) | (how & WITH_INTERRUPTS ? 0x1e : 0);
    dma->S[stream].CR |= 1;
}
static inline uint32_t dma_flags(unsigned which)
{
    uint32_t flags = dma_of(which)->ISR[dma_stream(which) / 4] >> dma_shift(which);
    return ((flags >> 4) & 1) | ((flags >> 4) & 2) | ((flags >> 1) & 4);
}
static inline uint32_t dma_left(unsigned which) { return dma_of(which)->S[dma_stream(which)].NDTR; }
static inline unsigned dma_irq(unsigned which)
{
    static const uint8_t irqs[2][8] = { { 11, 12, 13, 14, 15, 16, 17, 47 }, { 56, 57, 58, 59, 60, 68, 69, 70 } };
    return irqs[which >> 8][dma_stream(which)];
}
#endif
