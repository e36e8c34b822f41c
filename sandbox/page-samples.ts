import type {
  Binding,
  CurrentUser,
  Passkey,
  RememberedDevice,
  SessionView,
  ThirdPartyUnbound,
} from "../client/src/client.ts";
import type { ExtraField } from "../server/src/accounts/extra-field.ts";
import { providerList } from "../server/src/identities/providers/providers.ts";

/** Who vouches for them. */
export const sampleProvider = providerList[0]!;

/** Whom and what the previewed pages show: nobody who is anywhere. */
export const sampleUser: CurrentUser = {
  id: 7,
  username: "zhang_san",
  mobile: "13800138000",
  email: "zhang@example.com",
  email_active: true,
  mobile_verified: true,
  first_name: "三",
  last_name: "张",
  is_staff: false,
  is_superuser: false,
  nickname: "三哥",
  avatar_url: null,
};

const login: SessionView = {
  id: "here",
  current: true,
  way: "password",
  provider: null,
  browser: "Chrome",
  system: "Windows",
  network: "203.0.113.7",
  created_at: "2026-11-20T12:05:00.000Z",
  last_seen_at: "2026-11-22T12:05:00.000Z",
  expires_at: "2026-12-22T12:05:00.000Z",
};

export const sampleSessions: readonly SessionView[] = [
  login,
  {
    ...login,
    id: "phone",
    current: false,
    browser: "Safari",
    system: "iOS",
    way: "provider",
    provider: sampleProvider.name,
  },
  {
    ...login,
    id: "other",
    current: false,
    browser: "",
    system: "",
    way: "sign_up",
    network: "198.51.100.0/24",
  },
];

const passkey: Passkey = {
  ...{ id: "phone", credential_id: "sample-phone", name: "iCloud Keychain", synced: true },
  ...{ created_at: "2026-11-20T12:05:00.000Z", last_used_at: "2026-11-22T12:05:00.000Z" },
};

export const samplePasskeys: readonly Passkey[] = [
  passkey,
  {
    ...{ ...passkey, id: "key", credential_id: "sample-key", name: "办公室的安全密钥", synced: false },
    last_used_at: null,
  },
];

export const sampleDevices: readonly RememberedDevice[] = [
  {
    ...{ id: "here", current: true, browser: "Chrome", system: "Windows", network: "203.0.113.*" },
    created_at: "2026-11-20T12:05:00.000Z",
    last_used_at: "2026-11-22T12:05:00.000Z",
    expires_at: "2026-12-20T12:05:00.000Z",
  },
];

export const sampleBinding: Binding = {
  provider: sampleProvider.name,
  nickname: "三哥",
  avatar: null,
  created_at: "2026-11-20T12:05:00.000Z",
  last_login_at: null,
};

export const sampleFirstLogIn: ThirdPartyUnbound = {
  access_token: "sample",
  bind_token: "sample",
  profile: { nickname: "三哥", avatar: null, email: null },
  next: "/",
};

const field = { required: false, read: ["user"], write: ["user"] } as const;

/** Of every type, where the site declares none of its own. */
export const sampleFields: readonly ExtraField[] = [
  {
    ...field,
    name: "company",
    type: "text",
    required: true,
    label: { zh: "公司", en: "Company", "zh-Hant": "公司行號", ja: "会社名" },
    hint: { zh: "营业执照上的名称", en: "As registered", "zh-Hant": "登記的名稱", ja: "登記された名称" },
  },
  {
    ...field,
    name: "size",
    type: "choice",
    label: { zh: "规模", en: "Size", "zh-Hant": "規模", ja: "規模" },
    choices: [{ value: "L", label: { zh: "大", en: "Large", ja: "大" } }],
  },
  {
    ...field,
    name: "founded",
    type: "date",
    label: { zh: "成立日期", en: "Founded", "zh-Hant": "成立日期", ja: "設立日" },
  },
  {
    ...field,
    name: "news",
    type: "boolean",
    label: { zh: "接收新闻邮件", en: "Send me news", "zh-Hant": "接收新聞郵件", ja: "お知らせを受け取る" },
  },
];
