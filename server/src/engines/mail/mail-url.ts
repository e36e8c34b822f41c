import { SettingProblem } from "../../errors/setting-problem.ts";
import { withoutPercent } from "../../kernel/settings/percent.ts";
import { readWebhookSecret } from "../../kernel/webhook-signature.ts";
import type { AcsKey } from "./acs3-signature.ts";
import { parseSmtpUrl, type SmtpServer } from "./smtp-url.ts";

/**
 * MAIL_URL, understood once at the start: its scheme says by what mails go out. Error texts never repeat it: it holds
 * a secret. `+http` is for a service on this machine, and for tests.
 */
export type MailTransport =
  | { readonly by: "smtp"; readonly server: SmtpServer }
  | { readonly by: "hook"; readonly url: string; readonly key: Buffer }
  | { readonly by: "resend"; readonly url: string; readonly apiKey: string }
  | { readonly by: "directmail"; readonly url: string; readonly key: AcsKey };

export const mailSchemes = [
  ...["smtp", "smtps"],
  ...["hook+https", "hook+http"],
  ...["resend", "resend+http"],
  ...["directmail", "directmail+http"],
] as const;

export function parseMailUrl(text: string): MailTransport {
  if (/^smtps?:/i.test(text)) return { by: "smtp", server: parseSmtpUrl(text) };
  const match = /^(hook|resend|directmail)(\+https?)?:\/\/(?<login>.+)@(?<rest>[^@\s]+)$/i.exec(text.trim());
  const [, by = "", plus] = match ?? [];
  if (!match?.groups || by === "") throw new SettingProblem("mailForm");
  const url = URL.parse(`${plus?.toLowerCase() === "+http" ? "http" : "https"}://${match.groups.rest}`);
  if (url === null || url.username !== "" || url.hash !== "") throw new SettingProblem("mailForm");
  if (url.protocol === "http:" && !/^(127\.|localhost$|\[::1\]$)/.test(url.hostname)) {
    throw new SettingProblem("mailPlain");
  }
  const login = withoutPercent(match.groups.login ?? "");
  switch (by.toLowerCase()) {
    case "hook": {
      const key = readWebhookSecret(login);
      if (key === null) throw new SettingProblem("hookSecret");
      return { by: "hook", url: url.href, key };
    }
    case "resend":
      return { by: "resend", url: url.href, apiKey: login };
    default: {
      const colon = login.indexOf(":");
      if (colon < 1 || colon === login.length - 1) throw new SettingProblem("mailForm");
      return {
        by: "directmail",
        url: url.origin,
        key: { id: login.slice(0, colon), secret: login.slice(colon + 1) },
      };
    }
  }
}

/** Where mails go, for people: the host alone. */
export function mailHost(transport: MailTransport): string {
  if (transport.by === "smtp") return `${transport.server.host}:${transport.server.port}`;
  return new URL(transport.url).host;
}
