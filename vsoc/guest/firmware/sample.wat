;; Counts the primes below a limit (at most 65,536) by a sieve.
(module
  (memory 1 1)
  (func (export "primes") (param $limit i32) (result i32) (local $n i32) (local $multiple i32) (local $count i32)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $limit))
    (local.set $n (i32.const 2))
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $n)))
        (then
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $multiple (i32.shl (local.get $n) (i32.const 1)))
          (block $done
            (loop $strike
              (br_if $done (i32.ge_u (local.get $multiple) (local.get $limit)))
              (i32.store8 (local.get $multiple) (i32.const 1))
              (local.set $multiple (i32.add (local.get $multiple) (local.get $n)))
              (br $strike)))))
      (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (local.get $limit))))
    (local.get $count)))
