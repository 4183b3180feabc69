;; Functions for the compiler on a device. `wat2wasm sample.wat` makes sample.wasm.
(module
  (type $binary (func (param i32 i32) (result i32)))
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  (table 2 funcref)
  (elem (i32.const 0) $plus $minus)
  (data (i32.const 16) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00\05\00\00\00")

  (func $plus (param i32 i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.add (local.get 0) (local.get 1)))
  (func $minus (param i32 i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.sub (local.get 0) (local.get 1)))

  (func (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add (call 2 (i32.sub (local.get $n) (i32.const 1))) (call 2 (i32.sub (local.get $n) (i32.const 2)))))))

  ;; The words from 16 on, written twice as large to 64 and summed up.
  (func (export "sum") (param $count i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (i32.store offset=64 (local.get $i) (i32.shl (i32.load offset=16 (local.get $i)) (i32.const 1)))
      (local.set $sum (call $plus (local.get $sum) (i32.load offset=64 (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $i) (i32.shl (local.get $count) (i32.const 2)))))
    (local.get $sum))

  (func (export "gcd") (param $a i64) (result i64) (local $b i64) (local $rest i64)
    (local.set $b (i64.const 0x1_0000_0005_0000))
    (block $done
      (loop $next
        (br_if $done (i64.eqz (local.get $b)))
        (local.set $rest (i64.rem_u (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $rest))
        (br $next)))
    (local.get $a))

  ;; Newton's method.
  (func (export "root") (param $x f64) (result f64) (local $r f64) (local $n i32)
    (local.set $r (local.get $x))
    (loop $next
      (local.set $r (f64.mul (f64.const 0.5) (f64.add (local.get $r) (f64.div (local.get $x) (local.get $r)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (i32.const 20))))
    (local.get $r))

  (func (export "half") (param f32) (result f32)
    (f32.div (local.get 0) (f32.const 2)))

  (func (export "choose") (param $which i32) (result i32)
    (call_indirect (type $binary) (i32.const 30) (i32.const 12) (local.get $which)))

  (func (export "calls") (param i32) (result i32)
    (i32.add (global.get $calls) (local.get 0)))

  ;; Out of bounds.
  (func (export "beyond") (param i32) (result i32)
    (i32.load (local.get 0)))

  ;; As far as the firmware has RAM.
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0))))
