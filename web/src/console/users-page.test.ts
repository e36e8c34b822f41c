import { flushPromises } from "@vue/test-utils";
import { expect, it } from "vitest";
import { type Answer, answerWith, openPage } from "../../test/support/page-under-test.ts";
import { en } from "./texts/en.ts";
import UsersPage from "./UsersPage.vue";

const row = (id: number) => ({
  ...{ id, username: `user${id}`, email: null, mobile: null, is_active: true, last_login: null },
});
const pageOf = (ids: readonly number[], next: number | null) =>
  Response.json({ results: ids.map(row), next });

/** The list at this address, whose pages come one after another. */
async function opened(address: string, pages: readonly Answer[]) {
  const left = [...pages];
  const api = answerWith({ "GET /admin/users/": () => left.shift()! });
  const { page } = await openPage(UsersPage, address);
  const press = async (words: string) => {
    await page
      .findAll("button")
      .find((one) => one.text() === words)!
      .trigger("click");
    await flushPromises();
  };
  const shown = () => page.findAll("[data-user]").map((one) => Number(one.attributes("data-user")));
  return { api, page, press, shown };
}

it("keeps what a search through all accounts has found where the reader stops it, and goes on from there", async () => {
  const never = new Promise<Response>(() => {});
  const { api, page, press, shown } = await opened("/users?search=ser&match=contains", [
    ...[pageOf([7, 9], 2000), never, pageOf([2500], null)],
  ]);
  expect(page.text()).toContain(en.users.looked(2000));
  await press(en.users.stop);
  expect(shown()).toEqual([7, 9]);
  expect(page.text()).toContain(en.users.byContains);
  await press(en.more);
  expect(shown()).toEqual([7, 9, 2500]);
  expect(api.calls().at(-1)).toMatch(/match=contains.*after=2000/);
  expect(page.text()).toContain(en.end);
});

it("tries what was typed as a whole, then as a beginning, and says which it is", async () => {
  const { api, page, shown } = await opened("/users?search=us", [pageOf([], null), pageOf([3], null)]);
  expect(shown()).toEqual([3]);
  expect(page.text()).toContain(en.users.byPrefix);
  expect(api.calls().map((call) => /match=(\w+)/.exec(call)![1])).toEqual(["exact", "prefix"]);
});

it("asks for days as the reader has them", async () => {
  const { api } = await opened("/users?joined_from=2026-11-30&seen_to=2026-12-01", [pageOf([3], null)]);
  const { searchParams } = new URL(api.calls()[0]!.split(" ")[1]!, "http://api.test");
  expect(searchParams.get("joined_from")).toBe(new Date(2026, 10, 30).toISOString());
  expect(searchParams.get("seen_to")).toBe(new Date(2026, 11, 1).toISOString());
});
