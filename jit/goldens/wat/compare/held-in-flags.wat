;; The comparison waits in the flags for its branch while the local that it reads is counted down; in the second loop its local is read again, and so it becomes a value.
(module
  (func (param $n i32) (param $by i32) (result i32)
    (local $more i32)
    (local $sum i32)
    (loop
      (local.set $sum (i32.xor (local.get $sum) (local.get $n)))
      (local.set $more (i32.gt_u (local.get $n) (i32.const 3)))
      (local.set $n (i32.sub (local.get $n) (i32.const 2)))
      (local.set $by (i32.add (local.get $by) (local.get $n)))
      (br_if 0 (local.get $more)))
    (loop
      (local.set $more (i32.lt_s (local.get $n) (local.get $by)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if 0 (local.get $more)))
    (i32.add (local.get $sum) (local.get $more))))
