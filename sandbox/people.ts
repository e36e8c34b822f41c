import type { Email, Person } from "../server/src/identities/providers/imitation.ts";

/**
 * The ready-made people of the sandbox. Each is the same person at every provider, and each but the first
 * two is somebody who has broken a log-in somewhere.
 */
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

/** Providers make ids of the position, which never changes. */
export const people: readonly Person[] = sketches.map((sketch, index) => ({
  id: sketch.id,
  number: index + 1,
  about: sketch.about,
  nickname: sketch.nickname,
  hasName: sketch.name !== null,
  gender: sketch.gender ?? "男",
  emails: sketch.emails ?? [],
}));

export function findPerson(id: string): Person {
  return people.find((person) => person.id === id) ?? people[0]!;
}
