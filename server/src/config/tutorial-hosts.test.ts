import { expect, it } from "vitest";
import { readSettings } from "../../test/support/configured-providers.ts";
import { ConfigError } from "../errors/config-problem.ts";
import { readConfig } from "./config.ts";
import { describeTutorialHosts, withTutorialHosts } from "./tutorial-hosts.ts";

it("makes the tutorial's addresses, allows them across origins, and leads callbacks and mails there", () => {
  const config = readConfig(withTutorialHosts({}));
  expect(config.publicSiteUrl).toBe("http://www.meiduo.com:8080");
  expect(config.publicApiUrl).toBe("http://api.meiduo.com:8000");
  expect(config.corsOrigins).toEqual(["http://www.meiduo.com:8080", "http://api.meiduo.com:8000"]);
  expect(config.host).toBe("127.0.0.1");
});

it("keeps chosen ports and listed origins, and goes before addresses set for another layout", () => {
  const source = {
    API_PORT: "9000",
    WEB_PORT: " 9080 ",
    PUBLIC_SITE_URL: "http://elsewhere.example",
    PUBLIC_API_URL: "http://api.elsewhere.example",
    CORS_ORIGIN_WHITELIST: "http://127.0.0.1:8080, http://www.meiduo.com:9080",
    QQ_CLIENT_ID: "1",
    QQ_CLIENT_SECRET: "2",
  };
  const config = readConfig(withTutorialHosts(source));
  expect(config.publicSiteUrl).toBe("http://www.meiduo.com:9080");
  expect(config.publicApiUrl).toBe("http://api.meiduo.com:9000");
  expect(config.corsOrigins).toEqual([
    "http://127.0.0.1:8080",
    "http://www.meiduo.com:9080",
    "http://api.meiduo.com:9000",
  ]);
  expect(readSettings(config, "qq")).toMatchObject([
    { redirectUri: "http://www.meiduo.com:9080/oauth/callback/qq" },
  ]);
});

it("is refused in production, which must not speak plain http", () => {
  expect(() => withTutorialHosts({ ENVIRONMENT: "production" })).toThrow(ConfigError);
});

const leadTo = (addresses: Record<string, string[]>) => async (name: string) => {
  const found = addresses[name];
  if (!found) throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  return found;
};

it("says so where both names lead here", async () => {
  const here = leadTo({ "www.meiduo.com": ["127.0.0.1"], "api.meiduo.com": ["::1", "127.0.0.1"] });
  const text = await describeTutorialHosts(here, "linux");
  expect(text).toContain("lead to this machine. 两个域名都指向本机。");
  expect(text).not.toContain("/etc/hosts");
});

it.each([
  [
    "one name elsewhere",
    { "www.meiduo.com": ["127.0.0.1"], "api.meiduo.com": ["203.0.113.7"] },
    "203.0.113.7",
  ],
  ["unknown names", {}, "www.meiduo.com → ?; api.meiduo.com → ?"],
  ["IPv6 alone", { "www.meiduo.com": ["::1"], "api.meiduo.com": ["::1"] }, "::1"],
])("names the line to add: %s", async (_what, addresses, shown) => {
  const text = await describeTutorialHosts(leadTo(addresses as Record<string, string[]>), "linux");
  expect(text).toContain("\n      127.0.0.1 www.meiduo.com api.meiduo.com\n");
  expect(text).toContain(shown);
  expect(text).toContain("sudo tee -a /etc/hosts");
});

it("names Windows' file on Windows, and waits for no silent name server", async () => {
  const text = await describeTutorialHosts(() => new Promise(() => {}), "win32", 20);
  expect(text).toContain(String.raw`C:\Windows\System32\drivers\etc\hosts`);
  expect(text).not.toContain("sudo");
});
