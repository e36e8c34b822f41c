import { afterAll, beforeAll, expect, it } from "vitest";
import { createKnownDevices } from "../../src/devices/known-devices.ts";
import { createRememberedDevices } from "../../src/devices/remembered-devices.ts";
import { makePerson } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

function services() {
  const { app, clock, config } = test;
  const shared = { db: app.db, clock, isHttps: false };
  return {
    remembered: createRememberedDevices({ ...shared, rememberDeviceDays: 30 }),
    devices: createKnownDevices({ ...shared, secretKeys: [config.secretKey!] }),
  };
}

async function owner(username: string) {
  await makePerson(test, username);
  await switchOnSecondFactor(test, username);
  return (await test.app.users.byLoginName(username))!;
}

it("twenty devices at once: never more than ten are kept", async () => {
  const { remembered, devices } = services();
  const account = await owner("python01");
  const asker = await devices.askerOf({ ip: "192.0.2.1", headers: {} });
  await Promise.all(Array.from({ length: 20 }, () => remembered.remember(account, asker)));
  expect(await remembered.list(account, { trustHash: null })).toHaveLength(10);
});

it("a device remembered while the owner ends everything, or switches the factor off: it is asked all the same", async () => {
  const { remembered, devices } = services();
  for (const end of ["tokens", "factor"] as const) {
    const username = `ending-${end}`;
    const account = await owner(username);
    const asker = await devices.askerOf({ ip: "192.0.2.1", headers: {} });
    const ended = () =>
      end === "factor"
        ? test.app.secondFactors.remove(account, "zh")
        : test.app.db.transaction((transaction) =>
            test.app.users.setPassword(transaction, {
              ...{ id: account.id, passwordHash: account.password_hash, emailVerified: 1 },
            }),
          );
    const [cookies] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => remembered.remember(account, asker))),
      ended(),
    ]);
    const present = (await test.app.users.byLoginName(username))!;
    for (const cookie of cookies.filter((one) => one !== null)) {
      const shown = await devices.askerOf({ ip: "192.0.2.1", headers: { cookie: cookie.split(";")[0] } });
      expect(shown.trustHash).not.toBeNull();
      expect(await remembered.use(present, shown), end).toBe(false);
    }
  }
});
