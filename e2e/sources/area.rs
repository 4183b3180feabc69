//! Areas of rectangles, for tests of source lines: Rust without its standard library.
#![no_std]

#[panic_handler]
fn stop(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

struct Rectangle {
    width: u32,
    height: u32,
}

impl Rectangle {
    fn area(&self) -> u32 {
        self.width * self.height
    }
}

#[no_mangle]
pub extern "C" fn areas(count: u32) -> u32 {
    let mut all = 0;
    for size in 0..count {
        let each = Rectangle { width: size, height: size + 1 };
        all += each.area();
    }
    all
}
