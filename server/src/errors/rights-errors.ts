import { avatarErrors } from "./avatar-errors.ts";
import { consoleErrors } from "./console-errors.ts";
import { joiningErrors } from "./joining-errors.ts";
import { webhookErrors } from "./webhook-errors.ts";

/** Errors of accounts whose deletion waits, of two that become one, of programs that are told of it, of the console, and of people's pictures; a part of the registry (error-codes.ts). */
export const rightsErrors = {
  ...avatarErrors,
  ...webhookErrors,
  ...consoleErrors,
  // 400 with a message: the tutorial's pages show it. The answer has `code`, `step` and `erased_at` beside it.
  deletion_pending: {
    status: 400,
    shape: "message",
    zh: "这个账号将于 {day} 注销。要保留它，请在登录页确认。",
    en: "This account is going to be deleted on {day}. To keep it, say so on the log-in page.",
  },
  deletion_not_pending: {
    status: 400,
    shape: "message",
    zh: "这个账号没有在等待注销，或清除已经开始。",
    en: "This account’s deletion is not waiting, or its erasure has begun.",
  },
  erasure_under_way: {
    status: 409,
    shape: "message",
    zh: "清除已经开始，来不及暂缓。",
    en: "The erasure has begun: it is too late to have it wait.",
  },
  ...joiningErrors,
} as const;
