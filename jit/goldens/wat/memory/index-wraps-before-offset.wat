(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.load8_u offset=8 (i32.add (local.get 0) (i32.const 16384)))))
