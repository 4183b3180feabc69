(module
  (func (export "f") (param i32 i32) (result i32)
    (i32.add (i32.le_u (local.get 0) (local.get 1)) (i32.eq (local.get 0) (i32.const 99)))))
