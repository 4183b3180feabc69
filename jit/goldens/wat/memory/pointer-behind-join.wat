;; Both ways to the second load come with the pointer in the same temporary; so do both to the third, which lies beyond what the first check has proved.
(module
  (memory 1 1)
  (func (param $p i32) (param $key i32) (result i32)
    (if (i32.eq (i32.load offset=8 (local.get $p)) (local.get $key))
      (then (return (i32.const 1))))
    (if (i32.load offset=4 (local.get $p))
      (then (local.set $key (i32.add
        (i32.xor (i32.mul (local.get $key) (i32.const 77)) (i32.mul (local.get $key) (i32.const 78)))
        (i32.xor (i32.mul (local.get $key) (i32.const 79)) (i32.mul (local.get $key) (i32.const 81)))))))
    (i32.add (local.get $key) (i32.load offset=12 (local.get $p)))))
