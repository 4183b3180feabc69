;; The loads go down: out of line it is not known that their sums do not wrap.
(module (memory 1 1)
  (func (export "f") (param $p i32) (param $q i32) (param $n i32)
    (loop $again
      (i32.store16 (local.get $q) (i32.load16_u (i32.add (local.get $p) (i32.const 4))))
      (i32.store16 (i32.add (local.get $q) (i32.const 2)) (i32.load16_u (i32.add (local.get $p) (i32.const 2))))
      (i32.store16 (i32.add (local.get $q) (i32.const 4)) (i32.load16_u (local.get $p)))
      (local.set $p (i32.sub (local.get $p) (i32.const 6)))
      (local.set $q (i32.add (local.get $q) (i32.const 6)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
