;;; A debugging session of Emacs' dap-mode without a window: launched, stopped at a breakpoint, stepped, gone on to its end. -*- lexical-binding: t -*-
;; FIREBALL_ADAPTER is the command of the adapter, FIREBALL_PROGRAM the module.
(require 'package)
(package-initialize)
(require 'dap-mode)

(setq dap-auto-configure-features nil
      dap-auto-show-output nil
      lsp-log-io nil)

(dap-register-debug-provider
 "fireball"
 (lambda (configuration)
   (plist-put configuration :dap-server-path (split-string (getenv "FIREBALL_ADAPTER") " "))))

(defvar stops 0)
(defvar is-over nil)

(defun frame-line (session next)
  "Say where SESSION stands, and call NEXT then."
  (dap--send-message
   (dap--make-request "stackTrace" (list :threadId 1))
   (lambda (response)
     (let ((frame (seq-elt (gethash "stackFrames" (gethash "body" response)) 0)))
       (message "stopped in %s, line %s" (gethash "name" frame) (gethash "line" frame)))
     (funcall next))
   session))

(add-hook
 'dap-stopped-hook
 (lambda (session)
   (setq stops (1+ stops))
   (frame-line
    session
    (lambda ()
      (pcase stops
        (1 (dap--send-message
            (dap--make-request "setFunctionBreakpoints" (list :breakpoints (vector (list :name "square"))))
            (lambda (response)
              (message "breakpoint verified: %s" (gethash "verified" (seq-elt (gethash "breakpoints" (gethash "body" response)) 0)))
              (dap-continue session 1))
            session))
        ((or 2 3) (dap-next session))
        (_ (dap-disconnect session)
           (message "disconnected")
           (setq is-over t)))))))

(dap-debug (list :type "fireball" :request "launch" :name "sum" :program (getenv "FIREBALL_PROGRAM") :invoke "sum=3"))
(with-timeout (40 (message "nothing happened any more") (kill-emacs 1))
  (while (not is-over) (accept-process-output nil 0.05)))
(accept-process-output nil 0.3)
