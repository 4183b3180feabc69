/* The wasm module, as `wat2wasm sample.wat` makes it, or another one; the interpreter may look at four bytes behind. */
#ifndef MODULE
#define MODULE "sample.wasm"
#endif
        .section .rodata.module, "a"
        .global wasm_begin, wasm_end
wasm_begin:
        .incbin MODULE
wasm_end:
        .word 0
