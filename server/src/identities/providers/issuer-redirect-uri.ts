import { SettingProblem } from "../../errors/setting-problem.ts";
import { readRedirectUri } from "../../kernel/settings/variable.ts";

/** openid-client leaves a query out when it trades the code, and the issuer then refuses it. */
export function readIssuerRedirectUri(raw: string): string {
  const uri = readRedirectUri(raw);
  if (uri.includes("?")) throw new SettingProblem("redirectUriQuery");
  return uri;
}
