import { readFileSync } from "node:fs";
import { join as pathOf } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { join, makeBound, preview, ready } from "../support/joining.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Two accounts of one person become one: which of their pictures is shown, and that no other is left. */
const picture = readFileSync(pathOf(import.meta.dirname, "../vectors/pictures/pillow.png"));
let test: TestApp;
let kept: Person;
let joined: Person & { readonly accountKey: string };
beforeEach(async () => {
  test = await startTestApp();
  kept = await makePerson(test, "zhangsan", { email: "zhang@example.com" });
  joined = await makeBound(test, "user20457193", { email: "44@qq.com" });
});
afterEach(() => test.close());

async function choose(person: Person): Promise<string> {
  const answer = await test.as(person.token)({
    ...{ method: "PUT", url: "/user/avatar/", payload: picture },
    headers: { "content-type": "image/png" },
  });
  return answer.json().avatar_url;
}
const removeOf = (person: Person) => test.as(person.token)({ method: "DELETE", url: "/user/avatar/" });
const shownBy = async (person: Person) => (await test.as(person.token)({ url: "/user/" })).json().avatar_url;
const isOpen = async (address: string) =>
  (await test.anonymous({ url: new URL(address).pathname })).statusCode === 200;

async function joinThem() {
  const sent = await ready(test, kept, joined);
  const items: { what: string; becomes: string }[] = (await preview(test, kept, sent.ticket)).json().items;
  const answer = await join(test, kept, sent);
  expect(answer.statusCode, answer.body).toBe(200);
  await test.app.maintenance.run();
  return items.filter(({ what }) => what === "picture").map(({ becomes }) => becomes);
}
const left = async () =>
  (await test.app.db.kysely.selectFrom("avatars").select("user_id").execute()).map((row) => row.user_id);

describe("the other's picture", () => {
  it("moves where the kept account chose none, at the same address", async () => {
    const address = await choose(joined);
    expect(await joinThem()).toEqual(["moves"]);
    expect([await shownBy(kept), await isOpen(address), await left()]).toEqual([address, true, [kept.id]]);
  });

  it("is lost where the kept account has one", async () => {
    const [own, others] = [await choose(kept), await choose(joined)];
    expect(await joinThem()).toEqual(["stays", "lost"]);
    expect([await shownBy(kept), await isOpen(own), await isOpen(others)]).toEqual([own, true, false]);
    expect(await left()).toEqual([kept.id]);
  });

  it("is lost where the kept account said that it wants none", async () => {
    const others = await choose(joined);
    await removeOf(kept);
    expect(await joinThem()).toEqual(["lost"]);
    expect([await shownBy(kept), await isOpen(others), await left()]).toEqual([null, false, []]);
  });
});
