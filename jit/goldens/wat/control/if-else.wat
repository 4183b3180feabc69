(module
  (func (export "f") (param i32 i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (local.get 1) (i32.const 1))) (else (i32.mul (local.get 1) (local.get 1))))))
