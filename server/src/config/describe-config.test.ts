import { describe, expect, it } from "vitest";
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
    const plain = { QQ_BASE_URL: "http://127.0.0.1:9000/qq", PUBLIC_SITE_URL: "https://www.meiduo.com" };
    expect(describeConfig(plain)).toContain("QQ_BASE_URL=http://127.0.0.1:9000/qq\n");
    expect(describeConfig(plain)).toContain("PUBLIC_SITE_URL=https://www.meiduo.com\n");
    expect(
      describeConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://u:s3cret@otel.example.com:4318" }),
    ).toContain("OTEL_EXPORTER_OTLP_ENDPOINT=https://…@otel.example.com:4318\n");
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
});
