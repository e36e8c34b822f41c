/** What a row of the table of limits (limits.ts) says, and the words that several rows share. */
export interface Limit {
  readonly counts: LimitText;
  readonly of: keyof typeof limitSubjects;
  /** Fixed; absent where a setting says how many, or a share of it. */
  readonly most?: number;
  /** Absent where it is counted for good, or `within` says for how long. */
  readonly windowSeconds?: number;
  readonly within?: LimitText;
  /** Variables that change it. */
  readonly settings?: readonly string[];
  readonly full: keyof typeof limitOutcomes;
  /** Where it is counted, if not in the store that all processes share, in one atomic step. */
  readonly place?: "rows" | "memory";
  /** Whether an IPv6 /48 has a count of its own, of WIDER_NETWORK_FACTOR times as much. */
  readonly isWider?: true;
  readonly waits?: LimitWaits;
}

export interface LimitText {
  readonly zh: string;
  readonly en: string;
}

/** In seconds. */
export interface LimitWaits {
  readonly first: number;
  /** Absent where a setting says it. */
  readonly longest?: number;
  /** So long after the longest one without a try they are short again. */
  readonly forget: number;
}

export const limitSubjects = {
  address: { zh: "邮箱或手机号", en: "address or number" },
  addressClient: {
    zh: "邮箱与客户端；短信为手机号与用途",
    en: "address and client; of SMS number and purpose",
  },
  number: { zh: "手机号", en: "number" },
  country: { zh: "国家或地区", en: "country" },
  countryPurpose: { zh: "国家或地区，每种用途", en: "country and purpose" },
  network: { zh: "客户端网络", en: "client network" },
  networkAtName: { zh: "客户端网络，对一个登录名", en: "client network, at one name" },
  name: {
    zh: "登录名：所有陌生设备合计，已知设备各自",
    en: "name: all strangers together, and each known device",
  },
  account: { zh: "账号", en: "account" },
  accountDevices: {
    zh: "账号：所有陌生设备合计，已知设备各自",
    en: "account: all strangers together, and each known device",
  },
  code: {
    zh: "验证码，每个请求它的客户端和每台已知设备",
    en: "code: each client that asked for it, each known device",
  },
  codeOthers: { zh: "验证码，其他所有人合计", en: "code: everybody else together" },
  step: { zh: "一次登录", en: "log-in" },
  session: { zh: "登录会话", en: "session" },
  maker: { zh: "管理员", en: "administrator" },
  site: { zh: "全站", en: "whole site" },
} as const;

export const limitOutcomes = {
  tooFrequent: { zh: "400，带 Retry-After", en: "400 with Retry-After" },
  throttled: { zh: "429，带 Retry-After", en: "429 with Retry-After" },
  waits: { zh: "每次尝试前等待（429，带 Retry-After）", en: "a wait before each try (429 with Retry-After)" },
  waitsDevice: {
    zh: "陌生设备每次尝试前等待；已知设备到时间结束为止 429",
    en: "a wait before each try of strangers; 429 for the known device until the time is over",
  },
  later: { zh: "短信到时再发", en: "the SMS goes out later" },
  captcha: { zh: "要求人机验证", en: "the captcha" },
  conversion: {
    zh: "要求人机验证，并告警 `sms_conversion`",
    en: "the captcha, and the alarm `sms_conversion`",
  },
  budget: {
    zh: "四分之一起要求人机验证；一半起只发给验证过的号码，并告警 `sms_budget`；十分之九起只发给已知设备",
    en: "from a quarter on the captcha; from half on proved numbers alone, and the alarm `sms_budget`; from nine tenths on known devices alone",
  },
  budgetSpent: { zh: "429，带 Retry-After", en: "429 with Retry-After" },
  unavailable: { zh: "503 `sms_unavailable`，带 Retry-After", en: "503 `sms_unavailable` with Retry-After" },
  codeOver: { zh: "验证码作废", en: "the code is over" },
  stepOver: { zh: "须重新登录", en: "the log-in begins anew" },
  alarm: { zh: "日志告警", en: "an alarm in the log" },
  refused: { zh: "400", en: "400" },
  oldest: { zh: "最久未用的一个失效", en: "the one unused longest goes" },
} as const;

export const hour = 3600;
export const day = 86_400;
export const limitText = (zh: string, en: string): LimitText => ({ zh, en });
