;; Whichever way the local was written, it is at most 255.
(module (memory 1 1)
  (func (export "f") (param $p i32) (param $q i32) (result i32) (local $i i32)
    (if (local.get $q)
      (then (local.set $i (i32.and (local.get $p) (i32.const 0xf0))))
      (else (local.set $i (i32.shr_u (local.get $p) (i32.const 24)))))
    (i32.load16_u offset=512 (i32.shl (local.get $i) (i32.const 1)))))
