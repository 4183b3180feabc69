;; Two shifts that extend the sign of a half-word or byte; others stay shifts.
(module
  (func (export "f") (param i32 i32) (result i32)
    (i32.add
      (i32.add
        (i32.shr_s (i32.shl (local.get 0) (i32.const 16)) (i32.const 16))
        (i32.shr_s (i32.shl (i32.mul (local.get 0) (local.get 1)) (i32.const 24)) (i32.const 24)))
      (i32.add
        (i32.shr_s (i32.shl (local.get 0) (i32.const 20)) (i32.const 20))
        (i32.shr_s (i32.shl (local.get 1) (i32.const 16)) (i32.const 24))))))
