(module
  (func $g (result i64) (i64.const -1))
  (func (export "f") (result i64)
    (call $g)))
