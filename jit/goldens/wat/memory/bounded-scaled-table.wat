(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.load offset=2048 (i32.shl (i32.and (local.get 0) (i32.const 255)) (i32.const 2)))))
