import { SettingProblem } from "../../errors/setting-problem.ts";
import type { AcsKey } from "../mail/acs3-signature.ts";

/**
 * SMS_URL, understood once at the start: its scheme says by whom SMS go out. Error texts never repeat it: it holds a secret.
 * `+http` is for a service on this machine, and for tests.
 */
export type SmsTransport = { readonly by: "aliyun"; readonly url: string; readonly key: AcsKey };

const vendors = ["aliyun"] as const;
type Vendor = (typeof vendors)[number];

export const smsSchemes: readonly string[] = [...vendors.flatMap((name) => [name, `${name}+http`])];

/** Those that send templates which they approved, under a signature which they approved. */
const byTemplate: readonly Vendor[] = ["aliyun"];
export const sendsTemplates = ({ by }: Pick<SmsTransport, "by">): boolean => byTemplate.includes(by);

export function parseSmsUrl(text: string): SmsTransport {
  const match = /^([a-z]+)(\+https?)?:\/\/(?<login>.+)@(?<rest>[^@\s]+)$/i.exec(text.trim());
  const by = vendors.find((name) => name === match?.[1]?.toLowerCase());
  if (!match?.groups || by === undefined) throw new SettingProblem("smsForm");
  const plus = match[2]?.toLowerCase();
  const url = URL.parse(`${plus === "+http" ? "http" : "https"}://${match.groups.rest}`);
  if (url === null || url.username !== "" || url.hash !== "") throw new SettingProblem("smsForm");
  if (url.protocol === "http:" && !/^(127\.|localhost$|\[::1\]$)/.test(url.hostname)) {
    throw new SettingProblem("mailPlain");
  }
  const login = decode(match.groups.login ?? "");
  return { by, url: url.origin, key: pairIn(login) };
}

/** Where SMS go, for people: the host alone. */
export const smsHost = ({ url }: SmsTransport): string => new URL(url).host;

function pairIn(login: string): AcsKey {
  const colon = login.indexOf(":");
  if (colon < 1 || colon === login.length - 1) throw new SettingProblem("smsForm");
  return { id: login.slice(0, colon), secret: login.slice(colon + 1) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SettingProblem("smtpPercent");
  }
}
