;; The constant behind a scaled index belongs to the address of its table.
(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.load offset=1024 (i32.add (i32.shl (i32.and (local.get 0) (i32.const 255)) (i32.const 2)) (i32.const 48)))))
