(module
  (func (export "f") (param i64 i64 i32) (result i64)
    (select (local.get 0) (local.get 1) (local.get 2))))
