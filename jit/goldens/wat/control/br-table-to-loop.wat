(module
  (func (export "f") (param i32) (result i32)
    (block (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_table 0 1 0 (local.get 0)))) (local.get 0)))
