(module
  (func $g)
  (func (export "f") (param i32 i32) (result i32)
    (call $g) (i32.add (local.get 0) (local.get 1))))
