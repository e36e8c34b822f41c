import { describe, expect, it } from "vitest";
import { smsModel } from "../../test/support/sms-model.ts";

/**
 * A number's sums against a vendor's, which roll: 5 in any hour, 10 in any day, each counted where the message arrives, up to
 * the code's life later. Moments are random, with fixed seeds.
 */
const [hour, day] = [3_600_000, 86_400_000];
const smsCodeLifeSeconds = 300;
const mobile = "13800138000";

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const most = (times: readonly number[], window: number) =>
  Math.max(...times.map((end) => times.filter((at) => at <= end && at > end - window).length));

/** Strangers ask all the time, from ever new networks and for each purpose; the owner's device when `isOwnersTurn`. */
async function days(seed: number, ownerEverySeconds: number, longestGap = 1800) {
  const random = randomOf(seed);
  const model = smsModel({ smsCodeLifeSeconds, smsPerHour: 100_000, smsPerDay: 100_000 });
  const arrived: number[] = [];
  const owner: string[] = [];
  const strangers: number[] = [];
  let network = 0;
  let ownerAt = model.now() + random() * ownerEverySeconds * 1000;
  const end = model.now() + 4 * day;
  while (model.now() < end) {
    const isOwner = model.now() >= ownerAt;
    if (isOwner) ownerAt += ownerEverySeconds * 1000;
    const purpose = (["register", "signIn", "resetpwd"] as const)[Math.floor(random() * 3)]!;
    const sent = await model.ask(
      isOwner
        ? { network: "home", mobile, isKnown: true, purpose }
        : { network: `bot-${network++}`, mobile, isProved: true, answers: true, purpose },
    );
    if (typeof sent !== "string") {
      const due = model.now() + sent.delaySeconds * 1000;
      const latest = Math.max(due, sent.sms.expiresAt);
      // At once, or as late as it may.
      arrived.push(random() < 1 / 2 ? due : latest);
      if (!isOwner) strangers.push(due);
      if (isOwner) owner.push("sent");
    } else if (isOwner) owner.push(sent);
    // From a second to some minutes, so that every phase of hours and minutes comes.
    model.advance(Math.ceil(random() ** 3 * longestGap));
  }
  arrived.sort((one, other) => one - other);
  return { arrived, owner, strangers };
}

describe("a number that strangers ask for all the time", () => {
  it.each([1, 2, 3, 4, 5, 6])("is sent what its vendor sends, at whatever moments: %d", async (seed) => {
    const { arrived, owner, strangers } = await days(seed, 8 * 3600 - 7);
    expect([most(arrived, hour) <= 5, most(arrived, day) <= 10]).toEqual([true, true]);
    expect([most(strangers, hour), most(strangers, day)]).toEqual([3, 6]);
    // What strangers do leaves the known device its two of an hour and four of a day.
    expect(owner.length).toBeGreaterThan(10);
    expect(new Set(owner)).toEqual(new Set(["sent"]));
  });
});

describe("a device that the number's account knows", () => {
  it.each([1, 2, 3, 4])(
    "that asks all the time as well is sent no more than the vendor sends: %d",
    async (seed) => {
      const { arrived } = await days(seed, 100, 200);
      expect([most(arrived, hour), most(arrived, day)]).toEqual([5, 10]);
    },
  );

  it("is sent five in an hour and ten in a day, of which strangers get three and six", async () => {
    const model = smsModel();
    const owner = { network: "home", mobile, isKnown: true, purpose: "resetpwd" } as const;
    let network = 0;
    const stranger = () => model.ask({ network: `bot-${network++}`, mobile, purpose: "resetpwd" });
    const outcome = (sent: unknown) => (typeof sent === "string" ? sent : "sent");
    const outcomes = async (times: number, seconds: number, ask: () => ReturnType<typeof stranger>) => {
      const all = [];
      for (let i = 0; i < times; i++) {
        all.push(outcome(await ask()));
        model.advance(seconds);
      }
      return all;
    };
    const refused = "sms_too_frequent";
    expect(await outcomes(4, 61, stranger)).toEqual(["sent", "sent", "sent", refused]);
    expect(await outcomes(3, 61, () => model.ask(owner))).toEqual(["sent", "sent", refused]);
    // One more hour: strangers are past their part of the day, six.
    model.advance(4000);
    expect(await outcomes(2, 61, stranger)).toEqual(["sent", refused]);
    expect(await outcomes(5, 61, () => model.ask(owner))).toEqual([...Array(4).fill("sent"), refused]);
    model.advance(4000);
    expect(await outcomes(2, 61, () => model.ask(owner))).toEqual([refused, refused]);
    // When the first of them are a day old there is room again.
    model.advance(86_400 + smsCodeLifeSeconds - 2 * 4000 - 16 * 61);
    expect(outcome(await model.ask(owner))).toBe("sent");
  });
});
