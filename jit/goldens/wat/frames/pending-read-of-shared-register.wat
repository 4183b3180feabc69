;; The read of $a waits on the operand stack when $b, which has its register, is written: it becomes real before.
(module
  (func (param $a i32) (param $x i32) (result i32)
    (local $b i32)
    (i32.sub
      (local.get $a)
      (i32.xor
        (local.tee $b (i32.mul (local.get $x) (local.get $x)))
        (i32.rotr (local.get $b) (local.get $x))))))
