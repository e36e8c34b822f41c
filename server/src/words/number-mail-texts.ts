/** Texts of the mails about a number that its owner leaves because it is lost; a part of mail-texts.ts. */
export const numberMailTexts = {
  "stepUp.mobile_leave": {
    zh: "移除收不到短信的手机号",
    en: "have a mobile number removed that receives nothing any more",
  },
  "number_leave_asked.subject": {
    zh: "【{brand}】有人申请移除您的手机号",
    en: "[{brand}] Somebody asked to remove your mobile number",
  },
  "number_leave_asked.heading": {
    zh: "有人申请移除您账号的手机号",
    en: "Somebody asked to remove your account’s mobile number",
  },
  "number_leave_asked.sentence": {
    zh: "有人登录了您的{brand}账号，说手机号已经收不到短信，并证明了另一项（邮箱验证码、两步验证或通行密钥）。到下面的时间，这个手机号会从账号移除。",
    en: "Somebody logged in to your {brand} account said that its mobile number receives nothing any more, and proved another channel (a code by mail, the second factor or a passkey). At the time below the number is removed from the account.",
  },
  "number_leave_asked.from": { zh: "移除时间", en: "Removed from" },
  "number_leave_asked.advice": {
    zh: "如果是您本人，等到那时即可；要撤销，请登录后在账号页撤销，或用短信验证码再次验证这个手机号。如果不是您，请点下面的按钮：申请作废，所有登录都会失效，并向您发送重置密码的验证码。",
    en: "If it was you, wait until then; to keep the number, cancel it on the account page, or prove the number again by a code. If it was not, use the button: the request is void, every log-in ends, and you are sent a code for a new password.",
  },
  "number_leave_cancelled.subject": {
    zh: "【{brand}】您的手机号继续保留",
    en: "[{brand}] Your mobile number stays",
  },
  "number_leave_cancelled.heading": {
    zh: "您账号的手机号继续保留",
    en: "Your account’s mobile number stays",
  },
  "number_leave_cancelled.sentence": {
    zh: "移除您{brand}账号手机号的申请不再有效：有人撤销了它，或用这个手机号的验证码证明了号码还在使用，或账号的密码有变化，或除了它没有别的方式能登录。",
    en: "The request to remove your {brand} account’s mobile number is void: somebody cancelled it, or a code to the number came back, or the password changed, or nothing else would open the account.",
  },
  "number_left.subject": {
    zh: "【{brand}】您账号的手机号已移除",
    en: "[{brand}] Your account’s mobile number was removed",
  },
  "number_left.heading": { zh: "您账号的手机号已移除", en: "Your account’s mobile number was removed" },
  "number_left.sentence": {
    zh: "您{brand}账号的手机号因收不到短信，已按几天前的申请移除，不能再用来登录或找回密码。您可以在账号页添加新的手机号。",
    en: "Your {brand} account’s mobile number, which receives nothing any more, was removed as was asked for some days ago. It neither logs in nor resets the password now. You can add another one on the account page.",
  },
  "number_left.advice": {
    zh: "如果不是您申请的，请点下面的按钮：所有登录都会失效，手机号会换回，并向您发送重置密码的验证码。",
    en: "If you did not ask for it, use the button: every log-in ends, the number is put back, and you are sent a code for a new password.",
  },
  "number_added.subject": {
    zh: "【{brand}】您的账号添加了手机号",
    en: "[{brand}] A mobile number was added to your account",
  },
  "number_added.heading": {
    zh: "您的账号添加了手机号",
    en: "A mobile number was added to your account",
  },
  "number_added.sentence": {
    zh: "您的{brand}账号刚刚添加或验证了手机号，以后可以用它登录。",
    en: "Your {brand} account was just given a mobile number, or one was proved there: from now on it logs in.",
  },
  "number_changed.subject": {
    zh: "【{brand}】您的手机号已更换",
    en: "[{brand}] Your mobile number was changed",
  },
  "number_changed.heading": { zh: "您的手机号已更换", en: "Your mobile number was changed" },
  "number_changed.sentence": {
    zh: "您的{brand}账号刚刚更换了手机号，以后用新的手机号登录，原来的不能再用。",
    en: "Your {brand} account was just given another mobile number. The new one logs in from now on, and the earlier one no longer does.",
  },
  "number_removed.subject": {
    zh: "【{brand}】您的手机号已移除",
    en: "[{brand}] Your mobile number was removed",
  },
  "number_removed.heading": { zh: "您的手机号已移除", en: "Your mobile number was removed" },
  "number_removed.sentence": {
    zh: "您的{brand}账号的手机号刚刚被移除，不能再用来登录或找回密码。",
    en: "The mobile number of your {brand} account was just removed. It neither logs in nor resets the password now.",
  },
} as const;
