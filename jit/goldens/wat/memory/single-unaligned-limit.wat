(module
  (memory 3)
  (func (export "f") (param i32 i32) (result i32)
    (i32.load16_s offset=1 (i32.xor (local.get 0) (local.get 1)))))
