/** Of numbers and of the reset; a part of en.ts. */
export const staleNumber = {
  logIn:
    "This number was not proved here for a long time, and may be somebody else’s by now. Prove one thing more: the account’s password, or a code mailed to its address.",
  reset:
    "This number was not proved here for a long time, and may be somebody else’s by now. Prove one thing more: a code of the second factor, or one mailed to the account’s address.",
  signUp:
    "This number belonged to an account. If that is yours, log in to it. If not, you can make one of your own with the number, which is taken off the other.",
  factor: "Code of the second factor, or a recovery code",
  orEmail: "Or have a code mailed to the account’s address:",
  mine: "It is mine: log in",
  newAccount: "It is not mine: make a new account",
} as const;

export const numberLeave = {
  lost: "Does this number receive nothing any more?",
  how: "Show by a mailed code, a passkey or your second factor that it is you. After {days} days the number is removed from the account. We tell your mailbox, and the number by SMS. Until then you can cancel it; a log-in by a code to the number cancels it, too.",
  ask: "Ask to have this number removed",
  waits: "This number will be removed from your account on {time}.",
  keep: "Keep the number",
  kept: "Cancelled: the number stays.",
  oldCode: "Code sent to {mobile}",
};

export const forgot = {
  title: "Reset your password",
  lead: "We’ll send a code to your e-mail address",
  leadMobile: "We’ll send a code to your mobile number",
  submit: "Set new password",
  back: "Remembered it? Log in",
  note: "An address without an account gets no code.",
} as const;
