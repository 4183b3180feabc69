(module
  (func (export "f") (param i32) (result i32)
    (i32.add (i32.xor (local.get 0) (i32.const 255)) (i32.or (i32.and (local.get 0) (i32.const -16711936)) (i32.sub (i32.const 4095) (local.get 0))))))
