import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPictureCodes, type PictureCodes } from "../../src/classic/picture-codes.ts";
import { clientNetworks } from "../../src/kernel/client-address.ts";
import { pictureText } from "../support/classic.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A picture is one try, whoever comes at once, on the store that several processes share. */
const callers = 50;
let test: TestApp;
let pictures: PictureCodes;
beforeAll(async () => {
  test = await startTestApp();
  const options = {
    sandboxCaptchaText: pictureText,
    pictureLimit: 20,
    secretKey: "k".repeat(32),
    widerNetworkFactor: 3,
  };
  pictures = createPictureCodes({ kv: test.app.kv, ...options });
});
afterAll(() => test.close());

const many = async (call: (i: number) => Promise<unknown>) =>
  (await Promise.allSettled(Array.from({ length: callers }, (_, i) => call(i)))).filter(
    ({ status }) => status === "fulfilled",
  ).length;

it("of many that show the right text one passes", async () => {
  const id = randomUUID();
  await pictures.draw(id, clientNetworks("192.0.2.1"));
  expect(await many(() => pictures.expect(id, pictureText))).toBe(1);
});

it("of right and wrong ones at once at most one passes, and afterwards none", async () => {
  const id = randomUUID();
  await pictures.draw(id, clientNetworks("192.0.2.1"));
  const passed = await many((i) => pictures.expect(id, i % 2 === 0 ? pictureText : "WWWW"));
  expect(passed).toBeLessThanOrEqual(1);
  expect(await many(() => pictures.expect(id, pictureText))).toBe(0);
});

it("a network draws no more than its limit", async () => {
  expect(await many(() => pictures.draw(randomUUID(), clientNetworks("192.0.2.2")))).toBe(20);
  expect(await many(() => pictures.draw(randomUUID(), clientNetworks("192.0.2.3")))).toBe(20);
});

it("an IPv6 /48 draws no more than three networks do, however many it has", async () => {
  const of = (i: number) => clientNetworks(`2001:db8:7:${i.toString(16)}::1`);
  let drawn = 0;
  for (const _ of [1, 2]) drawn += await many((i) => pictures.draw(randomUUID(), of(i)));
  expect(drawn).toBe(60);
});
