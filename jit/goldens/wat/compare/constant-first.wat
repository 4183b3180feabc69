(module
  (func (export "f") (param i32) (result i32)
    (if (result i32) (i32.gt_u (i32.const 1000) (local.get 0)) (then (i32.const 1)) (else (i32.const 2)))))
