import { mount } from "@vue/test-utils";
import { expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { i18n, language } from "../language.ts";
import ErrorPage from "./ErrorPage.vue";

async function open(address: string) {
  language.value = "en";
  const component = { render: () => null };
  const routes = [{ path: "/:rest(.*)*", component }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  await router.push(address);
  return { router, page: mount(ErrorPage, { global: { plugins: [i18n, router] } }) };
}

it("names the request to report, and takes no words of an address", async () => {
  const { page } = await open("/error?request=abc-123");
  expect(page.text()).toContain("Request id: abc-123");
  for (const address of ["/error", "/error?request=Call%20555-123%20now"]) {
    const { page: plain } = await open(address);
    expect(plain.text()).not.toContain("Request id");
    expect(plain.text()).not.toContain("555");
  }
});

it("says that there is no network, and tries the wanted page again without leaving the site", async () => {
  const { page, router } = await open("/error?reason=offline&next=/terms");
  expect(page.text()).toContain("You’re offline");
  await page.get(".lost button").trigger("click");
  await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe("/terms"));
});
