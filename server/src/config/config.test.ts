import { describe, expect, it } from "vitest";
import { ConfigError, type ConfigProblem, problemLine } from "../errors/config-problem.ts";
import { type Config, readConfig, type Source } from "./config.ts";
import { withTutorialHosts } from "./tutorial-hosts.ts";

/** What is reported, one line a problem; an empty list where nothing is. */
function problemsOf(source: Source): string[] {
  return problemsIn(source).map(({ variable, message }) => `${variable} ${message}`);
}

function problemsIn(source: Source): readonly ConfigProblem[] {
  try {
    readConfig(source);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

/** One line a problem: its name, the English sentence and the Chinese one, with nothing left to fill in. */
function expectBothLanguages(source: Source): void {
  const found = problemsIn(source);
  expect(found).not.toEqual([]);
  for (const problem of found) {
    expect(problemLine(problem)).toMatch(/^\S+ ["a-z].*[^.]\. .*[\u4e00-\u9fff].*。$/u);
    expect(problemLine(problem)).not.toMatch(/\n|\{\w+\}|undefined/);
  }
}

describe("a wrong value is one sentence that names its variable", () => {
  it.each([
    ["HOST", "256.1.1.1", "must be an IPv4 address, an IPv6 address or a host name"],
    ["HOST", "1.2.3", "must be an IPv4 address"],
    ["HOST", "127.0.0.1:8000", "without scheme and port"],
    ["HOST", "http://127.0.0.1", "without scheme and port"],
    ["HOST", "[::1", "must be an IPv4 address"],
    ["HOST", "::1:8000:x", "must be an IPv4 address"],
    ["HOST", "[localhost]", "must be an IPv4 address"],
    ["HOST", "two words", "must be an IPv4 address"],
    ["HOST", "0x7f.1", "must be an IPv4 address"],
    ["HOST", "fe80::1%eth0", "must not be a link-local address"],
    ["HOST", "fe80::1", "must not be a link-local address"],
    ["API_PORT", "65536", "must be a whole number from 0 to 65535"],
    ["WEB_PORT", "-1", "must be a whole number from 0 to 65535"],
    ["METRICS_PORT", "9e3", "must be a whole number from 0 to 65535"],
    ["SANDBOX_PORT", "100000", "must be a whole number from 0 to 65535"],
    ["PASSWORD_HASHERS", "nope", 'knows no "nope": use argon2, '],
    ["PASSWORD_HASHERS", "argon2,argon3", 'knows no "argon3"'],
    ["PASSWORD_HASHERS", ",", "names no hasher"],
    [
      "PASSWORD_HASHERS",
      "md5,argon2",
      "begins with md5, which may verify old passwords but not hash new ones",
    ],
    ["TRUST_PROXY", "abc", "must be a number of proxies, such as 1, or a list of their addresses, such as"],
    ["TRUST_PROXY", "true", "must be a number of proxies"],
    ["TRUST_PROXY", "-1", "must be a number of proxies"],
    ["TRUST_PROXY", "10.0.0.0/33", "must be a number of proxies"],
    ["TRUST_PROXY", "10.0.0.0/0", "must be a number of proxies"],
    ["TRUST_PROXY", "10.0.0.1,256.0.0.1", 'not "256.0.0.1"'],
    ["SMTP_URL", "smtp://", "must look like smtps://"],
    ["SMTP_URL", "smtp://user@host", "has a user name without an authorization code"],
    ["SMTP_URL", "imap://host", "must begin with smtp: or smtps:"],
    ["EMAIL_FROM", "x y", "must look like 美多商城<name@example.com>"],
    ["REDIS_URL", "redis://x y", "can't be read"],
    ["REDIS_URL", "redis://", "can't be read"],
    ["REDIS_URL", "redis://x:70000", "can't be read"],
    ["REDIS_URL", "memcached://x", "must begin with redis: or"],
    ["DATABASE_URL", "postgres://x y/z", "can't be read: postgres://"],
    ["DATABASE_URL", "postgres://x:port/z", "can't be read: postgres://"],
    ["DATABASE_URL", "sqlite:", "names no file"],
    [
      "DATABASE_URL",
      "postgres://u:p@x/z?sslmode=verify-full&sslrootcert=/nowhere/ca.crt",
      "names a file in sslrootcert that can't be read: ENOENT",
    ],
    ["DATABASE_URL", "postgres://x/z?sslcert=/nowhere/own.crt", "names a file in sslcert"],
    ["AUTHENTICATORS", ",", "names no way to authenticate: use jwt"],
    ["HTTPS_PROXY", "proxy.example.com:3128", "must be the address of a proxy"],
    ["https_proxy", "proxy.example.com:3128", "must be the address of a proxy"],
    ["ALLOWED_HOSTS", "https://api.meiduo.com", "must list host names or addresses without scheme and port"],
    ["ALLOWED_HOSTS", "api.meiduo.com:8000", 'not "api.meiduo.com:8000"'],
    ["ALLOWED_HOSTS", "api.meiduo.com,.meiduo.com", 'not ".meiduo.com"'],
    ["MAILBOX_OPEN", "perhaps", "must be true or false"],
    ["OIDC_OIDC_REDIRECT_URI", "https://www.meiduo.com/callback?from=oidc", "must end before ?"],
    ["PUBLIC_SITE_URL", "www.meiduo.com", "must be an absolute http or https address"],
    ["PUBLIC_API_URL", "https://api.meiduo.com/?a=b", "must end before ? and #"],
    ["PUBLIC_SITE_URL", "https://u:p@www.meiduo.com", "must not hold a user name or password"],
    ["PUBLIC_SITE_URL", "https://shop.example/account?", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example/account#", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example//evil.example", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example/a//b", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example/a/../b", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example/.", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example\\account", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example/%2e%2e/b", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https://shop.example/会员", "must have a plain path or none"],
    ["PUBLIC_SITE_URL", 'https://shop.example/"><script>', "must have a plain path or none"],
    ["PUBLIC_SITE_URL", "https:shop.example", "must have a plain path or none"],
    ["PUBLIC_API_URL", "https://shop.example/a/..", "must have a plain path or none"],
    ["PROXY_KEEPS_PATH", "perhaps", "must be true or false"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "must be an absolute http or https address"],
  ])("%s=%s", (name, value, said) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
    expect(problems[0]).toContain(said);
    expect(problems[0]).not.toContain("\n");
    expectBothLanguages({ [name]: value });
  });

  it("and all of them are reported together", () => {
    const names = ["HOST", "TRUST_PROXY", "SMTP_URL", "REDIS_URL", "EMAIL_FROM", "PASSWORD_HASHERS"];
    const problems = problemsOf(Object.fromEntries(names.map((name) => [name, "x y"])));
    expect(problems.map((problem) => problem.split(" ")[0]).toSorted()).toEqual(names.toSorted());
  });

  it.each<Source>([
    { ENVIRONMENT: "production", SECRET_KEY: "short", SANDBOX: "true", AUTHENTICATORS: "ldap" },
    { ENVIRONMENT: "production", MAILBOX_OPEN: "true" },
    { ENVIRONMENT: "staging", DOCS_PAGE: "perhaps", SECRET_KEY: "short", API_PORT: "1", WEB_PORT: "1" },
    { CORS_ORIGIN_WHITELIST: "www.meiduo.com", QQ_CLIENT_ID: "1", WEIBO_REDIRECT_URI: "here" },
    { CORS_ORIGIN_WHITELIST: "https://www.meiduo.com/path", OIDC_SINA_ISSUER: "https://x.example" },
    { OIDC_A_ISSUER: "http://x.example", OIDC_B_ISSUER: "https://x.example/.well-known/x" },
  ])("and says the same in Chinese after it: %o", (source) => expectBothLanguages(source));

  it.each([
    [{ API_PORT: "8000", WEB_PORT: "8000" }, ["WEB_PORT must differ from API_PORT: both are 8000"]],
    [{ METRICS_PORT: "8080" }, ["METRICS_PORT must differ from WEB_PORT: both are 8080"]],
    [{ SANDBOX_PORT: "8000" }, ["SANDBOX_PORT must differ from API_PORT: both are 8000"]],
    [{ API_PORT: "0", WEB_PORT: "0" }, []],
  ])("two servers want two ports: %o", (source, said) => expect(problemsOf(source)).toEqual(said));

  it("never with a password", () => {
    const secrets = {
      ...{ SMTP_URL: "smtp://u:hunter2@", REDIS_URL: "redis://u:hunter2@x y" },
      ...{ DATABASE_URL: "postgres://u:hunter2@x:y/z", HTTP_PROXY: "ftp://u:hunter2@x" },
      ...{ PUBLIC_SITE_URL: "https://u:hunter2@x", PUBLIC_API_URL: "ftp://u:hunter2@x" },
      ...{ CORS_ORIGIN_WHITELIST: "https://u:hunter2@x", OTEL_EXPORTER_OTLP_ENDPOINT: "//u:hunter2@x" },
      ...{ QQ_BASE_URL: "https://u:hunter2@x", QQ_REDIRECT_URI: "https://u:hunter2@x" },
      ...{ OIDC_A_ISSUER: "https://u:hunter2@x", OIDC_A_CLIENT_ID: "a", OIDC_A_CLIENT_SECRET: "b" },
    };
    const problems = problemsOf(secrets);
    expect(problems).toHaveLength(11);
    expect(problems.join("\n")).not.toContain("hunter2");
  });
});

describe("the hosts that requests may be addressed to", () => {
  it("are the listed ones and those of every address that browsers are given", () => {
    const { allowedHosts } = readConfig({
      HOST: "machine.lan",
      PUBLIC_SITE_URL: "https://www.mall.cn/shop",
      PUBLIC_API_URL: "https://API.mall.cn:8443",
      CORS_ORIGIN_WHITELIST: "https://m.mall.cn",
      ALLOWED_HOSTS: "meiduo_api, Internal.Example,10.0.0.7,[2001:DB8::9],*",
    });
    expect(allowedHosts.toSorted()).toEqual(
      [
        ...["*", "10.0.0.7", "[2001:db8::9]", "api.mall.cn", "internal.example", "m.mall.cn"],
        ...["machine.lan", "meiduo_api", "www.mall.cn"],
      ].toSorted(),
    );
  });

  it("take the path that the addresses have, and requests to the API have it where the proxy keeps it", () => {
    const env = {
      PUBLIC_SITE_URL: "https://shop.example/my.account_2/~a-b/",
      PUBLIC_API_URL: "https://shop.example/account-api",
    };
    expect(readConfig(env)).toMatchObject({
      publicSiteUrl: "https://shop.example/my.account_2/~a-b",
      apiBasePath: "",
    });
    expect(readConfig({ ...env, PROXY_KEEPS_PATH: "true" }).apiBasePath).toBe("/account-api");
    expect(readConfig({ PROXY_KEEPS_PATH: "true" }).apiBasePath).toBe("");
  });

  it("of the tutorial's layout are its two names", () => {
    const { allowedHosts, apiFollowsPage } = readConfig(withTutorialHosts({}));
    expect(allowedHosts).toEqual(expect.arrayContaining(["www.meiduo.com", "api.meiduo.com"]));
    expect(apiFollowsPage).toBe(false);
    expect(readConfig({}).apiFollowsPage).toBe(true);
  });
});

describe("HOST", () => {
  it.each([
    ["::1", "::1", "http://[::1]:8080", "http://[::1]:8000"],
    ["[::1]", "::1", "http://[::1]:8080", "http://[::1]:8000"],
    ["2001:DB8:0::1", "2001:DB8:0::1", "http://[2001:db8::1]:8080", "http://[2001:db8::1]:8000"],
    ["localhost", "localhost", "http://localhost:8080", "http://localhost:8000"],
    ["192.168.1.5", "192.168.1.5", "http://192.168.1.5:8080", "http://192.168.1.5:8000"],
    // Every address of the machine: browsers can't open these two themselves.
    ["0.0.0.0", "0.0.0.0", "http://127.0.0.1:8080", "http://127.0.0.1:8000"],
    ["::", "::", "http://127.0.0.1:8080", "http://127.0.0.1:8000"],
    ["0:0:0:0:0:0:0:0", "0:0:0:0:0:0:0:0", "http://127.0.0.1:8080", "http://127.0.0.1:8000"],
  ])("%s is listened on, and printed as browsers take it", (raw, host, site, api) => {
    const config = readConfig({ HOST: raw });
    expect([config.host, config.publicSiteUrl, config.publicApiUrl]).toEqual([host, site, api]);
    expect(config.corsOrigins).toContain(site);
  });
});

it.each<[string, Config["trustProxy"]]>([
  ["0", false],
  ["false", false],
  ["2", 2],
  ["loopback, 10.0.0.0/8", ["loopback", "10.0.0.0/8"]],
  ["2001:db8::/32,::1", ["2001:db8::/32", "::1"]],
])("TRUST_PROXY=%s", (raw, trusted) => expect(readConfig({ TRUST_PROXY: raw }).trustProxy).toEqual(trusted));

it.each([
  ["", "argon2"],
  ["scrypt, argon2", "scrypt"],
  ["argon2,unsalted_md5", "argon2"],
  ["django.contrib.auth.hashers.PBKDF2PasswordHasher,MD5PasswordHasher", "pbkdf2_sha256"],
])("PASSWORD_HASHERS=%s hashes with %s", (raw, first) =>
  expect(readConfig({ PASSWORD_HASHERS: raw }).passwordHashers[0]).toBe(first),
);

it.each([
  ["DATABASE_URL", "postgres:///meiduo?host=/var/run/postgresql"],
  ["DATABASE_URL", "postgres://u:p@/meiduo?host=%2Fvar%2Frun%2Fpostgresql"],
  ["DATABASE_URL", "postgresql://u:p%40ss@db.example.com:5432/meiduo?sslmode=verify-full"],
  ["DATABASE_URL", "postgres://u:two words@db.example.com/meiduo"],
  ["DATABASE_URL", "sqlite:///var/lib/meiduo.sqlite3"],
  ["REDIS_URL", "redis+sentinel://:pw@one:26379,two/mymaster/0"],
  ["REDIS_URL", "redis://[::1]:6379/0"],
  ["SMTP_URL", "smtps://u@163.com:code@smtp.163.com:465"],
  ["HTTPS_PROXY", "socks5://127.0.0.1:1080"],
  ["QQ_REDIRECT_URI", "http://www.meiduo.com:8080/callback.html?from=qq"],
])("%s=%s is fine", (name, value) => expect(problemsOf({ [name]: value })).toEqual([]));

it.each([
  [
    "CORS_ORIGIN_WHITELIST",
    "https://*.example.com",
    /knows no wildcards such as "https:\/\/\*\.example\.com"/,
  ],
  ["CORS_ORIGIN_WHITELIST", "https://a.example,*", /knows no wildcards/],
  ["CORS_ORIGIN_WHITELIST", "https://.example.com", /knows no wildcards/],
  ["CORS_ORIGIN_WHITELIST", ",", /names no origin/],
  ["RESERVED_USERNAMES", ",", /must list user names/],
  ["RESERVED_USERNAMES", "bigbrand, Bob's shop", /not "Bob's shop"/],
  ["RESERVED_USERNAMES", "大品牌，小品牌", /must list user names/],
  ["CORS_ORIGIN_WHITELIST", " , ,", /names no origin/],
  ["AUTHENTICATORS", ",", /names no way to authenticate/],
  ["PASSWORD_HASHERS", ",", /PASSWORD_HASHERS/],
  ["CORS_ALLOW_HEADERS", "x shop", /must list names of headers/],
  ["CORS_ALLOW_HEADERS", "x-a\r\nset-cookie: a=b", /must list names of headers/],
])("%s=%j can take no effect and is refused in words", (name, value, sentence) => {
  expect(() => readConfig({ [name]: value })).toThrow(sentence);
});
