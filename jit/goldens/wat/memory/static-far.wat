(module
  (memory 1)
  (func (export "f") (param i32)
    (i32.store offset=40000 (i32.const 4) (local.get 0)) (i32.store8 (i32.const 65535) (local.get 0))))
