/**
 * How every command ends. A process that is ended by a signal before it can say so has the same numbers, since shells
 * report 128 and the signal's number.
 */
export const exitCodes = {
  done: 0,
  /** Not done, or looked at and not right. The reason is one sentence on standard error. */
  failed: 1,
  /** The call can't be understood; nothing was read, opened or made. */
  usage: 2,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export const exitCodeText = {
  zh: `退出码：0 完成；1 未完成，原因在标准错误中；2 命令写法有误，什么都没有做；
130、143 被 Ctrl-C、SIGTERM 中断（start、serve、web、work 正常停止时为 0）。
结果在标准输出中；用 --json 时是 JSON，只有一行。`,
  en: `Exit codes: 0 done; 1 not done, standard error says why; 2 not understood, nothing was touched;
130 and 143 ended by Ctrl-C and SIGTERM (0 for an orderly stop of start, serve, web, work).
The result is on standard output; with --json it is JSON on one line.`,
} as const;

/** The exit code for each signal that ends a command. */
export const signalCodes = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hungUp,
} as const;
