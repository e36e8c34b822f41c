import type { Retention, Texts } from "./retention-of-programs.ts";

/** The rows of docs/retention.md about pictures of people. `nobody`: that nobody hands them out. */
export const avatarRows = (nobody: Texts): readonly Retention[] => [
  {
    ...{ name: "avatars", going: "itself", hands: nobody },
    holds: {
      zh: "头像由谁选用、存放在哪里",
      en: "which account chose which picture, and where it lies",
    },
    kept: {
      zh: "更换、去掉或账号清除后，由维护任务从存储中删除图片，删成之前每 10 分钟再试",
      en: "the maintenance, once the picture is replaced, removed or its account erased, and gone from its store; tried again every ten minutes",
    },
  },
  {
    ...{ name: "avatar_files", going: "itself", hands: nobody },
    holds: {
      zh: "头像图片，未设 AVATAR_STORE 时",
      en: "the pictures, without AVATAR_STORE",
    },
    kept: { zh: "同 avatars", en: "as avatars" },
  },
];
