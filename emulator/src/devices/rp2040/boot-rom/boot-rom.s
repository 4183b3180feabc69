@ A boot ROM for RP2040 in the layout of the data sheet (2.8): vectors, the tables of functions and data, and what starts the flash. Own code;
@ floating-point functions are carried out by the device at ARITHMETIC. USB boot and the second core's wait are not in it.
    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .equ XIP_BASE, 0x10000000
    .equ BOOT2_RAM, 0x20041f00
    .equ XIP_SSI, 0x18000000
    .equ IO_QSPI_SS_CTRL, 0x4001800c
    .equ PPB_VTOR, 0xe000ed08
    .equ ARITHMETIC, 0x40068000
    @ Functions in each of the two floating-point tables, and the place there of the comparison that answers by flags.
    .equ FUNCTIONS, 32
    .equ COMPARE_FLAGS, 5

    .word BOOT2_RAM
    .word reset + 1
    .word nmi + 1
    .word hard_fault + 1
    @ Version 3 is that of chips of revision 2. Of version 2, the SDK calls code within functions.
    .byte 'M', 'u', 1, 3
    .hword function_table
    .hword data_table
    .hword rom_table_lookup + 1
    .hword 0
    .space 0x40 - 0x1c
    @ Exceptions that are taken before VTOR points to the firmware's table stop here.
nmi:
hard_fault:
    bkpt #0
    b hard_fault

reset:
    @ A boot vector in the watchdog's scratch registers 4 to 7 (data sheet 2.8.1.1): 0xb007c0d3, entry ^ -0xb007c0d3, stack, entry.
    ldr r3, =0x4005801c
    ldr r0, =0xb007c0d3
    ldm r3!, {r4-r7}
    cmp r4, r0
    bne from_flash
    movs r1, #0
    subs r3, #16
    str r1, [r3]
    rsbs r0, r0, #0
    eors r5, r0
    cmp r5, r7
    bne from_flash
    msr msp, r6
    bx r7
from_flash:
    @ The second stage: 252 bytes and their CRC-32, not reflected, from all ones, at the beginning of the flash.
    ldr r0, =XIP_BASE
    movs r1, #252
    bl crc32
    ldr r1, =XIP_BASE
    movs r2, #252
    ldr r2, [r1, r2]
    cmp r0, r2
    bne without_boot2
    ldr r0, =BOOT2_RAM
    movs r2, #255
    adds r2, #1
    bl memcpy
    movs r0, #0
    mov lr, r0
    ldr r0, =BOOT2_RAM + 1
    bx r0
without_boot2:
    @ No second stage: a vector table at the beginning of the flash, or behind the second stage's place.
    ldr r0, =XIP_BASE
    bl enter_if_vectors
    ldr r0, =XIP_BASE + 0x100
    bl enter_if_vectors
no_image:
    bkpt #1
    b no_image

@ r0: a vector table. Enters it where its stack lies in RAM and its reset vector in the flash; else returns.
enter_if_vectors:
    ldm r0!, {r1, r2}
    subs r0, #8
    lsrs r3, r1, #24
    cmp r3, #0x20
    bne 1f
    lsrs r3, r2, #24
    cmp r3, #0x10
    bne 1f
    ldr r3, =PPB_VTOR
    str r0, [r3]
    msr msp, r1
    bx r2
1:  bx lr

@ r0: address, r1: bytes.
crc32:
    push {r4, r5, lr}
    adds r1, r0, r1
    movs r2, #0
    mvns r2, r2
    ldr r5, =0x04c11db7
1:  ldrb r3, [r0]
    adds r0, #1
    lsls r3, #24
    eors r2, r3
    movs r4, #8
2:  lsls r2, #1
    bcc 3f
    eors r2, r5
3:  subs r4, #1
    bne 2b
    cmp r0, r1
    bne 1b
    mov r0, r2
    pop {r4, r5, pc}

@ r0: table of half-word pairs code, entry; r1: code. The entry, 0 where there is none.
rom_table_lookup:
    ldrh r2, [r0]
    cmp r2, #0
    beq 1f
    ldrh r3, [r0, #2]
    adds r0, #4
    cmp r1, r2
    bne rom_table_lookup
    mov r0, r3
    bx lr
1:  movs r0, #0
    bx lr

popcount32:
    movs r1, #0
    b 2f
1:  subs r2, r0, #1
    ands r0, r2
    adds r1, #1
2:  cmp r0, #0
    bne 1b
    mov r0, r1
    bx lr

reverse32:
    movs r1, #0
    movs r2, #32
1:  lsrs r0, #1
    adcs r1, r1
    subs r2, #1
    bne 1b
    mov r0, r1
    bx lr

clz32:
    movs r1, #0
    cmp r0, #0
    bne 2f
    movs r0, #32
    bx lr
1:  adds r1, #1
    lsls r0, #1
2:  cmp r0, #0
    bpl 1b
    mov r0, r1
    bx lr

ctz32:
    movs r1, #0
    cmp r0, #0
    bne 2f
    movs r0, #32
    bx lr
1:  adds r1, #1
2:  lsrs r0, #1
    bcc 1b
    mov r0, r1
    bx lr

@ r0: target, r1: byte, r2: bytes. Returns the target.
memset:
memset4:
    mov r3, r0
    b 2f
1:  strb r1, [r3]
    adds r3, #1
    subs r2, #1
2:  cmp r2, #0
    bne 1b
    bx lr

@ r0: target, r1: source, r2: bytes. Returns the target.
memcpy:
memcpy44:
    push {r4, lr}
    mov r3, r0
    b 2f
1:  ldrb r4, [r1]
    strb r4, [r3]
    adds r1, #1
    adds r3, #1
    subs r2, #1
2:  cmp r2, #0
    bne 1b
    pop {r4, pc}

@ The flash is always connected, and always memory: nothing to be done.
connect_internal_flash:
flash_exit_xip:
flash_flush_cache:
flash_enter_cmd_xip:
wait_for_vector:
    bx lr

@ r0: offset, r1: bytes, r2: bytes of a block, r3: the command that erases a block. 4 KiB where a block does not fit.
flash_range_erase:
    push {r4, r5, r6, r7, lr}
    mov r4, r0
    adds r5, r0, r1
    mov r6, r2
    mov r7, r3
1:  cmp r4, r5
    bhs 4f
    cmp r6, #0
    beq 2f
    subs r1, r6, #1
    tst r4, r1
    bne 2f
    adds r1, r4, r6
    cmp r1, r5
    bhi 2f
    mov r0, r7
    mov r2, r6
    b 3f
2:  movs r0, #0x20
    movs r2, #1
    lsls r2, #12
3:  push {r2}
    mov r1, r4
    bl begin_write
    bl end_write
    pop {r2}
    adds r4, r2
    b 1b
4:  pop {r4, r5, r6, r7, pc}

@ r0: offset, r1: data, r2: bytes. Pages of 256 bytes.
flash_range_program:
    push {r4, r5, r6, r7, lr}
    mov r4, r0
    mov r5, r1
    adds r6, r0, r2
1:  cmp r4, r6
    bhs 3f
    mov r1, r4
    movs r0, #2
    bl begin_write
2:  ldrb r0, [r5]
    adds r5, #1
    bl exchange
    adds r4, #1
    cmp r4, r6
    bhs 4f
    lsls r0, r4, #24
    bne 2b
4:  bl end_write
    b 1b
3:  pop {r4, r5, r6, r7, pc}

@ Write enable, then r0: command, r1: 24-bit address, with the chip selected.
begin_write:
    push {r4, r5, lr}
    mov r4, r0
    mov r5, r1
    bl serial_mode
    bl select
    movs r0, #6
    bl exchange
    bl deselect
    bl select
    mov r0, r4
    bl exchange
    lsrs r0, r5, #16
    bl exchange
    lsrs r0, r5, #8
    bl exchange
    mov r0, r5
    bl exchange
    pop {r4, r5, pc}

@ Starts the operation and waits for it.
end_write:
    push {r4, lr}
    bl deselect
1:  bl select
    movs r0, #5
    bl exchange
    movs r0, #0
    bl exchange
    mov r4, r0
    bl deselect
    lsrs r4, #1
    bcs 1b
    pop {r4, pc}

@ Frames of eight bits, both ways.
serial_mode:
    ldr r3, =XIP_SSI
    movs r2, #0
    str r2, [r3, #0x08]
    ldr r2, =0x00070000
    str r2, [r3, #0x00]
    movs r2, #6
    str r2, [r3, #0x14]
    movs r2, #1
    str r2, [r3, #0x10]
    str r2, [r3, #0x08]
    bx lr

@ The chip select, by the pin's output override.
select:
    movs r2, #2
    b 1f
deselect:
    movs r2, #3
1:  ldr r3, =IO_QSPI_SS_CTRL
    lsls r2, #8
    adds r2, #0x1f
    str r2, [r3]
    bx lr

@ r0: byte out, byte in.
exchange:
    ldr r3, =XIP_SSI
    uxtb r0, r0
    str r0, [r3, #0x60]
1:  ldr r2, [r3, #0x24]
    cmp r2, #0
    beq 1b
    ldr r0, [r3, #0x60]
    uxtb r0, r0
    bx lr

@ What is not here: whoever calls it stops.
reset_usb_boot:
    bkpt #2
    b reset_usb_boot

@ The functions of both floating-point tables: r0 to r3 go to the device and come back.
arithmetic_functions:
    .set number, 0
    .rept 2 * FUNCTIONS
    push {r0-r3}
    movs r2, #number
    b arithmetic
    .set number, number + 1
    .endr
arithmetic:
    lsls r2, #2
    ldr r3, =ARITHMETIC
    mov r1, sp
    str r1, [r3, r2]
    pop {r0-r3}
    bx lr

@ The comparisons that answer by flags, as CMP does, and keep registers.
float_compare_flags:
    push {r0-r3, lr}
    bl arithmetic_functions + 6 * COMPARE_FLAGS
    b 1f
double_compare_flags:
    push {r0-r3, lr}
    bl arithmetic_functions + 6 * (FUNCTIONS + COMPARE_FLAGS)
1:  adds r0, #1
    cmp r0, #1
    pop {r0-r3, pc}

    .align 2
    .ltorg

    .macro entry first, second, target
    .byte \first, \second
    .hword \target
    .endm

    .align 2
function_table:
    entry 'P', '3', popcount32 + 1
    entry 'R', '3', reverse32 + 1
    entry 'L', '3', clz32 + 1
    entry 'T', '3', ctz32 + 1
    entry 'M', 'S', memset + 1
    entry 'S', '4', memset4 + 1
    entry 'M', 'C', memcpy + 1
    entry 'C', '4', memcpy44 + 1
    entry 'U', 'B', reset_usb_boot + 1
    entry 'I', 'F', connect_internal_flash + 1
    entry 'E', 'X', flash_exit_xip + 1
    entry 'R', 'E', flash_range_erase + 1
    entry 'R', 'P', flash_range_program + 1
    entry 'F', 'C', flash_flush_cache + 1
    entry 'C', 'X', flash_enter_cmd_xip + 1
    entry 'W', 'V', wait_for_vector + 1
    .hword 0
data_table:
    entry 'C', 'R', copyright
    entry 'G', 'R', revision
    entry 'S', 'F', float_table
    entry 'S', 'D', double_table
    .hword 0
copyright:
    .asciz "Fireball's boot ROM"
    .align 2
revision:
    .word 0
    .macro functions first, compare_flags
    .set number, 0
    .rept FUNCTIONS
    .if number == COMPARE_FLAGS
    .word \compare_flags + 1
    .else
    .word arithmetic_functions + 6 * (\first + number) + 1
    .endif
    .set number, number + 1
    .endr
    .endm

    @ Two bytes before the table: how many there are.
    .hword 0, FUNCTIONS
float_table:
    functions 0, float_compare_flags
    .hword 0, FUNCTIONS
double_table:
    functions FUNCTIONS, double_compare_flags
