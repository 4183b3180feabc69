/* What the interpreter calls at a loop whose counter is used up, on Armv7-M: four words come back in registers, which no function of C returns. */
        .syntax unified
        .thumb
        .text

        .global core_loop_service
        .type core_loop_service, %function
        .thumb_func
core_loop_service:
        push {r4, lr}
        sub sp, #16
        mov r1, sp
        bl core_looped
        pop {r0-r3}
        pop {r4, pc}
