;; Functions for firmware that interprets first and compiles what is hot. `wat2wasm mixed.wat` makes mixed.wasm.
(module
  (type $binary (func (param i32 i32) (result i32)))
  (import "firmware" "note" (func $note (param i32)))
  (memory 1 3)
  (table 4 funcref)
  (elem (i32.const 0) $plus $minus $times $remember)
  (global $calls (mut i32) (i32.const 0))
  (global $state (mut i64) (i64.const 0x9e3779b97f4a7c15))
  ;; Programs of a stack machine: 1 N pushes N, 2 adds, 3 multiplies, 4 subtracts, 5 duplicates, 6 N goes back by N bytes if the top is not 0, 0 ends.
  (data $programs "\01\0a\01\01\01\02\02\05\05\03\02\00\01\07\01\01\04\05\06\04\00")
  (start $prepare)

  (func $prepare
    (memory.init $programs (i32.const 16) (i32.const 0) (i32.const 21))
    (data.drop $programs)
    (memory.fill (i32.const 0x8000) (i32.const 0x5a) (i32.const 0x100)))

  (func $plus (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func $minus (param i32 i32) (result i32)
    (i32.sub (local.get 0) (local.get 1)))
  (func $times (param i32 i32) (result i32)
    (i32.mul (local.get 0) (local.get 1)))
  ;; Not of the type that is called.
  (func $remember (param i32)
    (global.set $calls (i32.add (global.get $calls) (local.get 0))))

  ;; xorshift64*
  (func $random (result i32) (local $x i64)
    (local.set $x (global.get $state))
    (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 12))))
    (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 25))))
    (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 27))))
    (global.set $state (local.get $x))
    (i32.wrap_i64 (i64.shr_u (i64.mul (local.get $x) (i64.const 0x2545f4914f6cdd1d)) (i64.const 33))))

  (func $apply (param $which i32) (param $a i32) (param $b i32) (result i32)
    (call $remember (i32.const 1))
    (call_indirect (type $binary) (local.get $a) (local.get $b) (local.get $which)))

  ;; The stack grows up from 0x4000. One step: where it goes on, and where the stack ends.
  (func $step (param $at i32) (param $sp i32) (result i32 i32)
    (block $default
      (block $back
        (block $duplicate
          (block $subtract
            (block $multiply
              (block $add
                (block $push
                  (block $end
                    (br_table $end $push $add $multiply $subtract $duplicate $back $default (i32.load8_u (local.get $at))))
                  (return (i32.const 0) (local.get $sp)))
                (i32.store (local.get $sp) (i32.load8_u offset=1 (local.get $at)))
                (return (i32.add (local.get $at) (i32.const 2)) (i32.add (local.get $sp) (i32.const 4))))
              (i32.store (i32.sub (local.get $sp) (i32.const 8))
                (call $apply (i32.const 0) (i32.load (i32.sub (local.get $sp) (i32.const 8))) (i32.load (i32.sub (local.get $sp) (i32.const 4)))))
              (return (i32.add (local.get $at) (i32.const 1)) (i32.sub (local.get $sp) (i32.const 4))))
            (i32.store (i32.sub (local.get $sp) (i32.const 8))
              (call $apply (i32.const 2) (i32.load (i32.sub (local.get $sp) (i32.const 8))) (i32.load (i32.sub (local.get $sp) (i32.const 4)))))
            (return (i32.add (local.get $at) (i32.const 1)) (i32.sub (local.get $sp) (i32.const 4))))
          (i32.store (i32.sub (local.get $sp) (i32.const 8))
            (call $apply (i32.const 1) (i32.load (i32.sub (local.get $sp) (i32.const 8))) (i32.load (i32.sub (local.get $sp) (i32.const 4)))))
          (return (i32.add (local.get $at) (i32.const 1)) (i32.sub (local.get $sp) (i32.const 4))))
        (i32.store (local.get $sp) (i32.load (i32.sub (local.get $sp) (i32.const 4))))
        (return (i32.add (local.get $at) (i32.const 1)) (i32.add (local.get $sp) (i32.const 4))))
      (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
      (if (i32.load (local.get $sp))
        (then (return (i32.sub (local.get $at) (i32.load8_u offset=1 (local.get $at))) (local.get $sp))))
      (return (i32.add (local.get $at) (i32.const 2)) (local.get $sp)))
    unreachable)

  ;; What the program at an address leaves on top of its stack.
  (func (export "run") (param $at i32) (result i32) (local $sp i32)
    (local.set $sp (i32.const 0x4000))
    (loop $next
      (call $step (local.get $at) (local.get $sp))
      (local.set $sp)
      (local.tee $at)
      (br_if $next))
    (call $note (i32.sub (local.get $sp) (i32.const 0x4000)))
    (i32.load (i32.sub (local.get $sp) (i32.const 4))))

  (func $less (param $a i32) (param $b i32) (result i32)
    (i32.lt_u (i32.load (local.get $a)) (i32.load (local.get $b))))

  ;; Sorts that many random words from 0x1000 on, and hashes them.
  (func (export "sort") (param $count i32) (result i64) (local $i i32) (local $j i32) (local $word i32) (local $end i32) (local $hash i64)
    (local.set $end (i32.add (i32.const 0x1000) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $i (i32.const 0x1000))
    (loop $fill
      (i32.store (local.get $i) (call $random))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $end))))
    (local.set $i (i32.const 0x1004))
    (block $sorted
      (loop $insert
        (br_if $sorted (i32.ge_u (local.get $i) (local.get $end)))
        (local.set $j (local.get $i))
        (block $placed
          (loop $down
            (br_if $placed (i32.le_u (local.get $j) (i32.const 0x1000)))
            (br_if $placed (i32.eqz (call $less (local.get $j) (i32.sub (local.get $j) (i32.const 4)))))
            (local.set $word (i32.load (local.get $j)))
            (i32.store (local.get $j) (i32.load (i32.sub (local.get $j) (i32.const 4))))
            (i32.store (i32.sub (local.get $j) (i32.const 4)) (local.get $word))
            (local.set $j (i32.sub (local.get $j) (i32.const 4)))
            (br $down)))
        (local.set $i (i32.add (local.get $i) (i32.const 4)))
        (br $insert)))
    (local.set $i (i32.const 0x1000))
    (loop $next
      (local.set $hash (i64.add (i64.rotl (local.get $hash) (i64.const 7)) (i64.load32_u (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $end))))
    (local.get $hash))

  ;; The standard deviation of these words.
  (func (export "spread") (param $count i32) (result f64) (local $i i32) (local $sum f64) (local $squares f64) (local $x f64)
    (loop $next
      (local.set $x (f64.convert_i32_u (i32.load offset=0x1000 (i32.shl (local.get $i) (i32.const 2)))))
      (local.set $sum (f64.add (local.get $sum) (local.get $x)))
      (local.set $squares (f64.add (local.get $squares) (f64.mul (local.get $x) (local.get $x))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
    (local.set $x (f64.div (local.get $sum) (f64.convert_i32_u (local.get $count))))
    (f64.sqrt (f64.sub (f64.div (local.get $squares) (f64.convert_i32_u (local.get $count))) (f64.mul (local.get $x) (local.get $x)))))

  ;; Is called once: all of its work is in loops, one in the other, with an operand below them. Pairs up to a number that have no common divisor, and the sum of their quotients.
  (func (export "pairs") (param $n i32) (result i64) (local $a i32) (local $b i32) (local $x i32) (local $y i32) (local $found i64) (local $sum f64)
    (i64.shl (i64.extend_i32_u (local.get $n)) (i64.const 48))
    (local.set $a (i32.const 1))
    (loop $outer
      (local.set $b (i32.const 1))
      (loop $inner
        (local.set $x (local.get $a))
        (local.set $y (local.get $b))
        (loop $divide
          (i32.rem_u (local.get $x) (local.get $y))
          (local.set $x (local.get $y))
          (br_if $divide (local.tee $y)))
        (if (i32.eq (local.get $x) (i32.const 1))
          (then
            (local.set $found (i64.add (local.get $found) (i64.const 1)))
            (local.set $sum (f64.add (local.get $sum) (f64.div (f64.convert_i32_u (local.get $b)) (f64.convert_i32_u (local.get $a)))))))
        (br_if $inner (i32.le_u (local.tee $b (i32.add (local.get $b) (i32.const 1))) (local.get $a))))
      (br_if $outer (i32.le_u (local.tee $a (i32.add (local.get $a) (i32.const 1))) (local.get $n))))
    (i64.add (i64.add (i64.shl (local.get $found) (i64.const 24)) (i64.trunc_f64_u (f64.mul (local.get $sum) (f64.const 1000))))))

  ;; A float of one word, and a division that may trap.
  (func (export "half") (param $x f32) (result f32)
    (f32.div (local.get $x) (f32.const 2)))
  (func (export "divide") (param $x i64) (result i64)
    (i64.div_s (i64.const 0x1_0000_0000_0000) (local.get $x)))

  (func (export "choose") (param $which i32) (result i32)
    (call $apply (local.get $which) (i32.const 30) (i32.const 12)))

  (func $even (param $n i32) (result i32)
    (if (result i32) (local.get $n) (then (call $odd (i32.sub (local.get $n) (i32.const 1)))) (else (i32.const 1))))
  (func $odd (param $n i32) (result i32)
    (if (result i32) (local.get $n) (then (call $even (i32.sub (local.get $n) (i32.const 1)))) (else (i32.const 0))))
  (func (export "is_even") (param $n i32) (result i32)
    (call $even (local.get $n)))

  (func (export "calls") (param i32) (result i32)
    (i32.add (global.get $calls) (local.get 0)))

  ;; Of the last byte of the memory, which may have grown.
  (func (export "last") (param $x i32) (result i32) (local $at i32)
    (local.set $at (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)))
    (i32.store8 (local.get $at) (local.get $x))
    (memory.copy (i32.sub (local.get $at) (i32.const 7)) (i32.const 0x8000) (i32.const 7))
    (i32.load (i32.sub (local.get $at) (i32.const 3))))
  (func (export "beyond") (param i32) (result i32)
    (i32.load (local.get 0)))
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0))))
