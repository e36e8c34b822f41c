import { SettingProblem } from "../errors/setting-problem.ts";
import { withoutPercent } from "../kernel/settings/percent.ts";
import { captchaKinds } from "./captcha.ts";

/**
 * CAPTCHA_URL, understood once at the start: its scheme says whose captcha it is. Error texts never repeat it: it holds a
 * secret. `+http` is for a service on this machine, and for tests.
 */
export type CaptchaTransport =
  | { readonly by: "altcha" | "none" }
  | (Vendor & { readonly by: "turnstile" | "hcaptcha" })
  | (Vendor & { readonly by: "geetest" })
  | (Vendor & { readonly by: "tencent"; readonly app: string; readonly appKey: string })
  | (Vendor & { readonly by: "aliyun"; readonly scene: string; readonly prefix: string });

interface Vendor {
  /** The endpoint's origin. */
  readonly url: string;
  /** The site key, captcha id or access key. */
  readonly id: string;
  readonly secret: string;
}

export const captchaSchemes: readonly string[] = captchaKinds.flatMap((kind) =>
  kind === "altcha" ? [kind] : [kind, `${kind}+http`],
);

export function parseCaptchaUrl(text: string): CaptchaTransport {
  const trimmed = text.trim();
  const own = /^(altcha|none)(:(\/\/)?)?$/i.exec(trimmed)?.[1]?.toLowerCase();
  if (own === "altcha" || own === "none") return { by: own };
  const match = /^([a-z]+)(\+http)?:\/\/(?<id>[^:@]+):(?<secret>[^@]+)@(?<rest>[^@\s]+)$/i.exec(trimmed);
  const by = captchaKinds.find((kind) => kind === match?.[1]?.toLowerCase());
  if (!match?.groups || by === undefined || by === "altcha") throw new SettingProblem("captchaForm");
  const url = URL.parse(`${match[2] ? "http" : "https"}://${match.groups.rest}`);
  if (url === null || url.username !== "" || url.hash !== "") throw new SettingProblem("captchaForm");
  if (url.protocol === "http:" && !/^(127\.|localhost$|\[::1\]$)/.test(url.hostname)) {
    throw new SettingProblem("mailPlain");
  }
  const needed = (name: string, form: RegExp) => {
    const value = url.searchParams.get(name)?.trim() ?? "";
    if (!form.test(value)) throw new SettingProblem("captchaParameter", { vendor: by, name });
    return value;
  };
  const vendor = {
    url: url.origin,
    id: withoutPercent(match.groups.id!),
    secret: withoutPercent(match.groups.secret!),
  };
  if (by === "tencent") {
    return { ...vendor, by, app: needed("app", /^\d{1,20}$/), appKey: needed("key", /^[\w*-]{8,64}$/) };
  }
  if (by === "aliyun") {
    return { ...vendor, by, scene: needed("scene", /^\w{1,40}$/), prefix: needed("prefix", /^\w{1,40}$/) };
  }
  return by === "geetest" ? { ...vendor, by } : { ...vendor, by };
}
