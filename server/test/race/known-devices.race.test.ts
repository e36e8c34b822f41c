import { afterAll, beforeAll, expect, it } from "vitest";
import { devicesPerAccount } from "../../src/devices/known-devices.ts";
import { asking, devicesOf } from "../support/devices.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let owner: Person;
beforeAll(async () => {
  test = await startTestApp();
  owner = await makePerson(test, "python01");
});
afterAll(() => test.close());

const devicesNow = () =>
  test.app.db.kysely.selectFrom("known_devices").selectAll().where("user_id", "=", owner.id).execute();

const setVersion = (credentials_version: number) =>
  test.app.db.kysely.updateTable("users").set({ credentials_version }).where("id", "=", owner.id).execute();

it("of 60 devices that log in at once no more are kept than an account may have", async () => {
  const devices = devicesOf(test);
  const account = { id: owner.id, credentials_version: 0 };
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) =>
      devices.remember(account, await devices.askerOf(asking(`198.51.100.${i + 1}`))),
    ),
  );
  expect(await devicesNow()).toHaveLength(devicesPerAccount);
});

it("one device that logs in 60 times at once is noted once", async () => {
  const devices = devicesOf(test);
  const account = { id: owner.id, credentials_version: 1 };
  await setVersion(1);
  const cookie = "meiduo_device=AAAAAAAAAAAAAAAAAAAAAA";
  const asker = await devices.askerOf(asking("203.0.113.1", "curl/8", cookie));
  await Promise.all(Array.from({ length: 60 }, () => devices.remember(account, asker)));
  expect(await devicesNow()).toHaveLength(1);
});

it("a log-in of before a reset never makes a stranger of the device that did the reset", async () => {
  const devices = devicesOf(test);
  const asker = await devices.askerOf(
    asking("203.0.113.2", "curl/8", "meiduo_device=BBBBBBBBBBBBBBBBBBBBBB"),
  );
  // Versions are random, so the later is the greater or the smaller one.
  const versions = [1, 7, 3, 12, 2, 9, 8, 4, 11, 5, 6];
  for (const [i, version] of versions.slice(1).entries()) {
    const [before, after] = [versions[i]!, version].map((credentials_version) => ({
      ...{ id: owner.id, credentials_version },
    }));
    await setVersion(version);
    await Promise.all([
      ...Array.from({ length: 5 }, () => devices.remember(before!, asker)),
      ...Array.from({ length: 5 }, () => devices.remember(after!, asker)),
    ]);
    expect(await devices.isKnown(after!, asker)).toBe(true);
    expect(await devices.isKnown(before!, asker)).toBe(false);
  }
});
