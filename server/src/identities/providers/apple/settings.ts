import { SettingProblem } from "../../../errors/setting-problem.ts";
import { parsed } from "../../../kernel/settings/variable.ts";
import { addressVariable, clientIdVariable, givenAddress } from "../define-provider.ts";
import type { ConfiguredProvider, ReadProviders, SettingsReader, VariableTable } from "../definition.ts";
import { readIssuerRedirectUri } from "../issuer-redirect-uri.ts";
import { readPrivateKey } from "./private-key.ts";

/** In place of a client secret there is a key, by which one is made for each request (client-secret.ts). */
export interface AppleSettings {
  /** The Services ID. */
  readonly clientId: string;
  readonly teamId: string;
  readonly keyId: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  readonly redirectUri: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
}

const usualAddress = "https://appleid.apple.com";
const credentials = ["APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY"] as const;

const text = (parse: (raw: string) => string, about: { zh: string; en: string; secret?: boolean }) =>
  parsed<string | null>(null, about, parse);

export const appleVariables: VariableTable = {
  APPLE_CLIENT_ID: clientIdVariable(
    "Apple 的 Services ID，如 com.example.web",
    "The Services ID at Apple, such as com.example.web",
    "Apple log-in",
  ),
  APPLE_TEAM_ID: text(readTenSigns, {
    zh: "Apple 开发者团队的 Team ID，10 个字符。",
    en: "The developer team's Team ID at Apple, 10 characters.",
  }),
  APPLE_KEY_ID: text(readTenSigns, {
    zh: "Sign in with Apple 密钥的 Key ID，10 个字符。",
    en: "The Key ID of the key for Sign in with Apple, 10 characters.",
  }),
  APPLE_PRIVATE_KEY: text(readPrivateKey, {
    secret: true,
    zh: "该密钥 .p8 文件的全文；换行可写成 \\n。",
    en: "The whole text of that key's .p8 file; line breaks may be written as \\n.",
  }),
  APPLE_REDIRECT_URI: parsed<string | null>(
    null,
    {
      fallbackText: "PUBLIC_API_URL/oauth/callback/apple",
      zh: "在 Apple 登记的回调地址（Return URL），属于接口而不是站点。",
      en: "The return URL registered at Apple; it is the API's, not the site's.",
    },
    readIssuerRedirectUri,
  ),
  APPLE_BASE_URL: addressVariable(usualAddress, { zh: "Apple 登录服务", en: "Apple's log-in service" }),
};

export function readApple(
  reader: SettingsReader,
  configured: (settings: AppleSettings) => ConfiguredProvider,
): ReadProviders {
  const redirectVariable = "APPLE_REDIRECT_URI";
  const redirectUri = reader.value(redirectVariable) ?? reader.formCallback("apple");
  const standIn = { redirectUri, redirectVariable };
  const missing = credentials.filter((variable) => reader.read(variable) === "");
  if (missing.length < credentials.length) {
    for (const variable of missing) {
      reader.refuse(variable, "credentialsMissing", { names: credentials.join(", ") });
    }
  }
  const [clientId, teamId, keyId, privateKey] = credentials.map((variable) => reader.value(variable));
  if (!clientId || !teamId || !keyId || !privateKey) return { configured: [], standIn };
  const baseUrl = givenAddress(reader, "APPLE_BASE_URL") ?? usualAddress;
  return { configured: [configured({ clientId, teamId, keyId, privateKey, redirectUri, baseUrl })], standIn };
}

function readTenSigns(raw: string): string {
  if (!/^[A-Z0-9]{10}$/.test(raw)) throw new SettingProblem("tenSigns");
  return raw;
}
