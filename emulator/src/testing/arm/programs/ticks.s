@ SysTick, which pends PendSV; SVC; WFI: ends with 10 in the first word of RAM.
 .syntax unified
 .thumb
 .cpu cortex-m0
 .word 0x20008000
 .word start+1
 .word 0,fault+1,0,0,0,0,0,0,0, svc+1,0,0,pendsv+1,systick+1
 .thumb_func
start:
 ldr r0,=0xe000e010
 ldr r1,=99
 str r1,[r0,#4]
 str r1,[r0,#8]
 movs r1,#7
 str r1,[r0,#0]
 ldr r4,=0x20000000
1: svc #3
 wfi
 ldr r1,[r4]
 cmp r1,#10
 blt 1b
 bkpt #0xab
 b .
 .thumb_func
svc:
 ldr r1,[r4,#4]
 adds r1,#1
 str r1,[r4,#4]
 bx lr
 .thumb_func
systick:
 push {r4,lr}
 ldr r0,=0xe000ed04
 ldr r1,=0x10000000
 str r1,[r0]
 pop {r4,pc}
 .thumb_func
pendsv:
 ldr r4,=0x20000000
 ldr r1,[r4]
 adds r1,#1
 str r1,[r4]
 bx lr
 .thumb_func
fault: b fault
