(module
  (func (export "f") (param i32 i32) (result i32)
    (i32.xor (i32.shl (local.get 0) (local.get 1)) (i32.rotl (local.get 0) (i32.const 5)))))
