import type { JoinItem, JoinProblem } from "./join-plan.ts";

/** What an operator reads of a plan; the site has texts of its own. */
interface Said {
  readonly zh: string;
  readonly en: string;
}

export const joinProblemTexts: Readonly<Record<JoinProblem, Said>> = {
  staff: { zh: "有一方是职员或超级用户。", en: "Either is staff or a superuser." },
  rights: {
    zh: "被并入的账号在用户组中或有权限，请先收回。",
    en: "The joined account is in a group or has a permission. Take that away first.",
  },
  unavailable: { zh: "有一方被停用。", en: "Either is disabled." },
  deletion_pending: { zh: "有一方正在注销。", en: "Either is about to be erased." },
};

export const joinThingTexts: Readonly<Record<JoinItem["what"], Said>> = {
  username: { zh: "用户名", en: "user name" },
  email: { zh: "邮箱", en: "address" },
  mobile: { zh: "手机号", en: "mobile number" },
  nickname: { zh: "昵称", en: "nickname" },
  name: { zh: "姓名", en: "name" },
  picture: { zh: "头像", en: "picture" },
  password: { zh: "密码", en: "password" },
  passkeys: { zh: "通行密钥", en: "passkeys" },
  second_factor: { zh: "两步验证", en: "second factor" },
  addresses: { zh: "收货地址", en: "delivery addresses" },
  consents: { zh: "协议", en: "agreements" },
  choices: { zh: "可选同意", en: "optional consents" },
  age: { zh: "年龄声明", en: "what was said of the age" },
  fields: { zh: "附加字段", en: "declared field" },
};
