;; As run-fixed, by the exact routine out of line.
;; memory: growing
(module (memory 1)
  (func (export "f") (param $p i32) (param $q i32) (param $n i32)
    (loop $again
      (i32.store (local.get $q) (i32.load (local.get $p)))
      (i32.store offset=4 (local.get $q) (i32.load offset=4 (local.get $p)))
      (i32.store offset=8 (local.get $q) (i32.load offset=8 (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 12)))
      (local.set $q (i32.add (local.get $q) (i32.const 12)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
