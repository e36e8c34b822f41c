import { expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { checkAddresses } from "./address-checks.ts";

const site = "https://shop.example/account";
const production = {
  ...{
    ENVIRONMENT: "production",
    SECRET_KEY: "kJ8s0d2LmQ4xv9Zt1WcR7pYbN5hGf3aE6uXoTiVq",
    DATA_DIR: "/nowhere",
  },
  ...{ SMTP_URL: "smtps://a:b@smtp.example.com", CORS_ORIGIN_WHITELIST: "https://shop.example" },
  ...{ PUBLIC_SITE_URL: site, PUBLIC_API_URL: "https://shop.example/account-api", TRUST_PROXY: "1" },
  ...{ QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "2" },
};
const own = [{ host: "192.168.1.5", isLoopback: false }];

function found(check: string, env: Record<string, string>) {
  return checkAddresses(readConfig(env), own).find((one) => one.check === check);
}

test("a site and an API at paths of one address are sound, and so is the callback below the site's", () => {
  const worse = checkAddresses(readConfig(production), own).filter(({ level }) => level !== "ok");
  expect(worse).toEqual([]);
  expect(found("redirect-qq", production)?.en).toContain(`${site}/oauth/callback/qq`);
});

test("a callback outside the site's path is nothing to be refused, but its proxy has to know", () => {
  const callback = "https://shop.example/oauth_callback.html";
  const diagnosis = found("redirect-qq", { ...production, QQ_REDIRECT_URI: callback });
  expect(diagnosis?.level).toBe("warn");
  for (const words of [diagnosis?.en, diagnosis?.zh]) {
    expect(words).toContain(callback);
    expect(words).toContain(" /account");
    expect(words).toContain("QQ_REDIRECT_URI");
  }
});

test("what other devices open has the path, too", () => {
  const env = { HOST: "0.0.0.0", PUBLIC_SITE_URL: "http://127.0.0.1:8080/account" };
  expect(found("reach", env)?.en).toContain(" http://192.168.1.5:8080/account,");
  expect(found("reach", env)?.zh).toContain("PUBLIC_SITE_URL=http://192.168.1.5:8080/account");
});
