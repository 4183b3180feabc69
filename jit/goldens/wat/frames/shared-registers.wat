;; The length of a string: $next is copied to $length, and never wanted beside it. $flag, which begins where $start is wanted no more, takes its register.
(module
  (memory 1 1)
  (func (param $start i32) (result i32)
    (local $length i32)
    (local $next i32)
    (local $flag i32)
    (loop
      (local.set $next (i32.add (local.get $length) (i32.const 1)))
      (local.set $length (local.get $next))
      (br_if 0 (i32.load8_u (i32.add (local.get $start) (local.get $length)))))
    (local.set $flag (i32.and (local.get $next) (i32.const 1)))
    (loop
      (local.set $flag (i32.sub (local.get $flag) (i32.const 1)))
      (br_if 0 (local.get $flag)))
    (i32.add (local.get $flag) (local.get $next))))
