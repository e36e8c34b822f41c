import type { Language, MailContent } from "./mail-layout.ts";
import type { CodeValues } from "./mail-values.ts";

/** Mails that carry a verification code: they say what it is for, the code, and how long it holds. */
export type CodePurpose = "register" | "resetpwd" | "bindAccount" | "changeEmail";

const purposes = {
  register: {
    zh: {
      subject: "【美多商城】注册验证码",
      heading: "注册验证码",
      sentence: "您正在用这个邮箱注册美多商城账号，验证码是：",
    },
    en: {
      subject: "[Meiduo] Your sign-up code",
      heading: "Your sign-up code",
      sentence: "You are creating a Meiduo account with this email address. Your verification code is:",
    },
  },
  resetpwd: {
    zh: {
      subject: "【美多商城】重置密码验证码",
      heading: "重置密码验证码",
      sentence: "您正在重置美多商城账号的密码，验证码是：",
    },
    en: {
      subject: "[Meiduo] Your password reset code",
      heading: "Your password reset code",
      sentence: "You are resetting the password of your Meiduo account. Your verification code is:",
    },
  },
  bindAccount: {
    zh: {
      subject: "【美多商城】绑定账号验证码",
      heading: "绑定账号验证码",
      sentence: "您正在把第三方账号绑定到使用这个邮箱的美多商城账号，验证码是：",
    },
    en: {
      subject: "[Meiduo] Your binding code",
      heading: "Your binding code",
      sentence:
        "You are binding a third-party account to the Meiduo account of this email address. Your verification code is:",
    },
  },
  changeEmail: {
    zh: {
      subject: "【美多商城】更换邮箱验证码",
      heading: "更换邮箱验证码",
      sentence: "您正在把美多商城账号的邮箱更换为这个邮箱，验证码是：",
    },
    en: {
      subject: "[Meiduo] Your code for a new email address",
      heading: "Your code for a new email address",
      sentence: "You are making this the email address of your Meiduo account. Your verification code is:",
    },
  },
} as const;

export function codeMail(purpose: CodePurpose, language: Language, values: CodeValues): MailContent {
  const { subject, heading, sentence } = purposes[purpose][language];
  return {
    subject,
    heading,
    blocks: [
      { kind: "paragraph", text: sentence },
      { kind: "code", code: values.code },
      { kind: "paragraph", text: validity(language, values.expiresInSeconds) },
      {
        kind: "hint",
        text:
          language === "zh"
            ? "请勿把验证码告诉任何人，我们的工作人员也不会向您索要。如果不是您本人的操作，请忽略这封邮件。"
            : "Never give this code to anyone; our staff will not ask for it. If it was not you who asked, ignore this mail.",
      },
    ],
  };
}

function validity(language: Language, seconds: number): string {
  const isMinutes = seconds >= 60 && seconds % 60 === 0;
  const count = isMinutes ? seconds / 60 : seconds;
  if (language === "zh") return `${count}${isMinutes ? "分钟" : "秒"}内有效，只能使用一次。`;
  const unit = `${isMinutes ? "minute" : "second"}${count === 1 ? "" : "s"}`;
  return `It is valid for ${count} ${unit} and can be used once.`;
}
