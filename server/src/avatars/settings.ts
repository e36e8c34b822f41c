import { defineSettings } from "../kernel/settings/room-settings.ts";
import { url } from "../kernel/settings/variable.ts";
import { parseStoreUrl, storeSchemes } from "./store-url.ts";

export interface AvatarSettings {
  /** Where new pictures of people go; null: the database. */
  readonly avatarStore: string | null;
}

/** Pictures of people; see docs/avatars.md. */
export const avatarSettings = defineSettings({
  variables: {
    AVATAR_STORE: url(storeSchemes, parseStoreUrl, {
      fallbackText: "the database",
      zh: "新上传的头像存放在哪里：不设为数据库；兼容 S3 的对象存储写成 s3://密钥ID:密钥@主机/桶?region=区域，写法见 docs/avatars.zh.md。",
      en: "Where new pictures of people go: the database where it is not set; an S3-shaped store is s3://key id:secret@host/bucket?region=…; see docs/avatars.md.",
    }),
  },
  settings: (env): AvatarSettings => ({ avatarStore: env.AVATAR_STORE }),
});
