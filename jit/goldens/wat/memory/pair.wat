(module
  (memory 1)
  (func (export "f") (param i32 i64) (result i64)
    (i64.store offset=8 (local.get 0) (local.get 1)) (i64.load (local.get 0))))
