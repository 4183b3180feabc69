/*
 * USART, I2C, SPI and their DMA on STM32, as the drivers of their makers go about it: polled, with interrupts, with DMA. On the board, an EEPROM 24LC256 at
 * 0x50 and an LM75 at 0x48 hang on I2C1, a flash chip of 1 MiB on SPI1 with pin 4 of port A as its select, and what USART2 sends comes back.
 * RM0041 22 to 24, RM0033 23 to 25, RM0090 27 to 30.
 */
#include <string.h>
#include "check.h"
#include "stm32.h"

#ifdef STM32F1
#define PCLK1_HZ CORE_HZ
#else
#define PCLK1_HZ (CORE_HZ / 4)
#endif

/* --- UART --- */
static char received[64];
static volatile unsigned received_count, sent_count, idles;
static const char *to_send;
static void usart_interrupts(void)
{
    uint32_t status = USART2->SR;
    if (status & 0x20 && USART2->CR1 & 0x20)
        received[received_count++] = (char)USART2->DR;
    if (status & 0x10 && USART2->CR1 & 0x10) {
        (void)USART2->DR; /* SR, then DR: IDLE is clear */
        idles++;
    }
    if (status & 0x80 && USART2->CR1 & 0x80) {
        if (*to_send)
            USART2->DR = (uint8_t)*to_send++;
        else
            USART2->CR1 = (USART2->CR1 & ~0x80u) | 0x40; /* TXEIE off, TCIE on */
    } else if (status & 0x40 && USART2->CR1 & 0x40) {
        USART2->CR1 &= ~0x40u;
        sent_count++;
    }
}
static void uart(void)
{
    USART2->BRR = (PCLK1_HZ + 57600) / 115200;
    USART2->CR2 = USART2->CR3 = 0;
    USART2->CR1 = 0x200c;
    /* HAL_UART_Transmit and HAL_UART_Receive. */
    for (const char *text = "ab"; *text; text++) {
        WAIT(USART2->SR & 0x80, 5);
        USART2->DR = (uint8_t)*text;
    }
    check("TC", WAIT(USART2->SR & 0x40, 5), 1);
    check("a byte comes back", WAIT(USART2->SR & 0x20, 5), 1);
    check("it is the first", USART2->DR, 'a');
    check("another one", WAIT(USART2->SR & 0x20, 5), 1);
    check("the second", USART2->DR, 'b');
    WAIT(USART2->SR & 0x10, 5);
    (void)USART2->DR;
    /* HAL_UART_Transmit_IT and HAL_UARTEx_ReceiveToIdle_IT. */
    received_count = 0;
    to_send = "interrupts";
    on_irq(USART2_IRQ, usart_interrupts);
    uint32_t start = ticks;
    USART2->CR1 |= 0x20 | 0x10 | 0x80;
    check("idle line", WAIT(idles, 20), 1);
    check("bytes before it", received_count, 10);
    check("which they are", memcmp(received, "interrupts", 10), 0);
    check("TC interrupts", sent_count, 1);
    check_range("milliseconds of 10 bytes and an idle one at 115,200 baud", ticks - start, 0, 3);
    USART2->CR1 &= ~0xf0u;
    /* HAL_UART_Transmit_DMA, HAL_UARTEx_ReceiveToIdle_DMA into a ring. */
    static char ring[16];
    const unsigned rx = DMA_CHANNEL(6, 1, 5, 4), tx = DMA_CHANNEL(7, 1, 6, 4);
    static const char text[] = "by DMA, around a ring";
    dma_start(rx, &USART2->DR, ring, sizeof ring, CIRCULAR);
    USART2->SR = ~0x40u;
    idles = 0;
    USART2->CR3 = 0x40;
    USART2->CR1 |= 0x10;
    dma_start(tx, &USART2->DR, text, sizeof text - 1, FROM_MEMORY);
    USART2->CR3 |= 0x80;
    check("all are out", WAIT(dma_flags(tx) & 2, 20), 1);
    check("the line is idle", WAIT(idles, 20), 1);
    check("place in the ring", sizeof ring - dma_left(rx), (sizeof text - 1) % sizeof ring);
    check("what is there", memcmp(ring, "ring", 4) == 0 || memcmp(ring, " ring", 5) == 0, 1);
    check("half and complete", dma_flags(rx), 3);
    irq_off(USART2_IRQ);
    USART2->CR1 = USART2->CR3 = 0;
    dma_stop(rx);
    dma_stop(tx);
    section("USART");
}

/* --- I2C --- */
static void i2c_init(uint32_t hertz)
{
    I2C1->CR1 = 0x8000;
    I2C1->CR1 = 0;
    I2C1->CR2 = PCLK1_HZ / 1000000;
    if (hertz > 100000) {
        I2C1->TRISE = PCLK1_HZ / 1000000 * 300 / 1000 + 1;
        I2C1->CCR = 0x8000 | PCLK1_HZ / (hertz * 3);
    } else {
        I2C1->TRISE = PCLK1_HZ / 1000000 + 1;
        I2C1->CCR = PCLK1_HZ / (hertz * 2);
    }
    I2C1->CR1 = 1;
}
static int i2c_address(uint8_t address, int read)
{
    I2C1->CR1 |= 0x100 | (read ? 0x400 : 0);
    if (!WAIT(I2C1->SR1 & 1, 5))
        return 0;
    I2C1->DR = address << 1 | read;
    WAIT(I2C1->SR1 & (2 | 0x400), 5);
    if (I2C1->SR1 & 0x400) {
        I2C1->CR1 |= 0x200;
        I2C1->SR1 = ~0x400u;
        return 0;
    }
    return 1;
}
static void i2c_clear_address(void)
{
    (void)I2C1->SR1;
    (void)I2C1->SR2;
}
/* HAL_I2C_IsDeviceReady */
static int i2c_ready(uint8_t address)
{
    WAIT(!(I2C1->SR2 & 2), 5);
    int ready = i2c_address(address, 0);
    if (ready) {
        I2C1->CR1 |= 0x200;
        i2c_clear_address();
    }
    check("the bus is free again", WAIT(!(I2C1->SR2 & 2), 5), 1);
    return ready;
}
/* HAL_I2C_Mem_Write */
static int i2c_write(uint8_t address, unsigned at, unsigned at_bytes, const uint8_t *bytes, unsigned count)
{
    if (!i2c_address(address, 0))
        return 0;
    i2c_clear_address();
    while (at_bytes) {
        WAIT(I2C1->SR1 & 0x80, 5);
        I2C1->DR = (uint8_t)(at >> 8 * --at_bytes);
    }
    while (count--) {
        WAIT(I2C1->SR1 & 0x80, 5);
        I2C1->DR = *bytes++;
    }
    uint32_t done = WAIT(I2C1->SR1 & 4, 5);
    I2C1->CR1 |= 0x200;
    WAIT(!(I2C1->SR2 & 2), 5);
    return (int)done;
}
/* HAL_I2C_Mem_Read, with its three endings: one byte, two, and more. */
static int i2c_read(uint8_t address, unsigned at, unsigned at_bytes, uint8_t *bytes, unsigned count)
{
    if (!i2c_address(address, 0))
        return 0;
    i2c_clear_address();
    while (at_bytes) {
        WAIT(I2C1->SR1 & 0x80, 5);
        I2C1->DR = (uint8_t)(at >> 8 * --at_bytes);
    }
    WAIT(I2C1->SR1 & 0x80, 5);
    if (!i2c_address(address, 1))
        return 0;
    if (count == 1) {
        I2C1->CR1 &= ~0x400u;
        i2c_clear_address();
        I2C1->CR1 |= 0x200;
    } else if (count == 2) {
        I2C1->CR1 = (I2C1->CR1 | 0x800) & ~0x400u;
        i2c_clear_address();
    } else {
        i2c_clear_address();
    }
    while (count > 3) {
        WAIT(I2C1->SR1 & 0x40, 5);
        *bytes++ = (uint8_t)I2C1->DR;
        count--;
    }
    if (count == 3) {
        WAIT(I2C1->SR1 & 4, 5);
        I2C1->CR1 &= ~0x400u;
        *bytes++ = (uint8_t)I2C1->DR;
        count = 2;
    }
    if (count == 2) {
        if (!WAIT(I2C1->SR1 & 4, 5))
            return 0;
        I2C1->CR1 |= 0x200;
        *bytes++ = (uint8_t)I2C1->DR;
        *bytes++ = (uint8_t)I2C1->DR;
    } else {
        if (!WAIT(I2C1->SR1 & 0x40, 5))
            return 0;
        *bytes++ = (uint8_t)I2C1->DR;
    }
    I2C1->CR1 &= ~0x800u;
    return (int)WAIT(!(I2C1->SR2 & 2), 5);
}

/* HAL_I2C_Master_Transmit_IT: states of a transfer in its two handlers. */
static struct { const uint8_t *bytes; volatile unsigned left; volatile int done, failed; uint8_t address; } job;
static void i2c_event(void)
{
    uint32_t status = I2C1->SR1;
    if (status & 1) {
        I2C1->DR = job.address << 1;
    } else if (status & 2) {
        i2c_clear_address();
    } else if (status & 0x80 && I2C1->SR2 & 4) {
        if (job.left) {
            I2C1->DR = *job.bytes++;
            if (--job.left == 0)
                I2C1->CR2 &= ~0x400u; /* BTF alone tells of the end */
        } else if (status & 4) {
            I2C1->CR2 &= ~0x700u;
            I2C1->CR1 |= 0x200;
            job.done = 1;
        }
    }
}
static void i2c_error(void)
{
    if (I2C1->SR1 & 0x400) {
        I2C1->SR1 = ~0x400u;
        I2C1->CR1 |= 0x200;
        I2C1->CR2 &= ~0x700u;
        job.failed = 1;
    }
}
static void i2c_job(uint8_t address, const uint8_t *bytes, unsigned count)
{
    WAIT(!(I2C1->SR2 & 2), 5);
    job.bytes = bytes;
    job.left = count;
    job.address = address;
    job.done = job.failed = 0;
    I2C1->CR1 |= 0x100;
    I2C1->CR2 |= 0x700;
}

static void i2c(void)
{
    i2c_init(100000);
    check("nobody at 0x20", i2c_ready(0x20), 0);
    check("EEPROM", i2c_ready(0x50), 1);
    static const uint8_t page[] = { 1, 2, 3, 5, 8, 13, 21, 34 };
    uint8_t back[8];
    check("write", i2c_write(0x50, 0x120, 2, page, 8), 1);
    for (unsigned count = 1; count <= 8; count++) {
        memset(back, 0, sizeof back);
        check("read", i2c_read(0x50, 0x120, 2, back, count), 1);
        check("what was written", memcmp(back, page, count), 0);
    }
    check("LM75", i2c_read(0x48, 0, 1, back, 2), 1);
    check("21.5 degrees", back[0] << 8 | back[1], 0x1580);
    /* With interrupts, at 400 kHz. */
    i2c_init(400000);
    on_irq(I2C1_EV_IRQ, i2c_event);
    on_irq(I2C1_ER_IRQ, i2c_error);
    static const uint8_t written[] = { 2, 0, 'i', 'r', 'q' };
    uint32_t start = DWT_CYCCNT;
    i2c_job(0x50, written, 5);
    check("done", WAIT(job.done, 5), 1);
    check_range("microseconds of 6 bytes at 400 kHz", (DWT_CYCCNT - start) / (CORE_HZ / 1000000), 54 * 5 / 2, 200);
    i2c_job(0x33, written, 5);
    check("nobody answers", WAIT(job.failed, 5), 1);
    irq_off(I2C1_EV_IRQ);
    irq_off(I2C1_ER_IRQ);
    check("read", i2c_read(0x50, 0x200, 2, back, 3), 1);
    check("it is there", memcmp(back, "irq", 3), 0);
    /* HAL_I2C_Mem_Write_DMA and HAL_I2C_Mem_Read_DMA: LAST has the byte behind the last transfer not acknowledged. */
    const unsigned tx = DMA_CHANNEL(6, 1, 6, 1), rx = DMA_CHANNEL(7, 1, 0, 1);
    static const uint8_t by_dma[] = { 3, 0, 'b', 'y', ' ', 'D', 'M', 'A' };
    check("address", i2c_address(0x50, 0), 1);
    dma_start(tx, &I2C1->DR, by_dma, 8, FROM_MEMORY);
    I2C1->CR2 |= 0x800;
    i2c_clear_address();
    check("DMA has written", WAIT(dma_flags(tx) & 2, 5), 1);
    check("BTF", WAIT(I2C1->SR1 & 4, 5), 1);
    I2C1->CR2 &= ~0x800u;
    I2C1->CR1 |= 0x200;
    WAIT(!(I2C1->SR2 & 2), 5);
    check("address", i2c_address(0x50, 0), 1);
    i2c_clear_address();
    WAIT(I2C1->SR1 & 0x80, 5);
    I2C1->DR = 3;
    WAIT(I2C1->SR1 & 0x80, 5);
    I2C1->DR = 0;
    WAIT(I2C1->SR1 & 4, 5);
    check("address to read", i2c_address(0x50, 1), 1);
    memset(back, 0, sizeof back);
    dma_start(rx, &I2C1->DR, back, 6, 0);
    I2C1->CR2 |= 0x1800; /* DMAEN, LAST */
    i2c_clear_address();
    check("DMA has read", WAIT(dma_flags(rx) & 2, 5), 1);
    I2C1->CR1 |= 0x200;
    I2C1->CR2 &= ~0x1800u;
    check("the bus is free", WAIT(!(I2C1->SR2 & 2), 5), 1);
    check("it is what was written", memcmp(back, "by DMA", 6), 0);
    check("nothing is left over", I2C1->SR1 & 0x40, 0);
    section("I2C");
}

/* --- SPI --- */
static void chip_select(int active) { GPIOA->BSRR = active ? 1 << 20 : 1 << 4; }
static uint8_t spi_byte(uint8_t byte)
{
    WAIT(SPI1->SR & 2, 5);
    SPI1->DR = byte;
    WAIT(SPI1->SR & 1, 5);
    return (uint8_t)SPI1->DR;
}
static void spi_command(uint8_t command)
{
    chip_select(1);
    spi_byte(command);
    chip_select(0);
}
static void spi_at(uint8_t command, uint32_t address)
{
    chip_select(1);
    spi_byte(command);
    spi_byte((uint8_t)(address >> 16));
    spi_byte((uint8_t)(address >> 8));
    spi_byte((uint8_t)address);
}
static uint32_t spi_until_ready(void)
{
    uint8_t status = 1;
    for (unsigned tries = 0; tries < 10000 && (status & 1); tries++) {
        chip_select(1);
        spi_byte(5);
        status = spi_byte(0);
        chip_select(0);
    }
    return !(status & 1);
}
static volatile unsigned halves, transfers;
static const unsigned spi_rx_dma = DMA_CHANNEL(2, 2, 0, 3), spi_tx_dma = DMA_CHANNEL(3, 2, 3, 3);
static void spi_dma_done(void)
{
    uint32_t flags = dma_flags(spi_rx_dma);
    dma_clear(spi_rx_dma);
    if (flags & 1)
        halves++;
    if (flags & 2)
        transfers++;
}
static void spi(void)
{
    chip_select(0);
#ifdef STM32F1
    GPIOA->CRL = (GPIOA->CRL & ~0xf0000u) | 0x30000;
#else
    GPIOA->MODER = (GPIOA->MODER & ~0x300u) | 0x100;
#endif
    SPI1->CR1 = 0x4 | 2 << 3 | 0x300;
    SPI1->CR1 |= 0x40;
    chip_select(1);
    spi_byte(0x9f);
    uint32_t identification = spi_byte(0);
    identification = identification << 8 | spi_byte(0);
    identification = identification << 8 | spi_byte(0);
    chip_select(0);
    check("capacity", identification & 0xff, 20);
    check_range("manufacturer", identification >> 16, 1, 0xfe);
    spi_command(6);
    spi_at(0x20, 0x1000);
    chip_select(0);
    check("erased", spi_until_ready(), 1);
    spi_command(6);
    spi_at(2, 0x1010);
    for (unsigned index = 0; index < 16; index++)
        spi_byte((uint8_t)(index * 7));
    chip_select(0);
    check("programmed", spi_until_ready(), 1);
    spi_at(3, 0x100f);
    check("before", spi_byte(0), 0xff);
    for (unsigned index = 0; index < 16; index++)
        check("byte", spi_byte(0), (uint8_t)(index * 7));
    check("behind", spi_byte(0), 0xff);
    chip_select(0);
    /* HAL_SPI_TransmitReceive_DMA */
    static uint8_t zeros[32], in[32];
    spi_at(3, 0x1008);
    on_irq(dma_irq(spi_rx_dma), spi_dma_done);
    dma_start(spi_rx_dma, &SPI1->DR, in, 32, WITH_INTERRUPTS);
    SPI1->CR2 |= 1;
    dma_start(spi_tx_dma, &SPI1->DR, zeros, 32, FROM_MEMORY);
    SPI1->CR2 |= 2;
    check("DMA", WAIT(transfers, 5), 1);
    check("a half before", halves, 1);
    check("not busy", WAIT(!(SPI1->SR & 0x80), 5), 1);
    chip_select(0);
    SPI1->CR2 = 0;
    irq_off(dma_irq(spi_rx_dma));
    for (unsigned index = 0; index < 32; index++)
        check("by DMA", in[index], index < 8 || index >= 24 ? 0xff : (uint8_t)((index - 8) * 7));
    /* Receive only: the clock runs as long as it is on. HAL_SPI_Receive in one direction. */
    spi_at(3, 0x1010);
    WAIT(!(SPI1->SR & 0x80), 5);
    SPI1->CR1 &= ~0x40u;
    SPI1->CR1 |= 0x400;
    SPI1->CR1 |= 0x40;
    for (unsigned index = 0; index < 4; index++) {
        check("a frame comes", WAIT(SPI1->SR & 1, 5), 1);
        if (index == 3)
            SPI1->CR1 &= ~0x40u;
        check("received only", SPI1->DR, index * 7);
    }
    WAIT(!(SPI1->SR & 0x80), 5);
    (void)SPI1->DR;
    (void)SPI1->SR;
    SPI1->CR1 &= ~0x400u;
    chip_select(0);
    /* Frames of 16 bits, with the CRC of what is sent. */
    SPI1->CR1 = 0x4 | 0x300 | 0x800;
    SPI1->CRCPR = 0x1021;
    SPI1->CR1 |= 0x2000;
    SPI1->CR1 |= 0x40;
    check("CRC begins at 0", SPI1->TXCRCR, 0);
    for (unsigned index = 0; index < 2; index++) {
        SPI1->DR = index ? 0x3334 : 0x3132;
        WAIT(SPI1->SR & 1, 5);
        (void)SPI1->DR;
    }
    /* CRC-16/XMODEM of "1234". */
    check("TXCRCR", SPI1->TXCRCR, 0xd789);
    SPI1->CR1 = 0;
    section("SPI");
}

int main(void)
{
    clocks_on();
    system_clock();
    tick_init();
    cycles_on();
    uart();
    i2c();
    spi();
    return failures;
}
