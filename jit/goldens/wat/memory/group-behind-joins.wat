;; The second and the third access rely on the check of the first: on every path to them it has been made, and nothing has written the local.
(module (memory 1 1)
  (func (export "f") (param $p i32) (param $q i32) (result i32)
    (block $found
      (br_if $found (i32.eq (i32.load offset=8 (local.get $p)) (local.get $q)))
      (loop $again
        (local.set $q (i32.add (local.get $q) (i32.load (local.get $p))))
        (br_if $again (i32.lt_s (local.get $q) (i32.const 100)))))
    (i32.load offset=4 (local.get $p))))
