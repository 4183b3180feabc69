(module
  (func $g (param i32) (result i32) (local.get 0))
  (func (export "f") (param i32 i32) (result i32)
    (i32.sub (i32.mul (local.get 0) (local.get 1)) (call $g (local.get 0)))))
