/** Errors of two accounts that become one; a part of the registry (error-codes.ts). */
export const joiningErrors = {
  // Of a log-in at the moment when its account was erased, or went into another.
  account_gone: {
    status: 400,
    shape: "message",
    zh: "这个账号刚刚清除或并入了另一个账号，请重新登录。",
    en: "This account was erased, or joined into another one, a moment ago. Log in again.",
  },
  joining_offer_invalid: {
    status: 400,
    shape: "message",
    zh: "合并账号的步骤已过期或不再有效，请从要保留的账号重新开始。",
    en: "This step of joining accounts has expired or is no longer valid. Start again from the account that you keep.",
  },
  joining_ticket_invalid: {
    status: 400,
    shape: "message",
    zh: "另一个账号的证明已过期、已用过或不属于这次合并，请重新开始。",
    en: "The proof of the other account has expired, was used, or is not for this account. Start again.",
  },
  joining_same_account: {
    status: 400,
    shape: "message",
    zh: "这就是要保留的账号。请登录另一个账号再继续。",
    en: "This is the account that you keep. Log in to the other one to go on.",
  },
  // The answer has `problems` beside it.
  joining_prevented: {
    status: 409,
    shape: "message",
    zh: "这两个账号现在不能合并。",
    en: "These two accounts can’t be joined as they are.",
  },
  joining_changed: {
    status: 409,
    shape: "message",
    zh: "其中一个账号刚刚有变化，请重新核对合并后的结果。",
    en: "One of the two accounts has just changed. Please look again at what becomes of them.",
  },
} as const;
