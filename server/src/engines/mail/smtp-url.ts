import { SettingProblem } from "../../errors/setting-problem.ts";
import { withoutPercent } from "../../kernel/settings/percent.ts";
import { readTokenGrant, type TokenGrant } from "./token-grant.ts";

/**
 * SMTP_URL and EMAIL_FROM, understood once at the start so that a mistake is reported there and not by the
 * first mail that fails. Error texts never repeat the URL: it holds a password.
 */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** implicit: TLS from the first byte (465). required, optional: STARTTLS (RFC 3207). */
  readonly encryption: "implicit" | "required" | "optional" | "never";
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Instead of a password: a token for this mailbox (XOAUTH2). */
  readonly oauth?: { readonly user: string; readonly grant: TokenGrant };
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

/**
 * `smtps://user:code@smtp.163.com` (port 465 unless given) or `smtp://user:code@host:587?tls=required`.
 * User names are addresses, written with `%40` or simply with `@`. The password is the provider's
 * authorization code (授权码), not the mailbox's password.
 *
 * `tls` defaults to `required` where a log-in is sent to another machine, so that nobody on the way can
 * strip STARTTLS and read it, and to `optional` otherwise.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const match =
    /^(smtps?):\/\/(?:(?<login>.*)@)?(?<host>\[[0-9a-f:.]+\]|[^\s@:/?#[\]]+)(?::(?<port>\d{1,5}))?\/?(?:\?(?<query>[^#]*))?$/i.exec(
      text.trim(),
    );
  if (!match?.groups) throw new SettingProblem("smtpForm");
  const { login, host = "", port, query } = match.groups;
  const isImplicit = match[1]?.toLowerCase() === "smtps";
  const parameters = readQuery(query ?? "");
  const grant = readTokenGrant(parameters);
  const oauth = grant === null ? undefined : { user: mailboxOf(login), grant };
  const auth = login && !oauth ? parseLogin(login) : undefined;
  const chosen = parameters.get("tls") ?? null;
  if (chosen !== null && !["required", "optional", "never"].includes(chosen))
    throw new SettingProblem("smtpTls");
  const fallback = (auth || oauth) && !loopback.test(host) ? "required" : "optional";
  const number = port ? Number(port) : isImplicit ? 465 : 587;
  if (number < 1 || number > 65535) throw new SettingProblem("smtpPort");
  return {
    host: host.replace(/^\[|\]$/g, ""),
    port: number,
    encryption: isImplicit ? "implicit" : ((chosen ?? fallback) as SmtpServer["encryption"]),
    ...(auth ? { auth } : {}),
    ...(oauth ? { oauth } : {}),
  };
}

/** By hand: URLSearchParams reads a plus sign, which secrets have, as a space. */
function readQuery(query: string): Map<string, string> {
  const pairs = query.split("&").filter((pair) => pair !== "");
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new SettingProblem("smtpForm");
      return [pair.slice(0, equals), withoutPercent(pair.slice(equals + 1))];
    }),
  );
}

/** A token is for one mailbox, and takes the place of its password. */
function mailboxOf(login: string | undefined): string {
  if (!login || login.includes(":")) throw new SettingProblem("smtpMailbox");
  return withoutPercent(login);
}

function parseLogin(login: string): { user: string; pass: string } {
  const colon = login.indexOf(":");
  if (colon < 1 || colon === login.length - 1) throw new SettingProblem("smtpNoCode");
  return { user: withoutPercent(login.slice(0, colon)), pass: withoutPercent(login.slice(colon + 1)) };
}

export interface Sender {
  /** Display name, may be empty. */
  readonly name: string;
  readonly address: string;
  readonly domain: string;
}

/** `美多商城<itcast99@163.com>`, `"Meiduo" <a@b.c>` or `a@b.c`. */
export function parseSender(text: string): Sender {
  const match = /^(?:(?<name>[^<>]*)<(?<angle>[^<>]+)>|(?<plain>[^<>]+))$/.exec(text.trim());
  const address = (match?.groups?.angle ?? match?.groups?.plain ?? "").trim();
  const domain = /^[^\s@<>()[\],;:"\\]+@(?<domain>[A-Za-z0-9.-]+)$/u.exec(address)?.groups?.domain;
  const name = (match?.groups?.name ?? "").trim().replace(/^"(.*)"$/, "$1");
  if (!domain || /\p{Cc}/u.test(text)) throw new SettingProblem("sender");
  return { name, address, domain };
}

/** EMAIL_FROM where nobody set it. */
export const defaultSender = "美多商城 <no-reply@meiduo.example>";

/** The sender with the operator's name, where EMAIL_FROM has none of its own. */
export function namedSender(emailFrom: string, name: string): string {
  const { name: own, address } = parseSender(emailFrom);
  return own === "" || emailFrom === defaultSender ? `"${name}" <${address}>` : emailFrom;
}
