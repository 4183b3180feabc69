(module
  (func (export "f") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.xor (local.get 1) (i32.const 305419896))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))
