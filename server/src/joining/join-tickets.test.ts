import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { KeyValue } from "../engines/kv/kv.ts";
import { systemClock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { createJoinTickets } from "./join-tickets.ts";

/** What the store has of an account that goes: nothing that whoever reads it can try numbers against. */
const [present, before] = ["k".repeat(50), "b".repeat(50)];
const kept = { id: 1, credentials_version: 11 };
const leaver = { id: 2, credentials_version: 22, proved_mobile: "13912345678", second_factor_at: null };

function ticketsUnder(secretKeys: SecretKeys, stored: Map<string, string>) {
  const kv = {
    get: async (key: string) => stored.get(key) ?? null,
    set: async (key: string, value: string) => void stored.set(key, value),
  } as unknown as KeyValue;
  return createJoinTickets({ kv, clock: systemClock, secretKeys });
}

async function ticketUnder(key: string) {
  const stored = new Map<string, string>();
  const tickets = ticketsUnder([key], stored);
  const { ticket } = await tickets.ticket(await tickets.offer(kept), leaver);
  return { stored, content: await tickets.check(ticket, kept) };
}

it("the digest of the number has a key: another one under another SECRET_KEY, and none that anybody can make", async () => {
  const [one, other] = [await ticketUnder(present), await ticketUnder(before)];
  expect(one.content.judged).not.toBe(other.content.judged);
  const plain = JSON.stringify([leaver.proved_mobile, leaver.second_factor_at]);
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    const digest = createHash("sha256").update(plain).digest(encoding);
    expect([...one.stored.values()].join()).not.toContain(digest);
  }
});

it("is good under the SECRET_KEY before, for the account as it was alone", async () => {
  const { content, stored } = await ticketUnder(before);
  const tickets = ticketsUnder([present, before], stored);
  tickets.expectSame(content, leaver);
  tickets.expectSame(content, null);
  expect(() => tickets.expectSame(content, { ...leaver, proved_mobile: "13912345679" })).toThrow();
  expect(() => ticketsUnder([present], stored).expectSame(content, leaver)).toThrow();
});
