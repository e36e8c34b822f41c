import { expect, it } from "vitest";
import { mapKv } from "../../test/support/map-kv.ts";
import { createCaptchaGate } from "../captcha/captcha-gate.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { createSmsBudget } from "./sms-budget.ts";
import { createSmsConversion } from "./sms-conversion.ts";
import { createSmsRisk } from "./sms-risk.ts";

/**
 * A model of a day of pumping: 10,000 networks, each with a number of its own, that ask for an SMS every three hours and answer
 * captchas as people do, and 200 people with proved numbers at devices that nobody knows. What decides (budget, conversion,
 * risk, gate, the network's limit) is the product's; the store is a map, the clock is moved, and nothing is random. The
 * figures stand in docs/threats.md.
 */
const hours = 24;
const networks = 10_000;
const people = 200;
const smsPerHour = 300;
const smsPerDay = 2000;
const stepMillis = 60_000;
/** Minutes between two requests of one bot. */
const rounds = 180;

it("a botnet of 10,000 networks and numbers stays within the budget, and proved numbers are served", async () => {
  let now = 1_800_000_000_000;
  const clock = { now: () => now };
  const kv = mapKv(clock.now);
  const alarms = new Set<string>();
  const log = { warn: ({ alarm }: { alarm: string }) => void alarms.add(alarm), debug() {} } as never;
  const budget = createSmsBudget({ kv, log, smsPerHour, smsPerDay });
  const conversion = createSmsConversion({ kv, clock, log, smsConversionFloor: 20, countryOf: () => "CN" });
  const isRisky = createSmsRisk({ kv, budget, conversion, captchaAfterSms: 3 });
  const gate = createCaptchaGate({ captcha: null, kv, log });
  const perHour = { name: "sms", limit: 10, windowSeconds: 3600 };
  const limit = createRateLimit(kv);

  /** `answers`: pays for a captcha; a botnet that does is the worst one. */
  async function ask(
    network: string,
    mobile: string,
    { isProved, answers }: { isProved: boolean; answers: boolean },
  ) {
    try {
      if (await isRisky({ network }, mobile, perHour)) {
        const shown = { kinds: [], token: null, handle: null, clientAddress: network };
        const about = { purpose: "signIn", address: mobile };
        if (!answers) await gate.expect(about, shown, { subject: network, whenUnavailable: "refuse" });
      }
      await limit.countAll([perHour], network);
      await budget.count(isProved, conversion.counted(mobile));
    } catch {
      return false;
    }
    if (isProved) await conversion.proved(mobile);
    return true;
  }

  let [asked, pumped, mostInAnHour, ofThisHour, served, wished] = [0, 0, 0, 0, 0, 0];
  for (let minute = 0; minute < hours * 60; minute++) {
    if (minute % 60 === 0) ofThisHour = 0;
    // A part of the botnet each minute, all of it in three hours; every second one pays for captchas.
    for (let bot = minute % rounds; bot < networks; bot += rounds) {
      asked++;
      const isSent = await ask(`bot-${bot}`, `bot-number-${bot}`, {
        isProved: false,
        answers: bot % 2 === 0,
      });
      if (isSent) {
        pumped++;
        ofThisHour++;
      }
    }
    // Each person asks once a day, spread over it, from a page of the site.
    for (let person = 0; person < people; person++) {
      if (Math.floor((person * hours * 60) / people) !== minute) continue;
      wished++;
      if (await ask(`home-${person}`, `own-number-${person}`, { isProved: true, answers: true })) {
        served++;
        ofThisHour++;
      }
    }
    mostInAnHour = Math.max(mostInAnHour, ofThisHour);
    now += stepMillis;
  }
  const figures = { asked, pumped, mostInAnHour, served, wished, alarms: [...alarms].toSorted() };
  expect(figures).toEqual({
    ...{ asked: 80_000, pumped: 1549, mostInAnHour: 248, served: 200, wished: 200 },
    alarms: ["sms_budget", "sms_conversion"],
  });
  expect(pumped + served).toBeLessThanOrEqual(smsPerDay);
  expect(served / wished).toBeGreaterThan(0.99);
}, 120_000);
