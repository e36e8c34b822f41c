import { SettingProblem } from "../../errors/setting-problem.ts";
import { withoutPercent } from "../../kernel/settings/percent.ts";
import { readWebhookSecret } from "../../kernel/webhook-signature.ts";
import type { AcsKey } from "../mail/acs3-signature.ts";

/**
 * SMS_URL, understood once at the start: its scheme says by whom SMS go out. Error texts never repeat it: it holds a secret.
 * `+http` is for a service on this machine, and for tests.
 */
export type SmsTransport = { readonly url: string } & (
  | { readonly by: "aliyun" | "dypns"; readonly key: AcsKey }
  | { readonly by: "tencent"; readonly key: AcsKey; readonly app: string; readonly region: string }
  | { readonly by: "yunpian"; readonly apiKey: string }
  | { readonly by: "twilio"; readonly key: AcsKey; readonly from: string }
  | { readonly by: "hook"; readonly key: Buffer }
);

const vendors = ["aliyun", "dypns", "tencent", "yunpian", "twilio", "hook"] as const;

export const smsSchemes: readonly string[] = vendors.flatMap((name) =>
  name === "hook" ? ["hook+https", "hook+http"] : [name, `${name}+http`],
);

/** Those that send templates which they approved, under a signature which they approved. */
export const sendsTemplates = ({ by }: Pick<SmsTransport, "by">): boolean =>
  by === "aliyun" || by === "dypns" || by === "tencent";

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
  const login = withoutPercent(match.groups.login ?? "");
  const needed = (name: string, form: RegExp) => {
    const value = url.searchParams.get(name)?.trim() ?? "";
    if (!form.test(value)) throw new SettingProblem("smsParameter", { vendor: by, name });
    return value;
  };
  switch (by) {
    case "hook": {
      const key = readWebhookSecret(login);
      if (key === null) throw new SettingProblem("hookSecret");
      return { by, url: url.href, key };
    }
    case "yunpian":
      return { by, url: url.origin, apiKey: login };
    case "tencent": {
      const region = url.searchParams.get("region") ?? "ap-guangzhou";
      return { by, url: url.origin, key: pairIn(login), app: needed("app", /^\d{1,20}$/), region };
    }
    case "twilio": {
      // A plus sign in a query is read as a blank, which is trimmed.
      const from = needed("from", /^(\+?\d{3,15}|MG[0-9a-f]{32})$/i);
      const key = pairIn(login);
      return { by, url: url.origin, key, from: /^\d{8,}$/.test(from) ? `+${from}` : from };
    }
    default:
      return { by, url: url.origin, key: pairIn(login) };
  }
}

/** Where SMS go, for people: the host alone. */
export const smsHost = ({ url }: SmsTransport): string => new URL(url).host;

function pairIn(login: string): AcsKey {
  const colon = login.indexOf(":");
  if (colon < 1 || colon === login.length - 1) throw new SettingProblem("smsForm");
  return { id: login.slice(0, colon), secret: login.slice(colon + 1) };
}
