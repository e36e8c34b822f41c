import { expect, test } from "vitest";
import { readSettings } from "../../test/support/configured-providers.ts";
import { ConfigError } from "../errors/config-problem.ts";
import { issuerFamily } from "../identities/providers/oidc/settings.ts";
import { readConfig } from "./config.ts";
import { describeConfig } from "./describe-config.ts";

const production = {
  ENVIRONMENT: "production",
  SECRET_KEY: "k".repeat(40),
  SMTP_URL: "smtp://mail.example.com",
  CORS_ORIGIN_WHITELIST: "https://www.example.com",
  PUBLIC_SITE_URL: "https://www.example.com",
};

function problemsOf(source: Record<string, string>): string[] {
  try {
    readConfig(source);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems.map(({ variable }) => variable);
  }
}

test("nothing is configured by default, and development has the sandbox", () => {
  const { oauth } = readConfig({});
  const configured = oauth.providers.map((setup) => [setup.definition.name, setup.configured]);
  expect(configured).toEqual(["qq", "weibo", "github", "wechat", "apple", "oidc"].map((name) => [name, []]));
  expect(oauth).toMatchObject({
    runsSandbox: true,
    stateMode: "signed",
    timeoutMillis: 5000,
    sandboxPort: 0,
  });
});

test("the redirect address is a page of the site unless another is set", () => {
  const own = { QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "s", GITHUB_CLIENT_ID: "2", GITHUB_CLIENT_SECRET: "t" };
  const config = readConfig({
    ...own,
    PUBLIC_SITE_URL: "https://www.example.com/",
    QQ_REDIRECT_URI: "http://www.meiduo.com:8080/qq_oauth_callback.html",
    GITHUB_API_BASE_URL: "http://127.0.0.1:9/api/",
  });
  expect(readSettings(config, "qq")).toEqual([
    {
      clientId: "1",
      clientSecret: "s",
      redirectUri: "http://www.meiduo.com:8080/qq_oauth_callback.html",
      baseUrl: "https://graph.qq.com",
      apiBaseUrl: "https://graph.qq.com",
    },
  ]);
  expect(readSettings(config, "github")).toMatchObject([
    {
      redirectUri: "https://www.example.com/oauth/callback/github",
      baseUrl: "https://github.com",
      apiBaseUrl: "http://127.0.0.1:9/api",
    },
  ]);
  expect(readSettings(config, "weibo")).toEqual([]);
});

test("an id without its secret is reported, and the other way round", () => {
  expect(problemsOf({ QQ_CLIENT_ID: "1", WECHAT_CLIENT_SECRET: "s" })).toEqual([
    "QQ_CLIENT_SECRET",
    "WECHAT_CLIENT_ID",
  ]);
});

test("production has no sandbox and sends no secret in the clear", () => {
  expect(readConfig(production).oauth.sandboxPort).toBeNull();
  expect(problemsOf({ ...production, SANDBOX: "true" })).toEqual(["SANDBOX"]);
  const qq = { ...production, QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "s" };
  expect(problemsOf({ ...qq, QQ_BASE_URL: "http://relay.example.com" })).toEqual(["QQ_BASE_URL"]);
  expect(problemsOf({ ...qq, QQ_BASE_URL: "http://127.0.0.1:3128" })).toEqual([]);
  expect(problemsOf({ ...qq, QQ_BASE_URL: "https://relay.example.com" })).toEqual([]);
});

test("any number of OpenID Connect issuers by name", () => {
  const oidc = readSettings(
    readConfig({
      OIDC_MY_COMPANY_ISSUER: "https://login.example.com",
      OIDC_MY_COMPANY_CLIENT_ID: "shop",
      OIDC_MY_COMPANY_CLIENT_SECRET: "s",
      OIDC_MY_COMPANY_TITLE: "My company",
      OIDC_LOCAL_ISSUER: "http://127.0.0.1:9000/realm",
      OIDC_LOCAL_CLIENT_ID: "a",
      OIDC_LOCAL_CLIENT_SECRET: "b",
    }),
    "oidc",
  );
  expect(oidc).toMatchObject([
    { name: "local", title: "local", allowHttp: true },
    { name: "my-company", title: "My company", allowHttp: false, clientId: "shop" },
  ]);
  expect(oidc[1]).toHaveProperty("redirectUri", expect.stringMatching(/\/oauth\/callback\/my-company$/));
});

test("every variable of an issuer that configuration.md lists is read, and no other", () => {
  const source = Object.fromEntries(
    Object.keys(issuerFamily.variables).map((name) => [
      name.replace("<NAME>", "X"),
      `https://x.example/${name}`,
    ]),
  );
  const [read] = readSettings(readConfig(source), "oidc") as Record<string, unknown>[];
  const { allowHttp, name, ...given } = read!;
  expect({ allowHttp, name }).toEqual({ allowHttp: false, name: "x" });
  expect(Object.values(given).sort()).toEqual(Object.values(source).sort());
});

test("an incomplete, insecure or ambiguous issuer is reported", () => {
  expect(problemsOf({ OIDC_X_ISSUER: "http://login.example.com" })).toEqual([
    "OIDC_X_ISSUER",
    "OIDC_X_CLIENT_ID",
    "OIDC_X_CLIENT_SECRET",
  ]);
  const well = {
    OIDC_X_ISSUER: "https://login.example.com/.well-known/openid-configuration",
    OIDC_X_CLIENT_ID: "a",
    OIDC_X_CLIENT_SECRET: "b",
  };
  expect(problemsOf(well)).toEqual(["OIDC_X_ISSUER"]);
  const rest = { OIDC_SINA_CLIENT_ID: "a", OIDC_SINA_CLIENT_SECRET: "b" };
  expect(problemsOf({ OIDC_SINA_ISSUER: "https://login.example.com", ...rest })).toEqual([
    "OIDC_SINA_ISSUER",
  ]);
});

test("the redirect address of an issuer named as its stand-in is reported once", () => {
  const issuer = {
    OIDC_OIDC_ISSUER: "https://login.example.com",
    OIDC_OIDC_CLIENT_ID: "a",
    OIDC_OIDC_CLIENT_SECRET: "b",
  };
  expect(problemsOf({ ...issuer, OIDC_OIDC_REDIRECT_URI: "nowhere" })).toEqual(["OIDC_OIDC_REDIRECT_URI"]);
});

test("secrets of issuers are never printed", () => {
  try {
    readConfig({ OIDC_X_ISSUER: "nonsense", OIDC_X_CLIENT_ID: "a", OIDC_X_CLIENT_SECRET: "hush-hush" });
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain("hush-hush");
  }
  const shown = describeConfig({ OIDC_X_ISSUER: "https://x.example", OIDC_X_CLIENT_SECRET: "hush-hush" });
  expect(shown).toContain("OIDC_X_ISSUER=https://x.example");
  expect(shown).not.toContain("hush-hush");
});
