import { expect, it } from "vitest";
import { type PasskeyAddressSettings, passkeyAddressOf } from "./passkey-address.ts";

const settings = (changed: Partial<PasskeyAddressSettings>): PasskeyAddressSettings => ({
  ...{ publicSiteUrl: "https://accounts.shop.example", corsOrigins: [], environment: "production" },
  ...{ webauthnRpId: null, webauthnRelatedOrigins: [], ...changed },
});

function of(changed: Partial<PasskeyAddressSettings>) {
  const address = passkeyAddressOf(settings(changed));
  if (typeof address === "string") throw new Error(address);
  return address;
}

it.each([
  ["https://accounts.shop.example", "accounts.shop.example"],
  ["https://shop.example/account", "shop.example"],
  ["http://localhost:8080", "localhost"],
  ["http://shop.localhost:8080", "shop.localhost"],
])("%s has passkeys for %s", (publicSiteUrl, rpId) => {
  expect(of({ publicSiteUrl }).rpId).toBe(rpId);
});

it.each([
  ["http://www.meiduo.com:8080", "plain_http"],
  ["http://192.168.1.5:8080", "address_without_name"],
  ["https://192.0.2.7", "address_without_name"],
  ["https://[2001:db8::1]", "address_without_name"],
  ["http://127.0.0.1:8080", "address_without_name"],
])("%s has none: %s", (publicSiteUrl, reason) => {
  expect(passkeyAddressOf(settings({ publicSiteUrl }))).toBe(reason);
});

it.each(["http://127.0.0.1:8080", "http://[::1]:8080"])(
  "under development %s has those of localhost, where front ends have ports of their own",
  (publicSiteUrl) => {
    const { rpId, isExpected } = of({ publicSiteUrl, environment: "development" });
    expect(rpId).toBe("localhost");
    for (const origin of ["http://localhost:8080", "http://localhost:5173", "https://localhost:8443"]) {
      expect(isExpected(origin), origin).toBe(true);
    }
    for (const origin of ["http://127.0.0.1:8080", "http://localhost.evil.example", "http://evil.example"]) {
      expect(isExpected(origin), origin).toBe(false);
    }
  },
);

it("pages of the site, and of listed origins on the passkeys' domain, may show them; others share none", () => {
  const { isExpected } = of({
    webauthnRpId: "shop.example",
    corsOrigins: [
      "https://www.shop.example",
      "http://old.shop.example",
      "https://partner.example",
      "http://localhost:5173",
    ],
    webauthnRelatedOrigins: ["https://news.other"],
  });
  const may = ["https://accounts.shop.example", "https://www.shop.example", "https://news.other"];
  const mayNot = [
    ...["http://old.shop.example", "https://partner.example", "http://localhost:5173"],
    ...["https://shop.example", "https://evilshop.example", "https://accounts.shop.example:8443", "null", ""],
  ];
  for (const origin of may) expect(isExpected(origin), origin).toBe(true);
  for (const origin of mayNot) expect(isExpected(origin), origin).toBe(false);
});
