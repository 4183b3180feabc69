@ What STREX says (0: stored), in four words of RAM: behind LDREX alone; behind LDREX and SVC; behind an interrupt; behind a handler's own LDREX.
 .syntax unified
 .thumb
 .cpu cortex-m3
 .word 0x20008000
 .word start+1
 .word 0,fault+1,0,0,0,0,0,0,0, svc+1,0,0,pendsv+1,0
 .thumb_func
start:
 ldr r4,=0x20000000
 ldr r5,=0x20000100
 ldr r6,=0xe000ed04
 ldr r7,=0x10000000
 ldrex r0,[r5]
 strex r1,r0,[r5]
 str r1,[r4]
 ldrex r0,[r5]
 svc #1
 strex r1,r0,[r5]
 str r1,[r4,#4]
 ldrex r0,[r5]
 str r7,[r6]
 dsb
 isb
 strex r1,r0,[r5]
 str r1,[r4,#8]
 svc #2
 strex r1,r0,[r5]
 str r1,[r4,#12]
 bkpt #0xab
 b .
 .thumb_func
pendsv:
 bx lr
 .thumb_func
svc:
 ldr r2,[sp,#24]
 ldrb r2,[r2,#-2]
 cmp r2,#2
 it eq
 ldrexeq r3,[r5]
 bx lr
 .thumb_func
fault: b fault
