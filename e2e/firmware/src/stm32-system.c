/*
 * What is left of STM32, as the examples of their makers use it: clock tree, flash memory, EXTI, RTC, low-power modes, CRC, RNG, CAN, watchdogs and what the
 * chip says of a reset. It starts several times: backup registers say where it is. RM0041, RM0033, RM0090, PM0063, PM0059.
 */
#include <string.h>
#include "check.h"
#include "stm32.h"

/* --- clocks --- */
static void clocks(void)
{
    check("from PLL", RCC->CFGR >> 2 & 3, 2);
    cycles_on();
    uint32_t start = ticks;
    while (ticks == start) { }
    uint32_t cycles = DWT_CYCCNT;
    start = ticks;
    while (ticks - start < 2) { }
    check_range("cycles of 2 ms", DWT_CYCCNT - cycles, CORE_HZ / 500 - 200, CORE_HZ / 500 + 200);
    /* SystemCoreClock from HSI again, and back: HAL_RCC_DeInit. */
    RCC->CFGR &= ~3u;
    check("HSI", WAIT((RCC->CFGR & 0xc) == 0, 5), 1);
    RCC->CR &= ~(1u << 24);
    check("PLL off", RCC->CR >> 25 & 1, 0);
    RCC->CIR = 1 << 12; /* PLLRDYIE */
    check("full speed again", (uint32_t)system_clock(), 1);
    check("PLLRDYF", RCC->CIR & 0x10, 0x10);
    RCC->CIR = 1 << 20;
    check("cleared", RCC->CIR & 0x10, 0);
    section("clocks");
}

/* --- flash --- */
#ifdef STM32F1
#define SPARE (0x08020000 - FLASH_PAGE)
static void flash_wait(void) { check("not busy", SLEEP_UNTIL(!(FLASH->SR & 1), 100), 1); }
static void flash(void)
{
    check("locked", FLASH->CR & 0x80, 0x80);
    FLASH->KEYR = 0x45670123;
    FLASH->KEYR = 0xcdef89ab;
    check("unlocked", FLASH->CR & 0x80, 0);
    FLASH->CR |= 2;
    FLASH->AR = SPARE;
    FLASH->CR |= 0x40;
    flash_wait();
    FLASH->CR &= ~2u;
    check("erased", REG(SPARE), 0xffffffff);
    FLASH->SR = 0x20;
    FLASH->CR |= 1;
    for (unsigned index = 0; index < 4; index++) {
        ((volatile uint16_t *)SPARE)[index] = (uint16_t)(0x1111 * (index + 1));
        flash_wait();
    }
    check("EOP", FLASH->SR & 0x20, 0x20);
    check("programmed", REG(SPARE + 4), 0x44443333);
    *(volatile uint16_t *)SPARE = 0x2222;
    flash_wait();
    check("PGERR where it is not erased", FLASH->SR & 4, 4);
    FLASH->SR = 0x34;
    FLASH->CR &= ~1u;
    FLASH->CR |= 0x80;
    check("locked again", FLASH->CR & 0x80, 0x80);
    section("flash");
}
#else
#define SPARE 0x080e0000 /* sector 11 */
static void flash_wait(void) { check("not busy", SLEEP_UNTIL(!(FLASH->SR >> 16 & 1), 100), 1); }
static void flash(void)
{
    check("locked", FLASH->CR >> 31, 1);
    FLASH->KEYR = 0x45670123;
    FLASH->KEYR = 0xcdef89ab;
    check("unlocked", FLASH->CR >> 31, 0);
    FLASH->CR = 2 << 8 | 11 << 3 | 2;
    FLASH->CR |= 1 << 16;
    flash_wait();
    FLASH->CR &= ~0x7au;
    check("erased", REG(SPARE + 0x1fffc), 0xffffffff);
    FLASH->CR = 2 << 8 | 1;
    REG(SPARE) = 0x12345678;
    flash_wait();
    FLASH->CR = 0 << 8 | 1;
    REG8(SPARE + 4) = 0x9a;
    flash_wait();
    check("programmed", REG(SPARE), 0x12345678);
    check("a byte", REG(SPARE + 4), 0xffffff9a);
    REG(SPARE + 8) = 0;
    check("PGPERR: the width is not PSIZE's", FLASH->SR & 0x40, 0x40);
    FLASH->SR = 0xf2;
    FLASH->CR = 1u << 31;
    /* FLASH_OB_Unlock, and a write-protected sector. */
    FLASH->OPTKEYR = 0x08192a3b;
    FLASH->OPTKEYR = 0x4c5d6e7f;
    check("options unlocked", FLASH->OPTCR & 1, 0);
    FLASH->OPTCR &= ~(1u << 27);
    FLASH->OPTCR |= 2;
    flash_wait();
    FLASH->KEYR = 0x45670123;
    FLASH->KEYR = 0xcdef89ab;
    FLASH->CR = 2 << 8 | 11 << 3 | 2;
    FLASH->CR |= 1 << 16;
    check("WRPERR", WAIT(FLASH->SR & 0x10, 5), 1);
    FLASH->SR = 0xf2;
    FLASH->OPTCR |= 1 << 27;
    FLASH->OPTCR |= 2;
    flash_wait();
    FLASH->OPTCR |= 1;
    FLASH->CR = 1u << 31;
    section("flash");
}
#endif

/* --- EXTI --- */
static volatile uint32_t presses;
static void exti0(void)
{
    check("PR", EXTI->PR & 1, 1);
    EXTI->PR = 1;
    presses++;
}
static void exti(void)
{
    /* Pin 0 of port B, which it drives itself. */
#ifdef STM32F1
    GPIOB->CRL = (GPIOB->CRL & ~0xfu) | 3;
    AFIO->EXTICR[0] = (AFIO->EXTICR[0] & ~0xfu) | 1;
#else
    GPIOB->MODER = (GPIOB->MODER & ~3u) | 1;
    SYSCFG->EXTICR[0] = (SYSCFG->EXTICR[0] & ~0xfu) | 1;
#endif
    GPIOB->BSRR = 1 << 16;
    EXTI->IMR |= 1;
    EXTI->RTSR |= 1;
    on_irq(EXTI0_IRQ, exti0);
    for (unsigned press = 0; press < 3; press++) {
        GPIOB->BSRR = 1;
        GPIOB->BSRR = 1 << 16;
    }
    check("rising edges", presses, 3);
    EXTI->FTSR |= 1;
    GPIOB->BSRR = 1;
    GPIOB->BSRR = 1 << 16;
    check("both edges", presses, 5);
    EXTI->SWIER = 1;
    check("by software", presses, 6);
    /* An event, not an interrupt, ends WFE: HAL_PWR_EnterSLEEPMode(.., PWR_SLEEPENTRY_WFE). */
    EXTI->IMR &= ~1u;
    EXTI->EMR |= 1;
    GPIOB->BSRR = 1;
    check("no interrupt", presses, 6);
    check("not pending", EXTI->PR & 1, 0);
    SYST_CSR = 5;
    __asm volatile("sev\n\twfe"); /* the event register is clear */
    GPIOB->BSRR = 1 << 16;
    __asm volatile("wfe"); /* an edge has set it */
    SYST_CSR = 7;
    EXTI->EMR &= ~1u;
    irq_off(EXTI0_IRQ);
    section("EXTI");
}

/* --- RTC --- */
static volatile uint32_t alarms, wakeups;
static void rtc_clock(void)
{
    PWR->CR |= 1 << 8; /* DBP */
    RCC->CSR |= 1;
    check("LSI", WAIT(RCC->CSR & 2, 5), 1);
    if (!(RCC->BDCR & 1 << 15)) {
        RCC->BDCR |= 2 << 8;
        RCC->BDCR |= 1 << 15;
    }
}
#ifdef STM32F1
#define BACKUP(number) REG(0x40006c04 + 4 * (number))
static void rtc_alarm(void)
{
    EXTI->PR = 1 << 17;
    RTC->CRL &= ~2u;
    alarms++;
}
static void rtc_write(reg *high, reg *low, uint32_t value)
{
    check("RTOFF", WAIT(RTC->CRL & 0x20, 5), 1);
    RTC->CRL |= 0x10;
    *high = value >> 16;
    *low = value & 0xffff;
    RTC->CRL &= ~0x10u;
    check("RTOFF", WAIT(RTC->CRL & 0x20, 5), 1);
}
static uint32_t rtc_count(void) { return RTC->CNTH << 16 | RTC->CNTL; }
static void rtc(void)
{
    rtc_clock();
    RTC->CRL &= ~8u;
    check("RSF", WAIT(RTC->CRL & 8, 5), 1);
    rtc_write(&RTC->PRLH, &RTC->PRLL, 39); /* 1,000 a second */
    rtc_write(&RTC->CNTH, &RTC->CNTL, 0x1fffe);
    uint32_t start = ticks;
    check("counts", SLEEP_UNTIL(rtc_count() >= 0x20003, 20), 1);
    check_range("milliseconds of 5 counts", ticks - start, 4, 6);
    rtc_write(&RTC->ALRH, &RTC->ALRL, rtc_count() + 3);
    RTC->CRL &= ~2u;
    RTC->CRH = 2;
    EXTI->IMR |= 1 << 17;
    EXTI->RTSR |= 1 << 17;
    on_irq(RTC_ALARM_IRQ, rtc_alarm);
    check("alarm", SLEEP_UNTIL(alarms, 20), 1);
    check("SECF", RTC->CRL & 1, 1);
    section("RTC");
}
/* Wakes up in so many milliseconds, through EXTI's line 17. */
static void rtc_wake(uint32_t milliseconds)
{
    RTC->CRL &= ~2u;
    rtc_write(&RTC->ALRH, &RTC->ALRL, rtc_count() + milliseconds);
}
#else
#define BACKUP(number) RTC->BKPR[number]
static void rtc_alarm(void)
{
    EXTI->PR = 1 << 17;
    if (RTC->ISR & 0x100)
        alarms |= 1;
    if (RTC->ISR & 0x200)
        alarms |= 2;
    RTC->ISR = ~0x380u;
}
static void rtc_wakeup(void)
{
    RTC->ISR = ~0x480u;
    EXTI->PR = 1 << 22;
    wakeups++;
}
static void rtc_unlock(void)
{
    RTC->WPR = 0xca;
    RTC->WPR = 0x53;
}
static void rtc(void)
{
    rtc_clock();
    rtc_unlock();
    RTC->ISR = 0xffffffff;
    check("INITF", WAIT(RTC->ISR & 0x40, 5), 1);
    /* 32,000 / 8 / 16: a second is 4 ms long, so that the program need not wait. */
    RTC->PRER = 15;
    RTC->PRER |= 7 << 16;
    RTC->TR = 0x235958;
    RTC->DR = 0x24 << 16 | 3 << 13 | 0x02 << 8 | 0x28; /* Wednesday, 28 February 2024 */
    RTC->CR &= ~0x40u;
    RTC->ISR &= ~0x80u;
    RTC->WPR = 0xff;
    RTC->ISR = ~0xa0u;
    check("RSF", WAIT(RTC->ISR & 0x20, 5), 1);
    check("time", RTC->TR, 0x235958);
    (void)RTC->DR;
    check("past midnight", SLEEP_UNTIL(RTC->TR < 0x100, 20), 1);
    check("a leap day, Thursday", RTC->DR, 0x24 << 16 | 4 << 13 | 0x02 << 8 | 0x29);
    /* Alarm A at every second, B at 00:00:03. */
    rtc_unlock();
    RTC->CR &= ~0x300u;
    check("ALRAWF, ALRBWF", WAIT((RTC->ISR & 3) == 3, 5), 1);
    RTC->ALRMAR = 0x80808080;
    RTC->ALRMBR = 0x80000003;
    RTC->ISR = ~0x380u;
    RTC->CR |= 0x3300;
    EXTI->IMR |= 1 << 17;
    EXTI->RTSR |= 1 << 17;
    on_irq(RTC_ALARM_IRQ, rtc_alarm);
    check("both alarms", SLEEP_UNTIL(alarms == 3, 40), 1);
    check_range("at", RTC->TR, 3, 4);
    RTC->CR &= ~0x3300u;
    irq_off(RTC_ALARM_IRQ);
    /* The wake-up timer: every 3 ms of RTC / 16. */
    check("WUTWF", WAIT(RTC->ISR & 4, 5), 1);
    RTC->WUTR = 5;
    RTC->CR |= 0x4400;
    RTC->CR |= 0x10; /* its period goes on behind other changes of CR */
    EXTI->IMR |= 1 << 22;
    EXTI->RTSR |= 1 << 22;
    on_irq(RTC_WKUP_IRQ, rtc_wakeup);
    uint32_t start = ticks;
    check("wake-ups", SLEEP_UNTIL(wakeups >= 3, 40), 1);
    check_range("milliseconds of three", ticks - start, 8, 10);
    section("RTC");
}
#endif

/* --- low power --- */
static void low_power(void)
{
    /* HAL_PWR_EnterSTOPMode: HSI when it wakes up, PLL and HSE off. */
#ifdef STM32F1
    rtc_wake(5);
#endif
    SYST_CSR = 5;
    uint32_t before = ticks;
    PWR->CR = (PWR->CR & ~3u) | 1 | 4;
    SCB_SCR |= 4;
    __asm volatile("wfi");
    SCB_SCR &= ~4u;
    check("SysTick slept", ticks - before, 0);
    check("from HSI behind Stop mode", RCC->CFGR & 0xc, 0);
    check("PLL is off", RCC->CR >> 24 & 3, 0);
    check("clocks again", (uint32_t)system_clock(), 1);
    SYST_CSR = 7;
    section("Stop mode");
}

/* --- CRC, RNG, CAN --- */
#ifndef STM32F1
typedef struct { reg TIR, TDTR, TDLR, TDHR; } Mailbox;
#define CAN1_REG(offset) REG(0x40006400 + (offset))
#define CAN1_TX ((Mailbox *)0x40006580)
#define CAN1_RX ((Mailbox *)0x400065b0)
static void can(void)
{
    CAN1_REG(0) = 1; /* INRQ, no sleep */
    check("INAK", WAIT(CAN1_REG(4) & 1, 15), 1);
    CAN1_REG(0x1c) = 1u << 30 | 1 << 20 | 2 << 16 | 5; /* LBKM */
    CAN1_REG(0x200) |= 1;
    CAN1_REG(0x21c) &= ~1u;
    CAN1_REG(0x20c) |= 1;
    CAN1_REG(0x240) = 0;
    CAN1_REG(0x244) = 0;
    CAN1_REG(0x21c) |= 1;
    CAN1_REG(0x200) &= ~1u;
    CAN1_REG(0) &= ~1u;
    check("normal mode", WAIT(!(CAN1_REG(4) & 1), 15), 1);
    CAN1_TX->TDTR = 2;
    CAN1_TX->TDLR = 0xbeef;
    CAN1_TX->TIR = 0x321u << 21;
    CAN1_TX->TIR |= 1;
    check("sent", WAIT(CAN1_REG(8) & 1, 15), 1);
    check("TXOK", CAN1_REG(8) & 2, 2);
    check("received", WAIT(CAN1_REG(0xc) & 3, 15), 1);
    check("identifier", CAN1_RX->TIR >> 21, 0x321);
    check("length", CAN1_RX->TDTR & 15, 2);
    check("data", CAN1_RX->TDLR & 0xffff, 0xbeef);
    CAN1_REG(0xc) |= 0x20;
    check("released", CAN1_REG(0xc) & 3, 0);
}
#endif
static void small_ones(void)
{
    REG(0x40023008) = 1;
    REG(0x40023000) = 0x12345678;
    check("CRC-32", REG(0x40023000), 0xdf8a8a2b);
#ifndef STM32F1
    REG(0x50060800) = 4;
    check("DRDY", WAIT(REG(0x50060804) & 1, 5), 1);
    uint32_t first = REG(0x50060808);
    check("DRDY again", WAIT(REG(0x50060804) & 1, 5), 1);
    check("another number", REG(0x50060808) != first, 1);
    can();
#endif
    section("CRC, RNG, CAN");
}

/* --- watchdogs: HAL_WWDG with its early interrupt, fed inside of the window; then it is not. --- */
static volatile uint32_t early;
static void wwdg_early(void)
{
    early++;
    WWDG->SR = 0;
    if (early < 3)
        WWDG->CR = 0x7f;
}
static void window_watchdog(void)
{
    WWDG->CFR = 0x200 | 0 << 7 | 0x50;
    WWDG->SR = 0;
    on_irq(0, wwdg_early);
    WWDG->CR = 0xff;
    for (;;) {
        check_range("early interrupts", early, 0, 3);
        __asm volatile("wfi");
    }
}

enum { FIRST, BY_WWDG, BY_IWDG, BY_SOFTWARE, FROM_STANDBY };
int main(void)
{
    clocks_on();
    check("clock tree", (uint32_t)system_clock(), 1);
    tick_init();
    PWR->CR |= 1 << 8;
    uint32_t flags = RCC->CSR >> 26;
    RCC->CSR |= 1 << 24;
    check("RMVF", RCC->CSR >> 26, 0);
    switch (BACKUP(1)) {
    case FIRST:
        check("power-on and pin reset", flags & 3, 3);
        clocks();
        flash();
        exti();
        rtc();
        low_power();
        small_ones();
        BACKUP(1) = BY_WWDG;
        BACKUP(2) = (uint32_t)failures;
        window_watchdog();
        break;
    case BY_WWDG:
        check("WWDGRSTF", flags, 0x11);
        BACKUP(1) = BY_IWDG;
        BACKUP(2) += (uint32_t)failures;
        IWDG->KR = 0xcccc;
        IWDG->KR = 0x5555;
        IWDG->PR = 0;
        IWDG->RLR = 100;
        WAIT(IWDG->SR == 0, 50);
        for (uint32_t start = ticks; ticks - start < 20;) {
            IWDG->KR = 0xaaaa;
            __asm volatile("wfi");
        }
        BACKUP(3) = 77;
        for (;;)
            __asm volatile("wfi");
    case BY_IWDG:
        check("IWDGRSTF", flags, 9);
        check("it was fed", BACKUP(3), 77);
        BACKUP(1) = BY_SOFTWARE;
        BACKUP(2) += (uint32_t)failures;
        SCB_AIRCR = 0x05fa0004;
        for (;;) { }
    case BY_SOFTWARE:
        check("SFTRSTF", flags, 5);
        BACKUP(1) = FROM_STANDBY;
        BACKUP(2) += (uint32_t)failures;
        section("watchdogs");
        /* HAL_PWR_EnterSTANDBYMode: the wake-up begins at the reset vector. */
        rtc_clock();
#ifdef STM32F1
        rtc_wake(5);
#else
        rtc_unlock();
        RTC->CR &= ~0x400u;
        RTC->ISR = ~0x480u;
        RTC->WUTR = 5;
        RTC->CR |= 0x4400;
#endif
        PWR->CR |= 4;
        PWR->CR |= 2;
        SCB_SCR |= 4;
        __asm volatile("wfi");
        check("code behind Standby mode", 1, 0);
        return 1;
    case FROM_STANDBY:
        check("SBF", PWR->CSR & 2, 2);
        check("WUF", PWR->CSR & 1, 1);
        PWR->CR |= 8 | 4;
        check("CSBF, CWUF", PWR->CSR & 3, 0);
        section("Standby mode");
    }
    return failures + (int)BACKUP(2);
}
