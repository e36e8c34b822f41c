import type { VueWrapper } from "@vue/test-utils";
import { flushPromises } from "@vue/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { answerWith, openPage } from "../../test/support/page-under-test.ts";
import { stubPasskeyBrowser } from "../../test/support/passkey-browser.ts";
import LogInPage from "./LogInPage.vue";

let page: VueWrapper | undefined;
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(rpId: string | null): Promise<VueWrapper> {
  answerWith({}, {}, rpId);
  page = (await openPage(LogInPage, "/login?next=/account")).page;
  await vi.dynamicImportSettled();
  await flushPromises();
  return page;
}

it("says where the address can have none, and where another one has", async () => {
  stubPasskeyBrowser();
  const nowhere = await open(null);
  expect(nowhere.get(".no-passkeys").text()).toContain("they need https and a domain name");
  expect(nowhere.find(".passkey-log-in").exists()).toBe(false);
  nowhere.unmount();
  const elsewhere = await open("accounts.example");
  expect(elsewhere.get(".no-passkeys a").attributes("href")).toBe("https://accounts.example");
});

it("says nothing where there are some, nor where the browser has none at any address", async () => {
  stubPasskeyBrowser();
  const here = await open("localhost");
  expect(here.find(".no-passkeys").exists()).toBe(false);
  expect(here.find(".passkey-log-in").exists()).toBe(true);
  here.unmount();
  vi.stubGlobal("PublicKeyCredential", undefined);
  expect((await open("localhost")).find(".no-passkeys").exists()).toBe(false);
});
