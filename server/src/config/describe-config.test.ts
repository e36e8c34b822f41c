import { describe, expect, it } from "vitest";
import { apple } from "../identities/providers/apple/provider.ts";
import { describeConfig } from "./describe-config.ts";
import { variables } from "./env.ts";

describe("the printed configuration", () => {
  it.each([
    ["smtp://someone:s3cret-word@smtp.example.com:587", "smtp://…@smtp.example.com:587"],
    ["smtp://a@example.com:s3cret@word@smtp.example.com", "(set, hidden)"],
    ["smtp://someone:s3cret/word@smtp.example.com", "(set, hidden)"],
    ["smtp://someone:s3cret?word@smtp.example.com", "(set, hidden)"],
    ["smtp://someone:s3cret#word@smtp.example.com", "(set, hidden)"],
  ])("shows the host of %s and nothing of its log-in", (url, shown) => {
    // Where the test lies is none of its business.
    const text = describeConfig({ SMTP_URL: url, DATA_DIR: "/srv/meiduo" });
    expect(text).toContain(`SMTP_URL=${shown}\n`);
    for (const part of ["s3cret", "word"]) expect(text).not.toContain(part);
  });

  it("shows nothing of a password in a database's address, wherever it stands", () => {
    for (const url of [
      "postgres://u:s3cret@db.example.com/meiduo",
      "postgres://db.example.com/meiduo?user=u&password=s3cret",
      "postgres://db.example.com/meiduo?password=x@s3cret",
      "redis+sentinel://:s3cret@one:26379,two:26379/master/0",
      "redis+sentinel://one:26379,two:26379/master/0?sentinel_password=s3cret",
      "redis+sentinel://:s3cret@one/master?sentinel_username=s3cret&sentinel_password=x@s3cret",
    ]) {
      const name = url.startsWith("redis") ? "REDIS_URL" : "DATABASE_URL";
      expect(describeConfig({ [name]: url })).not.toContain("s3cret");
    }
    expect(describeConfig({ SECRET_KEY: "s3cret".repeat(8) })).not.toContain("s3cret");
  });

  it("shows no password of any variable that takes an address", () => {
    const issuer = ["ISSUER", "REDIRECT_URI"].map((part) => `OIDC_LARK_${part}`);
    const names = [...Object.keys(variables), ...issuer, "http_proxy", "https_proxy"];
    const takeAddresses = names.filter((name) => /_(URL|URI|ENDPOINT|PROXY|WHITELIST|ISSUER)$/i.test(name));
    expect(takeAddresses.length).toBeGreaterThan(20);
    for (const name of takeAddresses) {
      for (const login of ["u:s3cret", ":s3cret", "s3cret", "u:a/s3cret", "u:a@s3cret", "u:a?s3cret"]) {
        const text = describeConfig({ [name]: `https://${login}@relay.example.com/path` });
        expect(text, name).not.toContain("s3cret");
      }
    }
  });

  it("shows an address without log-in as it is, and the rest of one that has it", () => {
    const client = { QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "2", QQ_BASE_URL: "http://127.0.0.1:9000/qq" };
    const plain = { ...client, PUBLIC_SITE_URL: "https://www.meiduo.com" };
    expect(describeConfig(plain)).toContain("QQ_BASE_URL=http://127.0.0.1:9000/qq\n");
    expect(describeConfig(plain)).toContain("PUBLIC_SITE_URL=https://www.meiduo.com\n");
    expect(
      describeConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://u:s3cret@otel.example.com:4318" }),
    ).toContain("OTEL_EXPORTER_OTLP_ENDPOINT=https://…@otel.example.com:4318\n");
  });

  it("names no port 0 in an address: the start finds a free one", () => {
    const text = describeConfig({ API_PORT: "0", WEB_PORT: "0" });
    expect(text).toContain("API_PORT=0\n");
    expect(text).toMatch(/^PUBLIC_API_URL=http:\/\/127\.0\.0\.1:\(a free port\) {2}# default$/m);
    expect(text).toMatch(/^QQ_REDIRECT_URI=http:\/\/127\.0\.0\.1:\(a free port\)\/oauth\/callback\/qq/m);
    expect(text).not.toMatch(/:0(?!\d)/);
  });

  it("shows what unset variables come to here, not the rule that gives it", () => {
    const development = describeConfig({
      HOST: "127.0.0.2",
      API_PORT: "9000",
      WEB_PORT: "9080",
      DATA_DIR: "/srv/meiduo",
    });
    for (const line of [
      "PUBLIC_API_URL=http://127.0.0.2:9000",
      "PUBLIC_SITE_URL=http://127.0.0.2:9080",
      "QQ_REDIRECT_URI=http://127.0.0.2:9080/oauth/callback/qq",
      "DATABASE_URL=sqlite:/srv/meiduo/meiduo.sqlite3",
      "SECRET_KEY=generated into /srv/meiduo/secret-key",
      "CODE_REQUEST_LIMIT=(unlimited)",
      "SANDBOX=true",
      "QQ_CLIENT_ID=the sandbox",
    ]) {
      expect(development).toContain(`${line}  # default\n`);
    }
    expect(development).toMatch(/^HASH_CONCURRENCY=\d+ {2}# default$/m);
    expect(development).toMatch(/^CORS_ORIGIN_WHITELIST=.*,http:\/\/127\.0\.0\.2:9080 {2}# default$/m);
    expect(development).not.toMatch(/DATA_DIR\/|WEB_PORT\b(?!=)|\((?:development|production)\)/);
  });

  it("shows production's limits, and no sandbox", () => {
    const production = describeConfig({
      ENVIRONMENT: "production",
      SECRET_KEY: "k".repeat(40),
      SMTP_URL: "smtps://a:b@smtp.example.com:465",
      CORS_ORIGIN_WHITELIST: "https://www.example.com",
      PUBLIC_SITE_URL: "https://www.example.com",
    });
    expect(production).toContain("CODE_REQUEST_LIMIT=120  # default\n");
    expect(production).toContain("SANDBOX=false  # default\n");
    expect(production).toContain("QQ_CLIENT_ID=(not set)  # default\n");
    expect(production).toContain(
      "WECHAT_REDIRECT_URI=https://www.example.com/oauth/callback/wechat  # default\n",
    );
  });

  it("shows what set variables come to, too: 0 for a default, lists that are added to", () => {
    const production = {
      ...{ ENVIRONMENT: "production", SECRET_KEY: "k".repeat(40), SMTP_URL: "smtps://a:b@smtp.example.com" },
      CORS_ORIGIN_WHITELIST: "https://www.example.com",
    };
    const zeros = { CODE_REQUEST_LIMIT: "0", LOGIN_FAILURE_LIMIT_PER_CLIENT: "0", OAUTH_LIMIT: "0" };
    const text = describeConfig({ ...production, ...zeros });
    expect(text).toContain("CODE_REQUEST_LIMIT=120\n");
    expect(text).toContain("LOGIN_FAILURE_LIMIT_PER_CLIENT=600\n");
    expect(text).toContain("OAUTH_LIMIT=600\n");
    expect(text).toContain("DOCS_PAGE=false  # default\n");
    expect(describeConfig({ HASH_CONCURRENCY: "0" })).toMatch(/^HASH_CONCURRENCY=[1-9]\d*$/m);
    expect(describeConfig({ CORS_ORIGIN_WHITELIST: "https://m.example.com", WEB_PORT: "9080" })).toContain(
      "CORS_ORIGIN_WHITELIST=https://m.example.com,http://127.0.0.1:9080\n",
    );
    const proxied = describeConfig({ https_proxy: "http://u:s3cret@proxy.example.com:3128" });
    expect(proxied).toContain("HTTPS_PROXY=http://…@proxy.example.com:3128\n");
  });

  const qq = { QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "2" };
  const all = {
    ...Object.fromEntries(
      ["QQ", "WEIBO", "GITHUB", "WECHAT"].flatMap((name) => [
        [`${name}_CLIENT_ID`, "1"],
        [`${name}_CLIENT_SECRET`, "2"],
      ]),
    ),
    ...apple.settings.forSandbox("https://relay.example.com"),
  };
  it.each<[string, string, Record<string, string>, Record<string, string>]>([
    ["QQ_BASE_URL", "https://relay.example.com", {}, qq],
    ["WECHAT_API_BASE_URL", "https://relay.example.com", {}, all],
    ["APPLE_BASE_URL", "https://relay.example.com", {}, all],
    ["APPLE_REDIRECT_URI", "http://127.0.0.1:8000/x", { SANDBOX: "false" }, {}],
    ["GITHUB_REDIRECT_URI", "http://127.0.0.1:8080/x", { SANDBOX: "false" }, {}],
    ["SANDBOX_PORT", "8001", { SANDBOX: "false" }, {}],
    ["SANDBOX_PORT", "8001", all, qq],
    ["DATABASE_POOL_SIZE", "20", {}, { DATABASE_URL: "postgres://db.example.com/meiduo" }],
    ["REDIS_PREFIX", "shop", {}, { REDIS_URL: "redis://cache.example.com" }],
    ["EMAIL_FROM", "a@example.com", {}, { SMTP_URL: "smtps://a:b@smtp.example.com" }],
    ["SMTP_CONNECTIONS", "9", {}, { SMTP_URL: "smtps://a:b@smtp.example.com" }],
    ["MAILBOX_OPEN", "true", { SMTP_URL: "smtps://a:b@smtp.example.com" }, {}],
    [
      "OIDC_LARK_CLIENT_ID",
      "1",
      {},
      { OIDC_LARK_ISSUER: "https://lark.example", OIDC_LARK_CLIENT_SECRET: "2" },
    ],
    ["OIDC_OIDC_REDIRECT_URI", "http://127.0.0.1:8080/x", { SANDBOX: "false" }, {}],
  ])("says that %s=%s has no effect with %j, and says nothing with %j", (name, value, idle, inForce) => {
    const lineOf = (others: Record<string, string>) =>
      describeConfig({ ...others, [name]: value })
        .split("\n")
        .find((line) => line.startsWith(`${name}=`));
    expect(lineOf(idle)).toMatch(/ {2}# no effect: \S.*\S$/);
    expect(lineOf(inForce)).toBe(`${name}=${value}`);
  });

  it("says that development needs no leave", () => {
    expect(describeConfig({ ALLOW_HTTP: "true" })).toContain("ALLOW_HTTP=true  # no effect: development");
  });
});
