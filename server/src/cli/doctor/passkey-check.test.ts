import { expect, it } from "vitest";
import { checkPasskeys } from "./passkey-check.ts";

const check = async (changed: Partial<Parameters<typeof checkPasskeys>[0]>) => {
  const [found] = await checkPasskeys({
    ...{ publicSiteUrl: "https://accounts.shop.example", corsOrigins: [], environment: "production" },
    ...{ webauthnRpId: null, webauthnRelatedOrigins: [], ...changed },
  });
  return [found!.level, found!.en];
};

it("says for which domain they are", async () => {
  expect(await check({})).toEqual(["ok", "Passkeys are for accounts.shop.example."]);
  expect(await check({ webauthnRpId: "shop.example" })).toEqual(["ok", "Passkeys are for shop.example."]);
});

it.each([
  ["http://www.meiduo.com:8080", "by https alone"],
  ["https://192.0.2.7", "this host is a number"],
])("says why %s can have none", async (publicSiteUrl, reason) => {
  expect(await check({ publicSiteUrl })).toEqual(["ok", expect.stringContaining(reason)]);
});

it("names the address under development that has them", async () => {
  const found = await check({ publicSiteUrl: "http://127.0.0.1:8080", environment: "development" });
  expect(found).toEqual(["ok", expect.stringContaining("Passkeys work at http://localhost:8080.")]);
});

it.each(["other.example", "example", "co.uk", "shop.accounts.shop.example"])(
  "fails for the domain %s, which browsers refuse this site",
  async (webauthnRpId) => {
    expect(await check({ webauthnRpId })).toEqual([
      "fail",
      expect.stringContaining("Every passkey would fail"),
    ]);
  },
);

it("reminds of the list that another host has to answer", async () => {
  const webauthnRelatedOrigins = ["https://news.other"];
  expect((await check({ webauthnRelatedOrigins }))[0]).toBe("ok");
  const found = await check({ webauthnRpId: "shop.example", webauthnRelatedOrigins });
  expect(found).toEqual(["warn", expect.stringContaining("https://shop.example/.well-known/webauthn")]);
});
