import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { smsModel } from "../../test/support/sms-model.ts";

/**
 * A model of a day of pumping: 10,000 networks, each with a number of its own, that ask for an SMS every three hours, half of
 * them paying for captchas, beside 200 people with proved numbers at devices that nobody knows and 100 at devices that
 * are known. Some bots know numbers that are proved here. What decides is the product's (sms-model.ts), and nothing is random. The
 * figures stand in docs/threats.md.
 */
const hours = 24;
const networks = 10_000;
const [strangers, owners] = [200, 100];
const [smsPerHour, smsPerDay] = [300, 2000];
/** Minutes between two requests of one bot. */
const rounds = 180;

async function aDay({ everyNthIsProved }: { readonly everyNthIsProved: number }) {
  const model = smsModel({ smsPerHour, smsPerDay });
  let [asked, pumped, mostInAnHour, ofThisHour, served, known] = [0, 0, 0, 0, 0, 0];
  async function sends(asker: Parameters<typeof model.ask>[0]): Promise<boolean> {
    const sent = await model.ask(asker);
    if (typeof sent === "string") return false;
    ofThisHour++;
    await model.conversion.sent(asker.mobile);
    return true;
  }
  const isTurn = (person: number, of: number, minute: number) =>
    Math.floor((person * hours * 60) / of) === minute;
  for (let minute = 0; minute < hours * 60; minute++) {
    if (minute % 60 === 0) ofThisHour = 0;
    // A part of the botnet each minute, all of it in three hours.
    for (let bot = minute % rounds; bot < networks; bot += rounds) {
      asked++;
      const isProved = bot % everyNthIsProved === 0;
      const asker = { network: `bot-${bot}`, mobile: `number-${bot}`, isProved };
      if (await sends({ ...asker, answers: Math.floor(bot / everyNthIsProved) % 2 === 0 })) pumped++;
    }
    // Each person asks once, spread over the day, from a page of the site.
    for (let person = 0; person < strangers; person++) {
      if (!isTurn(person, strangers, minute)) continue;
      const asker = { network: `home-${person}`, mobile: `own-${person}`, isProved: true, answers: true };
      if (!(await sends(asker))) continue;
      served++;
      await model.channel.proved!(asker.mobile, "signIn");
    }
    for (let owner = 0; owner < owners; owner++) {
      if (!isTurn(owner, owners, minute)) continue;
      if (await sends({ network: `known-${owner}`, mobile: `owner-${owner}`, isKnown: true })) known++;
    }
    mostInAnHour = Math.max(mostInAnHour, ofThisHour);
    model.advance(60);
  }
  expect(asked).toBe(80_000);
  expect(pumped + served + known).toBeLessThanOrEqual(smsPerDay);
  expect(mostInAnHour).toBeLessThanOrEqual(smsPerHour);
  return { pumped, mostInAnHour, served, known, alarms: [...model.alarms].toSorted() };
}

describe("a botnet of 10,000 networks and numbers stays within the budget", () => {
  it.each([
    {
      knows: "none",
      everyNthIsProved: Number.POSITIVE_INFINITY,
      figures: { pumped: 926, mostInAnHour: 162, served: 200 },
    },
    { knows: "1 in 50", everyNthIsProved: 50, figures: { pumped: 971, mostInAnHour: 218, served: 200 } },
    { knows: "1 in 20", everyNthIsProved: 20, figures: { pumped: 1121, mostInAnHour: 272, served: 195 } },
    { knows: "all", everyNthIsProved: 1, figures: { pumped: 1768, mostInAnHour: 274, served: 6 } },
  ])("that knows proved numbers: $knows", async ({ knows, everyNthIsProved, figures }) => {
    const found = await aDay({ everyNthIsProved });
    // Whom an account's device knows is served whatever the bots know.
    expect(found).toEqual({ ...figures, known: owners, alarms: expect.arrayContaining(["sms_budget"]) });
    // What docs/threats.md says of it.
    const said = `${knows}: ${found.pumped}, ${found.served} of ${strangers}, ${found.known} of ${owners}`;
    expect(readFileSync("docs/threats.md", "utf8")).toContain(said);
  });
}, 120_000);
