/**
 * The ready-made people of the sandbox. Each is the same person at every provider, and each but the first
 * two is somebody who has broken a log-in somewhere.
 */
export interface Person {
  readonly id: string;
  readonly about: { readonly zh: string; readonly en: string };
  readonly nickname: string;
  readonly gender: "男" | "女";
  readonly qq: { readonly openid: string; readonly unionid: string };
  /** Beyond 2^32, as today's are. */
  readonly weiboId: number;
  readonly github: { readonly id: number; readonly login: string; readonly name: string | null };
  readonly wechat: { readonly openid: string; readonly unionid: string };
  readonly emails: readonly Email[];
}

export interface Email {
  readonly email: string;
  readonly primary: boolean;
  readonly verified: boolean;
}

interface Sketch {
  readonly id: string;
  readonly about: { readonly zh: string; readonly en: string };
  readonly nickname: string;
  readonly gender?: "女";
  readonly name?: null;
  readonly emails?: readonly Email[];
}

const sketches: readonly Sketch[] = [
  {
    id: "penguin",
    about: { zh: "普通用户，没有邮箱", en: "Ordinary, no e-mail" },
    nickname: "飞翔的企鹅",
  },
  {
    id: "xiaomei",
    about: { zh: "普通用户，邮箱已验证", en: "Ordinary, verified e-mail" },
    nickname: "小美",
    gender: "女",
    emails: [
      { email: "old@example.com", primary: false, verified: true },
      { email: "xiaomei@example.com", primary: true, verified: true },
    ],
  },
  {
    id: "namesake",
    about: {
      zh: "昵称与站内用户 python01 相同，邮箱是别人的且未验证",
      en: "Same nickname as the site's python01, somebody else's e-mail, unverified",
    },
    nickname: "python01",
    emails: [{ email: "python01@example.com", primary: true, verified: false }],
  },
  {
    id: "emoji",
    about: { zh: "昵称含表情和控制字符", en: "Emoji and control characters in the nickname" },
    nickname: "👩‍👩‍👧‍👦\u0007🐧 \u0000企鹅一家\n🇨🇳",
    gender: "女",
  },
  {
    id: "rtl",
    about: { zh: "昵称含从右到左的字符", en: "Right-to-left nickname" },
    nickname: "مرحبا \u202Egnp.exe",
  },
  {
    id: "long",
    about: { zh: "昵称有 200 个字符", en: "A nickname of 200 characters" },
    nickname: "长".repeat(200),
  },
  {
    id: "nameless",
    about: { zh: "没有昵称，没有主邮箱", en: "No nickname, no primary e-mail" },
    nickname: "",
    name: null,
    emails: [{ email: "nameless@example.com", primary: false, verified: true }],
  },
];

/** Ids are made from the position, in the form of the real ones, and never change. */
export const people: readonly Person[] = sketches.map((sketch, index) => {
  const digit = (index + 1).toString(16).toUpperCase();
  return {
    id: sketch.id,
    about: sketch.about,
    nickname: sketch.nickname,
    gender: sketch.gender ?? "男",
    qq: {
      openid: `5B0CB916D4A9BDB5D838A3F66AC0B68${digit}`,
      unionid: `UID_CAE5B3A01604A9F7B709D3BF934E7AA${digit}`,
    },
    weiboId: 6_363_938_840 + index + 1,
    github: {
      id: 583_230 + index + 1,
      login: `sandbox-${sketch.id}`,
      name: sketch.name === null ? null : sketch.nickname,
    },
    wechat: {
      openid: `oNQ_0s7Q7iXNUmh5A0ZCJ0Zvxvq${digit}`,
      unionid: `oR5GjjgEhCMJFyzaVZdrxZ2zRRF${digit}`,
    },
    emails: sketch.emails ?? [],
  };
});

export function findPerson(id: string): Person {
  return people.find((person) => person.id === id) ?? people[0]!;
}
