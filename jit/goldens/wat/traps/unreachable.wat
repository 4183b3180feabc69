(module
  (func (export "f") (param i32) (result i32)
    (if (local.get 0) (then unreachable)) (i32.const 1)))
