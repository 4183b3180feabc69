;; Stores end the groups of loads and of themselves: one comparison of both pointers in front tells whether all are in bounds, and what is not sure is checked out of line.
(module (memory 1 1)
  (func (export "f") (param $p i32) (param $q i32) (param $n i32)
    (loop $again
      (i32.store8 (local.get $q) (i32.load8_u (local.get $p)))
      (i32.store8 (i32.add (local.get $q) (i32.const 1)) (i32.load8_u (i32.add (local.get $p) (i32.const 1))))
      (i32.store8 (i32.add (local.get $q) (i32.const 2)) (i32.load8_u (i32.add (local.get $p) (i32.const 2))))
      (i32.store8 (i32.add (local.get $q) (i32.const 3)) (i32.load8_u (i32.add (local.get $p) (i32.const 3))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (local.set $q (i32.add (local.get $q) (i32.const 4)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
