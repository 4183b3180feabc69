;; Is a byte a digit? The borrow tells; and, the other way round, the complement. Then whether a number is 0.
(module (memory 1) (func (param i32) (result i32)
  (block (br_if 0 (i32.lt_u (i32.and (i32.add (i32.load8_u (i32.const 4)) (i32.const -48)) (i32.const 255)) (i32.const 10)))
    (br_if 0 (i32.lt_u (i32.and (i32.add (i32.load8_u (i32.const 5)) (i32.const -58)) (i32.const 255)) (i32.const 246)))
    (return (i32.const 7)))
  (i32.ne (local.get 0) (i32.const 0))))
