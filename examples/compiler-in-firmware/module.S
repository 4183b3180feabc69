/* The wasm module, as `wat2wasm sample.wat` makes it. */
        .section .rodata.module, "a"
        .global wasm_begin, wasm_end
wasm_begin:
        .incbin "sample.wasm"
wasm_end:
