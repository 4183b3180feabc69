(module
  (func (export "f") (param i32) (result i32)
    (block (br_if 0 (i32.and (local.get 0) (i32.const 6))) (return (i32.const 1))) (i32.const 2)))
