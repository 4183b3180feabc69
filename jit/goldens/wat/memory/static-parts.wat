;; Parts of memory that loads do not reach from its base have constants of their own, one made of the other.
(module
  (memory 1)
  (func (export "f") (param i32)
    (loop
      (i32.store offset=20480 (i32.const 8) (i32.load (i32.const 4)))
      (i32.store offset=20484 (i32.const 8) (i32.load offset=40960 (i32.const 12)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
