import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  askTicket,
  join,
  joiningUrl,
  makeBound,
  offerOf,
  preview,
  ready,
  ticketOf,
} from "../support/joining.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whoever is not the owner of both accounts joins nothing: what is stolen, stale, of another account, or only half a proof. */
let test: TestApp;
let kept: Person;
let joined: Person;
let thief: Person;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  test = await startTestApp({ logTo: { write: (line) => void logged.push(line) } });
  kept = await makePerson(test, "zhangsan", { email: "zhang@example.com" });
  joined = await makeBound(test, "qqqqq001", { email: "44@qq.com" });
  thief = await makePerson(test, "thief001");
});
afterEach(() => test.close());

const idsLeft = async () =>
  (await test.app.db.kysely.selectFrom("users").select("id").orderBy("id").execute()).map(({ id }) => id);
const expectNothing = async () => expect(await idsLeft()).toEqual([kept.id, joined.id, thief.id]);
const refused = ({ statusCode, body }: { statusCode: number; body: string }) => [
  statusCode,
  /已过期、已用过/.test(body),
];

describe("a ticket", () => {
  it("that was stolen serves no other account than the one that made the offer", async () => {
    const sent = await ready(test, kept, joined);
    for (const one of [thief, joined]) {
      expect(refused(await preview(test, one, sent.ticket))).toEqual([400, true]);
      expect(refused(await join(test, one, sent))).toEqual([400, true]);
    }
    await expectNothing();
    expect((await join(test, kept, sent)).statusCode, "and the owner's goes on").toBe(200);
  });

  it("works once", async () => {
    const sent = await ready(test, kept, joined);
    expect((await join(test, kept, sent)).statusCode).toBe(200);
    expect(refused(await join(test, kept, sent))).toEqual([400, true]);
    expect(refused(await preview(test, kept, sent.ticket))).toEqual([400, true]);
  });

  it("is over after ten minutes, as an offer is", async () => {
    const offer = await offerOf(test, kept);
    test.clock.advance(601);
    expect((await askTicket(test, joined, offer)).statusCode).toBe(400);
    const sent = await ready(test, kept, joined);
    test.clock.advance(601);
    expect(refused(await join(test, kept, sent))).toEqual([400, true]);
    await expectNothing();
  });

  it("is worth nothing once either account has ended its log-ins", async () => {
    for (const one of [kept, joined]) {
      const sent = await ready(test, kept, joined);
      await test.as(one.token)({ method: "POST", url: "/user/tokens/end/" });
      one.token = await tokenOf(test, one.username);
      expect(refused(await preview(test, kept, sent.ticket))).toEqual([400, true]);
      expect(refused(await join(test, kept, sent))).toEqual([400, true]);
    }
    await expectNothing();
  });

  it("and an offer lie in the store as digests, and in no log", async () => {
    const offer = await offerOf(test, kept);
    const { ticket } = (await askTicket(test, joined, offer)).json();
    await preview(test, kept, ticket);
    expect(logged.join("")).not.toMatch(new RegExp(`${offer}|${ticket}`));
    if (test.config.redisUrl !== null) return;
    const rows = await test.app.db.kysely.selectFrom("kv_entries").selectAll().execute();
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${offer}|${ticket}`));
  });
});

describe("an offer", () => {
  it("of the thief's, answered in the name of somebody whose session was stolen: not without the password", async () => {
    const offer = await offerOf(test, thief);
    const asked = await test.as(joined.token)({
      ...{ method: "POST", url: `${joiningUrl}ticket/`, payload: { offer } },
    });
    expect([asked.statusCode, asked.json().code]).toEqual([403, "reauthentication_required"]);
    const guessed = await test.as(joined.token)({
      ...{ method: "POST", url: `${joiningUrl}ticket/`, payload: { offer, current_password: "guessed1" } },
    });
    expect(guessed.statusCode).toBe(400);
    await expectNothing();
  });

  it("tells whose account it is by its user name, and shortens one that is an address", async () => {
    const answer = await askTicket(test, joined, await offerOf(test, kept));
    expect(answer.json().kept).toEqual({ id: kept.id, username: "zhangsan" });
    const named = await makePerson(test, "zhang.san@163.com");
    const other = await askTicket(test, joined, await offerOf(test, named));
    expect(other.json().kept).toEqual({ id: named.id, username: "z***@163.com" });
  });

  it("of the account itself leads nowhere", async () => {
    expect((await askTicket(test, kept, await offerOf(test, kept))).statusCode).toBe(400);
  });

  it("takes a session that proved itself of late", async () => {
    test.clock.advance(901);
    const answer = await test.as(kept.token)({ method: "POST", url: `${joiningUrl}offer/`, payload: {} });
    expect([answer.statusCode, answer.json().code]).toEqual([403, "reauthentication_required"]);
  });
});

describe("the last step", () => {
  it("with a stolen session of the kept account, to bring the thief's third party in: not without the password", async () => {
    const own = await makeBound(test, "thief002");
    const sent = await ready(test, kept, own);
    const asked = await test.as(kept.token)({ method: "POST", url: joiningUrl, payload: sent });
    expect([asked.statusCode, asked.json().code]).toEqual([403, "reauthentication_required"]);
    expect((await test.as(kept.token)({ url: "/user/bindings/" })).json().bindings).toEqual([]);
  });

  it.each(["kept", "joined"] as const)(
    "the password alone is no proof where the %s account has a second factor",
    async (which) => {
      const owner = which === "kept" ? kept : joined;
      const [offer, ticket] = [await offerOf(test, kept), await ticketOf(test, kept, joined)];
      const { digest } = (await preview(test, kept, ticket)).json();
      const { next } = await switchOnSecondFactor(test, owner.username);
      const call = () =>
        which === "kept" ? join(test, kept, { ticket, digest }) : askTicket(test, joined, offer);
      const asked = await call();
      expect([asked.statusCode, asked.json().code]).toEqual([403, "reauthentication_required"]);
      const code = next();
      const proved = await test.as(owner.token)({
        ...{ method: "POST", url: "/user/reauthentication/", payload: { code, action: "joining" } },
      });
      const { proof } = proved.json();
      const again = await test.as(owner.token)({
        ...{ method: "POST", url: which === "kept" ? joiningUrl : `${joiningUrl}ticket/` },
        ...{ headers: { "x-meiduo-proof": proof } },
        payload: which === "kept" ? { ticket, digest } : { offer, current_password: password },
      });
      // What was shown before the second factor was there is not what is there now.
      expect(again.statusCode, again.body).toBe(which === "kept" ? 409 : 201);
    },
  );

  it("a proof for something else is none", async () => {
    const sent = await ready(test, kept, joined);
    const proved = await test.as(kept.token)({
      ...{ method: "POST", url: "/user/reauthentication/", payload: { password, action: "bindings" } },
    });
    const answer = await test.as(kept.token)({
      ...{ method: "POST", url: joiningUrl, payload: sent },
      headers: { "x-meiduo-proof": proved.json().proof },
    });
    expect(answer.json().code).toBe("reauthentication_required");
    await expectNothing();
  });
});
