import { expect, it } from "vitest";
import { shop } from "../support/cookie-page.ts";
import { startThirdPartyTest } from "../support/third-party.ts";

const listed = "https://m.shop.example,https://sister.example";

async function comesBack(env: Record<string, string>, next: string): Promise<string> {
  const all = await startThirdPartyTest({ env: { ...shop, RETURN_ORIGINS: listed, ...env } });
  try {
    await all.createBound("github", "penguin", "python01");
    return String((await all.logIn("github", "penguin", { next })).next);
  } finally {
    await all.close();
  }
}

it("a third-party log-in leads back to a listed origin of the site's own domain", async () => {
  const next = "https://m.shop.example/cart?id=7";
  expect(await comesBack({ SITE_SESSION: "cookie" }, next)).toBe(next);
});

it.each([
  ["of another domain", { SITE_SESSION: "cookie" }, "https://sister.example/cart"],
  ["that is not listed", { SITE_SESSION: "cookie" }, "https://blog.shop.example/cart"],
  ["with a log-in before the host", { SITE_SESSION: "cookie" }, "https://m.shop.example@evil.example/"],
  ["where the site keeps tokens", {}, "https://m.shop.example/cart"],
])("but to none %s", async (_title, env, next) => {
  await expect(comesBack(env, next)).rejects.toThrow(/authorization: 400/);
});
