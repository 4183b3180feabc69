(module
  (func $fac (export "f") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.mul (local.get 0) (call $fac (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 1)))))
