import { readFileSync } from "node:fs";
import { SettingProblem } from "../../errors/setting-problem.ts";

/**
 * How a token for a mailbox is got, as `?oauth=` of the mail server's URL says:
 * - `microsoft`: client credentials of an application with SMTP.SendAsApp (learn.microsoft.com, "Authenticate an IMAP, POP
 *   or SMTP connection using OAuth");
 * - `google`: a refresh token of the mailbox (developers.google.com/identity/protocols/oauth2/web-server);
 * - `google-service`: a service account that may act for the mailbox (…/oauth2/service-account).
 */
export type TokenGrant = {
  /** Where tokens are given out. */
  readonly tokenUrl: string;
} & (
  | { readonly kind: "form"; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: "assertion"; readonly issuer: string; readonly privateKey: string }
);

export const googleMailScope = "https://mail.google.com/";

/** Null without `oauth`. Throws a SettingProblem, which names no secret. */
export function readTokenGrant(parameters: ReadonlyMap<string, string>): TokenGrant | null {
  const provider = parameters.get("oauth");
  if (provider === undefined) return null;
  const needed = (name: string) => {
    const value = parameters.get(name) ?? "";
    if (value === "") throw new SettingProblem("oauthMissing", { provider, name });
    return value;
  };
  if (provider === "microsoft") {
    const tenant = needed("tenant");
    if (!/^[\w.-]{1,128}$/.test(tenant))
      throw new SettingProblem("oauthMissing", { provider, name: "tenant" });
    return {
      ...{
        kind: "form",
        tokenUrl: tokenUrl(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`),
      },
      fields: {
        ...{ grant_type: "client_credentials", scope: "https://outlook.office365.com/.default" },
        ...{ client_id: needed("client_id"), client_secret: needed("client_secret") },
      },
    };
  }
  if (provider === "google") {
    return {
      ...{ kind: "form", tokenUrl: tokenUrl("https://oauth2.googleapis.com/token") },
      fields: {
        ...{ grant_type: "refresh_token", refresh_token: needed("refresh_token") },
        ...{ client_id: needed("client_id"), client_secret: needed("client_secret") },
      },
    };
  }
  if (provider === "google-service") return readServiceAccount(needed("key_file"), tokenUrl);
  throw new SettingProblem("oauthProvider", { value: provider });

  /** Another one where the operator says so: a national cloud, or a gateway. */
  function tokenUrl(usual: string): string {
    const url = parameters.get("token_url") ?? usual;
    const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
    const isSafe = protocol === "https:" || (protocol === "http:" && /^(127\.|localhost$)/.test(hostname));
    if (!isSafe) throw new SettingProblem("oauthTokenUrl");
    return url;
  }
}

/** The JSON file that Google gives out for a service account. */
function readServiceAccount(file: string, tokenUrl: (usual: string) => string): TokenGrant {
  const { client_email: issuer, private_key: privateKey, token_uri } = readKeyFile(file);
  if (typeof issuer !== "string" || typeof privateKey !== "string" || !privateKey.includes("PRIVATE KEY"))
    throw new SettingProblem("oauthKeyFile");
  const usual = typeof token_uri === "string" ? token_uri : "https://oauth2.googleapis.com/token";
  return { kind: "assertion", tokenUrl: tokenUrl(usual), issuer, privateKey };
}

function readKeyFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingProblem("fileUnreadable", { parameter: "key_file", reason: (error as Error).message });
  }
  try {
    return { ...(JSON.parse(text) as object) };
  } catch {
    throw new SettingProblem("oauthKeyFile");
  }
}
