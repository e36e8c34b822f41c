import { type ConfigProblem, configProblem } from "../errors/config-problem.ts";
import { SettingProblem, type SettingProblemCode } from "../errors/setting-problem.ts";
import { readOutgoingProxy } from "../kernel/settings/network-settings.ts";
import { readRedirectUri } from "../kernel/settings/variable.ts";
import type { Source } from "./config.ts";
import type { Values } from "./env.ts";

/** Third-party log-in as configured; the shape identities/providers/providers.ts takes. */
export interface OauthConfig {
  readonly builtIn: { readonly [Name in BuiltInName]: BuiltInClient | null };
  readonly oidc: readonly OidcClient[];
  readonly stateMode: "signed" | "path";
  readonly timeoutMillis: number;
  /** Log-ins a client address may begin in an hour; 0 = unlimited. */
  readonly startLimit: number;
  readonly proxy: { readonly http: string; readonly https: string; readonly except: string };
  /** Where the sandbox sends people back to, for the providers that it stands in for. */
  readonly standInRedirects: { readonly [Name in BuiltInName | "oidc"]: string };
  /** Port of the sandbox that stands in for what is not configured; null where there is none. */
  readonly sandboxPort: number | null;
}

/** Reads one variable, `""` where it is not set; what is wrong with it is noted. */
type ReadSetting = (variable: string, parse: (raw: string) => string) => string;

/** Notes what is wrong with a variable. */
type Refuse = (variable: string, code: SettingProblemCode, parameters?: Record<string, string>) => void;

type BuiltInName = "qq" | "weibo" | "github" | "wechat";

interface BuiltInClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Null: the real provider's. */
  readonly baseUrl: string | null;
  readonly apiBaseUrl: string | null;
}

interface OidcClient {
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly allowHttp: boolean;
}

const builtInNames = ["qq", "weibo", "github", "wechat"] as const;
const takenNames: readonly string[] = [...builtInNames, "sina", "providers"];

export function readOauth(
  env: Values,
  source: Source,
  siteUrl: string,
  problems: ConfigProblem[],
): OauthConfig {
  const production = env.ENVIRONMENT === "production";
  const callback = (name: string) => `${siteUrl}/oauth/callback/${name}`;
  const values = env as unknown as Record<string, string | null | undefined>;

  const refuse: Refuse = (variable, code, parameters) =>
    void problems.push(configProblem(variable, new SettingProblem(code, parameters)));

  /** A variable that the table can't list: these names have lower case, or are of the operator's choosing. */
  const read: ReadSetting = (variable, parse) => {
    const raw = source[variable]?.trim() ?? "";
    try {
      return raw === "" ? "" : parse(raw);
    } catch (error) {
      if (!(error instanceof SettingProblem)) throw error;
      problems.push(configProblem(variable, error));
      return "";
    }
  };

  const builtIn = {} as Record<BuiltInName, BuiltInClient | null>;
  for (const name of builtInNames) {
    const prefix = name.toUpperCase();
    const clientId = values[`${prefix}_CLIENT_ID`] ?? null;
    const clientSecret = values[`${prefix}_CLIENT_SECRET`] ?? null;
    builtIn[name] = null;
    if (clientId === null && clientSecret === null) continue;
    if (clientId === null || clientSecret === null) {
      const missing = `${prefix}_CLIENT_${clientId === null ? "ID" : "SECRET"}`;
      refuse(missing, "credentialMissing");
      continue;
    }
    const baseUrl = values[`${prefix}_BASE_URL`] ?? null;
    const apiBaseUrl = values[`${prefix}_API_BASE_URL`] ?? null;
    for (const [variable, address] of [
      [`${prefix}_BASE_URL`, baseUrl],
      [`${prefix}_API_BASE_URL`, apiBaseUrl],
    ] as const) {
      // The client secret travels there; only on this machine may that be in the clear.
      if (production && address !== null && !isSafe(address)) {
        refuse(variable, "httpsInProduction");
      }
    }
    const redirectUri = values[`${prefix}_REDIRECT_URI`] ?? callback(name);
    builtIn[name] = { clientId, clientSecret, redirectUri, baseUrl, apiBaseUrl };
  }

  const wantsSandbox = (source.SANDBOX?.trim() ?? "") !== "" && env.SANDBOX;
  if (production && wantsSandbox) refuse("SANDBOX", "sandboxInProduction");
  return {
    builtIn,
    oidc: readOidc(source, { callback, read, refuse, problems }),
    standInRedirects: {
      qq: env.QQ_REDIRECT_URI ?? callback("qq"),
      weibo: env.WEIBO_REDIRECT_URI ?? callback("weibo"),
      github: env.GITHUB_REDIRECT_URI ?? callback("github"),
      wechat: env.WECHAT_REDIRECT_URI ?? callback("wechat"),
      oidc: read("OIDC_OIDC_REDIRECT_URI", readOidcRedirectUri) || callback("oidc"),
    },
    stateMode: env.OAUTH_STATE,
    timeoutMillis: env.OAUTH_TIMEOUT_MS,
    startLimit: env.OAUTH_LIMIT || (production ? 600 : 0),
    proxy: {
      http: env.HTTP_PROXY || read("http_proxy", readOutgoingProxy),
      https: env.HTTPS_PROXY || read("https_proxy", readOutgoingProxy),
      except: env.NO_PROXY || source.no_proxy || "",
    },
    sandboxPort: production || !env.SANDBOX ? null : env.SANDBOX_PORT,
  };
}

/** `OIDC_<NAME>_ISSUER`, `…_CLIENT_ID`, `…_CLIENT_SECRET`, and optionally `…_REDIRECT_URI`, `…_TITLE`. */
function readOidc(
  source: Source,
  {
    callback,
    read,
    refuse,
    problems,
  }: {
    callback: (name: string) => string;
    read: ReadSetting;
    refuse: Refuse;
    problems: readonly ConfigProblem[];
  },
): OidcClient[] {
  const own = (variable: string) => source[variable]?.trim() ?? "";
  const names = Object.keys(source)
    .map((variable) => /^OIDC_([A-Z0-9]+(?:_[A-Z0-9]+)*?)_ISSUER$/.exec(variable)?.[1])
    .filter((name) => name !== undefined && own(`OIDC_${name}_ISSUER`) !== "")
    .sort() as string[];
  const clients: OidcClient[] = [];
  for (const upper of names) {
    const name = upper.toLowerCase().replaceAll("_", "-");
    const prefix = `OIDC_${upper}`;
    const issuer = own(`${prefix}_ISSUER`);
    const before = problems.length;
    if (takenNames.includes(name) || name.length > 32) {
      refuse(`${prefix}_ISSUER`, "issuerNameTaken", { name });
    }
    if (!URL.canParse(issuer) || !isSafe(issuer)) refuse(`${prefix}_ISSUER`, "addressWithoutLogIn");
    // An issuer is known by its own address; where its metadata lie follows from that.
    else if (issuer.includes("/.well-known/")) {
      refuse(`${prefix}_ISSUER`, "issuerWellKnown");
    }
    for (const part of ["CLIENT_ID", "CLIENT_SECRET"]) {
      if (own(`${prefix}_${part}`) === "") refuse(`${prefix}_${part}`, "issuerPartMissing");
    }
    const redirectUri = read(`${prefix}_REDIRECT_URI`, readOidcRedirectUri);
    if (problems.length > before) continue;
    clients.push({
      name,
      title: own(`${prefix}_TITLE`) || name,
      issuer,
      clientId: own(`${prefix}_CLIENT_ID`),
      clientSecret: own(`${prefix}_CLIENT_SECRET`),
      redirectUri: redirectUri || callback(name),
      allowHttp: issuer.startsWith("http:"),
    });
  }
  return clients;
}

/** openid-client leaves a query out when it trades the code, and the issuer then refuses it. */
function readOidcRedirectUri(raw: string): string {
  const uri = readRedirectUri(raw);
  if (uri.includes("?")) throw new SettingProblem("redirectUriQuery");
  return uri;
}

/** https, or plain http to this machine; no log-in, which discovery would show to browsers. */
function isSafe(address: string): boolean {
  const { protocol, hostname, username, password } = new URL(address);
  if (username + password !== "") return false;
  return (
    protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
  );
}
