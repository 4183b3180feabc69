/* Calls of the compiler on Armv7-M, on a stack of its own. */
        .syntax unified
        .thumb
        .text

        .macro function name
        .global \name
        .type \name, %function
        .thumb_func
\name:
        .endm

        .balign 4
        .global core_descriptor
        .type core_descriptor, %function
core_descriptor:
.Ldescriptor:
        .word 0
/* Address of struct state in RAM; the builder fills it in. */
        .global core_state
        .type core_state, %function
core_state:
.Lstate:
        .word 0

/* const struct core *core_of(void) */
function core_of
        adr.w r0, .Ldescriptor
        ldr r1, [r0]
        add r0, r0, r1
        bx lr

/* uint32_t core_landing(void): where a trap goes on */
function core_landing
        adr.w r0, .Llanded
        bx lr

/* uint64_t core_enter(function, arguments, state, stack_top): what it returned; 1 in the upper word where it trapped */
function core_enter
        push {r3-r11, lr}
        str sp, [r2]
        orr r12, r0, #1
        mov sp, r3
        ldm r1, {r0-r3}
        blx r12
        ldr.w r2, .Lstate
        ldr r3, [r2]
        mov sp, r3
        movs r1, #0
        str r1, [r2]
        pop {r3-r11, pc}

        .balign 4
.Llanded:
        ldr.w r2, .Lstate
        ldr r3, [r2]
        mov sp, r3
        movs r0, #0
        str r0, [r2]
        movs r1, #1
        pop {r3-r11, pc}
